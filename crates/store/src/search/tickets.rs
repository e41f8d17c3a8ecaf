//! Tickets by the words of subject and description.

use std::fmt::Write as _;

use confab_domain::Ticket;
use confab_protocol::api::{Party, Priority};
use confab_protocol::{TicketId, UnixMillis, UserId};
use serde::Deserialize;

use super::rank::score;
use super::words::{Terms, words};
use super::{Found, mark};
use crate::error::StoreError;
use crate::rows::variables;
use crate::tenant::TenantStore;

/// Matches up to which all are looked at.
const ALL: usize = 400;
/// Candidates that are enough.
const ENOUGH: usize = 200;
/// Matches taken of a day or a month.
const OF_PART: usize = 200;
/// Days and months that are looked through, the newest first.
const DAYS: u64 = 14;
const MONTHS: u64 = 24;
const PARTS_AT_ONCE: usize = 7;
const SEPARATOR: char = '\u{1f}';

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSearch {
    /// Words, all of which have to be there.
    pub terms: Terms,
    /// Only tickets of this customer.
    pub customer: Option<UserId>,
    /// Only those created then or later.
    pub since: UnixMillis,
    /// Only those created then or earlier.
    pub until: UnixMillis,
    /// The time of the search.
    pub now: UnixMillis,
    /// Most matches to return.
    pub limit: usize,
}

/// A ticket that was found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TicketMatch {
    /// Id.
    pub id: TicketId,
    /// One line.
    pub subject: String,
    /// The issue.
    pub description: String,
    /// Where it stands.
    pub status: String,
    /// What it is about.
    pub category: String,
    /// Urgency.
    pub priority: Priority,
    /// Whose.
    pub customer: Party,
    /// Created.
    pub created_at: UnixMillis,
    /// Last changed.
    pub updated_at: UnixMillis,
    /// Gone: kept for its history only.
    #[serde(default)]
    deleted: bool,
    /// How well it fits; only to be compared within one answer.
    #[serde(default)]
    pub score: f64,
}

/// The word by which the index finds all tickets of a customer.
pub(crate) fn customer_mark(id: &UserId) -> String {
    mark::customer(id.as_str())
}

/// What the index sees of a ticket.
pub(crate) fn ticket_words(ticket: &Ticket) -> String {
    let (day, month) = (mark::day(ticket.created_at, 0), mark::month(ticket.created_at, 0));
    let customer = mark::customer(ticket.customer.id.as_str());
    let Ticket { subject, description, .. } = ticket;
    format!("{subject}\n{description}{SEPARATOR}{day} {month} {customer}")
}

impl TenantStore {
    /// The tickets that fit best.
    pub async fn search_tickets(&self, search: &TicketSearch) -> Result<Found<TicketMatch>, StoreError> {
        let mut found: Vec<TicketMatch> = Vec::new();
        let matches = self.tickets_with(search, &[None], ALL + 1, &mut found).await?;
        if matches <= ALL {
            return Ok(ranked(search, found, false));
        }
        found.clear();
        let newest = search.until.min(search.now);
        let days = (0..DAYS).map(|back| mark::day(newest, back));
        let months = (0..MONTHS).map(|back| mark::month(newest, back));
        let parts: Vec<Option<String>> = days.chain(months).map(Some).collect();
        for group in parts.chunks(PARTS_AT_ONCE) {
            if found.len() >= ENOUGH {
                break;
            }
            self.tickets_with(search, group, OF_PART, &mut found).await?;
        }
        Ok(ranked(search, found, true))
    }

    /// Adds the tickets that have the words and one of the marks; says how many matches there were.
    async fn tickets_with(
        &self,
        search: &TicketSearch,
        marks: &[Option<String>],
        limit: usize,
        found: &mut Vec<TicketMatch>,
    ) -> Result<usize, StoreError> {
        let customer = search.customer.as_ref().map(|id| mark::customer(id.as_str()));
        let mut variables = variables! { "limit": limit as u64 };
        let mut statements = String::new();
        for (index, mark) in marks.iter().enumerate() {
            let marks: Vec<&str> = [mark, &customer].into_iter().flatten().map(String::as_str).collect();
            variables.insert(format!("words{index}"), search.terms.with(&marks));
            // Writing to a text does not fail.
            let _ = write!(statements, "SELECT * FROM ticket WHERE words @@ $words{index} LIMIT $limit; ");
        }
        let mut answer = self.database.query("search_tickets", statements, variables).await?;
        let mut matches = 0;
        for statement in 0..marks.len() {
            let tickets: Vec<TicketMatch> = answer.rows(statement)?;
            matches += tickets.len();
            for ticket in tickets {
                let fits = !ticket.deleted
                    && (search.since..=search.until).contains(&ticket.created_at)
                    && search.customer.as_ref().is_none_or(|customer| *customer == ticket.customer.id)
                    && found.iter().all(|known| known.id != ticket.id);
                if fits {
                    found.push(ticket);
                }
            }
        }
        Ok(matches)
    }
}

fn ranked(search: &TicketSearch, found: Vec<TicketMatch>, is_bounded: bool) -> Found<TicketMatch> {
    let rank = |mut ticket: TicketMatch| {
        let text = format!("{}\n{}", ticket.subject, ticket.description);
        let in_subject = score(&search.terms, &words(&ticket.subject), 0, search.now);
        ticket.score = score(&search.terms, &words(&text), ticket.updated_at, search.now) + in_subject;
        (ticket.score, ticket.updated_at, ticket)
    };
    Found::best(found.into_iter().map(rank).collect(), search.limit, is_bounded)
}
