//! Writes the private layer of a language package from the compiled `ffi/uniffi`; what it writes is not committed.
//!
//! `cargo run -p bindgen -- generate target/debug/libcodriver_uniffi.so --language python --out-dir DIRECTORY`
//!
//! `cargo run -p bindgen -- jvm-options ffi/uniffi/src/options DIRECTORY` writes the options of the JVM package, `swift-options` those
//! of the Swift one, and `swift-layer FILE` lets the generated Swift in FILE be cancelled.

mod file;
mod jvm;
mod names;
mod swift;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [command, sources, out] if command == "jvm-options" => jvm::write(sources.as_ref(), out.as_ref()),
        [command, sources, out] if command == "swift-options" => swift::write(sources.as_ref(), out.as_ref()),
        [command, file] if command == "swift-layer" => swift::change(file.as_ref()),
        _ => {
            uniffi::uniffi_bindgen_main();
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bindgen: {problem}");
            ExitCode::FAILURE
        }
    }
}
