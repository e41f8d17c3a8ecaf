//! Ports of the switch: a network device in each host's namespace, whose other end is a file of this program.

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tun_rs::{AsyncDevice, DeviceBuilder};

use super::condition::{Conditions, Verdict};
use super::{HERE, Host, PREFIX};

/// Longest packet that a host sends.
const PACKET_BYTES: usize = 1500;
/// Packets of one host that may be on their way late; one more is lost, as at any switch.
const LATE_PACKETS: usize = 16_384;
/// Packets that wait in the kernel until the switch takes them.
const WAITING_PACKETS: &str = "8192";

/// Where a host is connected.
pub(super) struct Port {
    device: AsyncDevice,
}

impl Port {
    /// Makes the host and connects it.
    pub(super) fn open(host: &Host) -> Self {
        let [.., number] = host.address.octets();
        let device = format!("switch{number}");
        let port = DeviceBuilder::new().name(device.as_str()).build_async();
        let port = Self { device: port.expect("a network device is made") };
        let address = format!("{}/24", host.address);
        let own = ["-n", &host.name];
        let own = if host.name == HERE { &[][..] } else { &own[..] };
        if host.name != HERE {
            ip(&[], &["netns", "add", &host.name]);
            ip(&[], &["link", "set", &device, "netns", &host.name]);
        }
        ip(own, &["link", "set", "lo", "up"]);
        ip(own, &["addr", "add", &address, "dev", &device]);
        ip(own, &["link", "set", &device, "txqueuelen", WAITING_PACKETS, "up"]);
        port
    }
}

/// Runs iproute2's `ip`.
fn ip(place: &[&str], arguments: &[&str]) {
    let output = Command::new("ip").args(place).args(arguments).output().expect("ip runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {} failed: {said}", arguments.join(" "));
}

/// Carries packets between ports until told to stop.
pub(super) async fn carry(ports: Arc<[Port]>, conditions: Arc<Conditions>, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    for from in 0..ports.len() {
        let (late, waiting) = mpsc::channel(LATE_PACKETS);
        let taking = take(from, Arc::clone(&ports), Arc::clone(&conditions), late);
        let giving = give_late(Arc::clone(&ports), waiting);
        let stop = stop.clone();
        tasks.spawn(async move {
            let both = async { tokio::join!(taking, giving) };
            let _: Option<((), ())> = stop.run_until_cancelled(both).await;
        });
    }
    tasks.close();
    tasks.wait().await;
}

struct Late {
    due: Instant,
    to: usize,
    packet: Vec<u8>,
}

/// Takes what a host sends.
async fn take(from: usize, ports: Arc<[Port]>, conditions: Arc<Conditions>, late: mpsc::Sender<Late>) {
    let mut packet = vec![0; PACKET_BYTES];
    loop {
        let Ok(length) = ports[from].device.recv(&mut packet).await else {
            // The device may be down for a moment; a device that is gone ends with the program.
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        let packet = &packet[..length];
        let Some(to) = destination(packet).and_then(port_of).filter(|to| *to < ports.len()) else { continue };
        match conditions.verdict(from, to) {
            Verdict::Pass => give(&ports[to], packet).await,
            Verdict::Drop => {}
            Verdict::Later(delay) => {
                let due = Instant::now() + delay;
                drop(late.try_send(Late { due, to, packet: packet.to_vec() }));
            }
        }
    }
}

/// Gives what is due, in the order in which it came: what is delayed for longer holds up what came after it.
async fn give_late(ports: Arc<[Port]>, mut waiting: mpsc::Receiver<Late>) {
    while let Some(Late { due, to, packet }) = waiting.recv().await {
        sleep_until(due).await;
        give(&ports[to], &packet).await;
    }
}

/// A packet that a host can't take is lost.
async fn give(port: &Port, packet: &[u8]) {
    drop(port.device.send(packet).await);
}

/// The address that an IPv4 packet goes to; of others there is none.
fn destination(packet: &[u8]) -> Option<Ipv4Addr> {
    let is_version_4 = packet.first().is_some_and(|first| first >> 4 == 4);
    let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
    is_version_4.then(|| address.into())
}

/// The number of the port behind which an address is.
fn port_of(address: Ipv4Addr) -> Option<usize> {
    let [a, b, c, number] = address.octets();
    if [a, b, c] == PREFIX { usize::from(number).checked_sub(1) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_go_where_their_header_says() {
        let mut packet = [0; 20];
        packet[0] = 0x45;
        packet[16..].copy_from_slice(&[10, 77, 0, 3]);
        assert_eq!(destination(&packet).and_then(port_of), Some(2));
        packet[18] = 9;
        assert_eq!(destination(&packet).and_then(port_of), None);
        packet[0] = 0x60;
        assert_eq!(destination(&packet), None);
        assert_eq!(destination(&[0x45; 10]), None);
    }
}
