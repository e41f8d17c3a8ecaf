//! The name, kind, labels, unit and meaning of every metric. This is the only file that names one.
//!
//! Labels take few values: never an id of a person, a conversation or a connection.

/// Time of a message: `stored` from its frame to the log's acknowledgement, `republished` from there to an edge with followers, `written` from there to the socket, `total` from the sender's frame to the receiver's socket.
pub const DELIVERY_LATENCY: &str = "confab_delivery_latency_seconds";
/// Open client connections, by transport.
pub const CONNECTIONS: &str = "confab_connections";
/// Channels that clients of this edge follow.
pub const ROOMS: &str = "confab_rooms";
/// Subscriptions of this edge at NATS.
pub const SUBSCRIPTIONS: &str = "confab_subscriptions";
/// Frames that wait for a client when another one is added.
pub const OUTBOX_FRAMES: &str = "confab_outbox_frames";
/// Clients that were cut off because they read too slowly, by what was exceeded.
pub const EVICTIONS: &str = "confab_evictions_total";
/// Connections that ended, by close code.
pub const CLOSES: &str = "confab_closes_total";
/// Joins with a last sequence: `complete` when everything missed was delivered, `resync` when the client has to read history.
pub const RESUMES: &str = "confab_resumes_total";
/// Deliveries from NATS that did not follow on the one before.
pub const GAPS_FOUND: &str = "confab_gaps_found_total";
/// Gaps that were filled from the log.
pub const GAPS_FILLED: &str = "confab_gaps_filled_total";
/// Messages that wait for the log's acknowledgement.
pub const PUBLISHES_IN_FLIGHT: &str = "confab_publishes_in_flight";
/// Messages that clients sent: `stored`, `duplicate` or `refused`.
pub const MESSAGES: &str = "confab_messages_total";

/// Conversations that wait for an agent.
pub const QUEUE_LENGTH: &str = "confab_queue_length";
/// How long the conversation at the head of the queue has waited.
pub const QUEUE_OLDEST: &str = "confab_queue_oldest_seconds";
/// From a conversation and a free agent both being there to `new_chat`.
pub const ASSIGNMENT_LATENCY: &str = "confab_assignment_latency_seconds";
/// Commands that a worker took, by name and outcome.
pub const COMMANDS: &str = "confab_commands_total";
/// From taking a command off the work queue to acknowledging it.
pub const COMMAND_SECONDS: &str = "confab_command_seconds";
/// Commands that were delivered again because an attempt was not acknowledged.
pub const WORK_REDELIVERIES: &str = "confab_work_redeliveries_total";
/// Commands that wait on the work queue.
pub const WORK_PENDING: &str = "confab_work_pending";
/// Commands that were given up after the last attempt.
pub const DEAD_LETTERS: &str = "confab_dead_letters_total";

/// Log entries that are not in the database yet.
pub const PROJECTOR_LAG: &str = "confab_projector_lag_entries";
/// Log entries written to the database in one batch.
pub const PROJECTOR_BATCH: &str = "confab_projector_batch_entries";
/// Time of an operation on the database.
pub const STORE_SECONDS: &str = "confab_store_seconds";
/// Operations on the database that failed.
pub const STORE_ERRORS: &str = "confab_store_errors_total";

/// Shards that the log has, as far as this node knows.
pub const LOG_SHARDS: &str = "confab_log_shards";
/// Messages that a stream of NATS holds.
pub const STREAM_MESSAGES: &str = "confab_stream_messages";
/// What they take on disk.
pub const STREAM_BYTES: &str = "confab_stream_bytes";
/// Copies of a stream that are behind its leader or out of reach.
pub const STREAM_STALE_COPIES: &str = "confab_stream_stale_copies";
/// Messages that a consumer of a stream was not given yet.
pub const CONSUMER_PENDING: &str = "confab_consumer_pending";
/// Messages that a consumer of a stream was given and has not acknowledged.
pub const CONSUMER_UNACKNOWLEDGED: &str = "confab_consumer_unacknowledged";

/// Events told to others, by stream.
pub const EVENTS: &str = "confab_events_total";
/// Attempts to send events to webhooks: `delivered`, `failed` or `given_up`.
pub const WEBHOOK_ATTEMPTS: &str = "confab_webhook_attempts_total";

/// What came of customers' messages that might be answered automatically, by outcome.
pub const AUTO_REPLIES: &str = "confab_auto_replies_total";
/// How long it took to work out an automatic reply, or to fail to.
pub const AUTO_REPLY_SECONDS: &str = "confab_auto_reply_seconds";
/// E-mails, by what came of them.
pub const MAILS: &str = "confab_mails_total";
/// Replies and e-mails that were left out because too many wait, or the bus did not take them.
pub const ERRANDS_REFUSED: &str = "confab_errands_refused_total";

