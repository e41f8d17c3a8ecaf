//! Where and when a run takes place.

use std::fs;

use confab_domain::Clock;

use crate::result::Machine;

/// The moment, RFC 3339, in UTC.
pub(crate) fn now() -> String {
    let millis = i64::try_from(Clock::system().now()).unwrap_or(0);
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}

/// This machine.
pub(crate) fn this() -> Machine {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    Machine {
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        memory_bytes: kibibytes.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0) * 1024,
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
    }
}
