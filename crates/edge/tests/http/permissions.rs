//! Every role on every route finds exactly what the matrix of permissions allows; another tenant's things don't exist.

use confab_auth::permissions::{Action, Relation, allowed};
use confab_domain::{Clock, Policy, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use confab_testhub::people::{Tenant, stranger};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, begin};

const ROLES: [Role; 4] = [Role::Customer, Role::Agent, Role::Supervisor, Role::Admin];

/// One route: `{c}` stands for a conversation, `{t}` for its ticket.
struct Route {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    action: Action,
}

fn read(path: &'static str, action: Action) -> Route {
    Route { method: Method::GET, path, body: None, action }
}

fn write(method: Method, path: &'static str, body: Value, action: Action) -> Route {
    Route { method, path, body: Some(body), action }
}

/// Routes that name a conversation or a ticket.
fn routes_of_things() -> Vec<Route> {
    use Action as A;
    let until = Clock::system().now() + 3_600_000;
    let (post, put) = (Method::POST, Method::PUT);
    let said = json!({ "client_id": "m-1", "text": "Hello" });
    let note = json!({ "client_id": "n-1", "text": "Hello", "note": true });
    vec![
        read("/api/conversations/{c}", A::ReadHistory),
        read("/api/conversations/{c}/messages", A::ReadHistory),
        read("/api/chat/sessions/{c}/messages", A::ReadHistory),
        read("/api/conversations/{c}/queue", A::ViewQueue),
        write(post.clone(), "/api/conversations/{c}/messages", said.clone(), A::SendMessage),
        write(post.clone(), "/api/chat/sessions/{c}/messages", note, A::SendNote),
        write(post.clone(), "/api/conversations/{c}/read", json!({ "read": 1 }), A::ReadHistory),
        write(post.clone(), "/api/agent/conversations/{c}/accept", json!({}), A::AcceptConversation),
        write(put.clone(), "/api/conversations/{c}/labels", json!({ "labels": ["x"] }), A::LabelConversation),
        write(post.clone(), "/api/conversations/{c}/escalate", json!({}), A::EscalateConversation),
        write(post.clone(), "/api/conversations/{c}/human", json!({}), A::AskForPerson),
        write(post.clone(), "/api/conversations/{c}/survey", json!({ "score": 3 }), A::AnswerSurvey),
        write(post.clone(), "/api/agent/conversations/{c}/take-over", json!({}), A::TakeOverConversation),
        write(
            post.clone(),
            "/api/agent/conversations/{c}/transfer",
            json!({ "team": "billing" }),
            A::TransferConversation,
        ),
        write(
            post.clone(),
            "/api/conversations/{c}/snooze",
            json!({ "until": until }),
            A::SnoozeConversation,
        ),
        Route {
            method: Method::DELETE,
            path: "/api/conversations/{c}/snooze",
            body: None,
            action: A::SnoozeConversation,
        },
        write(post.clone(), "/api/conversations/{c}/queue", json!({}), A::RequeueConversation),
        write(
            put.clone(),
            "/api/chat/sessions/{c}/status",
            json!({ "status": "closed" }),
            A::CloseConversation,
        ),
        write(post.clone(), "/api/conversations/{c}/close", json!({}), A::CloseConversation),
        write(post.clone(), "/api/conversations/{c}/reopen", json!({}), A::ReopenConversation),
        read("/api/tickets/{t}", A::ReadTickets),
        read("/api/tickets/{t}/messages", A::ReadTickets),
        read("/api/tickets/{t}/history", A::ReadTicketHistory),
        write(post.clone(), "/api/tickets/{t}/messages", said, A::ReadTickets),
        write(put, "/api/tickets/{t}", json!({ "subject": "Other" }), A::UpdateTicket),
        write(Method::PATCH, "/api/tickets/{t}", json!({ "priority": "HIGH" }), A::UpdateTicket),
        write(post, "/api/tickets/{t}/merge", json!({ "into": "{t}" }), A::MergeTickets),
        Route { method: Method::DELETE, path: "/api/tickets/{t}", body: None, action: A::DeleteTicket },
    ]
}

