//! The log is given more shards while people talk and conversations begin: nothing is lost, doubled or reordered, and nobody
//! is refused anything.

use std::collections::BTreeSet;
use std::time::Duration;

use confab_protocol::api::Availability;
use confab_protocol::{Channel, ConversationId};
use confab_testhub::cluster::Cluster;
use confab_testhub::crowd::Crowd;
use confab_testhub::person::start_request;
use confab_testkit::wait;

use super::faults::{REST, judge};

/// Agents, and how many conversations each takes.
const AGENTS: usize = 30;
const CAPACITY: u32 = 10;
/// Conversations that are begun before anything is changed, and after it.
const BEFORE: usize = 40;
const AFTER: usize = 60;
/// Everybody writes so often.
const PAUSE: Duration = Duration::from_secs(4);
/// Conversations begin so often while shards are added.
const BETWEEN_STARTS: Duration = Duration::from_millis(600);

/// Urls of both edges, this one first.
fn urls(cluster: &Cluster, first: usize) -> Vec<String> {
    vec![cluster.url(first % 2).to_owned(), cluster.url((first + 1) % 2).to_owned()]
}

/// A customer begins a conversation at one edge, and talks in it through the other.
async fn begins(cluster: &Cluster, crowd: &mut Crowd, number: usize) -> ConversationId {
    let request = start_request(&format!("Customer {number}"), "Help", &cluster.tenant().id);
    let started = cluster.http(number % 2).start(&request).await.expect("the conversation begins");
    let feed = started.feed.parse().expect("a channel");
    let urls = urls(cluster, number + 1);
    let member = crowd.add(&started.customer_id, &started.token, &feed, urls).await;
    crowd.enter(&member, started.conversation_id.clone()).await;
    crowd.talks(&member, PAUSE);
    started.conversation_id
}

/// The shards in which conversations lie.
async fn places(cluster: &Cluster, conversations: &[ConversationId]) -> Vec<u16> {
    let mut places = Vec::new();
    for id in conversations {
        let place = cluster.bus().log().shard(&Channel::Conversation(id.clone())).await;
        places.push(place.expect("the log answers").expect("conversations have a shard"));
    }
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn from_four_to_sixteen_and_further_while_people_talk() {
    let mut cluster = Cluster::builder().edges(2).workers(2).start().await;
    let mut crowd = Crowd::new();
    let tenant = cluster.tenant().clone();
    for number in 0..AGENTS {
        let agent = tenant.agent(&format!("Agent-{number}"), CAPACITY).await;
        let feed = Channel::UserFeed(tenant.id.clone(), agent.id.clone());
        crowd.add(&agent.id, &agent.token, &feed, urls(&cluster, number)).await;
        let http = cluster.http(number % 2).with_token(&agent.token);
        http.set_availability(Availability::Online).await.expect("the hub takes the availability");
    }
    crowd.talk(PAUSE);
    let mut all = Vec::new();
    for number in 0..BEFORE {
        all.push(begins(&cluster, &mut crowd, number).await);
    }
    let before = places(&cluster, &all).await;
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 4, "{before:?}");

    let told = cluster.run(&["shards", "raise", "16", "--dry-run"]).expect_success();
    assert!(told.contains("+ CONV_15") && told.contains("shards: 4 -> 16; nothing was done"), "{told}");
    assert_eq!(cluster.run(&["shards", "show"]).expect_success().trim(), "4 shards from the beginning");
    let mut command = cluster.command(&["shards", "raise", "16"]);
    let raising = tokio::task::spawn_blocking(move || command.output());
    let mut nodes_changed = false;
    while !raising.is_finished() {
        all.push(begins(&cluster, &mut crowd, all.len()).await);
        tokio::time::sleep(BETWEEN_STARTS).await;
        if !nodes_changed && all.len() == BEFORE + 12 {
            // A node that comes meanwhile, and one that dies and comes back.
            cluster.add_worker();
            cluster.edges[1].process.kill();
            cluster.edges[1].restart().await;
            nodes_changed = true;
        }
    }
    let output = raising.await.expect("it runs").expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("shards: 16"), "{output:?}");
    assert!(nodes_changed, "{} conversations began meanwhile", all.len() - BEFORE);
    let first_new = all.len();
    for _ in 0..AFTER {
        all.push(begins(&cluster, &mut crowd, all.len()).await);
    }
    assert_eq!(places(&cluster, &all[..BEFORE]).await, before, "conversations stay where they were begun");
    let new: BTreeSet<u16> = places(&cluster, &all[first_new..]).await.into_iter().collect();
    assert!(new.len() > 10 && new.iter().any(|shard| *shard > 11), "new ones are spread: {new:?}");

    // Once more, and never back.
    let refused = cluster.run(&["shards", "raise", "8"]).expect_failure();
    assert!(refused.contains("their number can only be raised"), "{refused}");
    let again = cluster.run(&["shards", "raise", "16"]).expect_success();
    assert!(again.contains("shards: 16"), "{again}");
    let mut command = cluster.command(&["shards", "raise", "20"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it runs");
    assert!(output.as_ref().is_ok_and(|output| output.status.success()), "{output:?}");
    for _ in 0..AFTER {
        all.push(begins(&cluster, &mut crowd, all.len()).await);
    }
    assert_eq!(cluster.run(&["shards", "show"]).expect_success().lines().count(), 3);
    assert_eq!(places(&cluster, &all[..BEFORE]).await, before);
    wait::until("everybody has an agent", REST, || async {
        let held: usize = crowd.members()[..AGENTS].iter().map(|agent| agent.seen().chats.len()).sum();
        held == all.len()
    })
    .await;

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
    wait::until("every shard is in the database", REST, || async {
        cluster.bus().unprojected().await.is_ok_and(|count| count == 0)
    })
    .await;
    println!("{written} messages in {} conversations, {} deliveries", all.len(), crowd.recorder.deliveries());
    crowd.goes().await;
}
