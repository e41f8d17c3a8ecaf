//! Edges, workers and NATS are killed in turn while two hundred conversations go on. Nothing is lost, doubled or
//! reordered, everything is in the database, and nobody has more conversations than they can.

use std::env;
use std::time::Duration;

use confab_protocol::api::Availability;
use confab_protocol::{Channel, ConversationId};
use confab_testhub::cluster::Cluster;
use confab_testhub::crowd::Crowd;
use confab_testhub::person::start_request;
use confab_testkit::wait;

/// Conversations of one agent.
const CAPACITY: u32 = 5;
/// How long something stays dead.
const DEAD: Duration = Duration::from_millis(1500);
/// How long the hub runs whole between two faults.
const WHOLE: Duration = Duration::from_secs(3);
/// How long everything may take to come to rest.
pub(crate) const REST: Duration = Duration::from_mins(1);

/// A number from the environment, to make the test larger or smaller.
fn set_by(variable: &str, otherwise: usize) -> usize {
    env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// Conversations.
fn conversations() -> usize {
    set_by("CONFAB_FAULTS_CONVERSATIONS", 200)
}

/// How often the whole round of faults is gone through.
fn rounds() -> usize {
    set_by("CONFAB_FAULTS_ROUNDS", 1)
}

/// Messages per second, over all conversations.
pub(crate) fn rate() -> usize {
    set_by("CONFAB_FAULTS_RATE", 60)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_nothing_is_lost_doubled_or_claimed_twice() {
    let mut cluster = Cluster::builder().edges(2).workers(2).set("worker.ack_wait_seconds", 2).start().await;
    let mut crowd = Crowd::new();
    let all = begin(&cluster, &mut crowd).await;
    let people = u32::try_from(crowd.members().len()).expect("a crowd");
    crowd.talk(Duration::from_secs(1) * people / u32::try_from(rate()).expect("a rate"));
    for _ in 0..rounds() {
        for edge in 0..2 {
            tokio::time::sleep(WHOLE).await;
            cluster.edges[edge].process.kill();
            tokio::time::sleep(DEAD).await;
            cluster.edges[edge].restart().await;
            tokio::time::sleep(WHOLE).await;
            cluster.workers[edge].kill();
            tokio::time::sleep(DEAD).await;
            cluster.workers[edge].restart();
        }
        tokio::time::sleep(WHOLE).await;
        cluster.nats.kill();
        tokio::time::sleep(DEAD).await;
        cluster.nats.restart();
        tokio::time::sleep(WHOLE).await;
    }
    crowd.falls_silent(REST).await;
    let written: usize = crowd.members().iter().map(|member| member.seen().written).sum();
    let complaints: Vec<String> =
        crowd.members().iter().flat_map(|member| member.seen().complaints).collect();
    let acknowledged = crowd.recorder.acknowledged();
    assert!(
        acknowledged >= written,
        "{written} messages written, {acknowledged} acknowledged: {complaints:?}"
    );
    assert!(!complaints.iter().any(|complaint| complaint.starts_with("refused")), "{complaints:#?}");
    judge(&cluster, &crowd, &all).await;
    println!("{written} messages in {} conversations, {} deliveries", all.len(), crowd.recorder.deliveries());
    crowd.goes().await;
}

/// Agents with room for everybody, and customers, half of each at either edge.
pub(crate) async fn begin(cluster: &Cluster, crowd: &mut Crowd) -> Vec<ConversationId> {
    let tenant = cluster.tenant();
    let urls = |first: usize| vec![cluster.url(first).to_owned(), cluster.url(1 - first).to_owned()];
    let agents = conversations().div_ceil(CAPACITY as usize);
    for number in 0..agents {
        let agent = tenant.agent(&format!("Agent-{number}"), CAPACITY).await;
        let feed = Channel::UserFeed(tenant.id.clone(), agent.id.clone());
        crowd.add(&agent.id, &agent.token, &feed, urls(number % 2)).await;
        let http = cluster.http(number % 2).with_token(&agent.token);
        http.set_availability(Availability::Online).await.expect("the hub takes the availability");
    }
    let mut all = Vec::new();
    for number in 0..conversations() {
        let request = start_request(&format!("Customer {number}"), "Help", &tenant.id);
        let started = cluster.http(number % 2).start(&request).await.expect("the conversation begins");
        let feed = started.feed.parse().expect("a channel");
        let member = crowd.add(&started.customer_id, &started.token, &feed, urls((number + 1) % 2)).await;
        crowd.enter(&member, started.conversation_id.clone()).await;
        all.push(started.conversation_id);
    }
    wait::until("everybody has an agent", REST, || async {
        let held: usize = crowd.members()[..agents].iter().map(|agent| agent.seen().chats.len()).sum();
        held == all.len()
    })
    .await;
    all
}

pub(crate) async fn judge(cluster: &Cluster, crowd: &Crowd, all: &[ConversationId]) {
    let (bus, store) = (cluster.bus(), &cluster.tenant().store);
    wait::until("the projector has caught up", REST, || async {
        for id in all {
            let head = bus.log().head(&Channel::Conversation(id.clone())).await.unwrap_or(u64::MAX);
            let stored = store.history(id, None, 1, true).await.ok();
            let last = stored.and_then(|page| page.items.last().map(|item| item.seq)).unwrap_or(0);
            if last < head {
                return false;
            }
        }
        true
    })
    .await;
    crowd.recorder.read_log(bus, all).await;
    crowd.recorder.read_store(store, all).await;
    crowd.recorder.read_state(store, all).await;
    crowd.recorder.assert_kept();
}
