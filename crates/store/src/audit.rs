//! The audit log: who did what, newest first. Written after the fact and never changed; an entry's id makes writing it
//! twice harmless.

use confab_protocol::api::AuditItem;
use confab_protocol::{UnixMillis, UserId};
use surrealdb::types::{Object, SurrealValue as _, Value};

use crate::conversations::Page;
use crate::error::StoreError;
use crate::inverted::{TIME_DIGITS, inverted};
use crate::rows::{Fields, packed, record, variables};
use crate::tenant::TenantStore;

/// An entry to write.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Unique: the command's, or one made up.
    pub id: String,
    /// What it says.
    pub item: AuditItem,
}

/// Which entries to list; those that fit all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this person.
    pub actor: Option<UserId>,
    /// Of this action.
    pub action: Option<String>,
    /// Not before.
    pub since: Option<UnixMillis>,
    /// Not after.
    pub until: Option<UnixMillis>,
}

impl AuditEntry {
    fn listed(&self) -> String {
        format!("{}-{}", inverted(self.item.at), self.id)
    }

    fn row(&self) -> Result<Value, StoreError> {
        let mut row = Object::new();
        row.insert("id", record("audit", &self.id));
        row.insert("listed", self.listed());
        row.insert("action", self.item.action.as_str());
        if let Some(actor) = &self.item.by.id {
            row.insert("actor", actor.as_str());
        }
        row.insert("rest", packed(&self.item)?);
        Ok(row.into_value())
    }
}

fn check_cursor(cursor: &str) -> Result<(), StoreError> {
    let (time, id) = cursor.split_once('-').ok_or(StoreError::InvalidCursor)?;
    let fits = time.len() == TIME_DIGITS && time.bytes().all(|byte| byte.is_ascii_digit());
    if fits && !id.is_empty() { Ok(()) } else { Err(StoreError::InvalidCursor) }
}

impl TenantStore {
    /// Writes entries; those that are there already stay as they are.
    pub async fn append_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries.iter().map(AuditEntry::row).collect::<Result<Vec<_>, _>>()?;
        let insert = "INSERT IGNORE INTO audit $rows RETURN NONE";
        self.database.query("append_audit", insert, variables! { "rows": rows }).await?;
        Ok(())
    }

    /// Entries that fit the filter, newest first.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<AuditItem>, StoreError> {
        cursor.map_or(Ok(()), check_cursor)?;
        // The newest time asked for is the smallest text; of that and the cursor, what lies further on counts.
        let newest = filter.until.map(inverted).unwrap_or_default();
        let after = cursor.unwrap_or_default().max(newest.as_str()).to_owned();
        let oldest = filter.since.map_or_else(|| "~".to_owned(), |since| format!("{}~", inverted(since)));
        let (index, own) = match (&filter.actor, &filter.action) {
            (Some(_), None) => ("audit_actor", "actor = $actor AND "),
            (None, Some(_)) => ("audit_action", "action = $action AND "),
            (Some(_), Some(_)) => ("audit_actor", "actor = $actor AND action = $action AND "),
            (None, None) => ("audit_listed", ""),
        };
        let select = format!(
            "SELECT * FROM audit WITH INDEX {index} WHERE {own}listed > $after AND listed < $oldest \
             ORDER BY listed LIMIT $limit"
        );
        let variables = variables! {
            "actor": filter.actor.as_ref().map(UserId::as_str),
            "action": filter.action.clone(),
            "after": after,
            "oldest": oldest,
            "limit": u64::from(limit) + 1,
        };
        let mut answer = self.database.query("audit", select, variables).await?;
        let mut rows = Vec::new();
        for row in answer.values(0)? {
            let mut fields = Fields::of(row)?;
            rows.push((fields.expect::<String>("listed")?, fields.unpack::<AuditItem>("rest")?));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| has_more).map(|(listed, _)| listed.clone());
        Ok(Page { items: rows.into_iter().map(|(_, item)| item).collect(), next_cursor })
    }

    /// Forgets entries before `at`; returns how many.
    pub async fn prune_audit(&self, at: UnixMillis) -> Result<u64, StoreError> {
        let select = "SELECT VALUE id FROM audit WITH INDEX audit_listed WHERE listed > $until LIMIT $batch";
        self.prune("prune_audit", select, variables! { "until": inverted(at) + "~" }).await
    }
}
