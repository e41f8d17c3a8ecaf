//! Hosts of a cluster, by the names of the processes on them: which have a small disk or a clock that can be stepped.

use std::collections::BTreeMap;
use std::sync::Arc;

use confab_testkit::network::{Clock, Host, Network};

/// Room for what a hub keeps in a minute, and soon filled.
const DISK_MEBIBYTES: u32 = 256;

/// What the hosts of a cluster are to be like.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    small_disks: Vec<String>,
    clocks: Vec<String>,
}

/// Running hosts.
#[derive(Debug)]
pub struct RunningHosts {
    /// What passes between them.
    pub network: Network,
    wanted: Hosts,
    clocks: BTreeMap<String, Arc<Clock>>,
}

impl Hosts {
    /// The process of this name has a small disk of its own.
    #[must_use]
    pub fn small_disk(mut self, name: &str) -> Self {
        self.small_disks.push(name.to_owned());
        self
    }

    /// The process of this name has a clock that can be stepped.
    #[must_use]
    pub fn clock(mut self, name: &str) -> Self {
        self.clocks.push(name.to_owned());
        self
    }

    pub(crate) fn start(&self, names: &[String]) -> RunningHosts {
        let clocks = self.clocks.iter().filter_map(|name| Some((name.clone(), Arc::new(Clock::right()?))));
        RunningHosts { network: Network::start(names), wanted: self.clone(), clocks: clocks.collect() }
    }
}

impl RunningHosts {
    /// The host of a process.
    ///
    /// # Panics
    /// When there is no process of this name.
    pub fn host(&self, name: &str) -> Host {
        let host = self.network.host(name);
        let host = if self.wanted.small_disks.iter().any(|wanted| wanted == name) {
            host.with_disk(DISK_MEBIBYTES)
        } else {
            host
        };
        match self.clocks.get(name) {
            Some(clock) => host.with_clock(Arc::clone(clock)),
            None => host,
        }
    }

    /// The clock of a process; none when it was not asked for, or can't be had here.
    pub fn clock(&self, name: &str) -> Option<&Clock> {
        self.clocks.get(name).map(Arc::as_ref)
    }
}
