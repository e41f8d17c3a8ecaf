//! Automatic replies while no agent is there. Questions are errands: whoever answers may be slow or fail, and nothing
//! but the reply waits. The reply is a command, decided on the conversation's version, so that none comes after an agent.

mod endpoint;
mod library;
mod responder;

use std::time::Duration;

use confab_bus::ErrandKind;
use confab_domain::CommandKind;
use confab_domain::responder::{ResponderSettings, SETTING};
use confab_protocol::api::ReplySource;
use confab_protocol::codec::decode_entry;
use confab_protocol::shard::fnv1a;
use confab_protocol::{Body, Channel, CommandId, ConversationId, Role, TenantId};
use confab_store::{StoredEntry, TenantStore};
use confab_telemetry::metrics::{AUTO_REPLIES, AUTO_REPLY_SECONDS};
use metrics::{counter, histogram};
use tokio::time::{Instant, timeout};
use tracing::warn;

use crate::context::Context;
use crate::errands::{self, Task, Verdict};
use crate::error::WorkerError;

pub use responder::{Question, Reply, Responder, ResponderError, Said};

/// How long a tenant's responder may take when it is no endpoint with a limit of its own.
const USUAL_LIMIT: Duration = Duration::from_secs(30);
/// Longest time an endpoint may take beyond its own limit: for what comes before and after the request.
const MARGIN: Duration = Duration::from_secs(2);

/// A customer's message that may be answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Asked {
    pub(crate) conversation: ConversationId,
    pub(crate) epoch: String,
    pub(crate) seq: u64,
    pub(crate) text: String,
}

/// Makes errands of the customers' messages among these entries, where the tenant has automatic replies.
pub(crate) async fn note(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    entries: &[StoredEntry],
) -> Result<(), WorkerError> {
    if !context.config.replies.enabled || !entries.iter().any(is_question) {
        return Ok(());
    }
    let automation = context.automation(store).await?;
    if !automation.responder.is_on() {
        return Ok(());
    }
    for stored in entries.iter().filter(|stored| is_question(stored)) {
        let asked = Asked {
            conversation: stored.conversation.clone(),
            epoch: stored.epoch.clone(),
            seq: stored.seq,
            text: stored.entry.body.text().unwrap_or_default().to_owned(),
        };
        let id = format!("{}-{}-{}", asked.conversation, asked.epoch, asked.seq);
        errands::give(context, ErrandKind::Reply, tenant, &id, &Task::Reply(asked)).await;
    }
    Ok(())
}

fn is_question(stored: &StoredEntry) -> bool {
    let is_text = matches!(stored.entry.body, Body::Text { .. });
    is_text && !stored.note && stored.entry.author.role == Some(Role::Customer)
}

/// Answers, if the conversation still takes answers.
pub(crate) async fn run(context: &Context, tenant: &TenantId, asked: &Asked) -> Result<Verdict, WorkerError> {
    let begun = Instant::now();
    let outcome = answer(context, tenant, asked).await?;
    counter!(AUTO_REPLIES, "outcome" => outcome).increment(1);
    if matches!(outcome, "answered" | "unsure" | "failed" | "timed_out") {
        histogram!(AUTO_REPLY_SECONDS).record(begun.elapsed().as_secs_f64());
    }
    Ok(Verdict::Done)
}

async fn answer(context: &Context, tenant: &TenantId, asked: &Asked) -> Result<&'static str, WorkerError> {
    let Some(store) = context.tenant(tenant).await? else { return Ok("late") };
    let settings: ResponderSettings = store.setting(SETTING).await?.0.unwrap_or_default();
    if !settings.is_on() {
        return Ok("late");
    }
    let Some(conversation) = store.conversation(&asked.conversation).await? else { return Ok("late") };
    if !conversation.takes_auto_replies() {
        return Ok("late");
    }
    let body = &settings.body;
    if settings.asks_for_person(&asked.text) {
        say(context, tenant, asked, &body.name, &body.hand_over_text, true).await?;
        return Ok("handed_over");
    }
    if is_superseded(context, asked).await? {
        return Ok("superseded");
    }
    let question = Question {
        tenant: tenant.clone(),
        earlier: earlier(&store, asked, &settings).await?,
        conversation: conversation.view(),
        text: asked.text.clone(),
    };
    let reply = match work_out(context, &store, &settings, &question).await {
        Ok(reply) => reply,
        Err(error) => {
            warn!(tenant.id = %tenant, %error, "there is no automatic reply");
            return Ok(if error == ResponderError::Timeout { "timed_out" } else { "failed" });
        }
    };
    // The command itself decides; this only tells the outcomes apart.
    let after = store.conversation(&asked.conversation).await?;
    if !after.is_some_and(|conversation| conversation.takes_auto_replies()) {
        return Ok("late");
    }
    match reply {
        Reply::Text(text) => {
            let text: String = text.chars().take(context.config.limits.max_message_chars).collect();
            say(context, tenant, asked, &body.name, &text, false).await?;
            Ok("answered")
        }
        Reply::Unsure => {
            say(context, tenant, asked, &body.name, &body.unsure_text, true).await?;
            Ok("unsure")
        }
    }
}

