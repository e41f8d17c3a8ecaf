//! One dashboard as Grafana would load it: what its panels ask, and what they lack.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

/// What Grafana replaces in a query, and what stands for it here. Long enough that whatever the load did is in it.
const VARIABLES: [(&str, &str); 2] = [("$__rate_interval", "30s"), ("$instance", ".+")];
/// How every panel names its data source.
const DATASOURCE: &str = "${datasource}";

/// A dashboard.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) queries: Vec<Query>,
    /// What is wrong in it, as sentences.
    pub(super) findings: Vec<String>,
}

/// A panel's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    /// File and panel.
    pub(super) place: String,
    /// In Prometheus' language, without variables.
    pub(super) expression: String,
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.place)
    }
}

impl Board {
    /// Reads a dashboard.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self> {
        let root: Value = serde_json::from_str(text).with_context(|| format!("{file} isn't JSON"))?;
        let mut board = Self { queries: Vec::new(), findings: Vec::new() };
        for key in ["uid", "title"] {
            if string(&root, key).is_empty() {
                board.findings.push(format!("{file}: it has no {key}"));
            }
        }
        for variable in list(&root["templating"], "list") {
            if string(variable, "type") == "query" {
                board.add(format!("{file}: variable {}", string(variable, "name")), labels_of(variable));
            }
        }
        let mut ids = BTreeSet::new();
        for panel in list(&root, "panels") {
            let place = format!("{file}: {}", string(panel, "title"));
            if !ids.insert(panel["id"].as_u64()) {
                board.findings.push(format!("{place}: its id isn't its own"));
            }
            board.read_panel(&place, panel);
        }
        if board.queries.is_empty() {
            board.findings.push(format!("{file}: it asks nothing"));
        }
        Ok(board)
    }

    fn read_panel(&mut self, place: &str, panel: &Value) {
        let kind = string(panel, "type");
        let mut lack = |what: &str| self.findings.push(format!("{place}: it has no {what}"));
        if string(panel, "title").is_empty() {
            lack("title");
        }
        if matches!(kind, "row" | "text") {
            return;
        }
        if string(panel, "description").is_empty() {
            lack("description");
        }
        if string(&panel["fieldConfig"]["defaults"], "unit").is_empty() {
            lack("unit");
        }
        let targets = list(panel, "targets");
        if targets.is_empty() {
            lack("query");
        }
        for target in targets {
            if string(target, "legendFormat").is_empty() {
                lack("legend");
            }
            if string(&target["datasource"], "uid") != DATASOURCE {
                lack("data source that can be chosen");
            }
        }
        for target in targets {
            self.add(place.to_owned(), string(target, "expr"));
        }
    }

    fn add(&mut self, place: String, expression: &str) {
        let expression =
            VARIABLES.iter().fold(expression.to_owned(), |text, (name, value)| text.replace(name, value));
        if expression.is_empty() {
            self.findings.push(format!("{place}: its query is empty"));
        } else if expression.contains('$') {
            self.findings.push(format!("{place}: a variable in `{expression}` isn't known"));
        } else {
            self.queries.push(Query { place, expression });
        }
    }
}

/// The metric in `label_values(metric, label)`.
fn labels_of(variable: &Value) -> &str {
    let query = string(&variable["query"], "query");
    let inner = query.strip_prefix("label_values(").and_then(|rest| rest.split_once(','));
    inner.map(|(metric, _)| metric).unwrap_or_default()
}

fn string<'value>(value: &'value Value, key: &str) -> &'value str {
    value[key].as_str().unwrap_or_default()
}

fn list<'value>(value: &'value Value, key: &str) -> &'value [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "uid": "x", "title": "X",
            "templating": {"list": [
                {"name": "instance", "type": "query", "query": {"query": "label_values(confab_build_info, instance)"}},
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
            ]},
            "panels": [
                {"id": 1, "type": "row", "title": "Row"},
                {
                    "id": 2, "type": "timeseries", "title": "Panel", "description": "It shows.",
                    "fieldConfig": {"defaults": {"unit": "s"}},
                    "targets": [{
                        "expr": "rate(a{instance=~\"$instance\"}[$__rate_interval])", "legendFormat": "a",
                        "datasource": {"uid": "${datasource}"},
                    }],
                },
            ],
        })
    }

    fn findings(change: impl Fn(&mut Value)) -> Vec<String> {
        let mut board = whole();
        change(&mut board);
        Board::parse("x.json", &board.to_string()).unwrap().findings
    }

    #[test]
    fn queries_are_asked_with_their_variables_replaced() {
        let board = Board::parse("x.json", &whole().to_string()).unwrap();
        assert_eq!(board.findings, Vec::<String>::new());
        let expressions: Vec<&str> = board.queries.iter().map(|query| query.expression.as_str()).collect();
        assert_eq!(expressions, ["confab_build_info", "rate(a{instance=~\".+\"}[30s])"]);
        assert_eq!(board.queries[1].to_string(), "x.json: Panel");
    }

    #[test]
    fn what_a_panel_lacks_is_found() {
        for (key, problem) in [
            ("description", "x.json: Panel: it has no description"),
            ("fieldConfig", "x.json: Panel: it has no unit"),
            ("targets", "x.json: Panel: it has no query"),
        ] {
            let found = findings(|board| board["panels"][1][key] = Value::Null);
            assert_eq!(found.first().map(String::as_str), Some(problem));
        }
        let target = |key: &'static str, value: Value| {
            findings(move |board| board["panels"][1]["targets"][0][key] = value.clone())
        };
        assert_eq!(target("legendFormat", Value::Null), ["x.json: Panel: it has no legend"]);
        assert_eq!(
            target("expr", json!("a[$range]")),
            ["x.json: Panel: a variable in `a[$range]` isn't known"]
        );
        assert_eq!(
            target("datasource", json!({"uid": "mine"})),
            ["x.json: Panel: it has no data source that can be chosen"]
        );
        assert_eq!(
            findings(|board| board["panels"][1]["id"] = json!(1)),
            ["x.json: Panel: its id isn't its own"]
        );
        assert!(Board::parse("x.json", "{").is_err());
    }
}
