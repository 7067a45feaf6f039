//! Our share of a start: from spawn to connected, less what the bare runtime takes for the same.

use std::time::Instant;

use crate::Result;
use crate::bare::Bare;
use crate::case::{Numbers, numbers};
use crate::sample;
use crate::side::Side;

/// Medians of `count` starts of each kind, in turns.
pub(crate) async fn measure<S: Side>(count: usize) -> Result<Numbers> {
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..count {
        bare.push(tokio::task::spawn_blocking(alone).await??);
        whole.push(S::start().await?);
    }
    let (whole, bare) = (sample::quantile(&mut whole, 0.5), sample::quantile(&mut bare, 0.5));
    Ok(numbers([("share_ms", (whole - bare) * 1e3), ("bare_ms", bare * 1e3)]))
}

/// Spawns the runtime, and exchanges `connect` with it.
fn alone() -> Result<f64> {
    let start = Instant::now();
    let mut bare = Bare::spawn()?;
    bare.ask("connect")?;
    Ok(start.elapsed().as_secs_f64())
}
