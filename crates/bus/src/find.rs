//! Looks through all streams for texts, subjects and headers included: what is left of somebody, and where. For checks: it
//! reads everything.

use async_nats::jetstream::message::StreamMessage;
use regex::bytes::Regex;

use crate::bus::Bus;
use crate::direct::{BATCH, Batch, Wanted};
use crate::error::BusError;
use crate::topology;

/// An entry in which a text was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEntry {
    /// Its stream.
    pub stream: String,
    /// Its subject.
    pub subject: String,
    /// Its sequence.
    pub seq: u64,
}

/// Finds any of these texts; nothing when there are none.
pub(crate) fn any_of<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Option<Regex>, BusError> {
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).map(regex::escape).collect();
    if texts.is_empty() {
        return Ok(None);
    }
    Regex::new(&texts.join("|")).map(Some).map_err(|_| BusError::Malformed("too many texts to look for"))
}

impl Bus {
    /// The entries of all streams in which any of the texts stands, at most `limit`.
    pub async fn find_texts(&self, texts: &[&str], limit: usize) -> Result<Vec<FoundEntry>, BusError> {
        let Some(pattern) = any_of(texts.iter().copied())? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for stream in topology::names(self.settings(), self.layout().await?) {
            let mut seq = 1;
            loop {
                let wanted = Wanted::Next { seq, next_by_subj: ">", batch: BATCH };
                let Batch { messages, pending } = self.read_batch(&stream, &wanted).await?;
                let Some(last) = messages.last() else { break };
                seq = last.sequence + 1;
                let with = messages.into_iter().filter(|message| stands_in(&pattern, message));
                found.extend(with.map(|message| FoundEntry {
                    stream: stream.clone(),
                    subject: message.subject.to_string(),
                    seq: message.sequence,
                }));
                if pending == 0 || found.len() >= limit {
                    break;
                }
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn stands_in(pattern: &Regex, message: &StreamMessage) -> bool {
    let mut values = message.headers.iter().flat_map(|(_, values)| values);
    pattern.is_match(message.subject.as_bytes())
        || pattern.is_match(&message.payload)
        || values.any(|value| pattern.is_match(value.as_str().as_bytes()))
}
