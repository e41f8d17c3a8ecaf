//! Business hours: how long until so much time has passed in which the desk was open. Pure; the rules of the time zones
//! are part of this program.

use std::ops::Range;

use confab_protocol::UnixMillis;
use confab_protocol::api::{ServiceLevels, Weekday};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Days looked ahead before giving up: a desk that is open so seldom has no due times.
const FURTHEST_DAYS: u32 = 3 * 366;
/// Most entries of hours and of holidays.
const MAX_ENTRIES: usize = 400;

/// What is wrong with service levels, as a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidServiceLevels(String);

/// When the desk is open.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// Local times of the days of the week, Monday first; the end is exclusive, and `None` the end of the day.
    week: [Vec<(Time, Option<Time>)>; 7],
    holidays: Vec<Date>,
}

impl Calendar {
    /// Reads the hours and checks all of the service levels.
    pub fn of(levels: &ServiceLevels) -> Result<Self, InvalidServiceLevels> {
        let refuse = |message: String| InvalidServiceLevels(message);
        let zone = TimeZoneDatabase::bundled().get(&levels.time_zone).map_err(|_| {
            refuse(format!("time_zone {:?} is none of the IANA's, as Europe/Berlin is", levels.time_zone))
        })?;
        if levels.hours.len() > MAX_ENTRIES || levels.holidays.len() > MAX_ENTRIES {
            return Err(refuse(format!("hours and holidays have at most {MAX_ENTRIES} entries each")));
        }
        let mut week: [Vec<(Time, Option<Time>)>; 7] = Default::default();
        for hours in &levels.hours {
            let span = span(&hours.from, &hours.until).ok_or_else(|| {
                let (from, until) = (&hours.from, &hours.until);
                refuse(format!("hours from {from:?} until {until:?} are none; write them as 09:00 and 17:30"))
            })?;
            week[index(hours.day)].push(span);
        }
        if levels.hours.is_empty() {
            week.fill(vec![(Time::midnight(), None)]);
        }
        let holidays = levels.holidays.iter().map(|day| {
            day.parse().map_err(|_| refuse(format!("holiday {day:?} is no date; write it as 2026-12-25")))
        });
        let holidays = holidays.collect::<Result<_, _>>()?;
        check_targets(levels)?;
        Ok(Self { zone, week, holidays })
    }

