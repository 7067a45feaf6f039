//! The table.

use std::fmt::Write as _;

use crate::case::Numbers;
use crate::rounds::Measured;

/// The version of the official crate, from where it is pinned.
fn official_version() -> &'static str {
    let manifest = include_str!("../Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("github-copilot-sdk"));
    line.and_then(|line| line.split('"').nth(1)).unwrap_or_default().trim_start_matches('=')
}

/// What was measured, and where.
pub(crate) struct Place<'a> {
    pub(crate) commit: &'a str,
    pub(crate) machine: &'a str,
}

/// The results as Markdown.
pub(crate) fn render(results: &[Measured], rounds: usize, place: &Place<'_>) -> String {
    let mut out = String::new();
    let Place { commit, machine } = place;
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "Codriver {commit} beside `github-copilot-sdk` {} (no features); {machine}; medians of {rounds} rounds.\n",
        official_version()
    );
    out.push_str("| | official | codriver | ratio | target |\n|---|---|---|---|---|\n");
    for Measured { row, ours, official } in results {
        let cell = |numbers: &Numbers| {
            let mut cell = format!("**{}** {}", number(numbers, row.number, row.decimals), row.unit);
            for (name, unit, decimals) in row.beside {
                let _ = write!(cell, ", {} {unit}", number(numbers, name, *decimals));
            }
            cell
        };
        let ratio = official.as_ref().filter(|_| row.ratio).map_or("–".to_owned(), |official| {
            format!("{:.2}", ours.get(row.number).unwrap_or(&0.0) / official.get(row.number).unwrap_or(&0.0))
        });
        let target = row.target.as_ref().map_or("–".to_owned(), |target| {
            let reached = if (target.reached)(ours, official.as_ref()) { "reached" } else { "**missed**" };
            format!("{}: {reached}", target.text)
        });
        let official = official.as_ref().map_or("–".to_owned(), cell);
        let _ = writeln!(out, "| {} | {official} | {} | {ratio} | {target} |", row.name, cell(ours));
    }
    out
}

/// A number with thousands apart.
fn number(numbers: &Numbers, name: &str, decimals: usize) -> String {
    let value = numbers.get(name).copied().unwrap_or(f64::NAN);
    let text = format!("{value:.decimals$}");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && out != "-" {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::numbers;
    use crate::plan;

    #[test]
    fn numbers_have_their_thousands_apart() {
        let values = numbers([("a", 1_234_567.0), ("b", 12.345), ("c", -123.0), ("d", 999.6)]);
        let shown = [("a", 0), ("b", 2), ("c", 0), ("d", 0)].map(|(name, n)| number(&values, name, n));
        assert_eq!(shown, ["1,234,567", "12.35", "-123", "1,000"]);
    }

    #[test]
    fn a_row_tells_both_sides_their_ratio_and_whether_the_target_is_reached() {
        let row = plan::rows(false).into_iter().find(|row| row.name.contains("ping")).unwrap();
        let ours = numbers([("median_us", 30.0), ("p99_us", 50.0), ("bare_us", 21.0)]);
        let official = Some(numbers([("median_us", 40.0), ("p99_us", 90.0), ("bare_us", 20.0)]));
        let text =
            render(&[Measured { row, ours, official }], 5, &Place { commit: "abc", machine: "2 cores" });
        let line = text.lines().last().unwrap();
        assert_eq!(
            line,
            "| `ping` round trip | **40.0** µs, 90.0 µs p99, 20.0 µs bare | **30.0** µs, 50.0 µs p99, 21.0 µs bare | \
             0.75 | ≤ 0.8 of the official one: reached |"
        );
        assert!(text.contains(&format!("`github-copilot-sdk` {} ", official_version())));
        assert!(official_version().starts_with("1."));
    }
}
