//! What one process holds per tenant: a lane in which commands go one after the other, and whose turn it is to draw.
//!
//! Both are affinity: they keep the commands of a tenant from meeting within this process. Correctness lies in the
//! store's conditional transactions.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use confab_protocol::{CommandId, TenantId, UnixMillis};
use confab_store::AuditEntry;
use dashmap::DashMap;
use tokio::sync::{Mutex, MutexGuard};

/// The lanes of all tenants this process has met.
#[derive(Debug, Default)]
pub(crate) struct Lanes(DashMap<TenantId, Arc<Lane>>);

impl Lanes {
    pub(crate) fn of(&self, tenant: &TenantId) -> Arc<Lane> {
        if let Some(lane) = self.0.get(tenant) {
            return Arc::clone(&lane);
        }
        Arc::clone(&self.0.entry(tenant.clone()).or_default())
    }
}

/// One tenant's lane.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    serial: Mutex<()>,
    /// Who draws.
    pub(crate) draws: Turns,
    /// Who makes up for draws that were broken off.
    pub(crate) recoveries: Turns,
    /// Who notes what is published.
    pub(crate) marks: Turns,
    published: StdMutex<Vec<Published>>,
}

/// A command whose effects are carried out, and what the audit log says of it.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) command: CommandId,
    pub(crate) audit: Option<AuditEntry>,
}

impl Lane {
    /// Waits until nobody else in this process decides for the tenant; first come, first served.
    pub(crate) async fn enter(&self) -> MutexGuard<'_, ()> {
        self.serial.lock().await
    }

    /// The command's effects are carried out; whoever has the next turn of [`Lane::marks`] notes it.
    pub(crate) fn publish(&self, command: Published) {
        self.published().push(command);
    }

    /// What is to be noted.
    pub(crate) fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut *self.published())
    }

    fn published(&self) -> std::sync::MutexGuard<'_, Vec<Published>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that one does for all who ask: each is served by a turn that began after they asked.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    requests: StdMutex<Requests>,
    /// Number of the newest request that a finished turn has served.
    served: Mutex<u64>,
}

#[derive(Debug, Default)]
struct Requests {
    newest: u64,
    /// The earliest cause of those that wait.
    since: Option<UnixMillis>,
}

impl Requests {
    fn add(&mut self, since: UnixMillis) {
        self.since = Some(self.since.map_or(since, |earlier| earlier.min(since)));
    }
}

impl Turns {
    /// Asks for a turn because of what happened at `since`. `None` when a turn that began after this call has
    /// finished meanwhile; otherwise the caller has it, for all who asked so far.
    pub(crate) async fn turn(&self, since: UnixMillis) -> Option<Turn<'_>> {
        let ticket = {
            let mut requests = self.requests();
            requests.newest += 1;
            requests.add(since);
            requests.newest
        };
        let served = self.served.lock().await;
        if *served >= ticket {
            return None;
        }
        let mut requests = self.requests();
        let since = requests.since.take().unwrap_or(since);
        Some(Turn { newest: requests.newest, since, served, turns: self, completed: false })
    }

    fn requests(&self) -> std::sync::MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn. Given up without [`Turn::complete`], it goes to the next in line.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    newest: u64,
    since: UnixMillis,
    served: MutexGuard<'a, u64>,
    turns: &'a Turns,
    completed: bool,
}

impl Turn<'_> {
    /// When the first thing happened for which this turn is.
    pub(crate) fn since(&self) -> UnixMillis {
        self.since
    }

    /// All who asked before this turn began are served.
    pub(crate) fn complete(mut self) {
        *self.served = self.newest;
        self.completed = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.completed {
            self.turns.requests().add(self.since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::task::JoinSet;

    #[tokio::test]
    async fn many_requests_share_few_draws_and_none_returns_too_early() {
        let turns = Arc::new(Turns::default());
        let draws = Arc::new(AtomicU32::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..100_u64 {
            let (turns, draws) = (Arc::clone(&turns), Arc::clone(&draws));
            tasks.spawn(async move {
                let before = draws.load(Ordering::SeqCst);
                if let Some(turn) = turns.turn(number).await {
                    tokio::task::yield_now().await;
                    draws.fetch_add(1, Ordering::SeqCst);
                    turn.complete();
                }
                assert!(draws.load(Ordering::SeqCst) > before, "returned without a draw");
            });
        }
        while let Some(outcome) = tasks.join_next().await {
            outcome.expect("the task ends");
        }
        assert!(draws.load(Ordering::SeqCst) < 20, "{draws:?}");
    }

    #[tokio::test]
    async fn a_turn_given_up_leaves_its_requests_to_the_next() {
        let turns = Turns::default();
        drop(turns.turn(5).await.expect("nobody else has it"));
        let turn = turns.turn(9).await.expect("nobody was served");
        assert_eq!(turn.since(), 5);
        turn.complete();
        assert_eq!(turns.turn(11).await.expect("a new request").since(), 11);
    }

    #[tokio::test]
    async fn tenants_have_lanes_of_their_own() {
        let lanes = Lanes::default();
        let (acme, globex) =
            (TenantId::parse("acme").expect("an id"), TenantId::parse("globex").expect("an id"));
        let lane = lanes.of(&acme);
        let _inside = lane.enter().await;
        assert!(lanes.of(&acme).serial.try_lock().is_err());
        assert!(lanes.of(&globex).serial.try_lock().is_ok());
    }
}
