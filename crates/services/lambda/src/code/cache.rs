//! The directory of unzipped code, `DATA/code/SHA256`.
//!
//! It holds nothing that cannot be made again from the blobs, so it is emptied at every start: a crash can leave
//! half-written files in it, and nobody would notice.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolecall_store::records::lambda::Code;
use rolecall_store::{Blobs, StoreError};

use crate::code::unzip::{UnzipError, unzip};
use crate::signing::{TrustedRoots, signature_of};

/// The directory of unzipped code.
#[derive(Clone)]
pub(crate) struct CodeCache {
    directory: Arc<PathBuf>,
}

/// Why code cannot be had unzipped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    /// The zip file is not one that Lambda takes.
    #[error(transparent)]
    Unzip(#[from] UnzipError),
    /// The blob cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that worked on it is gone.
    #[error("the work on the zip file was interrupted")]
    Interrupted,
}

impl CodeCache {
    /// The cache in the directory, emptied. What is old goes away in the background.
    pub(crate) fn open(directory: PathBuf) -> Self {
        let old = directory.with_extension("old");
        if let Err(error) = set_aside(&directory, &old) {
            tracing::error!(%error, path = %directory.display(), "old unzipped code could not be set aside");
        }
        if old.exists() {
            std::thread::spawn(move || {
                if let Err(error) = fs::remove_dir_all(&old) {
                    tracing::warn!(%error, path = %old.display(), "old unzipped code could not be removed");
                }
            });
        }
        CodeCache { directory: Arc::new(directory) }
    }

    /// Stores a zip file that was just received, unzips it, and says what it is and what its signature is worth now, in
    /// epoch milliseconds.
    ///
    /// # Errors
    /// [`CacheError`]; nothing is kept in the cache then.
    pub(crate) async fn take_in(
        &self,
        blobs: &Blobs,
        zip: bytes::Bytes,
        roots: &TrustedRoots,
        now_ms: i64,
    ) -> Result<Code, CacheError> {
        let (cache, blobs, roots) = (self.clone(), blobs.clone(), roots.clone());
        let work = move || {
            let (blob, (unzipped_size, signature)) = blobs.put_while(&zip, |blob| {
                let unzipped_size = cache.unzip_to(blob.as_str(), &zip)?;
                Ok::<_, CacheError>((unzipped_size, signature_of(&zip, &roots, now_ms)))
            })?;
            Ok(Code { blob, size: zip.len() as u64, unzipped_size, signature })
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(CacheError::Interrupted))
    }

    /// The directory with the unzipped files of the code.
    ///
    /// # Errors
    /// [`CacheError`] where the blob is gone or the disk is full.
    pub(crate) async fn directory_of(&self, blobs: &Blobs, code: &Code) -> Result<PathBuf, CacheError> {
        let path = self.directory.join(code.blob.as_str());
        if path.exists() {
            return Ok(path);
        }
        let (cache, blobs, blob) = (self.clone(), blobs.clone(), code.blob.clone());
        let work = move || {
            let zip = blobs.get(&blob)?;
            cache.unzip_to(blob.as_str(), &zip)?;
            Ok(path)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(CacheError::Interrupted))
    }

    /// Unzips into the directory of that name, which appears only when it is whole. Returns the size of the files.
    fn unzip_to(&self, name: &str, zip: &[u8]) -> Result<u64, UnzipError> {
        make_directory(&self.directory)?;
        let partial = tempfile::Builder::new().prefix(".partial-").tempdir_in(self.directory.as_path())?;
        let root = partial.path().join("root");
        make_directory(&root)?;
        let size = unzip(zip, &root)?;
        let target = self.directory.join(name);
        // Somebody else may have been faster with the same bytes; theirs are as good.
        match fs::rename(&root, &target) {
            Err(_) if target.exists() => Ok(size),
            renamed => renamed.map(|()| size).map_err(UnzipError::from),
        }
    }
}

/// Moves the directory under a name of its own into `old`, where more may lie from a start that was cut short.
fn set_aside(directory: &Path, old: &Path) -> std::io::Result<()> {
    if !directory.exists() {
        return Ok(());
    }
    fs::create_dir_all(old)?;
    let place = tempfile::Builder::new().prefix("code-").tempdir_in(old)?.keep();
    fs::rename(directory, place)
}

/// Makes a directory that every user can read: functions run as one that owns nothing.
fn make_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
