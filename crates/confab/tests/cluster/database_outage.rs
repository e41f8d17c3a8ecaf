//! The database goes away under traffic: running conversations notice nothing, and afterwards it has everything.

use std::time::Duration;

use confab_protocol::api::Availability;
use confab_protocol::{Channel, ConversationId};
use confab_testhub::cluster::Cluster;
use confab_testhub::crowd::Crowd;
use confab_testhub::person::start_request;
use confab_testkit::wait;
use rstest::rstest;

const CONVERSATIONS: usize = 20;
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(30);
/// Nobody would call a message slow that takes less, and no test machine is so busy that it takes more.
const UNNOTICED: Duration = Duration::from_secs(1);
/// How long the database may take to have everything.
const CATCH_UP: Duration = Duration::from_mins(1);

/// How the database goes away, and how it returns.
#[derive(Debug, Clone, Copy)]
enum Outage {
    Killed,
    Frozen,
}

#[rstest]
#[case::killed(Outage::Killed)]
#[case::frozen(Outage::Frozen)]
#[tokio::test(flavor = "multi_thread")]
async fn conversations_go_on_without_the_database(#[case] outage: Outage) {
    let mut cluster = Cluster::builder().edges(2).workers(1).start().await;
    let mut crowd = Crowd::new();
    let all = begin(&cluster, &mut crowd).await;
    crowd.talk(Duration::from_secs(1));
    tokio::time::sleep(Duration::from_secs(3)).await;
    for member in crowd.members() {
        member.look_anew();
    }

    match outage {
        Outage::Killed => cluster.database.process.kill(),
        Outage::Frozen => cluster.database.process.pause(),
    }
    tokio::time::sleep(AWAY).await;
    for member in crowd.members() {
        let seen = member.seen();
        assert_eq!(seen.complaints, [""; 0], "{} was told of it", member.id);
        assert_eq!(seen.interruptions, 0, "{} was cut off", member.id);
        let slowest = seen.latencies.iter().max().copied().unwrap_or_default();
        assert!(!seen.latencies.is_empty(), "{} got nothing", member.id);
        assert!(slowest < UNNOTICED, "{} waited {slowest:?} for a message", member.id);
    }
    let delivered: usize = crowd.members().iter().map(|member| member.seen().latencies.len()).sum();
    assert!(delivered > 500, "only {delivered} messages were delivered");
    match outage {
        Outage::Killed => cluster.database.restart(),
        Outage::Frozen => cluster.database.process.resume(),
    }

    crowd.falls_silent(CATCH_UP).await;
    let (bus, store) = (cluster.bus(), &cluster.tenant().store);
    for id in &all {
        let head = bus.log().head(&Channel::Conversation(id.clone())).await.expect("the log answers");
        wait::until("the database has everything", CATCH_UP, || async {
            let page = store.history(id, None, 1, true).await.ok();
            page.and_then(|page| page.items.last().map(|item| item.seq)) == Some(head)
        })
        .await;
    }
    crowd.recorder.read_log(bus, &all).await;
    crowd.recorder.read_store(store, &all).await;
    crowd.recorder.assert_kept();
    crowd.goes().await;
}

/// Two agents at one edge with room for everybody, customers at the other.
async fn begin(cluster: &Cluster, crowd: &mut Crowd) -> Vec<ConversationId> {
    let tenant = cluster.tenant();
    for name in ["Ann", "Ben"] {
        let agent = tenant.agent(name, 10).await;
        let feed = Channel::UserFeed(tenant.id.clone(), agent.id.clone());
        crowd.add(&agent.id, &agent.token, &feed, vec![cluster.url(1).to_owned()]).await;
        let http = cluster.http(1).with_token(&agent.token);
        http.set_availability(Availability::Online).await.expect("the hub takes the availability");
    }
    let mut all = Vec::new();
    for number in 0..CONVERSATIONS {
        let request = start_request(&format!("Customer {number}"), "Help", &tenant.id);
        let started = cluster.http(0).start(&request).await.expect("the conversation begins");
        let feed = started.feed.parse().expect("a channel");
        let member =
            crowd.add(&started.customer_id, &started.token, &feed, vec![cluster.url(0).to_owned()]).await;
        crowd.enter(&member, started.conversation_id.clone()).await;
        all.push(started.conversation_id);
    }
    wait::until("everybody has an agent", wait::SOON, || async {
        crowd.members()[..2].iter().map(|agent| agent.seen().chats.len()).sum::<usize>() == CONVERSATIONS
    })
    .await;
    all
}
