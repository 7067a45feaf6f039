//! Gives the shared library the name by which programs look for it when they start.

/// Changes with `CODRIVER_ABI_VERSION`.
const ABI_VERSION: u32 = 1;

fn main() {
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match system.as_str() {
        "linux" | "freebsd" | "android" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libcodriver.so.{ABI_VERSION}");
        }
        "macos" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libcodriver.{ABI_VERSION}.dylib");
        }
        _ => {}
    }
    println!("cargo:rerun-if-changed=build.rs");
}
