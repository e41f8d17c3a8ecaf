//! Words, as the index sees them: runs of letters and runs of digits, in lower case, without accents.

use std::ops::Range;

use deunicode::deunicode;

/// Words that are searched for, and words of a question put to a person; more are left out.
const MAX_TERMS: usize = 8;
const MAX_ASKED: usize = 24;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is compared.
    pub(crate) folded: String,
    /// Where it stands, in bytes.
    pub(crate) place: Range<usize>,
}

/// A marked part of a text, in UTF-16 code units as JavaScript counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Where it begins.
    pub start: usize,
    /// Where it ends; the unit there is not part of it.
    pub end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Other,
}

fn class(sign: char) -> Class {
    if sign.is_alphabetic() {
        Class::Letter
    } else if sign.is_numeric() {
        Class::Digit
    } else {
        Class::Other
    }
}

/// The same for all ways of writing a word.
fn fold(word: &str) -> String {
    let lower = word.to_lowercase();
    if lower.is_ascii() { lower } else { deunicode(&lower) }
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut current = Class::Other;
    let mut take = |range: Range<usize>| {
        words.push(Word { folded: fold(&text[range.clone()]), place: range });
    };
    for (at, sign) in text.char_indices() {
        let class = class(sign);
        if class != current {
            if current != Class::Other {
                take(start..at);
            }
            (start, current) = (at, class);
        }
    }
    if current != Class::Other {
        take(start..text.len());
    }
    words
}

/// The words somebody looks for: all of them have to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// As they were written: the engine folds them itself.
    written: Vec<String>,
    folded: Vec<String>,
    /// Whether the last one may be the beginning of a word.
    is_open: bool,
}

impl Terms {
    /// The words of a question; none when there is no word in it.
    pub fn of(question: &str) -> Option<Self> {
        Self::without(question, &[], MAX_TERMS)
    }

    /// The words of a question put to a person: those that say what it is about. None when there is none.
    pub fn of_question(question: &str) -> Option<Self> {
        Self::without(question, &super::answers::EMPTY, MAX_ASKED)
    }

    fn without(question: &str, empty: &[&str], most: usize) -> Option<Self> {
        let mut terms = Self { written: Vec::new(), folded: Vec::new(), is_open: false };
        for word in words(question) {
            let is_new = !terms.folded.contains(&word.folded) && !empty.contains(&word.folded.as_str());
            if is_new && terms.folded.len() < most {
                terms.written.push(question[word.place].to_owned());
                terms.folded.push(word.folded);
            }
        }
        (!terms.folded.is_empty()).then_some(terms)
    }

    /// The same, as beginnings of words.
    #[must_use]
    pub fn as_beginnings(mut self) -> Self {
        self.is_open = true;
        self
    }

    pub(crate) fn folded(&self) -> &[String] {
        &self.folded
    }

    /// For the engine, together with marks that have to be there too.
    pub(crate) fn with(&self, marks: &[&str]) -> String {
        let mut question = self.written.join(" ");
        for mark in marks {
            question.push(' ');
            question.push_str(mark);
        }
        question
    }

    /// For an index that knows words by no more letters than these.
    pub(crate) fn beginnings(&self, letters: usize) -> String {
        let short = |word: &String| word.chars().take(letters).collect();
        self.folded.iter().map(short).collect::<Vec<String>>().join(" ")
    }

    fn matches(&self, word: &Word) -> bool {
        let fits = |term: &String| {
            if self.is_open { word.folded.starts_with(term.as_str()) } else { word.folded == *term }
        };
        self.folded.iter().any(fits)
    }

    /// Whether all of them are among the words.
    pub(crate) fn all_in(&self, words: &[Word]) -> bool {
        self.folded.iter().all(|term| words.iter().any(|word| word.folded == *term))
    }

    /// Where the terms stand in the text.
    pub fn marks(&self, text: &str) -> Vec<Mark> {
        let mut units = Units { text, byte: 0, unit: 0 };
        let found = words(text).into_iter().filter(|word| self.matches(word));
        found.map(|word| Mark { start: units.at(word.place.start), end: units.at(word.place.end) }).collect()
    }
}

/// Counts UTF-16 code units forwards.
struct Units<'a> {
    text: &'a str,
    byte: usize,
    unit: usize,
}

impl Units<'_> {
    fn at(&mut self, byte: usize) -> usize {
        self.unit += self.text[self.byte..byte].chars().map(char::len_utf16).sum::<usize>();
        self.byte = byte;
        self.unit
    }
}

/// The part of the text around the first term, of about `chars` characters, with an ellipsis where something is left out.
pub fn excerpt(text: &str, terms: &Terms, chars: usize) -> String {
    let length = text.chars().count();
    if length <= chars {
        return text.to_owned();
    }
    let first = words(text).into_iter().find(|word| terms.matches(word)).map_or(0, |word| word.place.start);
    let before = text[..first].chars().count();
    // A third of the room goes to what stands before.
    let mut skip = before.saturating_sub(chars / 3).min(length - chars);
    if skip > 0 {
        // Not from the middle of a word, if one begins soon.
        let gap = text.chars().skip(skip).take(20).position(char::is_whitespace);
        skip += gap.map_or(0, |gap| gap + 1).min(before - skip);
    }
    let part: String = text.chars().skip(skip).take(chars).collect();
    let (head, tail) = (if skip > 0 { "…" } else { "" }, if skip + chars < length { "…" } else { "" });
    format!("{head}{}{tail}", part.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_of_digits() {
        assert_eq!(
            folded("Order A1234 wasn't paid, Straße Café!"),
            ["order", "a", "1234", "wasn", "t", "paid", "strasse", "cafe"]
        );
        assert_eq!(Terms::of("  …!? "), None);
        let terms = Terms::of("Refund refund REFUND 12").expect("terms");
        assert_eq!(terms.folded(), ["refund", "12"]);
        assert_eq!(terms.with(&["mark"]), "Refund 12 mark");
    }

    #[test]
    fn marks_count_as_javascript_does() {
        let terms = Terms::of("café").expect("terms");
        let text = "🙂 a Cafe, CAFÉ";
        let units: Vec<u16> = text.encode_utf16().collect();
        let marked: Vec<String> = terms
            .marks(text)
            .into_iter()
            .map(|mark| String::from_utf16_lossy(&units[mark.start..mark.end]))
            .collect();
        assert_eq!(marked, ["Cafe", "CAFÉ"]);
    }

    #[test]
    fn an_excerpt_shows_the_first_match() {
        let terms = Terms::of("needle").expect("terms");
        let text = format!("{} needle {}", "hay ".repeat(200), "straw ".repeat(200));
        let part = excerpt(&text, &terms, 120);
        assert!(part.contains("needle") && part.starts_with('…') && part.ends_with('…'), "{part}");
        assert!(part.chars().count() <= 122, "{part}");
        assert_eq!(excerpt("short needle", &terms, 120), "short needle");
        assert!(excerpt(&text[..600], &terms, 100).starts_with("hay"));
    }
}
