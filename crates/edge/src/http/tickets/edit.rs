//! The form of what can be changed of a ticket.

use confab_domain::{Assignee, TicketEdit};
use confab_protocol::api::{BulkTicketRequest, UpdateTicketRequest};
use confab_protocol::{ErrorCode, UnixMillis, UserId};

use crate::error::EdgeError;
use crate::form;

/// Longest subject, in characters.
pub(super) const MAX_SUBJECT: usize = 200;
/// Longest label, in characters.
const MAX_LABEL: usize = 40;
/// Most labels in one request.
const MAX_LABELS: usize = 50;
/// Longest time for which anything can be put aside.
const LONGEST_SNOOZE_MS: u64 = 366 * 24 * 3600 * 1000;

/// The change that a request asks for.
pub(super) fn of_update(
    request: UpdateTicketRequest,
    max_chars: usize,
    now: UnixMillis,
) -> Result<TicketEdit, EdgeError> {
    if let Some(description) = &request.description {
        form::text("description", description, max_chars)?;
    }
    let snoozed_until = match request.snoozed_until {
        None => None,
        // What has passed wakes it.
        Some(None) => Some(0),
        Some(Some(until)) => Some(snooze("snoozed_until", until, now)?),
    };
    Ok(TicketEdit {
        subject: request.subject.map(|text| form::line("subject", &text, MAX_SUBJECT)).transpose()?,
        description: request.description,
        status: request.status,
        priority: request.priority,
        category: request.category,
        assignee: request.assigned_agent.map(assignee),
        labels: request.labels.map(|given| labels("labels", &given)).transpose()?,
        snoozed_until,
        ..TicketEdit::default()
    })
}

/// The change that a bulk request asks for.
pub(super) fn of_bulk(request: BulkTicketRequest) -> Result<TicketEdit, EdgeError> {
    let edit = TicketEdit {
        status: request.status,
        priority: request.priority,
        assignee: request.assigned_agent.map(assignee),
        add_labels: labels("add_labels", &request.add_labels)?,
        remove_labels: labels("remove_labels", &request.remove_labels)?,
        ..TicketEdit::default()
    };
    if edit == TicketEdit::default() {
        let message = "name what to change: status, priority, assigned_agent, add_labels or remove_labels";
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    Ok(edit)
}

/// Who is to work on it.
pub(super) fn assignee(agent: Option<UserId>) -> Assignee {
    agent.map_or(Assignee::Nobody, Assignee::Agent)
}

/// Labels without the space around them.
pub(in crate::http) fn labels(field: &str, given: &[String]) -> Result<Vec<String>, EdgeError> {
    if given.len() > MAX_LABELS {
        return Err(EdgeError::new(ErrorCode::Invalid, format!("{field} has more than {MAX_LABELS} labels")));
    }
    given.iter().map(|label| form::line(field, label, MAX_LABEL)).collect()
}

/// A time until which something can be put aside.
pub(in crate::http) fn snooze(
    field: &str,
    until: UnixMillis,
    now: UnixMillis,
) -> Result<UnixMillis, EdgeError> {
    if until > now && until - now <= LONGEST_SNOOZE_MS {
        return Ok(until);
    }
    let message = format!("{field} has to be a time to come, at most a year away, in milliseconds");
    Err(EdgeError::new(ErrorCode::Invalid, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_checked() {
        let wrong = [
            UpdateTicketRequest { subject: Some(" ".into()), ..Default::default() },
            UpdateTicketRequest { subject: Some("a\nb".into()), ..Default::default() },
            UpdateTicketRequest { description: Some(String::new()), ..Default::default() },
            UpdateTicketRequest { labels: Some(vec!["x".repeat(41)]), ..Default::default() },
            UpdateTicketRequest { labels: Some(vec!["x".into(); 51]), ..Default::default() },
            UpdateTicketRequest { snoozed_until: Some(Some(5)), ..Default::default() },
            UpdateTicketRequest { snoozed_until: Some(Some(u64::MAX)), ..Default::default() },
        ];
        for request in wrong {
            let refused = of_update(request.clone(), 100, 1000).expect_err("refused");
            assert_eq!(refused.code, ErrorCode::Invalid, "{request:?}");
        }
        let woken = UpdateTicketRequest { snoozed_until: Some(None), ..Default::default() };
        assert_eq!(of_update(woken, 100, 1000).expect("a change").snoozed_until, Some(0));
    }

    #[test]
    fn a_bulk_change_has_to_change_something() {
        let request = BulkTicketRequest {
            ids: Vec::new(),
            status: None,
            priority: None,
            assigned_agent: None,
            add_labels: Vec::new(),
            remove_labels: Vec::new(),
        };
        assert_eq!(of_bulk(request.clone()).expect_err("nothing to do").code, ErrorCode::Invalid);
        let nobody = BulkTicketRequest { assigned_agent: Some(None), ..request };
        assert_eq!(of_bulk(nobody).expect("a change").assignee, Some(Assignee::Nobody));
    }
}
