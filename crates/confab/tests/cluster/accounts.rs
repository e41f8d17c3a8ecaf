//! The hub at work with the NATS accounts that are shipped: each role logs in as itself and has no right beyond its own.

use confab_protocol::Ephemeral;
use confab_testhub::cluster::Cluster;
use confab_testhub::person::{Device, Person};

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_from_start_to_end_needs_no_more_than_the_roles_have() {
    let mut cluster = Cluster::builder().edges(2).workers(2).nats_accounts().start().await;
    let again = cluster.run(&["migrate", "--dry-run"]).expect_success();
    assert!(again.contains("streams: up to date") && again.contains("schema: up to date"), "{again}");
    let tenant = cluster.tenant().clone();
    let ann = tenant.agent("Ann", 3).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(1))).await;
    let (mut mohan, chat) =
        Person::customer("Mohan", "My payment is stuck", &tenant.id, Device::at(cluster.url(0))).await;
    ann.is_given(&chat).await;
    mohan.is_given(&chat).await;
    ann.joins(&chat.channel()).await;
    ann.hears("My payment is stuck").await;
    let seq = ann.says_for_certain(&chat.channel(), "Let me look").await;
    assert_eq!(mohan.hears("Let me look").await, seq);
    ann.client().typing(chat.channel(), true).await.expect("the client runs");
    mohan
        .notices("typing", |event| match event {
            Ephemeral::TypingStart { member, .. } => (member.name == "Ann").then_some(()),
            _ => None,
        })
        .await;
    cluster.run(&["dead-letters", "list"]).expect_success();

    // One worker less, and whatever there was to do is done by the other.
    cluster.workers[0].kill();
    let (_, second) =
        Person::customer("Priya", "Where is my parcel?", &tenant.id, Device::at(cluster.url(1))).await;
    ann.is_given(&second).await;
    for process in cluster.workers.iter().chain(cluster.edges.iter().map(|edge| &edge.process)) {
        let refused: Vec<String> = process
            .log()
            .lines()
            .filter(|line| line.to_lowercase().contains("permissions violation"))
            .map(str::to_owned)
            .collect();
        assert!(refused.is_empty(), "{} was refused something: {refused:#?}", process.name());
    }
}
