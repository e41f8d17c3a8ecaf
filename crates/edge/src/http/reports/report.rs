//! `GET /api/admin/support/reports`: what happened from one time to another, as JSON or as CSV.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::report::Tally;
use confab_protocol::api::{ReportBy, ReportResponse, ReportRow};
use confab_protocol::{ErrorCode, UnixMillis};
use confab_store::FigureRow;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{DAY_MS, HOUR_MS, csv, view};
use crate::error::EdgeError;
use crate::form;
use crate::http::extract::{Caller, Parameters};
use crate::state::EdgeState;

/// Longest time of a report.
const MAX_DAYS: u64 = 370;
/// Time of a report when the caller doesn't say: the last week.
const DEFAULT_MS: u64 = 7 * DAY_MS;
/// Most minutes between a clock and UTC.
const MAX_OFFSET: i32 = 14 * 60;

/// Which report.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportParameters {
    /// From the hour of this time on; a week before `to` when absent.
    from: Option<UnixMillis>,
    /// Until the end of the hour of this time; now when absent.
    to: Option<UnixMillis>,
    /// What the rows are about; days when absent.
    by: Option<ReportBy>,
    /// `json` (when absent) or `csv`.
    format: Option<String>,
    /// Minutes that the caller's clock is ahead of UTC: for the hours and days of the rows.
    #[param(minimum = -840, maximum = 840)]
    offset_minutes: Option<i32>,
}

/// Read a report: volume, waits, first responses, resolutions, satisfaction; by hour, day, agent or category.
#[utoipa::path(
    get,
    path = "/api/admin/support/reports",
    tag = "reports",
    params(ReportParameters),
    responses((status = 200, description = "The report.", content(
        (ReportResponse = "application/json"),
        (String = "text/csv"),
    ))),
)]
pub(crate) async fn get_report(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<ReportParameters>,
) -> Result<Response, EdgeError> {
    authorize(who.role, Action::ViewReports, Some(Relation::Tenant))?;
    let invalid = |message: String| EdgeError::new(ErrorCode::Invalid, message);
    form::moment("from", parameters.from)?;
    form::moment("to", parameters.to)?;
    let to = parameters.to.unwrap_or_else(|| state.clock.now());
    let from = parameters.from.unwrap_or_else(|| to.saturating_sub(DEFAULT_MS));
    if from > to {
        return Err(invalid("from is later than to".to_owned()));
    }
    if to - from > MAX_DAYS * DAY_MS {
        return Err(invalid(format!("a report is of {MAX_DAYS} days at most; ask for parts")));
    }
    let as_csv = match parameters.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(invalid("format is json or csv".to_owned())),
    };
    let (by, offset) = (parameters.by.unwrap_or_default(), parameters.offset_minutes.unwrap_or(0));
    local(0, offset)?;
    let store = state.store.tenant(&who.tenant).await?;
    let figures = store.hourly_figures(from / HOUR_MS, to / HOUR_MS).await?;
    let names: HashMap<String, String> = if by == ReportBy::Agent {
        store.agents().await?.into_iter().map(|agent| (agent.id.to_string(), agent.name)).collect()
    } else {
        HashMap::new()
    };
    let (rows, total) = rows(&figures, by, offset, &names);
    if as_csv {
        return Ok(csv::stream(rows));
    }
    Ok(Json(ReportResponse { from, to, by, rows, total: view(&total) }).into_response())
}

/// A time as a clock shows it that is so many minutes ahead of UTC.
pub(super) fn local(at: UnixMillis, offset_minutes: i32) -> Result<u64, EdgeError> {
    if !(-MAX_OFFSET..=MAX_OFFSET).contains(&offset_minutes) {
        let message = format!("offset_minutes has to be -{MAX_OFFSET} to {MAX_OFFSET}");
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    Ok(at.saturating_add_signed(i64::from(offset_minutes) * 60_000))
}

fn rows(
    figures: &[FigureRow],
    by: ReportBy,
    offset: i32,
    names: &HashMap<String, String>,
) -> (Vec<ReportRow>, Tally) {
    let mut total = Tally::default();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in figures {
        let at = local(row.hour * HOUR_MS, offset).unwrap_or_default();
        let key = match by {
            ReportBy::Hour => format!("{}T{:02}:00", date(at / DAY_MS), at % DAY_MS / HOUR_MS),
            ReportBy::Day => date(at / DAY_MS),
            ReportBy::Agent => row.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
            ReportBy::Category => row.category.clone(),
        };
        tallies.entry(key).or_default().merge(&row.tally);
        total.merge(&row.tally);
    }
    let row = |(key, tally): (String, Tally)| {
        let name = names.get(&key).cloned();
        ReportRow { key, name, tally: view(&tally) }
    };
    (tallies.into_iter().map(row).collect(), total)
}

/// A day, counted from 1970-01-01, in the Gregorian calendar (H. Hinnant, `civil_from_days`).
fn date(days: u64) -> String {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use confab_domain::report::Kind;
    use confab_protocol::UserId;

    use super::*;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(19_782), "2024-02-29");
        assert_eq!(date(20_819), "2027-01-01");
    }

    fn figure(hour: u64, agent: Option<&str>, kind: Kind) -> FigureRow {
        let mut tally = Tally::default();
        tally.add(kind, 3000);
        let agent = agent.and_then(|id| UserId::parse(id).ok());
        FigureRow { hour, agent, category: "OTHER".into(), tally }
    }

    #[test]
    fn rows_are_of_what_was_asked_for() {
        let figures = [
            figure(23, None, Kind::Started),
            figure(24, Some("ann"), Kind::Assigned),
            figure(24, Some("bob"), Kind::Assigned),
        ];
        let names = HashMap::from([("ann".to_owned(), "Ann".to_owned())]);
        let keys = |by, offset| -> Vec<String> {
            rows(&figures, by, offset, &names).0.into_iter().map(|row| row.key).collect()
        };
        assert_eq!(keys(ReportBy::Hour, 0), ["1970-01-01T23:00", "1970-01-02T00:00"]);
        assert_eq!(keys(ReportBy::Day, 60), ["1970-01-02"]);
        assert_eq!(keys(ReportBy::Agent, 0), ["", "ann", "bob"]);
        let (by_category, total) = rows(&figures, ReportBy::Category, 0, &names);
        assert_eq!((by_category[0].tally.started, by_category[0].tally.wait.count), (1, 2));
        assert_eq!(total.waits.count, 2);
        assert_eq!(rows(&figures, ReportBy::Agent, 0, &names).0[1].name.as_deref(), Some("Ann"));
    }
}
