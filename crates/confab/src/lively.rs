//! Simulated customers for the demo: so that a desk that nobody writes to is seen at work. Each says of itself that it
//! is simulated; there are never more than a few, and they end with the hub.

use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::{ClientError, HttpClient, new_client_id};
use confab_protocol::api::{ConversationStatus, Priority, ReadRequest, StartRequest};
use confab_protocol::{Body, ConversationId, Role, TenantId};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::demo;

/// Customers at a time.
const AT_ONCE: usize = 4;
/// Between the first conversations of two customers, and between the end of one and the next beginning.
const APART: Duration = Duration::from_secs(12);
/// How often a customer looks for an answer.
const LOOKS: Duration = Duration::from_secs(3);
/// Looks without an answer after which a customer gives up: five minutes.
const PATIENCE: u32 = 100;
/// How long a customer types.
const TYPES: Duration = Duration::from_secs(3);

/// What somebody comes with: a name, a topic, how urgent it is, and what they say, one text an answer.
struct Part {
    name: &'static str,
    issue_type: &'static str,
    priority: Priority,
    says: &'static [&'static str],
}

const PARTS: [Part; 6] = [
    Part {
        name: "Asha",
        issue_type: "PAYMENT",
        priority: Priority::High,
        says: &["My payment went through twice.", "Order 4711, on Monday.", "Thank you, that helps!"],
    },
    Part {
        name: "Lin",
        issue_type: "SHIPPING",
        priority: Priority::Medium,
        says: &["Where is my parcel?", "It should have come yesterday.", "Good, I will wait for it."],
    },
    Part {
        name: "Omar",
        issue_type: "ACCOUNT",
        priority: Priority::Urgent,
        says: &["I can't log in any more.", "It says that the password is wrong.", "Now it works, thanks!"],
    },
    Part {
        name: "Grace",
        issue_type: "RETURNS",
        priority: Priority::Low,
        says: &["The jacket is too small.", "A size larger, if you have it.", "Perfect."],
    },
    Part {
        name: "Tomas",
        issue_type: "TECHNICAL",
        priority: Priority::Medium,
        says: &["The app closes by itself.", "Since the last update, on a tablet.", "I will try that."],
    },
    Part {
        name: "Yuki",
        issue_type: "GENERAL",
        priority: Priority::Medium,
        says: &["Do you have a shop in Kyoto?", "And until when is it open?", "See you there!"],
    },
];

/// Lets customers come, one after the other, until `stop`.
pub(crate) fn play(url: &str, tasks: &TaskTracker, stop: &CancellationToken) -> Result<()> {
    let http = HttpClient::new(url)?;
    let tenant: TenantId = demo::TENANT.parse().context("the demo tenant")?;
    for seat in 0..AT_ONCE {
        let (http, tenant, stop) = (http.clone(), tenant.clone(), stop.clone());
        tasks.spawn(async move { stop.run_until_cancelled(sit(&http, &tenant, seat)).await });
    }
    Ok(())
}

/// One customer after the other, for ever.
async fn sit(http: &HttpClient, tenant: &TenantId, seat: usize) {
    let turns = u32::try_from(seat).unwrap_or(u32::MAX);
    tokio::time::sleep(APART.saturating_mul(turns)).await;
    for part in PARTS.iter().cycle().skip(seat) {
        if let Err(error) = visit(http, tenant, part).await {
            tracing::debug!(error.message = %error, "a simulated customer gave up");
        }
        tokio::time::sleep(APART).await;
    }
}

/// A whole visit: a question, what is said to each answer, the end.
async fn visit(http: &HttpClient, tenant: &TenantId, part: &Part) -> Result<(), ClientError> {
    let mut says = part.says.iter();
    let Some(question) = says.next() else { return Ok(()) };
    let started = http.start(&question_of(tenant, part, question)).await?;
    let http = http.with_token(started.token);
    let id = started.conversation_id;
    let mut answered = 0;
    for text in says {
        let Some(seq) = answer(&http, &id, answered).await? else { break };
        answered = seq;
        http.typing(&id, true).await?;
        tokio::time::sleep(TYPES).await;
        http.send_text(&id, &new_client_id(), text).await?;
    }
    http.close(&id).await.map(drop)
}

fn question_of(tenant: &TenantId, part: &Part, question: &str) -> StartRequest {
    StartRequest {
        tenant: Some(tenant.clone()),
        issue_type: part.issue_type.to_owned(),
        message: question.to_owned(),
        client_id: None,
        name: Some(format!("{} (simulated)", part.name)),
        team: None,
        priority: part.priority,
        details: None,
        ticket_id: None,
    }
}

/// The place of the newest answer of the desk after `after`, and reads it. `None` when none came for long, or it ended.
async fn answer(http: &HttpClient, id: &ConversationId, after: u64) -> Result<Option<u64>, ClientError> {
    for _ in 0..PATIENCE {
        tokio::time::sleep(LOOKS).await;
        if http.conversation(id).await?.status == ConversationStatus::Closed {
            return Ok(None);
        }
        let page = http.history(id, None, None).await?;
        let by_desk = page.items.iter().rev().find(|item| {
            let said = matches!(item.entry.body, Body::Text { .. } | Body::Image { .. } | Body::File { .. });
            said && item.entry.author.role.is_some_and(Role::is_staff)
        });
        if let Some(item) = by_desk.filter(|item| item.seq > after) {
            let seen = ReadRequest { delivered: Some(item.seq), read: Some(item.seq) };
            http.read(id, &seen).await?;
            return Ok(Some(item.seq));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_begins_says_of_itself_that_it_is_simulated_and_has_a_topic_that_routes() {
        let tenant: TenantId = demo::TENANT.parse().expect("a tenant");
        for part in &PARTS {
            assert!(part.says.len() > 1, "{}", part.name);
            let request = question_of(&tenant, part, part.says[0]);
            assert!(request.name.is_some_and(|name| name.ends_with("(simulated)")));
            assert!(request.issue_type.bytes().all(|byte| byte.is_ascii_uppercase()));
        }
    }
}
