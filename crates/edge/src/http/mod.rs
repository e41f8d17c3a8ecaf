//! The HTTP API: one file per endpoint, from its route to its document and its tests. Knows nothing of WebSocket.

mod admin;
mod agents;
mod articles;
mod attachments;
mod audit;
mod auth;
mod canned;
mod chat;
mod conditional;
mod conversations;
mod customers;
mod etag;
mod extract;
mod middleware;
mod openapi;
mod page;
mod problem;
mod reports;
mod search;
mod service_levels;
mod site;
mod tickets;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn;
use axum::routing::{get, post, put};
use tokio::sync::Semaphore;

use crate::authentication::Providers;
use crate::state::EdgeState;

pub use openapi::openapi_json;

/// What handlers share besides the [`EdgeState`].
#[derive(Clone)]
pub(crate) struct HttpState {
    edge: EdgeState,
    /// Passwords that may be checked at a time: each takes a core and 19 MiB.
    hashing: Arc<Semaphore>,
    /// The ways to prove who one is.
    providers: Providers,
    /// Uploads at a time: each needs memory for its parts.
    uploads: Arc<Semaphore>,
    /// Pictures that may be decoded at a time: each can take as much memory as its pixels.
    pictures: Arc<Semaphore>,
    /// The latest answer about readiness.
    readiness: Arc<site::health::Readiness>,
}

impl FromRef<HttpState> for EdgeState {
    fn from_ref(state: &HttpState) -> Self {
        state.edge.clone()
    }
}

impl HttpState {
    fn new(edge: EdgeState) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let uploads = Arc::new(Semaphore::new(edge.config.attachments.concurrent_uploads));
        let hashing = Arc::new(Semaphore::new(cores));
        Self {
            providers: Providers::new(&edge, Arc::clone(&hashing)),
            edge,
            hashing,
            uploads,
            pictures: Arc::new(Semaphore::new(1)),
            readiness: Arc::default(),
        }
    }
}

/// Everything that is served over HTTP but the routes of live connections.
pub(crate) fn router(state: EdgeState) -> Router {
    let api = api().fallback(problem::unknown_path);
    let streams = attachments::router().merge(admin::streams());
    let streams = middleware::rate_limited(streams, &state);
    let router = middleware::limited(api, &state).merge(streams).merge(site::router());
    let router = router.method_not_allowed_fallback(problem::wrong_method);
    middleware::surrounded(router, &state).with_state(HttpState::new(state))
}

/// Puts around routes of live connections what every answer of the hub gets: observation, security headers,
/// cross-origin rules, the net for panics.
pub(crate) fn surrounded(router: Router<EdgeState>, state: &EdgeState) -> Router<EdgeState> {
    middleware::surrounded(router.method_not_allowed_fallback(problem::wrong_method), state)
}

