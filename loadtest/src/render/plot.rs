//! Plots as inline SVG: axes, lines, marks, what a pointer is told. Knows coordinates and names, nothing of load tests.
//! Written by hand rather than by a library because every colour comes from the page's style, in light and dark, and
//! every value has to be there as a tooltip without a script.

use std::fmt::Write as _;

use super::short;
use super::table::escape;
use crate::result::whole;

/// Width of every plot in its own units; the page scales it.
pub(super) const WIDTH: f64 = 1000.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 20.0;
const BOTTOM: f64 = 46.0;
const MARK_ROW: f64 = 16.0;
/// Rows of labels above a plot; marks that find no room keep their line and their tooltip.
const MARK_ROWS: usize = 6;
/// Colours and patterns of lines, combined so that 32 lines look different.
const COLOURS: usize = 8;
const PATTERNS: usize = 4;
/// Points of a line beyond which neighbours fall on the same pixel.
const POINTS: usize = 2000;

/// Seconds between the ticks of a time axis.
const STEPS: [f64; 15] =
    [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];

/// The classes of a line.
pub(super) fn line_class(index: usize) -> String {
    format!("line c{} d{}", index % COLOURS, (index + index / COLOURS) % PATTERNS)
}

/// One direction of a plot.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// What is shown, with its unit.
    pub(super) label: String,
    /// Labelled values.
    pub(super) ticks: Vec<(f64, String)>,
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    /// From zero on, in even steps that people count in.
    pub(super) fn linear(label: &str, high: f64) -> Self {
        // Some air, or a level line would hide on the edge.
        let high = if high.is_finite() && high > 0.0 { high * 1.04 } else { 1.0 };
        let rough = high / 6.0;
        let decade = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let steps = (high / step - 1e-9).ceil();
        let ticks = (0..=10).map(f64::from).take_while(|at| *at <= steps + 0.5).map(|at| at * step);
        Self::with_ticks(label, steps * step, ticks.map(|value| (value, short(value))).collect())
    }

    /// The seconds of a run, in steps that clocks are read in.
    pub(super) fn time(seconds: f64) -> Self {
        let seconds = if seconds.is_finite() && seconds > 0.0 { seconds } else { 1.0 };
        let step = STEPS.into_iter().find(|step| seconds / step <= 12.0).unwrap_or(seconds / 12.0);
        let ticks = (0..=12).map(|at| f64::from(at) * step).take_while(|at| *at <= seconds);
        let ticks = ticks.map(|value| (value, short(value))).collect();
        Self::with_ticks("time since measuring began, s", seconds, ticks)
    }

    /// From zero to `high` with ticks of one's own.
    pub(super) fn with_ticks(label: &str, high: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { label: label.to_owned(), ticks, low: 0.0, high, logarithmic: false }
    }

    /// Logarithmic, around those of the values that are above zero.
    pub(super) fn logarithmic(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.into_iter().filter(|value| value.is_finite() && *value > 0.0) {
            (low, high) = (low.min(value), high.max(value));
        }
        if high <= 0.0 {
            (low, high) = (0.1, 10.0);
        }
        let all: Vec<f64> =
            (-9..=9).flat_map(|decade| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(decade))).collect();
        let first = all.iter().rposition(|tick| *tick <= low * 1.0001).unwrap_or(0);
        let last = all.iter().position(|tick| *tick >= high * 0.9999).unwrap_or(all.len() - 1);
        let last = if last > first { last } else { (first + 1).min(all.len() - 1) };
        let shown = all[first..=last].iter().enumerate();
        let every = if last - first > 12 { 3 } else { 1 };
        let ticks = shown
            .filter(|(index, _)| (first + index).is_multiple_of(every))
            .map(|(_, value)| (*value, short(*value)))
            .collect();
        Self { label: label.to_owned(), ticks, low: all[first], high: all[last], logarithmic: true }
    }

    /// Where a value lies, from 0 at the low end to 1 at the high one.
    fn at(&self, value: f64) -> f64 {
        let place = if self.logarithmic {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        place.clamp(0.0, 1.0)
    }

    /// The end that is reached last.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// Whether a value can be drawn.
    fn holds(&self, value: f64) -> bool {
        value.is_finite() && (!self.logarithmic || value > 0.0)
    }
}

/// A vertical line with a label.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// Where on the horizontal axis.
    pub(super) at: f64,
    /// What happened there.
    pub(super) label: String,
}

/// Axes, grid and marks around whatever is drawn.
#[derive(Debug)]
pub(super) struct Frame {
    /// What the picture shows, for those who don't see it.
    pub(super) title: String,
    /// Height of the part that is drawn in.
    pub(super) height: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) marks: Vec<Mark>,
}

