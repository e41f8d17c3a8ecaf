//! Two generators with viewers in the same rooms of one hub that runs already; their results become one.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use confab_domain::{Clock, Policy, TenantSettings};
use confab_protocol::Role;
use confab_testhub::cluster::Cluster;
use confab_testhub::people::PASSWORD;
use serde_json::Value;

/// Until both are ready.
const LEAD_MS: u64 = 20_000;
const RATE: u64 = 20;
const SECONDS: u64 = 3;
const VIEWERS: u64 = 3;
const ROOMS: u64 = 2;

fn generator(cluster: &Cluster, start: &str, out: &Path, number: u64) -> Child {
    let urls: Vec<&str> = cluster.edges.iter().map(|edge| edge.url.as_str()).collect();
    let rooms = out.join("rooms.json");
    let own = out.join(number.to_string());
    Command::new(env!("CARGO_BIN_EXE_confab-loadtest"))
        .args(["run", "fanout", "--targets", &urls.join(","), "--login", &format!("watcher-{number}")])
        .args(["--start-at", start, "--out", &own.display().to_string()])
        .args(["--source-addresses", "127.0.0.2-127.0.0.5"])
        .args(["--set", &format!("rooms={ROOMS}"), "--set", &format!("viewers={VIEWERS}")])
        .args(["--set", &format!("rate={RATE}"), "--set", &format!("seconds={SECONDS}")])
        .args(["--set", &format!("rooms_file={}", rooms.display())])
        .args(["--set", &format!("leads={}", number == 1)])
        .env("CONFAB_PASSWORD", PASSWORD)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn result(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).expect("a result")).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_generators_share_rooms_and_their_results_become_one() {
    let settings = TenantSettings { policy: Policy::Manual, ..TenantSettings::default() };
    let cluster = Cluster::builder().edges(2).tenant(settings).start().await;
    for number in 1..=2 {
        cluster.tenant().with_login(&format!("watcher-{number}"), Role::Agent, 10).await;
    }
    let out = tempfile::tempdir().expect("a directory");
    let start = i64::try_from(Clock::system().now() + LEAD_MS).expect("a time of today");
    let start = jiff::Timestamp::from_millisecond(start).expect("a time of today").to_string();
    let generators: Vec<Child> =
        (1..=2).map(|number| generator(&cluster, &start, out.path(), number)).collect();
    for mut generator in generators {
        let status = tokio::task::spawn_blocking(move || generator.wait()).await.expect("no panic");
        assert_ne!(status.expect("it ends").code(), Some(2), "the run could not be made");
    }
    let [one, other] = [1, 2].map(|number| out.path().join(number.to_string()).join("fanout.json"));
    let all = out.path().join("all.json");
    let merged = Command::new(env!("CARGO_BIN_EXE_confab-loadtest"))
        .arg("merge")
        .args([&one, &other])
        .arg("-o")
        .arg(&all)
        .output()
        .expect("the program runs");
    assert_ne!(merged.status.code(), Some(2), "{}", String::from_utf8_lossy(&merged.stderr));
    let (one, other, all) = (result(&one), result(&other), result(&all));
    assert_eq!(all["violations"], Value::Array(Vec::new()));
    assert_eq!((&one["counts"]["sent"], &other["counts"]["sent"]), (&(RATE * SECONDS).into(), &0.into()));
    // Viewers are agents: those of the generator that leads do not count what its own agent has written.
    assert_eq!(other["counts"]["delivered"], Value::from(RATE * SECONDS * VIEWERS));
    let count = |result: &Value| result["counts"]["delivered"].as_u64().expect("a count");
    assert_eq!(count(&all), count(&one) + count(&other));
    let viewer = |result: &Value| {
        let all = result["latencies"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["name"] == "viewer").expect("viewers were measured")
    };
    let samples = |result: &Value| viewer(result)["count"].as_u64().expect("a count");
    assert_eq!(samples(&all), samples(&one) + samples(&other));
    assert!(out.path().join("all.html").exists());
}
