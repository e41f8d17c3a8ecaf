//! The OpenAPI document: collected from the handlers, completed with what holds for all of them.

use confab_protocol::api::{Problem, TicketSort};
use confab_protocol::{ChatEvent, ClientFrame, CloseCode, ServerFrame};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, PathItem, Ref, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use super::{
    admin, agents, articles, attachments, audit, auth, canned, chat, conversations, customers, problem,
    reports, search, service_levels, site, tickets,
};

/// Second names of paths, each with the path it stands for.
pub(super) const ALIASES: [(&str, &str); 4] = [
    ("/api/chat/sessions", "/api/conversations"),
    ("/api/chat/sessions/{id}/messages", "/api/conversations/{id}/messages"),
    ("/api/agent/conversations/{id}/close", "/api/conversations/{id}/close"),
    ("/api/admin/support/agents", "/api/agents"),
];

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Confab",
        description = "A hub for live customer support.\n\n\
            Every error is a problem document (RFC 9457) with a `code`; codes never change their meaning.\n\
            Unknown fields and parameters are refused. Times are milliseconds since the Unix epoch.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This hub.")),
    tags(
        (name = "auth", description = "Log in, renew tokens."),
        (name = "chat", description = "A customer's way in."),
        (name = "conversations", description = "Read and write conversations, change their state."),
        (name = "tickets", description = "The issues behind conversations."),
        (name = "agents", description = "The desk."),
        (name = "administration", description = "Settings, people and teams of the tenant."),
        (name = "search", description = "Find messages, tickets and customers."),
        (name = "library", description = "Canned messages and the knowledge base."),
        (name = "customers", description = "What is known of customers."),
        (name = "reports", description = "How the desk stands, and what happened."),
        (name = "live", description = "Live connections."),
        (name = "operations", description = "Health and figures of a node."),
    ),
    paths(
        auth::login::login,
        auth::renew::renew,
        auth::customer::exchange_identity,
        auth::oidc::begin_oidc,
        auth::oidc::exchange_oidc,
        auth::me::me,
        chat::site::get_site,
        auth::notifications::get_notifications,
        auth::notifications::put_notifications,
        chat::start::start_chat,
        chat::history::list_history,
        chat::status::set_session_status,
        conversations::list::list_conversations,
        conversations::get::get_conversation,
        conversations::history::get_history,
        conversations::transcript::get_transcript,
        conversations::send::send_message,
        conversations::typing::set_typing,
        conversations::read::mark_read,
        conversations::queue::get_place,
        conversations::requeue::requeue_conversation,
        conversations::close::close_conversation,
        conversations::labels::set_labels,
        conversations::snooze::snooze_conversation,
        conversations::snooze::wake_conversation,
        conversations::escalate::escalate_conversation,
        conversations::human::ask_for_person,
        conversations::survey::answer_survey,
        conversations::reopen::reopen_conversation,
        tickets::list::list_tickets,
        tickets::create::create_ticket,
        tickets::get::get_ticket,
        tickets::update::update_ticket,
        tickets::delete::delete_ticket,
        tickets::messages::get_ticket_messages,
        tickets::send::send_ticket_message,
        tickets::history::get_ticket_history,
        tickets::bulk::change_tickets,
        tickets::merge::merge_ticket,
        agents::queue::get_queue,
        agents::accept::accept_conversation,
        agents::transfer::transfer_conversation,
        agents::take_over::take_over_conversation,
        audit::list_audit,
        service_levels::get_service_levels,
        service_levels::put_service_levels,
        agents::availability::set_availability,
        agents::list::list_agents,
        agents::picture::put_picture,
        agents::picture::delete_picture,
        agents::picture::get_picture,
        agents::status::set_status,
        attachments::upload::attach,
        attachments::links::get_attachment,
        attachments::serve::get_file,
        admin::content_filter::get_content_filter,
        admin::content_filter::put_content_filter,
        admin::settings::get_settings,
        admin::settings::put_settings,
        admin::users::list::list_users,
        admin::users::create::create_user,
        admin::users::get::get_user,
        admin::users::update::update_user,
        admin::users::disable::disable_user,
        admin::users::password::set_password,
        admin::webhooks::list::list_webhooks,
        admin::webhooks::list::get_webhook,
        admin::webhooks::create::create_webhook,
        admin::webhooks::update::update_webhook,
        admin::webhooks::delete::delete_webhook,
        admin::webhooks::test::test_webhook,
        admin::webhooks::deliveries::list_deliveries,
        admin::webhooks::replay::replay_delivery,
        admin::identity::get_identity,
        admin::identity::renew_identity,
        admin::identity::delete_identity,
        admin::mail::get_mail,
        admin::mail::put_mail,
        admin::mail::list_refused,
        admin::mail::forgive_address,
        admin::responder::get_responder,
        admin::responder::put_responder,
        admin::identity_provider::get_identity_provider,
        admin::identity_provider::put_identity_provider,
        admin::identity_provider::delete_identity_provider,
        admin::retention::get_retention,
        admin::retention::put_retention,
        admin::widget::get_widget,
        admin::widget::put_widget,
        admin::customers::export_customer,
        admin::customers::erase_customer,
        admin::teams::list_teams,
        admin::teams::put_team,
        admin::teams::delete_team,
        search::search,
        canned::list::list_canned,
        canned::create::create_canned,
        canned::get::get_canned,
        canned::update::update_canned,
        canned::delete::delete_canned,
        canned::render::render_canned,
        articles::list::list_articles,
        articles::create::create_article,
        articles::get::get_article,
        articles::update::update_article,
        articles::delete::delete_article,
        customers::context::get_context,
        customers::attributes::put_attributes,
        customers::page::put_page,
        reports::dashboard::get_dashboard,
        reports::report::get_report,
        site::root::get_root,
        site::health::get_live,
        site::health::get_ready,
        site::metrics::get_metrics,
    ),
    components(schemas(Problem, TicketSort, ChatEvent, ClientFrame, ServerFrame, CloseCode)),
    security(("token" = [])),
    modifiers(&Token, &Live, &Patches, &Aliases, &Problems),
)]
struct Document;

