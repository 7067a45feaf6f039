//! The suite that every [`SessionFs`] passes, whatever language it is written in.
//!
//! Rust tests use [`session_fs_conformance!`](crate::session_fs_conformance), which makes one test of each case; a
//! language binding calls [`run`] on a foreign provider and shows the [`Report`]. To prove that a provider works behind
//! the wire too, give the suite a [`WireFs`] around it.

mod batches;
mod directories;
mod files;
mod moves;
mod order;
mod scale;
mod wire_fs;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::{Conventions, FsErrorKind, FsPath, FsResult, SessionFs};

pub use wire_fs::WireFs;

/// The longest that one case may take.
const CASE_DEADLINE: Duration = Duration::from_secs(300);

type Body = fn(Arc<dyn SessionFs>) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Nothing, or a sentence that says what was expected and what came.
type Outcome = Result<(), String>;

/// One thing that must be true of every filesystem.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    body: Body,
}

impl Case {
    /// A sentence, with underscores for spaces.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks it on a filesystem that is empty. The error says what was expected and what came; a provider that
    /// panics or takes longer than five minutes fails too.
    pub async fn check(&self, fs: Arc<dyn SessionFs>) -> Result<(), String> {
        let case = tokio::spawn((self.body)(fs));
        match tokio::time::timeout(CASE_DEADLINE, case).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Err(error.to_string()),
            Err(_elapsed) => Err(format!("not done after {CASE_DEADLINE:?}")),
        }
    }
}

/// What became of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The cases that hold.
    pub passed: Vec<&'static str>,
    /// The cases that do not.
    pub failures: Vec<CaseFailure>,
}

/// A case that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CaseFailure {
    /// Its name.
    pub case: &'static str,
    /// What was expected and what came.
    pub reason: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "FAILED {}: {}", failure.case.replace('_', " "), failure.reason)?;
        }
        write!(f, "{} passed, {} failed", self.passed.len(), self.failures.len())
    }
}

/// Checks every case, each on a filesystem of its own from `make`, one after the other.
pub async fn run(make: impl Fn() -> Arc<dyn SessionFs>) -> Report {
    let mut report = Report::default();
    for case in CASES {
        match case.check(make()).await {
            Ok(()) => report.passed.push(case.name),
            Err(reason) => report.failures.push(CaseFailure { case: case.name, reason }),
        }
    }
    report
}

