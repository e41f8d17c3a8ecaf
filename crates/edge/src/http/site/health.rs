//! `GET /health/live` and `GET /health/ready`: whether this node runs, and whether it should be given requests.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures::future::join_all;
use http::StatusCode;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use crate::http::HttpState;
use crate::state::EdgeState;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds: however often a node is asked, it asks those behind it at most so often.
const HOLDS: Duration = Duration::from_millis(500);

/// Whether the node should be given requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Yes.
    Ready,
    /// Yes, but not everything works: running conversations go on, history and commands have to wait.
    Degraded,
    /// No: it is going away.
    Draining,
    /// No: it can't reach the log.
    Unavailable,
}

impl Verdict {
    fn of(draining: bool, checks: &[CheckView]) -> Self {
        let failed = |needed: bool| checks.iter().any(|check| !check.ok && check.needed == needed);
        match draining {
            true => Self::Draining,
            false if failed(true) => Self::Unavailable,
            false if failed(false) => Self::Degraded,
            false => Self::Ready,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Ready | Self::Degraded => StatusCode::OK,
            Self::Draining | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// What.
    name: String,
    /// Whether it is as it should be.
    ok: bool,
    /// Whether the node is of no use without it.
    needed: bool,
    /// Time it took, in milliseconds.
    duration_ms: u64,
}

/// Whether the node should be given requests, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReadyView {
    /// The verdict.
    status: Verdict,
    /// The node.
    node: String,
    /// What was looked at.
    checks: Vec<CheckView>,
}

/// That the process runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveView {
    /// Always `live`.
    status: &'static str,
}

/// The latest checks, and when they were made.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Vec<CheckView>)>>);

impl Readiness {
    async fn checks(&self, state: &EdgeState) -> Vec<CheckView> {
        // Held while checking, so that many who ask at once cause one check.
        let mut latest = self.0.lock().await;
        if let Some((at, checks)) = &*latest
            && at.elapsed() < HOLDS
        {
            return checks.clone();
        }
        let checks = look(state).await;
        *latest = Some((Instant::now(), checks.clone()));
        checks
    }
}

/// Whether the process runs.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operations",
    responses((status = 200, description = "It runs.", body = LiveView)),
    security(()),
)]
pub(crate) async fn get_live() -> Json<LiveView> {
    Json(LiveView { status: "live" })
}

/// Whether this node should be given requests.
///
/// The database being down is `degraded`, not a failure: running conversations go on without it.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operations",
    responses(
        (status = 200, description = "`ready` or `degraded`.", body = ReadyView),
        (status = 503, description = "`draining` or `unavailable`.", body = ReadyView),
    ),
    security(()),
)]
pub(crate) async fn get_ready(State(http): State<HttpState>) -> (StatusCode, Json<ReadyView>) {
    let state = &http.edge;
    let checks = http.readiness.checks(state).await;
    let verdict = Verdict::of(state.draining.is_cancelled(), &checks);
    (verdict.status(), Json(ReadyView { status: verdict, node: state.node.clone(), checks }))
}

async fn look(state: &EdgeState) -> Vec<CheckView> {
    let connected = async { state.bus.is_connected().then_some(()).ok_or("no connection") };
    let log = state.bus.log();
    let shards = async {
        match timeout(PATIENCE, state.bus.shard_count()).await {
            Ok(Ok(count)) => {
                let reach = |shard| check(format!("shard {shard}"), true, log.reach(shard));
                join_all((0..count).map(reach)).await
            }
            _ => vec![
                check("shards".to_owned(), true, async { Err::<(), _>("nobody tells their number") }).await,
            ],
        }
    };
    let (bus, round_trip, shards, database) = tokio::join!(
        check("bus".to_owned(), true, connected),
        check("log".to_owned(), true, state.bus.round_trip()),
        shards,
        check("database".to_owned(), false, state.store.ping()),
    );
    [bus, round_trip].into_iter().chain(shards).chain([database]).collect()
}

async fn check<T, E: std::fmt::Display>(
    name: String,
    needed: bool,
    work: impl Future<Output = Result<T, E>>,
) -> CheckView {
    let began = Instant::now();
    let ok = match timeout(PATIENCE, work).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::debug!(check.name = name, %error, "a health check failed");
            false
        }
        Err(_) => false,
    };
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    CheckView { name, ok, needed, duration_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ok: bool, needed: bool) -> CheckView {
        CheckView { name: "x".into(), ok, needed, duration_ms: 0 }
    }

    #[test]
    fn the_database_alone_makes_no_node_useless() {
        let all_well = [check(true, true), check(true, false)];
        assert_eq!(Verdict::of(false, &all_well), Verdict::Ready);
        assert_eq!(Verdict::of(false, &[check(true, true), check(false, false)]), Verdict::Degraded);
        assert_eq!(Verdict::of(false, &[check(false, true), check(false, false)]), Verdict::Unavailable);
        assert_eq!(Verdict::of(true, &all_well), Verdict::Draining);
        assert_eq!(Verdict::Degraded.status(), StatusCode::OK);
        assert_eq!(Verdict::Draining.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
