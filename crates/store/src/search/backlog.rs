//! Messages that were written before there were segments, put into them conversation by conversation.

use confab_protocol::ConversationId;
use surrealdb::types::Variables;

use super::index::{MERGED, merged_rows};
use super::segment::Segment;
use crate::connection::Database;
use crate::error::StoreError;
use crate::guarded::{MAX_ROUNDS, THROW_VERSION, is_raced, outrun};
use crate::messages::{MessageRow, StoredEntry};
use crate::migrate::LIMIT;
use crate::position::Position;
use crate::rows::{beginning_with, record, variables};

/// Between what somebody wrote and the mark by which it was found before.
const SEPARATOR: &str = "\u{1f}";

/// Goes on where it was broken off, here or elsewhere; returns when nothing is left to be done.
pub(crate) async fn index(database: &Database) -> Result<(), StoreError> {
    let select = "SELECT VALUE after FROM backlog:messages; SELECT VALUE record::id(id) FROM activity";
    for _ in 0..MAX_ROUNDS {
        let mut answer = database.query_within(LIMIT, "backlog", select, Variables::new()).await?;
        let Some(after) = answer.first::<String>(0)? else { return Ok(()) };
        let mut conversations: Vec<String> = answer.rows(1)?;
        conversations.sort_unstable();
        conversations.retain(|conversation| *conversation > after);
        tracing::info!(
            database = database.name(),
            conversations = conversations.len(),
            "messages are indexed"
        );
        if index_all(database, after, &conversations).await? {
            return Ok(());
        }
    }
    Err(outrun())
}

/// Says whether nobody else did it at the same time.
async fn index_all(
    database: &Database,
    mut after: String,
    conversations: &[String],
) -> Result<bool, StoreError> {
    let mut segment = Segment::default();
    for conversation in conversations {
        segment.append(read(database, conversation).await?);
        if segment.len() >= MERGED {
            if !write(database, std::mem::take(&mut segment), &after, Some(conversation)).await? {
                return Ok(false);
            }
            after.clone_from(conversation);
        }
    }
    write(database, segment, &after, None).await
}

/// Reads a conversation's messages, after taking off the marks by which they were found before.
async fn read(database: &Database, conversation: &str) -> Result<Segment, StoreError> {
    let variables = variables! {
        "messages": beginning_with("message", conversation),
        "separator": SEPARATOR,
    };
    let read = "UPDATE $messages SET text = string::split(text, $separator)[0] \
                WHERE text != NONE AND string::contains(text, $separator) RETURN NONE; \
                SELECT * FROM $messages";
    let rows = database.query_within(LIMIT, "messages", read, variables).await?.values(1)?;
    let id = ConversationId::parse(conversation).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let entries = rows.into_iter().map(|row| {
        let row = MessageRow::of(row)?;
        let (note, Position { epoch, seq }) = (row.is_note(), row.position.clone());
        Ok(StoredEntry { conversation: id.clone(), note, epoch, seq, entry: row.into_entry()? })
    });
    Ok(Segment::of(&entries.collect::<Result<Vec<_>, StoreError>>()?))
}

/// Writes what was read since `after` was the last one, and that `last` is now, or that nothing is left. Says whether
/// nobody else did.
async fn write(
    database: &Database,
    segment: Segment,
    after: &str,
    last: Option<&str>,
) -> Result<bool, StoreError> {
    let rows = merged_rows(segment)?;
    let insert = if rows.is_empty() { "" } else { "INSERT $rows RETURN NONE; " };
    let variables = variables! {
        "backlog": record("backlog", "messages"),
        "after": after,
        "last": last,
        "rows": rows,
    };
    let note = if last.is_some() { "UPDATE $backlog SET after = $last" } else { "DELETE $backlog" };
    let write = format!(
        "BEGIN; IF (SELECT VALUE after FROM $backlog) != [$after] {{ {THROW_VERSION} }}; \
         {note} RETURN NONE; {insert}COMMIT;"
    );
    match database.query_within(LIMIT, "index_backlog", write, variables).await {
        Ok(_) => Ok(true),
        Err(fault) if is_raced(&fault) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests {
    use confab_domain::TenantSettings;
    use confab_protocol::{Author, Body, Entry, TenantId, UnixMillis};

    use super::*;
    use crate::search::{MessageSearch, Scope, Terms};
    use crate::settings::StoreSettings;
    use crate::store::Store;
    use crate::tenant::TenantStore;

    fn said(seq: u64) -> StoredEntry {
        let body = Body::Text { text: format!("Hello number {seq}") };
        let entry = Entry { id: seq.to_string(), author: Author::system(), at: seq, body };
        let conversation = ConversationId::parse(format!("c{:03}", seq % 100)).expect("an id");
        StoredEntry { conversation, note: false, epoch: "017".to_owned(), seq, entry }
    }

    async fn found(tenant: &TenantStore, question: &str) -> Vec<String> {
        let search = MessageSearch {
            terms: Terms::of(question).expect("words"),
            scope: Scope::Tenant,
            notes: true,
            author: None,
            since: 0,
            until: UnixMillis::MAX / 2,
            now: 10_000,
            limit: 10,
        };
        let found = tenant.search_messages(&search).await.expect("an answer");
        found.items.into_iter().map(|item| item.text).collect()
    }

    #[tokio::test]
    async fn what_was_written_before_is_found_afterwards_without_its_marks() {
        let store = Store::open(StoreSettings::memory()).await.expect("a store");
        store.migrate().await.expect("the schema");
        let id = TenantId::parse("acme").expect("an id");
        store.create_tenant(&id, "Acme", &TenantSettings::default()).await.expect("a tenant");
        let tenant = store.tenant(&id).await.expect("the tenant");
        for batch in (0..6000).map(said).collect::<Vec<_>>().chunks(1000) {
            tenant.insert_entries(batch).await.expect("written");
        }
        // As it was before.
        let before = "DELETE fresh_segment; DELETE segment; DELETE segment_words; DELETE segment_messages; \
                      UPDATE message SET text = text + $mark RETURN NONE; UPSERT backlog:messages SET after = ''";
        let variables = variables! { "mark": format!("{SEPARATOR}zqsabcdefghij") };
        tenant.database.query("before", before, variables).await.expect("as before");
        assert!(found(&tenant, "4711").await.is_empty());
        store.migrate().await.expect("indexed");
        for seq in [0, 99, 4711, 5999] {
            assert_eq!(found(&tenant, &seq.to_string()).await, [format!("Hello number {seq}")]);
        }
        store.migrate().await.expect("nothing to do");
        assert_eq!(found(&tenant, "number 17").await.len(), 1);
    }
}
