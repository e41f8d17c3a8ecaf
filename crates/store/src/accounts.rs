//! People as admins see them: lists, changes on the version that was read, passwords; and teams.

use std::ops::Bound;

use confab_protocol::{Role, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, RecordIdKey, RecordIdKeyRange, Variables};

use crate::conversations::Page;
use crate::error::{Fault, StoreError};
use crate::rows::{record, variables};
use crate::tenant::TenantStore;
use crate::users::User;

/// A team, as it was described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// What conversations and agents name.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Grows by one with every change.
    pub version: u64,
}

/// What can be changed of a person.
#[derive(Debug, Clone)]
pub struct UserChange {
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Where e-mail goes.
    pub email: Option<String>,
    /// Whether they may not log in.
    pub disabled: bool,
}

impl TenantStore {
    /// People, by id, beginning after the one whose id is the cursor.
    pub async fn users(&self, cursor: Option<&UserId>, limit: u32) -> Result<Page<User>, StoreError> {
        let start = cursor.map_or(Bound::Unbounded, |after| {
            Bound::Excluded(RecordIdKey::String(after.as_str().to_owned()))
        });
        let range = RecordId::new("user", RecordIdKeyRange { start, end: Bound::Unbounded });
        let variables = variables! { "people": range, "limit": u64::from(limit) + 1 };
        let select = "SELECT * FROM $people LIMIT $limit";
        let mut items: Vec<User> = self.database.query("users", select, variables).await?.rows(0)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if has_more { items.last().map(|user| user.id.to_string()) } else { None };
        Ok(Page { items, next_cursor })
    }

    /// Changes a person who is in this version. [`StoreError::Conflict`] when they are in another.
    pub async fn change_user(
        &self,
        id: &UserId,
        version: u64,
        change: &UserChange,
    ) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("user", id.as_str()),
            "version": version,
            "next": version + 1,
            "name": change.name.as_str(),
            "role": change.role.as_str(),
            "email": change.email.as_deref(),
            "disabled": change.disabled,
        };
        let update = "UPDATE $id SET name = $name, role = $role, email = $email ?? NONE, disabled = $disabled, \
                      version = $next WHERE (version ?? 1) = $version RETURN VALUE name";
        let changed: Option<String> =
            self.database.query("change_user", update, variables).await?.first(0)?;
        changed.map(drop).ok_or(StoreError::Conflict)
    }

    /// Replaces the hash of a person's password. Refresh tokens issued before `now` are good for nothing afterwards.
    pub async fn set_password(&self, id: &UserId, hash: &str, now: UnixMillis) -> Result<(), StoreError> {
        let variables = variables! { "id": record("user", id.as_str()), "hash": hash, "now": now };
        let update = "UPDATE $id SET password_hash = $hash, password_set_at = $now RETURN VALUE name";
        let changed: Option<String> =
            self.database.query("set_password", update, variables).await?.first(0)?;
        changed.map(drop).ok_or_else(|| StoreError::NotFound(format!("the user {id}")))
    }

    /// The teams that were described, by id.
    pub async fn teams(&self) -> Result<Vec<Team>, StoreError> {
        self.database.query("teams", "SELECT * FROM team ORDER BY id", Variables::new()).await?.rows(0)
    }

    /// Describes a team that is in this version, 0 for one that nobody described. [`StoreError::Conflict`] otherwise.
    pub async fn put_team(&self, id: &str, name: &str, version: u64) -> Result<Team, StoreError> {
        let variables =
            variables! { "id": record("team", id), "name": name, "version": version, "next": version + 1 };
        let write = if version == 0 {
            "CREATE $id CONTENT { name: $name, version: 1 }"
        } else {
            "UPDATE $id SET name = $name, version = $next WHERE version = $version"
        };
        match self.database.query("put_team", write, variables).await {
            Ok(mut answer) => answer.first(0)?.ok_or(StoreError::Conflict),
            Err(Fault::Exists(_)) => Err(StoreError::Conflict),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Forgets the description of a team. Whether there was one.
    pub async fn delete_team(&self, id: &str) -> Result<bool, StoreError> {
        let variables = variables! { "id": record("team", id) };
        let delete = "DELETE $id RETURN BEFORE";
        let gone: Option<Team> = self.database.query("delete_team", delete, variables).await?.first(0)?;
        Ok(gone.is_some())
    }
}
