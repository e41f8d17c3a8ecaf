//! Customers by the beginnings of their names.

use confab_protocol::{UnixMillis, UserId};
use serde::Deserialize;

use super::Found;
use super::words::{Terms, words};
use crate::error::StoreError;
use crate::rows::variables;
use crate::tenant::TenantStore;

/// Candidates that are ranked at most.
const CANDIDATES: usize = 500;
/// Letters of a word that the index knows.
const LETTERS: usize = 12;

/// A customer who was found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CustomerMatch {
    /// Id.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// When they last began a conversation.
    #[serde(default)]
    pub last_seen_at: UnixMillis,
}

/// The statement that keeps customers known, for a transaction: `customers` is a variable with a list of `id`, `name`
/// and `seen_at`.
pub(crate) const GREET: &str = "FOR $one IN $customers { UPSERT $one.id SET name = $one.name, \
     first_seen_at = first_seen_at ?? $one.seen_at, last_seen_at = $one.seen_at, \
     conversations = (conversations ?? 0) + 1 RETURN NONE }; ";

impl TenantStore {
    /// The customers whose names have words beginning with all of the terms: whole words first, then the latest.
    pub async fn search_customers(
        &self,
        terms: &Terms,
        limit: usize,
    ) -> Result<Found<CustomerMatch>, StoreError> {
        let variables = variables! { "words": terms.beginnings(LETTERS), "limit": CANDIDATES as u64 + 1 };
        let select = "SELECT id, name, last_seen_at FROM customer WHERE name @@ $words LIMIT $limit";
        let mut answer = self.database.query("search_customers", select, variables).await?;
        let customers: Vec<CustomerMatch> = answer.rows(0)?;
        let is_bounded = customers.len() > CANDIDATES;
        let rank = |customer: CustomerMatch| {
            let words = words(&customer.name);
            let fits = |term: &String| words.iter().any(|word| word.folded.starts_with(term.as_str()));
            let is_whole = |term: &&String| words.iter().any(|word| word.folded == **term);
            #[expect(clippy::cast_precision_loss, reason = "a question has a handful of words")]
            let whole = terms.folded().iter().filter(is_whole).count() as f64;
            terms.folded().iter().all(fits).then_some((whole, customer.last_seen_at, customer))
        };
        Ok(Found::best(customers.into_iter().filter_map(rank).collect(), limit, is_bounded))
    }
}
