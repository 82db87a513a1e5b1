//! PutObject.

use rolecall_authority::{Authorized, Call};
use rolecall_store::records::s3::{Bucket, Object};
use rolecall_wire::{ServiceError, s3 as wire};

use super::{FULL_OBJECT, StoredBytes, Write, quoted};
use crate::S3;
use crate::access::Ask;
use crate::arguments::check_key;
use crate::checksum::Stated;
use crate::content;
use crate::error::S3Error;
use crate::not_built;
use crate::preconditions::WriteConditions;

impl S3 {
    /// PutObject.
    pub(crate) async fn put_object(
        &self,
        call: &Call,
        mut input: wire::PutObjectRequest,
    ) -> Result<wire::PutObjectOutput, ServiceError> {
        check_key(&input.key)?;
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let conditions = WriteConditions::parse(input.if_match.clone(), input.if_none_match.as_deref())?;
        let proof = self.authorize_put(call, &bucket, &input, &conditions)?;
        drop(state);
        not_built::in_put_object(&input)?;
        let stated = Stated::of(&input)?;
        let headers = content::headers_of_put(&input);
        let metadata = content::metadata(input.metadata.take())?;
        let StoredBytes { blob, size, digests } =
            self.store_bytes(input.body.take().unwrap_or_default(), stated).await?;
        let object = Object {
            blob,
            size,
            etag: digests.etag,
            last_modified_ms: self.platform.now_ms(),
            headers,
            metadata,
            checksums: digests.checksums,
            sequencer: self.next_sequencer(),
        };
        let answer = answer(&object);
        let write = Write { bucket, key: input.key, object, conditions, event: "ObjectCreated:Put" };
        self.write_object(proof, call, write).await?;
        Ok(answer)
    }

    fn authorize_put(
        &self,
        call: &Call,
        bucket: &Bucket,
        input: &wire::PutObjectRequest,
        conditions: &WriteConditions,
    ) -> Result<Authorized, S3Error> {
        let ask = Ask::object("s3:PutObject", &bucket.name, &input.key)
            .key_if("s3:x-amz-acl", input.acl.as_ref())
            .key_if("s3:x-amz-server-side-encryption", input.server_side_encryption.as_ref())
            .key_if("s3:x-amz-storage-class", input.storage_class.as_ref())
            .key_if("s3:if-match", input.if_match.as_ref())
            .key_if("s3:if-none-match", input.if_none_match.as_ref());
        let proof = self.authorize(call, bucket, ask)?;
        if conditions.reveals_tag() {
            self.authorize(call, bucket, Ask::object("s3:GetObject", &bucket.name, &input.key))?;
        }
        Ok(proof)
    }
}

fn answer(object: &Object) -> wire::PutObjectOutput {
    let checksum = |name: &str| object.checksums.get(name).cloned();
    wire::PutObjectOutput {
        e_tag: quoted(&object.etag),
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        checksum_type: Some(FULL_OBJECT.to_owned()),
        ..Default::default()
    }
}
