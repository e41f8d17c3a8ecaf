//! Customers whom the host site knows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_domain::{Clock, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use serde_json::json;

use crate::support::{Caller, soon};

/// As any language's library for JSON Web Tokens makes it.
fn signed(secret: &str, sub: &str) -> String {
    signed_with(secret, sub, &json!({}))
}

/// The same with what else the host says of them.
fn signed_with(secret: &str, sub: &str, attributes: &serde_json::Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let exp = Clock::system().now() / 1000 + 300;
    let claims = json!({ "sub": sub, "name": "Mohan K", "exp": exp, "attributes": attributes });
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let text = format!("{header}.{claims}");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(hmac_sha256(secret.as_bytes(), text.as_bytes())))
}

/// HMAC with SHA-256 (RFC 2104), so that the test doesn't lean on what it tests.
fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    assert!(key.len() <= 64, "longer keys are hashed first");
    let pad = |with: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_word_makes_a_customer_who_keeps_their_conversations() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let nobody = Caller::nobody(&hub);
    let path = "/api/admin/identity";
    let ask = async |token: String| {
        nobody.post("/api/auth/customer", json!({ "tenant": "acme", "token": token })).await
    };
    assert_eq!(ask(signed("", "mohan")).await.problem(401), "unauthenticated", "not before it is allowed");
    let made = admin.ask(reqwest::Method::PUT, path, &[], None).await;
    let secret = made.with(200)["secret"].as_str().expect("a secret").to_owned();
    assert!(admin.get(path).await.with(200)["secret"].is_null(), "it is shown only once");

    let told = ask(signed(&secret, "mohan-7")).await.with(200);
    assert_eq!((&told["customer_id"], &told["name"]), (&json!("mohan-7"), &json!("Mohan K")));
    let mohan = Caller::with_token(&hub, told["token"].as_str().expect("a token"));
    let body = json!({ "issue_type": "PAYMENT", "message": "My payment is stuck" });
    let started = mohan.post("/api/chat/start", body).await.with(202);
    assert_eq!(started["customer_id"], "mohan-7");
    let id = started["conversation_id"].as_str().expect("an id");
    // On another day, with a token that knows of no conversation, they find it again.
    let told = ask(signed(&secret, "mohan-7")).await.with(200);
    let again = Caller::with_token(&hub, told["token"].as_str().expect("a token"));
    soon("they find it", async || {
        (again.get(&format!("/api/conversations/{id}/messages")).await.status.as_u16() == 200).then_some(())
    })
    .await;
    let other = ask(signed(&secret, "eve")).await.with(200);
    let eve = Caller::with_token(&hub, other["token"].as_str().expect("a token"));
    assert_eq!(eve.get(&format!("/api/conversations/{id}/messages")).await.problem(404), "not_found");

    assert_eq!(
        ask(signed("another-secret-of-somebody-else-entirely", "mohan-7")).await.problem(401),
        "unauthenticated"
    );
    assert_eq!(ask(signed(&secret, "adam")).await.problem(401), "unauthenticated", "nobody speaks for staff");
    admin.ask(reqwest::Method::PUT, path, &[], None).await.with(200);
    assert_eq!(
        ask(signed(&secret, "mohan-7")).await.problem(401),
        "unauthenticated",
        "there is a new secret"
    );
    admin.delete(path).await.with(204);
    assert_eq!(admin.get(path).await.with(200)["enabled"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_signed_of_a_customer_is_told_from_what_their_browser_claims() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.session.presence_lease_seconds = 3;
        config.session.presence_grace_seconds = 1;
    })
    .await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let made = admin.ask(reqwest::Method::PUT, "/api/admin/identity", &[], None).await;
    let secret = made.with(200)["secret"].as_str().expect("a secret").to_owned();
    let nobody = Caller::nobody(&hub);
    let ask = async |attributes: serde_json::Value| {
        let token = signed_with(&secret, "mohan-7", &attributes);
        nobody.post("/api/auth/customer", json!({ "tenant": "acme", "token": token })).await
    };
    assert_eq!(ask(json!({ "no word!": 1 })).await.problem(422), "invalid");
    assert_eq!(ask(json!({ "plan": ["gold"] })).await.problem(401), "unauthenticated");
    let told = ask(json!({ "plan": "gold", "orders": 3 })).await.with(200);
    let mohan = Caller::with_token(&hub, told["token"].as_str().expect("a token"));
    let page = json!({ "attributes": { "plan": "platinum" } });
    mohan.put("/api/customer/mohan-7/page", page).await.with(204);
    let context = async || admin.get("/api/customer/mohan-7/context").await.with(200);
    let known = context().await;
    assert_eq!(known["profile"]["verified"], json!({ "plan": "gold", "orders": 3.0 }));
    assert_eq!(known["profile"]["claimed"], json!({ "plan": "platinum" }));
    assert_eq!((&known["profile"]["name"], &known["connected"]), (&json!("Mohan K"), &json!(false)));
    // The host's last word replaces the one before.
    ask(json!({ "plan": "silver" })).await.with(200);
    assert_eq!(context().await["profile"]["verified"], json!({ "plan": "silver" }));

    // When they were last here is when they left.
    let events = format!("{}/api/events?join=feed.user.acme.mohan-7", hub.url());
    let live = reqwest::Client::new().get(events).bearer_auth(mohan.token()).send().await.expect("an answer");
    assert_eq!(live.status().as_u16(), 200);
    soon("they are connected", async || (context().await["connected"] == true).then_some(())).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let before = Clock::system().now();
    drop(live);
    soon("they are gone, and it is known since when", async || {
        let known = context().await;
        let seen = known["profile"]["last_seen_at"].as_u64().expect("a time");
        (known["connected"] == false && seen >= before).then_some(())
    })
    .await;
}
