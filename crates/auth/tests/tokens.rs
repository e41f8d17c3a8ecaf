//! Tokens that are good, and every way in which one can be bad.

use confab_auth::{AuthError, Issued, Lifetimes, Subject, TokenKind, Tokens};
use confab_protocol::{ConversationId, ErrorCode, Role, TenantId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rstest::rstest;
use serde_json::{Value, json};

const KEY: &[u8] = b"a key of at least thirty-two bytes";
const NOW: u64 = 1_700_000_000;
const LIFETIMES: Lifetimes =
    Lifetimes { access_seconds: 900, refresh_seconds: 86_400, customer_seconds: 3600 };

fn tokens() -> Tokens {
    Tokens::new(KEY, "confab", LIFETIMES).expect("the key is long enough")
}

fn subject() -> Subject {
    Subject {
        user: UserId::parse("ada").expect("an id"),
        tenant: TenantId::parse("acme").expect("an id"),
        role: Role::Agent,
        name: "Ada L.".to_owned(),
    }
}

fn access() -> Issued {
    tokens().issue_access(&subject(), NOW).expect("signed")
}

/// A token with our key over claims that are changed by `change`.
fn forged(algorithm: Algorithm, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = serde_json::to_value(access().claims).expect("claims are JSON");
    change(&mut claims);
    jsonwebtoken::encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(KEY)).expect("signed")
}

#[test]
fn a_token_says_what_was_put_into_it() {
    let claims = tokens().verify(&access().token, NOW, TokenKind::Access).expect("valid");
    assert_eq!(claims, access().claims.with_id_of(&claims));
    assert_eq!(claims.subject(), subject());
    assert_eq!((claims.iat, claims.nbf, claims.exp), (NOW, NOW, NOW + 900));
}

/// Ids of tokens differ; everything else is to be compared.
trait WithIdOf {
    fn with_id_of(self, other: &Self) -> Self;
}

impl WithIdOf for confab_auth::Claims {
    fn with_id_of(self, other: &Self) -> Self {
        assert_ne!(self.jti, other.jti, "two tokens have one id");
        Self { jti: other.jti.clone(), ..self }
    }
}

#[test]
fn a_customers_token_is_bound_to_their_conversations() {
    let mine = ConversationId::parse("c-1").expect("an id");
    let (tenant, customer) = (subject().tenant, UserId::parse("kim").expect("an id"));
    let issued = tokens().issue_customer(tenant, customer, "Kim", vec![mine.clone()], NOW).expect("signed");
    let claims = tokens().verify(&issued.token, NOW + 3599, TokenKind::Access).expect("valid");
    assert_eq!(claims.role, Role::Customer);
    assert!(claims.is_bound_to(&mine));
    assert!(!claims.is_bound_to(&ConversationId::parse("c-2").expect("an id")));
}

#[rstest]
#[case(0, NOW + 899, None)]
#[case(0, NOW + 900, Some(AuthError::Expired))]
#[case(0, NOW - 1, Some(AuthError::NotYetValid))]
#[case(10, NOW + 909, None)]
#[case(10, NOW + 910, Some(AuthError::Expired))]
#[case(10, NOW - 10, None)]
#[case(10, NOW - 11, Some(AuthError::NotYetValid))]
#[case::leeway_is_capped(3600, NOW + 930, Some(AuthError::Expired))]
fn a_token_holds_for_its_time(#[case] leeway: u64, #[case] now: u64, #[case] refused: Option<AuthError>) {
    let outcome = tokens().with_leeway(leeway).verify(&access().token, now, TokenKind::Access);
    assert_eq!(outcome.err(), refused);
}

#[test]
fn kinds_do_not_stand_in_for_each_other() {
    let refresh = tokens().issue_refresh(&subject(), NOW).expect("signed");
    assert_eq!(tokens().verify(&refresh.token, NOW, TokenKind::Access), Err(AuthError::WrongKind));
    assert_eq!(tokens().verify(&access().token, NOW, TokenKind::Refresh), Err(AuthError::WrongKind));
    assert!(tokens().verify(&refresh.token, NOW + 86_399, TokenKind::Refresh).is_ok());
}

