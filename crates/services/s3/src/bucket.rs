//! Buckets: making, removing and listing them.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_authority::{Authorized, Call, Check, Denied};
use rolecall_store::State;
use rolecall_store::records::s3::Bucket;
use rolecall_wire::{ServiceError, Timestamp, s3 as wire};

use crate::S3;
use crate::access::{Ask, bucket_arn};
use crate::arguments::{max_items, parse_token, token};
use crate::bucket_name::is_bucket_name;
use crate::canonical_id::canonical_user_id;
use crate::error::{S3Error, write_failed};
use crate::not_built;

/// How many buckets one answer lists at most.
const MAX_BUCKETS: usize = 10_000;

impl S3 {
    /// CreateBucket.
    pub(crate) async fn create_bucket(
        &self,
        call: &Call,
        input: wire::CreateBucketRequest,
    ) -> Result<wire::CreateBucketOutput, ServiceError> {
        let name = input.bucket.clone();
        if !is_bucket_name(&name) {
            return Err(S3Error::InvalidBucketName(name).into());
        }
        let constraint =
            input.create_bucket_configuration.as_ref().and_then(|wanted| wanted.location_constraint.clone());
        let (proof, account) = self.authorize_creation(call, &input, constraint.as_deref())?;
        not_built::in_create_bucket(&input)?;
        check_location(&call.region, constraint.as_deref())?;
        let bucket = Bucket {
            name: name.clone(),
            account,
            region: call.region.clone(),
            created_ms: self.platform.now_ms(),
            policy: None,
            bound_principals: Default::default(),
            notifications: Vec::new(),
        };
        self.insert_bucket(proof, bucket).await?;
        let bucket_arn = Some(bucket_arn(&name).to_string());
        Ok(wire::CreateBucketOutput { location: Some(format!("/{name}")), bucket_arn })
    }

    fn authorize_creation(
        &self,
        call: &Call,
        input: &wire::CreateBucketRequest,
        constraint: Option<&str>,
    ) -> Result<(Authorized, AccountId), S3Error> {
        let account = call.caller.account().ok_or(S3Error::AccessDenied)?;
        let check = Check::on("s3:CreateBucket", &bucket_arn(&input.bucket), account)
            .key("s3:ResourceAccount", account.as_str())
            .key_if("s3:LocationConstraint", constraint)
            .key_if("s3:x-amz-acl", input.acl.as_deref())
            .key_if("s3:x-amz-object-ownership", input.object_ownership.as_deref());
        let authorized = self.platform.authority.authorize(call, check);
        let proof = authorized.map_err(|refused| {
            let Denied { caller, action, resource, reason, .. } = &refused;
            S3Error::AccessDeniedBecause(format!(
                "User: {caller} is not authorized to perform: {action} on resource: \"{resource}\" {reason}"
            ))
        })?;
        Ok((proof, account))
    }

