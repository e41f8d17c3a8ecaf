//! Entries of the log are written once, read in pages from the newest backwards, and counted exactly.

use confab_protocol::api::{HistoryItem, Priority};
use confab_protocol::{Author, Body, Entry, SystemEvent};
use confab_store::{HistoryRows, StoreError, StoredEntry, TenantStore};

use crate::support::{EPOCH, NEXT_EPOCH, acme, conversation_id, message, note, started, user_id};

fn system(conversation: &str, seq: u64) -> StoredEntry {
    let mut stored = message(conversation, EPOCH, seq, "nobody", "");
    stored.entry = Entry {
        id: format!("system-{seq}"),
        author: Author::system(),
        at: seq * 10,
        body: Body::System {
            event: SystemEvent::ConversationAccepted,
            text: "Ada joined.".to_owned(),
            agent: Some(Author { id: Some(user_id("ada")), name: "Ada".to_owned(), role: None }),
        },
    };
    stored
}

fn places(items: &[HistoryItem]) -> Vec<(&str, u64)> {
    items.iter().map(|item| (item.epoch.as_str(), item.seq)).collect()
}

async fn page(store: &TenantStore, before: Option<&str>, limit: u32, notes: bool) -> HistoryRows {
    store.history(&conversation_id("c1"), before, limit, notes).await.unwrap()
}

#[tokio::test]
async fn pages_go_back_to_the_beginning_across_logs() {
    let store = acme().await;
    let mut entries = vec![system("c1", 3), message("other", EPOCH, 4, "ada", "not here")];
    entries.extend([7, 99, 100, 1000].map(|seq| message("c1", EPOCH, seq, "ada", "old log")));
    entries.extend([2, 5, 30].map(|seq| message("c1", NEXT_EPOCH, seq, "ada", "new log")));
    store.insert_entries(&entries).await.unwrap();
    let last = page(&store, None, 3, true).await;
    assert_eq!(places(&last.items), [(NEXT_EPOCH, 2), (NEXT_EPOCH, 5), (NEXT_EPOCH, 30)]);
    let middle = page(&store, last.before.as_deref(), 3, true).await;
    assert_eq!(places(&middle.items), [(EPOCH, 99), (EPOCH, 100), (EPOCH, 1000)]);
    let first = page(&store, middle.before.as_deref(), 3, true).await;
    assert_eq!(places(&first.items), [(EPOCH, 3), (EPOCH, 7)]);
    assert_eq!(first.before, None);
    assert_eq!(first.items[0].entry, entries[0].entry);
    let whole = page(&store, None, 8, true).await;
    assert_eq!((whole.items.len(), whole.before), (8, None));
    assert_eq!(store.count_entries(&conversation_id("c1")).await, Ok(8));
    assert_eq!(page(&store, None, 0, true).await.items, Vec::new());
    let nonsense = store.history(&conversation_id("c1"), Some("nonsense"), 3, true).await;
    assert_eq!(nonsense, Err(StoreError::InvalidCursor));
}

/// All pages, from the newest to the oldest, put together again.
async fn whole(store: &TenantStore, limit: u32, notes: bool) -> Vec<(String, u64)> {
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let rows = page(store, before.as_deref(), limit, notes).await;
        assert!(rows.items.len() <= limit as usize && !rows.items.is_empty());
        assert!(rows.before.is_none() || rows.items.len() == limit as usize, "a page in between is full");
        pages.push(rows.items.into_iter().map(|item| (item.epoch, item.seq)).collect::<Vec<_>>());
        before = rows.before;
        if before.is_none() {
            return pages.into_iter().rev().flatten().collect();
        }
    }
}

