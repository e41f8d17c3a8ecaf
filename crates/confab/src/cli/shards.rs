//! `confab shards`: how many shards the log has, and giving it more while it is in use.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use confab_bus::{Bus, Generation};
use jiff::Timestamp;

use super::place::Place;
use super::{admin, print};

/// How often it is looked whether the time has come.
const LOOK: Duration = Duration::from_millis(500);
/// How much longer than that time it may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show how many there are, and since when.
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Make it more. Conversations stay in the shard they were begun in; new ones are spread over all.
    Raise {
        #[command(flatten)]
        place: Place,
        /// How many there are to be.
        #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
        count: u16,
        /// Show what would be changed, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let (place, outcome) = match command {
        Command::Show { place } => (place, None),
        Command::Raise { place, count, dry_run } => (place, Some((count, dry_run))),
    };
    let bus = admin::bus(&place.load()?, place.data()).await?;
    match outcome {
        None => show(&bus).await?,
        Some((count, true)) => would_raise(&bus, count).await?,
        Some((count, false)) => raise(&bus, count).await?,
    }
    bus.drain().await;
    Ok(ExitCode::SUCCESS)
}

async fn show(bus: &Bus) -> Result<()> {
    for generation in bus.shard_plan().await?.generations() {
        print(&line(generation));
    }
    Ok(())
}

fn line(Generation { since, count }: Generation) -> String {
    let time = i64::try_from(since).ok().and_then(|since| Timestamp::from_millisecond(since).ok());
    match time {
        Some(time) if since > 0 => format!("{count} shards for conversations begun since {time}"),
        _ => format!("{count} shards from the beginning"),
    }
}

async fn would_raise(bus: &Bus, count: u16) -> Result<()> {
    let raise = bus.shard_raise(count).await?;
    for change in &raise.streams {
        print(&change.to_string());
    }
    print(&match raise.from {
        from if from == count && raise.streams.is_empty() => format!("shards: {from}; nothing is to be done"),
        from => format!("shards: {from} -> {count}; nothing was done"),
    });
    Ok(())
}

/// Waits until the new number is in force, and looks whether workers read the new shards.
async fn raise(bus: &Bus, count: u16) -> Result<()> {
    let from = bus.shard_plan().await?.count();
    let generation = bus.raise_shards(count).await?;
    print(&line(generation));
    let begun = tokio::time::Instant::now();
    // The clock of the servers decides, not this machine's.
    while bus.log_time().await? < generation.since {
        if begun.elapsed() > PATIENCE {
            bail!("the time of the NATS servers does not go on; look at it with `confab shards show`");
        }
        tokio::time::sleep(LOOK).await;
    }
    let mut unread = Vec::new();
    for shard in from.min(count)..count {
        let projected = bus.is_projected(shard).await;
        if !projected.with_context(|| format!("shard {shard} can't be asked"))? {
            unread.push(shard.to_string());
        }
    }
    if !unread.is_empty() && bus.has_workers().await? {
        bail!(
            "no worker reads the shards {}: what is said in them is kept, but not in history yet. Look at the log of the \
             workers, and give NATS the accounts of `confab nats-accounts --shards {count}`",
            unread.join(", ")
        );
    }
    print(&format!("shards: {count}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_told_with_its_time() {
        let told = |since, count| line(Generation { since, count });
        assert_eq!(told(0, 4), "4 shards from the beginning");
        assert_eq!(
            told(1_772_600_767_123, 16),
            "16 shards for conversations begun since 2026-03-04T05:06:07.123Z"
        );
    }
}