    /// When `open_ms` of open time have passed since `start`, not counting `pauses`. `None` when that is more than
    /// about three years away.
    pub fn due_at(
        &self,
        start: UnixMillis,
        open_ms: u64,
        pauses: &[Range<UnixMillis>],
    ) -> Option<UnixMillis> {
        let begin = Timestamp::from_millisecond(i64::try_from(start).ok()?).ok()?;
        let mut date = self.zone.to_datetime(begin).date();
        let mut left = open_ms;
        for _ in 0..FURTHEST_DAYS {
            for open in self.open_on(date) {
                // What was over before the start is an empty span.
                let open = open.start.max(start)..open.end.max(start);
                for part in without(open, pauses).into_iter().filter(|part| !part.is_empty()) {
                    let length = part.end - part.start;
                    if left <= length {
                        return Some(part.start + left);
                    }
                    left -= length;
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// When the desk is open next: `now` itself while it is. `None` when that is more than about three years away.
    pub fn opens_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        // Hours end before the instant at which they end: one millisecond has to be left.
        self.due_at(now, 1, &[]).map(|due| due - 1)
    }

    /// When the desk is open on a day, in order and without overlap.
    fn open_on(&self, date: Date) -> Vec<Range<UnixMillis>> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        let mut open: Vec<_> = self.week[day].iter().filter_map(|span| self.instants(date, *span)).collect();
        open.sort_by_key(|span| span.start);
        let mut merged: Vec<Range<UnixMillis>> = Vec::with_capacity(open.len());
        for span in open {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }

    /// Local times that a change of the clocks leaves out begin after it, those that come twice the first time.
    fn instants(&self, date: Date, (from, until): (Time, Option<Time>)) -> Option<Range<UnixMillis>> {
        let end = match until {
            Some(until) => date.to_datetime(until),
            None => date.tomorrow().ok()?.to_datetime(Time::midnight()),
        };
        let instant = |at| u64::try_from(self.zone.to_timestamp(at).ok()?.as_millisecond()).ok();
        let (start, end) = (instant(date.to_datetime(from))?, instant(end)?);
        (start < end).then_some(start..end)
    }
}

fn check_targets(levels: &ServiceLevels) -> Result<(), InvalidServiceLevels> {
    let refuse = |message: &str| Err(InvalidServiceLevels(message.to_owned()));
    let targets = &levels.targets;
    if targets
        .iter()
        .enumerate()
        .any(|(at, one)| targets[..at].iter().any(|other| other.priority == one.priority))
    {
        return refuse("targets has two entries for one priority; leave one");
    }
    let minutes = targets.iter().flat_map(|one| [one.first_response_minutes, one.resolution_minutes]);
    if minutes.flatten().any(|minutes| !(1..=525_600).contains(&minutes)) {
        return refuse("targets are 1 to 525600 minutes; leave out what is not watched");
    }
    if !(1..=99).contains(&levels.warn_percent) {
        return refuse("warn_percent has to be 1 to 99");
    }
    Ok(())
}

fn index(day: Weekday) -> usize {
    match day {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

fn span(from: &str, until: &str) -> Option<(Time, Option<Time>)> {
    let read = |text: &str| {
        let (hour, minute) = text.split_once(':').filter(|_| text.len() == 5)?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let from = read(from)?;
    if until == "24:00" {
        return Some((from, None));
    }
    let until = read(until).filter(|until| *until > from)?;
    Some((from, Some(until)))
}

/// What is left of a span when the pauses are taken out; in order when the pauses are.
fn without(span: Range<UnixMillis>, pauses: &[Range<UnixMillis>]) -> Vec<Range<UnixMillis>> {
    let mut left = vec![span];
    for pause in pauses {
        left = left
            .into_iter()
            .flat_map(|part| [part.start..part.end.min(pause.start), part.start.max(pause.end)..part.end])
            .filter(|part| part.start < part.end)
            .collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use confab_protocol::api::OpenHours;
    use rstest::rstest;

    use super::*;

    const HOUR: u64 = 3_600_000;
    const WORKDAYS: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    fn nine_to_five(time_zone: &str, holidays: &[&str]) -> ServiceLevels {
        let hours = WORKDAYS.map(|day| OpenHours { day, from: "09:00".into(), until: "17:00".into() });
        ServiceLevels {
            time_zone: time_zone.into(),
            hours: hours.into(),
            holidays: holidays.iter().map(ToString::to_string).collect(),
            ..ServiceLevels::default()
        }
    }

    fn at(text: &str) -> u64 {
        let at: Timestamp = text.parse().expect("a time");
        u64::try_from(at.as_millisecond()).expect("after 1970")
    }

    fn due(levels: &ServiceLevels, start: &str, hours: u64, pauses: &[(&str, &str)]) -> String {
        let pauses: Vec<_> = pauses.iter().map(|(from, until)| at(from)..at(until)).collect();
        let calendar = Calendar::of(levels).expect("service levels");
        let due = calendar.due_at(at(start), hours * HOUR, &pauses).expect("a time");
        Timestamp::from_millisecond(i64::try_from(due).expect("soon")).expect("a time").to_string()
    }

    #[rstest]
    #[case::the_same_day("2026-06-03T08:00:00Z", 2, "2026-06-03T10:00:00Z")]
    #[case::before_it_opens("2026-06-03T03:00:00Z", 2, "2026-06-03T09:00:00Z")]
    #[case::until_it_closes("2026-06-03T07:00:00Z", 8, "2026-06-03T15:00:00Z")]
    #[case::over_night("2026-06-03T14:00:00Z", 2, "2026-06-04T08:00:00Z")]
    #[case::after_it_closed("2026-06-03T18:00:00Z", 2, "2026-06-04T09:00:00Z")]
    #[case::over_the_weekend("2026-06-05T14:00:00Z", 2, "2026-06-08T08:00:00Z")]
    fn only_open_time_counts(#[case] start: &str, #[case] hours: u64, #[case] expected: &str) {
        assert_eq!(due(&nine_to_five("Europe/Berlin", &[]), start, hours, &[]), expected);
    }

    #[rstest]
    #[case::while_it_is("2026-06-03T08:00:00Z", "2026-06-03T08:00:00Z")]
    #[case::at_the_last_moment("2026-06-03T14:59:59.999Z", "2026-06-03T14:59:59.999Z")]
    #[case::at_the_end("2026-06-03T15:00:00Z", "2026-06-04T07:00:00Z")]
    #[case::at_night("2026-06-03T22:30:00Z", "2026-06-04T07:00:00Z")]
    #[case::at_the_weekend("2026-06-06T12:00:00Z", "2026-06-08T07:00:00Z")]
    fn it_opens_when_the_hours_begin(#[case] now: &str, #[case] expected: &str) {
        let calendar = Calendar::of(&nine_to_five("Europe/Berlin", &[])).expect("service levels");
        assert_eq!(calendar.opens_at(at(now)), Some(at(expected)));
    }

    #[test]
    fn a_weekend_with_a_holiday_and_a_change_to_summer_time() {
        // Friday 27 March 2026, 16:00 in Berlin (UTC+1); clocks go forward on the 29th; Monday is a holiday (UTC+2).
        let levels = nine_to_five("Europe/Berlin", &["2026-03-30"]);
        assert_eq!(due(&levels, "2026-03-27T15:00:00Z", 3, &[]), "2026-03-31T09:00:00Z");
        // Back again in autumn: Friday 23 October, 16:00 (UTC+2), clocks back on the 25th.
        assert_eq!(
            due(&nine_to_five("Europe/Berlin", &[]), "2026-10-23T14:00:00Z", 3, &[]),
            "2026-10-26T10:00:00Z"
        );
    }

    #[test]
    fn a_day_has_as_many_hours_as_the_clocks_give_it() {
        let levels = ServiceLevels { time_zone: "Europe/Berlin".into(), ..ServiceLevels::default() };
        // Always open: what counts is time as it passes, whatever the clocks show.
        assert_eq!(due(&levels, "2026-03-28T12:00:00Z", 24, &[]), "2026-03-29T12:00:00Z");
        let night = OpenHours { day: Weekday::Sunday, from: "00:00".into(), until: "04:00".into() };
        let nights = ServiceLevels { hours: vec![night], ..levels };
        // The night in which an hour is left out has three of them: the fourth is a week later.
        assert_eq!(due(&nights, "2026-03-28T12:00:00Z", 4, &[]), "2026-04-04T23:00:00Z");
    }

    #[test]
    fn waiting_for_the_customer_does_not_count() {
        let levels = nine_to_five("UTC", &[]);
        let pauses = [("2026-06-03T10:00:00Z", "2026-06-03T12:00:00Z")];
        assert_eq!(due(&levels, "2026-06-03T09:00:00Z", 2, &pauses), "2026-06-03T13:00:00Z");
        // A pause outside of the open hours costs nothing.
        let night = [("2026-06-03T18:00:00Z", "2026-06-04T08:00:00Z")];
        assert_eq!(due(&levels, "2026-06-03T16:00:00Z", 2, &night), "2026-06-04T10:00:00Z");
    }

    #[test]
    fn hours_that_overlap_count_once_and_a_desk_that_never_opens_is_never_late() {
        let mut levels = nine_to_five("UTC", &[]);
        levels.hours.push(OpenHours { day: Weekday::Wednesday, from: "08:00".into(), until: "12:00".into() });
        assert_eq!(due(&levels, "2026-06-03T08:00:00Z", 2, &[]), "2026-06-03T10:00:00Z");
        let one = OpenHours { day: Weekday::Monday, from: "09:00".into(), until: "09:01".into() };
        let seldom = ServiceLevels { hours: vec![one], ..ServiceLevels::default() };
        let calendar = Calendar::of(&seldom).expect("service levels");
        assert_eq!(calendar.due_at(at("2026-06-03T08:00:00Z"), 100 * HOUR, &[]), None);
    }

    #[test]
    fn what_can_not_be_read_is_refused() {
        let hours = |from: &str, until: &str| ServiceLevels {
            hours: vec![OpenHours { day: Weekday::Monday, from: from.into(), until: until.into() }],
            ..ServiceLevels::default()
        };
        for wrong in [
            ServiceLevels { time_zone: "Mars/Base".into(), ..ServiceLevels::default() },
            ServiceLevels { holidays: vec!["25.12.".into()], ..ServiceLevels::default() },
            ServiceLevels { warn_percent: 100, ..ServiceLevels::default() },
            hours("9", "17:00"),
            hours("17:00", "09:00"),
            hours("09:00", "25:00"),
        ] {
            assert!(Calendar::of(&wrong).is_err(), "{wrong:?}");
        }
        assert!(Calendar::of(&hours("00:00", "24:00")).is_ok());
    }
}
