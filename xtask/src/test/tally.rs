//! Counting tests as their runner reports them, while its output passes through unchanged.

use std::fmt;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::step;

/// Tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Tally {
    /// Runs a test runner, shows what it says, and adds what it counts.
    pub(super) fn run(&mut self, name: &str, command: &mut Command, remedy: &str) -> Result<()> {
        if io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let status = step::while_alive(name, || -> Result<_> {
            let mut child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .with_context(|| format!("{name}: cannot start {}", command.get_program().display()))?;
            let (out, err) = (child.stdout.take(), child.stderr.take());
            let counted = thread::scope(|scope| {
                let out = scope.spawn(|| pass_through(out, io::stdout()));
                let err = scope.spawn(|| pass_through(err, io::stderr()));
                [out.join(), err.join()]
            });
            for tally in counted {
                self.add(tally.map_err(|_| anyhow!("{name}: reading its output failed"))??);
            }
            Ok(child.wait()?)
        })?;
        step::expect_success(name, status, remedy)
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Copies lines as they come and counts those that close a run.
fn pass_through(from: Option<impl Read>, mut to: impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let Some(from) = from else { return Ok(tally) };
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        tally.add(closing_line(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    Ok(tally)
}

/// What a line counts, if it closes a run: nextest's `Summary [..] N tests run: N passed, N failed` or the standard
/// harness's `test result: ok. N passed; N failed; ..`.
fn closing_line(line: &str) -> Tally {
    let plain = without_colours(line);
    let plain = plain.trim();
    let counts = if plain.starts_with("Summary [") {
        plain.split_once("run:").map(|(_, counts)| counts)
    } else {
        plain.strip_prefix("test result:").and_then(|rest| rest.split_once('.')).map(|(_, counts)| counts)
    };
    let mut tally = Tally::default();
    for count in without_parentheses(counts.unwrap_or_default()).split([',', ';']) {
        let Some((number, what)) = count.trim().split_once(' ') else {
            continue;
        };
        let number = number.parse().unwrap_or(0);
        match what.trim() {
            "passed" => tally.passed += number,
            "failed" | "timed out" | "exec failed" => tally.failed += number,
            _ => {}
        }
    }
    tally
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |&symbol: &char| match symbol {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn both_runners_are_understood() {
        for (line, expected) in [
            ("     Summary [   0.005s] 3 tests run: 3 passed, 0 skipped", tally(3, 0)),
            (
                "     Summary [  61.2s] 9 tests run: 6 passed (1 slow, 1 flaky), 2 failed, 1 timed out, 4 skipped",
                tally(6, 3),
            ),
            ("     Summary [   0.1s] 5/7 tests run: 4 passed, 1 exec failed, 0 skipped", tally(4, 1)),
            (
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.005s] \u{1b}[1m1\u{1b}[0m test run: \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m",
                tally(1, 0),
            ),
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                tally(12, 0),
            ),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured", tally(1, 2)),
            ("a line of a test: 3 passed, 4 failed", tally(0, 0)),
            ("", tally(0, 0)),
        ] {
            assert_eq!(closing_line(line), expected, "{line}");
        }
    }

    #[test]
    fn output_passes_through_unchanged() {
        let text = "one\ntest result: ok. 2 passed; 0 failed; 0 ignored\nno newline at the end";
        let mut copy = Vec::new();
        assert_eq!(pass_through(Some(text.as_bytes()), &mut copy).unwrap(), tally(2, 0));
        assert_eq!(copy, text.as_bytes());
    }

    #[test]
    fn it_prints_one_plain_line() {
        assert_eq!(tally(7, 1).to_string(), "7 passed, 1 failed");
    }
}