/// How callers say who they are.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The routes of live connections, whose frames `docs/PROTOCOL.md` describes.
struct Live;

impl Modify for Live {
    fn modify(&self, document: &mut OpenApi) {
        let websocket = OperationBuilder::new()
            .tag("live")
            .operation_id(Some("connect"))
            .summary(Some("Connect over WebSocket."))
            .description(Some(
                "Subprotocols: `confab.msgpack.v1`, `confab.json.v1`. The token goes in the `hello` frame.",
            ))
            .security(utoipa::openapi::SecurityRequirement::default())
            .response("101", ResponseBuilder::new().description("The connection is a WebSocket now."))
            .build();
        let events = OperationBuilder::new()
            .tag("live")
            .operation_id(Some("stream_events"))
            .summary(Some("Follow channels as server-sent events."))
            .description(Some(
                "Each event is a frame as JSON; its id says where the client stands in every channel.",
            ))
            .parameter(query(
                "join",
                Required::True,
                "`<channel>`, or `<channel>~<epoch>~<after>` to resume; may come several times.",
            ))
            .parameter(query(
                "access_token",
                Required::False,
                "The token, for browsers, which can't set the header.",
            ))
            .response(
                "200",
                ResponseBuilder::new()
                    .description("A stream without end.")
                    .content("text/event-stream", ContentBuilder::new().build()),
            )
            .build();
        for (path, operation) in [("/ws", websocket), ("/api/events", events)] {
            document.paths.paths.insert(path.to_owned(), PathItem::new(HttpMethod::Get, operation));
        }
    }
}

fn query(name: &str, required: Required, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description))
        .schema(Some(utoipa::schema!(String)))
        .build()
}

/// Paths whose `PATCH` is the same as their `PUT`: both leave alone what is left out.
const PATCHED: [&str; 1] = ["/api/tickets/{id}"];

struct Patches;

impl Modify for Patches {
    fn modify(&self, document: &mut OpenApi) {
        for path in PATCHED {
            let Some(item) = document.paths.paths.get_mut(path) else { continue };
            let Some(mut operation) = item.put.clone() else { continue };
            let id = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{id}_patch"));
            operation.summary = Some("The same as `PUT`.".to_owned());
            item.patch = Some(operation);
        }
    }
}

/// Second names get the documents of the first.
struct Aliases;

impl Modify for Aliases {
    fn modify(&self, document: &mut OpenApi) {
        for (alias, path) in ALIASES {
            let Some(mut item) = document.paths.paths.get(path).cloned() else { continue };
            for operation in operations(&mut item) {
                let id = operation.operation_id.take().unwrap_or_default();
                operation.operation_id = Some(format!("{id}_alias"));
                operation.summary = Some(format!("The same as `{path}`."));
                operation.description = None;
            }
            document.paths.paths.insert(alias.to_owned(), item);
        }
    }
}

/// Every operation can end in a problem.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut OpenApi) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description("Anything else is a problem.")
            .content(problem::MEDIA_TYPE, content)
            .build();
        for item in document.paths.paths.values_mut() {
            for operation in operations(item) {
                operation.responses.responses.insert("default".to_owned(), response.clone().into());
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// The document.
pub(super) fn document() -> OpenApi {
    Document::openapi()
}

/// The OpenAPI document of the HTTP API, as indented JSON with a line end, the same for the same code.
pub fn openapi_json() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_document_in_the_tree_is_the_one_of_the_code() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == openapi_json(), "docs/openapi.json is out of date: run `cargo xtask generate`");
    }

    #[test]
    fn every_operation_is_described_and_can_end_in_a_problem() {
        let mut document = document();
        let mut ids = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for operation in operations(item) {
                assert!(operation.summary.is_some(), "{path} has no summary");
                assert!(operation.responses.responses.contains_key("default"), "{path} names no problem");
                ids.extend(operation.operation_id.clone());
            }
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "operation ids differ");
    }

    #[test]
    fn second_names_stand_for_first_ones() {
        let document = document();
        for (alias, path) in ALIASES {
            assert!(document.paths.paths.contains_key(path), "{path}");
            assert!(document.paths.paths.contains_key(alias), "{alias}");
        }
    }
}
