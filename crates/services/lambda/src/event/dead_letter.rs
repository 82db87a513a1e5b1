//! The dead-letter queue of a function: what is checked when it is configured, and what it gets (reference lambda.md 4.6,
//! 7.6-9).

use rolecall_arn::Arn;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::lambda::DeadLetterConfig;
use rolecall_wire::sns::{Input as SnsInput, MessageAttributeValue as TopicAttribute, PublishInput};
use rolecall_wire::sqs::{Input as SqsInput, MessageAttributeValue as QueueAttribute, SendMessageRequest};
use rolecall_wire::{AnyInput, ServiceError, ServiceId};
use serde::Deserialize;

use crate::error::LambdaError;
use crate::event::delivery::{Ending, Response};
use crate::name::Key;
use crate::service::Lambda;

/// How much of a function's error a message carries at most, in bytes.
const MAX_ERROR_BYTES: usize = 1024;
/// What an event is told to have failed with that was never run.
const NOT_RUN: (u16, &str) = (429, "Rate Exceeded.");

/// The target that a configuration names; none where it is empty, which clears it.
pub(crate) fn named_target(config: Option<&DeadLetterConfig>) -> Option<&str> {
    config.and_then(|config| config.target_arn.as_deref()).filter(|target| !target.is_empty())
}

impl Lambda {
    /// Refuses what cannot be a dead-letter queue, and what the execution role may not send to.
    ///
    /// # Errors
    /// AWS's words.
    pub(crate) async fn admit_dead_letter(
        &self,
        role: &str,
        function: &Key,
        target: Option<&str>,
    ) -> Result<(), ServiceError> {
        let Some(target) = target else { return Ok(()) };
        let invalid =
            || LambdaError::InvalidParameter(format!("The dead-letter target ARN {target} is invalid."));
        let target = Target::parse(target).ok_or_else(invalid)?;
        let call = self.call_as_role(role, function).await?;
        let lacks = |call: &str| {
            LambdaError::InvalidParameter(format!(
                "The provided execution role does not have permissions to call {call}"
            ))
        };
        match &target {
            Target::Queue(queue) => {
                let refusal = lacks("SendMessage on SQS");
                self.require_telling(&call, ServiceId::Sqs, "sqs:SendMessage", queue, refusal)
            }
            Target::Topic(topic) => {
                let refusal = lacks("Publish on SNS");
                self.require_telling(&call, ServiceId::Sns, "sns:Publish", topic, refusal)
            }
        }
    }

    /// What the dead-letter queue gets: the event as it came, and why it failed.
    pub(super) fn dead_letter(
        &self,
        target: &str,
        invocation: &AsyncInvocation,
        event: &[u8],
        ending: &Ending,
    ) -> Result<(Arn, AnyInput), ServiceError> {
        let message = String::from_utf8_lossy(event).into_owned();
        let attributes = attributes(invocation, ending);
        match Target::parse(target) {
            Some(Target::Queue(arn)) => {
                let attributes = attributes
                    .map(|(name, data_type, value)| (name.to_owned(), queue_attribute(data_type, value)));
                let request = SendMessageRequest {
                    queue_url: self.queue_url(&arn),
                    message_body: message,
                    message_attributes: Some(attributes.collect()),
                    ..SendMessageRequest::default()
                };
                Ok((arn, SqsInput::SendMessage(request).into()))
            }
            Some(Target::Topic(arn)) => {
                let attributes = attributes
                    .map(|(name, data_type, value)| (name.to_owned(), topic_attribute(data_type, value)));
                let message_attributes = Some(attributes.collect());
                let request = PublishInput { message_attributes, ..message_to(&arn, message) };
                Ok((arn, SnsInput::Publish(request).into()))
            }
            // No other kind was ever let into a configuration.
            None => Err(LambdaError::not_built("this kind of dead-letter queue").into()),
        }
    }

    /// The URL of a queue.
    pub(super) fn queue_url(&self, queue: &Arn) -> String {
        format!("{}/{}/{}", self.platform.settings.endpoint, queue.account(), queue.resource())
    }
}

/// A message to a topic.
pub(super) fn message_to(topic: &Arn, message: String) -> PublishInput {
    PublishInput { topic_arn: Some(topic.to_string()), message, ..PublishInput::default() }
}

/// What can be a dead-letter queue.
enum Target {
    Queue(Arn),
    Topic(Arn),
}

impl Target {
    fn parse(target: &str) -> Option<Self> {
        let arn: Arn = target.parse().ok()?;
        match arn.service() {
            _ if arn.resource().ends_with(".fifo") => None,
            "sqs" => Some(Target::Queue(arn)),
            "sns" => Some(Target::Topic(arn)),
            _ => None,
        }
    }
}

fn queue_attribute(data_type: &str, value: String) -> QueueAttribute {
    QueueAttribute { data_type: data_type.to_owned(), string_value: Some(value), ..QueueAttribute::default() }
}

fn topic_attribute(data_type: &str, value: String) -> TopicAttribute {
    TopicAttribute { data_type: data_type.to_owned(), string_value: Some(value), binary_value: None }
}

/// The attributes: name, type and value. A message cannot carry an empty one.
fn attributes(
    invocation: &AsyncInvocation,
    ending: &Ending,
) -> impl Iterator<Item = (&'static str, &'static str, String)> {
    let (code, words) = match &ending.response {
        Some(response) => (response.status_code, error_message(response)),
        None => (NOT_RUN.0, NOT_RUN.1.to_owned()),
    };
    let all = [
        ("RequestID", "String", invocation.request_id.clone()),
        ("ErrorCode", "Number", code.to_string()),
        ("ErrorMessage", "String", words),
    ];
    all.into_iter().filter(|(_, _, value)| !value.is_empty())
}

/// The first kilobyte of what the function failed with: the message of its error, or all that it answered where that is
/// no error as runtimes write it. Characters that no message may carry are left out: a queue refuses the whole message.
fn error_message(response: &Response) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct FunctionError {
        error_message: String,
    }
    let payload = response.payload.as_deref().unwrap_or_default();
    let mut text = match serde_json::from_slice::<FunctionError>(payload) {
        Ok(error) => error.error_message,
        Err(_) => String::from_utf8_lossy(payload).into_owned(),
    };
    text.retain(|character| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..));
    let mut end = text.len().min(MAX_ERROR_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn failed_with(payload: &str) -> String {
        error_message(&Response {
            status_code: 200,
            executed_version: None,
            function_error: Some("Unhandled".to_owned()),
            payload: Some(Bytes::copy_from_slice(payload.as_bytes())),
        })
    }

    #[test]
    fn the_first_kilobyte_of_the_errors_message_is_told() {
        assert_eq!(failed_with(r#"{"errorType":"E","errorMessage":"no"}"#), "no");
        assert_eq!(failed_with("not json"), "not json");
        let long = format!(r#"{{"errorMessage":"a{}"}}"#, "ü".repeat(600));
        assert_eq!(failed_with(&long).len(), 1023);
    }

    #[test]
    fn characters_that_no_message_may_carry_are_left_out() {
        let coloured = r#"{"errorMessage":"\u001b[31mno\u0000\n\tway\uffff\u0000"}"#;
        assert_eq!(failed_with(coloured), "[31mno\n\tway");
        assert_eq!(failed_with(r#"{"errorMessage":"\u0007"}"#), "");
    }
}
