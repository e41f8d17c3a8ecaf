//! Readers of the log, one for each shard, also for those that come while the worker runs.

use std::sync::Arc;

use confab_telemetry::metrics::LOG_SHARDS;
use metrics::gauge;
use tokio_util::task::TaskTracker;
use tracing::info;

use crate::context::Context;
use crate::{events, projector};

/// Reads every shard that the log has until the worker stops. A new shard is read as soon as it is known of, which is before
/// any conversation lies in it.
pub(crate) async fn run(context: Arc<Context>, tasks: TaskTracker) {
    let mut counts = context.bus.shard_counts();
    let mut read = 0;
    loop {
        let count = *counts.borrow_and_update();
        gauge!(LOG_SHARDS).set(f64::from(count));
        for shard in read..count {
            tasks.spawn(projector::run(Arc::clone(&context), shard));
            if events::is_wanted(&context) {
                tasks.spawn(events::run(Arc::clone(&context), shard));
            }
        }
        if count > read {
            info!(shards.count = count, shards.new = count - read, "the worker reads the log");
        }
        read = read.max(count);
        let changed = context.stop.run_until_cancelled(counts.changed()).await;
        if !matches!(changed, Some(Ok(()))) {
            return;
        }
    }
}
