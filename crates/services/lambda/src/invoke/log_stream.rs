//! One log stream, written to as the execution role.

use std::sync::Arc;

use rolecall_runner::LogLine;
use rolecall_service::Platform;
use rolecall_wire::ServiceError;
use rolecall_wire::logs::{
    CreateLogGroupRequest, CreateLogStreamRequest, Input, InputLogEvent, PutLogEventsRequest,
};

use crate::invoke::logs::LogTarget;
use crate::invoke::role_session::{Rest, RoleSession};

/// CloudWatch Logs takes this many events, and this many bytes with 26 for each event, in one call.
const MAX_EVENTS: usize = 10_000;
const MAX_BATCH_BYTES: usize = 1_048_576;
const EVENT_OVERHEAD_BYTES: usize = 26;
/// The longest event here; a longer text is cut.
const MAX_EVENT_BYTES: usize = 262_144 - EVENT_OVERHEAD_BYTES;

/// A log stream and what is known of it.
pub(crate) struct LogStream {
    target: LogTarget,
    session: RoleSession,
    exists: bool,
    rest: Rest,
}

impl LogStream {
    /// A stream that nobody has looked for yet.
    pub(crate) fn new(platform: Arc<Platform>, target: LogTarget) -> Self {
        let (role, function) = (target.deployment.role.clone(), target.deployment.function.clone());
        let session = RoleSession::new(platform, role, function);
        LogStream { target, session, exists: false, rest: Rest::default() }
    }

    /// The stream's name.
    pub(crate) fn name(&self) -> &str {
        &self.target.stream
    }

    /// Writes the lines, or gives them up where the role may not.
    pub(crate) async fn put(&mut self, lines: Vec<LogLine>) {
        if self.rest.goes_on(&self.session.platform) {
            return;
        }
        self.rest = Rest::default();
        // Taken before the attempt: a policy that changes meanwhile ends the rest.
        let policy_generation = self.session.platform.store.read().policy_generation();
        for batch in batches(lines) {
            if let Err(error) = self.put_batch(batch).await {
                tracing::info!(stream = self.target.stream, group = self.target.group, %error, "logs are not written");
                self.rest = Rest::begin(&self.session.platform, policy_generation);
                return;
            }
        }
    }

    async fn put_batch(&mut self, events: Vec<InputLogEvent>) -> Result<(), ServiceError> {
        if !self.exists {
            self.create().await?;
        }
        match self.send(events.clone()).await {
            // Somebody deleted the stream or its group while the environment lives.
            Err(error) if error.code == "ResourceNotFoundException" => {
                self.create().await?;
                self.send(events).await
            }
            sent => sent,
        }
    }

    async fn send(&mut self, log_events: Vec<InputLogEvent>) -> Result<(), ServiceError> {
        self.call(Input::PutLogEvents(PutLogEventsRequest {
            log_group_name: self.target.group.clone(),
            log_stream_name: self.target.stream.clone(),
            log_events,
            ..PutLogEventsRequest::default()
        }))
        .await
    }

    /// Makes the stream, and the group where that is missing.
    async fn create(&mut self) -> Result<(), ServiceError> {
        let stream = CreateLogStreamRequest {
            log_group_name: self.target.group.clone(),
            log_stream_name: self.target.stream.clone(),
        };
        match self.call(Input::CreateLogStream(stream.clone())).await {
            Err(error) if error.code == "ResourceNotFoundException" => {
                let group =
                    CreateLogGroupRequest { log_group_name: self.target.group.clone(), ..Default::default() };
                unless_there(self.call(Input::CreateLogGroup(group)).await)?;
                unless_there(self.call(Input::CreateLogStream(stream)).await)?;
            }
            created => unless_there(created)?,
        }
        self.exists = true;
        Ok(())
    }

    /// Calls CloudWatch Logs as the role.
    async fn call(&mut self, input: Input) -> Result<(), ServiceError> {
        self.session.call(input).await.map(drop)
    }
}

/// That something exists already is what was wanted.
fn unless_there(result: Result<(), ServiceError>) -> Result<(), ServiceError> {
    match result {
        Err(error) if error.code == "ResourceAlreadyExistsException" => Ok(()),
        result => result,
    }
}

/// Cuts the lines into what CloudWatch Logs takes in one call, in the order of their times.
fn batches(mut lines: Vec<LogLine>) -> Vec<Vec<InputLogEvent>> {
    lines.sort_by_key(|line| line.time_ms);
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut bytes = 0;
    for line in lines {
        let Some(message) = message_of(line.text) else { continue };
        let size = message.len() + EVENT_OVERHEAD_BYTES;
        if !batch.is_empty() && (batch.len() == MAX_EVENTS || bytes + size > MAX_BATCH_BYTES) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += size;
        batch.push(InputLogEvent { timestamp: line.time_ms, message });
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

/// The line as an event; an empty line is none.
fn message_of(mut text: String) -> Option<String> {
    let mut end = text.len().min(MAX_EVENT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(time_ms: i64, text: &str) -> LogLine {
        LogLine { time_ms, text: text.to_owned() }
    }

    #[test]
    fn lines_are_sorted_and_empty_ones_left_out() {
        let batches = batches(vec![line(2, "b"), line(1, "a"), line(3, "")]);
        let messages: Vec<_> = batches.concat().into_iter().map(|event| event.message).collect();
        assert_eq!(messages, ["a", "b"]);
    }

    #[test]
    fn batches_stay_below_the_limits_of_one_call() {
        let many: Vec<LogLine> = (0..20_001).map(|time| line(time, "x")).collect();
        assert_eq!(batches(many).iter().map(Vec::len).collect::<Vec<_>>(), [10_000, 10_000, 1]);
        let long = "ä".repeat(200_000);
        let large: Vec<LogLine> = (0..5).map(|time| line(time, &long)).collect();
        let batches = batches(large);
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [4, 1]);
        assert!(batches.concat().iter().all(|event| event.message.len() <= MAX_EVENT_BYTES));
    }
}
