//! A command that nobody can carry out does not hold up the others: an operator lists it, tries it again, or drops it.

use confab_protocol::CommandId;
use confab_testhub::cluster::Cluster;
use confab_testhub::person::{Device, Person};
use confab_testkit::wait::{self, SOON};

/// The sequences of all dead letters.
async fn buried(cluster: &Cluster) -> Vec<u64> {
    let letters = cluster.bus().dead_letters().list(100).await.expect("the dead letters are listed");
    letters.into_iter().map(|letter| letter.seq).collect()
}

async fn buried_one(cluster: &Cluster) -> u64 {
    wait::until_some("a dead letter", SOON, || async { buried(cluster).await.first().copied() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_command_is_listed_tried_again_and_dropped() {
    let cluster =
        Cluster::builder().set("worker.max_deliver", 2).set("worker.ack_wait_seconds", 1).start().await;
    let tenant = cluster.tenant();
    let id: CommandId = "poison-1".parse().expect("an id");
    let poison = bytes::Bytes::from_static(b"\xc1 this is no command");
    cluster.bus().work().submit(&tenant.id, "accept", &id, poison, None).await.expect("it is on the queue");

    let first = buried_one(&cluster).await;
    let listed = cluster.run(&["dead-letters", "list"]).expect_success();
    assert!(listed.contains("poison-1") && listed.contains("accept"), "{listed}");
    assert!(listed.contains(tenant.id.as_str()), "{listed}");

    // Others are served as ever.
    let ann = tenant.agent("Ann", 3).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(0))).await;
    let (_mohan, chat) = Person::customer("Mohan", "Help", &tenant.id, Device::at(cluster.url(0))).await;
    ann.is_given(&chat).await;

    cluster.run(&["dead-letters", "replay", &first.to_string()]).expect_success();
    let second = wait::until_some("the same once more", SOON, || async {
        buried(&cluster).await.into_iter().find(|seq| *seq != first)
    })
    .await;
    assert_eq!(buried(&cluster).await, [second], "the replayed one is not kept");

    cluster.run(&["dead-letters", "drop", &second.to_string()]).expect_success();
    assert_eq!(buried(&cluster).await, [0; 0]);
    let listed = cluster.run(&["dead-letters", "list"]).expect_success();
    assert!(!listed.contains("poison-1"), "{listed}");
}
