//! What an identity provider says of somebody: an ID token (OIDC), signed with one of the provider's keys.
//! Only asymmetric algorithms are taken, so that nobody can sign with what the provider publishes.
//! Times are checked against a time that the caller gives; where keys come from is not known here.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{AuthError, MAX_LEEWAY_SECONDS};

/// Keys of one provider that are kept at most.
const MAX_KEYS: usize = 50;
/// Longest token, in bytes.
const MAX_TOKEN_BYTES: usize = 32 * 1024;
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The public keys of a provider (RFC 7517).
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<Jwk>);

impl KeySet {
    /// Reads a key set. Keys of unknown kinds, symmetric ones and those for encryption are left out.
    pub fn parse(document: &[u8]) -> Result<Self, AuthError> {
        #[derive(Deserialize)]
        struct Keys {
            keys: Vec<Value>,
        }
        let keys: Keys = serde_json::from_slice(document).map_err(|_| AuthError::Malformed)?;
        let keys = keys.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let signs = |key: &Jwk| {
            !matches!(key.algorithm, AlgorithmParameters::OctetKey(_))
                && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
        };
        Ok(Self(keys.filter(signs).take(MAX_KEYS).collect()))
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the token's key is among them, as far as its head tells. A token of a wrong form is refused.
    pub fn knows(&self, token: &str) -> Result<bool, AuthError> {
        let (_, id) = head(token)?;
        Ok(self.find(id.as_deref()).is_some())
    }

    /// The key of this id; a token that names none is taken for signed with the only key there is.
    fn find(&self, id: Option<&str>) -> Option<&Jwk> {
        match id {
            Some(id) => self.0.iter().find(|key| key.common.key_id.as_deref() == Some(id)),
            None if self.0.len() == 1 => self.0.first(),
            None => None,
        }
    }
}

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who issued it.
    pub issuer: &'a str,
    /// For whom it was issued: the hub's client id at the provider.
    pub audience: &'a str,
    /// The time, in seconds since the Unix epoch.
    pub now: u64,
}

/// What the provider says of somebody.
#[derive(Debug, Clone, Deserialize)]
pub struct IdentityClaims {
    iss: String,
    aud: Audience,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    #[serde(default)]
    iat: u64,
    #[serde(default)]
    azp: Option<String>,
    /// What the hub gave the client to ask with, if the token was asked for with it.
    #[serde(default)]
    pub nonce: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl IdentityClaims {
    /// The claim at this place; dots lead into objects, as in `realm_access.roles`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.others.get(path) {
            return Some(value);
        }
        let mut parts = path.split('.');
        let first = self.others.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    /// The text at this place.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The texts at this place: one, or those of a list.
    pub fn texts(&self, path: &str) -> Vec<&str> {
        match self.at(path) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Audience::One(one) => one == audience,
            // Several audiences: the one that asked for it is named apart (OIDC Core, 3.1.3.7).
            Audience::Many(many) => {
                many.iter().any(|one| one == audience)
                    && (many.len() == 1 || self.azp.as_deref() == Some(audience))
            }
        }
    }
}

fn head(token: &str) -> Result<(Algorithm, Option<String>), AuthError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(AuthError::Malformed);
    }
    // `none` and algorithms nobody knows have no variant: such heads can't be read.
    let head = decode_header(token).map_err(|_| AuthError::Malformed)?;
    if !ALGORITHMS.contains(&head.alg) {
        return Err(AuthError::BadSignature);
    }
    Ok((head.alg, head.kid))
}

