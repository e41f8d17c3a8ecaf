//! The schema file and the table in docs/OPERATIONS.md say what the code says.

use std::path::{Path, PathBuf};

use confab_config::Config;
use serde_json::Value;

fn document(name: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    (path, text)
}

#[test]
fn the_schema_file_is_fresh() {
    let (path, text) = document("config.schema.json");
    let written: Option<Value> = serde_json::from_str(&text).ok();
    assert!(
        written == Some(Config::schema()),
        "{} is missing or out of date: run `cargo xtask generate` and commit the result",
        path.display()
    );
}

/// Every field as its row in the table: name, default, meaning.
fn rows() -> Vec<String> {
    let schema = Config::schema();
    let sections = schema["properties"].as_object().expect("sections");
    let mut rows = Vec::new();
    for (section, reference) in sections {
        let name = reference["$ref"].as_str().expect("a reference").trim_start_matches("#/$defs/");
        for (field, about) in schema["$defs"][name]["properties"].as_object().expect("fields") {
            let default = match &about["default"] {
                Value::Null => "not set".to_owned(),
                value => format!("`{value}`"),
            };
            let meaning = about["description"].as_str().unwrap_or_default().replace('\n', " ");
            rows.push(format!("| `{section}.{field}` | {default} | {meaning} |"));
        }
    }
    rows
}

#[test]
fn every_field_stands_in_the_operations_guide() {
    let (path, text) = document("OPERATIONS.md");
    let missing: Vec<String> =
        rows().into_iter().filter(|row| !text.lines().any(|line| line == row)).collect();
    assert!(
        missing.is_empty(),
        "put these rows into the table of \"Configuration\" in {}:\n{}",
        path.display(),
        missing.join("\n")
    );
}
