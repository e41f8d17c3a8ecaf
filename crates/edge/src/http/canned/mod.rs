//! Canned messages: of the tenant, of teams, of one person. Other people's own ones are not found.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod render;
pub(crate) mod update;

use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_domain::library;
use confab_protocol::api::{CannedMessage, CannedRequest, CannedScope};
use confab_protocol::{CannedId, ErrorCode, UnixMillis, UserId};
use confab_store::{StoreError, TenantStore};

use crate::error::EdgeError;
use crate::form;
use crate::identity::Identity;

/// What the caller may use: the tenant's, their teams', their own.
async fn scopes_of(store: &TenantStore, who: &Identity) -> Result<Vec<CannedScope>, EdgeError> {
    let teams = store.agent(&who.user_id).await?.map(|agent| agent.teams).unwrap_or_default();
    let mut scopes: Vec<CannedScope> = teams.into_iter().map(|team| CannedScope::Team { team }).collect();
    scopes.push(CannedScope::Tenant);
    scopes.push(CannedScope::Person { user_id: Some(who.user_id.clone()) });
    Ok(scopes)
}

/// The canned message, for somebody who may use it. Who leads sees those of all teams.
async fn visible(store: &TenantStore, who: &Identity, id: &CannedId) -> Result<CannedMessage, EdgeError> {
    authorize(who.role, Action::UseCanned, Some(Relation::Tenant))?;
    let canned = store.canned(id).await?.ok_or_else(|| EdgeError::not_found("canned message"))?;
    let leads = allowed(who.role, Action::EditCanned, Relation::Tenant);
    let is_visible = match &canned.scope {
        CannedScope::Tenant => true,
        CannedScope::Team { .. } => leads || scopes_of(store, who).await?.contains(&canned.scope),
        CannedScope::Person { user_id } => user_id.as_ref() == Some(&who.user_id),
    };
    if is_visible { Ok(canned) } else { Err(EdgeError::not_found("canned message")) }
}

/// Whether the caller may write canned messages of this scope.
fn may_edit(who: &Identity, scope: &CannedScope) -> Result<(), EdgeError> {
    let own = matches!(scope, CannedScope::Person { user_id } if user_id.as_ref() == Some(&who.user_id));
    let relation = if own { Relation::Own } else { Relation::Tenant };
    Ok(authorize(who.role, Action::EditCanned, Some(relation))?)
}

fn invalid(message: impl Into<String>) -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, message)
}

/// What was sent as a canned message of this id and version.
fn checked(
    request: CannedRequest,
    who: &Identity,
    id: CannedId,
    version: u64,
    now: UnixMillis,
) -> Result<CannedMessage, EdgeError> {
    library::check_canned(&request).map_err(invalid)?;
    let CannedRequest { code, title, text, scope, answers } = request;
    let scope = match scope {
        CannedScope::Tenant => CannedScope::Tenant,
        CannedScope::Team { team } => {
            form::word("team", &team)?;
            CannedScope::Team { team }
        }
        CannedScope::Person { user_id } => own(user_id, who)?,
    };
    may_edit(who, &scope)?;
    let updated_by = Some(who.user_id.clone());
    Ok(CannedMessage { id, code, title, text, scope, answers, updated_by, updated_at: now, version })
}

fn own(user_id: Option<UserId>, who: &Identity) -> Result<CannedScope, EdgeError> {
    match user_id {
        Some(id) if id != who.user_id => {
            Err(invalid("canned messages of one person are written by themselves"))
        }
        _ => Ok(CannedScope::Person { user_id: Some(who.user_id.clone()) }),
    }
}

/// What the store refused, in the caller's words.
fn refused(error: StoreError) -> EdgeError {
    match error {
        StoreError::Exists(_) => EdgeError::new(
            ErrorCode::Conflict,
            "there is a canned message with this code in this scope; choose another code",
        ),
        StoreError::Conflict => EdgeError::new(
            ErrorCode::PreconditionFailed,
            "the canned message was changed or removed meanwhile; read it again",
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Role, TenantId};

    use super::*;

    fn who(role: Role) -> Identity {
        Identity {
            tenant: TenantId::parse("demo").expect("an id"),
            user_id: UserId::parse("ravi").expect("an id"),
            name: "Ravi".into(),
            role,
            conversations: Vec::new(),
            expires_at: 0,
        }
    }

    fn request(scope: CannedScope) -> CannedRequest {
        let (code, title) = ("hi".to_owned(), "Greeting".to_owned());
        CannedRequest { code, title, text: "Hi {{customer.name}}".into(), scope, answers: false }
    }

    fn check(role: Role, request: CannedRequest) -> Result<CannedMessage, ErrorCode> {
        checked(request, &who(role), CannedId::parse("m").expect("an id"), 1, 5).map_err(|error| error.code)
    }

    #[test]
    fn agents_write_their_own_and_leads_write_all_shared_ones() {
        let own = || request(CannedScope::Person { user_id: None });
        let team = || request(CannedScope::Team { team: "billing".into() });
        let mine = check(Role::Agent, own()).expect("taken");
        assert_eq!(mine.scope, CannedScope::Person { user_id: Some(who(Role::Agent).user_id) });
        assert_eq!(check(Role::Agent, team()), Err(ErrorCode::Forbidden));
        assert_eq!(check(Role::Agent, request(CannedScope::Tenant)), Err(ErrorCode::Forbidden));
        assert!(check(Role::Supervisor, team()).is_ok());
        let others = CannedScope::Person { user_id: UserId::parse("ann").ok() };
        assert_eq!(check(Role::Admin, request(others)), Err(ErrorCode::Invalid));
    }

    #[test]
    fn every_field_is_checked() {
        let good = || request(CannedScope::Tenant);
        let wrong = [
            CannedRequest { code: "Hi".into(), ..good() },
            CannedRequest { code: "x".repeat(33), ..good() },
            CannedRequest { title: " ".into(), ..good() },
            CannedRequest { text: "{{custmer.name}}".into(), ..good() },
            CannedRequest { scope: CannedScope::Team { team: "a b".into() }, ..good() },
            CannedRequest { answers: true, ..request(CannedScope::Person { user_id: None }) },
        ];
        for request in wrong {
            assert_eq!(check(Role::Admin, request), Err(ErrorCode::Invalid));
        }
    }
}
