//! Figures of what happened: samples written along with their causes, folded by the hour, agent and category, so that a
//! report reads a few rows and never a message or a conversation.

use std::collections::HashMap;

use confab_domain::model::Category;
use confab_domain::report::{Kind, Tally};
use confab_domain::{Changed, Conversation, Ticket};
use confab_protocol::api::{ConversationStatus, Party};
use confab_protocol::{UnixMillis, UserId};
use serde::Deserialize;
use surrealdb::types::{Object, RecordId, SurrealValue as _, Value};

use crate::error::StoreError;
use crate::guarded::{Guarded, MAX_ROUNDS, by_key, is_raced, outrun};
use crate::rows::{Fields, number, packed, range, record, record_of, text, variables};
use crate::tenant::TenantStore;

/// Samples folded at once.
const BATCH: u64 = 500;
const HOUR_MS: u64 = 3600 * 1000;

/// What happened in one hour: with one agent, in one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRow {
    /// The hour, counted from the Unix epoch.
    pub hour: u64,
    /// The agent; none for what happens without one.
    pub agent: Option<UserId>,
    /// The category of the issue.
    pub category: String,
    /// What happened.
    pub tally: Tally,
}

/// What happened to one conversation or ticket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Sample {
    id: (UnixMillis, String, String),
    kind: Kind,
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    value: u64,
}

/// The record of a sample: what happened at a time to a conversation or ticket. The word keeps samples apart.
pub(crate) fn sample_record(at: UnixMillis, of: &str, word: &str) -> RecordId {
    record_of("sample", vec![number(at), text(of), text(word)])
}

/// What is stored of a sample.
pub(crate) fn sample(kind: Kind, agent: Option<&UserId>, value: u64) -> Object {
    let mut row = Object::new();
    row.insert("kind", kind.as_str());
    row.insert("value", number(value));
    if let Some(agent) = agent {
        row.insert("agent", agent.as_str());
    }
    row
}

type Key = (u64, String, String);

impl TenantStore {
    /// Folds samples into figures until none is left; returns how many. Workers that do so at once don't count twice.
    pub async fn fold_samples(&self) -> Result<u64, StoreError> {
        let mut folded = 0;
        let mut rounds = 0;
        loop {
            let select = "SELECT * FROM sample LIMIT $batch";
            let mut answer = self.database.query("samples", select, variables! { "batch": BATCH }).await?;
            let samples: Vec<Sample> = answer.rows(0)?;
            if samples.is_empty() {
                return Ok(folded);
            }
            if self.fold(&samples).await? {
                folded += samples.len() as u64;
                rounds = 0;
            } else {
                rounds += 1;
            }
            if rounds >= MAX_ROUNDS {
                return Err(outrun());
            }
        }
    }