/// Routes of the whole tenant.
fn routes_of_the_desk() -> Vec<Route> {
    use Action as A;
    let levels = json!({ "time_zone": "Europe/Berlin" });
    let provider = json!({ "issuer": "https://id.example.org", "client_id": "confab" });
    let canned = json!({ "code": "hi", "title": "Hi", "text": "Hello!", "scope": { "kind": "tenant" } });
    let article = json!({ "title": "Refunds", "body": "Five days." });
    vec![
        read("/api/admin/settings", A::ReadAdministration),
        read("/api/admin/users", A::ReadAdministration),
        read("/api/admin/users/ann", A::ReadAdministration),
        read("/api/admin/teams", A::ReadAdministration),
        read("/api/admin/webhooks", A::ReadAdministration),
        read("/api/admin/identity", A::ReadAdministration),
        read("/api/admin/retention", A::ReadAdministration),
        read("/api/admin/content-filter", A::ReadAdministration),
        write(Method::PUT, "/api/admin/retention", json!({}), A::Administer),
        write(Method::PUT, "/api/admin/content-filter", json!({}), A::Administer),
        write(Method::PUT, "/api/admin/teams/billing", json!({ "name": "Billing" }), A::Administer),
        write(Method::PUT, "/api/admin/users/ann", json!({ "name": "Ann" }), A::Administer),
        write(Method::PUT, "/api/admin/identity-provider", provider, A::Administer),
        read("/api/admin/support/dashboard", A::ViewReports),
        read("/api/admin/support/reports", A::ViewReports),
        read("/api/canned-messages", A::UseCanned),
        write(Method::POST, "/api/canned-messages", canned, A::EditCanned),
        read("/api/articles", A::ReadArticles),
        write(Method::POST, "/api/articles", article, A::EditArticles),
        read("/api/agent/queue", A::ViewQueue),
        read("/api/admin/audit", A::ReadAudit),
        read("/api/admin/service-levels", A::ReadServiceLevels),
        write(Method::PUT, "/api/admin/service-levels", levels, A::SetServiceLevels),
        write(Method::POST, "/api/tickets/bulk", json!({ "ids": ["t"], "status": "OPEN" }), A::UpdateTicket),
        write(
            Method::PUT,
            "/api/admin/support/agents/bob/status",
            json!({ "availability": "away" }),
            A::SetOthersAvailability,
        ),
    ]
}

struct Scene<'a> {
    conversation: String,
    ticket: String,
    customer: Caller<'a>,
}

/// A conversation that Bob has.
async fn scene<'a>(hub: &'a Hub, bob: &Caller<'_>) -> Scene<'a> {
    let (conversation, customer) = begin(hub).await;
    bob.post(&format!("/api/agent/conversations/{conversation}/accept"), json!({})).await.with(200);
    let found = bob.get(&format!("/api/conversations/{conversation}")).await.with(200);
    let ticket = found["ticket_id"].as_str().expect("an id").to_owned();
    Scene { conversation, ticket, customer }
}

impl Scene<'_> {
    async fn status(&self, who: &Caller<'_>, route: &Route) -> u16 {
        let fill = |text: &str| text.replace("{c}", &self.conversation).replace("{t}", &self.ticket);
        let body = route
            .body
            .as_ref()
            .map(|body| serde_json::from_str(&fill(&body.to_string())).expect("the body is still one"));
        who.ask(route.method.clone(), &fill(route.path), &[], body).await.status.as_u16()
    }
}

fn expect(status: u16, may: bool, what: &str) {
    if may {
        assert!(![401, 403, 404, 405].contains(&status) && status < 500, "{what}: {status}");
    } else {
        assert_eq!(status, 403, "{what}");
    }
}

