//! Subscriptions: making, removing and listing them.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_policy::Principal;
use rolecall_store::State;
use rolecall_store::records::sns::{Protocol, Subscription};
use rolecall_wire::{ServiceError, sns as wire};

use crate::Sns;
use crate::error::{SnsError, write_failed};
use crate::name::{Key, TopicName, no_account};
use crate::subscription_attributes::set;
use crate::topic::{PAGE, read_token, token};

/// The key of a subscription's record: its topic, and its id.
pub(crate) type SubscriptionKey = (Key, String);

/// The protocols that SNS has and this server has not.
const NOT_BUILT: [&str; 7] = ["http", "https", "email", "email-json", "sms", "application", "firehose"];

/// The subscriptions of a topic.
pub(crate) fn subscriptions_of<'s>(
    state: &'s State,
    topic: &Key,
) -> impl Iterator<Item = (&'s SubscriptionKey, &'s Arc<Subscription>)> + use<'s> {
    let topic = topic.clone();
    state.subscriptions.range((topic.clone(), String::new())..).take_while(move |((of, _), _)| *of == topic)
}

impl Sns {
    /// Subscribe. A subscription of the same endpoint that is there is answered as if it had just been made.
    pub(crate) async fn subscribe(
        &self,
        call: &Call,
        input: wire::SubscribeInput,
    ) -> Result<wire::SubscribeResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:Subscribe", &topic, &state, |check| {
            check
                .key("sns:Protocol", input.protocol.as_str())
                .key_if("sns:Endpoint", input.endpoint.as_deref())
        })?;
        let protocol = read_protocol(&input.protocol)?;
        let owner = call.caller.account().ok_or_else(|| no_account(call))?;
        let endpoint = input.endpoint.unwrap_or_default();
        check_endpoint(protocol, &endpoint, owner.as_str())?;
        let wanted = Subscription {
            id: self.platform.entropy().uuid(),
            owner,
            principal: principal_of(call),
            protocol,
            endpoint,
            raw: false,
            filter_policy: None,
            dead_letter_arn: None,
        };
        let attributes = input.attributes.unwrap_or_default().into_iter().collect();
        let id = self.insert_subscription(proof, topic.key(), wanted, attributes).await?;
        Ok(wire::SubscribeResponse { subscription_arn: Some(topic.subscription_arn(&id)) })
    }

    async fn insert_subscription(
        &self,
        _proof: Authorized,
        topic: Key,
        wanted: Subscription,
        attributes: Vec<(String, String)>,
    ) -> Result<String, ServiceError> {
        let written = self.platform.store.write(move |state| {
            state.topics.get(&topic).ok_or(SnsError::NoTopic)?;
            let is_same =
                |other: &Subscription| other.protocol == wanted.protocol && other.endpoint == wanted.endpoint;
            let existing = subscriptions_of(state, &topic).find(|(_, other)| is_same(other));
            let existing = existing.map(|(_, existing)| Subscription::clone(existing));
            let mut subscription = existing.clone().unwrap_or(wanted);
            for (name, value) in &attributes {
                set(&mut subscription, name, value).map_err(SnsError::of_attributes)?;
            }
            match existing {
                Some(existing) if existing == subscription => Ok(existing.id),
                Some(_) => {
                    let words = "Attributes Reason: Subscription already exists with different attributes";
                    Err(SnsError::parameter(words))
                }
                None => {
                    let id = subscription.id.clone();
                    state.subscriptions.put((topic, id.clone()), subscription);
                    Ok(id)
                }
            }
        });
        written.await.map_err(write_failed)
    }

    /// Unsubscribe: for the account that subscribed, and for the topic's owner. A subscription that is gone is no error.
    pub(crate) async fn unsubscribe(
        &self,
        call: &Call,
        input: wire::UnsubscribeInput,
    ) -> Result<wire::UnsubscribeResponse, ServiceError> {
        let (topic, id) = TopicName::of_subscription(call, &input.subscription_arn)?;
        let state = self.platform.store.read();
        let action = "sns:Unsubscribe";
        let proof = if call.caller.account() == Some(topic.account) {
            self.authorize_topic(call, action, &topic, &state, |check| check)?
        } else {
            self.authorize_subscriber(call, action, &topic, &id, &state)?
        };
        self.remove_subscription(proof, (topic.key(), id)).await?;
        Ok(wire::UnsubscribeResponse)
    }

    async fn remove_subscription(
        &self,
        _proof: Authorized,
        key: SubscriptionKey,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            state.subscriptions.remove(&key);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// ListSubscriptions: those that the caller's account has made.
    pub(crate) fn list_subscriptions(
        &self,
        call: &Call,
        input: wire::ListSubscriptionsInput,
    ) -> Result<wire::ListSubscriptionsResponse, ServiceError> {
        self.authorize(call, Check::on_all("sns:ListSubscriptions"))?;
        let account = call.caller.account().ok_or_else(|| no_account(call))?;
        let state = self.platform.store.read();
        let own = state
            .subscriptions
            .iter()
            .filter(|(((_, of, _), _), subscription)| *of == call.region && subscription.owner == account);
        let (subscriptions, next_token) = page(own, input.next_token.as_deref())?;
        Ok(wire::ListSubscriptionsResponse { subscriptions: Some(subscriptions), next_token })
    }

    /// ListSubscriptionsByTopic.
    pub(crate) fn list_subscriptions_by_topic(
        &self,
        call: &Call,
        input: wire::ListSubscriptionsByTopicInput,
    ) -> Result<wire::ListSubscriptionsByTopicResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        self.authorize_topic(call, "sns:ListSubscriptionsByTopic", &topic, &state, |check| check)?;
        state.topics.get(&topic.key()).ok_or(SnsError::NoTopic)?;
        let (subscriptions, next_token) =
            page(subscriptions_of(&state, &topic.key()), input.next_token.as_deref())?;
        Ok(wire::ListSubscriptionsByTopicResponse { subscriptions: Some(subscriptions), next_token })
    }
}

