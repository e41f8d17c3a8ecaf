//! What can be wrong with a configuration. Every message names the key and says what to do.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error(
        "the configuration file {} cannot be read ({source}): name an existing file by --config or CONFAB_CONFIG, \
         or none to use the defaults",
        path.display()
    )]
    Unreadable {
        /// The file that was asked for.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file or an environment variable does not have the right form.
    #[error("{}", lines(.0))]
    Layers(Vec<LayerProblem>),
    /// Values are out of range or contradict each other.
    #[error("{}", lines(.0))]
    Invalid(Vec<Invalid>),
}

impl ConfigError {
    pub(crate) fn from_invalid(invalid: Vec<Invalid>) -> Result<(), Self> {
        if invalid.is_empty() { Ok(()) } else { Err(Self::Invalid(invalid)) }
    }
}

/// One thing that is wrong with the form of a layer. `origin` is the file or the environment variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerProblem {
    /// The file is no TOML.
    #[error("{origin} is not valid TOML: {message}")]
    Syntax {
        /// Where it stands.
        origin: String,
        /// What the parser said, with line and column.
        message: String,
    },
    /// No such section or field.
    #[error("{origin}: there is no setting `{key}`; {expected}")]
    UnknownKey {
        /// Where it stands.
        origin: String,
        /// The full name that was given.
        key: String,
        /// The names that exist there.
        expected: String,
    },
    /// The value has the wrong type.
    #[error("{origin}: `{key}` {message}")]
    WrongValue {
        /// Where it stands.
        origin: String,
        /// The full name of the field.
        key: String,
        /// What was found and what is wanted.
        message: String,
    },
}

/// One value that has the right type and still cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A number outside its range.
    #[error("{field} is {value}: set it to {min} to {max} {unit}")]
    OutOfRange {
        /// Full name of the field.
        field: String,
        /// The value found.
        value: String,
        /// The smallest that is allowed.
        min: String,
        /// The largest that is allowed.
        max: String,
        /// The unit of all three.
        unit: &'static str,
    },
    /// A text that is not what the field wants.
    #[error("{field} is {value:?}: write {expected}")]
    Malformed {
        /// Full name of the field.
        field: String,
        /// The value found.
        value: String,
        /// The form that is wanted, with an example.
        expected: String,
    },
    /// A field without which the role cannot run.
    #[error("{field} is not set: {remedy}")]
    Missing {
        /// Full name of the field.
        field: String,
        /// What to do.
        remedy: String,
    },
    /// A field that does not go with another one.
    #[error("{field} {because}: {remedy}")]
    Contradiction {
        /// Full name of the field.
        field: String,
        /// What it contradicts.
        because: String,
        /// What to do.
        remedy: String,
    },
}

/// One problem per line.
fn lines<T: fmt::Display>(problems: &[T]) -> String {
    let mut text = String::from("the configuration cannot be used:");
    for problem in problems {
        write!(text, "\n- {problem}").expect("writing to a String does not fail");
    }
    text
}