#[tokio::test]
async fn long_histories_are_whole_in_whatever_order_they_came() {
    let store = acme().await;
    let old = (1..=700).map(|seq| message("c1", EPOCH, seq * 3, "ada", "old log"));
    // A long stretch of notes, to be skipped for customers.
    let new = (1..=900).map(|seq| match seq {
        200..500 => note("c1", NEXT_EPOCH, seq, "ada", "secret"),
        _ => message("c1", NEXT_EPOCH, seq, "ada", "new log"),
    });
    let entries: Vec<StoredEntry> = old.chain(new).collect();
    // In order, then the rest backwards and some of it again, as after a redelivery to another worker.
    store.insert_entries(&entries[..400]).await.unwrap();
    for batch in entries[400..].chunks(90).rev() {
        store.insert_entries(batch).await.unwrap();
        store.insert_entries(&batch[batch.len() / 2..]).await.unwrap();
    }
    let all = |notes: bool| -> Vec<(String, u64)> {
        let visible = entries.iter().filter(|stored| notes || !stored.note);
        visible.map(|stored| (stored.epoch.clone(), stored.seq)).collect()
    };
    for limit in [1, 50, 64, 100, 1300, 1600, 2000] {
        let few = limit > 1;
        for notes in [true, false].into_iter().filter(|notes| few || !notes) {
            assert_eq!(whole(&store, limit, notes).await, all(notes), "pages of {limit}, notes {notes}");
        }
    }
    assert_eq!(store.count_entries(&conversation_id("c1")).await, Ok(1600));
}

#[tokio::test]
async fn entries_come_back_as_they_were() {
    let store = acme().await;
    let mut odd = note("c1", EPOCH, 4, "ada", "a note among messages");
    odd.note = false;
    let mut plain = message("c1", EPOCH, 5, "ada", "a message among notes");
    plain.note = true;
    let mut nobody = message("c1", EPOCH, 6, "ada", "");
    nobody.entry.author = Author { id: None, name: String::new(), role: None };
    let entries =
        [message("c1", EPOCH, 1, "cus", "héllo 🙂"), note("c1", EPOCH, 2, "ada", "n"), system("c1", 3)];
    let entries: Vec<StoredEntry> = entries.into_iter().chain([odd, plain, nobody]).collect();
    store.insert_entries(&entries).await.unwrap();
    let found = page(&store, None, 10, true).await.items;
    assert_eq!(found.len(), entries.len());
    for (item, stored) in found.iter().zip(&entries) {
        assert_eq!((item.seq, item.note, &item.entry), (stored.seq, stored.note, &stored.entry));
    }
}

#[tokio::test]
async fn notes_are_for_those_who_ask_for_them() {
    let store = acme().await;
    let entries = [
        message("c1", EPOCH, 1, "cus", "hello"),
        note("c1", EPOCH, 2, "ada", "a difficult one"),
        message("c1", EPOCH, 3, "ada", "good day"),
        note("c1", EPOCH, 4, "ada", "very difficult"),
    ];
    store.insert_entries(&entries).await.unwrap();
    assert_eq!(places(&page(&store, None, 10, false).await.items), [(EPOCH, 1), (EPOCH, 3)]);
    let all = page(&store, None, 10, true).await.items;
    assert_eq!(all.iter().map(|item| item.note).collect::<Vec<_>>(), [false, true, false, true]);
    assert_eq!(all[3].entry, entries[3].entry);
    let last = page(&store, None, 1, false).await;
    assert_eq!(places(&last.items), [(EPOCH, 3)]);
    assert_eq!(places(&page(&store, last.before.as_deref(), 1, false).await.items), [(EPOCH, 1)]);
}

