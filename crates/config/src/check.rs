//! The checks that sections share. Each one adds to a list, so that all problems are reported together.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::Invalid;

/// Collects what is wrong with one section.
pub(crate) struct Checks {
    section: &'static str,
    invalid: Vec<Invalid>,
}

impl Checks {
    pub(crate) fn of(section: &'static str) -> Self {
        Self { section, invalid: Vec::new() }
    }

    pub(crate) fn finish(self) -> Vec<Invalid> {
        self.invalid
    }

    fn name(&self, field: &str) -> String {
        format!("{}.{field}", self.section)
    }

    pub(crate) fn range<T: PartialOrd + Display + Copy>(
        &mut self,
        field: &str,
        value: T,
        range: &RangeInclusive<T>,
        unit: &'static str,
    ) {
        if !range.contains(&value) {
            self.invalid.push(Invalid::OutOfRange {
                field: self.name(field),
                value: value.to_string(),
                min: range.start().to_string(),
                max: range.end().to_string(),
                unit,
            });
        }
    }

    pub(crate) fn form(&mut self, field: &str, value: &str, fits: bool, expected: &str) {
        if !fits {
            self.invalid.push(Invalid::Malformed {
                field: self.name(field),
                value: value.to_owned(),
                expected: expected.to_owned(),
            });
        }
    }

    pub(crate) fn agree(&mut self, field: &str, agrees: bool, because: &str, remedy: &str) {
        if !agrees {
            self.invalid.push(Invalid::Contradiction {
                field: self.name(field),
                because: because.to_owned(),
                remedy: remedy.to_owned(),
            });
        }
    }

    /// A URL with one of `schemes`, a host, and no name or password in it: URLs end up in logs.
    pub(crate) fn url(&mut self, field: &str, value: &str, schemes: &[&str], expected: &str) {
        let Some((scheme, rest)) = value.split_once("://") else {
            return self.form(field, value, false, expected);
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return self.agree(
                field,
                false,
                "holds a user name or a password, which would end up in logs",
                "move them to the fields for user and password",
            );
        }
        let fits = schemes.contains(&scheme) && is_host_and_port(authority);
        self.form(field, value, fits, expected);
    }
}

/// Host with an optional port; IPv6 addresses stand in brackets.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
    !host.is_empty() && host.bytes().all(plain) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Text that can stand in a subject, a record id and a log field.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("localhost", true)]
    #[case("localhost:4222", true)]
    #[case("[::1]:4222", true)]
    #[case("[::1]", true)]
    #[case("", false)]
    #[case(":4222", false)]
    #[case("host:port", false)]
    #[case("host:70000", false)]
    #[case("two words", false)]
    fn a_host_and_its_port(#[case] authority: &str, #[case] fits: bool) {
        assert_eq!(is_host_and_port(authority), fits);
    }
}
