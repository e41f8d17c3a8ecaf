//! E-mail to people who are not there. Nothing polls: a timer of each conversation fires when its customer may have been
//! away for long enough, and what staff are to hear is an errand at once. What is to be told is looked up when it is sent,
//! so that nobody hears of what they have seen.

mod compose;
mod mailer;
mod notices;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use confab_auth::Purpose;
use confab_bus::ErrandKind;
use confab_config::Config;
use confab_domain::notice::Notice;
use confab_protocol::api::{MailBody, RefusedAddress};
use confab_protocol::{TenantId, UserId};
use confab_store::TenantStore;
use confab_telemetry::metrics::MAILS;
use metrics::counter;
use rand::Rng as _;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::context::Context;
use crate::errands::Verdict;
use crate::error::WorkerError;
use compose::Letter;

pub use mailer::{Mail, MailError, Mailer};
pub(crate) use notices::{Told, assigned, digest_due, mentioned, note, perform};

/// Longest time an embedder's mailer may take; the hub's own has a limit of its own.
const LONGEST: Duration = Duration::from_mins(10);
/// Longest pause between two attempts.
const LONGEST_PAUSE_MS: u64 = 3_600_000;
/// Longest text kept of what a server said.
const MAX_REASON: usize = 300;

/// The sort of errand.
pub(crate) const KIND: ErrandKind = ErrandKind::Mail;

/// What sends: the embedder's own, or the configured server; none when there is neither.
pub(crate) fn mailer(config: &Config, own: Option<Arc<dyn Mailer>>) -> Option<Arc<dyn Mailer>> {
    if own.is_some() {
        return own;
    }
    match smtp_mailer(&config.mail) {
        Ok(mailer) => mailer,
        Err(error) => {
            warn!(%error, "no e-mail can be sent");
            None
        }
    }
}

/// The hub's own mailer: the server of the configuration, none when there is none. For embedders who send by it, too.
pub fn smtp_mailer(settings: &confab_config::Mail) -> Result<Option<Arc<dyn Mailer>>, MailError> {
    let mailer = smtp::SmtpMailer::new(settings)?;
    Ok(mailer.map(|mailer| Arc::new(mailer) as Arc<dyn Mailer>))
}

/// Somebody who is to get an e-mail.
struct Receiver<'a> {
    tenant: &'a TenantId,
    store: &'a TenantStore,
    user: &'a UserId,
    name: String,
    address: String,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// It is done with: taken, refused for good, or not wanted.
    Over { sent: bool },
    /// It is to be tried again.
    Again,
}

/// Sends an e-mail, unless the receiver doesn't want it or their address took none before.
async fn send(
    context: &Context,
    to: &Receiver<'_>,
    settings: &MailBody,
    notice: Notice,
    id: String,
    letter: impl FnOnce(String) -> Letter,
) -> Result<Attempt, WorkerError> {
    let left_out = |reason: &'static str| {
        counter!(MAILS, "outcome" => "left_out").increment(1);
        info!(reason, "an e-mail is not sent");
        Ok(Attempt::Over { sent: false })
    };
    let Some(mailer) = &context.mailer else { return left_out("there is no server") };
    if !notice.is_wanted(&to.store.notifications(to.user).await?.0) {
        return left_out("it is not wanted");
    }
    if to.store.refused_address(&to.address).await?.is_some() {
        return left_out("the address took none before");
    }
    let letter = letter(unsubscribe(context, to.tenant, to.user, notice));
    let mail = Mail {
        to: to.address.clone(),
        to_name: to.name.clone(),
        from_name: settings.from_name.clone(),
        subject: letter.subject.clone(),
        text: letter.text(),
        html: letter.html(),
        id,
        unsubscribe: letter.unsubscribe.clone(),
    };
    let sent = tokio::select! {
        sent = timeout(LONGEST, mailer.send(&mail)) => sent,
        () = context.abandon.cancelled() => return Err(WorkerError::Stopped),
    };
    match sent.unwrap_or_else(|_| Err(MailError::later("it took too long"))) {
        Ok(()) => {
            counter!(MAILS, "outcome" => "sent").increment(1);
            Ok(Attempt::Over { sent: true })
        }
        Err(MailError::Refused(reason)) => {
            counter!(MAILS, "outcome" => "refused").increment(1);
            let reason: String = reason.chars().take(MAX_REASON).collect();
            warn!(reason, "an address takes no e-mail; nothing is sent there any more");
            let at = context.clock.now();
            let refused = RefusedAddress { address: to.address.clone(), reason, at };
            context.persist("noting an address", || to.store.refuse_address(&refused)).await?;
            Ok(Attempt::Over { sent: false })
        }
        Err(MailError::Later(reason)) => {
            warn!(reason, "an e-mail was not taken");
            Ok(Attempt::Again)
        }
    }
}

/// What is to be done after an attempt that has to be repeated.
fn again(context: &Context, delivered: i64) -> Verdict {
    let settings = &context.config.mail;
    let attempts = u32::try_from(delivered).unwrap_or(u32::MAX);
    if attempts >= settings.attempts {
        counter!(MAILS, "outcome" => "given_up").increment(1);
        warn!(attempts, "an e-mail is given up");
        return Verdict::Done;
    }
    counter!(MAILS, "outcome" => "failed").increment(1);
    let doublings = attempts.saturating_sub(1).min(30);
    let longest = settings.first_retry_ms.saturating_mul(1 << doublings).clamp(1, LONGEST_PAUSE_MS);
    Verdict::Again(Duration::from_millis(rand::rng().random_range(longest.div_ceil(2)..=longest)))
}

/// Under which the hub is reached from outside.
fn base(context: &Context) -> String {
    let config = &context.config.server;
    let local = || config.url_at(config.listen);
    config.public_url.clone().unwrap_or_else(local).trim_end_matches('/').to_owned()
}

/// Where e-mail of this kind is ended without logging in, under the hub's seal.
fn unsubscribe(context: &Context, tenant: &TenantId, user: &UserId, notice: Notice) -> String {
    let what = format!("{tenant}/{user}/{}", notice.as_str());
    let seal = context.tokens.seal(Purpose::Unsubscribe, &what);
    format!("{}/unsubscribe/{what}/{seal}", base(context))
}
