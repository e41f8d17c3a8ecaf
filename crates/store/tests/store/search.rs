//! Search: what is found, in which order, and by whom.

use confab_domain::Actor;
use confab_protocol::UnixMillis;
use confab_protocol::api::Priority;
use confab_store::{FoundRecord, MessageSearch, Scope, StoredEntry, TenantStore, Terms, TicketSearch};

use crate::support::{EPOCH, acme, carry_out, conversation_id, message, note, start, started, user_id};

const NOW: UnixMillis = 1_000_000;

fn terms(question: &str) -> Terms {
    Terms::of(question).unwrap()
}

fn everywhere(question: &str) -> MessageSearch {
    MessageSearch {
        terms: terms(question),
        scope: Scope::Tenant,
        notes: true,
        author: None,
        since: 0,
        until: UnixMillis::MAX / 2,
        now: NOW,
        limit: 10,
    }
}

async fn places(store: &TenantStore, search: &MessageSearch) -> Vec<(String, u64)> {
    let found = store.search_messages(search).await.unwrap();
    assert!(!found.is_bounded);
    found.items.into_iter().map(|item| (item.conversation.to_string(), item.seq)).collect()
}

fn at(conversation: &str, seq: u64) -> (String, u64) {
    (conversation.to_owned(), seq)
}

async fn some_messages() -> TenantStore {
    let store = acme().await;
    store
        .insert_entries(&[
            message(
                "c1",
                EPOCH,
                1,
                "asha",
                "My refund has not arrived, and I have been waiting for quite some time",
            ),
            message("c1", EPOCH, 2, "ravi", "Which refund? The refund of order 1234?"),
            note("c1", EPOCH, 3, "ravi", "Refund is blocked by finance"),
            message("c2", EPOCH, 4, "mei", "Das Café hat heute geöffnet"),
            message("c2", EPOCH, 5, "ravi", "no refunds here"),
        ])
        .await
        .unwrap();
    store
}

#[tokio::test]
async fn the_best_match_comes_first() {
    let store = some_messages().await;
    assert_eq!(places(&store, &everywhere("refund")).await, [at("c1", 2), at("c1", 3), at("c1", 1)]);
    assert_eq!(places(&store, &everywhere("REFUND order")).await, [at("c1", 2)]);
    assert_eq!(places(&store, &everywhere("cafe geoffnet")).await, [at("c2", 4)]);
    assert_eq!(places(&store, &everywhere("1234")).await, [at("c1", 2)]);
    assert_eq!(places(&store, &everywhere("nothing")).await, []);
    let found = store.search_messages(&everywhere("cafe")).await.unwrap().items.remove(0);
    assert_eq!(found.text, "Das Café hat heute geöffnet");
    assert_eq!(terms("cafe").marks(&found.text).len(), 1);
}

#[tokio::test]
async fn filters_narrow_what_is_found() {
    let store = some_messages().await;
    let public = MessageSearch { notes: false, ..everywhere("refund") };
    assert_eq!(places(&store, &public).await, [at("c1", 2), at("c1", 1)]);
    let ashas = MessageSearch { author: Some(user_id("asha")), ..everywhere("refund") };
    assert_eq!(places(&store, &ashas).await, [at("c1", 1)]);
    let early = MessageSearch { until: 10, ..everywhere("refund") };
    assert_eq!(places(&store, &early).await, [at("c1", 1)]);
    let late = MessageSearch { since: 25, ..everywhere("refund") };
    assert_eq!(places(&store, &late).await, [at("c1", 3)]);
    let only = |ids: &[&str]| Scope::Conversations(ids.iter().map(|id| conversation_id(id)).collect());
    let own = MessageSearch { scope: only(&["c1"]), notes: false, ..everywhere("refund") };
    assert_eq!(places(&store, &own).await, [at("c1", 2), at("c1", 1)]);
    let other = MessageSearch { scope: only(&["c2"]), ..everywhere("refund") };
    assert_eq!(places(&store, &other).await, []);
    let marks = MessageSearch { scope: only(&["c2"]), ..everywhere("refunds") };
    assert_eq!(places(&store, &marks).await, [at("c2", 5)]);
}

#[tokio::test]
async fn of_a_common_word_the_recent_matches_are_ranked() {
    let store = acme().await;
    let total: u64 = 9000;
    let said = |seq: u64| {
        let rare = if seq == 5 { " unicorn" } else { "" };
        message(&format!("c{}", seq % 50), EPOCH, seq, "asha", &format!("hello{rare} number {seq}"))
    };
    let entries: Vec<StoredEntry> = (0..total).map(said).collect();
    for batch in entries.chunks(1000) {
        store.insert_entries(batch).await.unwrap();
    }
    let found = store.search_messages(&everywhere("hello")).await.unwrap();
    assert!(found.is_bounded && found.candidates >= 150, "{}", found.candidates);
    assert!(found.candidates <= 400, "{}", found.candidates);
    assert!(found.items.iter().all(|item| item.seq >= 4000), "{:?}", found.items);
    let old = MessageSearch { until: 10_000, ..everywhere("hello") };
    let found = store.search_messages(&old).await.unwrap();
    assert!(!found.items.is_empty() && found.items.iter().all(|item| item.at <= 10_000));
    let rare = store.search_messages(&everywhere("unicorn")).await.unwrap();
    assert_eq!((rare.items.len(), rare.is_bounded), (1, false));
}

