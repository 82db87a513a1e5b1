//! The names of topics and subscriptions, and their ARNs.

use rolecall_arn::{AccountId, Arn, PARTITION, Region};
use rolecall_authority::Call;
use rolecall_store::records::sns::Topic;

use crate::error::SnsError;

/// The key of a topic's record.
pub(crate) type Key = (AccountId, Region, String);

/// The longest name.
const MAX_NAME: usize = 256;
/// How many parts every ARN has.
const ARN_PARTS: usize = 6;

/// A topic by its name, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl TopicName {
    /// The topic of that name in the caller's account.
    pub(crate) fn of_call(call: &Call, name: &str) -> Result<Self, SnsError> {
        if name.ends_with(".fifo") {
            return Err(SnsError::NotBuilt("A FIFO topic".to_owned()));
        }
        if !is_topic_name(name) {
            return Err(SnsError::parameter("Topic Name"));
        }
        let account = call.caller.account().ok_or_else(|| no_account(call))?;
        Ok(TopicName { account, region: call.region.clone(), name: name.to_owned() })
    }

    /// The topic of an ARN. It is reached in its own region only.
    pub(crate) fn of_arn(call: &Call, text: &str) -> Result<Self, SnsError> {
        let topic = Self::parse(text).ok_or_else(|| no_arn("TopicArn", text))?;
        if topic.region == call.region { Ok(topic) } else { Err(SnsError::parameter("TopicArn")) }
    }

    /// The topic of an ARN; none where it is no topic's.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let is_topic =
            arn.partition() == PARTITION && arn.service() == "sns" && is_topic_name(arn.resource());
        let (account, region) = (arn.account_id()?, arn.region().parse().ok()?);
        is_topic.then(|| TopicName { account, region, name: arn.resource().to_owned() })
    }

    /// The key of its record.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// `arn:aws:sns:REGION:ACCOUNT:NAME`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("sns", &self.region, self.account, &self.name)
    }

    /// `arn:aws:sns:REGION:ACCOUNT:NAME:ID`
    pub(crate) fn subscription_arn(&self, id: &str) -> String {
        format!("{}:{id}", self.arn())
    }

    /// The topic and the id of a subscription's ARN.
    pub(crate) fn of_subscription(call: &Call, text: &str) -> Result<(Self, String), SnsError> {
        let (topic, id) = Self::parse_subscription(text).ok_or_else(|| no_arn("SubscriptionArn", text))?;
        if topic.region == call.region {
            Ok((topic, id))
        } else {
            Err(SnsError::parameter("SubscriptionArn"))
        }
    }

    /// The topic and the id of a subscription's ARN; none where it is no subscription's.
    pub(crate) fn parse_subscription(text: &str) -> Option<(Self, String)> {
        let (topic, id) = text.rsplit_once(':')?;
        Some((Self::parse(topic)?, id.to_owned()))
    }
}

/// The refusal of what is no ARN of its kind.
fn no_arn(parameter: &str, text: &str) -> SnsError {
    match text.split(':').count() {
        parts @ ..ARN_PARTS => SnsError::parameter(format!(
            "{parameter} Reason: An ARN must have at least {ARN_PARTS} elements, not {parts}"
        )),
        _ => SnsError::parameter(parameter),
    }
}

impl From<&Topic> for TopicName {
    fn from(topic: &Topic) -> Self {
        TopicName { account: topic.account, region: topic.region.clone(), name: topic.name.clone() }
    }
}

/// The refusal of a caller without an account, which has no topics.
pub(crate) fn no_account(call: &Call) -> SnsError {
    let caller = call.caller.arn();
    SnsError::NotOwner(format!("User: {caller} is not authorized to use topics because it has no account"))
}

/// 1 to 256 of `a-z A-Z 0-9 - _`.
fn is_topic_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_topic_names_one() {
        let topic = TopicName::parse("arn:aws:sns:us-east-1:111122223333:news").unwrap();
        assert_eq!(topic.subscription_arn("id"), "arn:aws:sns:us-east-1:111122223333:news:id");
        for wrong in [
            "arn:aws:sqs:us-east-1:111122223333:news",
            "arn:aws:sns:us-east-1::news",
            "arn:aws:sns:us-east-1:111122223333:news:id",
            "arn:aws:sns:us-east-1:111122223333:news.fifo",
            "news",
        ] {
            assert_eq!(TopicName::parse(wrong), None, "{wrong}");
        }
    }
}
