//! What the slash commands do.

use anyhow::{Context as _, Result, bail};
use confab_client::TransferTo;
use confab_protocol::api::{ConversationStatus, ConversationView};
use confab_protocol::{Channel, ConversationId};

use super::input::{Command, HELP};
use super::screen::short;
use super::session::Session;

/// Entries that `/history` shows.
const HISTORY: u32 = 50;

impl Session {
    pub(super) async fn carry_out(&mut self, command: Command) -> Result<()> {
        match command {
            Command::Help => {
                for line in HELP {
                    self.screen.notice(line);
                }
            }
            Command::Close => {
                let closed = self.http().await?.close(&self.here()?).await?;
                self.tell(&closed);
            }
            Command::Reopen => {
                let reopened = self.http().await?.reopen(&self.here()?).await?;
                self.tell(&reopened);
            }
            Command::Accept(id) => self.accept(&id).await?,
            Command::Use(id) => self.turn_to(&id)?,
            Command::Transfer { to, note } => {
                let to = match to.strip_prefix("team:") {
                    Some(team) => TransferTo::Team(team.to_owned()),
                    None => TransferTo::Agent(to.parse()?),
                };
                let moved = self.http().await?.transfer(&self.here()?, to, note).await?;
                self.tell(&moved);
            }
            Command::Note(_) if !self.me.role.is_staff() => bail!("notes are the agents' own"),
            Command::Note(text) => self.say(Channel::Notes(self.here()?), text).await?,
            Command::History => {
                let page = self.http().await?.history(&self.here()?, None, Some(HISTORY)).await?;
                self.screen.history(&page.items);
            }
            Command::Queue => self.show_queue().await?,
            Command::Who => self.show_members()?,
            Command::Typing => self.client.typing(Channel::Conversation(self.here()?), true).await?,
            Command::Availability(availability) => {
                let agent = self.http().await?.set_availability(availability).await?;
                self.screen.notice(&format!("you are {:?}", agent.availability).to_lowercase());
            }
        }
        Ok(())
    }

    fn here(&self) -> Result<ConversationId> {
        self.current().cloned().context("there is no conversation yet")
    }

    fn tell(&self, conversation: &ConversationView) {
        let agent = conversation.agent.as_ref().map(|agent| format!(" with {}", agent.name));
        let (id, status) = (short(&conversation.id), conversation.status.as_str());
        self.screen.notice(&format!("#{id} is {status}{}", agent.unwrap_or_default()));
    }

    async fn accept(&mut self, wanted: &str) -> Result<()> {
        let http = self.http().await?;
        let waiting = http.queue().await?.entries;
        let mut fitting =
            waiting.into_iter().filter(|entry| entry.conversation_id.as_str().ends_with(wanted));
        let id = match (fitting.next(), fitting.next()) {
            (Some(entry), None) => entry.conversation_id,
            (None, _) => wanted.parse().context("no waiting conversation is called that")?,
            (Some(_), Some(_)) => bail!("several waiting conversations end in {wanted}: give more of the id"),
        };
        let accepted = http.accept(&id).await?;
        self.tell(&accepted);
        Ok(())
    }

    fn turn_to(&mut self, wanted: &str) -> Result<()> {
        let at = self.conversations.iter().position(|id| id.as_str().ends_with(wanted));
        let at = at.with_context(|| format!("none of your conversations ends in {wanted}"))?;
        let id = self.conversations.remove(at);
        self.screen.notice(&format!("you write in #{}", short(&id)));
        self.conversations.push(id);
        Ok(())
    }

    async fn show_queue(&self) -> Result<()> {
        let http = self.http().await?;
        if self.me.role.is_staff() {
            let queue = http.queue().await?;
            self.screen.notice(&format!("waiting in the queue: {}", queue.length));
            self.screen.waiting(&queue.entries);
            return Ok(());
        }
        let id = self.here()?;
        let conversation = http.conversation(&id).await?;
        if conversation.status == ConversationStatus::Waiting {
            self.screen.waiting(&[http.place(&id).await?]);
        } else {
            self.tell(&conversation);
        }
        Ok(())
    }

    fn show_members(&self) -> Result<()> {
        let channel = Channel::Conversation(self.here()?);
        let members = self.members.get(&channel);
        let names: Vec<String> = members
            .into_iter()
            .flat_map(|members| members.values())
            .map(|member| format!("{} ({})", member.name, member.role.as_str()))
            .collect();
        let names = if names.is_empty() { "nobody else".to_owned() } else { names.join(", ") };
        self.screen.notice(&format!("here: {names}; you are {}", self.me.name));
        Ok(())
    }
}
