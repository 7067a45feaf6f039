//! What UniFFI's generated Swift lacks: a task that is cancelled cancels its call.
//!
//! It has no other place for that: the calls' futures are private to the file. The version of UniFFI is pinned, and whatever is
//! not found as expected is an error.

/// What the generated layer says, and what it should; how often.
const CHANGES: [(&str, &str); 4] = [
    (
        "    freeFunc: (UInt64) -> (),\n",
        "    freeFunc: (UInt64) -> (),\n    cancelFunc: @escaping @Sendable (UInt64) -> (),\n",
    ),
    (
        "    var pollResult: Int8;\n    repeat {\n",
        "    let uniffiCancellation = UniffiCancellation(rustFuture, cancelFunc)\n    // Before the future is freed.\n    defer {\n        \
         uniffiCancellation.end()\n    }\n    await withTaskCancellationHandler {\n    var pollResult: Int8;\n    repeat {\n",
    ),
    (
        "    } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY\n",
        "    } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY\n    } onCancel: {\n        uniffiCancellation.cancel()\n    }\n",
    ),
    (
        "            fatalError(\"Cancellation not supported yet\")\n",
        "            throw CancellationError()\n",
    ),
];

const HOLDER: &str = "
/// A future that may be cancelled until it is freed.
fileprivate final class UniffiCancellation: @unchecked Sendable {
    // The state is read and written with this lock held, which is why it is @unchecked Sendable.
    private let lock = NSLock()
    private var future: UInt64?
    private let cancelFunc: @Sendable (UInt64) -> ()

    init(_ future: UInt64, _ cancelFunc: @escaping @Sendable (UInt64) -> ()) {
        self.future = future
        self.cancelFunc = cancelFunc
    }

    func cancel() {
        lock.lock()
        defer { lock.unlock() }
        if let future { cancelFunc(future) }
    }

    func end() {
        lock.lock()
        defer { lock.unlock() }
        future = nil
    }
}
";

/// The generated text, with calls that end when their task is cancelled.
pub(crate) fn cancellable(text: &str) -> Result<String, String> {
    let mut changed = text.to_owned();
    for (there, wanted) in CHANGES {
        let found = changed.matches(there).count();
        if found != 1 {
            return Err(format!("{found} times instead of once in it: {there:?}"));
        }
        changed = changed.replacen(there, wanted, 1);
    }
    let mut out = String::new();
    let mut calls = 0;
    for line in changed.lines() {
        out.push_str(line);
        out.push('\n');
        if let Some(free) = line.trim_start().strip_prefix("freeFunc: ffi_") {
            let cancel = free.replacen("_rust_future_free_", "_rust_future_cancel_", 1);
            if cancel == free {
                return Err(format!("no name of a function that frees a future: {line:?}"));
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            out.push_str(&format!("{indent}cancelFunc: {{ ffi_{}($0) }},\n", cancel.trim_end_matches(',')));
            calls += 1;
        }
    }
    if calls == 0 {
        return Err("no call that could be cancelled".to_owned());
    }
    out.push_str(HOLDER);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "    freeFunc: (UInt64) -> (),\n    var pollResult: Int8;\n    repeat {\n    } while pollResult != \
                             UNIFFI_RUST_FUTURE_POLL_READY\n            fatalError(\"Cancellation not supported yet\")\n            \
                             freeFunc: ffi_x_rust_future_free_u64,\n";

    #[test]
    fn every_call_is_given_what_cancels_it() {
        let changed = cancellable(GENERATED).unwrap();
        assert!(
            changed.contains("            cancelFunc: { ffi_x_rust_future_cancel_u64($0) },\n"),
            "{changed}"
        );
        assert!(!changed.contains("fatalError"), "{changed}");
    }

    #[test]
    fn a_layer_that_looks_otherwise_is_refused() {
        assert!(cancellable(&GENERATED.replace("repeat {", "loop {")).is_err());
        assert!(cancellable(&GENERATED.replace("freeFunc: ffi_x_rust_future_free_u64,\n", "")).is_err());
        assert!(cancellable(&cancellable(GENERATED).unwrap()).is_err(), "twice");
    }
}
