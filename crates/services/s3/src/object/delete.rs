//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::s3::Bucket;
use rolecall_wire::{ServiceError, s3 as wire};

use crate::S3;
use crate::access::Ask;
use crate::arguments::{check_key, check_version_id};
use crate::bucket::check_same;
use crate::error::S3Error;
use crate::not_built;
use crate::notification::{Cause, Occurrence, note};
use crate::preconditions::WriteConditions;

/// How many keys a DeleteObjects names at most.
const MAX_KEYS: usize = 1000;

/// A key that may be removed.
struct Removal {
    _proof: Authorized,
    key: String,
    conditions: WriteConditions,
    sequencer: u64,
}

/// What became of a key: whether there was an object, or why it stays.
type Outcome = Result<bool, S3Error>;

impl S3 {
    /// DeleteObject; that there is none is no error.
    pub(crate) async fn delete_object(
        &self,
        call: &Call,
        input: wire::DeleteObjectRequest,
    ) -> Result<wire::DeleteObjectOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let conditions = WriteConditions::parse(input.if_match, None)?;
        let removal =
            self.authorize_removal(call, &bucket, input.key, input.version_id.as_deref(), conditions)?;
        not_built::in_deleting(input.mfa.is_some(), input.bypass_governance_retention)?;
        not_built::in_delete_conditions(
            input.if_match_last_modified_time.is_some(),
            input.if_match_size.is_some(),
        )?;
        drop(state);
        for (_, outcome) in self.remove_objects(call, bucket, vec![removal]).await? {
            outcome?;
        }
        Ok(wire::DeleteObjectOutput::default())
    }

    /// DeleteObjects: each key is authorised on its own, and fails on its own.
    pub(crate) async fn delete_objects(
        &self,
        call: &Call,
        input: wire::DeleteObjectsRequest,
    ) -> Result<wire::DeleteObjectsOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        not_built::in_deleting(input.mfa.is_some(), input.bypass_governance_retention)?;
        if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_KEYS {
            return Err(S3Error::MalformedXml.into());
        }
        drop(state);
        let (mut removals, mut outcomes) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let key = object.key.clone();
            match self.authorize_listed(call, &bucket, object) {
                Ok(removal) => removals.push(removal),
                Err(refused) => outcomes.push((key, Err(refused))),
            }
        }
        if !removals.is_empty() {
            outcomes.extend(self.remove_objects(call, bucket, removals).await?);
        }
        Ok(answer(outcomes, input.delete.quiet == Some(true)))
    }

    fn authorize_listed(
        &self,
        call: &Call,
        bucket: &Bucket,
        object: wire::ObjectIdentifier,
    ) -> Result<Removal, S3Error> {
        let conditions = WriteConditions::parse(object.e_tag, None)?;
        let removal =
            self.authorize_removal(call, bucket, object.key, object.version_id.as_deref(), conditions)?;
        not_built::in_delete_conditions(object.last_modified_time.is_some(), object.size.is_some())?;
        Ok(removal)
    }

    fn authorize_removal(
        &self,
        call: &Call,
        bucket: &Bucket,
        key: String,
        version_id: Option<&str>,
        conditions: WriteConditions,
    ) -> Result<Removal, S3Error> {
        check_key(&key)?;
        let action = if version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        let ask = Ask::object(action, &bucket.name, &key).key_if("s3:versionid", version_id);
        let proof = self.authorize(call, bucket, ask)?;
        if conditions.reveals_tag() {
            self.authorize(call, bucket, Ask::object("s3:GetObject", &bucket.name, &key))?;
        }
        check_version_id(version_id)?;
        Ok(Removal { _proof: proof, key, conditions, sequencer: self.next_sequencer() })
    }

    /// Removes the objects in one transaction and tells functions of those that were there.
    async fn remove_objects(
        &self,
        call: &Call,
        bucket: Arc<Bucket>,
        removals: Vec<Removal>,
    ) -> Result<Vec<(String, Outcome)>, ServiceError> {
        let (cause, platform) = (Cause::of(call), Arc::clone(&self.platform));
        let change = move |state: &mut State| {
            check_same(state, &bucket)?;
            let now = state.buckets.get(&bucket.name).map_or(bucket, Arc::clone);
            let (mut done, mut notified) = (Vec::new(), Vec::new());
            for removal in removals {
                let place = (now.name.clone(), removal.key);
                let held = removal.conditions.check(&place.1, state.objects.get(&place).map(Arc::as_ref));
                let outcome = held.map(|()| state.objects.remove(&place));
                if outcome == Ok(true) {
                    let removed = Occurrence::removed("ObjectRemoved:Delete", &place.1, removal.sequencer);
                    notified.extend(note(state, platform.entropy(), &now, &cause, &removed));
                }
                done.push((place.1, outcome));
            }
            Ok((done, notified))
        };
        self.outbox.write(change).await
    }
}

fn answer(outcomes: Vec<(String, Outcome)>, quiet: bool) -> wire::DeleteObjectsOutput {
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, outcome) in outcomes {
        match outcome {
            Ok(_) if quiet => {}
            Ok(_) => deleted.push(wire::DeletedObject { key: Some(key), ..Default::default() }),
            Err(refused) => {
                let error = ServiceError::from(refused);
                let code = Some(error.code.into_owned());
                errors.push(wire::Error { key: Some(key), code, message: error.message, version_id: None });
            }
        }
    }
    wire::DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None }
}
