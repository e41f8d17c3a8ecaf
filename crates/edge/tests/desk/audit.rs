//! Every route that changes something leaves a line in the audit log, or stands in the list of those that don't and why.

use std::collections::BTreeSet;

use confab_domain::{Clock, Policy, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, soon};

/// Routes that leave no line, and why.
const SILENT: [(&str, &str, &str); 21] = [
    ("POST", "/api/auth/renew", "who logged in is known from the log-in"),
    ("POST", "/api/auth/oidc/begin", "nobody has logged in yet"),
    ("POST", "/api/auth/oidc", "logged as a log-in: `oidc`"),
    ("POST", "/api/auth/customer", "customers' pages do it at each visit"),
    ("POST", "/api/conversations/{id}/messages", "the conversation itself is the record"),
    ("POST", "/api/chat/sessions/{id}/messages", "the conversation itself is the record"),
    ("POST", "/api/tickets/{id}/messages", "the conversation itself is the record"),
    ("POST", "/api/conversations/{id}/attachments", "the conversation itself is the record"),
    ("POST", "/api/conversations/{id}/typing", "nothing is kept"),
    ("POST", "/api/conversations/{id}/read", "receipts are kept as such"),
    ("POST", "/api/canned-messages/{id}/render", "it reads"),
    ("PUT", "/api/customer/{id}/page", "what a browser tells is kept as such"),
    ("PUT", "/api/me/notifications", "what somebody wants for themselves"),
    ("POST", "/api/conversations/{id}/human", "customers ask for it in the conversation"),
    // Logged, with what they need to be asked for in tests of their own: `mail`, `replies`, `pictures`.
    ("PUT", "/api/me/picture", "`pictures`"),
    ("PUT", "/api/admin/mail", "`mail`"),
    ("DELETE", "/api/admin/mail/refused/{address}", "`mail`"),
    ("PUT", "/api/admin/responder", "`replies`"),
    // Second names, whose handlers are those of the first.
    ("POST", "/api/agent/conversations/{id}/close", "POST /api/conversations/{id}/close"),
    ("PUT", "/api/chat/sessions/{id}/status", "POST /api/conversations/{id}/close and reopen"),
    ("PATCH", "/api/tickets/{id}", "PUT of the same"),
];

/// A route, what is sent there, and what the log calls it. `{c}`, `{t}` and `{k}` stand for a conversation that the
/// caller has, its ticket and its customer; `{id}` for what the step before made.
struct Deed {
    method: Method,
    /// As the document has it.
    route: &'static str,
    path: &'static str,
    body: Option<Value>,
    action: &'static str,
}

fn deed(
    method: &Method,
    route: &'static str,
    path: &'static str,
    body: Option<Value>,
    action: &'static str,
) -> Deed {
    Deed { method: method.clone(), route, path, body, action }
}

/// What is done to a conversation and its ticket: each on a new one.
fn deeds_on_conversations() -> Vec<Deed> {
    let (post, put) = (&Method::POST, &Method::PUT);
    let until = Clock::system().now() + 3_600_000;
    let on = |method, route: &'static str, path, body: Value, action| {
        deed(method, route, path, Some(body), action)
    };
    let nothing = || json!({});
    let snooze = || json!({ "until": until });
    vec![
        deed(post, "/api/conversations/{id}/close", "/api/conversations/{c}/close", None, "close"),
        on(
            put,
            "/api/conversations/{id}/labels",
            "/api/conversations/{c}/labels",
            json!({ "labels": ["x"] }),
            "set_labels",
        ),
        on(
            post,
            "/api/conversations/{id}/escalate",
            "/api/conversations/{c}/escalate",
            nothing(),
            "escalate",
        ),
        on(post, "/api/conversations/{id}/snooze", "/api/conversations/{c}/snooze", snooze(), "snooze"),
        on(post, "/api/conversations/{id}/queue", "/api/conversations/{c}/queue", nothing(), "requeue"),
        on(
            post,
            "/api/agent/conversations/{id}/transfer",
            "/api/agent/conversations/{c}/transfer",
            json!({ "team": "billing" }),
            "transfer",
        ),
        on(put, "/api/tickets/{id}", "/api/tickets/{t}", json!({ "subject": "Other" }), "update_ticket"),
        on(
            post,
            "/api/tickets/bulk",
            "/api/tickets/bulk",
            json!({ "ids": ["{t}"], "priority": "HIGH" }),
            "update_ticket",
        ),
        on(
            put,
            "/api/customer/{id}/attributes",
            "/api/customer/{k}/attributes",
            json!({ "attributes": { "plan": "gold" } }),
            "update_attributes",
        ),
    ]
}