/// The routes of the API. Where two names stand for the same, the second is listed in [`openapi::ALIASES`].
fn api() -> Router<HttpState> {
    let without_parameters = Router::new()
        .route("/api/auth/login", post(auth::login::login))
        .route("/api/auth/renew", post(auth::renew::renew))
        .route("/api/auth/customer", post(auth::customer::exchange_identity))
        .route("/api/auth/oidc/begin", post(auth::oidc::begin_oidc))
        .route("/api/auth/oidc", post(auth::oidc::exchange_oidc))
        .route("/api/auth/me", get(auth::me::me))
        .route(
            "/api/me/notifications",
            get(auth::notifications::get_notifications).put(auth::notifications::put_notifications),
        )
        .route("/api/chat/start", post(chat::start::start_chat))
        .route("/api/conversations/{id}", get(conversations::get::get_conversation))
        .route("/api/conversations/{id}/messages", post(conversations::send::send_message))
        .route("/api/chat/sessions/{id}/messages", post(conversations::send::send_message))
        .route("/api/conversations/{id}/typing", post(conversations::typing::set_typing))
        .route("/api/conversations/{id}/read", post(conversations::read::mark_read))
        .route(
            "/api/conversations/{id}/queue",
            get(conversations::queue::get_place).post(conversations::requeue::requeue_conversation),
        )
        .route("/api/conversations/{id}/close", post(conversations::close::close_conversation))
        .route("/api/agent/conversations/{id}/close", post(conversations::close::close_conversation))
        .route("/api/conversations/{id}/reopen", post(conversations::reopen::reopen_conversation))
        .route("/api/attachments/{id}", get(attachments::links::get_attachment))
        .route("/api/conversations/{id}/labels", put(conversations::labels::set_labels))
        .route(
            "/api/conversations/{id}/snooze",
            post(conversations::snooze::snooze_conversation).delete(conversations::snooze::wake_conversation),
        )
        .route("/api/conversations/{id}/escalate", post(conversations::escalate::escalate_conversation))
        .route("/api/conversations/{id}/human", post(conversations::human::ask_for_person))
        .route("/api/conversations/{id}/survey", post(conversations::survey::answer_survey))
        .route("/api/chat/sessions/{id}/status", put(chat::status::set_session_status))
        .route("/api/agent/conversations/{id}/take-over", post(agents::take_over::take_over_conversation))
        .route(
            "/api/admin/service-levels",
            get(service_levels::get_service_levels).put(service_levels::put_service_levels),
        )
        .route("/api/agent/queue", get(agents::queue::get_queue))
        .route("/api/agent/conversations/{id}/accept", post(agents::accept::accept_conversation))
        .route("/api/agent/conversations/{id}/transfer", post(agents::transfer::transfer_conversation))
        .route("/api/agent/availability", put(agents::availability::set_availability))
        .route("/api/agents", get(agents::list::list_agents))
        .route("/api/me/picture", agents::picture::own())
        .route("/api/admin/support/agents", get(agents::list::list_agents))
        .route("/api/admin/support/agents/{id}/status", put(agents::status::set_status))
        .merge(admin::router())
        .route(
            "/api/tickets/{id}",
            get(tickets::get::get_ticket)
                .put(tickets::update::update_ticket)
                .patch(tickets::update::update_ticket)
                .delete(tickets::delete::delete_ticket),
        )
        .route("/api/tickets/{id}/messages", post(tickets::send::send_ticket_message))
        .route("/api/tickets/{id}/merge", post(tickets::merge::merge_ticket))
        .route("/api/tickets/bulk", post(tickets::bulk::change_tickets))
        .route("/api/tickets", post(tickets::create::create_ticket))
        .route_layer(from_fn(middleware::no_parameters));
    Router::new()
        .route(
            "/api/admin/users",
            get(admin::users::list::list_users).post(admin::users::create::create_user),
        )
        .route("/api/conversations", get(conversations::list::list_conversations))
        .route("/api/chat/sessions", get(conversations::list::list_conversations))
        .route("/api/conversations/{id}/messages", get(conversations::history::get_history))
        .route("/api/chat/sessions/{id}/messages", get(conversations::history::get_history))
        .route("/api/conversations/{id}/transcript", get(conversations::transcript::get_transcript))
        .route("/api/chat/history/{user_id}", get(chat::history::list_history))
        .route("/api/admin/webhooks/{id}/deliveries", get(admin::webhooks::deliveries::list_deliveries))
        .route("/api/admin/audit", get(audit::list_audit))
        .route("/api/tickets", get(tickets::list::list_tickets))
        .route("/api/tickets/{id}/messages", get(tickets::messages::get_ticket_messages))
        .route("/api/tickets/{id}/history", get(tickets::history::get_ticket_history))
        .route("/api/search", get(search::search))
        .route("/api/site", get(chat::site::get_site))
        .route("/api/people/{tenant}/{id}/picture", get(agents::picture::get_picture))
        .merge(library())
        .merge(without_parameters)
}

/// What the desk keeps ready, and what it knows of customers.
fn library() -> Router<HttpState> {
    let without_parameters = Router::new()
        .route("/api/canned-messages", post(canned::create::create_canned))
        .route(
            "/api/canned-messages/{id}",
            get(canned::get::get_canned)
                .put(canned::update::update_canned)
                .delete(canned::delete::delete_canned),
        )
        .route("/api/canned-messages/{id}/render", post(canned::render::render_canned))
        .route("/api/articles", post(articles::create::create_article))
        .route(
            "/api/articles/{id}",
            get(articles::get::get_article)
                .put(articles::update::update_article)
                .delete(articles::delete::delete_article),
        )
        .route("/api/customer/{id}/context", get(customers::context::get_context))
        .route("/api/customer/{id}/attributes", put(customers::attributes::put_attributes))
        .route("/api/customer/{id}/page", put(customers::page::put_page))
        .route_layer(from_fn(middleware::no_parameters));
    Router::new()
        .route("/api/canned-messages", get(canned::list::list_canned))
        .route("/api/articles", get(articles::list::list_articles))
        .route("/api/admin/support/dashboard", get(reports::dashboard::get_dashboard))
        .route("/api/admin/support/reports", get(reports::report::get_report))
        .merge(without_parameters)
}
