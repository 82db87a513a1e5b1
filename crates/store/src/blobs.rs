//! Bundles of code and objects of S3: files named by the SHA-256 of their content.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::StoreError;
use crate::spares::Spares;

/// The name of a blob: the SHA-256 of its bytes in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobId(String);

impl BlobId {
    /// The id of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        BlobId(HEXLOWER.encode(&Sha256::digest(bytes)))
    }

    /// The id as lower-case hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SHA-256 itself.
    pub fn sha256(&self) -> Vec<u8> {
        HEXLOWER.decode(self.0.as_bytes()).unwrap_or_default()
    }
}

/// The directory of blobs. Its methods block; an async caller runs them on a blocking thread.
#[derive(Clone)]
pub struct Blobs {
    directory: PathBuf,
    spares: Arc<Spares>,
}

/// Where spare files are, in the directory of blobs.
const SPARES: &str = "spare";

impl Blobs {
    pub(crate) fn open(data_dir: &Path) -> io::Result<Self> {
        let directory = data_dir.join("blobs");
        // Code and objects are nobody else's business, also where the data directory itself lets others in.
        DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        let spares = Arc::new(Spares::in_directory(directory.join(SPARES)));
        Ok(Blobs { directory, spares })
    }

    /// Stores the bytes; they are durable when this returns. Storing the same bytes again costs no second file.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the file system refuses, a full disk for example.
    pub fn put(&self, bytes: &[u8]) -> Result<BlobId, StoreError> {
        let id = BlobId::of(bytes);
        if !self.path(&id).exists() {
            let written = self.spares.write(bytes).map_err(refused)?;
            self.name(written, &id).map_err(refused)?;
        }
        Ok(id)
    }

    /// Stores the bytes as [`put`](Self::put) does, and does something else with them while the disk is busy. Where
    /// that refuses them, they are not stored.
    ///
    /// # Errors
    /// What `meanwhile` says, before a [`StoreError`].
    pub fn put_while<T, E: From<StoreError>>(
        &self,
        bytes: &[u8],
        meanwhile: impl FnOnce(&BlobId) -> Result<T, E>,
    ) -> Result<(BlobId, T), E> {
        let (written, id, result) = thread::scope(|scope| {
            let written = scope.spawn(|| self.spares.write(bytes));
            let id = BlobId::of(bytes);
            let result = meanwhile(&id);
            (written.join(), id, result)
        });
        let result = result?;
        let written = written.map_err(|_| io::Error::other("the thread that wrote a blob is gone"));
        written.flatten().and_then(|written| self.name(written, &id)).map_err(refused)?;
        Ok((id, result))
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the file is missing or cannot be read.
    pub fn get(&self, id: &BlobId) -> Result<Vec<u8>, StoreError> {
        fs::read(self.path(id)).map_err(|error| StoreError::Io(format!("blob {}: {error}", id.as_str())))
    }

    /// Where the blob's file is. Two levels, so that no directory grows huge.
    pub fn path(&self, id: &BlobId) -> PathBuf {
        let (shard, _) = id.0.split_at_checked(2).unwrap_or((id.0.as_str(), ""));
        self.directory.join(shard).join(&id.0)
    }

    /// Gives a written file the blob's name. The name is not synced: after a crash the bytes are under this name or
    /// under the spare file's, and [`adopt`](Self::adopt) looks there. Where the blob has a file, that one stays.
    fn name(&self, written: NamedTempFile, id: &BlobId) -> io::Result<()> {
        let path = self.path(id);
        if path.exists() {
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(&self.directory))?;
        written.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Puts in order what an earlier process left: what a record names gets its name, and files that no record names
    /// go. Only at start, when nobody can be about to name one. Returns how many files went.
    pub(crate) fn sweep(&self, named: &BTreeSet<BlobId>) -> io::Result<usize> {
        self.adopt(named)?;
        let mut removed = 0;
        for shard in fs::read_dir(&self.directory)? {
            let shard = shard?;
            // Anything but a shard was put there by somebody else and is left alone.
            if !shard.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shard.path())? {
                let file = file?;
                let name = file.file_name().to_string_lossy().into_owned();
                if !named.contains(&BlobId(name)) {
                    fs::remove_file(file.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Renames the spare files whose bytes a record names: blobs whose names a crash has taken.
    fn adopt(&self, named: &BTreeSet<BlobId>) -> io::Result<()> {
        for file in self.spares.left_behind()? {
            let id = BlobId::of(&fs::read(&file)?);
            let path = self.path(&id);
            if named.contains(&id) && !path.exists() {
                fs::create_dir_all(path.parent().unwrap_or(&self.directory))?;
                fs::rename(file, path)?;
            }
        }
        Ok(())
    }
}

fn refused(error: io::Error) -> StoreError {
    StoreError::Io(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of blobs as a crash leaves it that has taken the renaming of the file back.
    fn after_a_crash(bytes: &[u8]) -> (tempfile::TempDir, Blobs) {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(directory.path()).unwrap();
        let id = blobs.put(bytes).unwrap();
        fs::rename(blobs.path(&id), directory.path().join("blobs/spare/.left")).unwrap();
        (directory, blobs)
    }

    #[test]
    fn a_blob_whose_name_was_lost_is_found_by_its_bytes() {
        let (directory, blobs) = after_a_crash(b"code");
        let id = BlobId::of(b"code");
        assert!(blobs.get(&id).is_err());
        drop(blobs);
        let blobs = Blobs::open(directory.path()).unwrap();
        blobs.sweep(&BTreeSet::from([id.clone()])).unwrap();
        assert_eq!(blobs.get(&id).unwrap(), b"code");
    }

    #[test]
    fn bytes_that_nobody_has_named_do_not_stay() {
        let (directory, blobs) = after_a_crash(b"code");
        drop(blobs);
        Blobs::open(directory.path()).unwrap().sweep(&BTreeSet::new()).unwrap();
        assert_eq!(fs::read_dir(directory.path().join("blobs/spare")).unwrap().count(), 0);
    }

    #[test]
    fn bytes_that_are_refused_meanwhile_are_not_stored() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(directory.path()).unwrap();
        let refused = blobs.put_while(b"no zip", |_| Err::<(), _>(StoreError::Aborted));
        assert!(matches!(refused, Err(StoreError::Aborted)));
        assert!(blobs.get(&BlobId::of(b"no zip")).is_err());
        let (id, length) = blobs.put_while(b"zip", |_| Ok::<_, StoreError>(3)).unwrap();
        assert_eq!((blobs.get(&id).unwrap(), length), (b"zip".to_vec(), 3));
    }
}
