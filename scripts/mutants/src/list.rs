//! The list of cargo-mutants, which says what is to be changed where.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// One change.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Mutant {
    pub(crate) file: PathBuf,
    /// With file, line and column.
    pub(crate) name: String,
    pub(crate) genre: String,
    pub(crate) replacement: String,
    /// What is replaced.
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Place,
    pub(crate) end: Place,
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Reads what `cargo mutants --list --json` printed.
pub(crate) fn read(file: &Path) -> Result<Vec<Mutant>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}
