//! The layers under a configuration: a TOML file and environment variables, merged by figment over the defaults.

use std::fs;
use std::path::{Path, PathBuf};

use figment::error::{Actual, Kind};
use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use crate::{Config, ConfigError, LayerProblem};

/// Variables of the configuration begin with this; those without `__` after it belong to somebody else.
const PREFIX: &str = "CONFAB_";
/// Names the configuration file.
const FILE_VARIABLE: &str = "CONFAB_CONFIG";
/// Name of the layer in figment's errors.
const ENVIRONMENT: &str = "environment";

/// Merges the layers. Values are not validated yet.
pub(crate) fn read(
    path: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut file = path.map(PathBuf::from);
    let mut environment = Dict::new();
    let schema = Config::schema();
    for (name, value) in variables {
        if value.is_empty() {
            continue;
        }
        if name == FILE_VARIABLE {
            file = file.or_else(|| Some(PathBuf::from(value)));
        } else if let Some((section, field)) = setting(&name) {
            let value = typed(&schema, &section, &field, &value);
            let fields = environment.entry(section).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, fields) = fields {
                fields.insert(field, value);
            }
        }
    }
    let mut figment = Figment::new();
    if let Some(path) = &file {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        figment = figment.merge(Toml::string(&text));
    }
    figment.merge(Environment(environment)).extract().map_err(|error| {
        ConfigError::Layers(error.into_iter().map(|one| problem(one, file.as_deref())).collect())
    })
}

/// Section and field of a variable's name.
fn setting(name: &str) -> Option<(String, String)> {
    let (section, field) = name.strip_prefix(PREFIX)?.split_once("__")?;
    Some((section.to_ascii_lowercase(), field.to_ascii_lowercase()))
}

/// Gives the text of a variable the type that its field has. Only the schema can tell: a password may consist of digits.
fn typed(schema: &serde_json::Value, section: &str, field: &str, text: &str) -> Value {
    let field = &schema["$defs"]
        .as_object()
        .and_then(|sections| {
            sections.get(schema["properties"][section]["$ref"].as_str()?.strip_prefix("#/$defs/")?)
        })
        .unwrap_or(&serde_json::Value::Null)["properties"][field];
    let has_type = |name: &str| match &field["type"] {
        serde_json::Value::String(only) => only == name,
        serde_json::Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    };
    if has_type("integer") {
        text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
    } else if has_type("boolean") {
        text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from)
    } else if has_type("array") {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(Value::from).collect::<Vec<_>>().into()
    } else {
        Value::from(text)
    }
}

/// The environment as a layer.
struct Environment(Dict);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

/// Puts figment's error into our words, without the value of a secret.
fn problem(error: figment::Error, file: Option<&Path>) -> LayerProblem {
    let file = || file.map_or_else(|| "the configuration".to_owned(), |path| path.display().to_string());
    let from_environment = error.metadata.as_ref().is_some_and(|metadata| metadata.name == ENVIRONMENT);
    let mut path = error.path;
    if let Kind::UnknownField(name, _) = &error.kind
        && path.last() != Some(name)
    {
        path.push(name.clone());
    }
    let key = path.join(".");
    let origin = if from_environment {
        format!("environment variable {PREFIX}{}", path.join("__").to_ascii_uppercase())
    } else {
        file()
    };
    match error.kind {
        Kind::UnknownField(_, expected) => {
            LayerProblem::UnknownKey { origin, key, expected: format!("there are {}", expected.join(", ")) }
        }
        Kind::Message(message) if path.is_empty() => LayerProblem::Syntax { origin, message },
        kind => {
            let secret = path.last().is_some_and(|field| field == "password" || field == "signing_key");
            let message = wrong_value(kind, secret);
            LayerProblem::WrongValue { origin, key, message }
        }
    }
}

/// What was found and what is wanted.
fn wrong_value(kind: Kind, secret: bool) -> String {
    let found = |actual: Actual| if secret { "something else".to_owned() } else { actual.to_string() };
    match kind {
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("must be {}, found {}", wanted(&expected), found(actual))
        }
        Kind::UnknownVariant(name, expected) => {
            format!("must be one of {}, found {name:?}", expected.join(", "))
        }
        other => format!("cannot be used: {other}"),
    }
}

/// Names of Rust types, put for people.
fn wanted(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number of 0 to 255",
        "u16" => "a whole number of 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, not negative",
        "a string" => "a text in quotes",
        "a sequence" => "a list of texts, such as [\"https://shop.example\"]",
        other => other,
    }
}
