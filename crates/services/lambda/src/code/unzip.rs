//! Unzipping what a caller sent, which nobody has looked at before.
//!
//! A zip file can name files outside its directory, reach outside through a symbolic link, or hold far more than it
//! says. So names and links are checked for the whole file before the first byte is written, and what is written is
//! counted, whatever the file says about itself.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

/// The most that a function's or layer's files may have together, in bytes (reference lambda.md 7.4).
pub(crate) const MAX_UNZIPPED_BYTES: u64 = 262_144_000;

/// More entries than any deployment package has; a file of only names must not fill the disk with directories.
const MAX_ENTRIES: usize = 200_000;
/// The longest target of a symbolic link that Linux takes.
const MAX_LINK_BYTES: u64 = 4096;

/// Why a zip file is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnzipError {
    /// There is nothing in it.
    #[error("Uploaded file must be a non-empty zip")]
    Empty,
    /// It is no zip file, is damaged, or has an entry that cannot be.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    Invalid(String),
    /// Its files are too large.
    #[error("Unzipped size must be smaller than 262144000 bytes")]
    TooLarge,
    /// The file system refuses.
    #[error("the code cannot be unzipped: {0}")]
    Io(#[from] io::Error),
}

impl From<ZipError> for UnzipError {
    fn from(error: ZipError) -> Self {
        UnzipError::Invalid(error.to_string())
    }
}

/// One entry, checked.
struct Entry {
    index: usize,
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Directory,
    File { executable: bool },
    Link { target: PathBuf },
}

/// Unzips into an existing directory and returns the size of all files in bytes.
///
/// # Errors
/// [`UnzipError`]; the directory may then hold some of the files.
pub(crate) fn unzip(bytes: &[u8], root: &Path) -> Result<u64, UnzipError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    if archive.is_empty() {
        return Err(UnzipError::Empty);
    }
    if archive.len() > MAX_ENTRIES {
        return Err(UnzipError::TooLarge);
    }
    let entries =
        (0..archive.len()).map(|index| read_entry(&mut archive, index)).collect::<Result<Vec<_>, _>>()?;
    check_links(&entries)?;
    let mut total = 0;
    for entry in &entries {
        total += write_entry(&mut archive, entry, root, MAX_UNZIPPED_BYTES - total)?;
    }
    // Links come last, so that nothing is ever written through one.
    for entry in &entries {
        if let Kind::Link { target } = &entry.kind {
            make_parent(root, &entry.path)?;
            symlink(target, root.join(&entry.path)).map_err(in_the_way)?;
        }
    }
    Ok(total)
}

fn read_entry(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<Entry, UnzipError> {
    let mut file = archive.by_index(index)?;
    let name = file.name()?.into_owned();
    let path = safe_path(&name).ok_or_else(|| UnzipError::Invalid(format!("the name '{name}'")))?;
    let kind = if file.is_symlink() {
        let mut target = Vec::new();
        file.by_ref().take(MAX_LINK_BYTES + 1).read_to_end(&mut target).map_err(damaged)?;
        let target =
            String::from_utf8(target).map_err(|_| UnzipError::Invalid(format!("the link '{name}'")))?;
        Kind::Link { target: PathBuf::from(target) }
    } else if file.is_dir() {
        Kind::Directory
    } else {
        // An archive without Unix modes cannot say what is executable, so everything is.
        Kind::File { executable: file.unix_mode().is_none_or(|mode| mode & 0o111 != 0) }
    };
    Ok(Entry { index, path, kind })
}

/// The path inside the root that a name means; none for one that is absolute, leaves the root, or is no file's name.
fn safe_path(name: &str) -> Option<PathBuf> {
    if name.contains(['\0', '\\']) || name.starts_with('/') {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Every link must stay inside the root, and nothing may lie behind a link.
fn check_links(entries: &[Entry]) -> Result<(), UnzipError> {
    let links: BTreeSet<&Path> = entries
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::Link { .. }))
        .map(|entry| entry.path.as_path())
        .collect();
    for entry in entries {
        let behind_link = entry.path.ancestors().skip(1).any(|ancestor| links.contains(ancestor));
        let stays = match &entry.kind {
            Kind::Link { target } => stays_inside(&entry.path, target, &links),
            _ => true,
        };
        if behind_link || !stays {
            return Err(UnzipError::Invalid(format!("the link at '{}'", entry.path.display())));
        }
    }
    Ok(())
}

/// Follows the target by its components. A way that leads over another link is refused: where that leads is not known.
fn stays_inside(link: &Path, target: &Path, links: &BTreeSet<&Path>) -> bool {
    let mut at = link.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut components = target.components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => at.push(part),
            Component::ParentDir => {
                if !at.pop() {
                    return false;
                }
            }
            Component::RootDir | Component::Prefix(_) => return false,
        }
        if components.peek().is_some() && links.contains(at.as_path()) {
            return false;
        }
    }
    !target.as_os_str().is_empty()
}

fn write_entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    entry: &Entry,
    root: &Path,
    left: u64,
) -> Result<u64, UnzipError> {
    match entry.kind {
        Kind::Directory => {
            make_directories(root, &entry.path)?;
            Ok(0)
        }
        Kind::Link { .. } => Ok(0),
        Kind::File { executable } => {
            make_parent(root, &entry.path)?;
            let mut file = File::create(root.join(&entry.path)).map_err(in_the_way)?;
            let written = copy(&mut archive.by_index(entry.index)?, &mut file, left)?;
            file.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
            Ok(written)
        }
    }
}

/// Copies at most `left` bytes, the limit itself excluded.
fn copy(from: &mut impl Read, to: &mut File, left: u64) -> Result<u64, UnzipError> {
    let mut buffer = vec![0; 64 * 1024];
    let mut written = 0_u64;
    loop {
        let count = from.read(&mut buffer).map_err(damaged)?;
        if count == 0 {
            return Ok(written);
        }
        written += count as u64;
        if written >= left {
            return Err(UnzipError::TooLarge);
        }
        to.write_all(buffer.get(..count).unwrap_or_default())?;
    }
}

fn make_parent(root: &Path, path: &Path) -> Result<(), UnzipError> {
    path.parent().map_or(Ok(()), |parent| make_directories(root, parent))
}

/// Makes the directories one by one, so that each can be read by every user.
fn make_directories(root: &Path, path: &Path) -> Result<(), UnzipError> {
    let mut at = root.to_path_buf();
    for component in path.components() {
        at.push(component);
        match fs::create_dir(&at) {
            Ok(()) => fs::set_permissions(&at, fs::Permissions::from_mode(0o755))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && at.is_dir() => {}
            Err(error) => return Err(in_the_way(error)),
        }
    }
    Ok(())
}

/// A name that is a file here and a directory there, or twice something else.
fn in_the_way(error: io::Error) -> UnzipError {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
    match error.kind() {
        AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory => {
            UnzipError::Invalid(error.to_string())
        }
        _ => UnzipError::Io(error),
    }
}

/// Bytes that do not decompress, or not to what their checksum says.
fn damaged(error: io::Error) -> UnzipError {
    UnzipError::Invalid(error.to_string())
}

#[cfg(test)]
mod tests;
