//! SQS: queues, their messages and their policies.
//!
//! A message that was acknowledged is on the disk, and so is every receive: a restart neither loses a message nor shows
//! one that somebody works on. Whoever sends here for others (Lambda with an execution role, SNS and EventBridge as
//! themselves) calls the same operations, and the queue's policy decides as for anybody.
//!
//! Queues are standard queues; FIFO queues are refused by name.

mod access;
mod arrivals;
mod attributes;
mod error;
mod message;
mod name;
mod permission;
mod policy;
mod queue;
mod redrive;
mod tags;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::sqs::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::arrivals::Arrivals;

/// The service.
pub struct Sqs {
    platform: Arc<Platform>,
    arrivals: Arrivals,
}

impl Sqs {
    /// The service on the platform's records.
    pub fn new(platform: Arc<Platform>) -> Self {
        Sqs { platform, arrivals: Arrivals::default() }
    }

    /// Answers those who wait for messages at once, because the server stops.
    pub fn stop_waiting(&self) {
        self.arrivals.close();
    }

    async fn perform(&self, call: &Call, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateQueue(input) => Output::CreateQueue(self.create_queue(call, input).await?),
            Input::DeleteQueue(input) => Output::DeleteQueue(self.delete_queue(call, input).await?),
            Input::GetQueueUrl(input) => Output::GetQueueUrl(self.get_queue_url(call, input)?),
            Input::ListQueues(input) => Output::ListQueues(self.list_queues(call, input)?),
            Input::ListDeadLetterSourceQueues(input) => {
                Output::ListDeadLetterSourceQueues(self.list_dead_letter_source_queues(call, input)?)
            }
            Input::GetQueueAttributes(input) => {
                Output::GetQueueAttributes(self.get_queue_attributes(call, input)?)
            }
            Input::SetQueueAttributes(input) => {
                Output::SetQueueAttributes(self.set_queue_attributes(call, input).await?)
            }
            Input::PurgeQueue(input) => Output::PurgeQueue(self.purge_queue(call, input).await?),
            Input::SendMessage(input) => Output::SendMessage(self.send_message(call, input).await?),
            Input::SendMessageBatch(input) => {
                Output::SendMessageBatch(self.send_message_batch(call, input).await?)
            }
            Input::ReceiveMessage(input) => Output::ReceiveMessage(self.receive_message(call, input).await?),
            Input::DeleteMessage(input) => Output::DeleteMessage(self.delete_message(call, input).await?),
            Input::DeleteMessageBatch(input) => {
                Output::DeleteMessageBatch(self.delete_message_batch(call, input).await?)
            }
            Input::ChangeMessageVisibility(input) => {
                Output::ChangeMessageVisibility(self.change_message_visibility(call, input).await?)
            }
            Input::ChangeMessageVisibilityBatch(input) => {
                Output::ChangeMessageVisibilityBatch(self.change_message_visibility_batch(call, input).await?)
            }
            Input::AddPermission(input) => Output::AddPermission(self.add_permission(call, input).await?),
            Input::RemovePermission(input) => {
                Output::RemovePermission(self.remove_permission(call, input).await?)
            }
            Input::TagQueue(input) => Output::TagQueue(self.tag_queue(call, input).await?),
            Input::UntagQueue(input) => Output::UntagQueue(self.untag_queue(call, input).await?),
            Input::ListQueueTags(input) => Output::ListQueueTags(self.list_queue_tags(call, input)?),
        })
    }
}

#[async_trait]
impl Service for Sqs {
    fn id(&self) -> ServiceId {
        ServiceId::Sqs
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Sqs(input) => self.perform(call, input).await.map(AnyOutput::Sqs),
            other => Err(rolecall_service::internal(
                ServiceId::Sqs,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }

    fn consider(&self, call: &Call, action: &str, resource: &Arn) -> Result<(), ServiceError> {
        self.consider_queue(call, action, resource)
    }
}
