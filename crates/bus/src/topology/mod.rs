//! The streams: what they keep, for how long, and that they are the ones this configuration means.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::stream::{Republish, SubjectTransform};

use crate::error::BusError;
use crate::settings::BusSettings;
use crate::subjects;

mod change;

pub use change::{FieldChange, StreamChange};

/// Entries that each feed keeps.
pub(crate) const FEED_ENTRIES: u32 = 1000;
/// Metadata of the log's streams: the number of shards it was made with.
pub(crate) const FIRST_SHARDS: &str = "confab.shards";
/// How long dead letters, and the server's notices of them, are kept.
const DEAD_RETENTION: Duration = Duration::from_hours(24 * 30);
/// Within this time one command is buried only once.
const DEAD_DUPLICATES: Duration = Duration::from_hours(24);
/// Errands that may wait at one time.
const ERRANDS: i64 = 100_000;
/// Errands that could not be run for so long are of no use to anybody.
const ERRAND_RETENTION: Duration = Duration::from_hours(72);
/// Longest time for which a word is known to be used up.
const ONCE_RETENTION: Duration = Duration::from_hours(1);
/// How long the mark of a key's expiry stays for whoever wasn't there to see it.
const PRESENCE_MARKERS: Duration = Duration::from_hours(1);

/// The log's shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// How many it was made with.
    pub(crate) first: u16,
    /// How many it has.
    pub(crate) count: u16,
}

/// Creates or updates the streams that aren't as they should be, and says what that was.
pub(crate) async fn ensure(
    jetstream: &Context,
    settings: &BusSettings,
    layout: Layout,
) -> Result<Vec<StreamChange>, BusError> {
    let mut done = Vec::new();
    for (stream, change) in compare(jetstream, settings, layout).await? {
        ensure_stream(jetstream, stream, &change, layout).await?;
        done.push(change);
    }
    Ok(done)
}

/// What [`ensure`] would do.
pub(crate) async fn changes(
    jetstream: &Context,
    settings: &BusSettings,
    layout: Layout,
) -> Result<Vec<StreamChange>, BusError> {
    Ok(compare(jetstream, settings, layout).await?.into_iter().map(|(_, change)| change).collect())
}

async fn compare(
    jetstream: &Context,
    settings: &BusSettings,
    layout: Layout,
) -> Result<Vec<(Config, StreamChange)>, BusError> {
    let mut found = Vec::new();
    for wanted in streams(settings, layout) {
        let change = match stored(jetstream, &wanted.name).await? {
            None => StreamChange::creation(&wanted.name),
            Some(stored) => StreamChange::between(&wanted.name, &stored, &wanted),
        };
        if let Some(change) = change.into_needed() {
            found.push((wanted, change));
        }
    }
    Ok(found)
}

async fn stored(jetstream: &Context, name: &str) -> Result<Option<Config>, BusError> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(BusError::topology(name, error)),
    }
}

/// The sequence of the last entry a stream has ever had; nothing when it doesn't exist.
pub(crate) async fn stored_sequence(jetstream: &Context, name: &str) -> Result<Option<u64>, BusError> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().state.last_sequence)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(BusError::topology(name, error)),
    }
}

/// Removes a stream, if it exists.
pub(crate) async fn remove(jetstream: &Context, name: &str) -> Result<(), BusError> {
    if stored(jetstream, name).await?.is_some() {
        jetstream.delete_stream(name).await.map_err(|error| BusError::topology(name, error))?;
    }
    Ok(())
}

fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// The names of all streams.
pub(crate) fn names(settings: &BusSettings, layout: Layout) -> Vec<String> {
    streams(settings, layout).into_iter().map(|stream| stream.name).collect()
}

fn streams(settings: &BusSettings, layout: Layout) -> Vec<Config> {
    let mut streams: Vec<Config> =
        (0..layout.count).map(|shard| log_shard(settings, shard, layout.first)).collect();
    streams.extend([
        shards(settings),
        feed(settings),
        events(settings, subjects::CHAT_LIFECYCLE, subjects::LIFECYCLE_ALL),
        events(settings, subjects::CHAT_MESSAGES, subjects::MESSAGES_ALL),
        work(settings),
        errands(settings),
        timers(settings),
        presence(settings),
        once(settings),
        dead(settings),
        advisories(settings),
    ]);
    streams
}

fn kept(settings: &BusSettings, name: &str, subject: &str) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        storage: StorageType::File,
        num_replicas: usize::from(settings.replicas),
        discard: DiscardPolicy::Old,
        duplicate_window: settings.duplicate_window,
        allow_direct: true,
        max_bytes: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        ..Config::default()
    }
}

fn republished(source: &str, destination: &str) -> Republish {
    Republish { source: source.to_owned(), destination: destination.to_owned(), headers_only: false }
}

