//! The checks of this service: an action on a queue, with its policy and tags.

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check, ResourcePolicyRef};
use rolecall_service::denied;
use rolecall_store::State;
use rolecall_wire::{ServiceError, ServiceId};

use crate::Sqs;
use crate::error::SqsError;
use crate::name::{QueueName, no_account};

impl Sqs {
    /// Checks an action that a queue policy can allow to other accounts.
    pub(crate) fn authorize_queue(
        &self,
        call: &Call,
        action: &str,
        queue: &QueueName,
        state: &State,
    ) -> Result<Authorized, ServiceError> {
        self.authorize_with(call, action, queue, state, |check| check)
    }

    /// Whether the caller could do the action on the queue of the ARN: what its policy says counts, and it must be in the
    /// region that is called. No FIFO queue is here, so that an ARN of one is only decided and then not found.
    pub(crate) fn consider_queue(
        &self,
        call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        let state = self.platform.store.read();
        let near = QueueName::of_arn(resource.as_str()).filter(|queue| queue.region == call.region);
        let Some(queue) = near else {
            let owner = resource.account_id().or(call.caller.account()).ok_or_else(|| no_account(call))?;
            self.authorize(call, Check::on(action, resource, owner))?;
            return Err(SqsError::NoQueue.into());
        };
        self.authorize_queue(call, action, &queue, &state)?;
        if state.queues.contains(&queue.key()) { Ok(()) } else { Err(SqsError::NoQueue.into()) }
    }

    /// Checks an action that only the queue's own account may do, whatever its policy allows to others
    /// (Overview of managing access in the SQS developer guide).
    pub(crate) fn authorize_owner(
        &self,
        call: &Call,
        action: &str,
        queue: &QueueName,
        state: &State,
        keys: impl FnOnce(Check<'_>) -> Check<'_>,
    ) -> Result<Authorized, ServiceError> {
        let proof = self.authorize_with(call, action, queue, state, keys)?;
        if call.caller.account() != Some(queue.account) {
            let (caller, resource) = (call.caller.arn(), queue.arn());
            let action = action.to_lowercase();
            return Err(SqsError::NotOwner(format!(
                "User: {caller} is not authorized to perform: {action} on resource: {resource} because it belongs to \
                 another account"
            ))
            .into());
        }
        Ok(proof)
    }

    fn authorize_with(
        &self,
        call: &Call,
        action: &str,
        queue: &QueueName,
        state: &State,
        keys: impl FnOnce(Check<'_>) -> Check<'_>,
    ) -> Result<Authorized, ServiceError> {
        let name = format!("queue policy of {}", queue.name);
        let record = state.queues.get(&queue.key());
        let mut check = Check::on(action, &queue.arn(), queue.account);
        if let Some(record) = record {
            check = check.resource_tags(&record.tags);
            if let Some(document) = &record.policy {
                let bound = &record.bound_principals;
                check = check.resource_policy(ResourcePolicyRef::Policy { name: &name, document, bound });
            }
        }
        self.authorize(call, keys(check))
    }

    /// Asks the authority, and gives a denial this service's form.
    pub(crate) fn authorize(&self, call: &Call, check: Check<'_>) -> Result<Authorized, ServiceError> {
        self.platform.authority.authorize(call, check).map_err(|refused| denied(ServiceId::Sqs, &refused))
    }
}
