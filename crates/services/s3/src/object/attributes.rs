//! GetObjectAttributes.

use rolecall_authority::Call;
use rolecall_store::records::s3::Object;
use rolecall_wire::{ServiceError, Timestamp, s3 as wire};

use super::FULL_OBJECT;
use super::get::target;
use crate::S3;
use crate::access::Ask;
use crate::arguments::check_key;
use crate::error::S3Error;
use crate::not_built;

const ATTRIBUTES: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

impl S3 {
    /// GetObjectAttributes, which needs `s3:GetObjectAttributes` beside `s3:GetObject`.
    pub(crate) fn get_object_attributes(
        &self,
        call: &Call,
        input: wire::GetObjectAttributesRequest,
    ) -> Result<wire::GetObjectAttributesOutput, ServiceError> {
        self.authorize_attributes(call, &input)?;
        let object = self.find_object(call, &target!(input))?;
        not_built::in_reading(input.sse_customer_algorithm.as_ref(), input.sse_customer_key.is_some())?;
        let wanted: Vec<&str> =
            input.object_attributes.iter().flat_map(|list| list.split(',')).map(str::trim).collect();
        if let Some(unknown) = wanted.iter().find(|name| !ATTRIBUTES.contains(name)) {
            let words = "Invalid attribute name specified.";
            return Err(S3Error::argument(words, "x-amz-object-attributes", unknown).into());
        }
        Ok(attributes(&object, &wanted))
    }

    fn authorize_attributes(
        &self,
        call: &Call,
        input: &wire::GetObjectAttributesRequest,
    ) -> Result<(), S3Error> {
        check_key(&input.key)?;
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let version_id = input.version_id.as_deref();
        let action = match version_id {
            Some(_) => "s3:GetObjectVersionAttributes",
            None => "s3:GetObjectAttributes",
        };
        let ask = Ask::object(action, &bucket.name, &input.key).key_if("s3:versionid", version_id);
        self.authorize(call, &bucket, ask).map(|_| ())
    }
}

/// Here, and only here, S3 shows the entity tag without quotes.
fn attributes(object: &Object, wanted: &[&str]) -> wire::GetObjectAttributesOutput {
    let is_wanted = |name: &str| wanted.contains(&name);
    wire::GetObjectAttributesOutput {
        last_modified: Some(Timestamp(object.last_modified_ms)),
        e_tag: is_wanted("ETag").then(|| object.etag.clone()),
        checksum: is_wanted("Checksum").then(|| checksums(object)),
        storage_class: is_wanted("StorageClass").then(|| "STANDARD".to_owned()),
        object_size: is_wanted("ObjectSize").then(|| i64::try_from(object.size).unwrap_or(i64::MAX)),
        ..Default::default()
    }
}

fn checksums(object: &Object) -> wire::Checksum {
    let checksum = |name: &str| object.checksums.get(name).cloned();
    wire::Checksum {
        checksum_crc32: checksum("CRC32"),
        checksum_crc32c: checksum("CRC32C"),
        checksum_crc64nvme: checksum("CRC64NVME"),
        checksum_sha1: checksum("SHA1"),
        checksum_sha256: checksum("SHA256"),
        checksum_type: Some(FULL_OBJECT.to_owned()),
        ..Default::default()
    }
}
