//! A real SurrealDB server in a directory of its own, from this workspace's binary.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use confab_store::StoreSettings;
use secrecy::SecretString;

use confab_testkit::binaries;
use confab_testkit::network::{Disk, Host};
use confab_testkit::process::{Process, Spec, free_port};

/// Name and password of the root user.
pub const ROOT: (&str, &str) = ("root", "root-of-the-tests");

const START_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// A running server; restarts keep its port and its files.
#[derive(Debug)]
pub struct Database {
    /// The process, to be ended, frozen and started again.
    pub process: Process,
    /// The disk that its host gave it.
    pub disk: Option<Disk>,
    address: SocketAddr,
}

impl Database {
    /// Starts a server with its files in `home`, with this niceness and on this host or this machine, and waits until it
    /// answers.
    ///
    /// # Panics
    /// When it doesn't come up.
    pub fn start(home: &Path, nice: u8, host: Option<Host>) -> Self {
        let address = host.as_ref().map_or(Ipv4Addr::LOCALHOST, Host::address);
        let address = SocketAddr::from((address, free_port()));
        let files = home.join("database");
        let disk = host.as_ref().and_then(|host| host.disk_at(&files));
        let arguments =
            ["start", "--no-banner", "--log", "warn", "--user", ROOT.0, "--pass", ROOT.1, "--bind"];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
        arguments.extend([address.to_string(), format!("surrealkv://{}", files.display())]);
        let process = Process::start(Spec {
            name: "database".to_owned(),
            binary: binaries::find("confab-surreal-server"),
            arguments,
            variables: Vec::new(),
            log: home.join("database.log"),
            nice,
            host,
        });
        let database = Self { process, disk, address };
        database.wait_until_up();
        database
    }

    /// Starts it again after a kill and waits until it answers.
    ///
    /// # Panics
    /// When it doesn't come up.
    pub fn restart(&mut self) {
        self.process.restart();
        self.wait_until_up();
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Settings to open it with.
    pub fn settings(&self) -> StoreSettings {
        StoreSettings {
            username: Some(ROOT.0.to_owned()),
            password: Some(SecretString::from(ROOT.1)),
            ..StoreSettings::at(self.url())
        }
    }

    fn wait_until_up(&self) {
        let begun = Instant::now();
        while !self.is_up() {
            assert!(begun.elapsed() < START_LIMIT, "the database doesn't answer:\n{}", self.process.log());
            std::thread::sleep(POLL);
        }
    }

    fn is_up(&self) -> bool {
        let asked =
            TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).and_then(|mut stream| {
                stream.set_read_timeout(Some(Duration::from_secs(2)))?;
                stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
                let mut answer = [0; 12];
                stream.read_exact(&mut answer)?;
                Ok(answer)
            });
        asked.is_ok_and(|answer| &answer == b"HTTP/1.1 200")
    }
}
