//! A runtime that is gone is an error, not the end of the program: languages other than Rust leave SIGPIPE's default, so nothing
//! of ours writes where it is not blocked.

/// For a thread of ours, for good.
///
/// The program's own threads, and those that call back, are left alone: what a program does there, it does with the signals as
/// it left them, and a child that it starts there inherits them.
pub(crate) fn block() {
    #[cfg(unix)]
    {
        if let Err(error) = set().thread_block() {
            tracing::error!(%error, "SIGPIPE cannot be blocked");
        }
    }
}

#[cfg(unix)]
fn set() -> nix::sys::signal::SigSet {
    let mut pipe = nix::sys::signal::SigSet::empty();
    pipe.add(nix::sys::signal::Signal::SIGPIPE);
    pipe
}

/// Runs `work` on a thread of the program, with SIGPIPE held back; one that comes of it is taken away before the thread is as
/// it was. `Err` gives `work` back: that cannot be done here.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn hold<W: FnOnce() -> T, T>(work: W) -> Result<T, W> {
    use std::sync::OnceLock;

    use nix::sys::signal::SigmaskHow;
    use nix::sys::signalfd::{SfdFlags, SignalFd};

    // What is read of it are the signals of the thread that reads.
    static PENDING: OnceLock<Option<SignalFd>> = OnceLock::new();

    let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
    let Some(pending) = PENDING.get_or_init(|| SignalFd::with_flags(&set(), flags).ok()) else {
        return Err(work);
    };
    let Ok(before) = set().thread_swap_mask(SigmaskHow::SIG_BLOCK) else { return Err(work) };
    let restore = Restore { before, pending };
    let outcome = work();
    drop(restore);
    return Ok(outcome);

    /// In any case, a panic too.
    struct Restore<'a> {
        before: nix::sys::signal::SigSet,
        pending: &'a SignalFd,
    }

    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            let _ = self.pending.read_signal();
            if let Err(error) = self.before.thread_set_mask() {
                tracing::error!(%error, "a thread's signals cannot be set back");
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn hold<W: FnOnce() -> T, T>(work: W) -> Result<T, W> {
    Err(work)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use nix::sys::signal::{SigSet, Signal, raise};

    use super::hold;

    #[test]
    fn a_broken_pipe_under_a_call_leaves_the_thread_as_it_was() {
        // Rust ignores SIGPIPE, and what is ignored is not even pending; where the thread's mask is what it was, and nothing is
        // left, a program with the default lives. `tests/c/misuse.c` is one.
        let before = SigSet::thread_get_mask().unwrap();
        let within = hold(|| {
            raise(Signal::SIGPIPE).unwrap();
            SigSet::thread_get_mask().unwrap()
        });
        let within = within.unwrap_or_else(|_| panic!("it cannot be held"));
        assert!(within.contains(Signal::SIGPIPE));
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
        assert!(!before.contains(Signal::SIGPIPE));
    }
}
