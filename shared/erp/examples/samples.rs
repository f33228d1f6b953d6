//! Decodes every payload of a folder and checks that nothing of it is lost.
//!
//! The folder holds `index.json`, a list of objects with `file`, `endpoint` and
//! `kind`. A line is printed for each file and the exit code is 1 when any of
//! them failed, 2 when the command itself is wrong.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use erp::samples::{Decoded, Kind, decode};
use serde::Deserialize;
use std::{fs, path::Path, process::ExitCode};

/// What the index says about a file; other members are of no interest here.
#[derive(Deserialize)]
struct Entry {
    file: String,
    endpoint: String,
    kind: String,
    #[serde(default)]
    fragment: bool,
}

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(dir), None) = (args.next(), args.next()) else {
        eprintln!("usage: samples DIR");
        return ExitCode::from(2);
    };
    let dir = Path::new(&dir);
    let entries = match read_index(&dir.join("index.json")) {
        Ok(entries) => entries,
        Err(reason) => {
            println!("FAIL index.json: {reason}");
            return ExitCode::FAILURE;
        }
    };
    let mut failed = 0_usize;
    let (mut typed, mut kept, mut converted, mut refused) = (0, 0, 0, 0);
    for entry in &entries {
        match check(dir, entry) {
            Ok(decoded) => {
                println!("ok   {}", line(entry, &decoded));
                for refusal in &decoded.refused {
                    println!("       not converted{}: {refusal}", if entry.fragment { " (a fragment)" } else { "" });
                }
                typed += decoded.typed;
                kept += decoded.kept;
                converted += decoded.converted;
                refused += decoded.refused.len();
            }
            Err(reason) => {
                failed += 1;
                println!("FAIL {} {} {}: {reason}", entry.file, entry.endpoint, entry.kind);
            }
        }
    }
    println!(
        "{} files, {} ok, {failed} failed; values: {typed} typed, {kept} kept; records: {converted} converted, {refused} not",
        entries.len(),
        entries.len() - failed,
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_index(path: &Path) -> Result<Vec<Entry>, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let entries: Vec<Entry> = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    if entries.is_empty() { Err("it names no files".to_owned()) } else { Ok(entries) }
}

fn check(dir: &Path, entry: &Entry) -> Result<Decoded, String> {
    let bytes = fs::read(dir.join(&entry.file)).map_err(|e| e.to_string())?;
    let kind: Kind = entry.kind.parse().map_err(|e: erp::samples::DecodeError| e.to_string())?;
    let decoded = decode(&entry.endpoint, kind, &bytes).map_err(|e| format!("{} ({})", e, e.code()))?;
    match decoded.lost.first() {
        None => Ok(decoded),
        Some(path) => Err(format!("{} values lost or changed, the first at {path}", decoded.lost.len())),
    }
}

fn line(entry: &Entry, decoded: &Decoded) -> String {
    format!(
        "{} {} {} {} typed {} kept {} converted {}",
        entry.file, entry.endpoint, entry.kind, decoded.decoder, decoded.typed, decoded.kept, decoded.converted,
    )
}
