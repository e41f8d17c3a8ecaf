//! What a node knows of the number of shards, and for which conversations that is enough.
//!
//! A larger number is noted in a stream and in force [`plan::LEAD`] after the server's time of that note. So who asked the
//! server at its time `t` knows the place of every conversation that was made up to `t` plus the lead, whatever is noted
//! later; a part of the lead is kept back for servers whose clocks differ and leaders that answer though they are none.

mod known;
mod plan;
mod raise;

pub(crate) use known::Shards;
pub use plan::{Generation, ShardPlan};
pub use raise::ShardRaise;
