//! Who gets which conversation, and who is told.

use confab_domain::{CommandKind, TenantSettings, TransferTarget};
use confab_protocol::api::{Availability, ConversationStatus, Priority};
use confab_protocol::{Body, ErrorCode, Role, SystemEvent};

use crate::desk::{Desk, person, until, user};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_to_the_agent_who_is_there_and_both_are_told() {
    let desk = Desk::open(TenantSettings::default()).await;
    desk.agent("asha", 2).await;
    let id = desk.start("mohan").await;
    let conversation = desk.assigned(&id, "asha").await;
    assert_eq!(conversation.status, ConversationStatus::Active);
    desk.told_once(&id, ["asha", "mohan"]).await;
    let room = desk.room(&id).await;
    let kinds: Vec<&str> = room.iter().map(|entry| entry.body.kind()).collect();
    assert_eq!(kinds, ["SYSTEM", "TEXT", "SYSTEM", "SYSTEM"]);
    assert_eq!(room[1].body, Body::Text { text: "My payment is stuck".into() });
    assert_eq!((room[1].id.as_str(), &room[1].author.id), ("first", &Some(user("mohan"))));
    let accepted = matches!(room[3].body, Body::System { event: SystemEvent::ConversationAccepted, .. });
    assert!(accepted, "{:?}", room[3]);
    assert_eq!(desk.agent_record("asha").await.active, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_conversation_frees_its_slot_for_the_one_that_waits_longest() {
    let desk = Desk::open(TenantSettings::default()).await;
    desk.agent("asha", 1).await;
    let served = desk.start("mohan").await;
    desk.assigned(&served, "asha").await;
    let second = desk.start("bela").await;
    let third = desk.start("carl").await;
    let urgent = desk.start_with("dora", Priority::Urgent, None).await;
    for waiting in [&second, &third, &urgent] {
        assert_eq!(desk.conversation(waiting).await.status, ConversationStatus::Waiting);
    }
    let mut last = served;
    for next in [urgent, second, third] {
        desk.close(&last, "asha").await;
        desk.assigned(&next, "asha").await;
        assert_eq!(desk.agent_record("asha").await.active, 1);
        last = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_comes_online_gets_what_waits_up_to_their_capacity() {
    let desk = Desk::open(TenantSettings::default()).await;
    let mut waiting = Vec::new();
    for customer in ["bela", "carl", "dora"] {
        waiting.push(desk.start(customer).await);
    }
    desk.agent("asha", 2).await;
    desk.assigned(&waiting[0], "asha").await;
    desk.assigned(&waiting[1], "asha").await;
    assert_eq!(desk.conversation(&waiting[2]).await.status, ConversationStatus::Waiting);
    desk.agent("ben", 1).await;
    desk.assigned(&waiting[2], "ben").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_fits_is_found_far_down_the_queue_and_gets_all_they_can_have() {
    let desk = Desk::open(TenantSettings::default()).await;
    for number in 0..40 {
        desk.start_with(&format!("bill-{number}"), Priority::Medium, Some("billing")).await;
    }
    let mut fitting = Vec::new();
    for number in 0..40 {
        fitting.push(desk.start(&format!("any-{number}")).await);
    }
    desk.agent("asha", 39).await;
    for id in &fitting[..39] {
        desk.assigned(id, "asha").await;
    }
    assert_eq!(desk.conversation(&fitting[39]).await.status, ConversationStatus::Waiting);
    assert_eq!(desk.agent_record("asha").await.active, 39);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_put_back_goes_to_somebody_else() {
    let desk = Desk::open(TenantSettings::default()).await;
    desk.agent("asha", 1).await;
    let id = desk.start("mohan").await;
    desk.assigned(&id, "asha").await;
    desk.done(person("asha", Role::Agent), CommandKind::Requeue { conversation: id.clone() }).await;
    desk.set("asha", Availability::Online).await;
    let conversation = desk.conversation(&id).await;
    assert_eq!(conversation.status, ConversationStatus::Waiting, "it went back to the one it was taken from");
    assert_eq!(desk.agent_record("asha").await.active, 0);
    desk.agent("ben", 1).await;
    desk.assigned(&id, "ben").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_goes_to_the_named_agent_or_to_the_team() {
    let desk = Desk::open(TenantSettings::default()).await;
    desk.agent("asha", 1).await;
    let id = desk.start("mohan").await;
    desk.assigned(&id, "asha").await;
    desk.agent("ben", 1).await;
    desk.agent_in("cleo", 1, &["billing"]).await;

    let transfer = |to, note: Option<&str>| CommandKind::Transfer {
        conversation: id.clone(),
        to,
        note: note.map(str::to_owned),
    };
    let to_ben = transfer(TransferTarget::Agent(user("ben")), Some("VIP"));
    let stolen = desk.refused(person("ben", Role::Agent), to_ben.clone()).await;
    assert_eq!(stolen.code, ErrorCode::Forbidden);
    desk.done(person("asha", Role::Agent), to_ben).await;
    desk.assigned(&id, "ben").await;
    assert_eq!(desk.agent_record("asha").await.active, 0);
    assert_eq!(desk.agent_record("ben").await.active, 1);
    let notes = desk.entries(&desk.conversation(&id).await.notes()).await;
    assert_eq!(notes[0].body, Body::Note { text: "VIP".into() });

    let to_billing = transfer(TransferTarget::Team("billing".into()), None);
    desk.done(person("ben", Role::Agent), to_billing).await;
    let conversation = desk.assigned(&id, "cleo").await;
    assert_eq!(conversation.team.as_deref(), Some("billing"));
    until("ben without a conversation", || async {
        (desk.agent_record("ben").await.active == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_tell_whether_a_conversation_exists() {
    let desk = Desk::open(TenantSettings::default()).await;
    let id = desk.start("mohan").await;
    let close = CommandKind::Close { conversation: id.clone() };
    let refusal = desk.refused(person("eve", Role::Customer), close.clone()).await;
    assert_eq!(refusal.code, ErrorCode::NotFound);
    desk.done(person("mohan", Role::Customer), close).await;
    desk.at_status(&id, ConversationStatus::Closed).await;
}