/// What is done in the tenant, in this order.
fn deeds_in_the_tenant() -> Vec<Deed> {
    let (post, put, delete) = (&Method::POST, &Method::PUT, &Method::DELETE);
    let on = |method, route: &'static str, path, body: Value, action| {
        deed(method, route, path, Some(body), action)
    };
    let settings = json!({
        "policy": "manual", "vanish_grace_ms": 1000, "idle_warning_ms": 600_000, "idle_close_ms": 600_000,
        "abandon_ms": 600_000, "estimate_window_ms": 600_000,
    });
    let user = json!({ "id": "ravi", "login": "ravi", "name": "Ravi", "role": "agent" });
    let canned =
        |text: &str| json!({ "code": "hi", "title": "Hello", "text": text, "scope": { "kind": "tenant" } });
    let article = |title: &str| json!({ "title": title, "body": "Five days.", "published": true });
    let hook = json!({ "url": "http://127.0.0.1:9/x", "events": [] });
    let same = |method, route: &'static str, body, action| deed(method, route, route, body, action);
    vec![
        same(put, "/api/admin/settings", Some(settings), "update_settings"),
        same(put, "/api/admin/content-filter", Some(json!({ "words": ["drat"] })), "update_content_filter"),
        same(put, "/api/admin/retention", Some(json!({ "message_days": 30 })), "update_retention"),
        same(put, "/api/admin/widget", Some(json!({ "ask_name": "no", "topics": [] })), "update_widget"),
        same(put, "/api/admin/identity", None, "renew_identity"),
        same(delete, "/api/admin/identity", None, "delete_identity"),
        same(delete, "/api/me/picture", None, "delete_picture"),
        same(
            put,
            "/api/admin/identity-provider",
            Some(json!({ "issuer": "https://id.example.org", "client_id": "confab" })),
            "put_identity_provider",
        ),
        same(delete, "/api/admin/identity-provider", None, "delete_identity_provider"),
        same(
            put,
            "/api/admin/service-levels",
            Some(json!({ "time_zone": "Europe/Berlin" })),
            "set_service_levels",
        ),
        on(
            put,
            "/api/admin/teams/{id}",
            "/api/admin/teams/billing",
            json!({ "name": "Billing" }),
            "put_team",
        ),
        deed(delete, "/api/admin/teams/{id}", "/api/admin/teams/billing", None, "delete_team"),
        same(post, "/api/admin/users", Some(user), "create_user"),
        on(put, "/api/admin/users/{id}", "/api/admin/users/ravi", json!({ "name": "Ravi K" }), "update_user"),
        on(
            put,
            "/api/admin/users/{id}/password",
            "/api/admin/users/ravi/password",
            json!({ "password": "a password" }),
            "set_password",
        ),
        on(
            put,
            "/api/admin/support/agents/{id}/status",
            "/api/admin/support/agents/ravi/status",
            json!({ "availability": "away" }),
            "set_availability",
        ),
        deed(delete, "/api/admin/users/{id}", "/api/admin/users/ravi", None, "disable_user"),
        same(put, "/api/agent/availability", Some(json!({ "availability": "away" })), "set_availability"),
        same(post, "/api/canned-messages", Some(canned("Hello!")), "create_canned"),
        on(
            put,
            "/api/canned-messages/{id}",
            "/api/canned-messages/{id}",
            canned("Hello there!"),
            "update_canned",
        ),
        deed(delete, "/api/canned-messages/{id}", "/api/canned-messages/{id}", None, "delete_canned"),
        same(post, "/api/articles", Some(article("Refunds")), "create_article"),
        on(put, "/api/articles/{id}", "/api/articles/{id}", article("Money back"), "update_article"),
        deed(delete, "/api/articles/{id}", "/api/articles/{id}", None, "delete_article"),
        same(post, "/api/admin/webhooks", Some(hook), "create_webhook"),
        on(
            put,
            "/api/admin/webhooks/{id}",
            "/api/admin/webhooks/{id}",
            json!({ "description": "x" }),
            "update_webhook",
        ),
        deed(post, "/api/admin/webhooks/{id}/test", "/api/admin/webhooks/{id}/test", None, "test_webhook"),
        deed(delete, "/api/admin/webhooks/{id}", "/api/admin/webhooks/{id}", None, "delete_webhook"),
        same(
            post,
            "/api/tickets",
            Some(
                json!({ "subject": "By hand", "description": "x", "customer": { "id": "k-1", "name": "Kim" } }),
            ),
            "create_ticket",
        ),
        same(delete, "/api/tickets/{id}", None, "delete_ticket"),
    ]
}

