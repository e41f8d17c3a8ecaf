//! The HTTP API as a client without any library of ours sees it: one file per part of it, one program.

mod api;
mod desk;
mod limits;
mod permissions;
mod routes;
mod support;
mod tickets;
mod tls;
