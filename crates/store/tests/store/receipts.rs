//! Watermarks only grow, count what is unread, and say nothing about a log that was made anew.

use confab_protocol::ephemeral::Watermark;
use confab_protocol::{ConversationId, UserId};
use confab_store::TenantStore;

use crate::support::{EPOCH, NEXT_EPOCH, acme, conversation_id, message, user_id};

fn mark(user: &str, delivered: u64, read: u64) -> (ConversationId, Watermark) {
    (conversation_id("c1"), Watermark { user_id: user_id(user), delivered, read })
}

async fn stored(store: &TenantStore) -> Vec<(String, u64, u64)> {
    let receipts = store.receipts(&conversation_id("c1")).await.unwrap();
    receipts.into_iter().map(|mark| (mark.user_id.to_string(), mark.delivered, mark.read)).collect()
}

async fn unread(store: &TenantStore, reader: &UserId) -> u64 {
    let id = conversation_id("c1");
    store.activity(std::slice::from_ref(&id), reader).await.unwrap()[&id].unread
}

#[tokio::test]
async fn smaller_and_late_ones_change_nothing() {
    let store = acme().await;
    let other = (conversation_id("c10"), Watermark { user_id: user_id("ada"), delivered: 99, read: 99 });
    store.merge_receipts(&[mark("ada", 5, 2), mark("bob", 7, 0), other]).await.unwrap();
    store.merge_receipts(&[mark("ada", 3, 4), mark("ada", 6, 1)]).await.unwrap();
    assert_eq!(stored(&store).await, [("ada".to_owned(), 6, 4), ("bob".to_owned(), 7, 0)]);
    store.merge_receipts(&[mark("bob", 0, 9)]).await.unwrap();
    assert_eq!(stored(&store).await[1], ("bob".to_owned(), 9, 9));
    store.merge_receipts(&[]).await.unwrap();
}

#[tokio::test]
async fn unread_are_messages_of_others_above_the_watermark() {
    let store = acme().await;
    // The receipt is here before the first entry is.
    store.merge_receipts(&[mark("ada", 2, 2)]).await.unwrap();
    let authors = ["cus", "ada", "cus", "ada", "cus"];
    let entries: Vec<_> =
        (1..).zip(authors).map(|(seq, author)| message("c1", EPOCH, seq, author, "hi")).collect();
    store.insert_entries(&entries).await.unwrap();
    assert_eq!(unread(&store, &user_id("ada")).await, 2);
    assert_eq!(unread(&store, &user_id("cus")).await, 2);
    assert_eq!(unread(&store, &user_id("bob")).await, 5);
    store.merge_receipts(&[mark("ada", 5, 5), mark("bob", 5, 4)]).await.unwrap();
    assert_eq!(unread(&store, &user_id("ada")).await, 0);
    assert_eq!(unread(&store, &user_id("bob")).await, 1);
}

#[tokio::test]
async fn a_log_made_anew_begins_with_nothing_read() {
    let store = acme().await;
    store.insert_entries(&[message("c1", EPOCH, 1000, "cus", "hi")]).await.unwrap();
    store.merge_receipts(&[mark("ada", 1000, 1000)]).await.unwrap();
    assert_eq!(unread(&store, &user_id("ada")).await, 0);
    store.insert_entries(&[message("c1", NEXT_EPOCH, 3, "cus", "hi again")]).await.unwrap();
    assert_eq!(unread(&store, &user_id("ada")).await, 1);
    assert_eq!(stored(&store).await, []);
    store.merge_receipts(&[mark("ada", 3, 3)]).await.unwrap();
    assert_eq!(stored(&store).await, [("ada".to_owned(), 3, 3)]);
    assert_eq!(unread(&store, &user_id("ada")).await, 0);
}
