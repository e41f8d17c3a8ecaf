//! People who can log in, and staff as agents.

use std::fmt;

use confab_domain::Agent;
use confab_protocol::{Role, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::Variables;

use crate::error::{Fault, StoreError};
use crate::rows::{record, to_content, variables};
use crate::tenant::TenantStore;

/// A person who can log in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Name to log in with.
    pub login: String,
    /// Hash of the password; empty for who has none.
    pub password_hash: String,
    /// When the password was last replaced.
    #[serde(default)]
    pub password_set_at: UnixMillis,
    /// Where e-mail goes.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether they may not log in.
    #[serde(default)]
    pub disabled: bool,
    /// Grows by one with every change.
    #[serde(default = "first_version")]
    pub version: u64,
}

fn first_version() -> u64 {
    1
}

impl fmt::Debug for User {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("User").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A person to create.
#[derive(Clone)]
pub struct NewUser {
    /// Id.
    pub id: UserId,
    /// Name to log in with; nobody else of the tenant may have it.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// Role. Staff becomes an agent too, offline at first.
    pub role: Role,
    /// Hash of the password.
    pub password_hash: String,
    /// Conversations an agent can have at once.
    pub capacity: u32,
    /// Issue types an agent answers; empty means all.
    pub skills: Vec<String>,
    /// Teams an agent belongs to.
    pub teams: Vec<String>,
    /// Where e-mail goes.
    pub email: Option<String>,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NewUser").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl TenantStore {
    /// Creates a person, and an agent when they are staff. [`StoreError::Exists`] when id or login is taken.
    pub async fn create_user(&self, new: NewUser) -> Result<(), StoreError> {
        let NewUser { id, login, name, role, password_hash, capacity, skills, teams, email } = new;
        let agent = Agent { skills, teams, ..Agent::new(id.clone(), name.clone(), role, capacity) };
        let user = User {
            id: id.clone(),
            name,
            role,
            login,
            password_hash,
            password_set_at: 0,
            email,
            disabled: false,
            version: 1,
        };
        let variables = variables! {
            "user": record("user", id.as_str()),
            "person": to_content(&user)?,
            "agent": record("agent", id.as_str()),
            "staff": to_content(&agent)?,
        };
        let create = if role.is_staff() {
            "BEGIN; CREATE $user CONTENT $person RETURN NONE; CREATE $agent CONTENT $staff RETURN NONE; COMMIT;"
        } else {
            "CREATE $user CONTENT $person RETURN NONE;"
        };
        match self.database.query("create_user", create, variables).await {
            Ok(_) => Ok(()),
            Err(Fault::Exists(_)) => {
                Err(StoreError::Exists(format!("the user {id} or the login {}", user.login)))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// A person by the name they log in with.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>, StoreError> {
        let variables = variables! { "login": login };
        let select = "SELECT * FROM user WHERE login = $login LIMIT 1";
        self.database.query("user_by_login", select, variables).await?.first(0)
    }

    /// A person.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.one("user", id.as_str()).await
    }

    /// An agent.
    pub async fn agent(&self, id: &UserId) -> Result<Option<Agent>, StoreError> {
        self.one("agent", id.as_str()).await
    }

    /// All agents, by id.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let select = "SELECT * FROM agent ORDER BY id";
        self.database.query("agents", select, Variables::new()).await?.rows(0)
    }

    /// The agents to whom conversations may be given without asking.
    pub async fn available_agents(&self) -> Result<Vec<Agent>, StoreError> {
        let select =
            "SELECT * FROM agent WHERE availability = 'online' AND connected = true AND active < capacity";
        self.database.query("available_agents", select, Variables::new()).await?.rows(0)
    }
}
