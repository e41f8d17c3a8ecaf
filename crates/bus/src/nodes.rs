//! Edges say that they live, so that the others stop believing what a dead one said about who is connected to it.

use async_nats::Subscriber;
use bytes::Bytes;
use futures::StreamExt as _;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

/// Heartbeats of all edges.
#[derive(Debug)]
pub struct Nodes {
    subscriber: Subscriber,
}

impl Bus {
    /// Says that this edge lives.
    pub async fn announce_node(&self, node: &str) -> Result<(), BusError> {
        self.publish(subjects::NODES.to_owned(), Bytes::copy_from_slice(node.as_bytes())).await
    }

    /// The heartbeats of all edges, this one's too.
    pub async fn subscribe_nodes(&self) -> Result<Nodes, BusError> {
        let subscriber = self.subscribe(subjects::NODES.to_owned()).await?;
        Ok(Nodes { subscriber })
    }
}

impl Nodes {
    /// The next edge that says it lives; `None` when the bus was drained. Safe to cancel.
    pub async fn next(&mut self) -> Option<String> {
        let message = self.subscriber.next().await?;
        Some(String::from_utf8_lossy(&message.payload).into_owned())
    }
}