#[tokio::test]
async fn writing_twice_changes_nothing() {
    let store = acme().await;
    let id = conversation_id("c1");
    let entries: Vec<StoredEntry> = (1..=20).map(|seq| message("c1", EPOCH, seq, "ada", "hi")).collect();
    store.insert_entries(&entries[..10]).await.unwrap();
    store.insert_entries(&entries[..10]).await.unwrap();
    store.insert_entries(&entries[5..]).await.unwrap();
    store.insert_entries(&[entries[3].clone(), entries[3].clone()]).await.unwrap();
    let mut forged = entries[3].clone();
    forged.entry.body = Body::Text { text: "something else".to_owned() };
    store.insert_entries(&[forged]).await.unwrap();
    assert_eq!(store.count_entries(&id).await, Ok(20));
    let history = page(&store, None, 100, true).await;
    assert!(history.items.iter().zip(&entries).all(|(item, stored)| item.entry == stored.entry));
    let activity = store.activity(std::slice::from_ref(&id), &user_id("cus")).await.unwrap();
    assert_eq!((activity[&id].message_count, activity[&id].last_seq), (20, 20));
    assert_eq!(activity[&id].unread, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_on_one_shard_write_everything_once() {
    let store = acme().await;
    let entries: Vec<StoredEntry> =
        (1..=1200).map(|seq| message(&format!("c{}", seq % 7), EPOCH, seq, "ada", "hi")).collect();
    let (left, right) = tokio::join!(
        async {
            for batch in entries.chunks(100) {
                store.insert_entries(batch).await.unwrap();
            }
        },
        async {
            for batch in entries.chunks(130) {
                store.insert_entries(batch).await.unwrap();
            }
        },
    );
    assert_eq!((left, right), ((), ()));
    let ids: Vec<_> = (0..7).map(|number| conversation_id(&format!("c{number}"))).collect();
    let activity = store.activity(&ids, &user_id("cus")).await.unwrap();
    for id in &ids {
        let count = store.count_entries(id).await.unwrap();
        assert_eq!(activity[id].message_count, count, "{id}");
    }
    assert_eq!(activity.values().map(|activity| activity.message_count).sum::<u64>(), 1200);
}

#[tokio::test]
async fn a_message_is_found_by_its_authors_own_id() {
    let store = acme().await;
    let mut by_cus = message("c1", EPOCH, 5, "cus", "hello");
    by_cus.entry.id = "same".to_owned();
    let mut by_ada = message("c1", EPOCH, 6, "ada", "hello");
    by_ada.entry.id = "same".to_owned();
    let mut elsewhere = message("c2", EPOCH, 7, "ada", "hello");
    elsewhere.entry.id = "only-there".to_owned();
    store.insert_entries(&[by_cus, by_ada, elsewhere, system("c1", 8)]).await.unwrap();
    let c1 = conversation_id("c1");
    let place = |seq| Ok(Some((EPOCH.to_owned(), seq)));
    assert_eq!(store.find_message(&c1, &user_id("cus"), "same").await, place(5));
    assert_eq!(store.find_message(&c1, Some(&user_id("ada")), "same").await, place(6));
    assert_eq!(store.find_message(&c1, None, "system-8").await, place(8));
    assert_eq!(store.find_message(&c1, None, "same").await, Ok(None));
    assert_eq!(store.find_message(&c1, &user_id("ada"), "only-there").await, Ok(None));
}

#[tokio::test]
async fn activity_tells_each_reader_what_is_theirs() {
    let store = acme().await;
    started(&store, "c1", Priority::Medium, 1000).await;
    let long = "x".repeat(500);
    let entries = [
        system("c1", 1),
        message("c1", EPOCH, 2, "cus", "help"),
        message("c1", EPOCH, 3, "ada", &long),
        note("c1", EPOCH, 4, "bob", "secret"),
        system("c1", 5),
    ];
    store.insert_entries(&entries).await.unwrap();
    let (c1, c2) = (conversation_id("c1"), conversation_id("c2"));
    let ids = [c1.clone(), c2.clone()];
    let for_customer = store.activity(&ids, &user_id("cus")).await.unwrap();
    assert_eq!(for_customer.len(), 1);
    let seen = &for_customer[&c1];
    assert_eq!((seen.message_count, seen.unread, seen.last_seq, seen.last_activity_at), (2, 1, 5, 50));
    assert_eq!(seen.last_message.as_deref(), Some("x".repeat(120).as_str()));
    let for_ada = &store.activity(&ids, &user_id("ada")).await.unwrap()[&c1];
    assert_eq!((for_ada.message_count, for_ada.unread), (3, 2));
    assert_eq!(store.last_message_at(&c1).await, Ok(Some(40)));
    assert_eq!(store.last_message_at(&c2).await, Ok(None));
    assert_eq!(store.activity(&[], &user_id("ada")).await.unwrap().len(), 0);
}
