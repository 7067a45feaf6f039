//! Writes the private layer of a language package from the compiled `ffi/uniffi`; what it writes is not committed.
//!
//! `cargo run -p bindgen -- generate target/debug/libcodriver_uniffi.so --language python --out-dir DIRECTORY`

fn main() {
    uniffi::uniffi_bindgen_main();
}
