//! Runs each side of a row in processes of their own, in turns, and takes medians.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use crate::Result;
use crate::case::{Numbers, SideName};
use crate::plan::Row;
use crate::sample;

/// A row with its numbers.
pub(crate) struct Measured {
    pub(crate) row: Row,
    pub(crate) ours: Numbers,
    pub(crate) official: Option<Numbers>,
}

/// Measures a row: official, ours, official, ours, …
pub(crate) fn measure(row: Row, rounds: usize) -> Result<Measured> {
    let (mut ours, mut official) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        if row.official && cfg!(feature = "official") {
            official.push(once(&row, SideName::Official)?);
        }
        ours.push(once(&row, SideName::Ours)?);
        writeln!(io::stderr(), "{} ({round}/{rounds})", row.name)?;
    }
    Ok(Measured { row, ours: medians(&ours), official: (!official.is_empty()).then(|| medians(&official)) })
}

fn once(row: &Row, side: SideName) -> Result<Numbers> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--measure")
        .args([serde_json::to_string(&side)?, serde_json::to_string(&row.case)?])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{side:?} failed at {}: {}", row.name, output.status).into());
    }
    writeln!(io::stderr(), "  {side:?} {}", String::from_utf8_lossy(&output.stdout).trim())?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The median of each number by itself.
fn medians(rounds: &[Numbers]) -> Numbers {
    let names = rounds.first().into_iter().flat_map(Numbers::keys);
    let median = |name: &String| {
        let mut values: Vec<f64> = rounds.iter().filter_map(|numbers| numbers.get(name).copied()).collect();
        (name.clone(), sample::quantile(&mut values, 0.5))
    };
    names.map(median).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::numbers;

    #[test]
    fn each_number_has_its_own_median() {
        let rounds = [[1.0, 9.0], [5.0, 2.0], [3.0, 4.0]].map(|[a, b]| numbers([("a", a), ("b", b)]));
        assert_eq!(medians(&rounds), numbers([("a", 3.0), ("b", 4.0)]));
        assert_eq!(medians(&[]), numbers([]));
    }
}