impl Frame {
    /// Horizontal place of a value.
    pub(super) fn across(&self, value: f64) -> f64 {
        LEFT + self.x.at(value) * (WIDTH - LEFT - RIGHT)
    }

    /// Vertical place of a value.
    pub(super) fn down(&self, value: f64) -> f64 {
        self.top() + (1.0 - self.y.at(value)) * self.height
    }

    /// Where what is drawn in ends below.
    pub(super) fn bottom(&self) -> f64 {
        self.top() + self.height
    }

    /// Where what is drawn in begins above, under the labels of the marks.
    pub(super) fn top(&self) -> f64 {
        let rows = self.placed().iter().filter_map(|(_, row)| *row).max().map_or(0, |row| row + 1);
        12.0 + MARK_ROW * whole(rows as u64)
    }

    /// The picture, with `inside` drawn over the grid and under the marks.
    pub(super) fn svg(&self, inside: &str) -> String {
        let (top, right) = (self.top(), WIDTH - RIGHT);
        let bottom = self.bottom();
        let mut out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\">\n",
            bottom + BOTTOM,
            escape(&self.title)
        );
        for (value, label) in &self.x.ticks {
            let (x, label) = (self.across(*value), escape(label));
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
                 text-anchor=\"middle\">{label}</text>",
                bottom + 16.0
            );
        }
        for (value, label) in &self.y.ticks {
            let (y, label) = (self.down(*value), escape(label));
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{label}</text>",
                LEFT - 8.0,
                y + 4.0
            );
        }
        let middle = top + self.height / 2.0;
        let _ = writeln!(
            out,
            "<path class=\"axis\" d=\"M{LEFT} {top:.1}V{bottom:.1}H{right}\"/>\
             <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"name\" transform=\"translate(16 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            f64::midpoint(LEFT, right),
            bottom + 36.0,
            escape(&self.x.label),
            escape(&self.y.label)
        );
        out.push_str(inside);
        self.draw_marks(&mut out, bottom);
        out.push_str("</svg>\n");
        out
    }

    fn draw_marks(&self, out: &mut String, bottom: f64) {
        let mut labels = String::new();
        for (mark, row) in self.placed() {
            let (x, title) = (self.across(mark.at), escape(&mark.label));
            let y = 14.0 + MARK_ROW * whole(row.unwrap_or(0) as u64);
            let _ = writeln!(
                out,
                "<path class=\"mark-line\" d=\"M{x:.1} {:.1}V{bottom:.1}\"><title>{title}</title></path>",
                y - 8.0
            );
            if row.is_some() {
                let (anchor, x) = if self.turned(mark) { ("end", x - 4.0) } else { ("start", x + 4.0) };
                let _ = writeln!(
                    labels,
                    "<text class=\"mark\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}\
                     <title>{title}</title></text>",
                    escape(&shortened(&mark.label))
                );
            }
        }
        out.push_str(&labels);
    }

    /// Marks on this axis from left to right, each with the row of its label, such that no label covers another, nor a
    /// line one.
    fn placed(&self) -> Vec<(&Mark, Option<usize>)> {
        let shown = |mark: &&Mark| self.x.holds(mark.at) && mark.at >= self.x.low && mark.at <= self.x.high;
        let mut marks: Vec<&Mark> = self.marks.iter().filter(shown).collect();
        marks.sort_by(|one, other| one.at.total_cmp(&other.at));
        let mut taken: Vec<(f64, f64, usize)> = Vec::new();
        let place = |mark| {
            let (from, to) = self.extent(mark);
            let below = taken.iter().filter(|label| label.0 < to && label.1 > from).map(|label| label.2 + 1);
            let row = below.max().unwrap_or(0);
            let row = (row < MARK_ROWS).then_some(row);
            taken.extend(row.map(|row| (from, to, row)));
            (mark, row)
        };
        marks.into_iter().map(place).collect()
    }

    fn extent(&self, mark: &Mark) -> (f64, f64) {
        let (x, width) = (self.across(mark.at), width(&mark.label));
        if self.turned(mark) { (x - width, x + 2.0) } else { (x - 2.0, x + width) }
    }

    /// Whether a label stands to the left of its line, because there is no room to the right.
    fn turned(&self, mark: &Mark) -> bool {
        self.across(mark.at) + width(&mark.label) > WIDTH
    }
}

/// About how wide a label is.
fn width(label: &str) -> f64 {
    whole(shortened(label).chars().count() as u64) * 6.6 + 10.0
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= 48 {
        label.to_owned()
    } else {
        label.chars().take(47).chain(['…']).collect()
    }
}

/// A line, in pieces where there is nothing between.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) pieces: Vec<Vec<(f64, f64)>>,
}

