//! Writes the private layer of a language package from the compiled `ffi/uniffi`; what it writes is not committed.
//!
//! `cargo run -p bindgen -- generate target/debug/libcodriver_uniffi.so --language python --out-dir DIRECTORY`
//!
//! `cargo run -p bindgen -- jvm-options ffi/uniffi/src/options DIRECTORY` writes the options of the JVM package.

mod jvm;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [command, sources, out] if command == "jvm-options" => {
            match jvm::write(sources.as_ref(), out.as_ref()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(problem) => {
                    eprintln!("bindgen: {problem}");
                    ExitCode::FAILURE
                }
            }
        }
        _ => {
            uniffi::uniffi_bindgen_main();
            ExitCode::SUCCESS
        }
    }
}
