//! Commands are committed once, on the versions they were decided on, and leave a record of what follows from them.

use confab_domain::queue::Throughput;
use confab_domain::{CommandKind, Decision, Outcome, Refusal, TimerOp};
use confab_protocol::ErrorCode;
use confab_protocol::api::{ConversationStatus, Priority};
use confab_store::{Commit, Committed, StoreError};

use crate::support::{
    accept, acme, agent_online, carry_out, command, command_id, commit, conversation_id, decided, start,
    started, user_id,
};

#[tokio::test]
async fn a_command_is_carried_out_once() {
    let store = acme().await;
    let start = start("c1", Priority::High, 1000);
    let decision = decided(&store, &start).await.unwrap();
    assert_eq!(commit(&store, &start, &decision).await, Ok(Committed::Now));
    let Committed::Already(recorded) = commit(&store, &start, &decision).await.unwrap() else {
        panic!("the second one changed something");
    };
    assert_eq!(recorded.command_id, start.id);
    assert_eq!(recorded.name, "start");
    assert_eq!(recorded.at, 1000);
    assert_eq!(recorded.outcome, decision.outcome);
    assert_eq!(recorded.events, decision.events);
    assert_eq!(recorded.timers, decision.timers);
    assert_eq!(recorded.draws, decision.draws);
    assert!(!recorded.published);
    assert!(recorded.timers.iter().any(|timer| matches!(timer, TimerOp::Set { .. })));
    let conversation = store.conversation(&conversation_id("c1")).await.unwrap().unwrap();
    assert_eq!((conversation.version, conversation.status), (1, ConversationStatus::Waiting));
    let ticket = store.ticket(&conversation.ticket_id).await.unwrap().unwrap();
    assert_eq!((ticket.version, ticket.subject.as_str()), (1, "It does not work"));
    assert_eq!(store.recorded(&command_id("unheard-of")).await, Ok(None));
}

#[tokio::test]
async fn a_decision_on_an_outdated_version_changes_nothing() {
    let store = acme().await;
    started(&store, "c1", Priority::Medium, 1000).await;
    agent_online(&store, "ada", 2).await;
    agent_online(&store, "bob", 2).await;
    let (first, second) = (accept("c1", "ada", 2000), accept("c1", "bob", 2000));
    let for_ada = decided(&store, &first).await.unwrap();
    let for_bob = decided(&store, &second).await.unwrap();
    assert_eq!(commit(&store, &first, &for_ada).await, Ok(Committed::Now));
    assert_eq!(commit(&store, &second, &for_bob).await, Err(StoreError::Conflict));
    assert_eq!(store.recorded(&second.id).await, Ok(None));
    assert_eq!(store.agent(&user_id("bob")).await.unwrap().unwrap().active, 0);
    assert_eq!(store.agent(&user_id("ada")).await.unwrap().unwrap().active, 1);
    let again = decided(&store, &second).await.unwrap();
    assert_eq!(commit(&store, &second, &again).await, Ok(Committed::Now));
    let recorded = store.recorded(&second.id).await.unwrap().unwrap();
    let Outcome::Refused(Refusal { code, winner, .. }) = recorded.outcome else { panic!("bob got it too") };
    assert_eq!(code, ErrorCode::AlreadyAssigned);
    assert_eq!(winner.unwrap().id, user_id("ada"));
}

#[tokio::test]
async fn a_record_that_exists_is_not_created_again() {
    let store = acme().await;
    let original = start("c1", Priority::Medium, 1000);
    let decision = decided(&store, &original).await.unwrap();
    assert_eq!(commit(&store, &original, &decision).await, Ok(Committed::Now));
    let mut other = original.clone();
    other.id = command_id("start-by-somebody-else");
    assert_eq!(commit(&store, &other, &decision).await, Err(StoreError::Conflict));
    assert_eq!(store.waiting_count().await, Ok(1));
}

#[tokio::test]
async fn a_refusal_is_recorded_too() {
    let store = acme().await;
    let close = command("close-1", CommandKind::Close { conversation: conversation_id("nowhere") }, 5);
    let refused = carry_out(&store, &close).await;
    assert!(matches!(&refused.outcome, Outcome::Refused(refusal) if refusal.code == ErrorCode::NotFound));
    let other = Decision::nothing();
    let Committed::Already(recorded) = commit(&store, &close, &other).await.unwrap() else {
        panic!("the refusal was forgotten");
    };
    assert_eq!(recorded.outcome, refused.outcome);
}