/// HTTP requests that were answered; `route` is the pattern, not the path.
pub const HTTP_REQUESTS: &str = "confab_http_requests_total";
/// From a request's head to the head of its answer.
pub const HTTP_REQUEST_SECONDS: &str = "confab_http_request_seconds";
/// Errors that clients were told, by error code.
pub const ERRORS: &str = "confab_errors_total";
/// Always 1; the label says which version runs.
pub const BUILD_INFO: &str = "confab_build_info";
/// Processor time that the process has used, user and system.
pub const PROCESS_CPU_SECONDS: &str = "confab_process_cpu_seconds_total";
/// Memory of the process that is in RAM.
pub const PROCESS_RESIDENT_BYTES: &str = "confab_process_resident_bytes";

/// What a metric does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts samples in buckets.
    Histogram,
}

impl Kind {
    /// The kind as Prometheus writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Everything there is to know about a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Name in Prometheus.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// What it counts or measures in; `-` for a flag.
    pub unit: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Values of its one label that stand at zero before anything is counted, because all of them are known.
    pub from_zero: &'static [&'static str],
}

const fn metric(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    unit: &'static str,
    meaning: &'static str,
) -> Metric {
    Metric { name, kind, labels, unit, meaning, from_zero: &[] }
}

impl Metric {
    const fn starting_with(mut self, values: &'static [&'static str]) -> Self {
        self.from_zero = values;
        self
    }
}

/// Processor time of the process; rendered from `/proc`, not recorded.
pub(crate) const PROCESS_CPU: Metric = metric(
    PROCESS_CPU_SECONDS,
    Kind::Counter,
    &[],
    "seconds",
    "Processor time that the process has used, user and system.",
);
/// Memory of the process; rendered from `/proc`, not recorded.
pub(crate) const PROCESS_MEMORY: Metric =
    metric(PROCESS_RESIDENT_BYTES, Kind::Gauge, &[], "bytes", "Memory of the process that is in RAM.");