    /// `false` when somebody else folded some of them meanwhile.
    async fn fold(&self, samples: &[Sample]) -> Result<bool, StoreError> {
        let categories = self.categories(samples).await?;
        let mut added: HashMap<Key, Tally> = HashMap::new();
        for sample in samples {
            let (at, of, _) = &sample.id;
            let category = sample.category.as_ref().or_else(|| categories.get(of.as_str()));
            let category = category.map_or("OTHER", String::as_str).to_owned();
            let key = (at / HOUR_MS, sample.agent.clone().unwrap_or_default(), category);
            added.entry(key).or_default().add(sample.kind, sample.value);
        }
        let ids: Vec<RecordId> = added.keys().map(figure_record).collect();
        let select = "SELECT * FROM $ids";
        let mut answer = self.database.query("figures", select, variables! { "ids": ids }).await?;
        let rows = answer.values(0)?.into_iter().map(Figure::of).collect::<Result<Vec<_>, _>>()?;
        let mut known = by_key(rows, |row| row.key.clone());
        let mut guarded = Guarded::default();
        for (key, tally) in added {
            let before = known.remove(&key);
            let version = before.as_ref().map(|row| row.version);
            let mut sum = before.map(|row| row.tally).unwrap_or_default();
            sum.merge(&tally);
            let mut content = Object::new();
            content.insert("tally", packed(&sum)?);
            guarded.add(figure_record(&key), content, version);
        }
        let ids: Vec<RecordId> =
            samples.iter().map(|Sample { id: (at, of, word), .. }| sample_record(*at, of, word)).collect();
        let mut variables = variables! { "samples": ids };
        let statements = guarded.statements(&mut variables);
        let fold = format!("BEGIN; {statements}DELETE $samples RETURN NONE; COMMIT;");
        match self.database.query("fold_samples", fold, variables).await {
            Ok(_) => Ok(true),
            Err(fault) if is_raced(&fault) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The categories of the conversations that samples without one are of.
    async fn categories(&self, samples: &[Sample]) -> Result<HashMap<String, String>, StoreError> {
        #[derive(Deserialize)]
        struct Topic {
            id: String,
            issue_type: String,
        }
        let unknown = samples.iter().filter(|sample| sample.category.is_none());
        let ids: Vec<RecordId> = unknown.map(|sample| record("conversation", &sample.id.1)).collect();
        let select = "SELECT id, issue_type FROM $ids";
        let mut answer = self.database.query("sample_topics", select, variables! { "ids": ids }).await?;
        let topics: Vec<Topic> = answer.rows(0)?;
        Ok(topics.into_iter().map(|topic| (topic.id, category(&topic.issue_type))).collect())
    }

    /// Writes figures as they are, in place of those of the same hours, agents and categories: for who brings them from
    /// elsewhere.
    pub async fn add_figures(&self, figures: &[FigureRow]) -> Result<(), StoreError> {
        let row = |figure: &FigureRow| -> Result<Value, StoreError> {
            let agent = figure.agent.as_ref().map(ToString::to_string).unwrap_or_default();
            let mut row = Object::new();
            row.insert("id", figure_record(&(figure.hour, agent, figure.category.clone())));
            row.insert("version", number(1));
            row.insert("tally", packed(&figure.tally)?);
            Ok(row.into_value())
        };
        let rows = figures.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let insert =
            "INSERT INTO figure $rows ON DUPLICATE KEY UPDATE version += 1, tally = $input.tally RETURN NONE";
        self.database.query("add_figures", insert, variables! { "rows": rows }).await?;
        Ok(())
    }

    /// What happened from one hour to another, the last one included, in the order of the hours.
    pub async fn hourly_figures(
        &self,
        first_hour: u64,
        last_hour: u64,
    ) -> Result<Vec<FigureRow>, StoreError> {
        use std::ops::Bound::{Excluded, Included};
        let hours = range(
            "figure",
            Included(vec![number(first_hour)]),
            Excluded(vec![number(last_hour.saturating_add(1))]),
        );
        let select = "SELECT * FROM $hours";
        let mut answer = self.database.query("report", select, variables! { "hours": hours }).await?;
        let row = |value: Value| {
            let Figure { key: (hour, agent, category), tally, .. } = Figure::of(value)?;
            let agent = if agent.is_empty() { None } else { UserId::parse(agent).ok() };
            Ok(FigureRow { hour, agent, category, tally })
        };
        answer.values(0)?.into_iter().map(row).collect()
    }
}

fn figure_record(key: &Key) -> RecordId {
    record_of("figure", vec![number(key.0), text(&key.1), text(&key.2)])
}

/// The category of an issue type, as text.
pub(crate) fn category(issue_type: &str) -> String {
    category_name(Category::of_issue_type(issue_type))
}

fn category_name(category: Category) -> String {
    serde_json::to_value(category)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[derive(Debug)]
struct Figure {
    key: Key,
    version: u64,
    tally: Tally,
}

impl Figure {
    fn of(row: Value) -> Result<Self, StoreError> {
        let mut fields = Fields::of(row)?;
        Ok(Self { key: fields.key()?, version: fields.expect("version")?, tally: fields.unpack("tally")? })
    }
}

/// What a change of a conversation amounts to, for the transaction that makes it.
pub(crate) fn conversation_samples(
    Changed { before, after }: &Changed<Conversation>,
    at: UnixMillis,
) -> Vec<(RecordId, Object)> {
    use ConversationStatus::{Active, Closed, Waiting};
    let mut samples = Vec::new();
    let mut note = |kind: Kind, agent: Option<&Party>, value| {
        let id = sample_record(at, after.id.as_str(), &format!("{}-{}", kind.as_str(), after.version));
        samples.push((id, sample(kind, agent.map(|agent| &agent.id), value)));
    };
    match (before.as_ref(), after.status) {
        (None, _) => note(Kind::Started, None, 0),
        (Some(before), Active) if before.status == Waiting => {
            let waited =
                after.assigned_at.zip(before.queued_at).map(|(until, since)| until.saturating_sub(since));
            note(Kind::Assigned, after.agent.as_ref(), waited.unwrap_or_default());
        }
        (Some(before), Closed) if before.status != Closed => {
            let lasted = after.ended_at.unwrap_or(at).saturating_sub(after.started_at);
            note(Kind::Closed, after.last_agent.as_ref(), lasted);
        }
        _ => {}
    }
    samples
}

/// The same for a ticket.
pub(crate) fn ticket_samples(
    Changed { before, after }: &Changed<Ticket>,
    at: UnixMillis,
) -> Vec<(RecordId, Object)> {
    let Some(before) = before else { return Vec::new() };
    let mut samples = Vec::new();
    let mut note = |kind: Kind, value| {
        let id = sample_record(at, after.id.as_str(), &format!("{}-{}", kind.as_str(), after.version));
        let mut row = sample(kind, after.assigned_agent.as_ref().map(|agent| &agent.id), value);
        row.insert("category", category_name(after.category));
        samples.push((id, row));
    };
    if let (Some(resolved_at), None) = (after.resolved_at, before.resolved_at) {
        note(Kind::Resolved, resolved_at.saturating_sub(after.created_at));
    }
    let rated_before = before.satisfaction.as_ref().map(|given| given.at);
    if let Some(given) = after.satisfaction.as_ref().filter(|given| Some(given.at) != rated_before) {
        note(Kind::Rated, u64::from(given.score));
    }
    samples
}
