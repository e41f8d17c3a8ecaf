//! Takes channels out of the log for edges, which have no right to: nothing of another tenant than the one named.

use std::sync::Arc;

use confab_bus::{BusError, Erasure, Erasures};
use tracing::{info, warn};

use crate::context::Context;
use crate::retry::Backoff;

/// Serves requests until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let mut backoff = Backoff::new();
    while !context.stop.is_cancelled() {
        match context.bus.erasures().await {
            Ok(erasures) => serve(&context, erasures).await,
            Err(error) => warn!(%error, "nothing is taken out of the log for now"),
        }
        backoff.wait(&context.stop).await;
    }
}

async fn serve(context: &Context, mut erasures: Erasures) {
    while let Some(Some(erasure)) = context.stop.run_until_cancelled(erasures.next()).await {
        let outcome = erase(context, &erasure).await;
        match &outcome {
            Ok(()) => {
                info!(tenant = %erasure.tenant, channel = %erasure.channel, "took a channel out of the log");
            }
            Err(error) => {
                warn!(tenant = %erasure.tenant, channel = %erasure.channel, error, "a channel stays in the log");
            }
        }
        if let Err(error) = context.bus.answer(&erasure, outcome).await {
            warn!(%error, "an answer is lost; who asked will ask again");
        }
    }
}

async fn erase(context: &Context, erasure: &Erasure) -> Result<(), String> {
    let told = |error: BusError| error.to_string();
    let log = context.bus.log();
    match log.first(&erasure.channel).await.map_err(told)? {
        None => Ok(()),
        Some(first) if first.tenant != erasure.tenant => Err("the channel is another tenant's".to_owned()),
        Some(_) => log.purge(&erasure.channel).await.map_err(told),
    }
}
