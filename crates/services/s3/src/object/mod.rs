//! Objects: one file for each way to make, read or remove them; here is what these have in common.

mod attributes;
mod copy;
mod delete;
mod get;
mod put;

use std::sync::Arc;

use bytes::Bytes;
use rolecall_authority::{Authorized, Call};
use rolecall_store::records::s3::{Bucket, Object};
use rolecall_store::{BlobId, State};
use rolecall_wire::{ServiceError, ServiceId};

use crate::S3;
use crate::bucket::check_same;
use crate::checksum::{Digests, Stated};
use crate::error::{S3Error, store_failed};
use crate::notification::{Cause, Occurrence, note};
use crate::preconditions::WriteConditions;

/// Bytes that are on the disk, and what is known of them.
struct StoredBytes {
    blob: BlobId,
    size: u64,
    digests: Digests,
}

/// An object on its way into a bucket.
struct Write {
    bucket: Arc<Bucket>,
    key: String,
    object: Object,
    conditions: WriteConditions,
    /// `ObjectCreated:Put`, ...
    event: &'static str,
}

impl S3 {
    /// Verifies the bytes and brings them to the disk, on a thread that may block.
    async fn store_bytes(&self, bytes: Bytes, stated: Stated) -> Result<StoredBytes, ServiceError> {
        let blobs = self.platform.store.blobs().clone();
        let run = move || {
            let digests = Digests::verified(&bytes, &stated)?;
            let blob = blobs.put(&bytes).map_err(store_failed)?;
            Ok::<_, ServiceError>(StoredBytes { blob, size: bytes.len() as u64, digests })
        };
        tokio::task::spawn_blocking(run).await.map_err(task_failed)?
    }

    /// Reads bytes from the disk.
    async fn load_bytes(&self, blob: BlobId) -> Result<Bytes, ServiceError> {
        let blobs = self.platform.store.blobs().clone();
        let read = tokio::task::spawn_blocking(move || blobs.get(&blob)).await.map_err(task_failed)?;
        read.map(Bytes::from).map_err(store_failed)
    }

    /// Puts the object into the bucket, if the bucket is still the same and the conditions hold, and tells the functions
    /// that are configured in that moment.
    async fn write_object(&self, _proof: Authorized, call: &Call, write: Write) -> Result<(), ServiceError> {
        let (cause, platform) = (Cause::of(call), Arc::clone(&self.platform));
        let change = move |state: &mut State| {
            let Write { bucket, key, object, conditions, event } = write;
            check_same(state, &bucket)?;
            let place = (bucket.name.clone(), key);
            conditions.check(&place.1, state.objects.get(&place).map(Arc::as_ref))?;
            let bucket = state.buckets.get(&bucket.name).cloned().ok_or(S3Error::AccessDenied)?;
            let occurrence = Occurrence::created(event, &place.1, &object);
            state.objects.put(place, object);
            let notified = note(state, platform.entropy(), &bucket, &cause, &occurrence);
            Ok(((), notified))
        };
        self.outbox.write(change).await
    }
}

fn task_failed(error: tokio::task::JoinError) -> ServiceError {
    rolecall_service::internal(ServiceId::S3, error)
}

/// The entity tag as headers have it.
fn quoted(etag: &str) -> Option<String> {
    Some(format!("\"{etag}\""))
}

/// What every answer about whole checksums says.
const FULL_OBJECT: &str = "FULL_OBJECT";
