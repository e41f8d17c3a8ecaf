//! One thing that was looked at: how it is, and what to do about it.

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// It works, and may not for long or not well.
    Warn,
    /// It does not work.
    Fail,
    /// It could not be looked at.
    Skip,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(super) level: Level,
    what: &'static str,
    text: String,
    remedy: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(crate) fn ok(what: &'static str, text: impl Into<String>) -> Self {
        Self { level: Level::Ok, what, text: text.into(), remedy: None }
    }

    /// It works, and may not for long or not well.
    pub(crate) fn warn(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Warn, what, text: text.into(), remedy: Some(remedy.into()) }
    }

    /// It does not work.
    pub(crate) fn fail(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Fail, what, text: text.into(), remedy: Some(remedy.into()) }
    }

    /// It could not be looked at.
    pub(crate) fn skip(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: Level::Skip, what, text: text.into(), remedy: Some(remedy.into()) }
    }

    /// Level, what was looked at, how it is, what to do.
    pub(crate) fn line(&self) -> String {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
            Level::Skip => "skip",
        };
        let remedy = self.remedy.as_ref().map(|remedy| format!("\n       -> {remedy}")).unwrap_or_default();
        format!("{level:<5}  {}: {}{remedy}", self.what, self.text)
    }
}

/// An error with all its causes on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_to_do() {
        let finding = Finding::fail("NATS", "nobody answers", "start it");
        assert_eq!(finding.line(), "FAIL   NATS: nobody answers\n       -> start it");
        assert_eq!(Finding::ok("NATS", "2.15.1").line(), "ok     NATS: 2.15.1");
    }
}
