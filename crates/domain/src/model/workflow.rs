//! The workflow of a ticket: which status can follow which.

use confab_protocol::ErrorCode;
use confab_protocol::api::TicketStatus;

use crate::command::Refusal;

/// The steps that are possible from a status. What is closed has to be opened again before anything else.
pub fn possible(from: TicketStatus) -> &'static [TicketStatus] {
    use TicketStatus::{Closed, InProgress, Open, Resolved};
    match from {
        Open => &[InProgress, Resolved, Closed],
        InProgress => &[Open, Resolved, Closed],
        Resolved => &[Open, InProgress, Closed],
        Closed => &[Open],
    }
}

/// Refuses a step that is not possible, naming those that are. Staying where it is is no step.
pub fn check(from: TicketStatus, to: TicketStatus) -> Result<(), Refusal> {
    if from == to || possible(from).contains(&to) {
        return Ok(());
    }
    let names: Vec<String> = possible(from).iter().map(|status| status.as_str().to_owned()).collect();
    let message = format!(
        "a ticket that is {} can't become {}; possible: {}",
        from.as_str(),
        to.as_str(),
        names.join(", ")
    );
    Err(Refusal { possible: names, ..Refusal::new(ErrorCode::InvalidTransition, message) })
}

/// The steps from one status to another: what is closed is opened on the way.
pub(crate) fn steps(from: TicketStatus, to: TicketStatus) -> Vec<(TicketStatus, TicketStatus)> {
    if from == to {
        Vec::new()
    } else if possible(from).contains(&to) {
        vec![(from, to)]
    } else {
        vec![(from, TicketStatus::Open), (TicketStatus::Open, to)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_can_be_reached_and_none_leads_to_itself() {
        for status in TicketStatus::ALL {
            assert!(!possible(status).contains(&status), "{status:?}");
            assert!(TicketStatus::ALL.iter().any(|from| possible(*from).contains(&status)), "{status:?}");
        }
    }

    #[test]
    fn a_refusal_names_what_is_possible() {
        let refusal = check(TicketStatus::Closed, TicketStatus::Resolved).expect_err("it is closed");
        assert_eq!((refusal.code, refusal.possible), (ErrorCode::InvalidTransition, vec!["OPEN".to_owned()]));
        assert_eq!(check(TicketStatus::Closed, TicketStatus::Closed), Ok(()));
    }

    #[test]
    fn all_steps_on_the_way_are_possible() {
        for from in TicketStatus::ALL {
            for to in TicketStatus::ALL {
                let steps = steps(from, to);
                assert!(steps.iter().all(|(one, next)| check(*one, *next).is_ok()), "{steps:?}");
                assert_eq!(steps.last().map_or(from, |(_, last)| *last), to);
            }
        }
    }
}
