//! `PUT /api/admin/users/{id}`: changes somebody.

use axum::extract::State;
use confab_protocol::api::{AccountEdit, AccountView};
use confab_protocol::{ErrorCode, UserId};
use confab_store::{TenantStore, UserChange};

use super::{check_agent, configure, get};
use crate::audit;
use crate::commands;
use crate::error::EdgeError;
use crate::form;
use crate::http::admin::writer;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{At, Body, Caller};
use crate::identity::Identity;
use crate::state::EdgeState;

/// Change a person. What concerns the desk is carried out there at once; name and role in tokens change at the next
/// renewal.
#[utoipa::path(
    put,
    path = "/api/admin/users/{id}",
    tag = "administration",
    params(
        ("id" = UserId, Path, description = "The person."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read."),
    ),
    request_body = AccountEdit,
    responses((status = 200, description = "The person as they are now.", body = AccountView)),
)]
pub(crate) async fn update_user(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
    if_match: IfMatch,
    Body(request): Body<AccountEdit>,
) -> Result<Tagged<AccountView>, EdgeError> {
    let store = writer(&state, &who).await?;
    let changed = change(&state, &store, &who, &id, if_match, request).await?;
    Ok(tagged(changed.version, changed))
}

/// Changes the person's record, then tells the desk.
pub(super) async fn change(
    state: &EdgeState,
    store: &TenantStore,
    who: &Identity,
    id: &UserId,
    if_match: IfMatch,
    edit: AccountEdit,
) -> Result<AccountView, EdgeError> {
    let before = get::find(store, id).await?;
    let version = if_match.check(before.version)?;
    let before_disabled = before.disabled;
    let mut after = apply(before, edit)?;
    if who.user_id == *id && (after.disabled || after.role != who.role) {
        let message = "you can't disable yourself or change your own role; ask another admin";
        return Err(EdgeError::new(ErrorCode::Conflict, message));
    }
    let change = UserChange {
        name: after.name.clone(),
        role: after.role,
        email: after.email.clone(),
        disabled: after.disabled,
    };
    store.change_user(id, version, &change).await.map_err(edited)?;
    let action = if after.disabled && !before_disabled { "disable_user" } else { "update_user" };
    audit::note(state, who, action, ("user", id)).await;
    after.version = version + 1;
    if after.role.is_staff() {
        let command = configure(&after, state.config.assignment.capacity);
        commands::execute(state, who, command, commands::new_id(&state.clock)).await?;
    }
    Ok(after)
}

fn apply(mut account: AccountView, edit: AccountEdit) -> Result<AccountView, EdgeError> {
    if let Some(name) = &edit.name {
        account.name = form::name("name", name)?;
    }
    if let Some(role) = edit.role {
        if role.is_staff() != account.role.is_staff() {
            let message = "staff stays staff and customers stay customers; create another person instead";
            return Err(EdgeError::new(ErrorCode::Invalid, message));
        }
        account.role = role;
    }
    match edit.email.as_deref() {
        None => {}
        Some("") => account.email = None,
        Some(email) => {
            form::email("email", email)?;
            account.email = Some(email.to_owned());
        }
    }
    account.disabled = edit.disabled.unwrap_or(account.disabled);
    check_agent(edit.capacity, edit.skills.as_deref().unwrap_or(&[]), edit.teams.as_deref().unwrap_or(&[]))?;
    if !account.role.is_staff() && (edit.capacity.is_some() || edit.skills.is_some() || edit.teams.is_some())
    {
        return Err(EdgeError::new(ErrorCode::Invalid, "customers have no capacity, skills or teams"));
    }
    account.capacity = edit.capacity.or(account.capacity);
    account.skills = edit.skills.unwrap_or(account.skills);
    account.teams = edit.teams.unwrap_or(account.teams);
    Ok(account)
}

#[cfg(test)]
mod tests {
    use confab_protocol::Role;

    use super::*;

    fn account(role: Role) -> AccountView {
        AccountView {
            id: UserId::parse("asha").expect("an id"),
            login: "asha".into(),
            name: "Asha".into(),
            role,
            email: Some("asha@example.org".into()),
            disabled: false,
            capacity: role.is_staff().then_some(3),
            skills: Vec::new(),
            teams: Vec::new(),
            version: 1,
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        let edit = AccountEdit { teams: Some(vec!["billing".into()]), ..AccountEdit::default() };
        let after = apply(account(Role::Agent), edit).expect("taken");
        assert_eq!((after.name.as_str(), after.capacity, after.teams.len()), ("Asha", Some(3), 1));
        let edit = AccountEdit { email: Some(String::new()), ..AccountEdit::default() };
        assert_eq!(apply(account(Role::Agent), edit).expect("taken").email, None);
    }

    #[test]
    fn nobody_changes_sides() {
        for (from, to) in [(Role::Agent, Role::Customer), (Role::Customer, Role::Admin)] {
            let edit = AccountEdit { role: Some(to), ..AccountEdit::default() };
            assert_eq!(apply(account(from), edit).expect_err("refused").code, ErrorCode::Invalid);
        }
        let edit = AccountEdit { capacity: Some(1), ..AccountEdit::default() };
        assert!(apply(account(Role::Customer), edit).is_err());
    }
}
