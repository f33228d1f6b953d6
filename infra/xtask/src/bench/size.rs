//! Row 6: how large the bundled functions are.
//!
//! Decides nothing that `cargo xtask bundle` does not; it only reads what that built.

use super::Row;
use crate::bundle;
use crate::tools::Tools;
use crate::workspace::Workspace;
use anyhow::{Result, ensure};

/// The sizes of what is bundled.
pub(super) fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let built = bundle::built(workspace, &Tools::ready(workspace, "bundle")?)?;
    ensure!(!built.is_empty(), "run `cargo xtask bundle` first");
    Ok(built
        .iter()
        .map(|function| {
            let what = format!("{}, stripped / zipped", function.function);
            // A count of bytes is the same on every machine, so it is gated.
            Row { gated: true, ..Row::told(6, what, function.sizes(), function.budget(), function.fits()) }
        })
        .collect())
}