#[test]
fn another_key_or_issuer_is_refused() {
    let other_key = Tokens::new(&[7; 32], "confab", LIFETIMES).expect("long enough");
    assert_eq!(other_key.verify(&access().token, NOW, TokenKind::Access), Err(AuthError::BadSignature));
    let other_issuer = Tokens::new(KEY, "elsewhere", LIFETIMES).expect("long enough");
    assert_eq!(other_issuer.verify(&access().token, NOW, TokenKind::Access), Err(AuthError::WrongIssuer));
}

#[test]
fn a_changed_claim_breaks_the_signature() {
    let honest = access().token;
    let raised = forged(Algorithm::HS256, |claims| claims["role"] = json!("admin"));
    let (_, signature) = honest.rsplit_once('.').expect("three parts");
    let (unsigned, _) = raised.rsplit_once('.').expect("three parts");
    let spliced = format!("{unsigned}.{signature}");
    assert_eq!(tokens().verify(&spliced, NOW, TokenKind::Access), Err(AuthError::BadSignature));
}

#[test]
fn no_other_algorithm_is_taken() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = forged(algorithm, |_| {});
        assert_eq!(tokens().verify(&token, NOW, TokenKind::Access), Err(AuthError::BadSignature));
    }
    // {"alg":"none","typ":"JWT"} with the honest claims and no signature.
    let honest = access().token;
    let claims = honest.split('.').nth(1).expect("three parts");
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    assert_eq!(tokens().verify(&unsigned, NOW, TokenKind::Access), Err(AuthError::Malformed));
}

#[rstest]
#[case::no_tenant("tenant", None)]
#[case::bad_tenant("tenant", Some(json!("acme.*")))]
#[case::no_expiry("exp", None)]
#[case::unknown_role("role", Some(json!("root")))]
#[case::unknown_kind("kind", Some(json!("forever")))]
#[case::bad_conversation("conversations", Some(json!([">"])))]
fn a_claim_that_lacks_or_has_a_wrong_form(#[case] name: &str, #[case] value: Option<Value>) {
    let token = forged(Algorithm::HS256, |claims| match value {
        Some(value) => claims[name] = value,
        None => drop(claims.as_object_mut().and_then(|claims| claims.remove(name))),
    });
    assert_eq!(tokens().verify(&token, NOW, TokenKind::Access), Err(AuthError::Malformed));
}

#[rstest]
#[case("")]
#[case("Bearer x")]
#[case("a.b.c")]
#[case("....")]
fn what_is_no_token(#[case] text: &str) {
    assert_eq!(tokens().verify(text, NOW, TokenKind::Access), Err(AuthError::Malformed));
}

#[test]
fn a_short_key_is_refused() {
    let error = Tokens::new(&[7; 31], "confab", LIFETIMES).expect_err("31 bytes");
    assert_eq!(error, AuthError::KeyTooShort { bytes: 31, minimum: 32 });
}

#[test]
fn what_a_client_is_told() {
    assert_eq!(AuthError::Expired.code(), ErrorCode::TokenExpired);
    for error in [AuthError::Malformed, AuthError::BadSignature, AuthError::WrongKind, AuthError::WrongIssuer]
    {
        assert_eq!(error.code(), ErrorCode::Unauthenticated);
    }
    assert_eq!(AuthError::Forbidden.code(), ErrorCode::Forbidden);
    assert_eq!(AuthError::NotFound.code(), ErrorCode::NotFound);
    assert_eq!(AuthError::Password("odd".to_owned()).code(), ErrorCode::Internal);
}

#[test]
fn debug_output_holds_neither_key_nor_token() {
    let issued = access();
    let text = format!("{:?} {issued:?}", tokens());
    assert!(!text.contains("thirty-two") && !text.contains(&issued.token), "{text}");
}