#[tokio::test]
async fn a_whole_life_keeps_slots_and_lists_exact() {
    let store = acme().await;
    started(&store, "c1", Priority::Medium, 1000).await;
    agent_online(&store, "ada", 2).await;
    let ada = user_id("ada");
    carry_out(&store, &accept("c1", "ada", 2000)).await;
    assert_eq!(store.held_by(&ada).await.unwrap().len(), 1);
    assert_eq!(store.available_agents().await.unwrap().len(), 1);
    let id = conversation_id("c1");
    carry_out(&store, &command("requeue", CommandKind::Requeue { conversation: id.clone() }, 3000)).await;
    assert_eq!(store.queue_position(&id).await, Ok(Some(1)));
    assert_eq!(store.held_by(&ada).await.unwrap(), Vec::new());
    assert_eq!(store.agent(&ada).await.unwrap().unwrap().active, 0);
    carry_out(&store, &accept("c1", "ada", 4000)).await;
    carry_out(&store, &command("close", CommandKind::Close { conversation: id.clone() }, 5000)).await;
    assert_eq!(store.held_by(&ada).await.unwrap(), Vec::new());
    assert_eq!(store.queue_position(&id).await, Ok(None));
    let closed = store.conversation(&id).await.unwrap().unwrap();
    assert_eq!((closed.status, closed.ended_at), (ConversationStatus::Closed, Some(5000)));
    assert_eq!(closed.last_agent.unwrap().id, ada);
    assert_eq!(store.throughput(5000, 5000).await, Ok(Throughput { assignments: 2, window_ms: 5000 }));
    assert_eq!(store.prune_assignments(4000).await, Ok(1));
    assert_eq!(store.throughput(5000, 5000).await, Ok(Throughput { assignments: 1, window_ms: 5000 }));
}

#[tokio::test]
async fn what_is_over_is_counted_once() {
    let store = acme().await;
    agent_online(&store, "ada", 9).await;
    for (number, at) in (0..).zip([1000, 16_000, 31_000, 46_000]) {
        let id = format!("c{number}");
        started(&store, &id, Priority::Medium, at).await;
        carry_out(&store, &accept(&id, "ada", at)).await;
    }
    let assignments =
        async |window_ms, now| store.throughput(window_ms, now).await.map(|rate| rate.assignments);
    assert_eq!(assignments(60_000, 46_000).await, Ok(4));
    // The first two slices are over and kept, whatever happens to the rows; the last two are looked at again.
    assert_eq!(store.prune_assignments(100_000).await, Ok(4));
    assert_eq!(assignments(60_000, 46_000).await, Ok(2));
    assert_eq!(assignments(30_000, 46_000).await, Ok(1));
    assert_eq!(assignments(10_000, 46_000).await, Ok(0));
}

#[tokio::test]
async fn decisions_are_committed_together_or_not_at_all() {
    let store = acme().await;
    let starts = ["c1", "c2", "c3"].map(|id| start(id, Priority::Medium, 1000));
    let mut decisions = Vec::new();
    for start in &starts {
        decisions.push(decided(&store, start).await.unwrap());
    }
    let together = |range: std::ops::Range<usize>| {
        let commits: Vec<_> = range
            .map(|index| {
                let command_id = &starts[index].id;
                Commit { command_id, name: "start", at: 1000, decision: &decisions[index] }
            })
            .collect();
        let store = store.clone();
        async move { store.commit_all(&commits).await }
    };
    assert_eq!(together(0..2).await, Ok(()));
    assert_eq!(store.waiting_count().await, Ok(2));
    assert_eq!(together(1..3).await, Err(StoreError::Conflict), "one of them is known");
    assert_eq!(store.waiting_count().await, Ok(2));
    assert_eq!(store.recorded(&starts[2].id).await, Ok(None));
    assert_eq!(store.recorded(&starts[1].id).await.unwrap().unwrap().outcome, decisions[1].outcome);
}

#[tokio::test]
async fn only_published_commands_are_forgotten() {
    let store = acme().await;
    for number in 0..3 {
        started(&store, &format!("c{number}"), Priority::Medium, 1000 + number).await;
    }
    store.mark_published(&["start-c0", "start-c2"].map(command_id)).await.unwrap();
    assert!(store.recorded(&command_id("start-c0")).await.unwrap().unwrap().published);
    assert_eq!(store.prune_commands(1002).await, Ok(1));
    assert_eq!(store.recorded(&command_id("start-c0")).await, Ok(None));
    assert!(store.recorded(&command_id("start-c1")).await.unwrap().is_some());
    assert!(store.recorded(&command_id("start-c2")).await.unwrap().is_some());
}
