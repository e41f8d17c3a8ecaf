//! Section `drill`: slow-downs on purpose, to see that dashboards, alerts and load tests show them where they are.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// Slow-downs on purpose. For drills; everything is 0 in production.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Drill {
    /// How long deliveries to each client are held back before they are written, in milliseconds.
    pub delivery_delay_ms: u64,
    /// How long each batch is held back before it is written to the database, in milliseconds.
    pub projector_delay_ms: u64,
}

impl Drill {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("drill");
        checks.range("delivery_delay_ms", self.delivery_delay_ms, &(0..=10_000), "milliseconds");
        checks.range("projector_delay_ms", self.projector_delay_ms, &(0..=60_000), "milliseconds");
        checks.finish()
    }
}
