//! Topics: making, removing, listing, showing and changing them.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::sns::Topic;
use rolecall_wire::{ServiceError, sns as wire};

use crate::Sns;
use crate::error::{SnsError, write_failed};
use crate::name::{Key, TopicName, no_account};
use crate::policy;
use crate::subscription::subscriptions_of;
use crate::tags::{check_tags, pairs};

/// How many topics or subscriptions one answer lists.
pub(crate) const PAGE: usize = 100;
/// What AWS shows of a topic whose deliveries nobody has changed. It speaks of HTTP alone.
const EFFECTIVE_DELIVERY_POLICY: &str = concat!(
    r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"#,
    r#""numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"#,
    r#""disableSubscriptionOverrides":false,"#,
    r#""defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#,
);
/// The longest display name in characters.
const MAX_DISPLAY_NAME: usize = 100;

impl Sns {
    /// CreateTopic. A topic that is there with the same attributes is answered as if it had just been made.
    pub(crate) async fn create_topic(
        &self,
        call: &Call,
        input: wire::CreateTopicInput,
    ) -> Result<wire::CreateTopicResponse, ServiceError> {
        let topic = TopicName::of_call(call, &input.name)?;
        let tags = input.tags.unwrap_or_default();
        let state = self.platform.store.read();
        let check = |action| {
            self.authorize_topic(call, action, &topic, &state, |check| check.request_tags(pairs(&tags)))
        };
        let proof = check("sns:CreateTopic")?;
        if !tags.is_empty() {
            check("sns:TagResource")?;
        }
        if input.data_protection_policy.is_some() {
            return Err(SnsError::NotBuilt("DataProtectionPolicy".to_owned()).into());
        }
        check_tags(&tags)?;
        let arn = topic.arn().to_string();
        self.insert_topic(proof, topic, input.attributes.unwrap_or_default(), tags).await?;
        Ok(wire::CreateTopicResponse { topic_arn: Some(arn) })
    }

    async fn insert_topic(
        &self,
        _proof: Authorized,
        topic: TopicName,
        attributes: BTreeMap<String, String>,
        tags: Vec<wire::Tag>,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            let key = topic.key();
            let mut wanted = new_topic(&topic);
            wanted.tags = tags.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect();
            if let Some(existing) = state.topics.get(&key) {
                wanted.policy = existing.policy.clone();
                wanted.display_name.clone_from(&existing.display_name);
                set_all(&mut wanted, &attributes, state)?;
                return check_same(existing, &wanted);
            }
            set_all(&mut wanted, &attributes, state)?;
            state.topics.put(key, wanted);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DeleteTopic: the topic with its subscriptions. A topic that is gone is no error.
    pub(crate) async fn delete_topic(
        &self,
        call: &Call,
        input: wire::DeleteTopicInput,
    ) -> Result<wire::DeleteTopicResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:DeleteTopic", &topic, &state, |check| check)?;
        self.remove_topic(proof, topic.key()).await?;
        Ok(wire::DeleteTopicResponse)
    }

    async fn remove_topic(&self, _proof: Authorized, key: Key) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            let subscriptions: Vec<_> = subscriptions_of(state, &key).map(|(key, _)| key.clone()).collect();
            for subscription in &subscriptions {
                state.subscriptions.remove(subscription);
            }
            state.topics.remove(&key);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// ListTopics: those of the caller's account.
    pub(crate) fn list_topics(
        &self,
        call: &Call,
        input: wire::ListTopicsInput,
    ) -> Result<wire::ListTopicsResponse, ServiceError> {
        self.authorize(call, Check::on_all("sns:ListTopics"))?;
        let account = call.caller.account().ok_or_else(|| no_account(call))?;
        let after = input.next_token.as_deref().map(read_token).transpose()?;
        let state = self.platform.store.read();
        let mut topics = state
            .topics
            .range((account, call.region.clone(), String::new())..)
            .map(|(_, topic)| topic)
            .take_while(|topic| topic.account == account && topic.region == call.region)
            .filter(|topic| after.as_ref().is_none_or(|after| topic.name > *after));
        let page: Vec<_> = topics.by_ref().take(PAGE).collect();
        let more = topics.next().is_some();
        let next_token = page.last().filter(|_| more).map(|last| token(&last.name));
        let shown = |topic: &&std::sync::Arc<Topic>| wire::Topic {
            topic_arn: Some(TopicName::from(topic.as_ref()).arn().to_string()),
        };
        Ok(wire::ListTopicsResponse { topics: Some(page.iter().map(shown).collect()), next_token })
    }

