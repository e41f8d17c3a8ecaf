//! A rolling restart: every edge and every worker in turn is asked to go and started again while two hundred conversations
//! go on. Nothing is lost or doubled, and nobody is refused anything.

use std::time::Duration;

use confab_testhub::cluster::Cluster;
use confab_testhub::crowd::Crowd;

use super::faults::{REST, begin, judge, rate};

/// The grace that nodes are given.
const DRAIN: Duration = Duration::from_secs(10);
/// How long the hub runs whole between two restarts.
const WHOLE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_is_noticed_by_nobody() {
    let mut cluster =
        Cluster::builder().edges(2).workers(2).set("server.drain_seconds", DRAIN.as_secs()).start().await;
    let mut crowd = Crowd::new();
    let all = begin(&cluster, &mut crowd).await;
    let people = u32::try_from(crowd.members().len()).expect("a crowd");
    crowd.talk(Duration::from_secs(1) * people / u32::try_from(rate()).expect("a rate"));
    for node in 0..2 {
        tokio::time::sleep(WHOLE).await;
        cluster.edges[node].process.terminate();
        let status = cluster.edges[node].process.wait(DRAIN + DRAIN).expect("the edge comes to an end");
        assert!(status.success(), "the edge ended with {status}: {}", cluster.edges[node].process.log());
        cluster.edges[node].restart().await;
        tokio::time::sleep(WHOLE).await;
        cluster.workers[node].terminate();
        let status = cluster.workers[node].wait(DRAIN + DRAIN).expect("the worker comes to an end");
        assert!(status.success(), "the worker ended with {status}: {}", cluster.workers[node].log());
        cluster.workers[node].restart();
    }
    tokio::time::sleep(WHOLE).await;
    crowd.falls_silent(REST).await;
    let (mut written, mut complaints) = (0, Vec::new());
    for member in crowd.members() {
        let seen = member.seen();
        written += seen.written;
        complaints.extend(seen.complaints);
    }
    assert!(crowd.recorder.acknowledged() >= written, "{written} written: {complaints:?}");
    assert!(!complaints.iter().any(|complaint| complaint.starts_with("refused")), "{complaints:#?}");
    judge(&cluster, &crowd, &all).await;
    println!("{written} messages in {} conversations, {} deliveries", all.len(), crowd.recorder.deliveries());
    crowd.goes().await;
}
