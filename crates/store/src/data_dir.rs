//! The directory that holds everything: the lock, the database, the blobs.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::OpenError;

/// A data directory whose lock this process holds.
pub struct DataDir {
    path: PathBuf,
    /// Held for as long as the process uses the directory; the system lets go of it when the process ends, however.
    _lock: File,
}

impl DataDir {
    /// Makes the directory where it is missing (readable by its owner only) and takes its lock.
    ///
    /// # Errors
    /// [`OpenError::InUse`] where another process holds the lock, [`OpenError::Io`] where the system refuses.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let refused = |source: io::Error| OpenError::Io { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(refused)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => Ok(DataDir { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(refused(source)),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes a file that only its owner may read, whole or not at all: it appears under its name when its bytes are on
/// the disk, in place of one that was there. So a crash leaves no half of a key that would refuse the next start.
///
/// # Errors
/// The system's error; then the file is as it was.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(directory)?.sync_all()
}