async fn hub() -> Hub {
    let settings = TenantSettings { policy: Policy::Manual, ..TenantSettings::default() };
    Hub::start_with(settings, |config| {
        config.limits.requests_per_second_per_address = 100_000;
        config.limits.requests_per_second_per_user = 100_000;
        config.limits.requests_burst = 100_000;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_finds_exactly_what_it_may_do() {
    let hub = hub().await;
    for name in ["Ann", "Bob", "Sue", "Adam"] {
        hub.tenant.agent(name, 1000).await;
    }
    let person = |name: &str, role| Caller::with_token(&hub, &stranger(&hub.tenant.id, name, role).token);
    let (ann, bob) = (person("Ann", Role::Agent), person("Bob", Role::Agent));
    let (sue, adam) = (person("Sue", Role::Supervisor), person("Adam", Role::Admin));
    let eve = person("Eve", Role::Customer);
    let staff = [
        (&ann, Role::Agent, Relation::Tenant),
        (&sue, Role::Supervisor, Relation::Tenant),
        (&adam, Role::Admin, Relation::Tenant),
        (&bob, Role::Agent, Relation::Own),
    ];
    for route in routes_of_things() {
        let what = |who: &str| format!("{who}: {} {}", route.method, route.path);
        let mut on = scene(&hub, &bob).await;
        assert_eq!(on.status(&Caller::nobody(&hub), &route).await, 401, "{}", what("nobody"));
        assert_eq!(on.status(&eve, &route).await, 404, "{}", what("another customer"));
        let may = allowed(Role::Customer, route.action, Relation::Own);
        expect(on.status(&on.customer, &route).await, may, &what("the customer"));
        for (who, role, relation) in staff {
            // Whoever came before may have changed it.
            on = scene(&hub, &bob).await;
            let may = allowed(role, route.action, relation);
            expect(on.status(who, &route).await, may, &what(&format!("{role:?} {relation:?}")));
        }
    }
    let nothing = scene(&hub, &bob).await;
    for route in routes_of_the_desk() {
        for (who, role) in
            [(&eve, Role::Customer), (&ann, Role::Agent), (&sue, Role::Supervisor), (&adam, Role::Admin)]
        {
            let may = allowed(role, route.action, Relation::Tenant);
            let what = format!("{role:?}: {} {}", route.method, route.path);
            expect(nothing.status(who, &route).await, may, &what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_things_do_not_exist() {
    let hub = hub().await;
    hub.tenant.agent("Bob", 1000).await;
    let bob = Caller::with_token(&hub, &stranger(&hub.tenant.id, "Bob", Role::Agent).token);
    let globex = Tenant::create(&hub.store, "globex", TenantSettings::default()).await;
    // The same names as in the first tenant: it is the tenant that counts.
    globex.agent("Bob", 1000).await;
    let on = scene(&hub, &bob).await;
    for route in routes_of_things() {
        for role in ROLES {
            let who = Caller::with_token(&hub, &stranger(&globex.id, "Bob", role).token);
            let status = on.status(&who, &route).await;
            let what = format!("{role:?} of another tenant: {} {}", route.method, route.path);
            assert_eq!(status, 404, "{what}");
        }
    }
    let bulk = json!({ "ids": [on.ticket], "status": "CLOSED" });
    let who = Caller::with_token(&hub, &stranger(&globex.id, "Bob", Role::Admin).token);
    let outcomes = who.post("/api/tickets/bulk", bulk).await.with(200);
    assert_eq!(outcomes["outcomes"][0]["status"], 404);
    let listed = who.get("/api/tickets").await.with(200);
    assert_eq!(listed["items"], json!([]));
    let ticket = bob.get(&format!("/api/tickets/{}", on.ticket)).await.with(200);
    assert_eq!((&ticket["status"], &ticket["version"]), (&json!("IN_PROGRESS"), &json!(2)));
}
