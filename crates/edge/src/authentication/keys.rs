//! What identity providers publish, kept for a while: where to log in, and the keys they sign with. A key nobody has seen
//! is asked for once and then not again for some time; a provider that is down is not asked by everybody at once.

use std::sync::Arc;

use confab_auth::AuthError;
use confab_auth::identity_token::KeySet;
use confab_domain::Clock;
use confab_protocol::api::IdentityProvider;
use confab_protocol::{TenantId, UnixMillis};
use dashmap::DashMap;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::fetch::fetch;

/// Tenants whose providers are remembered; beyond it all are forgotten and asked again.
const MAX_TENANTS: usize = 1000;
/// How long keys are taken for the present ones.
const FRESH_MS: u64 = 3_600_000;
/// How long keys are good while the provider doesn't answer.
const GOOD_MS: u64 = 24 * FRESH_MS;
/// Between two questions to a provider that didn't answer.
const RETRY_MS: u64 = 5_000;
/// Between two questions because of a key that nobody has seen: anybody can make such tokens.
const UNSEEN_MS: u64 = 30_000;
const SILENT: AuthError = AuthError::Unavailable("the identity provider does not answer");

/// What a provider says of itself (OIDC Discovery, 3).
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    jwks_uri: String,
    /// Where a browser is sent to log in.
    #[serde(default)]
    pub(crate) authorization_endpoint: Option<String>,
}

/// The providers of the tenants, as far as they were asked.
pub(crate) struct ProviderKeys {
    clock: Clock,
    private_too: bool,
    known: DashMap<TenantId, Arc<Mutex<Known>>>,
}

#[derive(Default)]
struct Known {
    /// Issuer and place of the keys that it was asked with.
    source: (String, Option<String>),
    metadata: Option<Metadata>,
    keys: Arc<KeySet>,
    fetched_at: UnixMillis,
    failed_at: Option<UnixMillis>,
    unseen_at: Option<UnixMillis>,
}

impl Known {
    fn may_ask(&self, now: UnixMillis) -> bool {
        self.failed_at.is_none_or(|at| now.saturating_sub(at) >= RETRY_MS)
    }
}

impl ProviderKeys {
    pub(crate) fn new(clock: Clock, private_too: bool) -> Self {
        Self { clock, private_too, known: DashMap::new() }
    }

    /// The keys of the tenant's provider, with the one that signed `token` if the provider publishes it.
    pub(super) async fn of(
        &self,
        tenant: &TenantId,
        provider: &IdentityProvider,
        token: &str,
    ) -> Result<Arc<KeySet>, AuthError> {
        let known = self.entry(tenant);
        let mut known = known.lock().await;
        let now = self.clock.now();
        begin_anew_if_changed(&mut known, provider);
        let age = now.saturating_sub(known.fetched_at);
        let unseen = !known.keys.knows(token)?;
        let may_look = known.unseen_at.is_none_or(|at| now.saturating_sub(at) >= UNSEEN_MS);
        let has_keys = !known.keys.is_empty();
        if !has_keys || age >= FRESH_MS || (unseen && may_look) {
            if has_keys && unseen && age < FRESH_MS {
                known.unseen_at = Some(now);
            }
            if known.may_ask(now) {
                self.ask(tenant, provider, &mut known).await;
            }
        }
        if known.keys.is_empty() || self.clock.now().saturating_sub(known.fetched_at) >= GOOD_MS {
            return Err(SILENT);
        }
        Ok(Arc::clone(&known.keys))
    }

    /// What the tenant's provider says of itself; none where the tenant named the place of the keys and nothing else is
    /// to be had.
    pub(crate) async fn metadata(
        &self,
        tenant: &TenantId,
        provider: &IdentityProvider,
    ) -> Result<Option<Metadata>, AuthError> {
        let known = self.entry(tenant);
        let mut known = known.lock().await;
        let now = self.clock.now();
        begin_anew_if_changed(&mut known, provider);
        if now.saturating_sub(known.fetched_at) >= FRESH_MS && known.may_ask(now) {
            self.ask(tenant, provider, &mut known).await;
        }
        if known.metadata.is_none() && provider.jwks_url.is_none() {
            return Err(SILENT);
        }
        Ok(known.metadata.clone())
    }

    fn entry(&self, tenant: &TenantId) -> Arc<Mutex<Known>> {
        if self.known.len() >= MAX_TENANTS && !self.known.contains_key(tenant) {
            self.known.clear();
        }
        Arc::clone(&self.known.entry(tenant.clone()).or_default())
    }

    /// Asks the provider; what was known stays when it doesn't answer.
    async fn ask(&self, tenant: &TenantId, provider: &IdentityProvider, known: &mut Known) {
        match self.read(provider).await {
            Ok((metadata, keys)) => {
                known.keys = Arc::new(keys);
                known.metadata = metadata.or(known.metadata.take());
                (known.fetched_at, known.failed_at) = (self.clock.now(), None);
            }
            Err(error) => {
                tracing::warn!(tenant.id = %tenant, error, "an identity provider's keys can't be read");
                known.failed_at = Some(self.clock.now());
            }
        }
    }

    async fn read(&self, provider: &IdentityProvider) -> Result<(Option<Metadata>, KeySet), String> {
        let place = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let found = fetch(&place, self.private_too).await.and_then(|document| {
            let metadata: Metadata =
                serde_json::from_slice(&document).map_err(|error| format!("{place}: {error}"))?;
            if metadata.issuer == provider.issuer {
                Ok(metadata)
            } else {
                Err(format!("{place} is of another issuer"))
            }
        });
        let (metadata, keys_at) = match (found, &provider.jwks_url) {
            (Ok(metadata), None) => {
                let place = metadata.jwks_uri.clone();
                (Some(metadata), place)
            }
            // Where the tenant says where the keys are, the rest is welcome and not needed.
            (found, Some(place)) => (found.ok(), place.clone()),
            (Err(error), None) => return Err(error),
        };
        let keys = KeySet::parse(&fetch(&keys_at, self.private_too).await?)
            .map_err(|error| format!("{keys_at}: {error}"))?;
        if keys.is_empty() {
            return Err(format!("{keys_at} has no key that tokens are signed with"));
        }
        Ok((metadata, keys))
    }
}

fn begin_anew_if_changed(known: &mut Known, provider: &IdentityProvider) {
    let source = (provider.issuer.clone(), provider.jwks_url.clone());
    if known.source != source {
        *known = Known { source, ..Known::default() };
    }
}
