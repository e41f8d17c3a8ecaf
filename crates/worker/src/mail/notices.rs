//! Which e-mails there are: what a customer missed, mentions, and what was given to somebody.

use std::collections::BTreeMap;

use confab_bus::PresenceKind;
use confab_domain::notice::{Notice, Place, missed};
use confab_domain::{Assignee, Command, CommandKind, Outcome, TransferTarget};
use confab_protocol::api::MailBody;
use confab_protocol::{ConversationId, Role, TenantId, TicketId, UnixMillis, UserId};
use confab_store::{StoredEntry, TenantStore, User};
use tracing::warn;

use super::compose::Letter;
use super::{Attempt, KIND, Receiver, again, base, send};
use crate::context::{Context, encode};
use crate::errands::{self, Task, Verdict};
use crate::error::WorkerError;

const SECOND_MS: u64 = 1000;
/// Entries of a conversation that are looked through for what was missed.
const LOOKED_THROUGH: u32 = 100;
/// Messages quoted in one e-mail.
const QUOTED: usize = 20;
/// After so long nobody looks any more whether a customer who is still connected reads.
const GIVE_UP_MS: u64 = 24 * 3600 * SECOND_MS;

/// E-mail that may have to be sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// A customer may have missed something.
    Missed {
        /// Where.
        conversation: ConversationId,
        /// Since when they are known not to have been connected.
        absent_since: Option<UnixMillis>,
    },
    /// A note names somebody.
    Mentioned {
        /// Whom.
        user: UserId,
        /// Where.
        conversation: ConversationId,
        /// Who wrote it.
        by: String,
        /// The note.
        text: String,
        /// Which note.
        id: String,
    },
    /// A conversation or a ticket was given to somebody.
    Given {
        /// To whom.
        user: UserId,
        /// By whom.
        by: String,
        /// The conversation.
        conversation: Option<ConversationId>,
        /// The ticket.
        ticket: Option<TicketId>,
        /// By which command.
        id: String,
    },
}

/// Sets timers for customers who may miss what agents wrote in these entries.
pub(crate) async fn note(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    entries: &[StoredEntry],
) -> Result<(), WorkerError> {
    if context.mailer.is_none() || !entries.iter().any(is_answer) {
        return Ok(());
    }
    let automation = context.automation(store).await?;
    let Some(seconds) = automation.mail.customers_after_seconds else { return Ok(()) };
    let mut latest: BTreeMap<&ConversationId, UnixMillis> = BTreeMap::new();
    for stored in entries.iter().filter(|stored| is_answer(stored)) {
        latest.insert(&stored.conversation, stored.entry.at);
    }
    for (conversation, at) in latest {
        let present = is_customer_present(context, tenant, store, conversation).await?;
        let absent_since = (!present).then_some(at);
        set_timer(context, tenant, conversation, absent_since, at + u64::from(seconds) * SECOND_MS).await;
    }
    Ok(())
}

fn is_answer(stored: &StoredEntry) -> bool {
    let entry = &stored.entry;
    !stored.note && entry.body.is_message() && entry.author.role.is_some_and(Role::is_staff)
}

async fn is_customer_present(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    conversation: &ConversationId,
) -> Result<bool, WorkerError> {
    let read = || async { store.conversation(conversation).await };
    let Some(found) = context.persist("reading a conversation", read).await? else { return Ok(false) };
    is_connected(context, PresenceKind::Customer, tenant, &found.customer.id).await
}

async fn is_connected(
    context: &Context,
    kind: PresenceKind,
    tenant: &TenantId,
    user: &UserId,
) -> Result<bool, WorkerError> {
    let presence = context.bus.presence();
    context.persist("looking for a connection", || presence.is_connected(kind, tenant, user)).await
}

/// One timer a conversation: each message of an agent puts it off. E-mail is a service, not a promise: nothing stands
/// still when no timer can be set.
async fn set_timer(
    context: &Context,
    tenant: &TenantId,
    conversation: &ConversationId,
    absent_since: Option<UnixMillis>,
    at: UnixMillis,
) {
    let task = Task::Tell(Told::Missed { conversation: conversation.clone(), absent_since });
    let id = format!("missed-{conversation}");
    if let Err(error) = context.bus.timers().schedule(tenant, &id, at, encode(&task)).await {
        warn!(%error, "a customer may not hear of what they missed");
    }
}

