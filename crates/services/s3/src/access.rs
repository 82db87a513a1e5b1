//! Finding a bucket, and checking what the caller may do with it.
//!
//! Names of buckets are public: S3 says `NoSuchBucket` to everybody, and CreateBucket would tell it anyway. Whether a
//! key exists is told only to those who may list the bucket.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check, Denied, Holder, ResourcePolicyRef};
use rolecall_store::State;
use rolecall_store::records::s3::Bucket;

use crate::S3;
use crate::bucket_name::is_bucket_name;
use crate::error::S3Error;

/// A question for the authority: an action on a bucket or object with its condition keys.
pub(crate) struct Ask<'a> {
    action: &'a str,
    resource: Arn,
    keys: Vec<(&'static str, String)>,
    /// Whether the bucket policy has a say.
    policy_counts: bool,
}

impl<'a> Ask<'a> {
    /// An action on a bucket.
    pub(crate) fn bucket(action: &'a str, bucket: &str) -> Self {
        Ask { action, resource: bucket_arn(bucket), keys: Vec::new(), policy_counts: true }
    }

    /// An action on an object. The key's length was checked, so the ARN is whole.
    pub(crate) fn object(action: &'a str, bucket: &str, key: &str) -> Self {
        let resource = Arn::new("s3", "", None, &format!("{bucket}/{key}"));
        Ask { action, resource, keys: Vec::new(), policy_counts: true }
    }

    /// Adds a condition key, where there is a value.
    pub(crate) fn key_if(mut self, key: &'static str, value: Option<impl ToString>) -> Self {
        self.keys.extend(value.map(|value| (key, value.to_string())));
        self
    }

    /// The bucket policy has no say: an owner's root user can always mend it (reference iam.md 5.6).
    pub(crate) fn without_policy_for_root(mut self, call: &Call, bucket: &Bucket) -> Self {
        self.policy_counts = call.caller.holder != Holder::Root(bucket.account);
        self
    }
}

/// `arn:aws:s3:::BUCKET`
pub(crate) fn bucket_arn(bucket: &str) -> Arn {
    Arn::new("s3", "", None, bucket)
}

impl S3 {
    /// The bucket of that name.
    ///
    /// A bucket is only reached through its own region. This server has one endpoint for all regions, so the region is
    /// the one that the request is signed for; if it did not count, a policy on `aws:RequestedRegion` would be void.
    pub(crate) fn find_bucket(
        &self,
        call: &Call,
        state: &State,
        name: &str,
        expected_owner: Option<&str>,
    ) -> Result<Arc<Bucket>, S3Error> {
        let Some(bucket) = state.buckets.get(&name.to_owned()) else {
            let missing =
                if is_bucket_name(name) { S3Error::NoSuchBucket } else { S3Error::InvalidBucketName };
            return Err(missing(name.to_owned()));
        };
        if call.caller.holder != Holder::Anonymous && bucket.region != call.region {
            let (bucket, region) = (bucket.name.clone(), bucket.region.to_string());
            return Err(S3Error::PermanentRedirect { bucket, region });
        }
        if expected_owner.is_some_and(|owner| owner != bucket.account.as_str()) {
            return Err(S3Error::AccessDenied);
        }
        Ok(Arc::clone(bucket))
    }

    /// Checks an action on the bucket or one of its objects.
    pub(crate) fn authorize(
        &self,
        call: &Call,
        bucket: &Bucket,
        ask: Ask<'_>,
    ) -> Result<Authorized, S3Error> {
        let name = format!("bucket policy of {}", bucket.name);
        let policy = match &bucket.policy {
            Some(document) if ask.policy_counts => {
                ResourcePolicyRef::Policy { name: &name, document, bound: &bucket.bound_principals }
            }
            _ => ResourcePolicyRef::Absent,
        };
        let mut check = Check::on(ask.action, &ask.resource, bucket.account)
            .key("s3:ResourceAccount", bucket.account.as_str())
            .resource_policy(policy);
        for (key, value) in ask.keys {
            check = check.key(key, value);
        }
        // Nothing else verifies signatures here.
        check = check
            .key_if("s3:signatureversion", call.caller.access_key_id.as_ref().map(|_| "AWS4-HMAC-SHA256"));
        let authorized = self.platform.authority.authorize(call, check);
        authorized.map_err(|refused| denial(call, bucket, &refused))
    }

    /// Whether the caller could do the action on the bucket or object of the ARN. Whether the object is there, is not
    /// asked: what is asked for is to write it.
    pub(crate) fn consider_resource(&self, call: &Call, action: &str, resource: &Arn) -> Result<(), S3Error> {
        let (name, key) = match resource.resource().split_once('/') {
            Some((name, key)) => (name, Some(key)),
            None => (resource.resource(), None),
        };
        let bucket = self.find_bucket(call, &self.platform.store.read(), name, None)?;
        let ask = match key {
            Some(key) => Ask::object(action, name, key),
            None => Ask::bucket(action, name),
        };
        self.authorize(call, &bucket, ask).map(drop)
    }

    /// The error for a key that does not exist: only who may list the bucket learns that it does not.
    pub(crate) fn no_such_key(&self, call: &Call, bucket: &Bucket, key: &str) -> S3Error {
        match self.authorize(call, bucket, Ask::bucket("s3:ListBucket", &bucket.name)) {
            Ok(_) => S3Error::NoSuchKey(key.to_owned()),
            Err(refused) => refused,
        }
    }
}

/// S3's words: with the reason for callers of the bucket's account, and without for all others (S3 user guide,
/// "Troubleshoot access denied errors"; reference iam.md 5.13).
fn denial(call: &Call, bucket: &Bucket, refused: &Denied) -> S3Error {
    if call.caller.account() != Some(bucket.account) {
        return S3Error::AccessDenied;
    }
    let Denied { caller, action, resource, reason, .. } = refused;
    S3Error::AccessDeniedBecause(format!(
        "User: {caller} is not authorized to perform: {action} on resource: \"{resource}\" {reason}"
    ))
}