/// Every metric.
pub const ALL: &[Metric] = &[
    metric(
        DELIVERY_LATENCY,
        Kind::Histogram,
        &["stage"],
        "seconds",
        "Time of a message: `stored` from its frame to the log's acknowledgement, `republished` from there to an edge with followers, `written` from there to the socket, `total` from the sender's frame to the receiver's socket.",
    ),
    metric(CONNECTIONS, Kind::Gauge, &["transport"], "connections", "Open client connections, by transport."),
    metric(ROOMS, Kind::Gauge, &[], "channels", "Channels that clients of this edge follow."),
    metric(SUBSCRIPTIONS, Kind::Gauge, &[], "subscriptions", "Subscriptions of this edge at NATS."),
    metric(
        OUTBOX_FRAMES,
        Kind::Histogram,
        &[],
        "frames",
        "Frames that wait for a client when another one is added.",
    ),
    metric(
        EVICTIONS,
        Kind::Counter,
        &["reason"],
        "connections",
        "Clients that were cut off because they read too slowly, by what was exceeded.",
    )
    .starting_with(&["frames", "bytes"]),
    metric(CLOSES, Kind::Counter, &["code"], "connections", "Connections that ended, by close code."),
    metric(
        RESUMES,
        Kind::Counter,
        &["outcome"],
        "resumes",
        "Joins with a last sequence: `complete` when everything missed was delivered, `resync` when the client has to read history.",
    )
    .starting_with(&["complete", "resync"]),
    metric(
        GAPS_FOUND,
        Kind::Counter,
        &[],
        "gaps",
        "Deliveries from NATS that did not follow on the one before.",
    ),
    metric(GAPS_FILLED, Kind::Counter, &[], "gaps", "Gaps that were filled from the log."),
    metric(
        PUBLISHES_IN_FLIGHT,
        Kind::Gauge,
        &[],
        "messages",
        "Messages that wait for the log's acknowledgement.",
    ),
    metric(
        MESSAGES,
        Kind::Counter,
        &["outcome"],
        "messages",
        "Messages that clients sent: `stored`, `duplicate` or `refused`.",
    )
    .starting_with(&["stored", "duplicate", "refused"]),
    metric(QUEUE_LENGTH, Kind::Gauge, &[], "conversations", "Conversations that wait for an agent."),
    metric(
        QUEUE_OLDEST,
        Kind::Gauge,
        &[],
        "seconds",
        "How long the conversation at the head of the queue has waited.",
    ),
    metric(
        ASSIGNMENT_LATENCY,
        Kind::Histogram,
        &[],
        "seconds",
        "From a conversation and a free agent both being there to `new_chat`.",
    ),
    metric(
        COMMANDS,
        Kind::Counter,
        &["command", "outcome"],
        "commands",
        "Commands that a worker took, by name and outcome.",
    ),
    metric(
        COMMAND_SECONDS,
        Kind::Histogram,
        &["command"],
        "seconds",
        "From taking a command off the work queue to acknowledging it.",
    ),
    metric(
        WORK_REDELIVERIES,
        Kind::Counter,
        &[],
        "commands",
        "Commands that were delivered again because an attempt was not acknowledged.",
    ),
    metric(WORK_PENDING, Kind::Gauge, &[], "commands", "Commands that wait on the work queue."),
    metric(
        DEAD_LETTERS,
        Kind::Counter,
        &[],
        "commands",
        "Commands that were given up after the last attempt.",
    ),
    metric(
        PROJECTOR_LAG,
        Kind::Gauge,
        &["shard"],
        "entries",
        "Log entries that are not in the database yet.",
    ),
    metric(
        PROJECTOR_BATCH,
        Kind::Histogram,
        &[],
        "entries",
        "Log entries written to the database in one batch.",
    ),
    metric(LOG_SHARDS, Kind::Gauge, &[], "shards", "Shards that the log has, as far as this node knows."),
    metric(
        STREAM_MESSAGES,
        Kind::Gauge,
        &["stream"],
        "messages",
        "Messages that a stream of NATS holds; every worker says the same.",
    ),
    metric(STREAM_BYTES, Kind::Gauge, &["stream"], "bytes", "What they take on disk."),
    metric(
        STREAM_STALE_COPIES,
        Kind::Gauge,
        &["stream"],
        "copies",
        "Copies of a stream that are behind its leader or out of reach.",
    ),
    metric(
        CONSUMER_PENDING,
        Kind::Gauge,
        &["stream", "consumer"],
        "messages",
        "Messages that a consumer of a stream was not given yet.",
    ),
    metric(
        CONSUMER_UNACKNOWLEDGED,
        Kind::Gauge,
        &["stream", "consumer"],
        "messages",
        "Messages that a consumer of a stream was given and has not acknowledged.",
    ),
    metric(
        STORE_SECONDS,
        Kind::Histogram,
        &["operation"],
        "seconds",
        "Time of an operation on the database.",
    ),
    metric(STORE_ERRORS, Kind::Counter, &[], "operations", "Operations on the database that failed."),
    metric(EVENTS, Kind::Counter, &["stream"], "events", "Events told to others, by stream."),
    metric(
        WEBHOOK_ATTEMPTS,
        Kind::Counter,
        &["outcome"],
        "attempts",
        "Attempts to send events to webhooks: `delivered`, `failed` or `given_up`.",
    )
    .starting_with(&["delivered", "failed", "given_up"]),
    metric(
        AUTO_REPLIES,
        Kind::Counter,
        &["outcome"],
        "replies",
        "What came of customers' messages that might be answered automatically: `answered`, `unsure`, `handed_over`, `failed`, `timed_out`, `superseded` by a later message, `late` when an agent was faster.",
    )
    .starting_with(&["answered", "unsure", "handed_over", "failed", "timed_out", "superseded", "late"]),
    metric(
        AUTO_REPLY_SECONDS,
        Kind::Histogram,
        &[],
        "seconds",
        "How long it took to work out an automatic reply, or to fail to.",
    ),
    metric(
        MAILS,
        Kind::Counter,
        &["outcome"],
        "e-mails",
        "E-mails: `sent`, `failed` when they are tried again, `given_up`, `refused` for good by the address, `left_out` because nobody wants them or can get them.",
    )
    .starting_with(&["sent", "failed", "given_up", "refused", "left_out"]),
    metric(
        ERRANDS_REFUSED,
        Kind::Counter,
        &[],
        "errands",
        "Replies and e-mails that were left out because too many wait, or the bus did not take them.",
    ),
    metric(
        HTTP_REQUESTS,
        Kind::Counter,
        &["route", "status"],
        "requests",
        "HTTP requests that were answered; `route` is the pattern, not the path.",
    ),
    metric(
        HTTP_REQUEST_SECONDS,
        Kind::Histogram,
        &["route"],
        "seconds",
        "From a request's head to the head of its answer.",
    ),
    metric(ERRORS, Kind::Counter, &["code"], "errors", "Errors that clients were told, by error code."),
    metric(BUILD_INFO, Kind::Gauge, &["version"], "-", "Always 1; the label says which version runs."),
    PROCESS_CPU,
    PROCESS_MEMORY,
];

/// Gives the installed recorder the meaning of every metric. Those of the process describe themselves.
pub fn describe_all() {
    for metric in ALL.iter().filter(|metric| **metric != PROCESS_CPU && **metric != PROCESS_MEMORY) {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.meaning),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.meaning),
            Kind::Histogram => metrics::describe_histogram!(metric.name, metric.meaning),
        }
    }
}

/// Has counters stand at zero before anything is counted: those without labels, and those whose label's values are
/// known. Otherwise the first eviction would make a series that begins at 1, and no rate would ever show it.
pub fn start_at_zero() {
    let counters = ALL.iter().filter(|metric| metric.kind == Kind::Counter && **metric != PROCESS_CPU);
    for metric in counters {
        match metric.labels {
            [] => metrics::counter!(metric.name).increment(0),
            [label] => {
                for value in metric.from_zero {
                    metrics::counter!(metric.name, *label => *value).increment(0);
                }
            }
            _ => {}
        }
    }
}
