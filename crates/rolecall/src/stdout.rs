//! Writing what was asked for to standard output.

use std::io::{ErrorKind, Write};

use anyhow::{Context as _, Result};

/// Writes the text. A reader that has gone away has seen enough.
///
/// # Errors
/// When the text cannot be written for another reason, such as a full disk.
pub(crate) fn write(text: &str) -> Result<()> {
    write_while_read(text).map(drop)
}

/// Writes the text and says whether anybody still reads.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_while_read(text: &str) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// Writes the value as JSON for people and programs, and ends the line.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_json(value: &impl serde::Serialize) -> Result<()> {
    write(&(serde_json::to_string_pretty(value)? + "\n"))
}
