//! Transcripts: a conversation as text, JSON or HTML, entry by entry, so that a long one is never whole in memory.
//! Everything people wrote is escaped where it could mean something.

use std::fmt::Write as _;

use confab_protocol::api::{ConversationView, HistoryItem};
use confab_protocol::{Body, UnixMillis};

/// How a transcript looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A line an entry, for people.
    Text,
    /// One JSON document.
    Json,
    /// A page without scripts.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Html];

    /// Its name: the value of a parameter, and the end of a file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Writes one transcript, piece by piece.
#[derive(Debug)]
pub struct Transcript {
    format: Format,
    written: bool,
}

impl Transcript {
    /// A transcript in this format.
    pub fn new(format: Format) -> Self {
        Self { format, written: false }
    }

    /// What comes before the entries.
    pub fn begin(&self, conversation: &ConversationView) -> String {
        let (id, customer) = (conversation.id.as_str(), conversation.customer.name.as_str());
        let began = utc(conversation.started_at);
        match self.format {
            Format::Text => format!("Conversation {id}\nCustomer: {}\nBegan: {began}\n\n", plain(customer)),
            Format::Json => {
                let view = serde_json::to_string(conversation).unwrap_or_else(|_| "null".to_owned());
                format!("{{\"conversation\":{view},\"entries\":[")
            }
            Format::Html => format!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Conversation {id}</title>\n\
                 <style>body{{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}}\
                 dt{{font-weight:600}}dt time{{font-weight:400;color:#555}}dd{{margin:0 0 1rem;white-space:pre-wrap}}\
                 .system{{color:#555}}.note{{background:#fff7d6}}</style>\n</head>\n<body>\n<h1>Conversation {id}</h1>\n\
                 <p>{}, {began}</p>\n<dl>\n",
                escaped(customer)
            ),
        }
    }

    /// An entry; nothing for those that are not shown.
    pub fn entry(&mut self, item: &HistoryItem) -> String {
        let Some(said) = item.entry.body.text() else { return String::new() };
        let file = match &item.entry.body {
            Body::Image { attachment, .. } | Body::File { attachment, .. } => Some(attachment.name.as_str()),
            _ => None,
        };
        let said = match file {
            Some(name) if name != said => format!("[{name}] {said}"),
            Some(name) => format!("[{name}]"),
            None => said.to_owned(),
        };
        let (at, author) = (utc(item.entry.at), item.entry.author.name.as_str());
        match self.format {
            Format::Text => {
                let note = if item.note { " (note)" } else { "" };
                format!("[{at}] {}{note}: {}\n", plain(author), plain(&said).replace('\n', "\n    "))
            }
            Format::Json => {
                let separator = if std::mem::replace(&mut self.written, true) { "," } else { "" };
                let entry = serde_json::to_string(item).unwrap_or_else(|_| "null".to_owned());
                format!("{separator}\n{entry}")
            }
            Format::Html => {
                let class = match (&item.entry.body, item.note) {
                    (_, true) => " class=\"note\"",
                    (Body::System { .. }, _) => " class=\"system\"",
                    _ => "",
                };
                format!(
                    "<dt{class}>{} <time>{at}</time></dt>\n<dd{class}>{}</dd>\n",
                    escaped(author),
                    escaped(&said)
                )
            }
        }
    }

    /// What comes after the entries.
    pub fn end(&self) -> &'static str {
        match self.format {
            Format::Text => "",
            Format::Json => "\n]}\n",
            Format::Html => "</dl>\n</body>\n</html>\n",
        }
    }
}

/// Without characters that control a display, but line ends.
fn plain(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control() || *sign == '\n').collect()
}

/// As HTML's text and attributes want it.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other if other.is_control() && other != '\n' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// The time as `2026-01-31 12:34:56 UTC`; days by Howard Hinnant's `civil_from_days`.
pub fn utc(at: UnixMillis) -> String {
    let (seconds, days) = (at / 1000 % 86_400, at / 86_400_000);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::new();
    let _ = write!(text, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::{Author, Entry};

    fn item(name: &str, text: &str, note: bool) -> HistoryItem {
        let body = Body::Text { text: text.to_owned() };
        let author = Author { id: None, name: name.to_owned(), role: None };
        let entry = Entry { id: "m".into(), author, at: 1_709_210_096_000, body };
        HistoryItem { epoch: "1".into(), seq: 1, note, entry }
    }

    #[test]
    fn times_are_told_in_utc_leap_days_too() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(1_709_210_096_000), "2024-02-29 12:34:56 UTC");
        assert_eq!(utc(4_102_444_799_999), "2099-12-31 23:59:59 UTC");
    }

    #[test]
    fn nothing_that_was_written_breaks_out_of_a_page() {
        let mut transcript = Transcript::new(Format::Html);
        let html = transcript.entry(&item("<b>Eve</b>", "</dd><script>alert('1')</script>&amp;", false));
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(
            html.contains("&lt;/dd&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;"),
            "{html}"
        );
    }

    #[test]
    fn a_line_of_text_is_one_persons() {
        let mut transcript = Transcript::new(Format::Text);
        let line = transcript.entry(&item("Eve", "hello\n[2024-01-01 00:00:00 UTC] Ann: yes\u{1b}[2J", true));
        assert_eq!(
            line,
            "[2024-02-29 12:34:56 UTC] Eve (note): hello\n    [2024-01-01 00:00:00 UTC] Ann: yes[2J\n"
        );
    }

    #[test]
    fn json_is_one_document() {
        let mut transcript = Transcript::new(Format::Json);
        let entries = [item("Ann", "1", false), item("Ann", "2", false)].map(|item| transcript.entry(&item));
        let text = format!("{{\"entries\":[{}{}", entries.concat(), transcript.end());
        let parsed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(parsed["entries"].as_array().map(Vec::len), Some(2));
    }
}
