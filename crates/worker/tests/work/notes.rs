//! What timers and notes bring about: mentions, waking, and the warnings of the service levels.

use confab_domain::{CommandKind, Policy, TenantSettings, TransferTarget};
use confab_protocol::api::{ConversationStatus, Priority, ServiceLevels, ServiceState, ServiceTargets};
use confab_protocol::{Body, Channel, Role};

use crate::desk::{Desk, person, until, user};

fn by_hand() -> TenantSettings {
    TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }
}

async fn feed(desk: &Desk, id: &str) -> Vec<Body> {
    let entries = desk.entries(&Channel::UserFeed(desk.tenant.clone(), user(id))).await;
    entries.into_iter().map(|entry| entry.body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_note_names_is_told_once() {
    let desk = Desk::open(by_hand()).await;
    for agent in ["ann", "ben"] {
        desk.absent_agent(agent, 3, &[]).await;
    }
    let id = desk.start("mohan").await;
    let note = Some("@ben, @nobody and @ann: please call him".to_owned());
    let to = TransferTarget::Team("billing".into());
    let transfer = CommandKind::Transfer { conversation: id.clone(), to, note };
    desk.done(person("ann", Role::Supervisor), transfer).await;
    let told = until("the mention", || async {
        let told = feed(&desk, "ben").await;
        (!told.is_empty()).then_some(told)
    })
    .await;
    match &told[..] {
        [Body::Mentioned { conversation_id, by, text }] => {
            assert_eq!((conversation_id, by.id.as_ref()), (&id, Some(&user("ann"))));
            assert!(text.contains("please call him"));
        }
        other => panic!("{other:?}"),
    }
    assert!(feed(&desk, "ann").await.is_empty(), "nobody is told what they wrote themselves");
    let room = desk.room(&id).await;
    assert!(!room.iter().any(|entry| matches!(entry.body, Body::Note { .. })), "{room:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_aside_comes_back_by_its_timer() {
    let desk = Desk::open(by_hand()).await;
    desk.agent("ann", 1).await;
    let id = desk.start("mohan").await;
    desk.accept(&id, "ann").await;
    let until_then = confab_domain::Clock::system().now() + 700;
    let snooze = CommandKind::Snooze { conversation: id.clone(), until: until_then };
    desk.done(person("ann", Role::Agent), snooze).await;
    let aside = desk.conversation(&id).await;
    assert_eq!((aside.status, aside.snoozed_until), (ConversationStatus::Waiting, Some(until_then)));
    assert_eq!(desk.db.waiting_count().await.expect("a number"), 0, "it does not wait in the queue");
    assert_eq!(desk.agent_record("ann").await.active, 0);
    let back = desk.assigned(&id, "ann").await;
    assert_eq!(back.snoozed_until, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_time_is_seen_where_a_missing_one_is_warned_of() {
    let targets = vec![ServiceTargets {
        priority: Priority::Medium,
        first_response_minutes: Some(1),
        resolution_minutes: None,
    }];
    // One hundredth of a minute until the warning.
    let service_levels = ServiceLevels { targets, warn_percent: 1, ..ServiceLevels::default() };
    let desk = Desk::open(TenantSettings { service_levels, ..by_hand() }).await;
    let id = desk.start("mohan").await;
    let ticket = desk.conversation(&id).await.ticket_id;
    let notice = until("the warning", || async {
        let entries = desk.entries(&Channel::DeskFeed(desk.tenant.clone())).await;
        entries.into_iter().find_map(|entry| match entry.body {
            Body::ServiceLevel { notice } => Some(notice),
            _ => None,
        })
    })
    .await;
    assert_eq!((&notice.ticket_id, notice.state), (&ticket, ServiceState::Warning));
    let kept = desk.db.ticket(&ticket).await.expect("an answer").expect("a ticket");
    assert_eq!(kept.first_response_due_at, Some(kept.created_at + 60_000));
    // What the projector counts of who wrote when is what the goals are judged by.
    desk.say("ann", Role::Agent, &id, "a-1").await;
    desk.say("mohan", Role::Customer, &id, "m-1").await;
    let turns = until("the answer", || async {
        let turns = desk.db.turns(&id).await.ok()?;
        (turns.awaited.len() == 1).then_some(turns)
    })
    .await;
    assert!(turns.first_reply_at.is_some() && turns.awaiting_since.is_none(), "{turns:?}");
}
