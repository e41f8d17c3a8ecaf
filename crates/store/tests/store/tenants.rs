//! Migrations are applied once, tenants see nothing of each other, and what is on disk is still there after a restart.

use std::time::Duration;

use confab_domain::TenantSettings;
use confab_protocol::ErrorCode;
use confab_protocol::Role;
use confab_protocol::api::Priority;
use confab_store::{Store, StoreError, StoreSettings};

use crate::support::{
    EPOCH, acme, conversation_id, memory, message, new_user, started, tenant, tenant_id, user_id,
};

#[tokio::test]
async fn migrations_are_applied_once() {
    let store = Store::open(StoreSettings::memory()).await.unwrap();
    store.ping().await.unwrap();
    assert!(matches!(store.tenants().await, Err(StoreError::NotMigrated(_))));
    let first = store.migrate().await.unwrap();
    assert_eq!(first.iter().map(ToString::to_string).collect::<Vec<_>>(), ["_confab: 0001_tenants"]);
    assert_eq!(store.migrate().await, Ok(Vec::new()));
    tenant(&store, "acme").await;
    assert_eq!(store.migrate().await, Ok(Vec::new()), "a new tenant is up to date");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_migrate_at_once_apply_each_migration_once() {
    let store = Store::open(StoreSettings::memory()).await.unwrap();
    let outcomes = tokio::join!(store.migrate(), store.migrate(), store.migrate(), store.migrate());
    let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3];
    let applied: usize = outcomes.into_iter().map(|applied| applied.unwrap().len()).sum();
    assert_eq!(applied, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_created_once() {
    let store = memory().await;
    let id = tenant_id("acme");
    let settings = TenantSettings { abandon_ms: 7, ..TenantSettings::default() };
    let create = || store.create_tenant(&id, "Acme", &settings);
    let outcomes = tokio::join!(create(), create(), create());
    let outcomes = [outcomes.0, outcomes.1, outcomes.2];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::Exists(_)))));
    assert!(matches!(create().await, Err(StoreError::Exists(_))));
    let tenants = store.tenants().await.unwrap();
    assert_eq!((tenants.len(), tenants[0].name.as_str()), (1, "Acme"));
    let acme = store.tenant(&id).await.unwrap();
    assert_eq!(acme.settings().await, Ok(settings.clone()));
    let changed = TenantSettings { abandon_ms: 8, ..settings };
    acme.put_settings(&changed).await.unwrap();
    assert_eq!(acme.settings().await, Ok(changed));
}

#[tokio::test]
async fn tenants_see_nothing_of_each_other() {
    let store = memory().await;
    let (acme, globex) = (tenant(&store, "acme").await, tenant(&store, "globex").await);
    started(&acme, "c1", Priority::Medium, 1000).await;
    acme.create_user(new_user("ada", Role::Agent, 3)).await.unwrap();
    acme.insert_entries(&[message("c1", EPOCH, 1, "ada", "hello")]).await.unwrap();
    let c1 = conversation_id("c1");
    assert_eq!(globex.conversation(&c1).await, Ok(None));
    assert_eq!(globex.waiting_count().await, Ok(0));
    assert_eq!(globex.count_entries(&c1).await, Ok(0));
    assert_eq!(globex.user_by_login("ada@example.org").await, Ok(None));
    assert_eq!(globex.agents().await, Ok(Vec::new()));
    globex.create_user(new_user("ada", Role::Agent, 9)).await.unwrap();
    assert_eq!(acme.agent(&user_id("ada")).await.unwrap().unwrap().capacity, 3);
    let missing = store.tenant(&tenant_id("initech")).await.unwrap_err();
    assert_eq!((missing.code(), missing.is_transient()), (ErrorCode::NotFound, false));
}

#[tokio::test]
async fn a_tenant_cannot_take_the_hubs_own_database() {
    let store = memory().await;
    let odd = tenant(&store, "_confab").await;
    started(&odd, "c1", Priority::Medium, 1000).await;
    assert_eq!(store.tenants().await.unwrap().len(), 1);
    assert_eq!(odd.waiting_count().await, Ok(1));
}

#[tokio::test]
async fn people_are_found_by_id_and_login() {
    let store = acme().await;
    store.create_user(new_user("ada", Role::Supervisor, 3)).await.unwrap();
    store.create_user(new_user("cus", Role::Customer, 0)).await.unwrap();
    let ada = store.user_by_login("ada@example.org").await.unwrap().unwrap();
    assert_eq!((ada.id.as_str(), ada.name.as_str(), ada.role), ("ada", "ADA", Role::Supervisor));
    assert_eq!(store.user(&ada.id).await.unwrap().unwrap(), ada);
    assert!(!format!("{ada:?}").contains("argon2"), "a hash is shown");
    let agents = store.agents().await.unwrap();
    assert_eq!((agents.len(), agents[0].version, agents[0].skills.len()), (1, 1, 1));
    let mut taken = new_user("eve", Role::Agent, 3);
    taken.login = "ada@example.org".to_owned();
    assert!(matches!(store.create_user(taken).await, Err(StoreError::Exists(_))));
    assert_eq!(store.agent(&user_id("eve")).await, Ok(None));
    assert!(matches!(store.create_user(new_user("ada", Role::Agent, 3)).await, Err(StoreError::Exists(_))));
}

/// The engine lets go of its files a moment after the last handle is dropped.
async fn open_again(url: &str) -> Store {
    for _ in 0..100 {
        if let Ok(store) = Store::open(StoreSettings::at(url)).await {
            return store;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database can't be opened again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_disk_is_still_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("surrealkv://{}", directory.path().display());
    let conversation = {
        let store = Store::open(StoreSettings::at(&url)).await.unwrap();
        store.migrate().await.unwrap();
        let acme = tenant(&store, "acme").await;
        acme.insert_entries(&[message("c1", EPOCH, 1, "cus", "hello")]).await.unwrap();
        started(&acme, "c1", Priority::Medium, 1000).await
    };
    let store = open_again(&url).await;
    assert_eq!(store.migrate().await, Ok(Vec::new()));
    let acme = store.tenant(&tenant_id("acme")).await.unwrap();
    assert_eq!(acme.waiting(None, 10).await, Ok(vec![conversation]));
    let history = acme.history(&conversation_id("c1"), None, 10, false).await.unwrap();
    assert_eq!(history.items.len(), 1);
}