fn log_shard(settings: &BusSettings, shard: u16, first: u16) -> Config {
    let written = subjects::shard_written(shard);
    let limit = i64::try_from(settings.log_max_bytes).unwrap_or(i64::MAX);
    Config {
        republish: Some(republished(&written, subjects::CONVERSATIONS_LIVE)),
        max_age: settings.log_retention,
        max_bytes: if limit == 0 { -1 } else { limit },
        metadata: HashMap::from([(FIRST_SHARDS.to_owned(), first.to_string())]),
        ..kept(settings, &subjects::shard_stream(shard), &written)
    }
}

/// What is noted here is true for ever.
fn shards(settings: &BusSettings) -> Config {
    Config { deny_delete: true, deny_purge: true, ..kept(settings, subjects::SHARDS, subjects::SHARDS_NOTED) }
}

fn feed(settings: &BusSettings) -> Config {
    Config {
        republish: Some(republished(subjects::FEED_WRITTEN, subjects::FEED_LIVE)),
        max_age: settings.log_retention,
        max_messages_per_subject: i64::from(FEED_ENTRIES),
        ..kept(settings, subjects::FEED, subjects::FEED_WRITTEN)
    }
}

/// What others follow.
fn events(settings: &BusSettings, name: &str, subject: &str) -> Config {
    Config { max_age: settings.event_retention, ..kept(settings, name, subject) }
}

fn work(settings: &BusSettings) -> Config {
    Config {
        retention: RetentionPolicy::WorkQueue,
        subject_transform: Some(SubjectTransform {
            source: subjects::WORK_SUBMITTED.to_owned(),
            destination: subjects::WORK_STORED.to_owned(),
        }),
        ..kept(settings, subjects::WORK, subjects::WORK_SUBMITTED)
    }
}

/// Bounded: who gives an errand when it is full is told so, and nothing else stands still.
fn errands(settings: &BusSettings) -> Config {
    Config {
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_messages: ERRANDS,
        max_age: ERRAND_RETENTION,
        ..kept(settings, subjects::ERRANDS, subjects::ERRANDS_ALL)
    }
}

/// Nobody consumes timers that wait, so as on any work queue they stay until they fire; fired ones go when they are
/// acknowledged.
fn timers(settings: &BusSettings) -> Config {
    Config {
        retention: RetentionPolicy::WorkQueue,
        subjects: vec![subjects::TIMERS_WAITING.to_owned(), subjects::TIMERS_FIRED.to_owned()],
        allow_message_schedules: true,
        allow_message_ttl: true,
        ..kept(settings, subjects::TIMERS, subjects::TIMERS_WAITING)
    }
}

fn presence(settings: &BusSettings) -> Config {
    Config {
        max_messages_per_subject: 1,
        allow_message_ttl: true,
        subject_delete_marker_ttl: Some(PRESENCE_MARKERS),
        ..kept(settings, subjects::PRESENCE, subjects::PRESENCE_ALL)
    }
}

/// Each word goes by its own time to live; nobody has to be told when.
fn once(settings: &BusSettings) -> Config {
    Config {
        max_messages_per_subject: 1,
        allow_message_ttl: true,
        max_age: ONCE_RETENTION,
        ..kept(settings, subjects::ONCE, subjects::ONCE_ALL)
    }
}

fn dead(settings: &BusSettings) -> Config {
    Config {
        max_age: DEAD_RETENTION,
        duplicate_window: DEAD_DUPLICATES,
        ..kept(settings, subjects::DEAD, subjects::DEAD_ALL)
    }
}

fn advisories(settings: &BusSettings) -> Config {
    Config {
        max_age: DEAD_RETENTION,
        retention: RetentionPolicy::WorkQueue,
        ..kept(settings, subjects::ADVISORIES, subjects::WORK_ADVISORIES)
    }
}

async fn ensure_stream(
    jetstream: &Context,
    config: Config,
    change: &StreamChange,
    layout: Layout,
) -> Result<(), BusError> {
    let name = config.name.clone();
    if change.is_new {
        let Err(error) = jetstream.create_stream(config.clone()).await else { return Ok(()) };
        if !matches!(error.kind(), CreateStreamErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::STREAM_NAME_EXIST)
        {
            return Err(BusError::topology(&name, error));
        }
        // Another node was quicker to create it, in another form: then this one's form wins, if the shards agree.
        check_shards(jetstream, layout).await?;
    }
    jetstream.update_stream(config).await.map_err(|error| BusError::topology(&name, error))?;
    Ok(())
}

/// Holds the number of shards against the one with which another node has made the log meanwhile.
async fn check_shards(jetstream: &Context, layout: Layout) -> Result<(), BusError> {
    let Some(stored) = stored(jetstream, &subjects::shard_stream(0)).await? else { return Ok(()) };
    match stored.metadata.get(FIRST_SHARDS).and_then(|first| first.parse().ok()) {
        Some(stored) if stored != layout.first => {
            Err(BusError::ShardsChanged { stored, configured: layout.first })
        }
        _ => Ok(()),
    }
}
