//! Finds the files with cases and reads them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use rolecall_policy::cases::{self, Case};

use super::yaml;

const EXTENSIONS: [&str; 4] = ["json", "jsonl", "yaml", "yml"];

/// The files that are named, and those in the directories that are named, in the order of their names.
pub(crate) fn find(places: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for place in places {
        if place.is_dir() {
            search(place, &mut found)?;
        } else {
            found.push(place.clone());
        }
    }
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("cannot list {}", folder.display());
    let mut entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .with_context(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        // A link to a directory is not followed, because it can lead back here.
        if entry.file_type().with_context(unreadable)?.is_dir() {
            search(&path, found)?;
        } else if EXTENSIONS.contains(&extension(&path)) {
            found.push(path);
        }
    }
    Ok(())
}

/// The cases of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let cases = match extension(path) {
        "json" => cases::read_json(&name, &text).map_err(anyhow::Error::from),
        "jsonl" => cases::read_json_lines(&name, &text).map_err(anyhow::Error::from),
        "yaml" | "yml" => yaml::read(&name, &text),
        _ => bail!("{} is none of .json, .jsonl, .yaml and .yml", path.display()),
    };
    cases.map_err(|error| anyhow!("{}: {error:#}", path.display()))
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}
