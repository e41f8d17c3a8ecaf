//! TypeScript types of the API and of the frames, from the OpenAPI document. Pure: text in, text out.
//! Knows the part of JSON Schema that the hub's document uses, and refuses the rest.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

const SCHEMAS: &str = "#/components/schemas/";
const HEADER: &str = "\
// Written by `cargo xtask generate` from docs/openapi.json; changes by hand are overwritten.
/* eslint-disable */
";

/// The whole file for a document.
pub(crate) fn typescript(document: &str) -> Result<String> {
    let document: Value = serde_json::from_str(document).context("the OpenAPI document is no JSON")?;
    let mut text = HEADER.to_owned();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten().filter(|(name, _)| !is_primitive(name)) {
        declare(&mut text, name, schema).with_context(|| format!("the schema {name}"))?;
    }
    text.push_str(
        "\n/** Every route of the HTTP API: its parameters, its body, and what a success answers. */\n",
    );
    text.push_str("export interface Routes {\n");
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            route(&mut text, path, method, operation).with_context(|| format!("{method} {path}"))?;
        }
    }
    text.push_str("}\n");
    Ok(text)
}

/// Names that the document gives to numbers, such as `u64`.
fn is_primitive(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

fn declare(text: &mut String, name: &str, schema: &Value) -> Result<()> {
    text.push('\n');
    comment(text, "", schema.get("description"));
    if let Some(names) = schema.get("x-enum-varnames").and_then(Value::as_array) {
        let numbers = schema.get("enum").and_then(Value::as_array).context("names without numbers")?;
        let pairs = names.iter().zip(numbers);
        let pairs: Vec<String> = pairs
            .map(|(name, number)| format!("  {}: {number},\n", name.as_str().unwrap_or_default()))
            .collect();
        write!(text, "export const {name} = {{\n{}}} as const;\n", pairs.concat())?;
        writeln!(text, "export type {name} = (typeof {name})[keyof typeof {name}];")?;
        return Ok(());
    }
    if let (Some("object"), Some(properties)) = (kind(schema), properties(schema)) {
        write!(text, "export interface {name} {}", members(properties, schema, "")?)?;
        text.push('\n');
    } else {
        let definition = type_of(schema, "")?;
        let space = if definition.starts_with('\n') { "" } else { " " };
        writeln!(text, "export type {name} ={space}{definition};")?;
    }
    Ok(())
}

fn route(text: &mut String, path: &str, method: &str, operation: &Value) -> Result<()> {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    if id.ends_with("_alias") || path == "/ws" {
        return Ok(());
    }
    comment(text, "  ", operation.get("summary"));
    let parameters = |place: &str| -> Result<String> {
        let all = operation.get("parameters").and_then(Value::as_array);
        let own = all.into_iter().flatten().filter(|parameter| parameter["in"] == place);
        let fields: Result<Vec<String>> = own
            .map(|parameter| {
                let name = parameter["name"].as_str().context("a parameter without a name")?;
                let optional = if parameter["required"] == true { "" } else { "?" };
                Ok(format!("{name}{optional}: {}", type_of(&parameter["schema"], "    ")?))
            })
            .collect();
        let fields = fields?;
        Ok(if fields.is_empty() {
            "Record<never, never>".to_owned()
        } else {
            format!("{{ {} }}", fields.join("; "))
        })
    };
    let body = match operation.pointer("/requestBody/content") {
        None => "undefined".to_owned(),
        Some(content) => content_type(content, "FormData | Blob")?,
    };
    let mut answers: Vec<String> = Vec::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        if status.starts_with('2') {
            let answer = match response.get("content") {
                None => "undefined".to_owned(),
                Some(content) => content_type(content, "Blob")?,
            };
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
    }
    let answers = if answers.is_empty() { "undefined".to_owned() } else { answers.join(" | ") };
    writeln!(text, "  \"{} {path}\": {{", method.to_uppercase())?;
    writeln!(text, "    path: {};", parameters("path")?)?;
    writeln!(text, "    query: {};", parameters("query")?)?;
    writeln!(text, "    body: {body};\n    answer: {answers};\n  }};")?;
    Ok(())
}

/// The type of a body: what its JSON is, text as text, and `otherwise` for what is neither.
fn content_type(content: &Value, otherwise: &str) -> Result<String> {
    let content = content.as_object().context("content is a map of media types")?;
    if let Some(json) = content.get("application/json") {
        return json.get("schema").map_or_else(|| Ok("unknown".to_owned()), |schema| type_of(schema, "    "));
    }
    let text = content.keys().any(|media_type| media_type.starts_with("text/"));
    Ok(if text { "string".to_owned() } else { otherwise.to_owned() })
}

fn kind(schema: &Value) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

fn members(properties: &Map<String, Value>, schema: &Value, indent: &str) -> Result<String> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|other| other == name));
    let inner = format!("{indent}  ");
    let mut text = "{\n".to_owned();
    for (name, property) in properties {
        comment(&mut text, &inner, property.get("description"));
        let optional = if is_required(name) { "" } else { "?" };
        writeln!(text, "{inner}{}{optional}: {};", key(name), type_of(property, &inner)?)?;
    }
    write!(text, "{indent}}}")?;
    Ok(text)
}

