//! Hosts for fault tests: network namespaces with an address each, and a switch between them inside this program, so that
//! what passes from one to another can be cut, delayed and lost.
//!
//! A switch of our own, and not the kernel's: packets are delayed and lost on any kernel, whether or not it has `netem`,
//! in each direction apart, from a seed, and everything is gone when this program is.

mod apart;
mod clock;
mod condition;
mod disk;
mod port;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use tokio_util::sync::CancellationToken;

pub use apart::{again, check, is_apart};
pub use clock::Clock;
pub use condition::Condition;
use condition::Conditions;
pub use disk::Disk;
use port::Port;

/// The name of the host that this program itself is.
pub const HERE: &str = "here";

/// What all addresses begin with.
const PREFIX: [u8; 3] = [10, 77, 0];

/// A host: processes that are started on it have its address, and the machine's loopback is not theirs.
#[derive(Debug, Clone)]
pub struct Host {
    name: String,
    address: Ipv4Addr,
    namespace: PathBuf,
    disk: Option<u32>,
    clock: Option<Arc<Clock>>,
}

impl Host {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address, the same for all others.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The host with a small disk of its own for data.
    #[must_use]
    pub fn with_disk(self, mebibytes: u32) -> Self {
        Self { disk: Some(mebibytes), ..self }
    }

    /// The host with this clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Mounts its disk, if it has one.
    ///
    /// # Panics
    /// When the kernel refuses.
    pub fn disk_at(&self, place: &Path) -> Option<Disk> {
        self.disk.map(|mebibytes| Disk::mount(place, mebibytes))
    }

    /// A program on this host; the process keeps its id.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.namespace.display())).arg(program);
        if let Some(clock) = &self.clock {
            clock.wear(&mut command);
        }
        command
    }
}

/// Hosts, and the switch between them. They end when it goes out of scope.
#[derive(Debug)]
pub struct Network {
    hosts: Vec<Host>,
    conditions: Arc<Conditions>,
    stop: CancellationToken,
    switch: Option<JoinHandle<()>>,
}

impl Network {
    /// Makes hosts of these names; this program is one more, [`HERE`]. It must be [apart](again).
    ///
    /// # Panics
    /// When it isn't, or when the kernel refuses; [`check`] says so before.
    pub fn start(names: &[String]) -> Self {
        assert!(is_apart(), "hosts need a program in namespaces of its own");
        let names: Vec<String> = std::iter::once(HERE.to_owned()).chain(names.iter().cloned()).collect();
        let hosts: Vec<Host> =
            names.into_iter().zip(1_u8..=254).map(|(name, number)| host(name, number)).collect();
        let conditions = Arc::new(Conditions::fine(hosts.len()));
        let stop = CancellationToken::new();
        let (ready, is_ready) = sync_channel(1);
        let switch = {
            let (hosts, conditions, stop) = (hosts.clone(), Arc::clone(&conditions), stop.clone());
            thread::spawn(move || switch(&hosts, conditions, stop, &ready))
        };
        is_ready.recv().expect("the switch opens a port for each host");
        Self { hosts, conditions, stop, switch: Some(switch) }
    }

    /// A host.
    ///
    /// # Panics
    /// When there is none of this name.
    pub fn host(&self, name: &str) -> Host {
        self.hosts[self.number(name)].clone()
    }

    /// From now on packets from one host to another pass like this; those the other way are not touched.
    ///
    /// # Panics
    /// When there is no host of one of these names.
    pub fn set(&self, from: &str, to: &str, condition: Condition) {
        self.conditions.set(self.number(from), self.number(to), condition);
    }

    /// From now on everything from this host and to it passes like this.
    ///
    /// # Panics
    /// When there is no host of this name.
    pub fn set_around(&self, name: &str, condition: Condition) {
        for other in self.hosts.iter().filter(|other| other.name != name) {
            self.set(name, &other.name, condition);
            self.set(&other.name, name, condition);
        }
    }

    fn number(&self, name: &str) -> usize {
        let found = self.hosts.iter().position(|host| host.name == name);
        found.unwrap_or_else(|| panic!("there is no host {name:?}"))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(switch) = self.switch.take() {
            drop(switch.join());
        }
    }
}

fn host(name: String, number: u8) -> Host {
    let [a, b, c] = PREFIX;
    let namespace =
        if name == HERE { "/proc/self/ns/net".into() } else { Path::new("/run/netns").join(&name) };
    Host { name, address: Ipv4Addr::new(a, b, c, number), namespace, disk: None, clock: None }
}

/// On a thread and a runtime of its own: whoever waits for a server to come up must not hold up its packets.
fn switch(hosts: &[Host], conditions: Arc<Conditions>, stop: CancellationToken, ready: &SyncSender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let ports: Arc<[Port]> = hosts.iter().map(Port::open).collect();
        // Whoever started this waits for it, and if not it ends with the network.
        let _: Result<(), _> = ready.send(());
        port::carry(ports, conditions, stop).await;
    });
}