async fn left_of_messages(store: &TenantStore, texts: &[&str]) -> Vec<FoundRecord> {
    let mut found = store.find_texts(texts, 1000).await.unwrap();
    found.retain(|record| record.table != "sample");
    found
}

#[tokio::test]
async fn what_is_deleted_is_found_no_more_and_leaves_no_word() {
    let store = acme().await;
    let said = |seq: u64| {
        // The conversation that goes has messages in merged segments and in fresh ones; it is the only one in one of them.
        let goes = seq % 500 == 7 || (5000..5010).contains(&seq);
        let text = if goes { format!("quixotic{seq} windmill") } else { "windmill".to_owned() };
        message(if goes { "c-gone" } else { "c-other" }, EPOCH, seq, "asha", &text)
    };
    let entries: Vec<StoredEntry> = (0..6000).map(said).collect();
    for batch in entries[..5000].chunks(1000).chain([&entries[5000..5010], &entries[5010..]]) {
        store.insert_entries(batch).await.unwrap();
    }
    for word in ["quixotic7", "quixotic5507", "quixotic5003"] {
        assert_eq!(places(&store, &everywhere(word)).await.len(), 1, "{word}");
    }
    assert!(!store.find_texts(&["quixotic"], 1000).await.unwrap().is_empty());
    store.delete_messages(&conversation_id("c-gone")).await.unwrap();
    for word in ["quixotic7", "quixotic5507", "quixotic5003"] {
        assert_eq!(places(&store, &everywhere(word)).await, [], "{word}");
    }
    assert_eq!(left_of_messages(&store, &["quixotic", "c-gone"]).await, []);
    let others = store.search_messages(&everywhere("windmill")).await.unwrap();
    assert!(
        others.candidates >= 150 && others.items.iter().all(|item| item.conversation.as_str() == "c-other")
    );
    store.delete_messages(&conversation_id("c-other")).await.unwrap();
    assert_eq!(left_of_messages(&store, &["windmill", "c-other"]).await, []);
    store.delete_messages(&conversation_id("c-other")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_at_once_is_found_once() {
    let store = acme().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8_u64 {
        let store = store.clone();
        writers.spawn(async move {
            for batch in 0..30 {
                let seqs = (0..70).map(|number| writer * 10_000 + batch * 100 + number);
                let said = |seq| message(&format!("c{writer}"), EPOCH, seq, "asha", &format!("word {seq}"));
                store.insert_entries(&seqs.map(said).collect::<Vec<_>>()).await.unwrap();
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    for seq in [0, 2_969, 30_000, 41_500, 72_969] {
        let writer = seq / 10_000;
        assert_eq!(places(&store, &everywhere(&seq.to_string())).await, [at(&format!("c{writer}"), seq)]);
    }
}

#[tokio::test]
async fn tickets_and_customers_are_found() {
    let store = acme().await;
    started(&store, "c1", Priority::Medium, 1000).await;
    let mut other = start("c2", Priority::Medium, 2000);
    if let confab_domain::CommandKind::Start { customer, message, .. } = &mut other.kind {
        customer.id = user_id("zoe");
        customer.name = "Zoë Ångström".to_owned();
        message.clear();
        message.push_str("The parcel never came");
    }
    other.actor = Actor::System;
    carry_out(&store, &other).await;
    let search = |question: &str, customer: Option<&str>| TicketSearch {
        terms: terms(question),
        customer: customer.map(user_id),
        since: 0,
        until: UnixMillis::MAX / 2,
        now: NOW,
        limit: 10,
    };
    let ids = async |search: TicketSearch| {
        let found = store.search_tickets(&search).await.unwrap();
        found.items.into_iter().map(|ticket| ticket.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(search("parcel", None)).await, ["t-c2"]);
    assert_eq!(ids(search("parcel", Some("zoe"))).await, ["t-c2"]);
    assert_eq!(ids(search("parcel", Some("cus"))).await, Vec::<String>::new());
    let names = async |question: &str| {
        let found = store.search_customers(&terms(question), 10).await.unwrap();
        found.items.into_iter().map(|customer| customer.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names("zo").await, ["zoe"]);
    assert_eq!(names("angs z").await, ["zoe"]);
    assert_eq!(names("c").await, ["cus"]);
    assert_eq!(names("strom").await, Vec::<String>::new());
}
