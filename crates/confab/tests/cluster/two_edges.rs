//! Two edges, two workers, one NATS, one database: the customer is on one edge, the agent on the other.

use confab_client::ChatEvent;
use confab_protocol::api::ConversationStatus;
use confab_protocol::{Body, Ephemeral, ErrorCode, ServerFrame, SystemEvent};
use confab_testhub::cluster::Cluster;
use confab_testhub::person::{Chat, Device, Person, start_request};
use confab_testhub::sse::EventSource;

async fn cluster() -> Cluster {
    Cluster::builder().edges(2).workers(2).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_and_agent_talk_across_edges_each_in_their_own_codec() {
    let cluster = cluster().await;
    let tenant = cluster.tenant();
    let ann = tenant.agent("Ann", 3).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(1)).with_json()).await;
    let (mut mohan, chat) =
        Person::customer("Mohan", "My payment is stuck", &tenant.id, Device::at(cluster.url(0))).await;

    let given = ann.is_given(&chat).await;
    assert_eq!((given.status, given.customer.name.as_str()), (ConversationStatus::Active, "Mohan"));
    mohan.is_given(&chat).await;
    ann.joins(&chat.channel()).await;
    ann.joins(&chat.notes()).await;
    ann.hears("My payment is stuck").await;

    let seq = ann.says_for_certain(&chat.channel(), "Let me look").await;
    assert_eq!(mohan.hears("Let me look").await, seq);
    let answer = mohan.says_for_certain(&chat.channel(), "Thank you").await;
    assert_eq!(ann.hears("Thank you").await, answer);

    ann.client().typing(chat.channel(), true).await.expect("the client runs");
    mohan
        .notices("typing", |event| match event {
            Ephemeral::TypingStart { member, .. } => (member.name == "Ann").then_some(()),
            _ => None,
        })
        .await;
    mohan.client().read(chat.channel(), seq).await.expect("the client runs");
    ann.notices("the customer's receipt", |event| match event {
        Ephemeral::Receipt(mark) => (mark.read >= seq && mark.user_id == *mohan.id()).then_some(()),
        _ => None,
    })
    .await;
    ann.client().view(chat.channel(), true).await.expect("the client runs");
    mohan
        .notices("the agent looking", |event| match event {
            Ephemeral::UserOnline { member, viewing, .. } => (member.name == "Ann" && *viewing).then_some(()),
            _ => None,
        })
        .await;

    ann.says_for_certain(&chat.notes(), "has called before").await;
    ann.hears("has called before").await;
    let notes = chat.notes();
    mohan.client().join(notes.clone(), None).await.expect("the client runs");
    let code = mohan
        .sees("the refusal", |event| match event {
            ChatEvent::Trouble { channel: Some(channel), code, .. } if *channel == notes => Some(*code),
            _ => None,
        })
        .await;
    assert_eq!(code, Some(ErrorCode::Forbidden));

    let closed = ann.closes(&chat).await;
    assert_eq!(closed.status, ConversationStatus::Closed);
    for person in [&mut mohan, &mut ann] {
        person.sees_step(SystemEvent::ConversationClosed).await;
        person
            .sees_entry("the end", |body| match body {
                Body::ChatEnded { by, .. } => {
                    let _: () = assert_eq!(by.name, "Ann");
                    Some(())
                }
                _ => None,
            })
            .await;
    }
    assert_eq!(mohan.texts_in(&chat.channel()), ["My payment is stuck", "Let me look", "Thank you"]);
    assert_eq!(ann.texts_in(&chat.channel()), mohan.texts_in(&chat.channel()));
    assert!(mohan.entries().iter().all(|delivery| delivery.channel != notes), "a note reached the customer");
    let refused = mohan.http().send_text(&chat.id, &confab_client::new_client_id(), "One more thing").await;
    assert_eq!(refused.expect_err("the conversation has ended").code(), Some(ErrorCode::ConversationClosed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_websocket_sees_the_same_and_resumes_at_the_other_edge() {
    let cluster = cluster().await;
    let tenant = cluster.tenant();
    let ann = tenant.agent("Ann", 3).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(1))).await;
    let started = cluster.http(0).start(&start_request("Mohan", "My payment is stuck", &tenant.id)).await;
    let started = started.expect("the conversation begins");
    let chat = Chat::of(&started);
    let http = cluster.http(0).with_token(&started.token);
    let mut events =
        EventSource::open(&http, &format!("join={}~~0&join={}~~0", started.channel, started.feed), None)
            .await;
    ann.is_given(&chat).await;
    ann.joins(&chat.channel()).await;
    events.find(|frame| entry(frame, |body| matches!(body, Body::NewChat { .. }).then_some(()))).await;

    ann.says(&chat.channel(), "Let me look").await;
    let (seq, _) = events.find(text("Let me look")).await;
    let sent =
        http.send_text(&chat.id, &confab_client::new_client_id(), "Thank you").await.expect("it is stored");
    assert!(sent.seq > seq && !sent.duplicate);
    assert_eq!(ann.hears("Thank you").await, sent.seq);
    http.typing(&chat.id, true).await.expect("the hub takes it");
    ann.notices("typing", |event| matches!(event, Ephemeral::TypingStart { .. }).then_some(())).await;
    events.find(text("Thank you")).await;

    let last = events.last_id().expect("every entry has an id").to_owned();
    drop(events);
    ann.says_for_certain(&chat.channel(), "It is on its way").await;
    let elsewhere = http.at(cluster.url(1)).expect("an edge's URL");
    let query = format!("join={}&join={}", started.channel, started.feed);
    let mut events = EventSource::open(&elsewhere, &query, Some(&last)).await;
    let (_, prev) = events.find(text("It is on its way")).await;
    assert_eq!(prev, sent.seq, "nothing lies between what was seen and what comes");
}

/// Picks an entry's sequence and the one before it by its text; nothing may come that was seen before.
fn text(wanted: &'static str) -> impl FnMut(ServerFrame) -> Option<(u64, u64)> {
    move |frame| match frame {
        ServerFrame::Entry(delivery) if delivery.entry.body.text() == Some(wanted) => {
            Some((delivery.seq, delivery.prev))
        }
        _ => None,
    }
}

fn entry<T>(frame: ServerFrame, pick: impl FnOnce(&Body) -> Option<T>) -> Option<T> {
    match frame {
        ServerFrame::Entry(delivery) => pick(&delivery.entry.body),
        _ => None,
    }
}
