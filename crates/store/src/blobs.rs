//! Bundles of code and objects of S3: files named by the SHA-256 of their content.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::StoreError;

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
    /// The shards whose own names are durable already.
    durable_shards: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Blobs {
    pub(crate) fn open(data_dir: &Path) -> io::Result<Self> {
        let directory = data_dir.join("blobs");
        // Code and objects are nobody else's business, also where the data directory itself lets others in.
        DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        Ok(Blobs { directory, durable_shards: Arc::default() })
    }

    /// Stores the bytes; they are durable when this returns. Storing the same bytes again costs no second file.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the file system refuses, a full disk for example.
    pub fn put(&self, bytes: &[u8]) -> Result<BlobId, StoreError> {
        let id = BlobId::of(bytes);
        let path = self.path(&id);
        let shard = path.parent().unwrap_or(&self.directory);
        // A file that is there may be another caller's who has not come to syncing the directories yet.
        let stored = if path.exists() { Ok(()) } else { write(shard, &path, bytes) };
        stored.and_then(|()| self.sync_names(shard)).map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(id)
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

    /// Makes the names of the files in the shard, and of the shard itself, durable. A shard stays for as long as the
    /// program runs, so its name is made durable once.
    fn sync_names(&self, shard: &Path) -> io::Result<()> {
        File::open(shard)?.sync_data()?;
        let durable = || self.durable_shards.lock().unwrap_or_else(PoisonError::into_inner);
        if durable().contains(shard) {
            return Ok(());
        }
        File::open(&self.directory)?.sync_data()?;
        durable().insert(shard.to_owned());
        Ok(())
    }

    /// Removes the files that no record names. Only at start, when nobody can be about to name one.
    pub(crate) fn sweep(&self, named: &BTreeSet<BlobId>) -> io::Result<usize> {
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
}

/// A file appears under its name only when its bytes are on the disk.
fn write(shard: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(shard)?;
    let mut file = tempfile::NamedTempFile::new_in(shard)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
