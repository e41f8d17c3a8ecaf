//! Files small enough to be read at once.

use super::Finding;
use super::tree::{SourceFile, Tree};

/// No file is longer, not counting the tests inside it.
const LONGEST: usize = 800;
/// 95 of 100 files are at most so long.
const LONG: usize = 450;
/// Half of the files are at most so long.
const MEDIAN: usize = 150;

const REMEDY: &str = "split it along the reasons it has to change";

/// Files too long, and a tree whose files are too long on the whole.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lengths: Vec<(usize, &SourceFile)> =
        tree.rust().map(|file| (file.text.lines().count(), file)).collect();
    lengths.sort_unstable_by(|one, other| (other.0, &one.1.path).cmp(&(one.0, &other.1.path)));
    for (_, file) in &lengths {
        let length = without_tests(file);
        if length > LONGEST {
            let problem = format!("{length} lines without its tests, more than {LONGEST}");
            findings.push(Finding::new(&file.path, LONGEST + 1, problem, REMEDY));
        }
    }
    let long = lengths.iter().take_while(|(length, _)| *length > LONG);
    if long.clone().count() * 20 > lengths.len() {
        findings.extend(long.map(|(length, file)| {
            let problem = format!("{length} lines: more than 5 % of the files have over {LONG}");
            Finding::new(&file.path, LONG + 1, problem, REMEDY)
        }));
    }
    if let Some((median, file)) = lengths.get(lengths.len() / 2)
        && *median > MEDIAN
    {
        let problem = format!("the median file has {median} lines, more than {MEDIAN}");
        findings.push(Finding::new(
            &file.path,
            MEDIAN + 1,
            problem,
            "split files until half of them are shorter",
        ));
    }
    findings
}

/// Lines up to the module of tests that ends a file.
fn without_tests(file: &SourceFile) -> usize {
    let lines: Vec<&str> = file.text.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(files: &[(&str, usize)]) -> Vec<String> {
        let texts: Vec<(&str, String)> =
            files.iter().map(|(path, lines)| (*path, "x\n".repeat(*lines))).collect();
        let planted: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
        check(&Tree::planted(&planted))
            .iter()
            .map(|finding| format!("{}: {}", finding.path, finding.problem))
            .collect()
    }

    #[test]
    fn a_file_too_long_is_found_unless_tests_make_it_so() {
        let mut tree: Vec<(&str, usize)> = vec![("short.rs", 10); 40];
        tree.push(("long.rs", 801));
        assert_eq!(problems(&tree), ["long.rs: 801 lines without its tests, more than 800"]);

        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "x\n".repeat(400), "x\n".repeat(600));
        let file = SourceFile { path: "tested.rs".to_owned(), text };
        assert_eq!(without_tests(&file), 400);
    }

    #[test]
    fn too_many_long_files_are_found() {
        let mut tree: Vec<(&str, usize)> = vec![("short.rs", 10); 19];
        tree.push(("long.rs", 451));
        assert_eq!(problems(&tree), Vec::<String>::new());
        tree.pop();
        tree[0] = ("long.rs", 451);
        assert_eq!(problems(&tree), ["long.rs: 451 lines: more than 5 % of the files have over 450"]);
    }

    #[test]
    fn a_high_median_is_found() {
        assert_eq!(
            problems(&[("one.rs", 151), ("two.rs", 151), ("three.rs", 1)]),
            ["two.rs: the median file has 151 lines, more than 150"]
        );
        assert_eq!(problems(&[("one.rs", 151), ("two.rs", 150), ("three.rs", 1)]), Vec::<String>::new());
    }
}
