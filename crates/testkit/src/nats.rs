//! A real `nats-server` with JetStream in a directory of its own, ended when it goes out of scope.
//!
//! Calls block for as long as the server needs, tens of milliseconds. They panic when it doesn't start: a test
//! without its neighbour has nothing to say.

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::network::{Disk, Host};
use crate::process::{free_port, freeze, send};

/// Names the server's binary.
pub const SERVER_VARIABLE: &str = "CONFAB_NATS_SERVER";

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(5);

/// How a server is to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct NatsOptions {
    sync_always: bool,
    accounts: Option<&'static str>,
}

impl NatsOptions {
    /// Every write reaches the disk before it is acknowledged, as in production.
    #[must_use]
    pub fn sync_always(mut self) -> Self {
        self.sync_always = true;
        self
    }

    /// With this `accounts` block; users' passwords are [`password`]s.
    #[must_use]
    pub fn accounts(mut self, accounts: &'static str) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// When there is no binary or it doesn't come up.
    pub fn start(self) -> NatsServer {
        let mut server = self.server(None, None);
        server.run();
        server
    }

    /// Starts so many servers as one cluster, and waits until it can hold streams. They tell clients nothing of each
    /// other, so that a client knows the addresses it was given and no others.
    ///
    /// # Panics
    /// When there is no binary or they don't come up.
    pub fn start_cluster(self, nodes: usize) -> Vec<NatsServer> {
        self.start_cluster_on(vec![None; nodes])
    }

    /// The same with a server on each of these hosts; none is this machine.
    ///
    /// # Panics
    /// When there is no binary or they don't come up.
    pub fn start_cluster_on(self, hosts: Vec<Option<Host>>) -> Vec<NatsServer> {
        let places = hosts.into_iter().map(|host| {
            let address = address_of(host.as_ref());
            let [route, monitor] = [free_port(), free_port()].map(|port| SocketAddr::from((address, port)));
            (host, route, monitor)
        });
        let places: Vec<(Option<Host>, SocketAddr, SocketAddr)> = places.collect();
        let routes: Vec<SocketAddr> = places.iter().map(|(_, route, _)| *route).collect();
        let node = |(number, (host, route, monitor))| {
            self.server(host, Some(Node { number: number + 1, route, monitor, routes: routes.clone() }))
        };
        let mut servers: Vec<NatsServer> = places.into_iter().enumerate().map(node).collect();
        for server in &mut servers {
            server.run();
        }
        let deadline = Instant::now() + START_LIMIT;
        while !servers.iter().all(NatsServer::is_healthy) {
            let logs: Vec<String> = servers.iter().map(NatsServer::log).collect();
            assert!(Instant::now() < deadline, "the cluster does not come together:\n{}", logs.join("\n"));
            thread::sleep(10 * POLL);
        }
        servers
    }

    fn server(self, host: Option<Host>, node: Option<Node>) -> NatsServer {
        let home = TempDir::with_prefix("confab-nats-").expect("a directory for the server's files");
        let disk = host.as_ref().and_then(|host| host.disk_at(&home.path().join("store")));
        NatsServer { disk, home, options: self, host, node, port: None, child: None }
    }
}

/// The users whose passwords the shipped configurations take from the environment.
const USERS: [&str; 6] = ["edge", "worker", "admin", "metrics", "sys", "events-acme"];

/// The password of a user, in tests.
pub fn password(user: &str) -> String {
    format!("{user}-of-the-tests")
}

/// The variables that hold the passwords.
pub(crate) fn passwords() -> impl Iterator<Item = (String, String)> {
    USERS.into_iter().map(|user| {
        let name = user.to_ascii_uppercase().replace('-', "_");
        (format!("CONFAB_NATS_{name}_PASSWORD"), password(user))
    })
}

/// A running server; restarts keep its port and its files.
#[derive(Debug)]
pub struct NatsServer {
    disk: Option<Disk>,
    home: TempDir,
    options: NatsOptions,
    host: Option<Host>,
    node: Option<Node>,
    port: Option<u16>,
    child: Option<Child>,
}

/// A server's place in a cluster.
#[derive(Debug)]
struct Node {
    number: usize,
    /// Where the other servers reach it, and where it says how it is.
    route: SocketAddr,
    monitor: SocketAddr,
    /// Those of all servers.
    routes: Vec<SocketAddr>,
}

impl NatsServer {
    /// Starts a server with the default options.
    ///
    /// # Panics
    /// When there is no binary or it doesn't come up.
    pub fn start() -> Self {
        NatsOptions::default().start()
    }

    /// A server that is never started, for hubs that use others.
    ///
    /// # Panics
    /// When there is no room for its directory.
    pub fn absent() -> Self {
        NatsOptions::default().server(None, None)
    }

    /// Options to start one with.
    pub fn options() -> NatsOptions {
        NatsOptions::default()
    }

    /// Where clients connect.
    ///
    /// # Panics
    /// Never: a server that was handed out has a port.
    pub fn url(&self) -> String {
        format!("nats://{}:{}", self.address(), self.port.expect("the server has started"))
    }

    /// The name that it has in its cluster.
    pub fn name(&self) -> Option<String> {
        self.node.as_ref().map(Node::name)
    }

    /// The disk that its host gave it.
    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    fn address(&self) -> Ipv4Addr {
        address_of(self.host.as_ref())
    }

