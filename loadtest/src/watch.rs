//! Watches a hub while it is measured: processor time and memory of its processes second by second, and what its own
//! metrics say of the stages of a delivery.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::{self, FaultSpec};
use crate::result::{FaultEvent, ProcessUse, RunResult, UseSample};
use crate::stages::Stages;
use crate::system::{System, used};

const PERIOD: Duration = Duration::from_secs(1);
/// Between two looks that make a sample of the timeline.
const SHORTEST: Duration = Duration::from_millis(250);
/// The name of this program among the processes.
pub(crate) const OWN: &str = "load test";
/// Share of all processors from which on this program is in the hub's way.
const OWN_SHARE: f64 = 0.4;

/// A watch that has begun.
pub(crate) struct Watch {
    system: Arc<System>,
    began: Instant,
    stages: Stages,
    stop: CancellationToken,
    samples: JoinHandle<Vec<ProcessUse>>,
    faults: JoinHandle<Result<Vec<FaultEvent>>>,
}

impl Watch {
    /// Begins, and has the faults made in their time.
    pub(crate) async fn begin(system: &Arc<System>, faults: &[FaultSpec], tasks: &TaskTracker) -> Self {
        let stages = Stages::read(system).await;
        let began = Instant::now();
        let stop = CancellationToken::new();
        let samples = tasks.spawn(sample(Arc::clone(system), began, stop.clone()));
        let faults = tasks.spawn(faults::make(Arc::clone(system), faults.to_vec(), began, stop.clone()));
        Self { system: Arc::clone(system), began, stages, stop, samples, faults }
    }

    /// Ends, and puts what was seen into the result.
    pub(crate) async fn end(self, result: &mut RunResult) -> Result<()> {
        result.seconds = self.began.elapsed().as_secs_f64();
        self.stop.cancel();
        result.processes = self.samples.await?;
        result.faults = self.faults.await??;
        result.stages = Stages::read(&self.system).await.since(&self.stages);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let own = result.processes.iter().find(|process| process.name == OWN);
        #[expect(clippy::cast_precision_loss, reason = "machines have far fewer than 2^52 processors")]
        let share = own.map_or(0.0, |own| own.cpu_seconds / result.seconds / cores as f64);
        if share > OWN_SHARE {
            let percent = share * 100.0;
            result.generator_bound =
                Some(format!("the load test itself used {percent:.0} % of all {cores} processors"));
        }
        Ok(())
    }
}

/// Looks at every process until told to stop, and once more then. A process that was started anew goes on under its name.
async fn sample(system: Arc<System>, began: Instant, stop: CancellationToken) -> Vec<ProcessUse> {
    let mut uses: BTreeMap<String, ProcessUse> = BTreeMap::new();
    let mut before: BTreeMap<u32, (Instant, f64)> = BTreeMap::new();
    let mut tick = tokio::time::interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_last = stop.run_until_cancelled(tick.tick()).await.is_none();
        let own = (OWN.to_owned(), std::process::id());
        for (name, id) in system.processes().into_iter().chain([own]) {
            let Some((seconds, bytes)) = used(id) else { continue };
            let now = Instant::now();
            let process =
                uses.entry(name.clone()).or_insert_with(|| ProcessUse { name, ..ProcessUse::default() });
            process.peak_bytes = process.peak_bytes.max(bytes);
            if let Some((then, earlier)) = before.insert(id, (now, seconds)) {
                let passed = now.duration_since(then);
                process.cpu_seconds += seconds - earlier;
                // The clock of processor time ticks every 10 ms: a short while says nothing of the rate.
                if passed >= SHORTEST {
                    let cores = (seconds - earlier) / passed.as_secs_f64();
                    process.samples.push(UseSample { at: began.elapsed().as_secs_f64(), cores, bytes });
                }
            }
        }
        if is_last {
            return uses.into_values().collect();
        }
    }
}
