//! Tickets: single ones, lists of them in three orders, and the history of each.

use std::ops::Bound;

use confab_domain::model::TicketStatus;
use confab_domain::{Ticket, TicketStep};
use confab_protocol::api::{Category, Priority, TicketSort};
use confab_protocol::{TicketId, UserId};
use surrealdb::types::{Object, RecordId, Variables};

use crate::conversations::Page;
use crate::error::StoreError;
use crate::inverted::{TIME_DIGITS, inverted};
use crate::queue::rank;
use crate::rows::{Fields, end_of, number, packed, range, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

const STEPS: &str = "ticket_step";

/// Which tickets to list; those that fit all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// With this status.
    pub status: Option<TicketStatus>,
    /// Of this urgency.
    pub priority: Option<Priority>,
    /// About this.
    pub category: Option<Category>,
    /// Of this customer.
    pub customer: Option<UserId>,
    /// On which this agent works.
    pub agent: Option<UserId>,
    /// On which nobody works.
    pub unassigned: bool,
    /// With this label.
    pub label: Option<String>,
    /// Whose subject has this in it, in whatever case.
    pub subject: Option<String>,
    /// Only those put aside, or only those that are not.
    pub snoozed: Option<bool>,
}

/// What is stored of a ticket: its own fields and those that sort lists.
pub(crate) fn content(ticket: &Ticket) -> Result<Object, StoreError> {
    let mut content = to_content(ticket)?;
    if !ticket.deleted {
        for sort in [TicketSort::Created, TicketSort::Updated, TicketSort::Priority] {
            content.insert(key_field(sort), sort_key(ticket, sort));
        }
    }
    Ok(content)
}

fn key_field(sort: TicketSort) -> &'static str {
    match sort {
        TicketSort::Created => "by_created",
        TicketSort::Updated => "by_updated",
        TicketSort::Priority => "by_priority",
    }
}

/// What sorts a list, and the cursor in it.
fn sort_key(ticket: &Ticket, sort: TicketSort) -> String {
    let (created, id) = (inverted(ticket.created_at), &ticket.id);
    match sort {
        TicketSort::Created => format!("{created}-{id}"),
        TicketSort::Updated => format!("{}-{id}", inverted(ticket.updated_at)),
        TicketSort::Priority => format!("{}{created}-{id}", rank(ticket.priority)),
    }
}

fn check_cursor(cursor: &str, sort: TicketSort) -> Result<(), StoreError> {
    let digits = TIME_DIGITS + usize::from(sort == TicketSort::Priority);
    let (time, id) = cursor.split_once('-').ok_or(StoreError::InvalidCursor)?;
    let fits = time.len() == digits && time.bytes().all(|byte| byte.is_ascii_digit());
    if fits && TicketId::parse(id).is_ok() { Ok(()) } else { Err(StoreError::InvalidCursor) }
}

/// The record of a step.
pub(crate) fn step_record(ticket: &TicketId, version: u64) -> RecordId {
    record_of(STEPS, vec![text(ticket.as_str()), number(version)])
}

/// What is stored of a step: nobody looks into it but whoever reads it whole.
pub(crate) fn step_content(step: &TicketStep) -> Result<Object, StoreError> {
    let mut content = Object::new();
    content.insert("step", packed(step)?);
    Ok(content)
}

