//! Looks names up by the system's resolver, a bounded number at a time.
//!
//! The system's resolver takes a thread of the runtime's for as long as it waits, ten seconds and more when no server of
//! names answers, and the runtime has a bounded number of them, which passwords and files need too. So a name is asked
//! for once at a time, however many wait for it, and one that was not found is not asked for again for a while.

use std::collections::HashMap;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Names that are looked up at a time.
const AT_ONCE: usize = 32;
/// How long one waits for one's turn, and then for the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a name that was not found counts as such.
const REMEMBERED: Duration = Duration::from_secs(15);
/// Names that are remembered or asked for.
const MOST: usize = 4096;

/// Why a name has no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// The resolver says so.
    #[error("the name can't be looked up: {0}")]
    NotFound(Arc<str>),
    /// The resolver says nothing, or has no time for this name.
    #[error("no server of names answers in time; try again later")]
    TooSlow,
}

type Answer = Result<Vec<IpAddr>, NameError>;

/// What is known of a name.
enum Known {
    /// It is being looked up, since then.
    Asked(Shared<BoxFuture<'static, Answer>>, Instant),
    /// It had no addresses a moment ago.
    Failed(NameError, Instant),
}

/// Of the whole process, as the threads are.
static KNOWN: LazyLock<Mutex<HashMap<String, Known>>> = LazyLock::new(Mutex::default);
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// The addresses of a name.
pub(crate) async fn look_up(name: &str) -> Answer {
    let asked = question(name)?;
    // Who stops waiting leaves the question to those who come later.
    tokio::time::timeout(PATIENCE * 2, asked).await.unwrap_or(Err(NameError::TooSlow))
}

/// The question that is on its way, or a new one unless there are too many.
fn question(name: &str) -> Result<Shared<BoxFuture<'static, Answer>>, NameError> {
    let mut known = lock();
    match known.get(name) {
        Some(Known::Asked(asked, _)) => return Ok(asked.clone()),
        Some(Known::Failed(error, at)) if at.elapsed() < REMEMBERED => return Err(error.clone()),
        _ => {}
    }
    if known.len() >= MOST {
        known.retain(|_, one| match one {
            // A question whose askers all went away is not answered before somebody asks again.
            Known::Asked(_, at) => at.elapsed() < PATIENCE * 2,
            Known::Failed(_, at) => at.elapsed() < REMEMBERED,
        });
        if known.len() >= MOST {
            return Err(NameError::TooSlow);
        }
    }
    let asked = ask(name.to_owned()).boxed().shared();
    known.insert(name.to_owned(), Known::Asked(asked.clone(), Instant::now()));
    Ok(asked)
}

/// Asks the system, and notes what came of it.
async fn ask(name: String) -> Answer {
    let answer = answer(&name).await;
    let mut known = lock();
    match &answer {
        Ok(_) => known.remove(&name),
        Err(error) => known.insert(name, Known::Failed(error.clone(), Instant::now())),
    };
    answer
}

async fn answer(name: &str) -> Answer {
    let place = tokio::time::timeout(PATIENCE, PLACES.clone().acquire_owned()).await;
    let Ok(Ok(place)) = place else { return Err(NameError::TooSlow) };
    let name = name.to_owned();
    let looked_up = tokio::task::spawn_blocking(move || {
        // The place is given back when the thread is, not when the caller stops waiting.
        let _place = place;
        Ok((name.as_str(), 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    });
    let not_found = |error: String| NameError::NotFound(error.into());
    match tokio::time::timeout(PATIENCE, looked_up).await {
        Ok(Ok(found)) => found.map_err(|error: std::io::Error| not_found(error.to_string())),
        Ok(Err(fault)) => Err(not_found(fault.to_string())),
        Err(_) => Err(NameError::TooSlow),
    }
}

fn lock() -> MutexGuard<'static, HashMap<String, Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No resolver is asked for it: no label has more than 63 letters.
    fn impossible(number: usize) -> String {
        format!("{}{number}.invalid", "x".repeat(70))
    }

    #[tokio::test]
    async fn what_was_not_found_is_remembered() {
        let name = impossible(1);
        let error = look_up(&name).await.expect_err("no such name");
        assert!(matches!(error, NameError::NotFound(_)), "{error}");
        assert!(matches!(lock().get(&name), Some(Known::Failed(..))));
        assert_eq!(look_up(&name).await, Err(error));
    }

    #[tokio::test]
    async fn a_name_is_asked_for_once_at_a_time_and_others_wait_for_a_place() {
        let all = PLACES.clone().acquire_many_owned(u32::try_from(AT_ONCE).expect("few")).await;
        #[expect(clippy::disallowed_methods, reason = "a test's own tasks, awaited at its end")]
        let waiting: Vec<_> = (0..100).map(|_| tokio::spawn(look_up("localhost"))).collect();
        tokio::task::yield_now().await;
        assert!(matches!(lock().get("localhost"), Some(Known::Asked(..))));
        drop(all);
        for one in waiting {
            let found = one.await.expect("a task").expect("addresses");
            assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty());
        }
        assert!(!lock().contains_key("localhost"), "what was found is asked for anew");
    }
}
