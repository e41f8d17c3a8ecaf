//! The hub on three NATS servers as they are shipped: one is killed after the other while people talk.

use std::time::Duration;

use confab_testhub::cluster::Cluster;
use confab_testhub::crowd::Crowd;

use super::faults::{REST, begin, judge, rate};

/// How long a server stays dead, and how long all three run between two deaths.
const DEAD: Duration = Duration::from_secs(6);
const WHOLE: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn any_one_of_three_servers_may_die() {
    let mut cluster =
        Cluster::builder().edges(2).workers(2).set("worker.ack_wait_seconds", 5).nats_cluster().start().await;
    let mut crowd = Crowd::new();
    let all = begin(&cluster, &mut crowd).await;
    let people = u32::try_from(crowd.members().len()).expect("a crowd");
    crowd.talk(Duration::from_secs(1) * people / u32::try_from(rate()).expect("a rate"));
    for node in 0..3 {
        tokio::time::sleep(WHOLE).await;
        let servers = cluster.nats_nodes.as_mut().expect("three servers");
        servers.nodes[node].kill();
        tokio::time::sleep(DEAD).await;
        servers.restart(node);
    }
    tokio::time::sleep(WHOLE).await;
    crowd.falls_silent(REST).await;
    let written: usize = crowd.members().iter().map(|member| member.seen().written).sum();
    assert!(
        crowd.recorder.acknowledged() >= written,
        "{written} written: {:?}",
        crowd.recorder.acknowledged()
    );
    judge(&cluster, &crowd, &all).await;
    println!("{written} messages in {} conversations, {} deliveries", all.len(), crowd.recorder.deliveries());
    crowd.goes().await;
}
