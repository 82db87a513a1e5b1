//! Files that are there before anybody has bytes for them.
//!
//! A new file is durable when its bytes and its name are, and each takes the disk some milliseconds. The names of spare
//! files are made durable many at a time and beforehand, so that a blob has to wait for its bytes only. The file is
//! then renamed. File systems with a journal do that wholly or not at all, so after a crash the bytes are under one of
//! two names, both of which are looked at.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

/// How many are made at a time.
const BATCH: usize = 16;

/// The spare files of a directory. They go when this is dropped.
pub(crate) struct Spares {
    directory: PathBuf,
    ready: Mutex<Vec<NamedTempFile>>,
}

impl Spares {
    pub(crate) fn in_directory(directory: PathBuf) -> Self {
        Spares { directory, ready: Mutex::default() }
    }

    /// Writes the bytes into a spare file; they are durable when this returns. Dropping the file removes it.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = self.take()?;
        file.write_all(bytes)?;
        file.as_file().sync_data()?;
        Ok(file)
    }

    fn take(&self) -> io::Result<NamedTempFile> {
        let ready = || self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = ready().pop() {
            return Ok(file);
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let file = NamedTempFile::new_in(&self.directory)?;
        let further = (1..BATCH).map(|_| NamedTempFile::new_in(&self.directory));
        let further = further.collect::<io::Result<Vec<_>>>()?;
        File::open(&self.directory)?.sync_data()?;
        ready().extend(further);
        Ok(file)
    }

    /// The files that an earlier process did not come to renaming.
    pub(crate) fn left_behind(&self) -> io::Result<Vec<PathBuf>> {
        match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            entries => entries?.map(|entry| Ok(entry?.path())).collect(),
        }
    }
}
