//! The client that outlives connections, against a scripted hub: gaps, resuming, resending, giving up.

mod fake_hub;

use std::time::Duration;

use confab_client::{Backoff, ChatClient, ChatEvent, ChatOptions, Credentials, LinkState, Position};
use confab_protocol::{ClientFrame, ErrorCode, ServerFrame};
use fake_hub::{FakeHub, channel};
use tokio::sync::mpsc::Receiver;

fn start(hub: &FakeHub) -> (ChatClient, Receiver<ChatEvent>) {
    let credentials = Credentials { token: "t".into(), refresh_token: None };
    let mut options = ChatOptions::new(hub.url(), credentials);
    options.backoff = Backoff::new(Duration::from_millis(5), Duration::from_millis(20));
    ChatClient::start(options).expect("a URL")
}

/// The next event that the choice takes.
async fn wait_for<T>(events: &mut Receiver<ChatEvent>, choose: impl Fn(ChatEvent) -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(chosen) = choose(events.recv().await.expect("the client goes on")) {
                return chosen;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the event comes")
}

async fn entry(events: &mut Receiver<ChatEvent>) -> u64 {
    wait_for(events, |event| match event {
        ChatEvent::Entry(delivery) => Some(delivery.seq),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_gap_is_filled_before_anything_after_it_is_shown() {
    let hub = FakeHub::start().await;
    let (client, mut events) = start(&hub);
    client.join(channel(), Some(Position { seq: 0, epoch: String::new() })).await.unwrap();
    let mut link = hub.welcome().await;
    assert_eq!(link.join(0).await, (Some(0), None));
    link.entry(3, 0).await;
    link.entry(9, 7).await;
    assert_eq!(link.join(9).await, (Some(3), Some("e1".into())));
    link.entry(7, 3).await;
    link.entry(9, 7).await;
    for expected in [3, 7, 9] {
        assert_eq!(entry(&mut events).await, expected);
    }
}

#[tokio::test]
async fn after_a_cut_it_resumes_and_sends_again_what_was_not_confirmed() {
    let hub = FakeHub::start().await;
    let (client, mut events) = start(&hub);
    client.join(channel(), None).await.unwrap();
    let id = client.send(channel(), "hello").await.unwrap();
    let mut link = hub.welcome().await;
    assert_eq!(link.join(41).await, (None, None));
    let first = link.next().await;
    assert!(
        matches!(&first, ClientFrame::Send { client_id, known: None, .. } if *client_id == id),
        "{first:?}"
    );
    drop(link);

    let mut link = hub.welcome().await;
    assert_eq!(link.join(45).await, (Some(41), Some("e1".into())));
    let again = link.next().await;
    assert!(
        matches!(&again, ClientFrame::Send { client_id, known: Some(41), .. } if *client_id == id),
        "{again:?}"
    );
    link.entry(45, 41).await;
    link.say(ServerFrame::Ack { channel: channel(), client_id: id.clone(), seq: 45, duplicate: true }).await;
    let resumed = wait_for(&mut events, |event| match event {
        ChatEvent::Joined { resumed: true, behind, .. } => Some(behind),
        _ => None,
    });
    assert!(resumed.await);
    assert_eq!(entry(&mut events).await, 45);
    let acked = wait_for(&mut events, |event| match event {
        ChatEvent::Acked { client_id, seq, duplicate, .. } => Some((client_id, seq, duplicate)),
        _ => None,
    });
    assert_eq!(acked.await, (id, 45, true));
    assert_eq!(client.pending().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_hub_that_owes_an_answer_is_left_when_it_says_nothing_at_all_and_only_then() {
    let hub = FakeHub::start().await;
    let (client, _events) = start(&hub);
    client.join(channel(), None).await.unwrap();
    client.send(channel(), "hello").await.unwrap();
    let mut link = hub.welcome().await;
    link.join(0).await;
    assert!(matches!(link.next().await, ClientFrame::Send { .. }));
    // Slow to store it, but there: the client stays.
    let answering = async {
        loop {
            let frame = link.next().await;
            let ClientFrame::Ping { n } = frame else { panic!("{frame:?} is no heartbeat") };
            link.say(ServerFrame::Pong { n }).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(8), answering).await.is_err());
    let silent = tokio::time::timeout(Duration::from_secs(12), hub.welcome()).await;
    silent.expect("the client looks for another hub");
}

#[tokio::test]
async fn what_is_refused_for_now_goes_again_and_for_good_is_told() {
    let hub = FakeHub::start().await;
    let (client, mut events) = start(&hub);
    client.join(channel(), None).await.unwrap();
    let id = client.send(channel(), "hello").await.unwrap();
    let mut link = hub.welcome().await;
    link.join(0).await;
    let nack = |code, retry_after_ms| ServerFrame::Nack {
        channel: channel(),
        client_id: id.clone(),
        code,
        message: "no".into(),
        retry_after_ms,
    };
    assert!(matches!(link.next().await, ClientFrame::Send { .. }));
    link.say(nack(ErrorCode::RateLimited, Some(10))).await;
    assert!(matches!(link.next().await, ClientFrame::Send { known: Some(0), .. }));
    link.say(nack(ErrorCode::ConversationClosed, None)).await;
    let refused = wait_for(&mut events, |event| match event {
        ChatEvent::Refused { client_id, code, .. } => Some((client_id, code)),
        _ => None,
    });
    assert_eq!(refused.await, (id.clone(), ErrorCode::ConversationClosed));
}

#[tokio::test]
async fn a_token_that_is_not_taken_ends_the_client() {
    let hub = FakeHub::start().await;
    let (_client, mut events) = start(&hub);
    let mut link = hub.accept().await;
    link.next().await;
    link.say(ServerFrame::Error {
        reference: 0,
        code: ErrorCode::Unauthenticated,
        message: "log in again".into(),
        channel: None,
    })
    .await;
    drop(link);
    let reason = wait_for(&mut events, |event| match event {
        ChatEvent::Link(LinkState::Stopped { reason }) => Some(reason),
        _ => None,
    });
    assert!(reason.await.contains("log in again"));
    assert_eq!(events.recv().await, None);
}

#[tokio::test]
async fn stopping_works_while_nobody_takes_events() {
    let hub = FakeHub::start().await;
    let credentials = Credentials { token: "t".into(), refresh_token: None };
    let options = ChatOptions { events: 1, ..ChatOptions::new(hub.url(), credentials) };
    let (client, _events) = ChatClient::start(options).unwrap();
    let _link = hub.welcome().await;
    tokio::time::timeout(Duration::from_secs(5), client.stop()).await.expect("it stops");
}