/// The query for a page in the order of `key`. Where one person's tickets or those with one label are asked for, they
/// are few enough to be sorted; all others are read in their order from the index of a status.
fn select_page(filter: &TicketFilter, sort: TicketSort) -> String {
    let key = key_field(sort);
    let (index, first) = if filter.label.is_some() {
        ("ticket_label", "labels CONTAINS $label")
    } else if filter.customer.is_some() {
        ("ticket_customer", "customer.id = $customer")
    } else if filter.agent.is_some() {
        ("ticket_agent", "assigned_agent.id = $agent")
    } else {
        let index = match sort {
            TicketSort::Created => "ticket_created",
            TicketSort::Updated => "ticket_updated",
            TicketSort::Priority => "ticket_priority",
        };
        (index, "status = $status")
    };
    let others = [
        (filter.status.is_some(), "status = $status"),
        (filter.customer.is_some(), "customer.id = $customer"),
        (filter.agent.is_some(), "assigned_agent.id = $agent"),
        (filter.unassigned, "assigned_agent = NONE"),
        (filter.priority.is_some(), "priority = $priority"),
        (filter.category.is_some(), "category = $category"),
        (filter.subject.is_some(), "string::contains(string::lowercase(subject), $subject)"),
        (filter.snoozed == Some(true), "snoozed_until != NONE"),
        (filter.snoozed == Some(false), "snoozed_until = NONE"),
    ];
    let mut conditions = vec![first.to_owned(), format!("{key} > $cursor")];
    let others = others.into_iter().filter(|(is_set, condition)| *is_set && *condition != first);
    conditions.extend(others.map(|(_, condition)| condition.to_owned()));
    let conditions = conditions.join(" AND ");
    format!("SELECT * FROM ticket WITH INDEX {index} WHERE {conditions} ORDER BY {key} LIMIT $limit")
}

impl TenantStore {
    /// A ticket that is not deleted.
    pub async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        let ticket: Option<Ticket> = self.one("ticket", id.as_str()).await?;
        Ok(ticket.filter(|ticket| !ticket.deleted))
    }

    /// Tickets that fit the filter, in their order.
    pub async fn tickets(
        &self,
        filter: &TicketFilter,
        sort: TicketSort,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Ticket>, StoreError> {
        cursor.map_or(Ok(()), |cursor| check_cursor(cursor, sort))?;
        let one_index = filter.label.is_some() || filter.customer.is_some() || filter.agent.is_some();
        let mut items = Vec::new();
        if one_index || filter.status.is_some() {
            items = self.tickets_at(filter, sort, cursor, limit).await?;
        } else {
            for status in TicketStatus::ALL {
                let of_status = TicketFilter { status: Some(status), ..filter.clone() };
                items.extend(self.tickets_at(&of_status, sort, cursor, limit).await?);
            }
            items.sort_by_cached_key(|ticket| sort_key(ticket, sort));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let last = if has_more { items.last() } else { None };
        let next_cursor = last.map(|ticket| sort_key(ticket, sort));
        Ok(Page { items, next_cursor })
    }

    /// One more than `limit`, if there are so many: it tells whether there is another page.
    async fn tickets_at(
        &self,
        filter: &TicketFilter,
        sort: TicketSort,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let variables: Variables = variables! {
            "status": filter.status.map(TicketStatus::as_str),
            "priority": filter.priority.map(Priority::as_str),
            "category": filter.category.map(Category::as_str),
            "customer": filter.customer.as_ref().map(UserId::as_str),
            "agent": filter.agent.as_ref().map(UserId::as_str),
            "label": filter.label.clone(),
            "subject": filter.subject.as_ref().map(|subject| subject.to_lowercase()),
            "cursor": cursor.unwrap_or_default(),
            "limit": u64::from(limit) + 1,
        };
        self.database.query("tickets", select_page(filter, sort), variables).await?.rows(0)
    }

    /// Steps of a ticket's history behind version `after`, oldest first.
    pub async fn ticket_steps(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<TicketStep>, StoreError> {
        let start = Bound::Excluded(vec![text(ticket.as_str()), number(after)]);
        let steps = range(STEPS, start, Bound::Excluded(end_of(ticket.as_str())));
        let variables = variables! { "steps": steps, "limit": limit };
        let mut answer =
            self.database.query("ticket_steps", "SELECT * FROM $steps LIMIT $limit", variables).await?;
        let rows = answer.values(0)?.into_iter();
        rows.map(|row| Fields::of(row)?.unpack("step")).collect()
    }
}
