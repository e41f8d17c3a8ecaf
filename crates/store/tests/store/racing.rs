//! Many workers at once: one winner for each conversation, and no agent beyond their capacity.

use std::collections::HashSet;
use std::sync::Arc;

use confab_domain::Outcome;
use confab_protocol::UserId;
use confab_protocol::api::{ConversationStatus, Priority};
use confab_store::{Committed, Store, StoreError, StoreSettings, TenantStore};
use tokio::task::JoinSet;

use crate::support::{accept, acme, agent_online, commit, decided, start, started, tenant};

const CONVERSATIONS: usize = 200;
const TASKS: usize = 16;
const AGENTS: usize = 20;
const CAPACITY: u32 = 10;

/// Tries to give every conversation to somebody; returns those that were given by this task.
async fn claim_all(store: Arc<TenantStore>, task: usize) -> Vec<String> {
    let mut won = Vec::new();
    for step in 0..CONVERSATIONS {
        let conversation = format!("c{}", (step + task * 7) % CONVERSATIONS);
        // Every agent in turn, until the conversation is somebody's.
        for turn in 0..AGENTS {
            let agent = format!("agent{}", (step + task + turn) % AGENTS);
            let command = accept(&conversation, &agent, 10_000 + task as u64);
            let decision = loop {
                let decision = decided(&store, &command).await.unwrap();
                match commit(&store, &command, &decision).await {
                    Ok(Committed::Now) => break decision,
                    Ok(Committed::Already(_)) => panic!("{} was given twice", command.id),
                    Err(StoreError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            };
            match decision.outcome {
                Outcome::Done { .. } if !decision.changes.is_empty() => {
                    won.push(conversation);
                    break;
                }
                Outcome::Done { .. } => break,
                Outcome::Refused(refusal) if refusal.winner.is_some() => break,
                Outcome::Refused(_) => {}
            }
        }
    }
    won
}

async fn race(store: TenantStore) {
    for number in 0..CONVERSATIONS {
        started(&store, &format!("c{number}"), Priority::Medium, 1000 + number as u64).await;
    }
    for number in 0..AGENTS {
        agent_online(&store, &format!("agent{number}"), CAPACITY).await;
    }
    let store = Arc::new(store);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(claim_all(store.clone(), task));
    }
    let won: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), CONVERSATIONS);
    assert_eq!(won.iter().collect::<HashSet<_>>().len(), CONVERSATIONS, "one was won twice");
    assert_eq!(store.waiting_count().await, Ok(0));
    assert_eq!(store.waiting(None, 10).await, Ok(Vec::new()));
    let rate = store.throughput(600_000, 600_000).await.unwrap();
    assert_eq!(rate.assignments, CONVERSATIONS as u64);
    assert_eq!(store.available_agents().await, Ok(Vec::new()), "capacity and conversations are equal");
    let mut held = HashSet::<UserId>::new();
    for agent in store.agents().await.unwrap() {
        let conversations = store.held_by(&agent.id).await.unwrap();
        assert_eq!(conversations.len(), CAPACITY as usize, "{}", agent.id);
        assert_eq!(agent.active, CAPACITY);
        for conversation in conversations {
            assert_eq!(conversation.status, ConversationStatus::Active);
            assert_eq!(conversation.agent.unwrap().id, agent.id);
        }
        held.insert(agent.id);
    }
    assert_eq!(held.len(), AGENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_conversation_has_one_winner_in_memory() {
    race(acme().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_conversation_has_one_winner_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings::at(format!("surrealkv://{}", directory.path().display())));
    let store = store.await.unwrap();
    store.migrate().await.unwrap();
    race(tenant(&store, "acme").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_command_at_once_from_everywhere_is_carried_out_once() {
    let store = Arc::new(acme().await);
    let command = start("c1", Priority::Medium, 1000);
    let decision = Arc::new(decided(&store, &command).await.unwrap());
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (store, command, decision) = (store.clone(), command.clone(), decision.clone());
        tasks.spawn(async move { commit(&store, &command, &decision).await.unwrap() });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Committed::Now).count(), 1);
    assert_eq!(store.waiting_count().await, Ok(1));
}
