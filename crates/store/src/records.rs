//! Plain records that the desk edits: created once, replaced and removed on the version that was read.

use serde::Serialize;
use surrealdb::types::Object;

use crate::error::{Fault, StoreError};
use crate::rows::{record, to_content, variables};
use crate::tenant::TenantStore;

impl TenantStore {
    /// Creates a record. [`StoreError::Exists`] when its id, or what has to be unique of it, is taken.
    pub(crate) async fn create_record(
        &self,
        table: &'static str,
        id: &str,
        content: Object,
    ) -> Result<(), StoreError> {
        let variables = variables! { "id": record(table, id), "content": content };
        let create = "CREATE $id CONTENT $content RETURN NONE";
        match self.database.query(table, create, variables).await {
            Ok(_) => Ok(()),
            Err(Fault::Exists(_)) => Err(StoreError::Exists(format!("the {table}"))),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Replaces a record that is in the version `expected`. [`StoreError::Conflict`] when it is in another one, or gone.
    pub(crate) async fn replace_record(
        &self,
        table: &'static str,
        id: &str,
        content: Object,
        expected: u64,
    ) -> Result<(), StoreError> {
        let variables = variables! { "id": record(table, id), "content": content, "expected": expected };
        let update = "UPDATE $id CONTENT $content WHERE version = $expected RETURN VALUE version";
        let updated: Option<u64> = match self.database.query(table, update, variables).await {
            Ok(mut answer) => answer.first(0)?,
            Err(Fault::Exists(_)) => return Err(StoreError::Exists(format!("the {table}"))),
            Err(fault) => return Err(fault.into()),
        };
        updated.map(drop).ok_or(StoreError::Conflict)
    }

    /// Removes a record that is in the version `expected`. [`StoreError::Conflict`] when it is in another one, or gone.
    pub(crate) async fn remove_record(
        &self,
        table: &'static str,
        id: &str,
        expected: u64,
    ) -> Result<(), StoreError> {
        let variables = variables! { "id": record(table, id), "expected": expected };
        let delete = "SELECT VALUE version FROM (DELETE $id WHERE version = $expected RETURN BEFORE)";
        let deleted: Option<u64> = self.database.query(table, delete, variables).await?.first(0)?;
        deleted.map(drop).ok_or(StoreError::Conflict)
    }
}

/// What is stored of a value, with fields that only the indexes look at.
pub(crate) fn content_with<T: Serialize>(value: &T, more: &[(&str, String)]) -> Result<Object, StoreError> {
    let mut content = to_content(value)?;
    for (name, text) in more {
        content.insert(*name, text.as_str());
    }
    Ok(content)
}