    /// GetTopicAttributes.
    pub(crate) fn get_topic_attributes(
        &self,
        call: &Call,
        input: wire::GetTopicAttributesInput,
    ) -> Result<wire::GetTopicAttributesResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        self.authorize_topic(call, "sns:GetTopicAttributes", &topic, &state, |check| check)?;
        let record = state.topics.get(&topic.key()).ok_or(SnsError::NoTopic)?;
        let subscriptions = subscriptions_of(&state, &topic.key()).count();
        let attributes = [
            ("TopicArn", topic.arn().to_string()),
            ("Owner", topic.account.to_string()),
            ("DisplayName", record.display_name.clone()),
            ("Policy", record.policy.to_string()),
            ("SubscriptionsConfirmed", subscriptions.to_string()),
            ("SubscriptionsPending", "0".to_owned()),
            ("SubscriptionsDeleted", "0".to_owned()),
            ("EffectiveDeliveryPolicy", EFFECTIVE_DELIVERY_POLICY.to_owned()),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        Ok(wire::GetTopicAttributesResponse { attributes: Some(attributes) })
    }

    /// SetTopicAttributes.
    pub(crate) async fn set_topic_attributes(
        &self,
        call: &Call,
        input: wire::SetTopicAttributesInput,
    ) -> Result<wire::SetTopicAttributesResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:SetTopicAttributes", &topic, &state, |check| check)?;
        // What kind of topic it is, is said when it is made and never again.
        if input.attribute_name == "FifoTopic" {
            return Err(SnsError::parameter("AttributeName").into());
        }
        let value = input.attribute_value.unwrap_or_default();
        self.change_topic(proof, topic.key(), move |topic, state| {
            set(topic, &input.attribute_name, &value, state)
        })
        .await?;
        Ok(wire::SetTopicAttributesResponse)
    }

    /// Changes a topic that is there.
    pub(crate) async fn change_topic(
        &self,
        _proof: Authorized,
        key: Key,
        change: impl FnOnce(&mut Topic, &State) -> Result<(), SnsError> + Send + 'static,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            let mut topic = Topic::clone(state.topics.get(&key).ok_or(SnsError::NoTopic)?);
            change(&mut topic, state)?;
            state.topics.put(key, topic);
            Ok(())
        });
        written.await.map_err(write_failed)
    }
}

fn new_topic(topic: &TopicName) -> Topic {
    Topic {
        account: topic.account,
        region: topic.region.clone(),
        name: topic.name.clone(),
        display_name: String::new(),
        policy: policy::first(topic),
        bound_principals: BTreeMap::new(),
        tags: Vec::new(),
    }
}

fn set_all(topic: &mut Topic, attributes: &BTreeMap<String, String>, state: &State) -> Result<(), SnsError> {
    attributes.iter().try_for_each(|(name, value)| set(topic, name, value, state))
}

fn set(topic: &mut Topic, name: &str, value: &str, state: &State) -> Result<(), SnsError> {
    match name {
        "Policy" => policy::set(topic, value, state),
        "DisplayName" if value.chars().count() > MAX_DISPLAY_NAME => Err(SnsError::parameter("DisplayName")),
        "DisplayName" => {
            value.clone_into(&mut topic.display_name);
            Ok(())
        }
        "FifoTopic" if value == "false" => Ok(()),
        "FifoTopic" | "ContentBasedDeduplication" | "FifoThroughputScope" | "ArchivePolicy" => {
            Err(SnsError::NotBuilt("A FIFO topic".to_owned()))
        }
        "DeliveryPolicy" | "KmsMasterKeyId" | "TracingConfig" | "SignatureVersion" => {
            Err(SnsError::NotBuilt(format!("The topic attribute {name}")))
        }
        // The logs of deliveries: `LambdaFailureFeedbackRoleArn` and its many siblings.
        _ if name.ends_with("FeedbackRoleArn") || name.ends_with("FeedbackSampleRate") => {
            Err(SnsError::NotBuilt(format!("The topic attribute {name}")))
        }
        _ => Err(SnsError::parameter("AttributeName")),
    }
}

fn check_same(existing: &Topic, wanted: &Topic) -> Result<(), SnsError> {
    if existing.display_name != wanted.display_name || existing.policy != wanted.policy {
        let words = "Attributes Reason: Topic already exists with different attributes";
        return Err(SnsError::parameter(words));
    }
    if !wanted.tags.is_empty() && existing.tags != wanted.tags {
        return Err(SnsError::parameter("Tags Reason: Topic already exists with different tags"));
    }
    Ok(())
}

/// The token of the page that begins after a name.
pub(crate) fn token(last: &str) -> String {
    BASE64URL_NOPAD.encode(last.as_bytes())
}

/// The name after which a page begins.
pub(crate) fn read_token(token: &str) -> Result<String, SnsError> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| SnsError::parameter("NextToken"))
}
