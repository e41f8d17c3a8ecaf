//! Demo data: one tenant with people whose passwords everybody knows. For trying the hub on one machine.

use anyhow::{Context as _, Result};
use confab_bus::Bus;
use confab_config::Config;
use confab_domain::{Actor, Clock, Command, CommandKind};
use confab_protocol::api::Availability;
use confab_protocol::{CommandId, Role, TenantId, UserId};
use confab_store::{NewUser, Store, StoreError};
use secrecy::SecretString;

use crate::wiring;

/// The tenant.
pub(crate) const TENANT: &str = "demo";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "confab-demo";
/// How many conversations a demo agent takes at a time.
const CAPACITY: u32 = 5;

/// Somebody of the demo tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    /// Login and id.
    pub(crate) login: &'static str,
    /// Name to show.
    pub(crate) name: &'static str,
    /// Role.
    pub(crate) role: Role,
}

/// Everybody.
pub(crate) const PEOPLE: [Person; 5] = [
    Person { login: "sam", name: "Sam", role: Role::Agent },
    Person { login: "ram", name: "Ram", role: Role::Agent },
    Person { login: "rosa", name: "Rosa", role: Role::Supervisor },
    Person { login: "adam", name: "Adam", role: Role::Admin },
    Person { login: "mohan", name: "Mohan", role: Role::Customer },
];

/// The password that everybody knows, of somebody who has it.
pub(crate) fn password_of(tenant: &str, login: &str) -> Option<&'static str> {
    let known = tenant == TENANT && PEOPLE.iter().any(|person| person.login == login);
    known.then_some(PASSWORD)
}

/// Creates what is missing of the tenant and its people.
pub(crate) async fn create(store: &Store, config: &Config) -> Result<()> {
    let tenant: TenantId = TENANT.parse().context("the demo tenant")?;
    existing_is_fine(store.create_tenant(&tenant, "Demo", &wiring::tenant_settings(config)).await)?;
    let people = store.tenant(&tenant).await?;
    for person in PEOPLE {
        let id: UserId = person.login.parse().context("a demo user")?;
        if people.user(&id).await?.is_some() {
            continue;
        }
        let password = SecretString::from(PASSWORD);
        let password_hash =
            tokio::task::spawn_blocking(move || confab_auth::passwords::hash(&password)).await??;
        let user = NewUser {
            id,
            login: person.login.to_owned(),
            name: person.name.to_owned(),
            role: person.role,
            password_hash,
            capacity: CAPACITY,
            skills: Vec::new(),
            teams: Vec::new(),
            email: None,
        };
        existing_is_fine(people.create_user(user).await)?;
    }
    Ok(())
}

/// Puts the demo agents online, once: who goes offline later stays so.
pub(crate) async fn put_online(bus: &Bus, clock: &Clock) -> Result<()> {
    let tenant: TenantId = TENANT.parse().context("the demo tenant")?;
    for person in PEOPLE.iter().filter(|person| person.role == Role::Agent) {
        let id: CommandId = format!("demo-online-{}", person.login).parse().context("a command's id")?;
        let agent: UserId = person.login.parse().context("a demo user")?;
        let kind = CommandKind::SetAvailability { agent, availability: Availability::Online };
        let name = kind.name();
        let command = Command { id, tenant: tenant.clone(), at: clock.now(), actor: Actor::System, kind };
        let payload = rmp_serde::to_vec_named(&command).context("a command is encoded")?;
        bus.work().submit(&tenant, name, &command.id, payload.into(), None).await?;
    }
    Ok(())
}

fn existing_is_fine(outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Err(StoreError::Exists(_)) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_of_the_demo_have_its_password() {
        assert_eq!(password_of("demo", "sam"), Some(PASSWORD));
        assert_eq!(password_of("acme", "sam"), None);
        assert_eq!(password_of("demo", "admin"), None);
    }
}
