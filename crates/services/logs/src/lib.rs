//! CloudWatch Logs: log groups, their streams, and the events in them.
//!
//! Lambda writes the logs of functions here with their execution roles, like any other caller: nothing in this crate
//! knows of functions.

mod access;
mod error;
mod expiry;
mod filter_events;
mod get_events;
mod group;
mod name;
mod pattern;
mod position;
mod put_events;
mod retention;
mod stream;
mod tags;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::logs::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// The service.
pub struct Logs {
    platform: Arc<Platform>,
}

impl Logs {
    /// The service on the platform's records.
    pub fn new(platform: Arc<Platform>) -> Self {
        Logs { platform }
    }

    async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateLogGroup(input) => Output::CreateLogGroup(self.create_log_group(call, input).await?),
            Input::DeleteLogGroup(input) => Output::DeleteLogGroup(self.delete_log_group(call, input).await?),
            Input::DescribeLogGroups(input) => {
                Output::DescribeLogGroups(self.describe_log_groups(call, input)?)
            }
            Input::PutRetentionPolicy(input) => {
                Output::PutRetentionPolicy(self.put_retention_policy(call, input).await?)
            }
            Input::DeleteRetentionPolicy(input) => {
                Output::DeleteRetentionPolicy(self.delete_retention_policy(call, input).await?)
            }
            Input::CreateLogStream(input) => {
                Output::CreateLogStream(self.create_log_stream(call, input).await?)
            }
            Input::DeleteLogStream(input) => {
                Output::DeleteLogStream(self.delete_log_stream(call, input).await?)
            }
            Input::DescribeLogStreams(input) => {
                Output::DescribeLogStreams(self.describe_log_streams(call, input)?)
            }
            Input::PutLogEvents(input) => Output::PutLogEvents(self.put_log_events(call, input).await?),
            Input::GetLogEvents(input) => Output::GetLogEvents(self.get_log_events(call, input).await?),
            Input::FilterLogEvents(input) => {
                Output::FilterLogEvents(self.filter_log_events(call, input).await?)
            }
            Input::TagResource(input) => Output::TagResource(self.tag_resource(call, input).await?),
            Input::UntagResource(input) => Output::UntagResource(self.untag_resource(call, input).await?),
            Input::ListTagsForResource(input) => {
                Output::ListTagsForResource(self.list_tags_for_resource(call, input)?)
            }
            Input::ListTagsLogGroup(input) => {
                Output::ListTagsLogGroup(self.list_tags_log_group(call, input)?)
            }
        })
    }
}

#[async_trait]
impl Service for Logs {
    fn id(&self) -> ServiceId {
        ServiceId::Logs
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Logs(input) => self.perform(call, input).await.map(AnyOutput::Logs),
            other => Err(rolecall_service::internal(
                ServiceId::Logs,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }
}