/// Makes an errand of a timer that fired.
pub(crate) async fn digest_due(context: &Context, tenant: &TenantId, firing: &str, task: &Task) {
    errands::give(context, KIND, tenant, firing, task).await;
}

/// Somebody of the staff is named in a note.
pub(crate) async fn mentioned(
    context: &Context,
    tenant: &TenantId,
    named: &User,
    stored: &StoredEntry,
    id: &str,
) {
    if context.mailer.is_none() {
        return;
    }
    let told = Told::Mentioned {
        user: named.id.clone(),
        conversation: stored.conversation.clone(),
        by: stored.entry.author.name.clone(),
        text: stored.entry.body.text().unwrap_or_default().to_owned(),
        id: id.to_owned(),
    };
    errands::give(context, KIND, tenant, &format!("{id}-{}", named.id), &Task::Tell(told)).await;
}

/// Tells whoever a command gave something to, if they are not there.
pub(crate) async fn assigned(context: &Context, command: &Command, outcome: &Outcome) {
    if context.mailer.is_none() || matches!(outcome, Outcome::Refused(_)) {
        return;
    }
    let (user, conversation, ticket) = match &command.kind {
        CommandKind::Transfer { conversation, to: TransferTarget::Agent(agent), .. } => {
            (agent, Some(conversation.clone()), None)
        }
        CommandKind::CreateTicket { ticket, edit, .. } | CommandKind::UpdateTicket { ticket, edit, .. } => {
            let Some(Assignee::Agent(agent)) = &edit.assignee else { return };
            (agent, None, Some(ticket.clone()))
        }
        _ => return,
    };
    let by = command.actor.author();
    if by.id.as_ref() == Some(user) {
        return;
    }
    let id = command.id.to_string();
    let told = Told::Given { user: user.clone(), by: by.name, conversation, ticket, id: id.clone() };
    errands::give(context, KIND, &command.tenant, &format!("given-{id}"), &Task::Tell(told)).await;
}

/// Sends what has to be sent now.
pub(crate) async fn perform(
    context: &Context,
    tenant: &TenantId,
    told: &Told,
    delivered: i64,
) -> Result<Verdict, WorkerError> {
    let Some(store) = context.tenant(tenant).await? else { return Ok(Verdict::Done) };
    let settings: MailBody = store.setting(confab_domain::notice::SETTING).await?.0.unwrap_or_default();
    let scene = Scene { context, tenant, store: &store, settings: &settings };
    let attempt = match told {
        Told::Missed { conversation, absent_since } => scene.missed(conversation, *absent_since).await?,
        Told::Mentioned { user, conversation, by, text, id } => {
            let opening = format!("{by} named you in a note.");
            let quotes = vec![(by.clone(), text.clone())];
            let link = format!("{}/console/#/inbox/mine/{conversation}", base(context));
            scene.staff(user, Notice::Mention, id, (opening, quotes, link)).await?
        }
        Told::Given { user, by, conversation, ticket, id } => {
            let what = if conversation.is_some() { "conversation" } else { "ticket" };
            let place = match (conversation, ticket) {
                (Some(conversation), _) => format!("inbox/mine/{conversation}"),
                (None, Some(ticket)) => format!("tickets/{ticket}"),
                (None, None) => String::new(),
            };
            let opening = format!("{by} gave you a {what}.");
            let link = format!("{}/console/#/{place}", base(context));
            scene.staff(user, Notice::Assignment, id, (opening, Vec::new(), link)).await?
        }
    };
    Ok(if attempt == Attempt::Again { again(context, delivered) } else { Verdict::Done })
}

/// Whose e-mail it is.
struct Scene<'a> {
    context: &'a Context,
    tenant: &'a TenantId,
    store: &'a TenantStore,
    settings: &'a MailBody,
}

