//! Turns timers that fired into commands, and into errands where they are none.

use std::sync::Arc;

use confab_bus::{BusError, FiredTimer};
use confab_domain::CommandKind;
use confab_protocol::CommandId;
use tracing::{error, warn};

use crate::context::Context;
use crate::errands::Task;
use crate::mail;
use crate::retry::Backoff;

/// Follows fired timers until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let mut backoff = Backoff::new();
    while !context.stop.is_cancelled() {
        match follow(&context).await {
            Ok(()) => return,
            Err(error) => warn!(%error, "timers are late"),
        }
        backoff.wait(&context.stop).await;
    }
}

async fn follow(context: &Context) -> Result<(), BusError> {
    let mut fired = context.bus.timers().fired().await?;
    loop {
        let timer = tokio::select! {
            () = context.stop.cancelled() => {
                fired.close().await;
                return Ok(());
            }
            timer = fired.next() => timer,
        };
        if let Err(error) = hand_over(context, &timer).await {
            warn!(timer = timer.id, %error, "a timer comes again");
        }
    }
}

/// Puts the timer's command on the work queue, then forgets the timer.
async fn hand_over(context: &Context, timer: &FiredTimer) -> Result<(), BusError> {
    if let Ok(task) = rmp_serde::from_slice::<Task>(&timer.payload) {
        let firing = command_id(timer.stream_seq, timer.fired_at);
        mail::digest_due(context, &timer.tenant, firing.as_str(), &task).await;
        return timer.ack().await;
    }
    let kind: CommandKind = match rmp_serde::from_slice(&timer.payload) {
        Ok(kind) => kind,
        Err(error) => {
            error!(timer = timer.id, %error, "a timer can't be read and is dropped");
            return timer.term("not a command of the hub").await;
        }
    };
    context.submit(&timer.tenant, command_id(timer.stream_seq, timer.fired_at), kind).await?;
    timer.ack().await
}

/// The same firing always gives the same command. The time keeps apart firings of streams that were made anew.
fn command_id(stream_seq: u64, fired_at: u64) -> CommandId {
    CommandId::parse(format!("timer-{stream_seq}-{fired_at}")).expect("two numbers are short and plain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firing_has_an_id_of_its_own() {
        assert_eq!(command_id(7, 5).as_str(), "timer-7-5");
        assert!(command_id(u64::MAX, u64::MAX).as_str().len() <= confab_protocol::ids::MAX_ID_BYTES);
    }
}
