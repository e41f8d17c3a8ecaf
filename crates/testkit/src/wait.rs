//! Waiting for what is to come true, with a limit: tests wait for conditions, never for a time.

use std::time::{Duration, Instant};

/// How long anything may take that is expected to happen soon. Generous: it is only waited out when something is wrong.
pub const SOON: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(20);

/// Waits until the condition holds.
///
/// # Panics
/// When it doesn't within `limit`.
pub async fn until<Check>(what: &str, limit: Duration, mut condition: impl FnMut() -> Check)
where
    Check: Future<Output = bool>,
{
    until_some(what, limit, || {
        let check = condition();
        async { check.await.then_some(()) }
    })
    .await;
}

/// Waits until there is something.
///
/// # Panics
/// When there is nothing within `limit`.
pub async fn until_some<T, Look>(what: &str, limit: Duration, mut look: impl FnMut() -> Look) -> T
where
    Look: Future<Output = Option<T>>,
{
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < limit, "waited {limit:?} in vain: {what}");
        tokio::time::sleep(POLL).await;
    }
}
