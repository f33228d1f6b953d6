//! The runner's binary: where it is, and that it is of the present sources.
//!
//! `cargo test` builds the binary of a package only for that package's own
//! integration tests, so one that lies there may be old. It is built here, with
//! the profile and into the directory of the test that asks; when nothing
//! changed, that takes cargo a moment.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The package and its binary.
const RUNNER: &str = "local";

/// The runner, built once for all scenarios of a test binary.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARY.get_or_init(build).as_ref().unwrap_or_else(|why| panic!("{why}"))
}

fn build() -> Result<PathBuf, String> {
    // target/PROFILE/deps/TEST
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.parent().and_then(Path::parent).expect("a test is two folders deep in the target directory");
    let target = folder.parent().expect("a profile's folder is in the target directory");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args([
        "build",
        "--quiet",
        "--locked",
        "--offline",
        "--package",
        RUNNER,
        "--profile",
        profile,
        "--target-dir",
    ]);
    let built = cargo.arg(target).output().expect("cargo starts");
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        return Err(format!("the scenarios drive the built runner, and `{cargo:?}` failed:\n{said}"));
    }
    let binary = folder.join(RUNNER).with_extension(std::env::consts::EXE_EXTENSION);
    if binary.is_file() { Ok(binary) } else { Err(format!("`{cargo:?}` left no {}", binary.display())) }
}