/// Hands the list of cases to another macro: the one place where it is written.
#[doc(hidden)]
#[macro_export]
macro_rules! __session_fs_cases {
    ($then:ident! $given:tt) => {
        $crate::$then! { $given
            files::what_is_written_is_read_back
            files::a_write_replaces_the_whole_content
            files::an_empty_file_is_a_file
            files::every_byte_survives
            files::text_of_every_kind_survives
            files::bytes_that_are_no_text_survive_at_every_length
            files::text_that_is_added_to_bytes_leaves_them
            files::a_write_makes_missing_parents
            files::an_append_goes_to_the_end
            files::an_append_makes_the_file_and_its_parents
            files::an_empty_append_makes_an_empty_file
            files::content_that_was_read_does_not_change_afterwards
            files::reading_what_is_not_there_is_not_found
            files::reading_a_directory_fails
            files::writing_over_a_directory_fails_and_leaves_it
            files::a_file_cannot_have_children
            files::exists_knows_files_directories_and_nothing
            files::stat_tells_kind_and_size
            files::stat_of_what_is_not_there_is_not_found
            files::times_are_those_of_the_last_write
            files::names_with_spaces_and_unicode_survive
            files::names_that_share_a_beginning_stay_apart
            directories::mkdir_makes_a_directory
            directories::mkdir_again_changes_nothing
            directories::mkdir_makes_parents_only_when_recursive
            directories::mkdir_over_a_file_fails_and_leaves_it
            directories::read_dir_lists_names_and_kinds
            directories::read_dir_lists_only_what_is_directly_inside
            directories::read_dir_of_an_empty_directory_is_empty
            directories::read_dir_of_what_is_not_there_is_not_found
            directories::read_dir_of_a_file_fails
            directories::a_directory_stays_when_its_last_file_goes
            directories::deep_paths_work
            moves::remove_takes_a_file_away
            moves::removing_what_is_not_there_is_not_found_without_force
            moves::removing_a_directory_needs_recursive
            moves::a_recursive_remove_takes_everything_below_and_nothing_beside
            moves::a_removed_file_can_be_made_again
            moves::rename_moves_a_file
            moves::rename_replaces_a_file
            moves::rename_makes_missing_parents
            moves::rename_of_what_is_not_there_is_not_found_and_leaves_the_target
            moves::rename_onto_itself_changes_nothing
            moves::rename_moves_a_directory_with_everything_in_it
            moves::rename_over_a_directory_fails_and_leaves_both
            moves::rename_of_a_directory_over_a_file_fails_and_leaves_both
            moves::rename_of_a_directory_into_itself_fails_and_leaves_it
            moves::a_file_written_beside_and_renamed_over_is_the_new_one
            order::an_acknowledged_write_is_seen_at_once
            order::appends_keep_their_order
            order::appends_at_the_same_time_are_whole_and_all_there
            order::a_reader_sees_the_old_or_the_new_content_never_a_mix
            order::a_file_that_is_replaced_by_rename_is_never_missing
            batches::a_batch_is_made_in_order
            batches::a_batch_ends_at_the_change_that_fails
            batches::a_batch_is_made_where_files_are_as_expected
            batches::a_batch_changes_nothing_where_a_file_is_not_as_expected
            batches::a_load_has_everything_below_and_the_content_of_small_files
            batches::a_load_of_what_is_not_there_has_nothing
            scale::a_file_of_1_mb_survives
            scale::bytes_of_1_mb_are_replaced_whole
            scale::a_file_of_64_mb_survives
            scale::a_log_of_2000_appends_is_whole
            scale::a_directory_of_10000_files_is_listed_whole
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __session_fs_table {
    ({} $($group:ident::$case:ident)*) => {
        /// Every case.
        pub const CASES: &[Case] =
            &[$(Case { name: stringify!($case), body: |fs| Box::pin($group::$case(fs)) }),*];
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __session_fs_tests {
    ({ $make:expr } $($group:ident::$case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let case = $crate::fs::conformance::CASES.iter().find(|case| case.name() == stringify!($case));
                if let Err(reason) = case.expect("the case is in the table").check($make).await {
                    panic!("{reason}");
                }
            }
        )*
    };
}

/// Makes a module of tests, one for each case of the conformance suite. The expression makes an empty filesystem, an
/// `Arc<dyn SessionFs>`; it is evaluated once in each test, in a tokio runtime. Needs the feature `conformance`, and
/// tokio with `macros` and `rt-multi-thread`.
///
/// ```ignore
/// codriver::session_fs_conformance!(my_store, std::sync::Arc::new(MyFs::new()));
/// ```
#[macro_export]
macro_rules! session_fs_conformance {
    ($module:ident, $make:expr) => {
        mod $module {
            $crate::__session_fs_cases! { __session_fs_tests! { $make } }
        }
    };
}

crate::__session_fs_cases! { __session_fs_table! {} }

// What the cases are written with.

fn at(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Posix).expect("the paths of the suite are well formed")
}

/// The operation succeeds.
fn ok<T>(what: &str, result: FsResult<T>) -> Result<T, String> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// The operation fails, with `kind` where one is given.
fn fails<T: fmt::Debug>(what: &str, result: FsResult<T>, kind: Option<FsErrorKind>) -> Outcome {
    match (result, kind) {
        (Err(error), Some(kind)) if error.kind() != kind => {
            Err(format!("{what}: expected {kind:?}, got {error}"))
        }
        (Err(_), _) => Ok(()),
        (Ok(value), _) => Err(format!("{what}: expected an error, got {value:?}")),
    }
}

fn same<T: PartialEq + fmt::Debug>(what: &str, got: T, expected: T) -> Outcome {
    if got == expected {
        return Ok(());
    }
    let cut = |value: &T| format!("{value:?}").chars().take(200).collect::<String>();
    Err(format!("{what}: expected {}, got {}", cut(&expected), cut(&got)))
}

async fn write(fs: &Arc<dyn SessionFs>, path: &str, content: &str) -> Outcome {
    ok(&format!("write {path}"), fs.write(&at(path), Bytes::copy_from_slice(content.as_bytes()), None).await)
}

async fn append(fs: &Arc<dyn SessionFs>, path: &str, content: &str) -> Outcome {
    ok(
        &format!("append {path}"),
        fs.append(&at(path), Bytes::copy_from_slice(content.as_bytes()), None).await,
    )
}

async fn mkdir(fs: &Arc<dyn SessionFs>, path: &str) -> Outcome {
    ok(&format!("mkdir {path}"), fs.mkdir(&at(path), true, None).await)
}

/// The file is there with that content.
async fn holds(fs: &Arc<dyn SessionFs>, path: &str, content: &str) -> Outcome {
    let got = ok(&format!("read {path}"), fs.read(&at(path)).await)?;
    same(&format!("content of {path}"), String::from_utf8_lossy(&got).as_ref(), content)
}

/// Nothing is there.
async fn is_gone(fs: &Arc<dyn SessionFs>, path: &str) -> Outcome {
    same(&format!("exists {path}"), ok("exists", fs.exists(&at(path)).await)?, false)?;
    fails(&format!("stat {path}"), fs.stat(&at(path)).await, Some(FsErrorKind::NotFound))
}

/// The directory is there and lists these names.
async fn lists(fs: &Arc<dyn SessionFs>, path: &str, names: &[&str]) -> Outcome {
    let mut got = ok(&format!("read_dir {path}"), fs.read_dir(&at(path)).await)?;
    got.sort();
    let got: Vec<_> = got.iter().map(|entry| entry.name.as_str()).collect();
    same(&format!("entries of {path}"), got.as_slice(), names)
}

#[cfg(test)]
mod tests;
