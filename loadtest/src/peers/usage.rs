//! Processor time and memory of the peer's processes, children included, second by second.

use std::fs;
use std::time::{Duration, Instant};

use crate::result::{ProcessUse, UseSample};

use super::plan::Plan;

/// The name of this program among the processes.
pub(super) const OWN: &str = "load test";
const PERIOD: Duration = Duration::from_secs(1);

/// What a process and its children have used.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    cpu_seconds: f64,
    bytes: u64,
}

/// Looks at the processes when measuring begins, every second, and when it ends.
pub(super) async fn watch(processes: Vec<(String, u32)>, plan: &Plan, start: Instant) -> Vec<ProcessUse> {
    let began = start + plan.warm_up();
    let own = (OWN.to_owned(), std::process::id());
    let mut watched: Vec<(u32, Used, Instant, ProcessUse)> = Vec::new();
    tokio::time::sleep_until(began.into()).await;
    for (name, id) in processes.into_iter().chain([own]) {
        let used = used(id).unwrap_or_default();
        let of = ProcessUse { name, peak_bytes: used.bytes, ..ProcessUse::default() };
        watched.push((id, used, Instant::now(), of));
    }
    for second in 1..=plan.measured().as_secs() {
        let seconds = u32::try_from(second).unwrap_or(u32::MAX);
        tokio::time::sleep_until((began + PERIOD * seconds).into()).await;
        for (id, before, then, of) in &mut watched {
            let Some(now) = used(*id) else { continue };
            let (at, spent) = (Instant::now(), now.cpu_seconds - before.cpu_seconds);
            of.cpu_seconds += spent;
            of.peak_bytes = of.peak_bytes.max(now.bytes);
            of.samples.push(UseSample {
                at: at.duration_since(began).as_secs_f64(),
                cores: spent / at.duration_since(*then).as_secs_f64().max(0.001),
                bytes: now.bytes,
            });
            (*before, *then) = (now, at);
        }
    }
    watched.into_iter().map(|(_, _, _, of)| of).collect()
}

/// A process with its children, those that have ended included. Memory that they share counts once.
fn used(process: u32) -> Option<Used> {
    let (own, reaped) = ticks(process)?;
    let (mut private, mut shared) = memory(process).unwrap_or_default();
    let mut ticks_used = own + reaped;
    let mut children = children(process);
    while let Some(child) = children.pop() {
        if let Some((own, reaped)) = ticks(child) {
            ticks_used += own + reaped;
        }
        let (own, common) = memory(child).unwrap_or_default();
        private += own;
        shared = shared.max(common);
        children.extend(self::children(child));
    }
    Some(Used { cpu_seconds: f64::from(ticks_used) / 100.0, bytes: private + shared })
}

/// Processor time in ticks of 10 ms: its own, and that of its children that have ended (proc(5), fields 14 to 17).
fn ticks(process: u32) -> Option<(u32, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in field 2 may hold spaces and brackets.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u32>().ok();
    Some((next()? + next()?, next()? + next()?))
}

/// Bytes in RAM: those of its own, and those that it may share.
fn memory(process: u32) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    };
    Some((bytes("RssAnon:")?, bytes("RssFile:")? + bytes("RssShmem:")?))
}

fn children(process: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    listed.split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn children_count_as_long_as_they_run_and_afterwards() {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "(while :; do :; done) & sleep 0.3; kill $!; wait; sleep 60"])
            .spawn()
            .expect("a shell");
        std::thread::sleep(Duration::from_millis(600));
        let used = used(shell.id());
        shell.kill().expect("it ends");
        shell.wait().expect("it is reaped");
        let used = used.expect("the shell runs");
        assert!(used.cpu_seconds > 0.05, "{used:?}");
        assert!(used.bytes > 0);
    }
}
