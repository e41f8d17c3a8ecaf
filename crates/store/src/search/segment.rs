//! Segments: messages with their words, each a small inverted index as in Zobel and Moffat, "Inverted Files for Text
//! Search Engines", ACM Computing Surveys 38(2), 2006. They are merged into larger ones as in O'Neil et al., "The
//! Log-Structured Merge-Tree (LSM-Tree)", Acta Informatica 33, 1996.

use std::collections::HashMap;
use std::fmt;

use confab_protocol::UnixMillis;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _, Serialize};
use sha2::{Digest as _, Sha256};

use super::words::words;
use crate::messages::StoredEntry;

/// A message, as far as searches look at it before they read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) conversation: String,
    pub(super) epoch: String,
    pub(super) seq: u64,
    pub(super) note: bool,
    pub(super) author: Option<String>,
    pub(super) at: UnixMillis,
}

/// Words, and which of a segment's messages they stand in, by their numbers in ascending order.
pub(super) type Postings = HashMap<String, Vec<usize>>;

/// Messages with their words. One that was forgotten leaves a gap, so that the others keep their numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) said: Vec<Option<Said>>,
    pub(super) postings: Postings,
}

impl Segment {
    /// Those of the entries in which somebody says something.
    pub(super) fn of<'a>(entries: impl IntoIterator<Item = &'a StoredEntry>) -> Self {
        let mut segment = Self::default();
        for StoredEntry { conversation, note, epoch, seq, entry } in entries {
            let Some(text) = entry.body.text().filter(|_| entry.body.is_message()) else { continue };
            let said = Said {
                conversation: conversation.to_string(),
                epoch: epoch.clone(),
                seq: *seq,
                note: *note,
                author: entry.author.id.as_ref().map(ToString::to_string),
                at: entry.at,
            };
            let number = segment.push(said);
            for word in words(text) {
                let numbers = segment.postings.entry(word.folded).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        segment
    }

    /// Returns the number of the message.
    fn push(&mut self, said: Said) -> usize {
        self.said.push(Some(said));
        self.said.len() - 1
    }

    /// Takes all of another one in, leaving its gaps out.
    pub(super) fn append(&mut self, other: Self) {
        let numbers: Vec<Option<usize>> =
            other.said.into_iter().map(|said| said.map(|said| self.push(said))).collect();
        for (word, old) in other.postings {
            let new = old.into_iter().filter_map(|number| numbers.get(number).copied().flatten());
            self.postings.entry(word).or_default().extend(new);
        }
    }

    /// How many messages it has, gaps included.
    pub(super) fn len(&self) -> usize {
        self.said.len()
    }

    /// The times of its first and its last message; `None` when there are none.
    pub(super) fn times(&self) -> Option<(UnixMillis, UnixMillis)> {
        let times = || self.said.iter().flatten().map(|said| said.at);
        Some((times().min()?, times().max()?))
    }

    /// Leaves out what was said in a conversation; says whether there was anything.
    pub(super) fn forget(&mut self, conversation: &str) -> bool {
        let gone = forget(&mut self.said, conversation);
        without(&mut self.postings, &gone);
        !gone.is_empty()
    }

    /// Its words, in so many parts, each with the words that [`bucket`] puts there.
    pub(super) fn into_buckets(self) -> Vec<Postings> {
        let mut buckets: Vec<Postings> = Vec::new();
        buckets.resize_with(BUCKETS, Postings::new);
        for (word, numbers) in self.postings {
            buckets[bucket(&word)].insert(word, numbers);
        }
        buckets
    }
}

/// Parts into which the words of a large segment are put.
pub(super) const BUCKETS: usize = 256;

/// The part in which a word is.
pub(super) fn bucket(word: &str) -> usize {
    Sha256::digest(word.as_bytes())[0].into()
}

/// Makes gaps where something was said in the conversation, and returns where.
pub(super) fn forget(said: &mut [Option<Said>], conversation: &str) -> Vec<usize> {
    let mut gone = Vec::new();
    for (place, said) in said.iter_mut().enumerate() {
        if said.take_if(|said| said.conversation == conversation).is_some() {
            gone.push(place);
        }
    }
    gone
}

/// Takes numbers, in ascending order, out of all words; says whether any had one. Words without numbers go.
pub(super) fn without(postings: &mut Postings, gone: &[usize]) -> bool {
    let mut has_changed = false;
    postings.retain(|_, numbers| {
        let before = numbers.len();
        numbers.retain(|number| gone.binary_search(number).is_err());
        has_changed |= numbers.len() < before;
        !numbers.is_empty()
    });
    has_changed
}

/// Of postings in MessagePack, those of some words, read without making anything of the others.
pub(super) fn of_words(packed: &[u8], words: &[String]) -> Result<Postings, rmp_serde::decode::Error> {
    struct OfWords<'a>(&'a [String]);

    impl<'de> Visitor<'de> for OfWords<'_> {
        type Value = Postings;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("words and numbers")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Postings, A::Error> {
            let mut postings = Postings::new();
            while let Some(word) = map.next_key::<&str>()? {
                if self.0.iter().any(|wanted| wanted == word) {
                    postings.insert(word.to_owned(), map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(postings)
        }
    }

    rmp_serde::Deserializer::from_read_ref(packed).deserialize_map(OfWords(words))
}

/// The numbers of the messages that have all the words.
pub(super) fn with_all(postings: &Postings, words: &[String]) -> Vec<usize> {
    let lists = words.iter().map(|word| postings.get(word));
    let Some(mut lists) = lists.collect::<Option<Vec<&Vec<usize>>>>() else { return Vec::new() };
    lists.sort_by_key(|list| list.len());
    let mut lists = lists.into_iter();
    let mut all = lists.next().cloned().unwrap_or_default();
    for list in lists {
        all.retain(|number| list.binary_search(number).is_ok());
    }
    all
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Author, Body, ConversationId, Entry};

    use super::*;

    fn entry(conversation: &str, seq: u64, text: &str) -> StoredEntry {
        let body = Body::Text { text: text.to_owned() };
        let entry = Entry { id: seq.to_string(), author: Author::system(), at: seq, body };
        let conversation = ConversationId::parse(conversation).expect("an id");
        StoredEntry { conversation, note: false, epoch: "017".to_owned(), seq, entry }
    }

    fn found(segment: &Segment, words: &[&str]) -> Vec<u64> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let packed = rmp_serde::to_vec(&segment.postings).expect("packed");
        let postings = of_words(&packed, &words).expect("postings");
        assert!(postings.keys().all(|word| words.contains(word)));
        let numbers = with_all(&postings, &words);
        numbers.into_iter().filter_map(|number| Some(segment.said[number].as_ref()?.seq)).collect()
    }

    fn some() -> Segment {
        Segment::of(&[entry("a", 1, "Red, red wine"), entry("b", 2, "red café"), entry("a", 3, "wine")])
    }

    #[test]
    fn messages_are_found_by_all_their_words() {
        let segment = some();
        assert_eq!(found(&segment, &["red"]), [1, 2]);
        assert_eq!(found(&segment, &["wine", "red"]), [1]);
        assert_eq!(found(&segment, &["cafe"]), [2]);
        assert!(found(&segment, &["red", "none"]).is_empty() && found(&segment, &[]).is_empty());
        assert_eq!(segment.times(), Some((1, 3)));
    }

    #[test]
    fn what_is_forgotten_is_gone_with_its_words_and_the_rest_is_found_after_a_merge() {
        let mut segment = some();
        assert!(segment.forget("b") && !segment.forget("b"));
        assert!(!segment.postings.contains_key("cafe"));
        assert_eq!(found(&segment, &["red"]), [1]);
        let mut merged = Segment::of(&[entry("c", 9, "blue wine")]);
        merged.append(segment);
        assert_eq!((merged.len(), found(&merged, &["wine"])), (3, vec![9, 1, 3]));
        assert_eq!(found(&merged, &["red", "wine"]), [1]);
    }

    #[test]
    fn each_word_is_in_the_bucket_where_it_is_looked_for() {
        let buckets = some().into_buckets();
        assert_eq!(buckets.iter().map(HashMap::len).sum::<usize>(), 3);
        assert_eq!(buckets[bucket("wine")]["wine"], [0, 2]);
    }
}
