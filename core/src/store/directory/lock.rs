//! `flock`, waited for with an end, and given up whoever else has the open file.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// How long a call waits for another process to finish; below the deadline of a call (I22).
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(15);

/// The longest pause between two looks at a lock that is taken.
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// Who else may have the lock at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Share {
    /// Those who share it too.
    Shared,
    /// Nobody.
    Exclusive,
}

/// A file that is locked until this is dropped.
///
/// The lock belongs to the open file, which a child that this process forked meanwhile has too: closing it here would
/// leave it locked until the child ends.
#[derive(Debug)]
pub(in crate::store) struct Lock(File);

impl Lock {
    /// Waits for the lock until `deadline`, and fails with [`io::ErrorKind::ResourceBusy`] then.
    pub(super) fn acquire(file: File, share: Share, deadline: Instant) -> io::Result<Self> {
        let mut pause = Duration::from_micros(100);
        loop {
            if is_acquired(&file, share)? {
                return Ok(Lock(file));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "in use by another process"));
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// None where somebody else has the lock.
    pub(super) fn try_acquire(file: File, share: Share) -> io::Result<Option<Self>> {
        Ok(is_acquired(&file, share)?.then_some(Lock(file)))
    }
}

impl Deref for Lock {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = flock(&self.0, FlockOperation::Unlock) {
            tracing::warn!(%error, "a lock is given up by closing its file only");
        }
    }
}

fn is_acquired(file: &File, share: Share) -> io::Result<bool> {
    let operation = match share {
        Share::Shared => FlockOperation::NonBlockingLockShared,
        Share::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    loop {
        match flock(file, operation) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK) => return Ok(false),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_free_again_though_a_forked_child_has_its_file_open() {
        for share in [Share::Shared, Share::Exclusive] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("lock");
            let lock = Lock::acquire(File::create(&path).unwrap(), share, Instant::now()).unwrap();
            // As after a fork: another descriptor of the same open file.
            let _of_the_child = lock.try_clone().unwrap();
            let other = || Lock::try_acquire(File::open(&path).unwrap(), Share::Exclusive).unwrap();
            assert!(other().is_none(), "{share:?}");
            drop(lock);
            assert!(other().is_some(), "{share:?}");
        }
    }

    #[test]
    fn a_lock_that_stays_taken_is_an_error_at_the_deadline_and_one_that_is_freed_before_is_had() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let acquire =
            |wait: Duration| Lock::acquire(file.reopen().unwrap(), Share::Exclusive, Instant::now() + wait);
        let taken = acquire(Duration::ZERO).unwrap();
        let error = acquire(Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| acquire(Duration::from_secs(600)));
            drop(taken);
            waiting.join().unwrap().unwrap();
        });
    }
}