/// What the log says was done by this caller since, newest first.
async fn logged(admin: &Caller, since: u64) -> Vec<String> {
    let page = admin.get(&format!("/api/admin/audit?actor=adam&since={since}&limit=100")).await.with(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["action"].as_str().expect("an action").to_owned()).collect()
}

async fn expect_logged(admin: &Caller, since: u64, action: &str, what: &str) {
    soon(&format!("{what} is logged as {action}"), async || {
        logged(admin, since).await.contains(&action.to_owned()).then_some(())
    })
    .await;
}

struct Scene {
    conversation: String,
    ticket: String,
    customer: String,
}

/// A conversation that the admin has.
async fn scene(hub: &Hub, admin: &Caller) -> Scene {
    let (conversation, _) = Caller::begin(hub, "My payment is stuck").await;
    admin.post(&format!("/api/agent/conversations/{conversation}/accept"), json!({})).await.with(200);
    let found = admin.get(&format!("/api/conversations/{conversation}")).await.with(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Scene { conversation, ticket: text(&found["ticket_id"]), customer: text(&found["customer"]["id"]) }
}

impl Scene {
    fn fill(&self, text: &str) -> String {
        text.replace("{c}", &self.conversation).replace("{t}", &self.ticket).replace("{k}", &self.customer)
    }
}

async fn hub_with_admin() -> (Hub, Caller) {
    let settings = TenantSettings { policy: Policy::Manual, ..TenantSettings::default() };
    let hub = Hub::start_with(settings, |config| {
        config.limits.requests_per_second_per_address = 100_000;
        config.limits.requests_per_second_per_user = 100_000;
        config.events.allow_private_addresses = true;
    })
    .await;
    let adam = hub.tenant.with_login("Adam", Role::Admin, 1000).await;
    let admin = Caller::with_token(&hub, &adam.token);
    (hub, admin)
}

/// Every operation of the document that may change something.
fn operations() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_str(&confab_edge::openapi_json()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut found = BTreeSet::new();
    for (path, item) in paths {
        for method in item.as_object().expect("operations").keys() {
            let method = method.to_uppercase();
            if ["POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                found.insert((method, path.clone()));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_logged() {
    let (hub, admin) = hub_with_admin().await;
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut see = |method: &str, route: &str| seen.insert((method.to_owned(), route.to_owned()));

    let since = Clock::system().now();
    let taken = scene(&hub, &admin).await;
    expect_logged(&admin, since, "accept", "accepting").await;
    see("POST", "/api/agent/conversations/{id}/accept");

    for deed in deeds_on_conversations() {
        let on = scene(&hub, &admin).await;
        let since = Clock::system().now();
        let body = deed.body.map(|body| serde_json::from_str(&on.fill(&body.to_string())).expect("JSON"));
        let answer = admin.ask(deed.method.clone(), &on.fill(deed.path), &[], body).await;
        assert!(answer.status.is_success(), "{} {}: {}", deed.method, deed.path, answer.body());
        expect_logged(&admin, since, deed.action, deed.path).await;
        see(deed.method.as_str(), deed.route);
    }

    let mut made = String::new();
    for deed in deeds_in_the_tenant() {
        let since = Clock::system().now();
        let answer = admin.ask(deed.method.clone(), &deed.path.replace("{id}", &made), &[], deed.body).await;
        assert!(answer.status.is_success(), "{} {}: {}", deed.method, deed.path, answer.body());
        if deed.method == Method::POST
            && let Some(id) = answer.body()["id"].as_str()
        {
            id.clone_into(&mut made);
        }
        expect_logged(&admin, since, deed.action, deed.path).await;
        see(deed.method.as_str(), deed.route);
    }

    // Those that need more than one request before.
    let post = async |path: &str, body: Value| {
        let answer = admin.post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body());
        answer.body()
    };
    let (one, other) = (scene(&hub, &admin).await, scene(&hub, &admin).await);
    let since = Clock::system().now();
    admin.post(&format!("/api/conversations/{}/close", one.conversation), json!({})).await;
    post(&format!("/api/conversations/{}/reopen", one.conversation), json!({})).await;
    expect_logged(&admin, since, "reopen", "reopening").await;
    see("POST", "/api/conversations/{id}/reopen");
    let until = Clock::system().now() + 3_600_000;
    post(&format!("/api/conversations/{}/snooze", other.conversation), json!({ "until": until })).await;
    admin.delete(&format!("/api/conversations/{}/snooze", other.conversation)).await.with(200);
    expect_logged(&admin, since, "wake", "waking").await;
    see("DELETE", "/api/conversations/{id}/snooze");
    hub.tenant.agent("Bob", 1000).await;
    let bobs = confab_testhub::people::stranger(&hub.tenant.id, "Bob", Role::Agent);
    let bob = Caller::with_token(&hub, &bobs.token);
    let (theirs, customer) = Caller::begin(&hub, "And mine").await;
    bob.post(&format!("/api/agent/conversations/{theirs}/accept"), json!({})).await.with(200);
    post(&format!("/api/agent/conversations/{theirs}/take-over"), json!({})).await;
    expect_logged(&admin, since, "transfer", "taking over").await;
    see("POST", "/api/agent/conversations/{id}/take-over");

    // Erasing goes by the same way as the rest; the customer's conversations have to have ended.
    admin.post(&format!("/api/conversations/{}/close", taken.conversation), json!({})).await.with(200);
    let since = Clock::system().now();
    let path = format!("/api/admin/customers/{}", taken.customer);
    admin.get(&format!("{path}/export")).await.with(200);
    expect_logged(&admin, since, "export_customer", "exporting").await;
    admin.delete(&path).await.with(200);
    expect_logged(&admin, since, "erase_customer", "erasing").await;
    see("DELETE", "/api/admin/customers/{id}");

    by_customers(&admin, &customer, &theirs).await;
    see("POST", "/api/chat/start");
    see("POST", "/api/conversations/{id}/survey");
    merging_and_sending_again(&admin).await;
    see("POST", "/api/tickets/{id}/merge");
    see("POST", "/api/admin/webhooks/{id}/deliveries/{event}/replay");
    let login = json!({ "tenant": "acme", "login": "adam", "password": confab_testhub::people::PASSWORD });
    let since = Clock::system().now();
    Caller::nobody(&hub).post("/api/auth/login", login).await.with(200);
    expect_logged(&admin, since, "login", "logging in").await;
    see("POST", "/api/auth/login");

    for (method, route, _) in SILENT {
        assert!(see(method, route), "{method} {route} is both logged and listed as silent");
    }
    let missing: Vec<_> = operations().difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "add to the deeds, or say why no line is left: {missing:?}");
    let gone: Vec<_> = seen.difference(&operations()).cloned().collect();
    assert!(gone.is_empty(), "no such routes any more: {gone:?}");
}

/// Customers' commands are logged under their names.
async fn by_customers(admin: &Caller, customer: &Caller, conversation: &str) {
    let found = admin.get(&format!("/api/conversations/{conversation}")).await.with(200);
    let (id, ticket) = (found["customer"]["id"].as_str().expect("an id"), &found["ticket_id"]);
    let actions = async || {
        let page = admin.get(&format!("/api/admin/audit?actor={id}")).await.with(200);
        page["items"].to_string()
    };
    soon("the start is logged", async || actions().await.contains("\"start\"").then_some(())).await;
    admin.post(&format!("/api/conversations/{conversation}/close"), json!({})).await.with(200);
    let path = format!("/api/tickets/{}", ticket.as_str().expect("an id"));
    admin.put(&path, json!({ "status": "RESOLVED" })).await;
    let score = json!({ "score": 5 });
    customer.post(&format!("/api/conversations/{conversation}/survey"), score).await.with(200);
    soon("the answer is logged", async || actions().await.contains("\"rate\"").then_some(())).await;
}

async fn merging_and_sending_again(admin: &Caller) {
    // Two tickets of one customer become one.
    let say = |subject: &str| json!({ "subject": subject, "description": "x", "customer": { "id": "k-2", "name": "Kim" } });
    let one = admin.post("/api/tickets", say("One")).await.with(201);
    let other = admin.post("/api/tickets", say("Other")).await.with(201);
    let since = Clock::system().now();
    let path = format!("/api/tickets/{}/merge", one["id"].as_str().expect("an id"));
    admin.post(&path, json!({ "into": other["id"] })).await.with(200);
    expect_logged(admin, since, "merge_ticket", "merging").await;

    // An event that was sent is sent again.
    let hook =
        admin.post("/api/admin/webhooks", json!({ "url": "http://127.0.0.1:9/x", "events": [] })).await;
    let path = format!("/api/admin/webhooks/{}", hook.with(201)["id"].as_str().expect("an id"));
    let sent = admin.post(&format!("{path}/test"), json!({})).await.with(202);
    let since = Clock::system().now();
    let again = format!("{path}/deliveries/{}/replay", sent["event_id"].as_str().expect("an id"));
    admin.ask(Method::POST, &again, &[], None).await.with(202);
    expect_logged(admin, since, "replay_delivery", "sending again").await;
}
