//! Content filters: what a tenant doesn't want written. Regular expressions of bounded size, in time linear to the text.
//!
//! Read from the database every few seconds; while it is away, what was read last holds.

use std::sync::Arc;
use std::time::Duration;

use confab_protocol::api::{ContentFilterBody, FilterAction};
use confab_protocol::{ErrorCode, Role, TenantId};
use confab_store::Store;
use dashmap::DashMap;
use regex::{Regex, RegexBuilder};
use tokio::time::Instant;

use crate::access::STORE_PATIENCE;
use crate::error::EdgeError;

/// Name of the setting in a tenant's database.
pub(crate) const SETTING: &str = "content_filter";
/// How long a filter is taken to be as it was read.
const FRESH: Duration = Duration::from_secs(5);
/// Largest compiled expression, in bytes.
const MAX_COMPILED: usize = 1024 * 1024;
const MAX_WORDS: usize = 1000;
const MAX_WORD_CHARS: usize = 64;
const MAX_PATTERNS: usize = 50;
const MAX_PATTERN_CHARS: usize = 500;

/// A filter, ready to be used.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    action: FilterAction,
    customers_only: bool,
    expressions: Vec<Regex>,
}

impl Filter {
    /// Compiles what was set; the error says what is wrong with it.
    pub(crate) fn new(body: &ContentFilterBody) -> Result<Self, EdgeError> {
        let invalid = |message: String| EdgeError::new(ErrorCode::Invalid, message);
        if body.words.len() > MAX_WORDS || body.patterns.len() > MAX_PATTERNS {
            return Err(invalid(format!("at most {MAX_WORDS} words and {MAX_PATTERNS} patterns are taken")));
        }
        for word in &body.words {
            if word.trim().is_empty() || word.chars().count() > MAX_WORD_CHARS {
                return Err(invalid(format!("a word has to be 1 to {MAX_WORD_CHARS} characters: {word:?}")));
            }
        }
        let mut expressions = Vec::new();
        if !body.words.is_empty() {
            let words: Vec<String> = body.words.iter().map(|word| regex::escape(word.trim())).collect();
            // `\b` alone would not end a word that ends in a sign.
            let whole = format!(r"(?:^|\b|\B)(?:{})(?:\b|\B|$)", words.join("|"));
            let whole = if body.words.iter().all(|word| is_wordlike(word)) {
                format!(r"\b(?:{})\b", words.join("|"))
            } else {
                whole
            };
            expressions.push(compile(&whole)?);
        }
        for pattern in &body.patterns {
            if pattern.is_empty() || pattern.chars().count() > MAX_PATTERN_CHARS {
                return Err(invalid(format!("a pattern has to be 1 to {MAX_PATTERN_CHARS} characters")));
            }
            let expression = compile(pattern)?;
            if expression.is_match("") {
                return Err(invalid(format!(
                    "the pattern {pattern:?} matches everything: leave it out or narrow it"
                )));
            }
            expressions.push(expression);
        }
        Ok(Self { action: body.action, customers_only: body.customers_only, expressions })
    }

    /// The text as it may be sent.
    pub(crate) fn apply(&self, role: Role, text: String) -> Result<String, EdgeError> {
        if self.customers_only && role.is_staff() {
            return Ok(text);
        }
        let matched = self.expressions.iter().any(|expression| expression.is_match(&text));
        match (matched, self.action) {
            (false, _) => Ok(text),
            (true, FilterAction::Refuse) => {
                let message =
                    "the text has something in it that isn't allowed here; take it out and send it again";
                Err(EdgeError::new(ErrorCode::Invalid, message))
            }
            (true, FilterAction::Mask) => {
                let mask = |found: &regex::Captures<'_>| "*".repeat(found[0].chars().count());
                let masked = self
                    .expressions
                    .iter()
                    .fold(text, |text, expression| expression.replace_all(&text, mask).into_owned());
                Ok(masked)
            }
        }
    }
}