    /// Making one's own bucket again is an error, except in us-east-1 (CreateBucket in the API reference).
    async fn insert_bucket(&self, _proof: Authorized, bucket: Bucket) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            match state.buckets.get(&bucket.name) {
                None => state.buckets.put(bucket.name.clone(), bucket),
                Some(other) if other.account != bucket.account => {
                    return Err(S3Error::BucketAlreadyExists(bucket.name));
                }
                Some(other) if other.region == bucket.region && bucket.region == Region::global() => {}
                Some(_) => return Err(S3Error::BucketAlreadyOwnedByYou(bucket.name)),
            }
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DeleteBucket, which must be empty.
    pub(crate) async fn delete_bucket(
        &self,
        call: &Call,
        input: wire::DeleteBucketRequest,
    ) -> Result<wire::DeleteBucketOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let proof = self.authorize(call, &bucket, Ask::bucket("s3:DeleteBucket", &bucket.name))?;
        self.remove_bucket(proof, bucket).await?;
        Ok(wire::DeleteBucketOutput)
    }

    async fn remove_bucket(&self, _proof: Authorized, bucket: Arc<Bucket>) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            check_same(state, &bucket)?;
            let first = state.objects.range((bucket.name.clone(), String::new())..).next();
            if first.is_some_and(|((of, _), _)| *of == bucket.name) {
                return Err(S3Error::BucketNotEmpty(bucket.name.clone()));
            }
            state.buckets.remove(&bucket.name);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// HeadBucket.
    pub(crate) fn head_bucket(
        &self,
        call: &Call,
        input: wire::HeadBucketRequest,
    ) -> Result<wire::HeadBucketOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        self.authorize(call, &bucket, Ask::bucket("s3:ListBucket", &bucket.name))?;
        Ok(wire::HeadBucketOutput {
            bucket_arn: Some(bucket_arn(&bucket.name).to_string()),
            bucket_region: Some(bucket.region.to_string()),
            access_point_alias: Some(false),
            ..Default::default()
        })
    }

    /// ListBuckets: those of the caller's account.
    pub(crate) fn list_buckets(
        &self,
        call: &Call,
        input: wire::ListBucketsRequest,
    ) -> Result<wire::ListBucketsOutput, ServiceError> {
        let account = self.authorize_list_buckets(call)?;
        let limit = max_items(input.max_buckets, MAX_BUCKETS, "max-buckets")?.max(1);
        let after = input.continuation_token.as_deref().map(parse_token).transpose()?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let region = input.bucket_region.as_deref();
        let state = self.platform.store.read();
        let mut found = state.buckets.iter().map(|(_, bucket)| bucket).filter(|bucket| {
            bucket.account == account
                && bucket.name.starts_with(prefix)
                && region.is_none_or(|region| bucket.region.as_str() == region)
                && after.as_ref().is_none_or(|after| bucket.name > *after)
        });
        let page: Vec<&Arc<Bucket>> = found.by_ref().take(limit).collect();
        let more = found.next().is_some();
        Ok(wire::ListBucketsOutput {
            continuation_token: page.last().filter(|_| more).map(|last| token(&last.name)),
            buckets: Some(page.into_iter().map(|bucket| shown(bucket)).collect()),
            owner: Some(owner(account)),
            prefix: input.prefix,
        })
    }

    /// The action has no resource of its own. S3 asks about `arn:aws:s3:::*`, which older policies of AWS's name, and
    /// its denial prints no resource (reference iam.md 5.13).
    fn authorize_list_buckets(&self, call: &Call) -> Result<AccountId, S3Error> {
        let account = call.caller.account().ok_or(S3Error::AccessDenied)?;
        let check = Check::on("s3:ListAllMyBuckets", &Arn::new("s3", "", None, "*"), account)
            .key("s3:ResourceAccount", account.as_str());
        let authorized = self.platform.authority.authorize(call, check);
        authorized.map(|_| account).map_err(|refused| {
            let Denied { caller, action, reason, .. } = &refused;
            S3Error::AccessDeniedBecause(format!(
                "User: {caller} is not authorized to perform: {action} {reason}"
            ))
        })
    }

    /// GetBucketLocation: nothing for us-east-1.
    pub(crate) fn get_bucket_location(
        &self,
        call: &Call,
        input: wire::GetBucketLocationRequest,
    ) -> Result<wire::GetBucketLocationOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        self.authorize(call, &bucket, Ask::bucket("s3:GetBucketLocation", &bucket.name))?;
        let constraint = (bucket.region != Region::global()).then(|| bucket.region.to_string());
        Ok(wire::GetBucketLocationOutput { location_constraint: constraint })
    }

    /// GetBucketVersioning: no bucket here was ever versioned, which S3 says by an empty answer.
    pub(crate) fn get_bucket_versioning(
        &self,
        call: &Call,
        input: wire::GetBucketVersioningRequest,
    ) -> Result<wire::GetBucketVersioningOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        self.authorize(call, &bucket, Ask::bucket("s3:GetBucketVersioning", &bucket.name))?;
        Ok(wire::GetBucketVersioningOutput::default())
    }
}

/// Whether the bucket is still the one that was authorised, and not another that was made under its name since.
pub(crate) fn check_same(state: &State, bucket: &Bucket) -> Result<(), S3Error> {
    match state.buckets.get(&bucket.name) {
        Some(now) if now.account == bucket.account && now.created_ms == bucket.created_ms => Ok(()),
        _ => Err(S3Error::NoSuchBucket(bucket.name.clone())),
    }
}

/// The location must be the region that is called. AWS's global endpoint would make the bucket elsewhere, too; here
/// that would escape policies on `aws:RequestedRegion`.
fn check_location(region: &Region, constraint: Option<&str>) -> Result<(), S3Error> {
    let wanted = match constraint {
        None if *region == Region::global() => return Ok(()),
        None => return Err(S3Error::IllegalLocationConstraint("unspecified".to_owned())),
        Some("EU") => "eu-west-1",
        Some(constraint) => constraint,
    };
    if wanted == Region::global().as_str() || wanted.parse::<Region>().is_err() {
        return Err(S3Error::InvalidLocationConstraint(wanted.to_owned()));
    }
    if wanted != region.as_str() {
        return Err(S3Error::IllegalLocationConstraint(wanted.to_owned()));
    }
    Ok(())
}

/// The owner as lists show it.
pub(crate) fn owner(account: AccountId) -> wire::Owner {
    wire::Owner { display_name: None, id: Some(canonical_user_id(account)) }
}

fn shown(bucket: &Bucket) -> wire::Bucket {
    wire::Bucket {
        name: Some(bucket.name.clone()),
        creation_date: Some(Timestamp(bucket.created_ms)),
        bucket_region: Some(bucket.region.to_string()),
        bucket_arn: Some(bucket_arn(&bucket.name).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_made_in_the_region_that_is_called() {
        let us: Region = "us-east-1".parse().unwrap();
        let eu: Region = "eu-west-1".parse().unwrap();
        assert_eq!(check_location(&us, None), Ok(()));
        assert_eq!(check_location(&eu, Some("eu-west-1")), Ok(()));
        assert_eq!(check_location(&eu, Some("EU")), Ok(()));
        let cases = [
            (&eu, None, "IllegalLocationConstraintException"),
            (&eu, Some("eu-west-2"), "IllegalLocationConstraintException"),
            (&us, Some("eu-west-1"), "IllegalLocationConstraintException"),
            (&us, Some("us-east-1"), "InvalidLocationConstraint"),
            (&us, Some("nowhere"), "InvalidLocationConstraint"),
        ];
        for (region, constraint, code) in cases {
            let error: ServiceError = check_location(region, constraint).unwrap_err().into();
            assert_eq!(error.code, code, "{region} {constraint:?}");
        }
    }
}
