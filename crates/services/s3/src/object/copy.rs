//! CopyObject: reading one object and writing another, each with its own permission.

use percent_encoding::percent_decode_str;
use rolecall_authority::{Authorized, Call};
use rolecall_store::records::s3::{Bucket, Object};
use rolecall_wire::{ServiceError, Timestamp, s3 as wire};

use super::get::Target;
use super::{FULL_OBJECT, Write, quoted};
use crate::S3;
use crate::access::Ask;
use crate::arguments::check_key;
use crate::checksum::Algorithm;
use crate::content;
use crate::error::S3Error;
use crate::not_built;
use crate::preconditions::{ReadConditions, WriteConditions};

impl S3 {
    /// CopyObject.
    pub(crate) async fn copy_object(
        &self,
        call: &Call,
        input: wire::CopyObjectRequest,
    ) -> Result<wire::CopyObjectOutput, ServiceError> {
        check_key(&input.key)?;
        let source = Source::parse(&input.copy_source)?;
        let replaces_metadata = replaces(input.metadata_directive.as_deref(), "x-amz-metadata-directive")?;
        let conditions = WriteConditions::parse(input.if_match.clone(), input.if_none_match.as_deref())?;
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let proof = self.authorize_copy(call, &bucket, &input, &source, &conditions)?;
        drop(state);
        let original = self.find_object(
            call,
            &Target {
                bucket: &source.bucket,
                key: &source.key,
                version_id: source.version_id.as_deref(),
                expected_owner: input.expected_source_bucket_owner.as_deref(),
            },
        )?;
        not_built::in_copy_object(&input)?;
        if !replaces_metadata && source.bucket == bucket.name && source.key == input.key {
            let words = "This copy request is illegal because it is trying to copy an object to itself without \
                         changing the object's metadata, storage class, website redirect location or encryption \
                         attributes.";
            return Err(S3Error::InvalidRequest(words.to_owned()).into());
        }
        source_conditions(&input).check_copy_source(&original)?;
        let mut object = Object::clone(&original);
        object.last_modified_ms = self.platform.now_ms();
        object.sequencer = self.next_sequencer();
        if replaces_metadata {
            object.headers = content::headers_of_copy(&input);
            object.metadata = content::metadata(input.metadata.clone())?;
        }
        self.use_algorithm(&mut object, input.checksum_algorithm.as_deref()).await?;
        let answer = answer(&object);
        let write = Write { bucket, key: input.key, object, conditions, event: "ObjectCreated:Copy" };
        self.write_object(proof, call, write).await?;
        Ok(answer)
    }

    fn authorize_copy(
        &self,
        call: &Call,
        bucket: &Bucket,
        input: &wire::CopyObjectRequest,
        source: &Source,
        conditions: &WriteConditions,
    ) -> Result<Authorized, S3Error> {
        let ask = Ask::object("s3:PutObject", &bucket.name, &input.key)
            .key_if("s3:x-amz-copy-source", Some(format!("{}/{}", source.bucket, source.key)))
            .key_if("s3:x-amz-metadata-directive", input.metadata_directive.as_ref())
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

    /// A copy keeps the checksum of its source, unless another algorithm is asked for.
    async fn use_algorithm(&self, object: &mut Object, wanted: Option<&str>) -> Result<(), ServiceError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let algorithm = Algorithm::from_name(wanted).ok_or_else(|| {
            S3Error::argument("The checksum algorithm is not valid.", "x-amz-checksum-algorithm", wanted)
        })?;
        if object.checksums.contains_key(algorithm.name()) {
            return Ok(());
        }
        let bytes = self.load_bytes(object.blob.clone()).await?;
        let computed = tokio::task::spawn_blocking(move || algorithm.of(&bytes)).await;
        let checksum = computed.map_err(super::task_failed)?;
        object.checksums = [(algorithm.name().to_owned(), checksum)].into();
        Ok(())
    }
}

/// `x-amz-copy-source`: `/BUCKET/KEY`, percent-encoded, with or without the first slash.
struct Source {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl Source {
    fn parse(header: &str) -> Result<Self, S3Error> {
        let invalid = || {
            let words = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
            S3Error::argument(words, "x-amz-copy-source", header)
        };
        if header.starts_with("arn:") {
            return Err(S3Error::NotImplemented { header: "x-amz-copy-source with an ARN" });
        }
        let (path, version_id) = match header.split_once("?versionId=") {
            Some((path, version_id)) => (path, Some(version_id.to_owned())),
            None => (header, None),
        };
        let path = percent_decode_str(path).decode_utf8().map_err(|_| invalid())?;
        let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or_else(invalid)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(invalid());
        }
        Ok(Source { bucket: bucket.to_owned(), key: key.to_owned(), version_id })
    }
}

fn replaces(directive: Option<&str>, header: &str) -> Result<bool, S3Error> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(S3Error::argument("Unknown metadata directive.", header, other)),
    }
}

fn source_conditions(input: &wire::CopyObjectRequest) -> ReadConditions {
    ReadConditions {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    }
}

fn answer(object: &Object) -> wire::CopyObjectOutput {
    let checksum = |name: &str| object.checksums.get(name).cloned();
    let result = wire::CopyObjectResult {
        e_tag: quoted(&object.etag),
        last_modified: Some(Timestamp(object.last_modified_ms)),
        checksum_type: Some(FULL_OBJECT.to_owned()),
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        ..Default::default()
    };
    wire::CopyObjectOutput { copy_object_result: Some(result), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_with_and_without_its_first_slash() {
        for header in ["/b/a%20b/c", "b/a%20b/c", "%2Fb%2Fa b/c"] {
            let source = Source::parse(header).unwrap();
            assert_eq!((source.bucket.as_str(), source.key.as_str()), ("b", "a b/c"), "{header}");
        }
        assert_eq!(Source::parse("b/k?versionId=null").unwrap().version_id.as_deref(), Some("null"));
        for header in ["", "b", "/b/", "//k", "b/%FF", "arn:aws:s3:us-east-1:1:accesspoint/a/object/k"] {
            assert!(Source::parse(header).is_err(), "{header}");
        }
    }
}
