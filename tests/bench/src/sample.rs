//! What a set of samples says.

/// The value below which a share of `q` of the samples lies; sorts them. 0 without samples.
pub(crate) fn quantile(samples: &mut [f64], q: f64) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    samples.get((last as f64 * q).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples_in_order() {
        let mut samples: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        assert_eq!((quantile(&mut samples, 0.5), quantile(&mut samples, 0.99)), (51.0, 100.0));
        assert_eq!((quantile(&mut [3.0], 0.99), quantile(&mut [], 0.5)), (3.0, 0.0));
    }
}
