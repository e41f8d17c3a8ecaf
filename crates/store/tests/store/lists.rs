//! Lists of conversations: newest first, filtered, in pages, by index.

use confab_domain::{CommandKind, Conversation};
use confab_protocol::api::{ConversationStatus, Priority};
use confab_store::{ConversationFilter, StoreError, TenantStore};

use crate::support::{accept, acme, agent_online, carry_out, command, conversation_id, started, user_id};

fn ids(conversations: &[Conversation]) -> Vec<&str> {
    conversations.iter().map(|conversation| conversation.id.as_str()).collect()
}

async fn list(store: &TenantStore, filter: ConversationFilter) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.conversations(&filter, cursor.as_deref(), 2).await.unwrap();
        assert!(page.items.len() <= 2);
        all.extend(page.items.into_iter().map(|conversation| conversation.id.to_string()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn every_filter_lists_what_fits_newest_first() {
    let store = acme().await;
    agent_online(&store, "ada", 5).await;
    agent_online(&store, "bob", 5).await;
    for (id, at) in [("c1", 1000), ("c2", 2000), ("c3", 3000), ("c4", 4000), ("c5", 5000)] {
        started(&store, id, Priority::Medium, at).await;
    }
    carry_out(&store, &accept("c1", "ada", 6000)).await;
    carry_out(&store, &accept("c2", "ada", 6000)).await;
    carry_out(&store, &accept("c3", "bob", 6000)).await;
    let close = CommandKind::Close { conversation: conversation_id("c1") };
    carry_out(&store, &command("close", close, 7000)).await;
    let all = ConversationFilter::default;
    assert_eq!(list(&store, all()).await, ["c5", "c4", "c3", "c2", "c1"]);
    let active = ConversationFilter { status: Some(ConversationStatus::Active), ..all() };
    assert_eq!(list(&store, active).await, ["c3", "c2"]);
    let adas = ConversationFilter { agent: Some(user_id("ada")), ..all() };
    assert_eq!(list(&store, adas.clone()).await, ["c2", "c1"]);
    let closed = ConversationFilter { status: Some(ConversationStatus::Closed), ..adas };
    assert_eq!(list(&store, closed.clone()).await, ["c1"]);
    assert_eq!(list(&store, ConversationFilter { unassigned: true, ..all() }).await, ["c5", "c4"]);
    assert_eq!(list(&store, ConversationFilter { unassigned: true, ..closed }).await, Vec::<String>::new());
    let customer = ConversationFilter { customer: Some(user_id("cus")), ..all() };
    assert_eq!(list(&store, customer).await.len(), 5);
    let stranger = ConversationFilter { customer: Some(user_id("stranger")), ..all() };
    assert_eq!(list(&store, stranger).await, Vec::<String>::new());
    let mine = store.customer_conversations(&user_id("cus"), None, 10).await.unwrap();
    assert_eq!((ids(&mine.items).len(), mine.next_cursor), (5, None));
}

#[tokio::test]
async fn pages_are_whole_where_many_start_at_once() {
    let store = acme().await;
    for number in 0..7 {
        started(&store, &format!("c{number}"), Priority::Medium, 1000).await;
    }
    let listed = list(&store, ConversationFilter::default()).await;
    assert_eq!(listed, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    let nonsense =
        store.conversations(&ConversationFilter::default(), Some("x'; REMOVE TABLE user"), 2).await;
    assert_eq!(nonsense, Err(StoreError::InvalidCursor));
}
