//! Several layers as one directory, for machines whose kernel does not lay directories over each other for us.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Merged directories, made on first use and removed when the server starts again.
#[derive(Debug)]
pub(crate) struct Layers {
    directory: PathBuf,
    made: Mutex<HashMap<Vec<PathBuf>, PathBuf>>,
}

impl Layers {
    /// Uses `directory`, whose content of an earlier run is removed.
    pub(crate) fn new(directory: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&directory)?,
        }
        Ok(Self { directory, made: Mutex::new(HashMap::new()) })
    }

    /// One directory with the content of all layers; later ones win. Blocks.
    pub(crate) fn merged(&self, layers: &[PathBuf]) -> io::Result<PathBuf> {
        // Held while merging, so that nobody sees half a directory or merges the same layers twice.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = made.get(layers) {
            return Ok(directory.clone());
        }
        let directory = self.directory.join(made.len().to_string());
        fs::create_dir(&directory)?;
        for layer in layers {
            lay_over(layer, &directory)?;
        }
        made.insert(layers.to_vec(), directory.clone());
        Ok(directory)
    }
}

/// The names of the programs in `extensions/` of the layers, in the order in which they start. Blocks.
pub(crate) fn external_extensions(layers: &[PathBuf]) -> BTreeSet<String> {
    let directories = layers.iter().filter_map(|layer| fs::read_dir(layer.join("extensions")).ok());
    let programs = directories.flatten().flatten().filter(|entry| !entry.path().is_dir());
    programs.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Puts the content of `upper` over that of `target`.
fn lay_over(upper: &Path, target: &Path) -> io::Result<()> {
    fs::set_permissions(target, fs::metadata(upper)?.permissions())?;
    for entry in fs::read_dir(upper)? {
        let entry = entry?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        let is_directory = entry.file_type()?.is_dir();
        let existing = fs::symlink_metadata(&to).ok();
        if let Some(existing) = &existing
            && !(is_directory && existing.is_dir())
        {
            if existing.is_dir() { fs::remove_dir_all(&to)? } else { fs::remove_file(&to)? }
        }
        if is_directory {
            if !to.is_dir() {
                fs::create_dir(&to)?;
            }
            lay_over(&from, &to)?;
        } else if entry.file_type()?.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from)?, &to)?;
        } else if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_win() {
        let scratch = tempfile::tempdir().expect("a directory");
        let layer = |name: &str, files: &[(&str, &str)]| {
            let root = scratch.path().join(name);
            for (path, text) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().expect("a parent")).expect("made");
                fs::write(path, text).expect("written");
            }
            root
        };
        let lower = layer("lower", &[("bin/tool", "old"), ("lib/a", "a"), ("thing", "a file")]);
        let upper = layer("upper", &[("bin/tool", "new"), ("lib/b", "b"), ("thing/inside", "a directory")]);
        let layers = Layers::new(scratch.path().join("merged")).expect("made");
        let merged = layers.merged(&[lower, upper]).expect("merged");
        let read = |path: &str| fs::read_to_string(merged.join(path)).expect(path);
        assert_eq!(read("bin/tool"), "new");
        assert_eq!((read("lib/a").as_str(), read("lib/b").as_str()), ("a", "b"));
        assert_eq!(read("thing/inside"), "a directory");
        assert_eq!(fs::read_to_string(scratch.path().join("lower/bin/tool")).expect("there"), "old");
    }
}