/// A page of subscriptions. Its token is the last one's ARN, which also tells the place of one that is gone since.
fn page<'s>(
    subscriptions: impl Iterator<Item = (&'s SubscriptionKey, &'s Arc<Subscription>)>,
    after: Option<&str>,
) -> Result<(Vec<wire::Subscription>, Option<String>), SnsError> {
    let after = after.map(read_place).transpose()?;
    let mut rest = subscriptions.filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
    let page: Vec<_> =
        rest.by_ref().take(PAGE).map(|((topic, _), subscription)| shown(topic, subscription)).collect();
    let more = rest.next().is_some();
    let last = page.last().filter(|_| more).and_then(|last| last.subscription_arn.as_deref());
    let next = last.map(token);
    Ok((page, next))
}

fn read_place(after: &str) -> Result<SubscriptionKey, SnsError> {
    let arn = read_token(after)?;
    let (topic, id) = TopicName::parse_subscription(&arn).ok_or_else(|| SnsError::parameter("NextToken"))?;
    Ok((topic.key(), id))
}

fn shown((account, region, name): &Key, subscription: &Subscription) -> wire::Subscription {
    let topic = TopicName { account: *account, region: region.clone(), name: name.clone() };
    wire::Subscription {
        subscription_arn: Some(topic.subscription_arn(&subscription.id)),
        owner: Some(subscription.owner.to_string()),
        protocol: Some(protocol_name(subscription.protocol).to_owned()),
        endpoint: Some(subscription.endpoint.clone()),
        topic_arn: Some(topic.arn().to_string()),
    }
}

/// Who subscribed, as AWS shows it: the user, or the role and not its session.
fn principal_of(call: &Call) -> String {
    match &call.caller.principal {
        Principal::RoleSession { role_arn, .. } => role_arn.to_string(),
        _ => call.caller.arn(),
    }
}

/// `lambda` or `sqs`.
pub(crate) fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Lambda => "lambda",
        Protocol::Sqs => "sqs",
    }
}

fn read_protocol(name: &str) -> Result<Protocol, SnsError> {
    match name {
        "lambda" => Ok(Protocol::Lambda),
        "sqs" => Ok(Protocol::Sqs),
        name if NOT_BUILT.contains(&name) => Err(SnsError::NotBuilt(format!("The protocol {name}"))),
        name => {
            let words = format!("Amazon SNS does not support this protocol string: {name}");
            Err(SnsError::parameter(words))
        }
    }
}

/// Whoever subscribes for the own account needs no confirmation; another account's endpoint would have to confirm.
fn check_endpoint(protocol: Protocol, endpoint: &str, owner: &str) -> Result<(), SnsError> {
    let arn: Option<Arn> = endpoint.parse().ok();
    let (service, words) = match protocol {
        Protocol::Lambda => ("lambda", "Lambda endpoint ARN"),
        Protocol::Sqs => ("sqs", "SQS endpoint ARN"),
    };
    let is_function = |arn: &Arn| protocol == Protocol::Sqs || arn.resource().starts_with("function:");
    let arn = arn.filter(|arn| arn.service() == service && arn.account_id().is_some() && is_function(arn));
    let arn = arn.ok_or_else(|| SnsError::parameter(words))?;
    if arn.resource().ends_with(".fifo") {
        // AWS says the first words twice.
        let words = "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics";
        return Err(SnsError::parameter(format!("Invalid parameter: {words}")));
    }
    if arn.account() != owner {
        let what = "A subscription for another account, which has to confirm it,";
        return Err(SnsError::NotBuilt(what.to_owned()));
    }
    Ok(())
}