fn key(name: &str) -> String {
    let plain = name.chars().all(|symbol| symbol.is_ascii_alphanumeric() || symbol == '_');
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

fn type_of(schema: &Value, indent: &str) -> Result<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.strip_prefix(SCHEMAS).context("a reference to something else than a schema")?;
        return Ok(if is_primitive(name) { "number".to_owned() } else { name.to_owned() });
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        return Ok(values.join(" | "));
    }
    if let Some(value) = schema.get("const") {
        return Ok(value.to_string());
    }
    for (word, sign) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema.get(word).and_then(Value::as_array) {
            return combined(parts, sign, indent);
        }
    }
    match schema.get("type") {
        Some(Value::Array(kinds)) => {
            let parts: Result<Vec<String>> = kinds
                .iter()
                .map(|kind| plain_type(kind.as_str().unwrap_or_default(), schema, indent))
                .collect();
            Ok(parts?.join(" | "))
        }
        Some(Value::String(kind)) => plain_type(kind, schema, indent),
        _ => Ok("unknown".to_owned()),
    }
}

/// Types side by side, `null` last, each in brackets where it has to be.
fn combined(parts: &[Value], sign: &str, indent: &str) -> Result<String> {
    let mut types: Vec<String> = Vec::new();
    for part in parts {
        let text = type_of(part, &format!("{indent}    "))?;
        types.push(if sign == " & " && text.contains(" | ") { format!("({text})") } else { text });
    }
    types.sort_by_key(|text| text == "null");
    let many_lines = types.len() > 2 && types.iter().any(|text| text.contains('\n'));
    Ok(if many_lines {
        format!("\n{indent}  | {}", types.join(&format!("\n{indent}  | ")))
    } else {
        types.join(sign)
    })
}

fn plain_type(kind: &str, schema: &Value, indent: &str) -> Result<String> {
    Ok(match kind {
        "string" => "string".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "boolean".to_owned(),
        "null" => "null".to_owned(),
        "array" => match schema.get("items") {
            Some(items) => {
                let item = type_of(items, indent)?;
                if item.contains(['|', '&']) { format!("({item})[]") } else { format!("{item}[]") }
            }
            None => "unknown[]".to_owned(),
        },
        "object" => match (properties(schema), schema.get("additionalProperties")) {
            (Some(properties), _) => members(properties, schema, indent)?,
            (None, Some(Value::Object(values))) => {
                format!("Record<string, {}>", type_of(&Value::Object(values.clone()), indent)?)
            }
            (None, _) => "Record<string, unknown>".to_owned(),
        },
        other => bail!("the type {other:?} has no counterpart in TypeScript"),
    })
}

fn comment(text: &mut String, indent: &str, words: Option<&Value>) {
    let Some(words) = words.and_then(Value::as_str) else { return };
    let words = words.replace("*/", "* /");
    let lines: Vec<&str> = words.lines().collect();
    // Writing into a `String` can't fail.
    let _ = match lines[..] {
        [] => Ok(()),
        [line] => writeln!(text, "{indent}/** {line} */"),
        _ => {
            let lines: Vec<String> =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned()).collect();
            writeln!(text, "{indent}/**\n{}\n{indent} */", lines.join("\n"))
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(schemas: &Value, paths: &Value) -> String {
        typescript(&json!({ "components": { "schemas": schemas }, "paths": paths }).to_string()).unwrap()
    }

    #[test]
    fn an_object_becomes_an_interface() {
        let text = written(
            &json!({ "Party": { "type": "object", "description": "Somebody.", "required": ["id"], "properties": {
                "id": { "$ref": "#/components/schemas/UserId" },
                "seen": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/u64" }] },
                "tags": { "type": "array", "items": { "type": "string" } } } } }),
            &json!({}),
        );
        assert!(text.contains("/** Somebody. */\nexport interface Party {\n"), "{text}");
        for line in ["  id: UserId;", "  seen?: number | null;", "  tags?: string[];"] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn tagged_variants_become_a_union() {
        let tag = |name| json!({ "type": "object", "required": ["t"], "properties": { "t": { "type": "string", "enum": [name] } } });
        let text = written(
            &json!({ "Frame": { "oneOf": [
                { "allOf": [{ "$ref": "#/components/schemas/Welcome" }, tag("welcome")] }, tag("ping"), tag("pong")] } }),
            &json!({}),
        );
        assert!(text.contains("\n  | Welcome & {\n") && text.contains("t: \"pong\";"), "{text}");
    }

    #[test]
    fn named_numbers_become_a_constant() {
        let text = written(
            &json!({ "Code": { "type": "integer", "enum": [1000, 4400], "x-enum-varnames": ["normal", "malformed"] } }),
            &json!({}),
        );
        assert!(
            text.contains("export const Code = {\n  normal: 1000,\n  malformed: 4400,\n} as const;"),
            "{text}"
        );
    }

    #[test]
    fn a_route_names_parameters_body_and_answer() {
        let text = written(
            &json!({}),
            &json!({ "/api/x/{id}": { "put": {
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                    { "name": "limit", "in": "query", "schema": { "type": "integer" } }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/X" } } } },
                "responses": { "204": {}, "default": {} } } } }),
        );
        for line in [
            "\"PUT /api/x/{id}\": {",
            "path: { id: string };",
            "query: { limit?: number };",
            "body: X;",
            "answer: undefined;",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_refused() {
        let document = json!({ "components": { "schemas": { "X": { "type": "tuple" } } } }).to_string();
        assert!(format!("{:#}", typescript(&document).unwrap_err()).contains("the schema X"));
    }
}
