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
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let exp = Clock::system().now() / 1000 + 300;
    let claims = URL_SAFE_NO_PAD.encode(json!({ "sub": sub, "name": "Mohan K", "exp": exp }).to_string());
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
