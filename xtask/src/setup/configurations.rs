//! The server configurations in `nats/`, tried with the real server.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::workspace::Workspace;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        assert!(ended.is_ok(), "the server is ended: {ended:?}");
    }
}

fn server(workspace: &Workspace) -> Command {
    let mut command = Command::new(super::run(workspace).expect("a server is found or fetched"));
    command
        .args(["--config", "nats/single.conf"])
        .current_dir(&workspace.root)
        .env_remove("CONFAB_NATS_STORE");
    command
}

/// The first line of a server whose port is in the file it writes into `directory`.
fn greeting(directory: &Path) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let ports = fs::read_dir(directory)
            .unwrap()
            .filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok())
            .find(|text| text.trim_end().ends_with('}'));
        let address = ports.as_deref().and_then(|text| {
            let (_, after) = text.split_once("nats://")?;
            after.split('"').next().map(str::to_owned)
        });
        if let Some(address) = address {
            let connection = TcpStream::connect(&address).unwrap();
            connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut line = String::new();
            BufReader::new(connection).read_line(&mut line).unwrap();
            return line;
        }
        assert!(Instant::now() < deadline, "the server doesn't say its port");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_single_node_starts_with_its_store_where_it_was_told() {
    let workspace = Workspace::locate().unwrap();
    let (store, ports) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let child = server(&workspace)
        .args(["--port", "-1", "--ports_file_dir"])
        .arg(ports.path())
        .env("CONFAB_NATS_STORE", store.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Server(child);
    let info = greeting(ports.path());
    for expected in ["\"jetstream\":true", "\"max_payload\":1048576", "\"server_name\":\"confab-single\""] {
        assert!(info.contains(expected), "{expected} in {info}");
    }
    assert!(store.path().join("jetstream").is_dir());
}

#[test]
fn a_single_node_refuses_to_start_without_a_store() {
    let workspace = Workspace::locate().unwrap();
    let output = server(&workspace).arg("-t").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("CONFAB_NATS_STORE"), "{said}");
}
