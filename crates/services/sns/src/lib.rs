//! SNS: topics, those who subscribed to them, and the messages on their way to these.
//!
//! What is published is on the disk with a delivery for each subscription before its id is answered. Each delivery is a
//! call of Lambda's or SQS's own operation as the service principal `sns.amazonaws.com`, on behalf of the topic: the
//! function's or queue's policy decides. What SNS's servers fail at is tried again; what is refused goes to the
//! subscription's dead-letter queue, or is dropped and said.
//!
//! Topics are standard topics, and subscribers are functions and queues; the rest is refused by name.

mod access;
mod deliveries;
mod delivery;
mod envelope;
mod error;
mod filter;
mod message_attribute;
mod name;
mod outgoing;
mod permission;
mod policy;
mod publish;
mod retry;
mod subscription;
mod subscription_attributes;
mod tags;
mod topic;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::sns::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::deliveries::Deliveries;

/// The service.
pub struct Sns {
    platform: Arc<Platform>,
    deliveries: Arc<Deliveries>,
}

impl Sns {
    /// The service on the platform's records. Nothing is delivered before [`Sns::start`].
    pub fn new(platform: Arc<Platform>) -> Self {
        Sns { deliveries: Arc::new(Deliveries::new(Arc::clone(&platform))), platform }
    }

    /// Delivers what an earlier process left and what is published from now on, until [`Sns::stop`].
    pub fn start(&self) {
        let deliveries = Arc::clone(&self.deliveries);
        tokio::spawn(async move { deliveries.work().await });
    }

    /// Begins no more deliveries; what is left waits for the next start.
    pub fn stop(&self) {
        self.deliveries.stop();
    }

    async fn perform(&self, call: &Call, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateTopic(input) => Output::CreateTopic(self.create_topic(call, input).await?),
            Input::DeleteTopic(input) => Output::DeleteTopic(self.delete_topic(call, input).await?),
            Input::ListTopics(input) => Output::ListTopics(self.list_topics(call, input)?),
            Input::GetTopicAttributes(input) => {
                Output::GetTopicAttributes(self.get_topic_attributes(call, input)?)
            }
            Input::SetTopicAttributes(input) => {
                Output::SetTopicAttributes(self.set_topic_attributes(call, input).await?)
            }
            Input::Subscribe(input) => Output::Subscribe(self.subscribe(call, input).await?),
            Input::Unsubscribe(input) => Output::Unsubscribe(self.unsubscribe(call, input).await?),
            Input::ListSubscriptions(input) => {
                Output::ListSubscriptions(self.list_subscriptions(call, input)?)
            }
            Input::ListSubscriptionsByTopic(input) => {
                Output::ListSubscriptionsByTopic(self.list_subscriptions_by_topic(call, input)?)
            }
            Input::GetSubscriptionAttributes(input) => {
                Output::GetSubscriptionAttributes(self.get_subscription_attributes(call, input)?)
            }
            Input::SetSubscriptionAttributes(input) => {
                Output::SetSubscriptionAttributes(self.set_subscription_attributes(call, input).await?)
            }
            Input::Publish(input) => Output::Publish(self.publish(call, input).await?),
            Input::PublishBatch(input) => Output::PublishBatch(self.publish_batch(call, input).await?),
            Input::AddPermission(input) => Output::AddPermission(self.add_permission(call, input).await?),
            Input::RemovePermission(input) => {
                Output::RemovePermission(self.remove_permission(call, input).await?)
            }
            Input::TagResource(input) => Output::TagResource(self.tag_resource(call, input).await?),
            Input::UntagResource(input) => Output::UntagResource(self.untag_resource(call, input).await?),
            Input::ListTagsForResource(input) => {
                Output::ListTagsForResource(self.list_tags_for_resource(call, input)?)
            }
        })
    }
}

#[async_trait]
impl Service for Sns {
    fn id(&self) -> ServiceId {
        ServiceId::Sns
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Sns(input) => self.perform(call, input).await.map(AnyOutput::Sns),
            other => Err(rolecall_service::internal(
                ServiceId::Sns,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }

    fn consider(&self, call: &Call, action: &str, resource: &Arn) -> Result<(), ServiceError> {
        self.consider_topic(call, action, resource)
    }
}
