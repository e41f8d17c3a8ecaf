//! What faults do to a hub that this program started: to its processes, links, hosts, disks and clocks.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_testhub::cluster::Cluster;
use confab_testkit::link::Gate;
use confab_testkit::nats::NatsServer;
use confab_testkit::network::{Condition, Disk};
use confab_testkit::process::Process;

use super::started::{Hub, Started};
use crate::faults::{Action, Breach, FOLLOWER, Fault, LEADER};

/// How long a process may take to come to an end when it is asked to.
const END_LIMIT: Duration = Duration::from_secs(30);
/// How long streams may take to be handed over, and the pause between two looks.
const HAND_OVER_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

/// The process that a name stands for: the first NATS server is made the leader, so the second one is a follower.
pub(super) fn actual(name: &str) -> &str {
    match name {
        LEADER => "nats-1",
        FOLLOWER => "nats-2",
        other => other,
    }
}

impl Started {
    /// Has the NATS server that is called the leader lead every stream.
    pub(super) async fn settle(&self) -> Result<()> {
        let leader = match &*self.hub() {
            Hub::Separate(cluster) => cluster.nats.name(),
            Hub::OneNode(_) => None,
        };
        let leader = leader.context("a hub with one NATS server has no leader and no follower")?;
        let begun = Instant::now();
        loop {
            let mut others = 0;
            for (stream, by) in self.bus().leaders().await? {
                if by.as_ref() != Some(&leader) {
                    others += 1;
                    // Who is in an election can't hand over, and is asked again.
                    drop(self.bus().hand_over(&stream, &leader).await);
                }
            }
            if others == 0 {
                return Ok(());
            }
            if begun.elapsed() > HAND_OVER_LIMIT {
                bail!("{others} streams are still led by others than {leader} after {HAND_OVER_LIMIT:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Begins or ends a fault. Blocks for as long as a server takes to come up.
    pub(super) fn strike(&self, fault: &Fault, begins: bool) -> Result<()> {
        let mut hub = self.hub();
        match fault {
            Fault::Process(name, action) => strike_process(&mut hub, actual(name), *action, begins),
            Fault::Link(from, to, breach) => {
                let gate = match breach {
                    _ if !begins => Gate::Open,
                    Breach::Cut => Gate::Cut,
                    Breach::Hold => Gate::Held,
                    Breach::Delay(delay) => Gate::Delayed(*delay),
                };
                let set = cluster(&mut hub)?.links.set(from, to, gate);
                set.ok().with_context(|| format!("there is no link from {from} to {to} that can be cut"))
            }
            Fault::Host(name, condition) => {
                let condition = if begins { *condition } else { Condition::Fine };
                let hosts = cluster(&mut hub)?.hosts.as_ref().context("there are no hosts")?;
                hosts.network.set_around(actual(name), condition);
                Ok(())
            }
            Fault::Disk(name) => {
                let disk = disk_of(&mut hub, actual(name)).context("it has no disk that can be filled")?;
                if begins {
                    disk.fill();
                } else {
                    disk.free();
                }
                Ok(())
            }
            Fault::Clock(name, step) => {
                let hosts = cluster(&mut hub)?.hosts.as_ref();
                let clock = hosts.and_then(|hosts| hosts.clock(actual(name)));
                let clock = clock.context("its clock can't be stepped: `apt-get install libfaketime`")?;
                clock.step(if begins { *step } else { 0 });
                Ok(())
            }
        }
    }
}

fn cluster(hub: &mut Hub) -> Result<&mut Cluster> {
    match hub {
        Hub::Separate(cluster) => Ok(cluster),
        Hub::OneNode(_) => bail!("a hub of one node has neither links nor hosts"),
    }
}

fn strike_process(hub: &mut Hub, name: &str, action: Action, begins: bool) -> Result<()> {
    if let Some(nats) = nats_of(hub, name) {
        match (action, begins) {
            (Action::Kill, true) => nats.kill(),
            (Action::Restart, true) => nats.stop(),
            (Action::Kill | Action::Restart, false) => nats.restart(),
            (Action::Pause, true) => nats.freeze(),
            (Action::Pause, false) => nats.thaw(),
        }
        return Ok(());
    }
    let process = process_of(hub, name);
    let process = process.with_context(|| format!("there is no process {name:?} to make a fault of"))?;
    match (action, begins) {
        (Action::Kill, true) => process.kill(),
        (Action::Restart, true) => {
            process.terminate();
            process.wait(END_LIMIT).with_context(|| format!("{name} does not come to an end"))?;
        }
        (Action::Kill | Action::Restart, false) => process.restart(),
        (Action::Pause, true) => process.pause(),
        (Action::Pause, false) => process.resume(),
    }
    Ok(())
}

fn disk_of<'a>(hub: &'a mut Hub, name: &str) -> Option<&'a Disk> {
    if name == "database" {
        return cluster(hub).ok()?.database.disk.as_ref();
    }
    nats_of(hub, name)?.disk()
}

/// What a NATS server is called among processes.
pub(super) fn nats_name(number: usize, is_alone: bool) -> String {
    if is_alone { "nats".to_owned() } else { format!("nats-{}", number + 1) }
}

fn nats_of<'a>(hub: &'a mut Hub, name: &str) -> Option<&'a mut NatsServer> {
    let (first, peers) = match hub {
        Hub::Separate(cluster) => (&mut cluster.nats, cluster.nats_peers.as_mut_slice()),
        Hub::OneNode(hub) => (&mut hub.nats, &mut [][..]),
    };
    let is_alone = peers.is_empty();
    let mut servers = std::iter::once(first).chain(peers).enumerate();
    servers.find(|(number, _)| nats_name(*number, is_alone) == name).map(|(_, server)| server)
}

fn process_of<'a>(hub: &'a mut Hub, name: &str) -> Option<&'a mut Process> {
    match hub {
        Hub::Separate(cluster) => {
            let Cluster { edges, workers, database, .. } = &mut **cluster;
            let edges = edges.iter_mut().map(|edge| &mut edge.process);
            let mut all = edges.chain(workers).chain([&mut database.process]);
            all.find(|process| process.name() == name)
        }
        Hub::OneNode(hub) => Some(&mut hub.process).filter(|process| process.name() == name),
    }
}