    /// The process id, while the server runs.
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends the process as a power cut would: nothing is flushed or said.
    ///
    /// # Panics
    /// When the process cannot be signalled.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL is sent");
            child.wait().expect("the process is reaped");
        }
    }

    /// Lets the server shut down in good order.
    ///
    /// # Panics
    /// When the process cannot be signalled.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            send(child.id(), Signal::SIGTERM);
            child.wait().expect("the process is reaped");
        }
    }

    /// Freezes the process: connections stay open and nothing answers any more.
    ///
    /// # Panics
    /// When the process cannot be signalled, or goes on.
    pub fn freeze(&self) {
        if let Some(child) = &self.child {
            freeze(child.id());
        }
    }

    /// Lets a frozen process go on.
    ///
    /// # Panics
    /// When the process cannot be signalled.
    pub fn thaw(&self) {
        if let Some(child) = &self.child {
            send(child.id(), Signal::SIGCONT);
        }
    }

    /// Starts the server again on the same port with the same files, stopping it first if it runs.
    ///
    /// # Panics
    /// When it doesn't come up.
    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    /// What the server has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("nats.log")).unwrap_or_default()
    }

    fn run(&mut self) {
        let home = self.home.path();
        let config = home.join("nats.conf");
        fs::write(&config, self.config()).expect("the configuration is written");
        let output = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(home.join("output.log"))
            .expect("a file for the server's output");
        let binary = server_binary();
        let mut command =
            self.host.as_ref().map_or_else(|| Command::new(&binary), |host| host.command(&binary));
        let child = command
            .arg("--config")
            .arg(&config)
            .envs(passwords())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .expect("nats-server starts");
        let process = child.id();
        self.child = Some(child);
        let deadline = Instant::now() + START_LIMIT;
        while !self.is_up(process) {
            let child = self.child.as_mut().expect("the process was started");
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                panic!("nats-server ended with {status}:\n{}", self.log());
            }
            assert!(Instant::now() < deadline, "nats-server doesn't answer:\n{}", self.log());
            thread::sleep(POLL);
        }
    }

    fn config(&self) -> String {
        let (home, address) = (self.home.path().display(), self.address());
        let port = self.port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
        let sync = if self.options.sync_always { "always" } else { "2m" };
        format!(
            "host: {address}\nport: {port}\nports_file_dir: \"{home}\"\nlog_file: \"{home}/nats.log\"\n\
             jetstream {{ store_dir: \"{home}/store\", max_memory_store: 256MB, max_file_store: 4GB, sync_interval: {sync} }}\n\
             {}{}",
            self.options.accounts.unwrap_or_default(),
            self.node.as_ref().map(Node::config).unwrap_or_default()
        )
    }

    /// Whether it is in its cluster and knows who leads.
    fn is_healthy(&self) -> bool {
        let Some(node) = &self.node else { return true };
        asked(node.monitor, "/healthz").is_some_and(|answer| answer.split(' ').nth(1) == Some("200"))
    }

    /// Whether the server greets a client. The first time, its port is read from the file it leaves.
    fn is_up(&mut self, process: u32) -> bool {
        let port =
            self.port.or_else(|| port_of(&self.home.path().join(format!("nats-server_{process}.ports"))));
        let Some(port) = port else { return false };
        self.port = Some(port);
        greets(SocketAddr::from((self.address(), port)))
    }
}

impl Node {
    fn name(&self) -> String {
        format!("n{}", self.number)
    }

    fn config(&self) -> String {
        let Self { route, monitor, routes, .. } = self;
        let routes: Vec<String> = routes.iter().map(|route| format!("nats://{route}")).collect();
        format!(
            "server_name: {}\nhttp: {monitor}\n\
             cluster {{ name: confab, listen: {route}, no_advertise: true, routes: [{}] }}\n",
            self.name(),
            routes.join(", ")
        )
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Where a server listens: on its host's address, or on this machine's own.
fn address_of(host: Option<&Host>) -> Ipv4Addr {
    host.map_or(Ipv4Addr::LOCALHOST, Host::address)
}

/// The port in the server's ports file: `{"nats":["nats://127.0.0.1:4222"]}`.
fn port_of(file: &Path) -> Option<u16> {
    let text = fs::read_to_string(file).ok()?;
    let (_, url) = text.split_once("nats://")?;
    let (_, rest) = url.split_once(':')?;
    rest.split(|symbol: char| !symbol.is_ascii_digit()).next()?.parse().ok()
}

/// What somebody answers over HTTP.
fn asked(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

pub(crate) fn greets(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else {
        return false;
    };
    if stream.set_read_timeout(Some(Duration::from_secs(1))).is_err() {
        return false;
    }
    let mut greeting = [0; 4];
    stream.read_exact(&mut greeting).is_ok() && &greeting == b"INFO"
}

/// The binary: the one the environment names, else the one that set-up has put into the tree in or above the working
/// directory, else the one on PATH.
pub fn server_binary() -> PathBuf {
    if let Some(named) = env::var_os(SERVER_VARIABLE) {
        return named.into();
    }
    let here = env::current_dir().unwrap_or_default();
    let mut in_tree = here.ancestors().map(|directory| directory.join(".tools/nats-server"));
    in_tree.find(|candidate| candidate.is_file()).unwrap_or_else(|| "nats-server".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_goes_on_without_one_of_its_servers() {
        let mut servers = NatsServer::options().start_cluster(3);
        servers[0].kill();
        let begun = Instant::now();
        while !servers[1..].iter().all(NatsServer::is_healthy) {
            assert!(begun.elapsed() < START_LIMIT, "{}", servers[1].log());
            thread::sleep(POLL);
        }
        servers[0].restart();
        assert!(servers.iter().all(|server| server.process_id().is_some()));
    }
}
