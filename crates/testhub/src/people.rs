//! A tenant and its people, put into a database; tokens without passwords, because hashing five hundred takes too long.

use confab_auth::{Lifetimes, Subject, Tokens};
use confab_domain::{Clock, TenantSettings};
use confab_protocol::{Role, TenantId, UserId};
/// An entry as the projector stores it, for those who fill a database.
pub use confab_store::{FigureRow, StoredEntry};
use confab_store::{NewUser, Store, TenantStore};
use secrecy::SecretString;

/// The key that signs tokens in tests; never used elsewhere.
pub const SIGNING_KEY: &str = "a-key-of-the-tests-and-of-nothing-else";
/// Who issues tokens.
pub const ISSUER: &str = "confab";
/// The password of everybody who was given one.
pub const PASSWORD: &str = "correct horse battery staple";

/// An agent, a supervisor or an admin.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Id.
    pub id: UserId,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Access token.
    pub token: String,
}

/// One tenant in a database.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its database.
    pub store: TenantStore,
}

/// Somebody of whom no database knows, with a token that every hub of a test takes.
///
/// # Panics
/// When the name is no id.
pub fn stranger(tenant: &TenantId, name: &str, role: Role) -> Staff {
    let id: UserId = name.to_lowercase().parse().expect("a name of a test is an id");
    let subject = Subject { user: id.clone(), tenant: tenant.clone(), role, name: name.to_owned() };
    let now = Clock::system().now() / 1000;
    let token = tokens().issue_access(&subject, now).expect("a token is issued").token;
    Staff { id, name: name.to_owned(), role, token }
}

/// Issues tokens that every hub of a test takes.
///
/// # Panics
/// Never: the key is long enough.
pub fn tokens() -> Tokens {
    let lifetimes = Lifetimes { access_seconds: 3600, refresh_seconds: 7200, customer_seconds: 3600 };
    Tokens::new(SIGNING_KEY.as_bytes(), ISSUER, lifetimes).expect("the key is long enough")
}

impl Tenant {
    /// Makes a tenant in a migrated database.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn create(store: &Store, name: &str, settings: TenantSettings) -> Self {
        let id: TenantId = name.parse().expect("a tenant's name is an id");
        store.create_tenant(&id, name, &settings).await.expect("the tenant is made");
        let store = store.tenant(&id).await.expect("the tenant is there");
        Self { id, store }
    }

    /// Makes an agent with so many slots.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn agent(&self, name: &str, capacity: u32) -> Staff {
        self.staff(name, Role::Agent, capacity, None).await
    }

    /// Makes somebody of the staff who can log in with [`PASSWORD`].
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn with_login(&self, name: &str, role: Role, capacity: u32) -> Staff {
        let hash =
            confab_auth::passwords::hash(&SecretString::from(PASSWORD)).expect("the password is hashed");
        self.staff(name, role, capacity, Some(hash)).await
    }

    async fn staff(&self, name: &str, role: Role, capacity: u32, password: Option<String>) -> Staff {
        let id: UserId = name.to_lowercase().parse().expect("a name of a test is an id");
        let user = NewUser {
            login: id.to_string(),
            id,
            name: name.to_owned(),
            role,
            password_hash: password.unwrap_or_default(),
            capacity,
            skills: Vec::new(),
            teams: Vec::new(),
            email: None,
        };
        self.store.create_user(user).await.expect("the user is made");
        stranger(&self.id, name, role)
    }
}
