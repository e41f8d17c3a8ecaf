//! Staff who log in through the identity provider of their tenant: a real server that publishes keys made here.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_domain::{Clock, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::{Answer, Caller};

const CLIENT: &str = "confab-desk";

/// A key of the provider.
struct Key {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Key {
    fn elliptic(id: &'static str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a key");
        Self { id, algorithm: Algorithm::ES256, private: EncodingKey::from_ec_der(document.as_ref()) }
    }

    fn rsa(id: &'static str) -> Self {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("its document");
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        Self { id, algorithm: Algorithm::RS256, private }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.private, self.algorithm).expect("its public half");
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).expect("JSON")
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private).expect("signed")
    }
}

#[derive(Default)]
struct Published {
    issuer: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    asked: AtomicUsize,
    down: AtomicBool,
}

/// The provider, until the value is dropped.
struct Provider {
    published: Arc<Published>,
    issuer: String,
    server: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn discovery(State(published): State<Arc<Published>>) -> Result<Json<Value>, StatusCode> {
    published.asked.fetch_add(1, Ordering::SeqCst);
    if published.down.load(Ordering::SeqCst) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    let issuer = published.issuer.lock().expect("unpoisoned").clone();
    let (keys, login) = (format!("{issuer}/keys"), format!("{issuer}/login"));
    Ok(Json(json!({ "issuer": issuer, "jwks_uri": keys, "authorization_endpoint": login })))
}

async fn keys(State(published): State<Arc<Published>>) -> Result<Json<Value>, StatusCode> {
    if published.down.load(Ordering::SeqCst) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(json!({ "keys": *published.keys.lock().expect("unpoisoned") })))
}

impl Provider {
    async fn start(keys_of: &[&Key]) -> Self {
        let published = Arc::new(Published::default());
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&published));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        published.issuer.lock().expect("unpoisoned").clone_from(&issuer);
        #[expect(clippy::disallowed_methods, reason = "a test's own server, ended with the value")]
        let server = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        let provider = Self { published, issuer, server };
        provider.publish(keys_of);
        provider
    }

    fn publish(&self, keys: &[&Key]) {
        *self.published.keys.lock().expect("unpoisoned") = keys.iter().map(|key| key.public()).collect();
    }

    fn asked(&self) -> usize {
        self.published.asked.load(Ordering::SeqCst)
    }

    fn claims(&self, login: &str, nonce: &str) -> Value {
        let now = Clock::system().now() / 1000;
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": login, "name": "Ravi K", "nonce": nonce,
            "iat": now, "exp": now + 300, "groups": ["support"], "teams": ["billing", "not a word"],
        })
    }
}

struct Scene {
    hub: Hub,
    admin: Caller,
    provider: Provider,
}

impl Scene {
    async fn with(keys: &[&Key]) -> Self {
        let hub = Hub::start_with(TenantSettings::default(), |config| {
            config.events.allow_private_addresses = true;
            config.limits.logins_per_minute_per_address = 1000;
        })
        .await;
        let adam = hub.tenant.with_login("Adam", Role::Admin, 1).await;
        let admin = Caller::with_token(&hub, &adam.token);
        Self { admin, provider: Provider::start(keys).await, hub }
    }

    async fn configure(&self, more: Value) -> Answer {
        let mut body = json!({ "issuer": self.provider.issuer, "client_id": CLIENT });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        self.admin.put("/api/admin/identity-provider", body).await
    }

    async fn begin(&self) -> Answer {
        Caller::nobody(&self.hub).post("/api/auth/oidc/begin", json!({ "tenant": "acme" })).await
    }

    async fn nonce(&self) -> String {
        self.begin().await.with(200)["nonce"].as_str().expect("a nonce").to_owned()
    }

