//! The data directory: what survives a restart, readable by its owner only.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where keys are kept when no data directory is named, so that `token` finds the key of a running product.
const DEFAULT: &str = ".local";

/// The simulator's data are made anew at each start, from these.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Seeding {
    pub(crate) seed: u64,
    pub(crate) scale: u32,
    /// The present of the data: four years end here.
    pub(crate) at: Timestamp,
}

/// The directory for keys.
pub(crate) fn key_directory(data: Option<&Path>) -> Result<PathBuf> {
    let path = data.map_or_else(|| PathBuf::from(DEFAULT), Path::to_path_buf);
    std::fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(path)
}

/// The seeding that the data directory was made with; the same as `now` when there is none.
pub(crate) fn seeding(data: Option<&Path>, now: Seeding) -> Result<Seeding> {
    let Some(directory) = data else { return Ok(now) };
    let path = directory.join("simulator.json");
    if let Ok(bytes) = std::fs::read(&path) {
        let kept: Seeding =
            serde_json::from_slice(&bytes).with_context(|| format!("{} cannot be read", path.display()))?;
        anyhow::ensure!(
            (kept.seed, kept.scale) == (now.seed, now.scale),
            "{} was made with --seed {} --scale {}: use these, or another --data",
            directory.display(),
            kept.seed,
            kept.scale
        );
        return Ok(kept);
    }
    write_private(&path, &serde_json::to_vec(&now)?)?;
    Ok(now)
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(bytes).with_context(|| format!("{} cannot be written", path.display()))
}
