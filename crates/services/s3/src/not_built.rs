//! What S3 has and this server has not. A request that asks for it is refused by the name of the header, never served
//! as if it had not asked: an object that should be encrypted, locked or public is not silently stored otherwise.

use rolecall_wire::s3 as wire;

use crate::error::S3Error;

/// Refuses the first header that was given.
fn refuse(headers: &[(&'static str, bool)]) -> Result<(), S3Error> {
    match headers.iter().find(|(_, given)| *given) {
        Some((header, _)) => Err(S3Error::NotImplemented { header }),
        None => Ok(()),
    }
}

/// Buckets have no access control lists, which is how AWS makes them since 2023: only lists that say nothing new pass.
fn check_acl(acl: Option<&str>, has_grants: bool) -> Result<(), S3Error> {
    match acl {
        _ if has_grants => Err(S3Error::AclNotSupported),
        None | Some("private" | "bucket-owner-full-control") => Ok(()),
        Some(_) => Err(S3Error::AclNotSupported),
    }
}

fn is_special(storage_class: Option<&str>) -> bool {
    storage_class.is_some_and(|class| class != "STANDARD")
}

/// CreateBucket.
pub(crate) fn in_create_bucket(input: &wire::CreateBucketRequest) -> Result<(), S3Error> {
    let configuration = input.create_bucket_configuration.as_ref();
    let has_tags = configuration.and_then(|wanted| wanted.tags.as_ref()).is_some_and(|tags| !tags.is_empty());
    let is_directory =
        configuration.is_some_and(|wanted| wanted.location.is_some() || wanted.bucket.is_some());
    let ownership = input.object_ownership.as_deref();
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    check_acl(input.acl.as_deref(), grants.into_iter().any(Option::is_some))?;
    refuse(&[
        ("x-amz-bucket-object-lock-enabled", input.object_lock_enabled_for_bucket == Some(true)),
        ("x-amz-object-ownership", ownership.is_some_and(|ownership| ownership != "BucketOwnerEnforced")),
        ("x-amz-bucket-namespace", input.bucket_namespace.as_deref().is_some_and(|space| space != "global")),
        ("Tags", has_tags),
        ("Location", is_directory),
    ])
}

/// Whether another encryption is asked for than the one that S3 gives every object unasked. `AES256` leaves the keys to
/// who runs the storage, so it is accepted and changes nothing; as nothing is encrypted here but by the disk below, no
/// answer claims it.
fn is_special_encryption(algorithm: Option<&str>) -> bool {
    algorithm.is_some_and(|algorithm| algorithm != "AES256")
}

/// Refuses what PutObject and CopyObject can ask of the object that they write; their inputs name it alike.
macro_rules! refuse_special_object {
    ($input:expr) => {{
        let input = $input;
        let grants =
            [&input.grant_full_control, &input.grant_read, &input.grant_read_acp, &input.grant_write_acp];
        check_acl(input.acl.as_deref(), grants.into_iter().any(Option::is_some))?;
        let event_hold = input.object_lock_event_hold.is_some()
            || input.object_lock_event_hold_duration_days.is_some()
            || input.object_lock_event_hold_duration_years.is_some();
        let customer_key = input.sse_customer_algorithm.is_some()
            || input.sse_customer_key.is_some()
            || input.sse_customer_key_md5.is_some();
        refuse(&[
            ("x-amz-server-side-encryption", is_special_encryption(input.server_side_encryption.as_deref())),
            ("x-amz-server-side-encryption-customer-algorithm", customer_key),
            ("x-amz-server-side-encryption-aws-kms-key-id", input.ssekms_key_id.is_some()),
            ("x-amz-server-side-encryption-context", input.ssekms_encryption_context.is_some()),
            ("x-amz-server-side-encryption-bucket-key-enabled", input.bucket_key_enabled == Some(true)),
            ("x-amz-storage-class", is_special(input.storage_class.as_deref())),
            ("x-amz-website-redirect-location", input.website_redirect_location.is_some()),
            ("x-amz-tagging", input.tagging.is_some()),
            ("x-amz-object-lock-mode", input.object_lock_mode.is_some()),
            ("x-amz-object-lock-retain-until-date", input.object_lock_retain_until_date.is_some()),
            ("x-amz-object-lock-legal-hold", input.object_lock_legal_hold_status.is_some()),
            ("x-amz-object-lock-event-hold", event_hold),
        ])
    }};
}

/// PutObject.
pub(crate) fn in_put_object(input: &wire::PutObjectRequest) -> Result<(), S3Error> {
    refuse_special_object!(input)?;
    refuse(&[
        ("x-amz-write-offset-bytes", input.write_offset_bytes.is_some()),
        ("x-amz-checksum-sha512", input.checksum_sha512.is_some()),
        ("x-amz-checksum-md5", input.checksum_md5.is_some()),
        ("x-amz-checksum-xxhash64", input.checksum_xxhash64.is_some()),
        ("x-amz-checksum-xxhash3", input.checksum_xxhash3.is_some()),
        ("x-amz-checksum-xxhash128", input.checksum_xxhash128.is_some()),
    ])
}

/// CopyObject.
pub(crate) fn in_copy_object(input: &wire::CopyObjectRequest) -> Result<(), S3Error> {
    let source_key = input.copy_source_sse_customer_algorithm.is_some()
        || input.copy_source_sse_customer_key.is_some()
        || input.copy_source_sse_customer_key_md5.is_some();
    refuse_special_object!(input)?;
    refuse(&[("x-amz-copy-source-server-side-encryption-customer-algorithm", source_key)])
}

/// GetObject and HeadObject.
pub(crate) fn in_reading(algorithm: Option<&String>, key_given: bool) -> Result<(), S3Error> {
    refuse(&[("x-amz-server-side-encryption-customer-algorithm", algorithm.is_some() || key_given)])
}

/// DeleteObject and DeleteObjects.
pub(crate) fn in_deleting(mfa: bool, bypasses_governance: Option<bool>) -> Result<(), S3Error> {
    refuse(&[("x-amz-mfa", mfa), ("x-amz-bypass-governance-retention", bypasses_governance == Some(true))])
}

/// Conditions of DeleteObject that only directory buckets have.
pub(crate) fn in_delete_conditions(has_time: bool, has_size: bool) -> Result<(), S3Error> {
    refuse(&[("x-amz-if-match-last-modified-time", has_time), ("x-amz-if-match-size", has_size)])
}
