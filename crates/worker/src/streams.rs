//! What the streams hold and who has yet to read them, told as metrics: JetStream knows it, and Prometheus can't ask it.

use confab_bus::StreamFigures;
use confab_telemetry::metrics::{
    CONSUMER_PENDING, CONSUMER_UNACKNOWLEDGED, STREAM_BYTES, STREAM_MESSAGES, STREAM_STALE_COPIES,
};
use metrics::gauge;
use tracing::debug;

use crate::context::Context;

/// Looks at every stream.
pub(crate) async fn report(context: &Context) {
    match context.bus.stream_figures().await {
        Ok(figures) => figures.iter().for_each(tell),
        Err(error) => debug!(%error, "the figures of the streams aren't known"),
    }
}

fn tell(stream: &StreamFigures) {
    let name = || stream.name.clone();
    gauge!(STREAM_MESSAGES, "stream" => name()).set(whole(stream.messages));
    gauge!(STREAM_BYTES, "stream" => name()).set(whole(stream.bytes));
    gauge!(STREAM_STALE_COPIES, "stream" => name()).set(whole(stream.stale_copies));
    for consumer in &stream.consumers {
        let reader = || consumer.name.clone();
        gauge!(CONSUMER_PENDING, "stream" => name(), "consumer" => reader()).set(whole(consumer.pending));
        gauge!(CONSUMER_UNACKNOWLEDGED, "stream" => name(), "consumer" => reader())
            .set(whole(consumer.unacknowledged));
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn whole(number: u64) -> f64 {
    number as f64
}
