//! The table of what the hub must do says of every requirement how far it is.

use super::Finding;
use super::tree::Tree;

const DOCUMENT: &str = "docs/FEATURES.md";

/// Each group's letter and how many requirements it has.
const GROUPS: [(char, u32); 6] = [('R', 12), ('A', 11), ('T', 10), ('U', 7), ('X', 6), ('O', 8)];

const STATES: [&str; 3] = ["done", "part", "none"];

/// Requirements without a row, rows without a state, and rows that stand twice.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.file(DOCUMENT) else {
        return vec![Finding::new(
            DOCUMENT,
            1,
            "the table of requirements is missing",
            "write it: `| R1 | what | done |`",
        )];
    };
    let rows: Vec<(usize, Vec<&str>)> = document
        .lines()
        .filter_map(|(line, text)| {
            let row = text.trim().strip_prefix('|')?.trim_end_matches('|');
            Some((line, row.split('|').map(str::trim).collect()))
        })
        .collect();
    let mut findings = Vec::new();
    for id in
        GROUPS.iter().flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")))
    {
        let mut own = rows.iter().filter(|(_, cells)| cells.first() == Some(&id.as_str()));
        let Some((line, cells)) = own.next() else {
            findings.push(Finding::new(
                DOCUMENT,
                1,
                format!("requirement {id} has no row"),
                format!("add `| {id} | what | done, part or none |`"),
            ));
            continue;
        };
        if !cells.iter().any(|cell| STATES.contains(cell)) {
            findings.push(Finding::new(
                DOCUMENT,
                *line,
                format!("requirement {id} has no state"),
                "give the row a cell that says done, part or none",
            ));
        }
        findings.extend(own.map(|(line, _)| {
            Finding::new(DOCUMENT, *line, format!("requirement {id} has a second row"), "keep one of them")
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(change: impl Fn(&str) -> Option<String>) -> String {
        let rows = GROUPS
            .iter()
            .flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")));
        rows.filter_map(|id| change(&id))
            .fold(String::from("| id | what | state |\n|---|---|---|\n"), |table, row| table + &row + "\n")
    }

    fn row(id: &str) -> String {
        format!("| {id} | something | part |")
    }

    fn problems(text: &str) -> Vec<String> {
        check(&Tree::planted(&[(DOCUMENT, text)])).into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn a_whole_table_is_fine() {
        assert_eq!(problems(&table(|id| Some(row(id)))), Vec::<String>::new());
    }

    #[test]
    fn missing_stateless_and_double_rows_are_found() {
        assert_eq!(problems(&table(|id| (id != "R12").then(|| row(id)))), ["requirement R12 has no row"]);
        let stateless =
            table(|id| Some(if id == "A1" { "| A1 | something | soon |".to_owned() } else { row(id) }));
        assert_eq!(problems(&stateless), ["requirement A1 has no state"]);
        let double = table(|id| Some(row(id))) + &row("O8") + "\n";
        assert_eq!(problems(&double), ["requirement O8 has a second row"]);
        assert_eq!(check(&Tree::planted(&[])).len(), 1);
    }
}
