//! The streams that others follow: every step and every message, in order, once.

use std::time::Duration;

use confab_bus::{EventReader, EventStream};
use confab_domain::TenantSettings;
use confab_testhub::hub::Hub;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::Caller;

async fn read(reader: &mut EventReader, count: usize) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    while events.len() < count {
        let event = timeout(Duration::from_secs(20), reader.next()).await.expect("another event");
        event.ackable.ack().await.expect("acknowledged");
        events.push((event.subject, serde_json::from_slice(&event.payload).expect("JSON")));
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_and_every_message_is_told_once_and_in_order_and_notes_are_not() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, mohan) = Caller::begin(&hub, "Line 0").await;
    ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let messages = format!("/api/conversations/{id}/messages");
    for number in 1..20 {
        let who = if number % 2 == 0 { &ann } else { &mohan };
        let said = json!({ "client_id": format!("m-{number}"), "text": format!("Line {number}") });
        who.post(&messages, said).await.with(201);
    }
    ann.post(&messages, json!({ "client_id": "n", "text": "a secret", "note": true })).await.with(201);
    ann.post(&format!("/api/conversations/{id}/close"), json!({})).await.with(200);

    let mut lifecycle = hub.bus.read_events(EventStream::Lifecycle, "test").await.expect("a reader");
    let steps = read(&mut lifecycle, 4).await;
    let kinds: Vec<&str> = steps.iter().map(|(_, event)| event["type"].as_str().expect("a type")).collect();
    assert_eq!(
        kinds,
        ["CONVERSATION_STARTED", "CONVERSATION_QUEUED", "CONVERSATION_ACCEPTED", "CONVERSATION_CLOSED"]
    );
    assert_eq!(steps[3].0, "chat.lifecycle.acme.CONVERSATION_CLOSED");
    assert_eq!(steps[2].1["data"]["agent"]["name"], "Ann");

    let mut stream = hub.bus.read_events(EventStream::Messages, "test").await.expect("a reader");
    let told = read(&mut stream, 20).await;
    let texts: Vec<&str> =
        told.iter().map(|(_, event)| event["data"]["message"]["text"].as_str().expect("a text")).collect();
    let expected: Vec<String> = (0..20).map(|number| format!("Line {number}")).collect();
    assert_eq!(texts, expected);
    assert_eq!(told[0].0, format!("chat.messages.acme.{id}"));
    // Nothing comes twice, and nothing else comes.
    assert!(timeout(Duration::from_millis(500), stream.next()).await.is_err());
    assert!(timeout(Duration::from_millis(100), lifecycle.next()).await.is_err());
}
