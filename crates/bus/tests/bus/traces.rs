//! What the streams say of a conversation is taken out of them, and what they say of others stays.

use bytes::Bytes;
use confab_bus::{Bus, ErrandKind, Traces, TracesMark};
use confab_protocol::{Channel, ConversationId, TenantId};

use crate::support::{channel, publish, started, tenant};

const BEGAN: u64 = 1_700_000_000_000;
/// When nothing has happened yet.
const LATER: u64 = 4_000_000_000_000;

fn traces(conversation: &str) -> Traces {
    let conversations = vec![ConversationId::parse(conversation).expect("an id")];
    Traces { conversations, tickets: Vec::new(), since: BEGAN }
}

/// All steps of a search; how many entries it removed.
async fn remove(bus: &Bus, tenant: &TenantId, traces: &Traces) -> u64 {
    let (mut removed, mut mark) = (0, TracesMark::default());
    loop {
        let step = bus.remove_traces(tenant, traces, mark).await.expect("a step");
        removed += step.removed;
        match step.next {
            Some(next) => mark = next,
            None => return removed,
        }
    }
}

/// Something about a conversation in each of the streams.
async fn tell(bus: &Bus, tenant: &TenantId, conversation: &str) {
    let text = || Bytes::from(format!("about {conversation} and its customer"));
    let desk = Channel::DeskFeed(tenant.clone());
    let ann = Channel::UserFeed(tenant.clone(), "ann".parse().expect("an id"));
    for feed in [desk, ann] {
        let entry = confab_bus::LogEntry {
            channel: &feed,
            tenant,
            message_id: &format!("{tenant}-{feed}-{conversation}"),
            payload: text(),
            customer: None,
        };
        bus.log().publish(entry).await.expect("sent").await.expect("stored");
    }
    let id: ConversationId = conversation.parse().expect("an id");
    let event = format!("{tenant}-{conversation}");
    bus.publish_lifecycle(tenant, "STARTED", &event, text()).await.expect("sent").await.expect("stored");
    bus.publish_message(tenant, &id, &event, text()).await.expect("sent").await.expect("stored");
    bus.timers().schedule(tenant, &format!("idle-{conversation}"), LATER, Bytes::new()).await.expect("set");
    bus.timers()
        .schedule(tenant, &format!("x-{}", conversation.trim_start_matches("c-")), LATER, text())
        .await
        .expect("set");
    bus.errands().give(ErrandKind::Mail, tenant, &event, text()).await.expect("given");
}

async fn stored(bus: &Bus) -> u64 {
    bus.stream_figures().await.expect("figures").iter().map(|stream| stream.messages).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_names_the_conversation_is_taken_out() {
    let (_server, bus) = started().await;
    let other: TenantId = "globex".parse().expect("an id");
    for (tenant, conversation) in [(tenant(), "c-100"), (tenant(), "c-200"), (other.clone(), "c-100")] {
        tell(&bus, &tenant, conversation).await;
    }
    assert_eq!(stored(&bus).await, 21);
    assert_eq!(remove(&bus, &tenant(), &traces("c-100")).await, 7);
    assert_eq!(stored(&bus).await, 14);
    assert_eq!(remove(&bus, &tenant(), &traces("c-100")).await, 0, "nothing is left of it");
    let nobody = Traces { conversations: Vec::new(), tickets: Vec::new(), since: BEGAN };
    assert_eq!(remove(&bus, &tenant(), &nobody).await, 0, "no names, no traces");
    assert_eq!(remove(&bus, &other, &traces("c-100")).await, 7);
    assert_eq!(remove(&bus, &tenant(), &traces("c-200")).await, 7);
    assert_eq!(stored(&bus).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_stream_is_searched_in_steps_and_only_from_its_beginning_on() {
    let (_server, bus) = started().await;
    let acme = tenant();
    for number in 0..5000 {
        let name = if number % 1000 == 7 { "c-100" } else { "c-200" };
        let id = format!("e-{number}");
        let payload = Bytes::from(format!("about {name}"));
        let sent = bus.publish_lifecycle(&acme, "STARTED", &id, payload).await.expect("sent");
        if number % 500 == 499 {
            sent.await.expect("stored");
        }
    }
    let first = bus.remove_traces(&acme, &traces("c-100"), TracesMark::default()).await.expect("a step");
    assert!(first.next.is_some() && first.removed > 0, "{first:?}");
    tell(&bus, &acme, "c-300").await;
    assert_eq!(remove(&bus, &acme, &traces("c-100")).await + first.removed, 5);
    let later = Traces { since: LATER, ..traces("c-200") };
    assert_eq!(remove(&bus, &acme, &later).await, 0, "nothing older is looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_entries_of_a_channel_is_waited_for_before_it_is_purged() {
    let (_server, bus) = started().await;
    let conversation = channel("conv.c-100");
    publish(&bus.log(), &conversation, "hello").await;
    let mut reader = bus.projection(conversation.shard(4).expect("a shard")).await.expect("a projector");
    let held = reader.batch(10, std::time::Duration::from_millis(10)).await;
    bus.settle(&conversation).await.expect_err("the reader is not done");
    reader.ack_all(&held).await.expect("acknowledged");
    bus.settle(&conversation).await.expect("it is");
    publish(&bus.log(), &conversation, "more").await;
    reader.close().await;
    bus.settle(&conversation).await.expect("nobody reads any more");
}
