//! Staff who log in through the identity provider of their tenant.

use std::sync::atomic::Ordering;

use confab_domain::{Clock, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::provider::{CLIENT, Key, Provider};
use crate::support::{Answer, Caller, soon};

const BEGIN: &str = "/api/auth/oidc/begin";
const BRING: &str = "/api/auth/oidc";
/// Of the browser that most of these log in with.
const COOKIE: &str = "confab_login=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a tenant maps that leaves everything to its provider.
fn mapping() -> Value {
    json!({
        "provisioning": "create", "role_claim": "groups", "team_claim": "teams",
        "roles": { "support": "supervisor", "trainees": "agent" },
    })
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

    /// As a browser that has been here before.
    async fn begin(&self) -> Answer {
        let body = Some(json!({ "tenant": "acme" }));
        Caller::nobody(&self.hub).ask(Method::POST, BEGIN, &[("cookie", COOKIE)], body).await
    }

    async fn nonce(&self) -> String {
        self.begin().await.with(200)["nonce"].as_str().expect("a nonce").to_owned()
    }

    /// A token that was asked for just now.
    async fn token(&self, key: &Key, login: &str) -> String {
        key.sign(&self.provider.claims(login, &self.nonce().await))
    }

    /// The same, which says something else in places.
    async fn token_saying(&self, key: &Key, login: &str, other: Value) -> String {
        let mut claims = self.provider.claims(login, &self.nonce().await);
        for (name, value) in other.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        key.sign(&claims)
    }

    async fn bring(&self, token: &str) -> Answer {
        let body = Some(json!({ "tenant": "acme", "token": token }));
        Caller::nobody(&self.hub).ask(Method::POST, BRING, &[("cookie", COOKIE)], body).await
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

    let refused = on.bring(&on.token(&key, "ravi").await).await;
    assert_eq!(refused.problem(403), "forbidden", "nobody is let in whom no admin knows");
    let tokens = on.bring(&on.token(&key, "adam").await).await.with(200);
    assert_eq!((&tokens["user"]["id"], &tokens["user"]["role"]), (&json!("adam"), &json!("admin")));

    // From now on whoever is in the group gets an account.
    on.configure(mapping()).await.with(200);
    let tokens = on.bring(&on.token(&key, "ravi").await).await.with(200);
    assert_eq!((&tokens["user"]["name"], &tokens["user"]["role"]), (&json!("Ravi K"), &json!("supervisor")));
    let account = on.admin.get("/api/admin/users/ravi").await.with(200);
    assert_eq!((&account["teams"], &account["capacity"]), (&json!(["billing"]), &json!(5)));
    let visitor = on.token_saying(&key, "eve", json!({ "groups": ["visitors"] })).await;
    assert_eq!(on.bring(&visitor).await.problem(403), "forbidden", "no role, no account");
    on.configure(json!({ "user_claim": "email" })).await.with(200);
    let by_address = on.token_saying(&key, "x", json!({ "email": "ravi@example.org" })).await;
    assert_eq!(on.bring(&by_address).await.problem(403), "forbidden", "not verified");

    // The hub renews by itself, and an admin can shut them out.
    on.configure(json!({})).await.with(200);
    on.bring(&on.token(&key, "ravi").await).await.with(200);
    on.provider.published.down.store(true, Ordering::SeqCst);
    let nobody = Caller::nobody(&on.hub);
    let renewal = json!({ "refresh_token": tokens["refresh_token"] });
    nobody.post("/api/auth/renew", renewal.clone()).await.with(200);
    on.bring(&on.token(&key, "ravi").await).await.with(200);
    on.admin.delete("/api/admin/users/ravi").await.with(204);
    assert_eq!(on.bring(&on.token(&key, "ravi").await).await.problem(403), "forbidden");
    assert_eq!(nobody.post("/api/auth/renew", renewal).await.problem(401), "unauthenticated");
    let log = on.admin.get("/api/admin/audit?actor=ravi&action=login").await.with(200);
    assert_eq!(log["items"][0]["detail"], "by identity provider");
    let last = on.token(&key, "ravi").await;
    on.admin.delete("/api/admin/identity-provider").await.with(204);
    assert_eq!(on.bring(&last).await.problem(403), "forbidden");
    assert_eq!(on.admin.get("/api/admin/identity-provider").await.problem(404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn role_and_teams_follow_the_provider_where_they_are_mapped() {
    let key = Key::elliptic("k-1");
    let on = Scene::with(&[&key]).await;
    on.configure(mapping()).await.with(200);
    on.bring(&on.token(&key, "ravi").await).await.with(200);
    let account = async || on.admin.get("/api/admin/users/ravi").await.with(200);
    let admins = json!({ "name": "Ravi Kumar", "role": "agent", "teams": ["sales"], "capacity": 9 });
    on.admin.put("/api/admin/users/ravi", admins.clone()).await.with(200);

    // What is mapped is the provider's: others' changes hold until the next log-in. What isn't stays.
    let token = on.token_saying(&key, "ravi", json!({ "teams": ["vip", "billing", "vip"] })).await;
    let tokens = on.bring(&token).await.with(200);
    assert_eq!(
        (&tokens["user"]["role"], &tokens["user"]["name"]),
        (&json!("supervisor"), &json!("Ravi Kumar"))
    );
    let now = soon("the desk knows", async || {
        let now = account().await;
        (now["teams"] == json!(["billing", "vip"])).then_some(now)
    })
    .await;
    assert_eq!((&now["role"], &now["capacity"]), (&json!("supervisor"), &json!(9)));
    let agents = on.admin.get("/api/admin/support/agents").await.with(200);
    assert!(agents.to_string().contains("vip"), "{agents}");
    let log = on.admin.get("/api/admin/audit?actor=ravi&action=update_user").await.with(200);
    let said = format!("agent -> supervisor, by {}", on.provider.issuer);
    assert_eq!(log["items"][0]["detail"], said);

    // Who is given less has less, who is in no team any more is in none, and who has no role is not let in.
    let trainee = json!({ "groups": ["trainees"], "teams": [] });
    let tokens = on.bring(&on.token_saying(&key, "ravi", trainee).await).await.with(200);
    assert_eq!(tokens["user"]["role"], "agent");
    soon("no team is left", async || (account().await["teams"] == json!([])).then_some(())).await;
    let gone = on.token_saying(&key, "ravi", json!({ "groups": ["visitors"] })).await;
    assert_eq!(on.bring(&gone).await.problem(403), "forbidden");

    // Where nothing is mapped, what the admin set stands.
    on.configure(json!({})).await.with(200);
    on.admin.put("/api/admin/users/ravi", admins).await.with(200);
    let version = account().await["version"].clone();
    let tokens = on.bring(&on.token(&key, "ravi").await).await.with(200);
    assert_eq!(tokens["user"]["role"], "agent");
    let now = account().await;
    assert_eq!((&now["teams"], &now["version"]), (&json!(["sales"]), &version));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lets_in_once_and_only_the_client_that_began() {
    let key = Key::elliptic("k-1");
    let on = Scene::with(&[&key]).await;
    on.configure(json!({})).await.with(200);
    let nobody = Caller::nobody(&on.hub);
    let token = on.token(&key, "adam").await;
    let stolen = json!({ "tenant": "acme", "token": token });
    assert_eq!(nobody.post(BRING, stolen.clone()).await.problem(401), "unauthenticated", "another's browser");
    let another = [("cookie", "confab_login=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ")];
    let refused = nobody.ask(Method::POST, BRING, &another, Some(stolen)).await;
    assert_eq!(refused.problem(401), "unauthenticated");
    // Of many who bring it at once, one is let in.
    let tries = futures::future::join_all((0..8).map(|_| on.bring(&token))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 200).count(), 1);
    let again = on.bring(&token).await;
    assert_eq!(again.problem(401), "unauthenticated");
    assert!(
        again.body()["detail"].as_str().is_some_and(|text| text.contains("used before")),
        "{}",
        again.body()
    );
    let nonce = on.nonce().await;
    let twice = [0, 1].map(|iat| {
        let mut claims = on.provider.claims("adam", &nonce);
        claims["jti"] = json!(iat);
        key.sign(&claims)
    });
    on.bring(&twice[0]).await.with(200);
    assert_eq!(
        on.bring(&twice[1]).await.problem(401),
        "unauthenticated",
        "another token with the same nonce"
    );

    // A browser that has no secret gets one, which only it can show.
    let begun = nobody.post(BEGIN, json!({ "tenant": "acme" })).await;
    let set = begun.header("set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let cookie = set.split(';').next().expect("a pair");
    let nonce = begun.with(200)["nonce"].as_str().expect("a nonce").to_owned();
    let body = json!({ "tenant": "acme", "token": key.sign(&on.provider.claims("adam", &nonce)) });
    assert_eq!(nobody.post(BRING, body.clone()).await.problem(401), "unauthenticated");
    nobody.ask(Method::POST, BRING, &[("cookie", cookie)], Some(body)).await.with(200);

    // A client without cookies shows what its challenge was made from (the pair is RFC 7636's).
    let challenge =
        json!({ "tenant": "acme", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" });
    let begun = nobody.post(BEGIN, challenge).await;
    assert_eq!(begun.header("set-cookie"), "");
    let nonce = begun.with(200)["nonce"].as_str().expect("a nonce").to_owned();
    let mut body = json!({ "tenant": "acme", "token": key.sign(&on.provider.claims("adam", &nonce)) });
    assert_eq!(nobody.post(BRING, body.clone()).await.problem(401), "unauthenticated");
    body["code_verifier"] = json!("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    nobody.post(BRING, body).await.with(200);
    let wrong = json!({ "tenant": "acme", "code_challenge": "short" });
    assert_eq!(nobody.post(BEGIN, wrong).await.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_did_not_say_to_this_hub_now_is_refused() {
    let key = Key::elliptic("k-1");
    let on = Scene::with(&[&key]).await;
    on.configure(json!({})).await.with(200);
    let nonce = on.nonce().await;
    let good = || on.provider.claims("adam", &nonce);
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
    // None of these used the nonce up.
    on.bring(&key.sign(&good())).await.with(200);
    // A customer's account is nobody's way in, whatever the provider says.
    on.hub.tenant.with_login("Mohan", Role::Customer, 1).await;
    assert_eq!(on.bring(&on.token(&key, "mohan").await).await.problem(403), "forbidden");
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
