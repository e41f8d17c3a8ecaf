//! Marks in a conversation's history: a few places from which it can be read, because the engine reads a range of
//! records whole. They are only hints: whoever reads from one of them to the next misses nothing, however they lie.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::position::Position;

/// Entries from one mark to the next, at first.
const SPACING: usize = 64;
/// When there are more marks than this, every second one goes.
const MAX_MARKS: usize = 256;

/// Places of some entries, at about the same distance from each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Entries from one mark to the next.
    spacing: usize,
    /// Entries counted since the last mark was set.
    since: usize,
    /// Sequences of marks by epoch.
    places: BTreeMap<String, BTreeSet<u64>>,
}

impl Default for Marks {
    fn default() -> Self {
        Self { spacing: SPACING, since: 0, places: BTreeMap::new() }
    }
}

impl Marks {
    /// Counts an entry, and marks its place if it is time.
    pub(crate) fn count(&mut self, place: &Position) {
        self.since += 1;
        if self.since < self.spacing {
            return;
        }
        self.since = 0;
        self.places.entry(place.epoch.clone()).or_default().insert(place.seq);
        if self.places.values().map(BTreeSet::len).sum::<usize>() > MAX_MARKS {
            self.thin_out();
        }
    }

    fn thin_out(&mut self) {
        self.spacing *= 2;
        let mut goes = false;
        for seqs in self.places.values_mut() {
            seqs.retain(|_| {
                goes = !goes;
                !goes
            });
        }
        self.places.retain(|_, seqs| !seqs.is_empty());
        if goes {
            // The newest went: the last one that is left lies one step further back.
            self.since += self.spacing / 2;
        }
    }

    /// All marks, in the order of the history.
    pub(crate) fn all(&self) -> Vec<Position> {
        let of = |(epoch, seqs): (&String, &BTreeSet<u64>)| {
            seqs.iter().map(|seq| Position::new(epoch.clone(), *seq)).collect::<Vec<_>>()
        };
        self.places.iter().flat_map(of).collect()
    }

    /// The nearest mark that has `entries` between it and `end`, or the history's end, as far as marks tell; `None` is
    /// the beginning. Always before `end`.
    pub(crate) fn before(&self, end: Option<&Position>, entries: usize) -> Option<Position> {
        let since = if end.is_none() { self.since } else { 0 };
        // The marked entry is one of them.
        let gaps = entries.saturating_sub(since + 1).div_ceil(self.spacing.max(1));
        let places = self
            .places
            .iter()
            .rev()
            .flat_map(|(epoch, seqs)| seqs.iter().rev().map(move |seq| (epoch.as_str(), *seq)));
        places
            .skip_while(|place| end.is_some_and(|end| *place >= (end.epoch.as_str(), end.seq)))
            .nth(gaps)
            .map(|(epoch, seq)| Position::new(epoch, seq))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: &str = "01700000000000000000";
    const NEXT_EPOCH: &str = "01800000000000000000";

    fn marks(places: impl IntoIterator<Item = Position>) -> Marks {
        let mut marks = Marks::default();
        places.into_iter().for_each(|place| marks.count(&place));
        marks
    }

    fn log(epoch: &str, entries: u64) -> impl Iterator<Item = Position> {
        (1..=entries).map(move |seq| Position::new(epoch, seq))
    }

    #[test]
    fn short_histories_are_read_from_the_beginning() {
        let marks = marks(log(EPOCH, 63));
        assert_eq!(marks.before(None, 1), None);
        assert_eq!(marks.before(Some(&Position::new(EPOCH, 5)), 1), None);
    }

    #[test]
    fn enough_lies_behind_a_mark_and_not_much_more() {
        for entries in [64, 100, 127, 128, 150, 1000, 16_384, 20_000, 100_000] {
            let marks = marks(log(EPOCH, entries));
            assert!(marks.places.values().map(BTreeSet::len).sum::<usize>() <= MAX_MARKS);
            for wanted in [1, 51, 101] {
                for end in [None, Some(entries / 2), Some(entries)] {
                    let last = end.map_or(entries, |end| end - 1);
                    let end = end.map(|end| Position::new(EPOCH, end));
                    let first = marks.before(end.as_ref(), wanted).map_or(1, |place| place.seq);
                    let found = usize::try_from(last + 1 - first).expect("few");
                    assert!(found >= wanted || first == 1, "{found} of {wanted} in {entries}");
                    assert!(found <= wanted + 2 * marks.spacing, "{found} for {wanted} in {entries}");
                }
            }
        }
    }

    #[test]
    fn their_number_is_bounded_and_they_stay_evenly_spaced() {
        let marks = marks(log(EPOCH, 100_000));
        let seqs: Vec<u64> = marks.places[EPOCH].iter().copied().collect();
        assert!((MAX_MARKS / 2..=MAX_MARKS).contains(&seqs.len()), "{}", seqs.len());
        assert!(seqs.windows(2).all(|pair| pair[1] - pair[0] == marks.spacing as u64), "{seqs:?}");
    }

    #[test]
    fn they_go_back_step_by_step_across_logs_in_whatever_order_entries_came() {
        let marks = marks(log(NEXT_EPOCH, 200).chain(log(EPOCH, 300)));
        let mut steps = Vec::new();
        let mut end = None;
        while let Some(place) = marks.before(end.as_ref(), 1) {
            assert!(end.is_none_or(|end| place < end));
            steps.push(place.clone());
            end = Some(place);
        }
        assert_eq!(steps.len(), 500 / SPACING);
    }
}
