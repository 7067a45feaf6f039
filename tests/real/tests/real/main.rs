//! The real runtime, in its three pinned versions, driven by the library. One file a noun; each test has a runtime of its
//! own, with its own home, and leaves no process behind (see `real_tests::play`).

macro_rules! tests_on {
    ($module:ident, $version:literal, $($name:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    real_tests::play($version, super::$name).await;
                }
            )*
        }
    };
}

/// One test per pinned runtime for each function.
macro_rules! on_every_runtime {
    ($($name:ident),* $(,)?) => {
        tests_on!(on_1_0_57, "1.0.57", $($name)*);
        tests_on!(on_1_0_85, "1.0.85", $($name)*);
        tests_on!(on_1_0_102, "1.0.102", $($name)*);
    };
}

/// For what 1.0.57 does not have.
macro_rules! on_newer_runtimes {
    ($($name:ident),* $(,)?) => {
        tests_on!(newer_on_1_0_85, "1.0.85", $($name)*);
        tests_on!(newer_on_1_0_102, "1.0.102", $($name)*);
    };
}

/// For what does not depend on the version.
macro_rules! on_the_newest_runtime {
    ($($name:ident),* $(,)?) => {
        tests_on!(newest_on_1_0_102, "1.0.102", $($name)*);
    };
}

mod cloud;
mod crash;
mod damaged;
mod ending;
mod hooks;
mod index;
mod permissions;
mod prompts;
mod questions;
mod secrets;
mod session_fs;
mod sql;
mod stored;
mod tcp;
mod tools;
mod turns;
mod workspace;

#[test]
fn the_tests_run_on_what_is_pinned() {
    assert_eq!(real_tests::pinned_versions(), ["1.0.57", "1.0.85", "1.0.102"]);
}
