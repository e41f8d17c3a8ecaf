//! An identity provider: a real server that publishes keys made here, and says of people what a test wants.

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
use confab_domain::Clock;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The hub's id at the provider.
pub(crate) const CLIENT: &str = "confab-desk";

/// A key of the provider.
pub(crate) struct Key {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Key {
    pub(crate) fn elliptic(id: &'static str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a key");
        Self { id, algorithm: Algorithm::ES256, private: EncodingKey::from_ec_der(document.as_ref()) }
    }

    pub(crate) fn rsa(id: &'static str) -> Self {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("its document");
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        Self { id, algorithm: Algorithm::RS256, private }
    }

    pub(crate) fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.private, self.algorithm).expect("its public half");
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).expect("JSON")
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private).expect("signed")
    }
}

#[derive(Default)]
pub(crate) struct Published {
    issuer: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    asked: AtomicUsize,
    pub(crate) down: AtomicBool,
}

/// The provider, until the value is dropped.
pub(crate) struct Provider {
    pub(crate) published: Arc<Published>,
    pub(crate) issuer: String,
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
    pub(crate) async fn start(keys_of: &[&Key]) -> Self {
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

    pub(crate) fn publish(&self, keys: &[&Key]) {
        *self.published.keys.lock().expect("unpoisoned") = keys.iter().map(|key| key.public()).collect();
    }

    pub(crate) fn asked(&self) -> usize {
        self.published.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn claims(&self, login: &str, nonce: &str) -> Value {
        let now = Clock::system().now() / 1000;
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": login, "name": "Ravi K", "nonce": nonce,
            "iat": now, "exp": now + 300, "groups": ["support"], "teams": ["billing", "not a word"],
        })
    }
}
