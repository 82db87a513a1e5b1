//! GetObject and HeadObject.

use std::sync::Arc;

use rolecall_authority::{Call, Holder};
use rolecall_store::records::s3::Object;
use rolecall_wire::{ServiceError, Timestamp, s3 as wire};

use super::{FULL_OBJECT, quoted};
use crate::S3;
use crate::access::Ask;
use crate::arguments::{check_key, check_version_id};
use crate::error::S3Error;
use crate::not_built;
use crate::preconditions::ReadConditions;
use crate::range::ByteRange;

/// Which part of an object is wanted, and under which conditions: what both operations have in common.
struct Reading {
    conditions: ReadConditions,
    range: Option<String>,
    part_number: Option<i32>,
    shows_checksums: bool,
    overrides: Overrides,
}

/// Headers that the caller wants in the answer in the place of the stored ones.
struct Overrides {
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    content_type: Option<String>,
    expires: Option<Timestamp>,
}

/// GetObjectRequest and HeadObjectRequest have the same members under different types.
macro_rules! reading {
    ($input:expr) => {
        Reading {
            conditions: ReadConditions {
                if_match: $input.if_match.clone(),
                if_none_match: $input.if_none_match.clone(),
                if_modified_since: $input.if_modified_since,
                if_unmodified_since: $input.if_unmodified_since,
            },
            range: $input.range.clone(),
            part_number: $input.part_number,
            shows_checksums: $input.checksum_mode.as_deref() == Some("ENABLED"),
            overrides: Overrides {
                cache_control: $input.response_cache_control.clone(),
                content_disposition: $input.response_content_disposition.clone(),
                content_encoding: $input.response_content_encoding.clone(),
                content_language: $input.response_content_language.clone(),
                content_type: $input.response_content_type.clone(),
                expires: $input.response_expires,
            },
        }
    };
}

/// An object that the caller may read, which exists.
pub(super) struct Target<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) version_id: Option<&'a str>,
    pub(super) expected_owner: Option<&'a str>,
}

/// The target of an input. The inputs are different shapes whose members have the same names.
macro_rules! target {
    ($input:expr) => {
        $crate::object::get::Target {
            bucket: &$input.bucket,
            key: &$input.key,
            version_id: $input.version_id.as_deref(),
            expected_owner: $input.expected_bucket_owner.as_deref(),
        }
    };
}
pub(super) use target;

impl S3 {
    /// GetObject.
    pub(crate) async fn get_object(
        &self,
        call: &Call,
        input: wire::GetObjectRequest,
    ) -> Result<wire::GetObjectOutput, ServiceError> {
        let reading = reading!(input);
        let object = self.find_object(call, &target!(input))?;
        not_built::in_reading(input.sse_customer_algorithm.as_ref(), input.sse_customer_key.is_some())?;
        let (head, range) = reading.head(call, &object)?;
        let mut body = self.load_bytes(object.blob.clone()).await?;
        if let Some(range) = range {
            body = body.slice(to_usize(range.start)..to_usize(range.end).min(body.len()));
        }
        Ok(wire::GetObjectOutput {
            body: Some(body),
            accept_ranges: head.accept_ranges,
            last_modified: head.last_modified,
            content_length: head.content_length,
            e_tag: head.e_tag,
            checksum_crc32: head.checksum_crc32,
            checksum_crc32c: head.checksum_crc32c,
            checksum_crc64nvme: head.checksum_crc64nvme,
            checksum_sha1: head.checksum_sha1,
            checksum_sha256: head.checksum_sha256,
            checksum_type: head.checksum_type,
            cache_control: head.cache_control,
            content_disposition: head.content_disposition,
            content_encoding: head.content_encoding,
            content_language: head.content_language,
            content_range: head.content_range,
            content_type: head.content_type,
            expires: head.expires,
            metadata: head.metadata,
            ..Default::default()
        })
    }

