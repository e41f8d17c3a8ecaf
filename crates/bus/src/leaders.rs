//! Which server of a NATS cluster leads which stream, and handing that over: for planned work on a server and for tests.

use serde_json::{Value, json};

use crate::bus::Bus;
use crate::error::BusError;
use crate::topology;

impl Bus {
    /// The server that leads each stream, by the stream's name; none while there is an election. A server that is no
    /// cluster leads nothing by name.
    pub async fn leaders(&self) -> Result<Vec<(String, Option<String>)>, BusError> {
        let mut leaders = Vec::new();
        for name in topology::names(self.settings(), self.layout().await?) {
            let stream = self.stream(&name).await?;
            let info =
                stream.get_info().await.map_err(|error| BusError::unavailable("a stream's leader", error))?;
            leaders.push((name, info.cluster.and_then(|cluster| cluster.leader)));
        }
        Ok(leaders)
    }

    /// Asks the leader of a stream to hand over to this server, if it can.
    pub async fn hand_over(&self, stream: &str, server: &str) -> Result<(), BusError> {
        let subject = format!("$JS.API.STREAM.LEADER.STEPDOWN.{stream}");
        let wish = json!({ "placement": { "preferred": server } }).to_string();
        let request = self.client().request(subject, wish.into());
        let answer = request.await.map_err(|error| BusError::request("handing a stream over", error))?;
        let answer: Value = serde_json::from_slice(&answer.payload)
            .map_err(|error| BusError::unavailable("handing a stream over", error))?;
        match answer.get("error") {
            None => Ok(()),
            Some(error) => Err(BusError::unavailable("handing a stream over", error.to_string())),
        }
    }
}
