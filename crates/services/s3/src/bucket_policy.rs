//! The policy of a bucket: setting, reading and removing it.
//!
//! Only the owner's account may do that, whoever else the policy allows it to: others get `MethodNotAllowed`
//! (PutBucketPolicy in the API reference).

use std::sync::Arc;

use rolecall_authority::{Authorized, Call, bind};
use rolecall_store::records::s3::Bucket;
use rolecall_wire::{ServiceError, s3 as wire};

use crate::S3;
use crate::access::Ask;
use crate::bucket::check_same;
use crate::checksum::check_content_md5;
use crate::error::{S3Error, write_failed};
use crate::policy_document;

impl S3 {
    /// PutBucketPolicy.
    pub(crate) async fn put_bucket_policy(
        &self,
        call: &Call,
        input: wire::PutBucketPolicyRequest,
    ) -> Result<wire::PutBucketPolicyOutput, ServiceError> {
        let owner = input.expected_bucket_owner.as_deref();
        let (bucket, proof) = self.authorize_policy(call, "s3:PutBucketPolicy", &input.bucket, owner)?;
        check_content_md5(input.policy.as_bytes(), input.content_md5.as_deref())?;
        policy_document::check(&input.policy, &bucket.name)?;
        self.set_policy(proof, bucket, Some(Arc::from(input.policy))).await?;
        Ok(wire::PutBucketPolicyOutput)
    }

    /// DeleteBucketPolicy; that there is none is no error.
    pub(crate) async fn delete_bucket_policy(
        &self,
        call: &Call,
        input: wire::DeleteBucketPolicyRequest,
    ) -> Result<wire::DeleteBucketPolicyOutput, ServiceError> {
        let owner = input.expected_bucket_owner.as_deref();
        let (bucket, proof) = self.authorize_policy(call, "s3:DeleteBucketPolicy", &input.bucket, owner)?;
        self.set_policy(proof, bucket, None).await?;
        Ok(wire::DeleteBucketPolicyOutput)
    }

    /// GetBucketPolicy: the text as it was written.
    pub(crate) fn get_bucket_policy(
        &self,
        call: &Call,
        input: wire::GetBucketPolicyRequest,
    ) -> Result<wire::GetBucketPolicyOutput, ServiceError> {
        let owner = input.expected_bucket_owner.as_deref();
        let (bucket, _) = self.authorize_policy(call, "s3:GetBucketPolicy", &input.bucket, owner)?;
        let policy =
            bucket.policy.as_ref().ok_or_else(|| S3Error::NoSuchBucketPolicy(bucket.name.clone()))?;
        Ok(wire::GetBucketPolicyOutput { policy: Some(policy.to_string()) })
    }

    fn authorize_policy(
        &self,
        call: &Call,
        action: &str,
        bucket: &str,
        expected_owner: Option<&str>,
    ) -> Result<(Arc<Bucket>, Authorized), S3Error> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, bucket, expected_owner)?;
        let ask = Ask::bucket(action, &bucket.name).without_policy_for_root(call, &bucket);
        let proof = self.authorize(call, &bucket, ask)?;
        if call.caller.account() != Some(bucket.account) {
            return Err(S3Error::MethodNotAllowed);
        }
        Ok((bucket, proof))
    }

    /// Who is named is looked up in the transaction, so that it is who has the name at that moment.
    async fn set_policy(
        &self,
        _proof: Authorized,
        bucket: Arc<Bucket>,
        policy: Option<Arc<str>>,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            check_same(state, &bucket)?;
            let bound = match &policy {
                Some(document) => {
                    bind(document, state).map_err(|principal| S3Error::InvalidPrincipal(principal.value))?
                }
                None => Default::default(),
            };
            state.buckets.update(&bucket.name, |bucket| {
                bucket.policy = policy;
                bucket.bound_principals = bound;
            });
            Ok(())
        });
        written.await.map_err(write_failed)
    }
}