impl Scene<'_> {
    async fn staff(
        &self,
        user: &UserId,
        notice: Notice,
        id: &str,
        (opening, quotes, link): (String, Vec<(String, String)>, String),
    ) -> Result<Attempt, WorkerError> {
        let over = Attempt::Over { sent: false };
        if !self.settings.staff || is_connected(self.context, PresenceKind::Agent, self.tenant, user).await? {
            return Ok(over);
        }
        let Some(person) = self.store.user(user).await?.filter(|person| !person.disabled) else {
            return Ok(over);
        };
        let Some(address) = person.email else { return Ok(over) };
        let to = Receiver { tenant: self.tenant, store: self.store, user, name: person.name, address };
        let subject = opening.trim_end_matches('.').to_owned();
        let letter = |unsubscribe| Letter {
            subject,
            opening,
            quotes,
            link: (link, "Open the console".to_owned()),
            unsubscribe,
        };
        send(self.context, &to, self.settings, notice, format!("{id}-{user}"), letter).await
    }

    async fn missed(
        &self,
        id: &ConversationId,
        absent_since: Option<UnixMillis>,
    ) -> Result<Attempt, WorkerError> {
        let over = Attempt::Over { sent: false };
        let Some(seconds) = self.settings.customers_after_seconds else { return Ok(over) };
        let Some(conversation) = self.store.conversation(id).await? else { return Ok(over) };
        let customer = &conversation.customer;
        let receipts = self.store.receipts(id).await?;
        let read = receipts.iter().find(|mark| mark.user_id == customer.id);
        let told = self.store.told(id).await?;
        let history = self.store.history(id, None, LOOKED_THROUGH, false).await?.items;
        let missed = missed(&history, read, told.as_ref());
        let Some(last) = missed.last() else { return Ok(over) };
        let now = self.context.clock.now();
        let present = is_connected(self.context, PresenceKind::Customer, self.tenant, &customer.id).await?;
        if present && now.saturating_sub(last.entry.at) > GIVE_UP_MS {
            return Ok(over);
        }
        let enough = u64::from(seconds) * SECOND_MS;
        if present || absent_since.is_none() {
            // They may still come to read it, or have left only now.
            let absent_since = (!present).then_some(now);
            set_timer(self.context, self.tenant, id, absent_since, now + enough).await;
            return Ok(over);
        }
        let Some(address) = self.address(&customer.id).await? else { return Ok(over) };
        let place = Place { epoch: last.epoch.clone(), seq: last.seq };
        let quotes = missed.iter().rev().take(QUOTED).rev().map(|item| {
            let said = item.entry.body.text().unwrap_or_default().to_owned();
            (item.entry.author.name.clone(), said)
        });
        let quotes: Vec<_> = quotes.collect();
        let to = Receiver {
            tenant: self.tenant,
            store: self.store,
            user: &customer.id,
            name: customer.name.clone(),
            address,
        };
        let page = self.store.customer(&customer.id).await?.and_then(|known| known.page);
        let link = page.map_or_else(|| base(self.context), |page| page.url);
        let count = missed.len();
        let subject = format!("{} wrote to you", last.entry.author.name);
        let opening = match count {
            1 => "There is a message that you have not read yet.".to_owned(),
            _ => format!("There are {count} messages that you have not read yet."),
        };
        let letter = |unsubscribe| Letter {
            subject,
            opening,
            quotes,
            link: (link, "Go on with the conversation".to_owned()),
            unsubscribe,
        };
        let message = format!("missed-{id}-{}-{}", place.epoch, place.seq);
        let attempt = send(self.context, &to, self.settings, Notice::Unread, message, letter).await?;
        if attempt == (Attempt::Over { sent: true }) {
            let put = || self.store.put_told(id, &place);
            self.context.persist("noting what a customer was sent", put).await?;
        }
        Ok(attempt)
    }

    /// Where a customer gets e-mail: what the desk or the host's system knows, then their account, then what their browser
    /// claims, if the tenant takes that for good.
    async fn address(&self, customer: &UserId) -> Result<Option<String>, WorkerError> {
        let profile = self.store.customer(customer).await?;
        let of = |attributes: &confab_protocol::api::Attributes| {
            attributes.get("email").map(ToString::to_string).filter(|address| is_address(address))
        };
        if let Some(known) = profile.as_ref().and_then(|profile| of(&profile.attributes)) {
            return Ok(Some(known));
        }
        if let Some(address) = self.store.user(customer).await?.and_then(|user| user.email) {
            return Ok(Some(address));
        }
        let claimed = profile.as_ref().and_then(|profile| of(&profile.claimed));
        Ok(claimed.filter(|_| self.settings.claimed_addresses))
    }
}

/// As far as its form tells.
fn is_address(text: &str) -> bool {
    let plain =
        text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"()".contains(&byte));
    plain && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}
