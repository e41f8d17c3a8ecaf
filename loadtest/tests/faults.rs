//! A short part of the fault suite, on hosts of their own: an edge is cut off from all others, and the NATS server that
//! leads every stream is killed. The whole of it is `confab-loadtest faults`.

use std::path::Path;
use std::process::Command;

use confab_testkit::network;
use serde_json::Value;

/// Set to leave the test out where namespaces are not allowed.
const WITHOUT: &str = "CONFAB_WITHOUT_NAMESPACES";
/// How long each fault lasts.
const SECONDS: u64 = 6;

#[test]
fn an_edge_cut_off_and_a_leader_killed_break_no_promise() {
    if std::env::var_os(WITHOUT).is_some_and(|value| value == "1") {
        eprintln!("LEFT OUT: {WITHOUT}=1, so nothing of faults between hosts is tested");
        return;
    }
    if let Err(error) = network::check() {
        panic!("{error}\n  or set {WITHOUT}=1 to do without this test");
    }
    let out = tempfile::tempdir().expect("a directory");
    let ran = Command::new(env!("CARGO_BIN_EXE_confab-loadtest"))
        .args(["faults", "--only", "partition:edge", "--only", "kill:nats-leader"])
        .args(["--rate", "60", "--rooms", "20", "--seconds", &SECONDS.to_string()])
        .arg("--out")
        .arg(out.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{}", logs(out.path()));
    let rows = std::fs::read(out.path().join("faults.json")).expect("the rows are written");
    let rows: Vec<Value> = serde_json::from_slice(&rows).expect("rows");
    let of = |node: &str| {
        let row = rows.iter().find(|row| row["node"] == node);
        row.unwrap_or_else(|| panic!("no row of {node}: {said}"))
    };
    for node in ["edge", "nats-leader"] {
        assert!(of(node)["sent"].as_u64().is_some_and(|sent| sent > 1000), "{said}");
    }
    // A fault that nobody notices was none: who was at the edge waits, and without a leader everybody does.
    let slowest = of("edge")["slowest_s"].as_f64();
    assert!(slowest.is_some_and(|slowest| slowest > 2.0), "{slowest:?}: {said}");
    let silent = of("nats-leader")["unavailable_s"].as_f64();
    assert!(silent.is_some_and(|silent| silent > 1.0), "{silent:?}: {said}");
}

/// What the runs said.
fn logs(out: &Path) -> String {
    let logs = ["partition-edge", "kill-nats-leader"].map(|run| out.join(run).join("log"));
    logs.map(|log| std::fs::read_to_string(log).unwrap_or_default()).join("\n")
}