impl Line {
    /// A line without the points that have no value.
    pub(super) fn of(name: &str, points: impl IntoIterator<Item = (f64, Option<f64>)>) -> Self {
        let mut pieces = vec![Vec::new()];
        for (x, y) in points {
            match (y, pieces.last_mut()) {
                (Some(y), Some(piece)) => piece.push((x, y)),
                _ => pieces.push(Vec::new()),
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        Self { name: name.to_owned(), pieces }
    }

    /// Every point.
    pub(super) fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.pieces.iter().flatten().copied()
    }
}

/// The lines, in the colours and patterns of their order. A piece of one point is a dot.
pub(super) fn lines(frame: &Frame, lines: &[Line]) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        for piece in &line.pieces {
            let points: Vec<_> = thinned(piece)
                .into_iter()
                .filter(|(x, y)| frame.x.holds(*x) && frame.y.holds(*y))
                .map(|(x, y)| (frame.across(x), frame.down(y)))
                .collect();
            match points.as_slice() {
                [] => {}
                [(x, y)] => {
                    let colour = index % COLOURS;
                    let _ = writeln!(
                        out,
                        "<circle class=\"dot f{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
                    );
                }
                _ => {
                    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
                    let class = line_class(index);
                    let _ = writeln!(out, "<path class=\"{class}\" d=\"M{}\"/>", path.join("L"));
                }
            }
        }
    }
    out
}

/// The same line to the eye: of points that fall together, the lowest and the highest.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let ends = |part: &[(f64, f64)]| {
        let by = |one: &&(f64, f64), other: &&(f64, f64)| one.1.total_cmp(&other.1);
        let mut ends = [part.iter().min_by(by).copied(), part.iter().max_by(by).copied()];
        ends.sort_by(|one, other| one.map_or(0.0, |one| one.0).total_cmp(&other.map_or(0.0, |one| one.0)));
        ends.into_iter().flatten()
    };
    points.chunks(points.len().div_ceil(POINTS / 2)).flat_map(ends).collect()
}

/// Names beside the colour and pattern of their lines.
pub(super) fn legend(lines: &[Line]) -> String {
    let item = |(index, line): (usize, &Line)| {
        let class = line_class(index);
        format!(
            "<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"{class}\" d=\"M0 5H30\"/></svg>{}</li>",
            escape(&line.name)
        )
    };
    format!("<ul class=\"legend\">{}</ul>\n", lines.iter().enumerate().map(item).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_every_value_and_count_in_round_steps() {
        let labels = |axis: &Axis| axis.ticks.iter().map(|tick| tick.1.clone()).collect::<Vec<_>>();
        assert_eq!(labels(&Axis::linear("", 0.0)), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(labels(&Axis::linear("", 2000.0)), ["0", "500", "1,000", "1,500", "2,000", "2,500"]);
        assert_eq!(
            labels(&Axis::logarithmic("", [0.3, 0.0, f64::NAN, 7.0])),
            ["0.2", "0.5", "1", "2", "5", "10"]
        );
        assert_eq!(labels(&Axis::logarithmic("", [])), ["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        assert_eq!(labels(&Axis::time(60.0)).last().map(String::as_str), Some("60"));
        let one = Axis::logarithmic("", [5.0]);
        assert!(one.low <= 5.0 && 5.0 <= one.high && one.low < one.high);
    }

    #[test]
    fn labels_of_marks_never_cover_each_other() {
        let label = "the first edge was killed";
        let marks = [1.0, 1.1, 1.2, 50.0, 98.0, 99.0, 99.5].map(|at| Mark { at, label: label.to_owned() });
        let (x, y) = (Axis::time(100.0), Axis::linear("", 1.0));
        let frame = Frame { title: String::new(), height: 100.0, x, y, marks: marks.into() };
        let placed = frame.placed();
        assert_eq!(placed.len(), 7);
        for (index, (one, row)) in placed.iter().enumerate() {
            for (other, _) in placed[index + 1..].iter().filter(|(_, other)| other == row) {
                let (one, other) = (frame.extent(one), frame.extent(other));
                assert!(one.1 <= other.0 || other.1 <= one.0, "{one:?} covers {other:?}");
            }
        }
    }

    #[test]
    fn a_long_line_keeps_its_peaks() {
        let points: Vec<(f64, f64)> =
            (0..50_000).map(|at| (f64::from(at), if at == 31_337 { 9.0 } else { 1.0 })).collect();
        let thin = thinned(&points);
        assert!(thin.len() <= POINTS && thin.contains(&(31_337.0, 9.0)));
        assert!(thin.is_sorted_by(|one, other| one.0 <= other.0));
    }
}
