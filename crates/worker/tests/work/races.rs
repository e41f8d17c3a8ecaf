//! Many at once: one winner each, capacity never exceeded.

use std::collections::HashMap;

use confab_domain::{Outcome, Policy, TenantSettings};
use confab_protocol::api::ConversationStatus;
use confab_protocol::{ConversationId, ErrorCode};
use futures::future::join_all;

use crate::desk::{Desk, user};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_agents_race_for_ten_conversations() {
    let mut desk = Desk::open(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }).await;
    desk.hire();
    let names: Vec<String> = (0..50).map(|number| format!("agent-{number}")).collect();
    for name in &names {
        desk.absent_agent(name, 1, &[]).await;
    }
    let starts = (0..10).map(|number| {
        let desk = &desk;
        async move { desk.start(&format!("customer-{number}")).await }
    });
    let conversations: Vec<ConversationId> = join_all(starts).await;

    let attempts = names.iter().enumerate().map(|(number, name)| {
        let (desk, conversation) = (&desk, &conversations[number % conversations.len()]);
        async move { (conversation, name, desk.accept(conversation, name).await) }
    });
    let mut winners = HashMap::new();
    let mut losers = Vec::new();
    for (conversation, name, outcome) in join_all(attempts).await {
        match outcome {
            Outcome::Done { .. } => {
                let before = winners.insert(conversation, name);
                assert_eq!(before, None, "{conversation} was won twice");
            }
            Outcome::Refused(refusal) => {
                assert_eq!(refusal.code, ErrorCode::AlreadyAssigned, "{refusal:?}");
                losers.push((conversation, refusal.winner.expect("the winner is named")));
            }
        }
    }
    assert_eq!((winners.len(), losers.len()), (10, 40));
    for (conversation, named) in losers {
        assert_eq!(named.id, user(winners[conversation]));
    }
    for (conversation, winner) in winners {
        let conversation = desk.conversation(conversation).await;
        assert_eq!(conversation.status, ConversationStatus::Active);
        assert_eq!(conversation.agent.expect("it has an agent").id, user(winner));
        assert_eq!(desk.agent_record(winner).await.active, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_draw_at_once_and_nobody_gets_more_than_they_can_have() {
    let mut desk = Desk::open(TenantSettings::default()).await;
    desk.hire();
    for number in 0..5 {
        desk.agent(&format!("agent-{number}"), 3).await;
    }
    let starts = (0..40).map(|number| {
        let desk = &desk;
        async move { desk.start(&format!("customer-{number}")).await }
    });
    let conversations = join_all(starts).await;
    desk.drain().await;

    let mut active = HashMap::new();
    let mut waiting = 0;
    for id in &conversations {
        match desk.conversation(id).await.agent {
            Some(agent) => *active.entry(agent.id).or_insert(0) += 1,
            None => waiting += 1,
        }
    }
    assert_eq!(waiting, 25);
    for number in 0..5 {
        let agent = desk.agent_record(&format!("agent-{number}")).await;
        assert_eq!((agent.active, active[&agent.id]), (3, 3));
    }
}
