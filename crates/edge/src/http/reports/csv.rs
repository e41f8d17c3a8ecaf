//! A report as CSV (RFC 4180), sent row by row.

use std::convert::Infallible;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use confab_protocol::api::{MeasureView, ReportRow};
use futures::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

const HEAD: &str = "key,name,started,closed,resolved,\
    waits,wait_average_seconds,wait_p50_seconds,wait_p90_seconds,\
    first_responses,first_response_average_seconds,first_response_p50_seconds,first_response_p90_seconds,\
    resolutions,resolution_average_seconds,resolution_p50_seconds,resolution_p90_seconds,\
    durations,duration_average_seconds,duration_p50_seconds,duration_p90_seconds,\
    ratings,satisfaction\r\n";

/// The answer.
pub(super) fn stream(rows: Vec<ReportRow>) -> Response {
    let lines = std::iter::once(HEAD.to_owned()).chain(rows.into_iter().map(|row| line(&row)));
    let body = Body::from_stream(stream::iter(lines.map(Ok::<_, Infallible>)));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"report.csv\""),
    ];
    (headers, body).into_response()
}

fn line(row: &ReportRow) -> String {
    let tally = &row.tally;
    let mut cells = vec![cell(&row.key), cell(row.name.as_deref().unwrap_or_default())];
    cells.extend([tally.started, tally.closed, tally.resolved].map(|count| count.to_string()));
    for measure in [&tally.wait, &tally.first_response, &tally.resolution, &tally.duration] {
        let MeasureView { count, average_seconds, p50_seconds, p90_seconds } = measure;
        cells.push(count.to_string());
        cells.extend([average_seconds, p50_seconds, p90_seconds].map(|value| number(*value)));
    }
    cells.push(tally.ratings.to_string());
    cells.push(number(tally.satisfaction));
    format!("{}\r\n", cells.join(","))
}

fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.3}")).unwrap_or_default()
}

/// A text as a cell. What spreadsheets would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_cell_and_no_formula() {
        assert_eq!(cell("Ann"), "Ann");
        assert_eq!(cell("Rao, \"Asha\""), "\"Rao, \"\"Asha\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }

    #[test]
    fn every_line_has_all_cells() {
        let row = ReportRow {
            key: "2026-11-21".into(),
            name: None,
            tally: confab_protocol::api::TallyView::default(),
        };
        assert_eq!(line(&row).matches(',').count(), HEAD.matches(',').count());
    }
}
