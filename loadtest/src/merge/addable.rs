//! Latencies in a form that can be added: HDR histograms in their own serialisation, as text.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::evidence::Evidence;

/// What one generator measured and saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Addable {
    /// Latencies by name, in microseconds.
    pub(crate) latencies: BTreeMap<String, Packed>,
    /// Those of deliveries, by the second in which they were due.
    pub(crate) seconds: BTreeMap<u64, PackedSecond>,
    /// What its clients saw.
    pub(crate) evidence: Evidence,
}

/// A second of the timeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PackedSecond {
    /// Messages that were due.
    pub(crate) sent: u64,
    /// Latencies of those that arrived.
    pub(crate) latencies: Packed,
}

/// A histogram as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Packed(String);

impl Packed {
    pub(crate) fn of(histogram: &Histogram<u64>) -> Result<Self> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(histogram, &mut bytes)
            .context("a histogram can't be written")?;
        Ok(Self(STANDARD.encode(bytes)))
    }

    /// Adds it to `sum`, which grows as it must.
    pub(crate) fn add_to(&self, sum: &mut Histogram<u64>) -> Result<()> {
        let bytes = STANDARD.decode(&self.0).context("a histogram can't be read")?;
        let own: Histogram<u64> =
            Deserializer::new().deserialize(&mut bytes.as_slice()).context("a histogram can't be read")?;
        sum.add(own).context("histograms can't be added")
    }
}

/// One to which others can be added.
pub(crate) fn empty() -> Result<Histogram<u64>> {
    let mut histogram = Histogram::new_with_bounds(1, 1000, 3)?;
    histogram.auto(true);
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_and_added_is_what_was_recorded() {
        let mut sum = empty().expect("a histogram");
        for values in [[1, 500, 2_000_000], [7, 500, 90_000_000]] {
            let mut own = empty().expect("a histogram");
            for value in values {
                own.record(value).expect("it grows");
            }
            Packed::of(&own).expect("it is written").add_to(&mut sum).expect("it is read");
        }
        assert_eq!((sum.len(), sum.min(), sum.count_at(500)), (6, 1, 2));
        assert!(sum.equivalent(sum.max(), 90_000_000));
        assert!(Packed("no histogram".to_owned()).add_to(&mut sum).is_err());
    }
}
