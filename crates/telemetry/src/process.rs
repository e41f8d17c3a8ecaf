//! Processor time and memory of this process, read from `/proc` when metrics are rendered. Nothing where there is no `/proc`.

use std::fmt::Write as _;
use std::fs;

use crate::metrics::{Metric, PROCESS_CPU, PROCESS_MEMORY};

/// Ticks per second in `/proc/<pid>/stat`: `USER_HZ`, which Linux fixes at 100 for user space (proc(5), time(7)).
const TICKS_PER_SECOND: u64 = 100;

/// Appends the metrics of the process in Prometheus' text format.
pub(crate) fn render(out: &mut String) {
    if let Some(ticks) = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_ticks(&stat)) {
        let (whole, rest) = (ticks / TICKS_PER_SECOND, ticks % TICKS_PER_SECOND);
        append(out, &PROCESS_CPU, &format!("{whole}.{rest:02}"));
    }
    if let Some(bytes) =
        fs::read_to_string("/proc/self/status").ok().and_then(|status| resident_bytes(&status))
    {
        append(out, &PROCESS_MEMORY, &bytes.to_string());
    }
}

fn append(out: &mut String, metric: &Metric, value: &str) {
    let Metric { name, kind, meaning, .. } = metric;
    write!(out, "# HELP {name} {meaning}\n# TYPE {name} {}\n{name} {value}\n\n", kind.as_str())
        .expect("writing to a String does not fail");
}

/// User and system time: fields 14 and 15 of `/proc/<pid>/stat`. The name in field 2 may hold spaces and brackets.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// `VmRSS` of `/proc/<pid>/status`, which counts in KiB.
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_found_behind_an_odd_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 9 0 0 0 1234 66 0 0 20 0 9 0 100 1 1";
        assert_eq!(cpu_ticks(stat), Some(1300));
        assert_eq!(cpu_ticks("42"), None);
    }

    #[test]
    fn memory_is_counted_in_bytes() {
        assert_eq!(resident_bytes("Name:\tconfab\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(resident_bytes("Name:\tconfab\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_both() {
        let mut text = String::new();
        render(&mut text);
        assert!(text.contains("# TYPE confab_process_cpu_seconds_total counter\n"), "{text}");
        assert!(text.contains("\nconfab_process_resident_bytes "), "{text}");
    }
}
