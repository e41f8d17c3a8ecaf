//! The queue is read in the order in which it is served, and holds exactly those who wait.

use confab_domain::queue::in_order;
use confab_domain::{CommandKind, Conversation};
use confab_protocol::api::Priority;

use crate::support::{accept, acme, agent_online, carry_out, command, conversation_id, started, user_id};

fn ids(conversations: &[Conversation]) -> Vec<&str> {
    conversations.iter().map(|conversation| conversation.id.as_str()).collect()
}

#[tokio::test]
async fn urgent_ones_first_then_who_came_first() {
    let store = acme().await;
    let mut all = Vec::new();
    for (id, priority, at) in [
        ("late", Priority::Medium, 3000),
        ("low", Priority::Low, 1),
        ("early", Priority::Medium, 2000),
        ("urgent", Priority::Urgent, 9000),
        ("tie-b", Priority::High, 5000),
        ("tie-a", Priority::High, 5000),
    ] {
        all.push(started(&store, id, priority, at).await);
    }
    in_order(&mut all);
    let waiting = store.waiting(None, 100).await.unwrap();
    assert_eq!(waiting, all);
    assert_eq!(ids(&waiting), ["urgent", "tie-a", "tie-b", "early", "late", "low"]);
    assert_eq!(store.waiting_count().await, Ok(6));
    let page = store.waiting(None, 2).await.unwrap();
    assert_eq!(ids(&page), ["urgent", "tie-a"]);
    let page = store.waiting(page.last(), 3).await.unwrap();
    assert_eq!(ids(&page), ["tie-b", "early", "late"]);
    let page = store.waiting(page.last(), 3).await.unwrap();
    assert_eq!(ids(&page), ["low"]);
    for (position, id) in (1..).zip(ids(&waiting)) {
        assert_eq!(store.queue_position(&conversation_id(id)).await, Ok(Some(position)), "{id}");
    }
    assert_eq!(store.queue_position(&conversation_id("nowhere")).await, Ok(None));
}

#[tokio::test]
async fn who_is_served_or_gone_waits_no_longer() {
    let store = acme().await;
    for (id, at) in [("c1", 1000), ("c2", 2000), ("c3", 3000)] {
        started(&store, id, Priority::Medium, at).await;
    }
    agent_online(&store, "ada", 5).await;
    let c2 = conversation_id("c2");
    carry_out(&store, &accept("c2", "ada", 4000)).await;
    carry_out(&store, &command("close-1", CommandKind::Close { conversation: conversation_id("c1") }, 4500))
        .await;
    assert_eq!(ids(&store.waiting(None, 10).await.unwrap()), ["c3"]);
    assert_eq!(store.queue_position(&conversation_id("c3")).await, Ok(Some(1)));
    carry_out(&store, &command("requeue-2", CommandKind::Requeue { conversation: c2.clone() }, 5000)).await;
    assert_eq!(ids(&store.waiting(None, 10).await.unwrap()), ["c3", "c2"]);
    carry_out(&store, &command("close-2", CommandKind::Close { conversation: c2.clone() }, 6000)).await;
    carry_out(&store, &command("close-3", CommandKind::Close { conversation: conversation_id("c3") }, 6000))
        .await;
    assert_eq!(store.waiting_count().await, Ok(0));
    // Whom the conversation goes back to is there: it does not wait.
    carry_out(&store, &command("again-2", CommandKind::Requeue { conversation: c2.clone() }, 7000)).await;
    assert_eq!(store.queue_position(&c2).await, Ok(None));
    assert_eq!(ids(&store.held_by(&user_id("ada")).await.unwrap()), ["c2"]);
}