/// Whether a word begins and ends with what words are made of.
fn is_wordlike(word: &str) -> bool {
    let sign = |sign: Option<char>| sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '_');
    let word = word.trim();
    sign(word.chars().next()) && sign(word.chars().next_back())
}

fn compile(pattern: &str) -> Result<Regex, EdgeError> {
    let built = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(20)
        .build();
    built.map_err(|error| {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default();
        EdgeError::new(ErrorCode::Invalid, format!("the pattern {pattern:?} can't be used: {why}"))
    })
}

/// The filters of all tenants.
pub(crate) struct Filters {
    store: Store,
    known: DashMap<TenantId, (Instant, Arc<Filter>)>,
}

impl Filters {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: DashMap::new() }
    }

    /// The tenant's filter, as it was at most seconds ago, or when the database last answered.
    pub(crate) async fn of(&self, tenant: &TenantId) -> Arc<Filter> {
        let known = self.known.get(tenant).map(|known| known.value().clone());
        if let Some((at, filter)) = &known
            && at.elapsed() < FRESH
        {
            return Arc::clone(filter);
        }
        let read = tokio::time::timeout(STORE_PATIENCE, self.read(tenant)).await.ok().flatten();
        let filter = read.or_else(|| known.map(|(_, filter)| filter)).unwrap_or_default();
        self.known.insert(tenant.clone(), (Instant::now(), Arc::clone(&filter)));
        filter
    }

    async fn read(&self, tenant: &TenantId) -> Option<Arc<Filter>> {
        let store = self.store.tenant(tenant).await.ok()?;
        let (body, _) = store.setting::<ContentFilterBody>(SETTING).await.ok()?;
        let Some(body) = body else { return Some(Arc::default()) };
        match Filter::new(&body) {
            Ok(filter) => Some(Arc::new(filter)),
            Err(error) => {
                tracing::error!(tenant = %tenant, %error, "a stored content filter can't be used");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(action: FilterAction, words: &[&str], patterns: &[&str]) -> Filter {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let body = ContentFilterBody {
            action,
            words: texts(words),
            patterns: texts(patterns),
            customers_only: true,
        };
        Filter::new(&body).expect("it compiles")
    }

    #[test]
    fn words_are_whole_and_of_any_case() {
        let filter = filter(FilterAction::Mask, &["Darn", "größe"], &[]);
        let masked = |text: &str| filter.apply(Role::Customer, text.to_owned()).expect("masked");
        assert_eq!(masked("DARN it, darning is fine"), "**** it, darning is fine");
        assert_eq!(masked("die GRÖSSE ist Größe"), "die GRÖSSE ist *****");
    }

    #[test]
    fn patterns_refuse_and_staff_may_be_left_alone() {
        let filter = filter(FilterAction::Refuse, &[], &[r"\b\d{4}(?: ?\d{4}){3}\b"]);
        let refused = filter.apply(Role::Customer, "my card is 4111 1111 1111 1111".to_owned());
        assert_eq!(refused.expect_err("refused").code, ErrorCode::Invalid);
        assert!(filter.apply(Role::Customer, "order 4111".to_owned()).is_ok());
        assert!(filter.apply(Role::Agent, "4111111111111111".to_owned()).is_ok());
    }

    #[test]
    fn what_would_take_too_much_or_match_all_is_refused_when_it_is_set() {
        for pattern in ["(", "a{1000}{1000}{1000}", "x*", &"a".repeat(501), "(?=look)"] {
            let body =
                ContentFilterBody { patterns: vec![pattern.to_owned()], ..ContentFilterBody::default() };
            assert_eq!(Filter::new(&body).expect_err(pattern).code, ErrorCode::Invalid);
        }
        let body = ContentFilterBody { words: vec![" ".to_owned()], ..ContentFilterBody::default() };
        assert!(Filter::new(&body).is_err());
    }
}
