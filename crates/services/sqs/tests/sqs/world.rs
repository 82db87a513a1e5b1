//! What the tests of this service share: a house with the service in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Call, Caller, Origin};
use rolecall_service::Service;
use rolecall_sqs::Sqs;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::sqs::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};

pub const ENDPOINT: &str = "http://127.0.0.1:4566";

pub struct World {
    pub house: House,
    pub sqs: Arc<Sqs>,
}

impl World {
    pub async fn new() -> Self {
        let house = House::new().await;
        let sqs = Arc::new(Sqs::new(Arc::clone(&house.platform)));
        World { house, sqs }
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        self.perform(&self.house.call(caller), input).await
    }

    async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        match self.sqs.handle(call, AnyInput::Sqs(input)).await? {
            AnyOutput::Sqs(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    /// Calls as a service of AWS, on behalf of something.
    pub async fn call_as_service(
        &self,
        name: &str,
        source_arn: &str,
        source_account: &str,
        input: Input,
    ) -> Result<Output, ServiceError> {
        let origin = Origin::Service {
            source_arn: Some(source_arn.to_owned()),
            source_account: Some(source_account.parse().unwrap()),
        };
        let platform = &self.house.platform;
        let call = platform.service_call(Caller::service(name), self.house.region.clone(), origin);
        self.perform(&Arc::new(call), input).await
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.house.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The refusal of an operation by root: the code that clients read, and the words.
    pub async fn refusal(&self, input: Input) -> (String, String) {
        query_error(self.call(&self.house.root(), input).await.expect_err("a refusal"))
    }

    /// Makes a queue with these attributes, or finds it as it is.
    pub async fn queue(&self, name: &str, attributes: &[(&str, &str)]) {
        self.ok(create(name, attributes)).await;
    }

    pub async fn remove(&self, name: &str) {
        let delete = wire::DeleteQueueRequest { queue_url: url(name) };
        let _ = self.call(&self.house.root(), Input::DeleteQueue(delete)).await;
    }

    pub async fn send(&self, queue: &str, body: &str) -> wire::SendMessageResult {
        match self.ok(send(queue, body)).await {
            Output::SendMessage(sent) => sent,
            other => panic!("{other:?}"),
        }
    }

    /// Receives up to ten messages, hidden as long as the queue says or as is given.
    pub async fn receive(&self, queue: &str, visibility_timeout: Option<i32>) -> Vec<wire::Message> {
        let request = wire::ReceiveMessageRequest {
            queue_url: url(queue),
            max_number_of_messages: Some(10),
            visibility_timeout,
            message_system_attribute_names: Some(vec!["All".to_owned()]),
            message_attribute_names: Some(vec!["All".to_owned()]),
            ..Default::default()
        };
        match self.ok(Input::ReceiveMessage(request)).await {
            Output::ReceiveMessage(received) => received.messages.unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn bodies(&self, queue: &str) -> Vec<String> {
        self.receive(queue, None).await.into_iter().filter_map(|message| message.body).collect()
    }

    /// All attributes of a queue.
    pub async fn attributes(&self, queue: &str) -> BTreeMap<String, String> {
        let attribute_names = Some(vec!["All".to_owned()]);
        let get = wire::GetQueueAttributesRequest { queue_url: url(queue), attribute_names };
        match self.ok(Input::GetQueueAttributes(get)).await {
            Output::GetQueueAttributes(answer) => answer.attributes.unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }
}

pub fn create(name: &str, attributes: &[(&str, &str)]) -> Input {
    Input::CreateQueue(wire::CreateQueueRequest {
        queue_name: name.to_owned(),
        attributes: (!attributes.is_empty()).then(|| owned(attributes)),
        tags: None,
    })
}

pub fn set(queue: &str, attributes: &[(&str, &str)]) -> Input {
    let attributes = owned(attributes);
    Input::SetQueueAttributes(wire::SetQueueAttributesRequest { queue_url: url(queue), attributes })
}

pub fn send(queue: &str, body: &str) -> Input {
    Input::SendMessage(wire::SendMessageRequest {
        queue_url: url(queue),
        message_body: body.to_owned(),
        ..Default::default()
    })
}

pub fn delete(queue: &str, receipt_handle: &str) -> Input {
    Input::DeleteMessage(wire::DeleteMessageRequest {
        queue_url: url(queue),
        receipt_handle: receipt_handle.to_owned(),
    })
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn url(name: &str) -> String {
    format!("{ENDPOINT}/{ACCOUNT}/{name}")
}

pub fn arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
}

/// The code that clients read, and the words.
pub fn query_error(error: ServiceError) -> (String, String) {
    let header = error.headers.iter().find(|(name, _)| *name == "x-amzn-query-error");
    let code = header.map_or_else(|| error.code.to_string(), |(_, value)| value.replace(";Sender", ""));
    (code, error.message.unwrap_or_default())
}
