//! The attributes of subscriptions.

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call};
use rolecall_store::records::sns::{Protocol, Subscription};
use rolecall_wire::{ServiceError, sns as wire};
use serde_json::{Value, json};

use crate::Sns;
use crate::error::{SnsError, write_failed};
use crate::filter::Filter;
use crate::name::TopicName;
use crate::subscription::{SubscriptionKey, protocol_name};

impl Sns {
    /// GetSubscriptionAttributes.
    pub(crate) fn get_subscription_attributes(
        &self,
        call: &Call,
        input: wire::GetSubscriptionAttributesInput,
    ) -> Result<wire::GetSubscriptionAttributesResponse, ServiceError> {
        let (topic, id) = TopicName::of_subscription(call, &input.subscription_arn)?;
        let state = self.platform.store.read();
        self.authorize_subscriber(call, "sns:GetSubscriptionAttributes", &topic, &id, &state)?;
        let subscription = state.subscriptions.get(&(topic.key(), id)).ok_or(SnsError::NoSubscription)?;
        let mut attributes = vec![
            ("SubscriptionArn", topic.subscription_arn(&subscription.id)),
            ("TopicArn", topic.arn().to_string()),
            ("Owner", subscription.owner.to_string()),
            ("SubscriptionPrincipal", subscription.principal.clone()),
            ("Protocol", protocol_name(subscription.protocol).to_owned()),
            ("Endpoint", subscription.endpoint.clone()),
            ("RawMessageDelivery", subscription.raw.to_string()),
            ("PendingConfirmation", "false".to_owned()),
            ("ConfirmationWasAuthenticated", "true".to_owned()),
        ];
        if let Some(policy) = &subscription.filter_policy {
            attributes.push(("FilterPolicy", policy.clone()));
            attributes.push(("FilterPolicyScope", "MessageAttributes".to_owned()));
        }
        if let Some(arn) = &subscription.dead_letter_arn {
            attributes.push(("RedrivePolicy", json!({"deadLetterTargetArn": arn}).to_string()));
        }
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(wire::GetSubscriptionAttributesResponse { attributes: Some(attributes) })
    }

    /// SetSubscriptionAttributes.
    pub(crate) async fn set_subscription_attributes(
        &self,
        call: &Call,
        input: wire::SetSubscriptionAttributesInput,
    ) -> Result<wire::SetSubscriptionAttributesResponse, ServiceError> {
        let (topic, id) = TopicName::of_subscription(call, &input.subscription_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_subscriber(call, "sns:SetSubscriptionAttributes", &topic, &id, &state)?;
        let value = input.attribute_value.unwrap_or_default();
        self.change_subscription(proof, (topic.key(), id), input.attribute_name, value).await?;
        Ok(wire::SetSubscriptionAttributesResponse)
    }

    async fn change_subscription(
        &self,
        _proof: Authorized,
        key: SubscriptionKey,
        name: String,
        value: String,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            let subscription = state.subscriptions.get(&key).ok_or(SnsError::NoSubscription)?;
            let mut subscription = Subscription::clone(subscription);
            set(&mut subscription, &name, &value)?;
            state.subscriptions.put(key, subscription);
            Ok(())
        });
        written.await.map_err(write_failed)
    }
}

/// Sets an attribute of a subscription; an empty text removes a policy.
pub(crate) fn set(subscription: &mut Subscription, name: &str, value: &str) -> Result<(), SnsError> {
    match name {
        "RawMessageDelivery" => subscription.raw = read_raw(subscription.protocol, value)?,
        "FilterPolicy" => subscription.filter_policy = read_filter_policy(value)?,
        "FilterPolicyScope" => check_scope(value)?,
        "RedrivePolicy" if value.is_empty() => subscription.dead_letter_arn = None,
        "RedrivePolicy" => subscription.dead_letter_arn = Some(read_redrive(subscription, value)?),
        "DeliveryPolicy" | "SubscriptionRoleArn" | "ReplayPolicy" => {
            return Err(SnsError::NotBuilt(format!("The subscription attribute {name}")));
        }
        _ => return Err(SnsError::parameter("AttributeName")),
    }
    Ok(())
}

fn read_raw(protocol: Protocol, value: &str) -> Result<bool, SnsError> {
    match value.to_ascii_lowercase().as_str() {
        "true" if protocol == Protocol::Lambda => Err(SnsError::parameter(
            "RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.",
        )),
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(SnsError::parameter(format!(
            "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
        ))),
    }
}

fn read_filter_policy(text: &str) -> Result<Option<String>, SnsError> {
    if text.is_empty() || text == "{}" {
        return Ok(None);
    }
    Filter::parse(text)?;
    Ok(Some(text.to_owned()))
}

fn check_scope(value: &str) -> Result<(), SnsError> {
    match value {
        "MessageAttributes" => Ok(()),
        "MessageBody" => Err(SnsError::NotBuilt("The filter policy scope MessageBody".to_owned())),
        _ => Err(SnsError::parameter(format!(
            "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        ))),
    }
}

/// The ARN of the dead-letter queue. It has to be where the subscription is (dead-letter queues in the SNS developer
/// guide); the words for one that is not are ours.
fn read_redrive(subscription: &Subscription, text: &str) -> Result<String, SnsError> {
    let invalid = |reason: &str| SnsError::parameter(format!("RedrivePolicy: {reason}"));
    let policy: Value = serde_json::from_str(text).map_err(|_| invalid("failed to parse JSON."))?;
    let text = policy["deadLetterTargetArn"].as_str().unwrap_or_default();
    let arn =
        text.parse::<Arn>().ok().filter(|arn| arn.service() == "sqs" && !arn.resource().ends_with(".fifo"));
    let arn = arn.ok_or_else(|| invalid("deadLetterTargetArn is an invalid arn"))?;
    if arn.account_id() != Some(subscription.owner) {
        return Err(invalid("deadLetterTargetArn is not of the subscription's account"));
    }
    Ok(text.to_owned())
}
