//! Looks through a whole database for texts, packed fields and ids included: what is left of somebody, and where.
//! For checks: it reads everything.

use regex::bytes::{Regex, RegexBuilder};
use surrealdb::types::{SurrealValue as _, Value, Variables};

use crate::error::StoreError;
use crate::rows::{Fields, variables};
use crate::tenant::TenantStore;

/// Rows read at a time.
const ROWS: u64 = 1000;

/// A record in which a text was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRecord {
    /// Its table.
    pub table: String,
    /// Its id, as the engine writes it.
    pub id: String,
}

/// Finds any of these texts, in capitals or not; nothing when there are none.
pub(crate) fn any_of(texts: &[&str]) -> Result<Option<Regex>, StoreError> {
    if texts.iter().all(|text| text.is_empty()) {
        return Ok(None);
    }
    let texts: Vec<String> =
        texts.iter().filter(|text| !text.is_empty()).map(|text| regex::escape(text)).collect();
    let pattern = RegexBuilder::new(&texts.join("|")).case_insensitive(true).build();
    pattern.map(Some).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl TenantStore {
    /// The records of all tables in which any of the texts stands, at most `limit`.
    pub async fn find_texts(&self, texts: &[&str], limit: usize) -> Result<Vec<FoundRecord>, StoreError> {
        let Some(pattern) = any_of(texts)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for table in self.tables().await? {
            let mut start = 0;
            loop {
                let variables = variables! { "table": table.as_str(), "start": start, "limit": ROWS };
                let select = "SELECT * FROM type::table($table) LIMIT $limit START $start";
                let rows = self.database.query("find_texts", select, variables).await?.values(0)?;
                let count = rows.len() as u64;
                for row in rows {
                    if stands_in(&pattern, &row) {
                        let id = Fields::of(row)?.value("id").map(|id| format!("{:?}", id.into_json_value()));
                        found.push(FoundRecord { table: table.clone(), id: id.unwrap_or_default() });
                    }
                }
                if count < ROWS || found.len() >= limit {
                    break;
                }
                start += count;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let mut answer = self.database.query("tables", "INFO FOR DB", Variables::new()).await?;
        match Fields::of(answer.value(0)?)?.value("tables") {
            Some(Value::Object(tables)) => Ok(tables.keys().cloned().collect()),
            _ => Err(StoreError::Corrupt("a database without tables".to_owned())),
        }
    }
}

fn stands_in(pattern: &Regex, value: &Value) -> bool {
    match value {
        Value::String(text) => pattern.is_match(text.as_bytes()),
        Value::Bytes(bytes) => pattern.is_match(bytes),
        Value::Array(items) => items.iter().any(|item| stands_in(pattern, item)),
        Value::Object(fields) => fields.values().any(|field| stands_in(pattern, field)),
        Value::RecordId(id) => stands_in(pattern, &id.key.clone().into_value()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use surrealdb::types::{Array, Bytes, Object};

    use super::*;
    use crate::rows::{packed, record};

    #[test]
    fn texts_are_found_however_they_are_kept() {
        let pattern = any_of(&["Zebulon", "a.b"]).expect("a pattern").expect("texts");
        let mut row = Object::new();
        row.insert("id", record("user", "u-1"));
        row.insert("rest", packed(&["x", "Zebulon Quirk"]).expect("packed"));
        assert!(stands_in(&pattern, &Value::Object(row.clone())));
        row.insert("rest", Bytes::from(b"azb".to_vec()));
        assert!(!stands_in(&pattern, &Value::Object(row.clone())), "a text is no pattern");
        row.insert("names", Array::from(vec![Value::String("a.b".into())]));
        assert!(stands_in(&pattern, &Value::Object(row)));
        let by_id = Value::RecordId(record("mail_refusal", "Zebulon"));
        assert!(stands_in(&pattern, &by_id));
        assert!(any_of(&["", ""]).expect("no pattern").is_none());
    }
}
