//! The desk's figures, from rows that workers keep: no report reads a conversation or a message.

pub(crate) mod csv;
pub(crate) mod dashboard;
pub(crate) mod report;

use confab_domain::report::{Measure, Tally};
use confab_protocol::api::{MeasureView, TallyView};

const HOUR_MS: u64 = 3600 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

fn measure(measure: &Measure) -> MeasureView {
    MeasureView {
        count: measure.count,
        average_seconds: measure.average_seconds(),
        p50_seconds: measure.percentile_seconds(0.5),
        p90_seconds: measure.percentile_seconds(0.9),
    }
}

fn view(tally: &Tally) -> TallyView {
    TallyView {
        started: tally.started,
        closed: tally.durations.count,
        resolved: tally.resolutions.count,
        wait: measure(&tally.waits),
        first_response: measure(&tally.first_responses),
        resolution: measure(&tally.resolutions),
        duration: measure(&tally.durations),
        ratings: tally.ratings,
        satisfaction: tally.average_rating(),
    }
}