/// What the provider says, if it was the provider who said it, to this hub, at this time. The signature is checked before
/// anything else is believed.
pub fn verify(token: &str, keys: &KeySet, expected: Expected<'_>) -> Result<IdentityClaims, AuthError> {
    let (algorithm, id) = head(token)?;
    let key = keys.find(id.as_deref()).ok_or(AuthError::UnknownKey)?;
    let named = key.common.key_algorithm.map(|named| named.to_string());
    if named.is_some_and(|named| named != format!("{algorithm:?}")) {
        return Err(AuthError::BadSignature);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| AuthError::BadSignature)?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<IdentityClaims>(token, &key, &validation);
    let claims = claims.map_err(|error| match error.kind() {
        ErrorKind::Json(_) | ErrorKind::Base64(_) | ErrorKind::Utf8(_) | ErrorKind::InvalidToken => {
            AuthError::Malformed
        }
        _ => AuthError::BadSignature,
    })?;
    let claims = claims.claims;
    if claims.iss != expected.issuer {
        return Err(AuthError::WrongIssuer);
    }
    if !claims.is_for(expected.audience) {
        return Err(AuthError::WrongAudience);
    }
    if expected.now >= claims.exp.saturating_add(MAX_LEEWAY_SECONDS) {
        return Err(AuthError::Expired);
    }
    if expected.now.saturating_add(MAX_LEEWAY_SECONDS) < claims.nbf.max(claims.iat) {
        return Err(AuthError::NotYetValid);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{EncodingKey, Header};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn key() -> EncodingKey {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a key");
        EncodingKey::from_ec_der(document.as_ref())
    }

    fn published(keys: &[(&str, &EncodingKey)]) -> Vec<u8> {
        let keys: Vec<Jwk> = keys
            .iter()
            .map(|(id, key)| {
                let mut jwk = Jwk::from_encoding_key(key, Algorithm::ES256).expect("its public half");
                jwk.common.key_id = Some((*id).to_owned());
                jwk
            })
            .collect();
        let mut document = json!({ "keys": keys });
        let odd = [
            json!({ "kty": "XYZ", "kid": "odd" }),
            json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0" }),
        ];
        document["keys"].as_array_mut().expect("keys").extend(odd);
        document.to_string().into_bytes()
    }

    fn signed(key: &EncodingKey, id: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: id.map(str::to_owned), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, key).expect("signed")
    }

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "confab", "sub": "7", "exp": 1000, "iat": 800,
            "realm_access": { "roles": ["agent", "x"] }, "https://example/team": "billing",
        })
    }

    const EXPECTED: Expected<'_> = Expected { issuer: "https://id.example", audience: "confab", now: 900 };

    #[test]
    fn the_providers_word_is_taken_with_its_claims() {
        let key = key();
        let keys = KeySet::parse(&published(&[("a", &key)])).expect("keys");
        let token = signed(&key, Some("a"), &claims());
        let claims = verify(&token, &keys, EXPECTED).expect("taken");
        assert_eq!(claims.text("sub"), Some("7"));
        assert_eq!(claims.texts("realm_access.roles"), ["agent", "x"]);
        assert_eq!(claims.texts("https://example/team"), ["billing"], "dots in names are names first");
        assert!(claims.texts("nothing").is_empty() && claims.at("sub.x").is_none());
        assert_eq!(keys.knows(&token), Ok(true));
        assert!(verify(&signed(&key, None, &self::claims()), &keys, EXPECTED).is_ok(), "the only key");
    }

    #[rstest]
    #[case(json!({ "iss": "https://evil.example" }), AuthError::WrongIssuer)]
    #[case(json!({ "aud": "another" }), AuthError::WrongAudience)]
    #[case(json!({ "aud": ["confab", "another"] }), AuthError::WrongAudience)]
    #[case(json!({ "exp": 870 }), AuthError::Expired)]
    #[case(json!({ "nbf": 931 }), AuthError::NotYetValid)]
    #[case(json!({ "exp": "soon" }), AuthError::Malformed)]
    fn what_says_something_else_is_refused(#[case] changed: Value, #[case] expected: AuthError) {
        let key = key();
        let keys = KeySet::parse(&published(&[("a", &key)])).expect("keys");
        let mut claims = claims();
        for (name, value) in changed.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        let refused = verify(&signed(&key, Some("a"), &claims), &keys, EXPECTED);
        assert_eq!(refused.map(|_| ()), Err(expected));
        claims["aud"] = json!(["confab", "another"]);
        claims["azp"] = json!("confab");
    }

    #[test]
    fn nobody_signs_with_what_is_published_or_with_nothing() {
        let (key, other) = (key(), self::key());
        let document = published(&[("a", &key)]);
        let keys = KeySet::parse(&document).expect("keys");
        let with_other = signed(&other, Some("a"), &claims());
        assert_eq!(verify(&with_other, &keys, EXPECTED).map(|_| ()), Err(AuthError::BadSignature));
        let unknown = signed(&other, Some("b"), &claims());
        assert_eq!(verify(&unknown, &keys, EXPECTED).map(|_| ()), Err(AuthError::UnknownKey));
        assert_eq!(keys.knows(&unknown), Ok(false));
        // HMAC with the public key for a secret, and with a symmetric key that is published by mistake.
        for (secret, id) in [(document.as_slice(), "a"), (b"secret".as_slice(), "shared")] {
            let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
            let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(secret));
            let forged = forged.expect("signed");
            assert_eq!(verify(&forged, &keys, EXPECTED).map(|_| ()), Err(AuthError::BadSignature));
        }
        // {"alg":"none","kid":"a"}
        let body = signed(&key, Some("a"), &claims());
        let body = body.split('.').nth(1).expect("a body");
        let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{body}.");
        assert_eq!(verify(&none, &keys, EXPECTED).map(|_| ()), Err(AuthError::Malformed));
        assert_eq!(verify(&"x".repeat(40_000), &keys, EXPECTED).map(|_| ()), Err(AuthError::Malformed));
    }

    #[test]
    fn only_keys_that_sign_are_kept() {
        assert!(KeySet::parse(b"{}").is_err() && KeySet::parse(b"nonsense").is_err());
        let keys = KeySet::parse(&published(&[])).expect("a set");
        assert!(keys.is_empty(), "neither the symmetric one nor the unknown one");
    }
}
