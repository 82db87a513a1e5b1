//! What a subscriber gets of a message (SNS message formats in the developer guide; the event that Lambda functions get).
//!
//! Messages are not signed: there is no certificate of AWS here to sign with. The members are there, for programs read
//! them; who verifies the signature is told that it does not hold, and finds no certificate at the address.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use rolecall_store::records::sns::{Published, Subscription};
use rolecall_store::records::sqs::{AttributeValue, MessageAttribute};
use rolecall_wire::{Timestamp, sqs};
use serde_json::{Map, Value, json};

use crate::name::TopicName;

/// The longest trace header that a queue is told.
const MAX_TRACE: usize = 256;

/// A message as one subscription gets it.
pub(crate) struct Envelope<'a> {
    /// Where this server is reached.
    pub(crate) endpoint: &'a str,
    pub(crate) topic: &'a TopicName,
    pub(crate) subscription: &'a Subscription,
    pub(crate) published: &'a Published,
}

impl Envelope<'_> {
    /// The message that a queue gets.
    pub(crate) fn for_queue(&self, queue_url: String) -> sqs::SendMessageRequest {
        let published = self.published;
        let (message_body, message_attributes) = if self.subscription.raw {
            let attributes = published.attributes.iter().map(|(name, value)| (name.clone(), of_queue(value)));
            (published.message.clone(), Some(attributes.collect()))
        } else {
            (self.notification().to_string(), None)
        };
        sqs::SendMessageRequest {
            queue_url,
            message_body,
            message_attributes,
            message_system_attributes: published.trace.as_deref().and_then(trace_header),
            message_group_id: published.group_id.clone(),
            ..sqs::SendMessageRequest::default()
        }
    }

    fn notification(&self) -> Value {
        let published = self.published;
        let mut body = Map::new();
        body.insert("Type".to_owned(), "Notification".into());
        body.insert("MessageId".to_owned(), published.id.as_str().into());
        body.insert("TopicArn".to_owned(), self.topic.arn().as_str().into());
        if let Some(subject) = &published.subject {
            body.insert("Subject".to_owned(), subject.as_str().into());
        }
        body.insert("Message".to_owned(), published.message.as_str().into());
        body.insert("Timestamp".to_owned(), self.timestamp().into());
        body.insert("SignatureVersion".to_owned(), "1".into());
        body.insert("Signature".to_owned(), "".into());
        body.insert("SigningCertURL".to_owned(), self.certificate_url().into());
        body.insert("UnsubscribeURL".to_owned(), self.unsubscribe_url().into());
        if !published.attributes.is_empty() {
            body.insert("MessageAttributes".to_owned(), shown(&published.attributes));
        }
        Value::Object(body)
    }

    /// The event that a function gets.
    pub(crate) fn for_function(&self) -> Value {
        let published = self.published;
        json!({"Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.topic.subscription_arn(&self.subscription.id),
            "Sns": {
                "Type": "Notification",
                "MessageId": published.id,
                "TopicArn": self.topic.arn().as_str(),
                "Subject": published.subject,
                "Message": published.message,
                "Timestamp": self.timestamp(),
                "SignatureVersion": "1",
                "Signature": "",
                "SigningCertUrl": self.certificate_url(),
                "UnsubscribeUrl": self.unsubscribe_url(),
                "MessageAttributes": shown(&published.attributes),
            },
        }]})
    }

    fn timestamp(&self) -> String {
        Timestamp(self.published.time_ms).to_iso8601_ms()
    }

    fn certificate_url(&self) -> String {
        format!("{}/SimpleNotificationService.pem", self.endpoint)
    }

    /// The call that ends the subscription. Here it has to be signed.
    fn unsubscribe_url(&self) -> String {
        let arn = self.topic.subscription_arn(&self.subscription.id);
        format!("{}/?Action=Unsubscribe&SubscriptionArn={arn}", self.endpoint)
    }
}

/// The trace as a queue is told of it, where it is one that a queue takes.
fn trace_header(trace: &str) -> Option<BTreeMap<String, sqs::MessageSystemAttributeValue>> {
    let is_good = (1..=MAX_TRACE).contains(&trace.len()) && trace.bytes().all(|byte| byte.is_ascii_graphic());
    let value = sqs::MessageSystemAttributeValue {
        data_type: "String".to_owned(),
        string_value: Some(trace.to_owned()),
        ..Default::default()
    };
    is_good.then(|| BTreeMap::from([("AWSTraceHeader".to_owned(), value)]))
}

fn shown(attributes: &BTreeMap<String, MessageAttribute>) -> Value {
    let one = |(name, attribute): (&String, &MessageAttribute)| {
        let (AttributeValue::Text(value) | AttributeValue::Binary(value)) = &attribute.value;
        (name.clone(), json!({"Type": attribute.data_type, "Value": value}))
    };
    Value::Object(attributes.iter().map(one).collect())
}

fn of_queue(attribute: &MessageAttribute) -> sqs::MessageAttributeValue {
    let mut value =
        sqs::MessageAttributeValue { data_type: attribute.data_type.clone(), ..Default::default() };
    match &attribute.value {
        AttributeValue::Text(text) => value.string_value = Some(text.clone()),
        AttributeValue::Binary(base64) => {
            value.binary_value = Some(BASE64.decode(base64.as_bytes()).unwrap_or_default().into());
        }
    }
    value
}
