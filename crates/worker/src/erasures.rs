//! Takes channels out of the log, and traces of conversations out of other streams, for edges, which have no right to:
//! nothing of another tenant than the one named.

use std::sync::Arc;

use confab_bus::{BusError, Erasure, Erasures, TracesStep, Wish};
use confab_protocol::{Channel, TenantId};
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
            Ok(step) => {
                info!(tenant = %erasure.tenant, entries = step.removed, "took entries out of the streams");
            }
            Err(error) => {
                warn!(tenant = %erasure.tenant, error, "entries stay in the streams");
            }
        }
        if let Err(error) = context.bus.answer(&erasure, outcome).await {
            warn!(%error, "an answer is lost; who asked will ask again");
        }
    }
}

async fn erase(context: &Context, erasure: &Erasure) -> Result<TracesStep, String> {
    let told = |error: BusError| error.to_string();
    match &erasure.wish {
        Wish::Channel(channel) => erase_channel(context, &erasure.tenant, channel).await,
        Wish::Traces(traces, mark) => {
            context.bus.remove_traces(&erasure.tenant, traces, *mark).await.map_err(told)
        }
    }
}

async fn erase_channel(
    context: &Context,
    tenant: &TenantId,
    channel: &Channel,
) -> Result<TracesStep, String> {
    let told = |error: BusError| error.to_string();
    let log = context.bus.log();
    let removed = match log.first(channel).await.map_err(told)? {
        None => 0,
        Some(first) if first.tenant != *tenant => return Err("the channel is another tenant's".to_owned()),
        Some(_) => {
            context.bus.settle(channel).await.map_err(told)?;
            log.purge(channel).await.map_err(told)?
        }
    };
    Ok(TracesStep { removed, next: None })
}
