//! Administration of a tenant: settings, people, teams. Admins change, supervisors read.

pub(crate) mod content_filter;
pub(crate) mod customers;
pub(crate) mod identity;
pub(crate) mod identity_provider;
pub(crate) mod mail;
pub(crate) mod responder;
pub(crate) mod retention;
pub(crate) mod settings;
pub(crate) mod teams;
pub(crate) mod users;
pub(crate) mod webhooks;
pub(crate) mod widget;

use axum::Router;
use axum::routing::{delete, get, put};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_store::TenantStore;

use super::HttpState;
use crate::error::EdgeError;
use crate::identity::Identity;
use crate::state::EdgeState;

/// The routes that take no parameters.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/api/admin/settings", get(settings::get_settings).put(settings::put_settings))
        .route(
            "/api/admin/content-filter",
            get(content_filter::get_content_filter).put(content_filter::put_content_filter),
        )
        .route(
            "/api/admin/users/{id}",
            get(users::get::get_user).put(users::update::update_user).delete(users::disable::disable_user),
        )
        .route("/api/admin/users/{id}/password", put(users::password::set_password))
        .route(
            "/api/admin/identity",
            get(identity::get_identity).put(identity::renew_identity).delete(identity::delete_identity),
        )
        .route(
            "/api/admin/identity-provider",
            get(identity_provider::get_identity_provider)
                .put(identity_provider::put_identity_provider)
                .delete(identity_provider::delete_identity_provider),
        )
        .route("/api/admin/retention", get(retention::get_retention).put(retention::put_retention))
        .route("/api/admin/widget", get(widget::get_widget).put(widget::put_widget))
        .route("/api/admin/responder", get(responder::get_responder).put(responder::put_responder))
        .route("/api/admin/mail", get(mail::get_mail).put(mail::put_mail))
        .route("/api/admin/mail/refused", get(mail::list_refused))
        .route("/api/admin/mail/refused/{address}", delete(mail::forgive_address))
        .merge(webhooks::router())
        .route("/api/admin/teams", get(teams::list_teams))
        .route("/api/admin/teams/{id}", put(teams::put_team).delete(teams::delete_team))
}

/// The routes that take as long as there is something to read or erase.
pub(super) fn streams() -> Router<HttpState> {
    Router::new()
        .route("/api/admin/customers/{id}/export", get(customers::export_customer))
        .route("/api/admin/customers/{id}", delete(customers::erase_customer))
}

/// The tenant's store, for somebody who may read what admins set.
pub(super) async fn reader(state: &EdgeState, who: &Identity) -> Result<TenantStore, EdgeError> {
    authorize(who.role, Action::ReadAdministration, Some(Relation::Tenant))?;
    Ok(state.store.tenant(&who.tenant).await?)
}

/// The tenant's store, for somebody who may change it.
pub(super) async fn writer(state: &EdgeState, who: &Identity) -> Result<TenantStore, EdgeError> {
    authorize(who.role, Action::Administer, Some(Relation::Tenant))?;
    Ok(state.store.tenant(&who.tenant).await?)
}
