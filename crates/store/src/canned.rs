//! Canned messages: few enough to be read as a whole by those who may use them.

use confab_protocol::CannedId;
use confab_protocol::api::{CannedMessage, CannedScope};
use surrealdb::types::{Object, Variables};

use crate::error::StoreError;
use crate::records::content_with;
use crate::rows::variables;
use crate::search::{Terms, answers};
use crate::tenant::TenantStore;

const TABLE: &str = "canned_message";
/// Canned messages of one owner.
const MOST: u64 = 1000;

/// Who may use it, as text.
fn owner(scope: &CannedScope) -> String {
    match scope {
        CannedScope::Tenant => "tenant".to_owned(),
        CannedScope::Team { team } => format!("team:{team}"),
        CannedScope::Person { user_id } => {
            format!("person:{}", user_id.as_ref().map_or("", confab_protocol::UserId::as_str))
        }
    }
}

fn content(canned: &CannedMessage) -> Result<Object, StoreError> {
    let owner = owner(&canned.scope);
    let place = format!("{owner}/{}", canned.code);
    content_with(canned, &[("owner", owner), ("place", place)])
}

impl TenantStore {
    /// The canned messages of these owners, by code.
    pub async fn canned_of(&self, scopes: &[CannedScope]) -> Result<Vec<CannedMessage>, StoreError> {
        let owners: Vec<String> = scopes.iter().map(owner).collect();
        let select = "SELECT * FROM canned_message WHERE owner IN $owners";
        let mut found: Vec<CannedMessage> =
            self.database.query("canned_of", select, variables! { "owners": owners }).await?.rows(0)?;
        found.sort_by(|one, other| (&one.code, &one.id).cmp(&(&other.code, &other.id)));
        Ok(found)
    }

    /// All canned messages of teams and of the tenant, by code.
    pub async fn shared_canned(&self) -> Result<Vec<CannedMessage>, StoreError> {
        let select = "SELECT * FROM canned_message WHERE scope.kind != 'person'";
        let mut found: Vec<CannedMessage> =
            self.database.query("shared_canned", select, Variables::new()).await?.rows(0)?;
        found.sort_by(|one, other| (&one.code, &one.id).cmp(&(&other.code, &other.id)));
        Ok(found)
    }

    /// The canned messages of the whole tenant that have words of the question, those that answer it best first, each
    /// with how well it does.
    pub async fn search_canned(
        &self,
        terms: &Terms,
        limit: usize,
    ) -> Result<Vec<(f64, CannedMessage)>, StoreError> {
        let all = self.canned_of(&[CannedScope::Tenant]).await?;
        let total = all.len();
        let text = |canned: &CannedMessage| (canned.title.clone(), canned.text.clone());
        let mut ranked = answers(terms, all, text, total);
        ranked.truncate(limit);
        Ok(ranked)
    }

    /// A canned message.
    pub async fn canned(&self, id: &CannedId) -> Result<Option<CannedMessage>, StoreError> {
        self.one(TABLE, id.as_str()).await
    }

    /// Creates a canned message. [`StoreError::Exists`] when its owner has another of the same code.
    pub async fn create_canned(&self, canned: &CannedMessage) -> Result<(), StoreError> {
        let count = "SELECT count() FROM canned_message WHERE owner = $owner GROUP ALL";
        let variables = variables! { "owner": owner(&canned.scope) };
        if self.database.query("count_canned", count, variables).await?.count(0)? >= MOST {
            return Err(StoreError::TooMany(format!("canned messages in one scope: {MOST} are the most")));
        }
        self.create_record(TABLE, canned.id.as_str(), content(canned)?).await
    }

    /// Replaces a canned message that is in the version before.
    pub async fn replace_canned(&self, canned: &CannedMessage) -> Result<(), StoreError> {
        self.replace_record(TABLE, canned.id.as_str(), content(canned)?, canned.version - 1).await
    }

    /// Removes a canned message that is in this version.
    pub async fn remove_canned(&self, id: &CannedId, version: u64) -> Result<(), StoreError> {
        self.remove_record(TABLE, id.as_str(), version).await
    }
}
