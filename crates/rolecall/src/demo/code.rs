//! The functions of the demo, zipped.

use std::io::{Cursor, Write};

use anyhow::Result;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Greets.
pub(super) const HELLO: &str = include_str!("functions/hello.py");
/// Reads an object of S3 with the execution role's credentials.
pub(super) const READER: &str = include_str!("functions/reader.py");

/// A zip file with one file.
pub(super) fn zip(name: &str, content: &str) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default().unix_permissions(0o755))?;
    writer.write_all(content.as_bytes())?;
    Ok(writer.finish()?.into_inner())
}
