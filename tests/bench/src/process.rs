//! What this process has used so far, and on what, from `/proc`.

use crate::Result;

/// Processor time of all threads, in kernel and user mode.
pub(crate) fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may hold anything; user and system ticks are the 12th and 13th field behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().collect();
    let (Some(user), Some(system)) = (fields.get(11), fields.get(12)) else {
        return Err("/proc/self/stat is too short".into());
    };
    let ticks = user.parse::<u64>()? + system.parse::<u64>()?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Memory that is resident now.
pub(crate) fn resident_bytes() -> Result<f64> {
    status("VmRSS:")
}

/// The most memory that was ever resident.
pub(crate) fn peak_bytes() -> Result<f64> {
    status("VmHWM:")
}

/// The machine in words, and how busy others kept it: numbers of a busy one are worse, and their ratios less so.
pub(crate) fn machine() -> Result<String> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load = load.split_ascii_whitespace().nth(2).unwrap_or_default();
    Ok(format!(
        "{} cores, load average {load} over the last 15 minutes",
        std::thread::available_parallelism()?
    ))
}

fn status(field: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line
        .and_then(|line| line.split_ascii_whitespace().next())
        .ok_or("/proc/self/status lacks a field")?;
    Ok(kib.parse::<f64>()? * 1024.0)
}
