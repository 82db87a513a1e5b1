//! What the tests of this service share: a house with the service in it.

use std::sync::Arc;

use rolecall_authority::Caller;
use rolecall_logs::Logs;
use rolecall_service::Service;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::logs::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};

pub struct World {
    pub house: House,
    logs: Logs,
}

impl World {
    pub async fn new() -> Self {
        let house = House::new().await;
        let logs = Logs::new(Arc::clone(&house.platform));
        World { house, logs }
    }

    pub fn now_ms(&self) -> i64 {
        self.house.platform.now_ms()
    }

    pub fn root(&self) -> Caller {
        self.house.root()
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.logs.handle(&self.house.call(caller), AnyInput::Logs(input)).await? {
            AnyOutput::Logs(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The refusal of an operation by root.
    pub async fn refusal(&self, input: Input) -> (String, String) {
        let error = self.call(&self.root(), input).await.expect_err("a refusal");
        assert_eq!(error.status, 400);
        (error.code.into_owned(), error.message.unwrap_or_default())
    }

    /// Sees to it that the group and the stream are there.
    pub async fn prepare(&self, group: &str, stream: &str) {
        let root = self.root();
        let create = wire::CreateLogGroupRequest { log_group_name: group.to_owned(), ..Default::default() };
        let _ = self.call(&root, Input::CreateLogGroup(create)).await;
        let create = wire::CreateLogStreamRequest {
            log_group_name: group.to_owned(),
            log_stream_name: stream.to_owned(),
        };
        let _ = self.call(&root, Input::CreateLogStream(create)).await;
    }

    pub async fn remove(&self, group: &str) {
        let delete = wire::DeleteLogGroupRequest { log_group_name: group.to_owned() };
        let _ = self.call(&self.root(), Input::DeleteLogGroup(delete)).await;
    }

    pub fn put(&self, group: &str, stream: &str, events: &[(i64, &str)]) -> Input {
        let log_events = events
            .iter()
            .map(|(timestamp, message)| wire::InputLogEvent {
                timestamp: *timestamp,
                message: (*message).to_owned(),
            })
            .collect();
        Input::PutLogEvents(wire::PutLogEventsRequest {
            log_group_name: group.to_owned(),
            log_stream_name: stream.to_owned(),
            log_events,
            ..Default::default()
        })
    }

    pub fn put_one(&self, group: &str, stream: &str, message: &str) -> Input {
        self.put(group, stream, &[(self.now_ms(), message)])
    }
}

pub fn group_resource(name: &str) -> String {
    format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}")
}

/// AWS's answer to a caller who may not.
pub fn denial(caller: &Caller, action: &str, resource: &str, reason: &str) -> ServiceError {
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {reason} {action} action",
        caller.arn()
    );
    ServiceError::new(400, "AccessDeniedException", message)
}