    async fn bring(&self, token: &str) -> Answer {
        Caller::nobody(&self.hub).post("/api/auth/oidc", json!({ "tenant": "acme", "token": token })).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_people_log_in_and_are_known_from_then_on() {
    let key = Key::rsa("k-1");
    let on = Scene::with(&[&key]).await;
    assert_eq!(on.begin().await.problem(403), "forbidden", "not before there is a provider");
    on.configure(json!({})).await.with(200);
    let begun = on.begin().await.with(200);
    assert_eq!(begun["authorization_endpoint"], format!("{}/login", on.provider.issuer));
    assert_eq!((&begun["client_id"], &begun["scope"]), (&json!(CLIENT), &json!("openid profile email")));

    let nonce = on.nonce().await;
    let token = key.sign(&on.provider.claims("ravi", &nonce));
    assert_eq!(on.bring(&token).await.problem(403), "forbidden", "nobody is let in whom no admin knows");
    let tokens = on.bring(&key.sign(&on.provider.claims("adam", &nonce))).await.with(200);
    assert_eq!((&tokens["user"]["id"], &tokens["user"]["role"]), (&json!("adam"), &json!("admin")));

    // From now on whoever is in the group gets an account.
    let mapping = json!({
        "provisioning": "create", "role_claim": "groups", "team_claim": "teams",
        "roles": { "support": "supervisor", "trainees": "agent" },
    });
    on.configure(mapping).await.with(200);
    let tokens = on.bring(&token).await.with(200);
    assert_eq!((&tokens["user"]["name"], &tokens["user"]["role"]), (&json!("Ravi K"), &json!("supervisor")));
    let account = on.admin.get("/api/admin/users/ravi").await.with(200);
    assert_eq!((&account["teams"], &account["capacity"]), (&json!(["billing"]), &json!(5)));
    let mut nobody = on.provider.claims("eve", &nonce);
    nobody["groups"] = json!(["visitors"]);
    assert_eq!(on.bring(&key.sign(&nobody)).await.problem(403), "forbidden", "no role, no account");
    let mut by_address = on.provider.claims("x", &nonce);
    by_address["email"] = json!("ravi@example.org");
    on.configure(json!({ "user_claim": "email" })).await.with(200);
    assert_eq!(on.bring(&key.sign(&by_address)).await.problem(403), "forbidden", "not verified");

    // The hub renews by itself, and an admin can shut them out.
    on.configure(json!({})).await.with(200);
    on.provider.published.down.store(true, Ordering::SeqCst);
    let nobody = Caller::nobody(&on.hub);
    let renewal = json!({ "refresh_token": tokens["refresh_token"] });
    nobody.post("/api/auth/renew", renewal.clone()).await.with(200);
    on.bring(&token).await.with(200);
    on.admin.delete("/api/admin/users/ravi").await.with(204);
    assert_eq!(on.bring(&token).await.problem(403), "forbidden");
    assert_eq!(nobody.post("/api/auth/renew", renewal).await.problem(401), "unauthenticated");
    let log = on.admin.get("/api/admin/audit?actor=ravi&action=login").await.with(200);
    assert_eq!(log["items"][0]["detail"], "by identity provider");
    on.admin.delete("/api/admin/identity-provider").await.with(204);
    assert_eq!(on.bring(&token).await.problem(403), "forbidden");
    assert_eq!(on.admin.get("/api/admin/identity-provider").await.problem(404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_did_not_say_to_this_hub_now_is_refused() {
    let key = Key::elliptic("k-1");
    let on = Scene::with(&[&key]).await;
    on.configure(json!({})).await.with(200);
    let nonce = on.nonce().await;
    let good = || on.provider.claims("adam", &nonce);
    on.bring(&key.sign(&good())).await.with(200);
    let now = Clock::system().now() / 1000;
    let wrong = [
        ("aud", json!("another-client"), "unauthenticated"),
        ("iss", json!("https://id.example.org"), "unauthenticated"),
        ("exp", json!(now - 60), "token_expired"),
        ("nbf", json!(now + 3600), "unauthenticated"),
        ("nonce", json!("1.2.3"), "unauthenticated"),
        ("nonce", json!(format!("{nonce}x")), "unauthenticated"),
        ("nonce", Value::Null, "unauthenticated"),
    ];
    for (claim, value, code) in wrong {
        let mut claims = good();
        claims[claim] = value;
        assert_eq!(on.bring(&key.sign(&claims)).await.problem(401), code, "{claim}");
    }
    // Another's key under the same id; no signature; the public key as a shared secret.
    let another = Key::elliptic("k-1");
    assert_eq!(on.bring(&another.sign(&good())).await.problem(401), "unauthenticated");
    let body = key.sign(&good());
    let body = body.split('.').nth(1).expect("a body");
    let unsigned = format!("eyJhbGciOiJub25lIiwia2lkIjoiay0xIn0.{body}.");
    assert_eq!(on.bring(&unsigned).await.problem(401), "unauthenticated");
    let header = Header { kid: Some("k-1".to_owned()), ..Header::new(Algorithm::HS256) };
    let secret = key.public().to_string();
    let shared = jsonwebtoken::encode(&header, &good(), &EncodingKey::from_secret(secret.as_bytes()));
    assert_eq!(on.bring(&shared.expect("signed")).await.problem(401), "unauthenticated");
    assert_eq!(on.bring("nonsense").await.problem(401), "unauthenticated");
    // A customer's account is nobody's way in, whatever the provider says.
    on.hub.tenant.with_login("Mohan", Role::Customer, 1).await;
    let mohan = key.sign(&on.provider.claims("mohan", &nonce));
    assert_eq!(on.bring(&mohan).await.problem(403), "forbidden");
    // A tenant that takes tokens of others' asking says so.
    on.configure(json!({ "require_nonce": false })).await.with(200);
    let mut without = good();
    without.as_object_mut().expect("claims").remove("nonce");
    on.bring(&key.sign(&without)).await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_and_providers_fail() {
    let (first, second, third) = (Key::elliptic("k-1"), Key::elliptic("k-2"), Key::elliptic("k-3"));
    let on = Scene::with(&[&first]).await;
    on.provider.published.down.store(true, Ordering::SeqCst);
    on.configure(json!({ "require_nonce": false })).await.with(200);
    let token = |key: &Key| {
        let mut claims = on.provider.claims("adam", "");
        claims.as_object_mut().expect("claims").remove("nonce");
        key.sign(&claims)
    };
    let down = on.bring(&token(&first)).await;
    assert_eq!(down.problem(503), "unavailable");
    assert!(!down.header("retry-after").is_empty());
    let asked = on.provider.asked();
    on.provider.published.down.store(false, Ordering::SeqCst);
    assert_eq!(on.bring(&token(&first)).await.problem(503), "unavailable", "not asked again at once");
    assert_eq!(on.provider.asked(), asked);
    tokio::time::sleep(std::time::Duration::from_millis(5200)).await;
    on.bring(&token(&first)).await.with(200);
    on.bring(&token(&first)).await.with(200);
    assert_eq!(on.provider.asked(), asked + 1, "keys are kept");

    on.provider.publish(&[&first, &second]);
    on.bring(&token(&second)).await.with(200);
    assert_eq!(on.provider.asked(), asked + 2, "a new key is asked for");
    for _ in 0..3 {
        assert_eq!(on.bring(&token(&third)).await.problem(401), "unauthenticated");
    }
    assert_eq!(on.provider.asked(), asked + 2, "and then not again for a while");
    on.bring(&token(&first)).await.with(200);
}
