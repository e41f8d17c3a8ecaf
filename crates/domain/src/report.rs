//! What reports are made of: samples of what happened, and tallies that samples are counted into and that add up.

use serde::{Deserialize, Serialize};

/// Upper ends of the classes of a measure, in seconds; the last class has none.
const BOUNDS: [u64; 19] = [
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800,
];
const CLASSES: usize = BOUNDS.len() + 1;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A conversation began.
    Started,
    /// An agent got it, after a wait.
    Assigned,
    /// Staff wrote for the first time, so long after its beginning.
    Answered,
    /// It ended, so long after its beginning.
    Closed,
    /// A ticket was resolved, so long after it was made.
    Resolved,
    /// A customer said how content they are: 1 to 5.
    Rated,
}

impl Kind {
    /// Its name, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Assigned => "assigned",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Resolved => "resolved",
            Self::Rated => "rated",
        }
    }
}

/// Times of one kind: how many, their sum, and how they are spread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// How many.
    pub count: u64,
    /// Their sum, in milliseconds.
    pub sum_ms: u64,
    /// How many fall into each class.
    classes: Vec<u64>,
}

impl Measure {
    /// Counts a time.
    pub fn add(&mut self, ms: u64) {
        self.classes.resize(CLASSES, 0);
        let class = BOUNDS.iter().position(|bound| ms <= bound * 1000).unwrap_or(BOUNDS.len());
        self.classes[class] += 1;
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.classes.resize(CLASSES, 0);
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
    }

    /// The mean, in seconds.
    pub fn average_seconds(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "sums of times are far below 2^52 milliseconds")]
        let average = self.sum_ms as f64 / self.count as f64 / 1000.0;
        (self.count > 0).then_some(average)
    }

    /// About the time that this share, from 0 to 1, is not longer than, in seconds: even spread within a class is taken.
    pub fn percentile_seconds(&self, share: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let mut left = self.count as f64 * share;
        for (class, count) in self.classes.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "counts and bounds are far below 2^52")]
            let (count, low) = (*count as f64, if class == 0 { 0.0 } else { BOUNDS[class - 1] as f64 });
            if count > 0.0 && left <= count {
                #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^52")]
                let high = BOUNDS.get(class).map_or(low, |bound| *bound as f64);
                return Some(low + (high - low) * left / count);
            }
            left -= count;
        }
        BOUNDS.last().map(|bound| {
            #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^52")]
            let bound = *bound as f64;
            bound
        })
    }
}

/// What happened in a time, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Conversations begun.
    pub started: u64,
    /// Waits until an agent got a conversation.
    pub waits: Measure,
    /// Times until staff first wrote.
    pub first_responses: Measure,
    /// Times from the beginning of conversations to their end.
    pub durations: Measure,
    /// Times from the making of tickets until they were resolved.
    pub resolutions: Measure,
    /// Ratings.
    pub ratings: u64,
    /// Their sum.
    pub rating_sum: u64,
}

impl Tally {
    /// Counts what happened; `value` is a time in milliseconds, or the rating.
    pub fn add(&mut self, kind: Kind, value: u64) {
        match kind {
            Kind::Started => self.started += 1,
            Kind::Assigned => self.waits.add(value),
            Kind::Answered => self.first_responses.add(value),
            Kind::Closed => self.durations.add(value),
            Kind::Resolved => self.resolutions.add(value),
            Kind::Rated => {
                self.ratings += 1;
                self.rating_sum += value;
            }
        }
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.waits.merge(&other.waits);
        self.first_responses.merge(&other.first_responses);
        self.durations.merge(&other.durations);
        self.resolutions.merge(&other.resolutions);
        self.ratings += other.ratings;
        self.rating_sum += other.rating_sum;
    }

    /// The mean of the ratings.
    pub fn average_rating(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "ratings are far fewer than 2^52")]
        let average = self.rating_sum as f64 / self.ratings as f64;
        (self.ratings > 0).then_some(average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_to_the_tally_of_all() {
        let samples =
            [(Kind::Started, 0), (Kind::Assigned, 1500), (Kind::Rated, 4), (Kind::Assigned, 90_000)];
        let mut all = Tally::default();
        let mut parts = [Tally::default(), Tally::default()];
        for (place, (kind, value)) in samples.into_iter().enumerate() {
            all.add(kind, value);
            parts[place % 2].add(kind, value);
        }
        let mut sum = Tally::default();
        for part in &parts {
            sum.merge(part);
        }
        sum.first_responses.merge(&Measure::default());
        assert_eq!((sum.started, sum.average_rating(), &sum.waits), (1, Some(4.0), &all.waits));
        assert_eq!(sum.waits.average_seconds(), Some(45.75));
    }

    #[test]
    fn percentiles_lie_in_the_class_of_their_time() {
        let mut measure = Measure::default();
        assert_eq!(measure.percentile_seconds(0.5), None);
        for _ in 0..90 {
            measure.add(4000);
        }
        for _ in 0..10 {
            measure.add(250_000);
        }
        let half = measure.percentile_seconds(0.5).expect("a time");
        let most = measure.percentile_seconds(0.95).expect("a time");
        assert!((2.0..=5.0).contains(&half) && (120.0..=300.0).contains(&most), "{half} {most}");
        measure.add(u64::MAX / 2);
        assert!(measure.percentile_seconds(1.0).expect("a time") >= 604_800.0);
    }
}
