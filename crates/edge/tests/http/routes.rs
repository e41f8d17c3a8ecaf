//! Every route that clients are promised answers, and nothing of another tenant can be had by guessing its id.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use confab_testhub::people::{Tenant, stranger};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, begin, start_body};

/// The routes that clients of earlier systems know, by method; `{c}` is a conversation, `{t}` its ticket, `{k}` its
/// customer.
const PROMISED: [(&str, &str); 31] = [
    ("GET", "/api/conversations"),
    ("GET", "/api/conversations/{c}"),
    ("GET", "/api/conversations/{c}/queue"),
    ("GET", "/api/conversations/{c}/messages"),
    ("POST", "/api/conversations/{c}/messages"),
    ("POST", "/api/conversations/{c}/typing"),
    ("GET", "/api/agent/queue"),
    ("POST", "/api/agent/conversations/{c}/accept"),
    ("POST", "/api/conversations/{c}/close"),
    ("POST", "/api/agent/conversations/{c}/close"),
    ("GET", "/api/tickets"),
    ("POST", "/api/tickets"),
    ("GET", "/api/tickets/{t}"),
    ("PUT", "/api/tickets/{t}"),
    ("DELETE", "/api/tickets/{t}"),
    ("GET", "/api/tickets/{t}/messages"),
    ("POST", "/api/tickets/{t}/messages"),
    ("GET", "/api/chat/sessions"),
    ("GET", "/api/chat/sessions/{c}/messages"),
    ("POST", "/api/chat/sessions/{c}/messages"),
    ("PUT", "/api/chat/sessions/{c}/status"),
    ("GET", "/api/chat/history/{k}"),
    ("GET", "/api/admin/support/dashboard"),
    ("GET", "/api/admin/support/agents"),
    ("PUT", "/api/admin/support/agents/ann/status"),
    ("GET", "/api/admin/support/reports"),
    ("GET", "/api/search"),
    ("GET", "/api/canned-messages"),
    ("GET", "/api/customer/{k}/context"),
    ("GET", "/api/conversations/{c}/transcript"),
    ("GET", "/api/events"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_promised_route_answers() {
    let hub = Hub::start(TenantSettings::default()).await;
    let nobody = Caller::nobody(&hub);
    nobody.post("/api/chat/start", start_body()).await.with(202);
    let (conversation, _customer) = begin(&hub).await;
    let adam = hub.tenant.with_login("Adam", Role::Admin, 5).await;
    let adam = Caller::with_token(&hub, &adam.token);
    let found = adam.get(&format!("/api/conversations/{conversation}")).await.with(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (ticket, customer) = (text(&found["ticket_id"]), text(&found["customer"]["id"]));
    for (method, route) in PROMISED {
        let path = route.replace("{c}", &conversation).replace("{t}", &ticket).replace("{k}", &customer);
        let method: Method = method.parse().expect("a method");
        let answer = nobody.ask(method.clone(), &path, &[], None).await;
        assert_eq!(answer.problem(401), "unauthenticated", "{method} {route}");
        if method == Method::GET && !path.starts_with("/api/events") {
            let path = if path == "/api/search" { "/api/search?q=payment" } else { &path };
            assert!(adam.get(path).await.status.as_u16() != 404, "{method} {route}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_things_cannot_be_guessed() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.events.allow_private_addresses = true;
    })
    .await;
    let adam = hub.tenant.with_login("Adam", Role::Admin, 5).await;
    let adam = Caller::with_token(&hub, &adam.token);
    let globex = Tenant::create(&hub.store, "globex", TenantSettings::default()).await;
    globex.with_login("Adam", Role::Admin, 5).await;
    let other = Caller::with_token(&hub, &stranger(&globex.id, "Adam", Role::Admin).token);

    let (conversation, _) = begin(&hub).await;
    let found = adam.get(&format!("/api/conversations/{conversation}")).await.with(200);
    let customer = found["customer"]["id"].as_str().expect("an id").to_owned();
    let make = async |path: &str, body: Value| {
        adam.post(path, body).await.with(201)["id"].as_str().expect("an id").to_owned()
    };
    let article = json!({ "title": "Refunds", "body": "Five days.", "published": true });
    let article = format!("/api/articles/{}", make("/api/articles", article).await);
    let canned = json!({ "code": "hi", "title": "Hi", "text": "Hello!", "scope": { "kind": "tenant" } });
    let canned = format!("/api/canned-messages/{}", make("/api/canned-messages", canned).await);
    let hook = json!({ "url": "http://127.0.0.1:9/x" });
    let hook = format!("/api/admin/webhooks/{}", make("/api/admin/webhooks", hook).await);
    let user = json!({ "id": "ravi", "login": "ravi", "name": "Ravi", "role": "agent" });
    make("/api/admin/users", user).await;
    adam.put("/api/admin/teams/billing", json!({ "name": "Billing" })).await.with(200);

    let (get, put, delete) = (Method::GET, Method::PUT, Method::DELETE);
    let name = || Some(json!({ "name": "Mine" }));
    let guesses = [
        (get.clone(), article.clone(), None),
        (delete.clone(), article, None),
        (get.clone(), canned.clone(), None),
        (delete.clone(), canned, None),
        (get.clone(), hook.clone(), None),
        (put.clone(), hook.clone(), Some(json!({ "enabled": false }))),
        (get.clone(), format!("{hook}/deliveries"), None),
        (Method::POST, format!("{hook}/test"), None),
        (delete.clone(), hook, None),
        (get.clone(), "/api/admin/users/ravi".to_owned(), None),
        (put.clone(), "/api/admin/users/ravi".to_owned(), name()),
        (delete.clone(), "/api/admin/users/ravi".to_owned(), None),
        (put.clone(), "/api/admin/users/ravi/password".to_owned(), Some(json!({ "password": "a password" }))),
        (put, "/api/admin/support/agents/ravi/status".to_owned(), Some(json!({ "availability": "away" }))),
        (delete.clone(), "/api/admin/teams/billing".to_owned(), None),
        (get.clone(), format!("/api/customer/{customer}/context"), None),
        (get.clone(), format!("/api/admin/customers/{customer}/export"), None),
        (delete, format!("/api/admin/customers/{customer}"), None),
        (get, format!("/api/conversations/{conversation}/transcript"), None),
    ];
    for (method, path, body) in guesses {
        let answer = other.ask(method.clone(), &path, &[], body).await;
        assert_eq!(answer.problem(404), "not_found", "{method} {path}");
    }
    let history = other.get(&format!("/api/chat/history/{customer}")).await.with(200);
    assert_eq!(history["items"], json!([]));
    let results = other.get("/api/search?q=payment").await.with(200);
    assert!(!results.to_string().contains(&conversation), "{results}");
    adam.get("/api/admin/users/ravi").await.with(200);
}