async fn work_out(
    context: &Context,
    store: &TenantStore,
    settings: &ResponderSettings,
    question: &Question,
) -> Result<Reply, ResponderError> {
    let endpoint_limit = settings.body.endpoint.as_ref().map(|endpoint| endpoint.timeout_ms);
    let limit = match settings.body.source {
        ReplySource::Endpoint => endpoint_limit.map_or(USUAL_LIMIT, Duration::from_millis) + MARGIN,
        _ => USUAL_LIMIT,
    };
    let private_too = context.config.replies.allow_private_addresses;
    let answered = async {
        if let Some(own) = &context.extensions.responder {
            return own.reply(question).await;
        }
        match settings.body.source {
            ReplySource::Off => Ok(Reply::Unsure),
            ReplySource::Library => {
                library::Library::new(store.clone(), settings.body.confidence_percent).reply(question).await
            }
            ReplySource::Endpoint => {
                let client = context.outward.as_ref();
                let client = client.ok_or_else(|| ResponderError::failed("requests can't be made"))?;
                let endpoint = endpoint::Endpoint::new(client, settings, private_too);
                endpoint.ok_or_else(|| ResponderError::failed("no endpoint is set"))?.reply(question).await
            }
        }
    };
    tokio::select! {
        answered = timeout(limit, answered) => answered.unwrap_or(Err(ResponderError::Timeout)),
        () = context.abandon.cancelled() => Err(ResponderError::failed("the worker stops")),
    }
}

/// Whether the customer has written more meanwhile: that is what will be answered.
async fn is_superseded(context: &Context, asked: &Asked) -> Result<bool, WorkerError> {
    let channel = Channel::Conversation(asked.conversation.clone());
    let Some(last) = context.bus.log().last(&channel).await? else { return Ok(false) };
    let by_customer = decode_entry(&last.payload).is_ok_and(|entry| {
        entry.author.role == Some(Role::Customer) && matches!(entry.body, Body::Text { .. })
    });
    Ok(by_customer && last.seq > asked.seq)
}

/// What was said before the question, as far as it goes along.
async fn earlier(
    store: &TenantStore,
    asked: &Asked,
    settings: &ResponderSettings,
) -> Result<Vec<Said>, WorkerError> {
    let most = settings.body.endpoint.as_ref().map_or(0, |endpoint| endpoint.earlier_messages);
    if most == 0 {
        return Ok(Vec::new());
    }
    // Steps of the conversation lie between the messages.
    let history = store.history(&asked.conversation, None, most.saturating_mul(2) + 8, false).await?;
    let before = history.items.into_iter().filter(|item| (&item.epoch, item.seq) < (&asked.epoch, asked.seq));
    let said = before.filter_map(|item| match &item.entry.body {
        Body::Text { text } => {
            let by_customer = item.entry.author.role == Some(Role::Customer);
            (by_customer || item.entry.is_automatic()).then(|| Said { by_customer, text: text.clone() })
        }
        _ => None,
    });
    let mut said: Vec<Said> = said.collect();
    let surplus = said.len().saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
    said.drain(..surplus);
    Ok(said)
}

/// Puts the reply on the work queue. Its id comes from the message it answers: there is one at most.
async fn say(
    context: &Context,
    tenant: &TenantId,
    asked: &Asked,
    name: &str,
    text: &str,
    hands_over: bool,
) -> Result<(), WorkerError> {
    let kind = CommandKind::AutoReply {
        conversation: asked.conversation.clone(),
        name: name.to_owned(),
        text: text.to_owned(),
        hands_over,
    };
    context.submit(tenant, command_id(asked), kind).await?;
    Ok(())
}

/// The same message always gives the same command.
fn command_id(asked: &Asked) -> CommandId {
    let epoch = fnv1a(asked.epoch.as_bytes());
    let id = asked.conversation.as_str();
    let plain = format!("auto-{id}-{epoch:08x}-{}", asked.seq);
    let short = || {
        let hash = fnv1a(id.as_bytes());
        format!("auto-{hash:08x}{}-{epoch:08x}-{}", &id[..id.len().min(18)], asked.seq)
    };
    CommandId::parse(plain).or_else(|_| CommandId::parse(short())).expect("short plain text is an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_one_reply_however_long_its_conversations_id() {
        for id in ["c", &"x".repeat(64)] {
            let asked = |epoch: &str, seq| Asked {
                conversation: ConversationId::parse(id).expect("an id"),
                epoch: epoch.into(),
                seq,
                text: String::new(),
            };
            assert_eq!(command_id(&asked("1", u64::MAX)), command_id(&asked("1", u64::MAX)));
            assert_ne!(command_id(&asked("1", 7)), command_id(&asked("2", 7)));
            assert_ne!(command_id(&asked("1", 7)), command_id(&asked("1", 8)));
        }
    }
}
