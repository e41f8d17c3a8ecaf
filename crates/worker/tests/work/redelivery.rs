//! Commands that come again: what was done is not done twice, what was left out is made up for.

use bytes::Bytes;
use confab_domain::assign::{self, Assignment};
use confab_domain::decide::{self, assign_command_id};
use confab_domain::{CommandKind, Outcome, Policy, State, TenantSettings};
use confab_protocol::api::{ConversationStatus, Priority};
use confab_protocol::{CommandId, ErrorCode, Role};
use confab_store::Commit;

use crate::desk::{Desk, person, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_but_never_told_is_told_and_not_decided_again() {
    let mut desk = Desk::closed(TenantSettings::default()).await;
    let command = desk.start_command("mohan", Priority::Medium, None);
    let id = command.kind.conversation().expect("it starts one").clone();
    // A worker that dies after its commit leaves this behind.
    let decision = decide::decide(&command, &State::default(), command.at);
    let commit = Commit { command_id: &command.id, name: "start", at: command.at, decision: &decision };
    desk.db.commit(commit).await.expect("it is the first");
    assert!(desk.room(&id).await.is_empty());

    desk.hire();
    assert_eq!(desk.outcome(&command).await, decision.outcome);
    let version = desk.conversation(&id).await.version;
    let room = desk.room(&id).await;
    assert_eq!(room.len(), 3, "{room:?}");
    assert!(room.iter().all(|entry| entry.at == command.at));
    let recorded = desk.db.recorded(&command.id).await.expect("an answer").expect("it is known");
    assert!(recorded.published || marked(&desk, &command.id).await);
    assert_eq!(version, 1);
}

async fn marked(desk: &Desk, id: &CommandId) -> bool {
    until("a command marked as published", || async {
        desk.db.recorded(id).await.ok()??.published.then_some(())
    })
    .await;
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_that_was_broken_off_is_made_up_for() {
    let mut desk = Desk::closed(TenantSettings::default()).await;
    desk.hire();
    desk.set_policy(Policy::Manual).await;
    desk.agent("asha", 1).await;
    let id = desk.start("mohan").await;
    desk.drain().await;
    desk.set_policy(Policy::LeastBusy).await;

    // A worker that dies while it draws leaves this behind.
    let settings = desk.db.settings().await.expect("settings");
    let (conversation, agent) = (desk.conversation(&id).await, desk.agent_record("asha").await);
    let drawn =
        assign::draw(settings.policy, std::slice::from_ref(&conversation), &[agent], conversation.started_at);
    let [drawn]: [Assignment; 1] = drawn.try_into().expect("one fits");
    let ticket = desk.db.ticket(&conversation.ticket_id).await.expect("an answer");
    let decision = decide::assign(&desk.tenant, &settings, &drawn, ticket.as_ref(), conversation.started_at);
    let command_id = assign_command_id(&conversation);
    let commit =
        Commit { command_id: &command_id, name: "assign", at: conversation.started_at, decision: &decision };
    desk.db.commit(commit).await.expect("it is the first");
    // And the command it drew for comes again.
    desk.take_and_drop(CommandKind::Draw).await;

    desk.hire();
    desk.told_once(&id, ["asha", "mohan"]).await;
    assert_eq!(desk.conversation(&id).await.version, conversation.version + 1);
    assert_eq!(desk.agent_record("asha").await.active, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_gets_the_same_answer() {
    let desk = Desk::open(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }).await;
    desk.agent("asha", 1).await;
    let (first, second) = (desk.start("mohan").await, desk.start("bela").await);
    assert!(matches!(desk.accept(&first, "asha").await, Outcome::Done { .. }));
    let kind = CommandKind::Accept { conversation: second.clone(), agent: crate::desk::user("asha") };
    let command = desk.command(person("asha", Role::Agent), kind);
    let refused = desk.outcome(&command).await;
    let Outcome::Refused(refusal) = &refused else { panic!("{refused:?}") };
    assert_eq!(refusal.code, ErrorCode::CapacityExceeded);
    // With a slot free it would be carried out now, but whoever gave it was told otherwise.
    desk.close(&first, "asha").await;
    assert_eq!(desk.outcome_of_copy(&command).await, refused);
    assert_eq!(desk.conversation(&second).await.status, ConversationStatus::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_buried_and_the_rest_goes_on() {
    let desk = Desk::open(TenantSettings::default()).await;
    let id = CommandId::parse("nonsense").expect("an id");
    let payload = Bytes::from_static(b"\xc1 no command");
    desk.bus.work().submit(&desk.tenant, "close", &id, payload, None).await.expect("the queue takes it");
    desk.start("mohan").await;
    let letters = until("a dead letter", || async {
        let letters = desk.bus.dead_letters().list(10).await.ok()?;
        (!letters.is_empty()).then_some(letters)
    })
    .await;
    assert_eq!((letters.len(), letters[0].command_id.as_str()), (1, "nonsense"));
}