    /// HeadObject: GetObject without the bytes, and with the same permission.
    pub(crate) fn head_object(
        &self,
        call: &Call,
        input: wire::HeadObjectRequest,
    ) -> Result<wire::HeadObjectOutput, ServiceError> {
        let reading = reading!(input);
        let object = self.find_object(call, &target!(input))?;
        not_built::in_reading(input.sse_customer_algorithm.as_ref(), input.sse_customer_key.is_some())?;
        Ok(reading.head(call, &object)?.0)
    }

    /// The object, for those who may read it. With a version id, `s3:GetObjectVersion` is the action.
    pub(super) fn find_object(&self, call: &Call, target: &Target<'_>) -> Result<Arc<Object>, S3Error> {
        check_key(target.key)?;
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, target.bucket, target.expected_owner)?;
        let action = if target.version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let ask = Ask::object(action, &bucket.name, target.key).key_if("s3:versionid", target.version_id);
        self.authorize(call, &bucket, ask)?;
        check_version_id(target.version_id)?;
        match state.objects.get(&(bucket.name.clone(), target.key.to_owned())) {
            Some(object) => Ok(Arc::clone(object)),
            None => Err(self.no_such_key(call, &bucket, target.key)),
        }
    }
}

impl Overrides {
    fn are_given(&self) -> bool {
        self.cache_control.is_some()
            || self.content_disposition.is_some()
            || self.content_encoding.is_some()
            || self.content_language.is_some()
            || self.content_type.is_some()
            || self.expires.is_some()
    }
}

impl Reading {
    /// The head of the answer, and the bytes that it is about where that is not all.
    fn head(
        self,
        call: &Call,
        object: &Object,
    ) -> Result<(wire::HeadObjectOutput, Option<ByteRange>), S3Error> {
        if call.caller.holder == Holder::Anonymous && self.overrides.are_given() {
            let words = "Request specific response headers cannot be used for anonymous GET requests.";
            return Err(S3Error::InvalidRequest(words.to_owned()));
        }
        self.conditions.check(object)?;
        let range = self.byte_range(object)?;
        let length = range.map_or(object.size, ByteRange::len);
        // The checksums are those of the whole object and would not fit a part of it.
        let shows_checksums = self.shows_checksums && range.is_none();
        let checksum = |name: &str| object.checksums.get(name).filter(|_| shows_checksums).cloned();
        let stored =
            |name: &str, wanted: Option<String>| wanted.or_else(|| object.headers.get(name).cloned());
        let head = wire::HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(Timestamp(object.last_modified_ms)),
            content_length: i64::try_from(length).ok(),
            e_tag: quoted(&object.etag),
            checksum_crc32: checksum("CRC32"),
            checksum_crc32c: checksum("CRC32C"),
            checksum_crc64nvme: checksum("CRC64NVME"),
            checksum_sha1: checksum("SHA1"),
            checksum_sha256: checksum("SHA256"),
            checksum_type: shows_checksums.then(|| FULL_OBJECT.to_owned()),
            cache_control: stored("cache-control", self.overrides.cache_control),
            content_disposition: stored("content-disposition", self.overrides.content_disposition),
            content_encoding: stored("content-encoding", self.overrides.content_encoding),
            content_language: stored("content-language", self.overrides.content_language),
            content_range: range.map(|range| range.content_range(object.size)),
            content_type: stored("content-type", self.overrides.content_type),
            expires: stored("expires", self.overrides.expires.map(Timestamp::to_rfc822)),
            metadata: Some(object.metadata.clone()),
            ..Default::default()
        };
        Ok((head, range))
    }

    /// An object here has one part, which is all of it.
    fn byte_range(&self, object: &Object) -> Result<Option<ByteRange>, S3Error> {
        match (&self.range, self.part_number) {
            (Some(_), Some(_)) => {
                let words = "Cannot specify both Range header and partNumber query parameter";
                Err(S3Error::InvalidRequest(words.to_owned()))
            }
            (Some(range), None) => ByteRange::parse(range, object.size),
            (None, None | Some(1)) => Ok(None),
            (None, Some(_)) => Err(S3Error::InvalidPartNumber),
        }
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
