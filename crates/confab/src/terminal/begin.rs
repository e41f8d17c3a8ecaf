//! Logging in, and finding the conversation to talk in: a given one, an open one, or a new one.

use anyhow::{Context as _, Result, bail};
use confab_client::{ClientError, ConversationFilter, Credentials, HttpClient, new_client_id};
use confab_protocol::api::{ConversationStatus, ConversationView, Priority, StartRequest};
use confab_protocol::{ConversationId, ErrorCode, Role};
use secrecy::ExposeSecret as _;

use super::input::{Input, Lines};
use super::screen::Screen;
use super::script::Progress;
use super::{Me, Options, Who};

/// What the session begins with.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) me: Me,
    pub(super) credentials: Credentials,
    /// The conversation, and whether there was one before: then what was said in it is no news.
    pub(super) conversations: Vec<(ConversationId, bool)>,
}

/// `None` when the person leaves without having said anything.
pub(super) async fn begin(
    http: &HttpClient,
    options: &Options,
    screen: &Screen,
    lines: &mut Lines,
    progress: &mut Progress,
) -> Result<Option<Begun>> {
    match &options.who {
        Who::Anonymous(name) => {
            if options.conversation.is_some() {
                bail!("only somebody with an account can go on with a conversation: use --as");
            }
            let Some(message) = first_message(screen, lines, progress).await? else { return Ok(None) };
            start(http, options, Some(name.clone()), message).await.map(Some)
        }
        Who::Login { login, password } => {
            let tokens = http
                .login(&options.tenant, login, password.expose_secret())
                .await
                .map_err(|error| explain(error, options))?;
            let http = http.with_token(tokens.access_token.clone());
            let credentials =
                Credentials { token: tokens.access_token, refresh_token: Some(tokens.refresh_token) };
            let user = tokens.user;
            let me = Me { id: user.id, name: user.name, role: user.role, tenant: user.tenant };
            if me.role.is_staff() {
                let mut held = held_by(&http).await?;
                held.retain(|id| Some(id) != options.conversation.as_ref());
                held.extend(options.conversation.clone());
                let conversations = held.into_iter().map(|id| (id, true)).collect();
                return Ok(Some(Begun { me, credentials, conversations }));
            }
            if let Some(open) = continued(&http, options).await? {
                return Ok(Some(Begun { me, credentials, conversations: vec![(open, true)] }));
            }
            let Some(message) = first_message(screen, lines, progress).await? else { return Ok(None) };
            let mut begun = start(&http, options, None, message).await?;
            begun.me = me;
            Ok(Some(begun))
        }
    }
}

fn explain(error: ClientError, options: &Options) -> anyhow::Error {
    let hint = match error.code() {
        Some(ErrorCode::WrongCredentials) => {
            format!("see --tenant ({}), --as and CONFAB_PASSWORD", options.tenant)
        }
        None => "is the hub running? see --url".to_owned(),
        Some(_) => "the log-in failed".to_owned(),
    };
    anyhow::Error::new(error).context(hint)
}

/// Conversations that the agent has, oldest first.
pub(super) async fn held_by(http: &HttpClient) -> Result<Vec<ConversationId>> {
    let filter = ConversationFilter {
        status: Some(ConversationStatus::Active),
        agent: Some("me".to_owned()),
        ..ConversationFilter::default()
    };
    let held = http.conversations(&filter).await.context("the list of your conversations can't be read")?;
    Ok(held.items.into_iter().rev().map(|held| held.id).collect())
}

/// The customer's conversation to go on with.
async fn continued(http: &HttpClient, options: &Options) -> Result<Option<ConversationId>> {
    if let Some(id) = &options.conversation {
        return Ok(Some(id.clone()));
    }
    if options.new {
        return Ok(None);
    }
    let page = http.conversations(&ConversationFilter::default()).await;
    let page = page.context("the list of your conversations can't be read")?;
    let is_open = |conversation: &ConversationView| conversation.status != ConversationStatus::Closed;
    Ok(page.items.into_iter().find(is_open).map(|conversation| conversation.id))
}

async fn first_message(
    screen: &Screen,
    lines: &mut Lines,
    progress: &mut Progress,
) -> Result<Option<String>> {
    if progress.is_scripted() {
        return match progress.take_next() {
            Some(text) => Ok(Some(text)),
            None => bail!("there is no open conversation: give the first message with --send"),
        };
    }
    screen.notice("write the first message; /quit leaves");
    loop {
        match lines.next().await? {
            Some(Input::Text(text)) => return Ok(Some(text)),
            Some(Input::Command(_) | Input::Unknown(_)) => {
                screen.notice("the first message, please; /quit leaves");
            }
            Some(Input::Quit) | None => return Ok(None),
        }
    }
}

async fn start(http: &HttpClient, options: &Options, name: Option<String>, message: String) -> Result<Begun> {
    let request = StartRequest {
        details: None,
        tenant: Some(options.tenant.clone()),
        issue_type: options.issue_type.clone(),
        message,
        client_id: Some(new_client_id()),
        name: name.clone(),
        team: options.team.clone(),
        priority: Priority::default(),
        ticket_id: None,
    };
    let started = http.start(&request).await.context("the conversation can't be started")?;
    let me = Me {
        id: started.customer_id,
        name: name.unwrap_or_default(),
        role: Role::Customer,
        tenant: options.tenant.clone(),
    };
    let credentials = Credentials { token: started.token, refresh_token: None };
    Ok(Begun { me, credentials, conversations: vec![(started.conversation_id, false)] })
}
