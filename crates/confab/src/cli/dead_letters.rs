//! `confab dead-letters`: commands that were given up, for an operator to look at, replay and drop.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use confab_bus::{Bus, DeadLetter};
use confab_domain::Command as DomainCommand;
use jiff::Timestamp;

use super::place::Place;
use super::{admin, print};

/// Letters that one command looks at.
const LIMIT: usize = 10_000;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List them, oldest first.
    List {
        #[command(flatten)]
        place: Place,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
    /// Show one with its content.
    Show {
        #[command(flatten)]
        place: Place,
        /// Its number, from the list.
        seq: u64,
    },
    /// Put them back on the work queue.
    Replay(Chosen),
    /// Forget them.
    Drop(Chosen),
}

/// Some of them.
#[derive(Debug, clap::Args)]
pub(super) struct Chosen {
    #[command(flatten)]
    place: Place,
    /// Their numbers, from the list.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    seqs: Vec<u64>,
    /// Every one.
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List { place, limit, json } => {
            let bus = connect(&place).await?;
            let letters = bus.dead_letters().list(limit).await?;
            for letter in &letters {
                print(&if json { as_json(letter)? } else { line(letter) });
            }
            if letters.is_empty() && !json {
                print("there are no dead letters");
            }
        }
        Command::Show { place, seq } => {
            let bus = connect(&place).await?;
            let letter = bus.dead_letters().list(LIMIT).await?.into_iter().find(|letter| letter.seq == seq);
            let letter = letter.with_context(|| format!("there is no dead letter {seq}"))?;
            print(&line(&letter));
            print(&content(&letter));
        }
        Command::Replay(chosen) => return for_each(&chosen, "back on the work queue", true).await,
        Command::Drop(chosen) => return for_each(&chosen, "dropped", false).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn for_each(chosen: &Chosen, done: &str, replay: bool) -> Result<ExitCode> {
    let bus = connect(&chosen.place).await?;
    let letters = bus.dead_letters();
    let seqs = if chosen.all {
        letters.list(LIMIT).await?.iter().map(|letter| letter.seq).collect()
    } else {
        chosen.seqs.clone()
    };
    let mut failed = 0;
    for seq in seqs {
        let outcome = if replay { letters.replay(seq).await } else { letters.drop(seq).await };
        match outcome {
            Ok(()) => print(&format!("{seq}: {done}")),
            Err(error) => {
                failed += 1;
                eprintln!("{seq}: {error}");
            }
        }
    }
    bus.drain().await;
    if failed > 0 {
        bail!("{failed} could not be done; `confab dead-letters list` shows what is left");
    }
    Ok(ExitCode::SUCCESS)
}

async fn connect(place: &Place) -> Result<Bus> {
    admin::bus(&place.load()?, place.data()).await
}

fn line(letter: &DeadLetter) -> String {
    let at = i64::try_from(letter.at).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    let at = at.map_or_else(|| letter.at.to_string(), |at| at.to_string());
    let DeadLetter { seq, tenant, command, command_id, reason, deliveries, .. } = letter;
    format!("{seq}  {at}  {tenant}  {command}  {command_id}  after {deliveries} attempts: {reason}")
}

fn as_json(letter: &DeadLetter) -> Result<String> {
    let command: Option<DomainCommand> = rmp_serde::from_slice(&letter.payload).ok();
    let value = serde_json::json!({
        "seq": letter.seq,
        "at": letter.at,
        "tenant": letter.tenant,
        "command": letter.command,
        "command_id": letter.command_id,
        "deliveries": letter.deliveries,
        "reason": letter.reason,
        "content": command,
    });
    Ok(serde_json::to_string(&value)?)
}

fn content(letter: &DeadLetter) -> String {
    let command: Result<DomainCommand, _> = rmp_serde::from_slice(&letter.payload);
    command.ok().and_then(|command| serde_json::to_string_pretty(&command).ok()).unwrap_or_else(|| {
        format!("the content, {} bytes, is no command of this version", letter.payload.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_domain::{Actor, CommandKind};

    fn letter(payload: Vec<u8>) -> DeadLetter {
        DeadLetter {
            seq: 4,
            tenant: "acme".parse().expect("an id"),
            command: "draw".into(),
            command_id: "c-1".parse().expect("an id"),
            reason: "tried 10 times".into(),
            deliveries: 10,
            at: 1_700_000_000_000,
            payload: payload.into(),
        }
    }

    #[test]
    fn a_letter_is_a_line_and_its_content_is_readable() {
        let command = DomainCommand {
            id: "c-1".parse().expect("an id"),
            tenant: "acme".parse().expect("an id"),
            at: 1,
            actor: Actor::System,
            kind: CommandKind::Draw,
        };
        let letter = letter(rmp_serde::to_vec_named(&command).expect("encoded"));
        assert_eq!(
            line(&letter),
            "4  2023-11-14T22:13:20Z  acme  draw  c-1  after 10 attempts: tried 10 times"
        );
        assert!(content(&letter).contains("\"command\": \"draw\""), "{}", content(&letter));
        assert!(as_json(&letter).expect("JSON").contains("\"seq\":4"));
    }

    #[test]
    fn what_is_no_command_is_said_to_be_none() {
        assert!(content(&letter(vec![0xc1])).contains("1 bytes"));
    }
}
