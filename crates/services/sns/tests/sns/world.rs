//! What the tests of this service share: a house with SNS and SQS in it, and functions that only note what they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rolecall_authority::{Call, Caller, Origin};
use rolecall_service::{Dispatcher, Service};
use rolecall_sns::Sns;
use rolecall_sqs::Sqs;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::sns::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, lambda, sqs};
use serde_json::Value;

/// What a function was told: by whom, on whose behalf, under which id, in which region, and what.
#[derive(Debug, Clone)]
pub struct Told {
    pub by: String,
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub request_id: String,
    pub region: String,
    pub request: lambda::InvocationRequest,
}

impl Told {
    pub fn event(&self) -> Value {
        serde_json::from_slice(self.request.payload.as_ref().unwrap()).unwrap()
    }
}

/// Functions in the place of Lambda. They take everything but what they are made to refuse first.
#[derive(Default)]
pub struct Functions {
    told: Mutex<Vec<Told>>,
    refusals: Mutex<VecDeque<ServiceError>>,
}

impl Functions {
    pub fn refuse(&self, refusals: impl IntoIterator<Item = ServiceError>) {
        self.refusals.lock().unwrap().extend(refusals);
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    fn invoke(&self, call: &Call, input: lambda::Input) -> Result<AnyOutput, ServiceError> {
        let lambda::Input::Invoke(request) = input else { panic!("{input:?}") };
        let Origin::Service { source_arn, source_account } = &call.origin else { panic!("{call:?}") };
        self.told.lock().unwrap().push(Told {
            by: call.caller.arn(),
            source_arn: source_arn.clone(),
            source_account: source_account.map(|account| account.to_string()),
            request_id: call.request_id.clone(),
            region: call.region.to_string(),
            request,
        });
        match self.refusals.lock().unwrap().pop_front() {
            Some(refusal) => Err(refusal),
            None => Ok(AnyOutput::Lambda(lambda::Output::Invoke(lambda::InvocationResponse::default()))),
        }
    }
}

/// The services, which call each other.
struct Services(Arc<Sns>, Arc<Sqs>, Arc<Functions>);

#[async_trait]
impl Dispatcher for Services {
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Sns(_) => self.0.handle(call, input).await,
            AnyInput::Lambda(input) => self.2.invoke(call, input),
            _ => self.1.handle(call, input).await,
        }
    }
}

pub struct World {
    pub house: House,
    pub sns: Arc<Sns>,
    pub functions: Arc<Functions>,
}

impl World {
    pub async fn new() -> Self {
        Self::of_house(House::new().await)
    }

    pub fn of_house(house: House) -> Self {
        let sns = Arc::new(Sns::new(Arc::clone(&house.platform)));
        let sqs = Arc::new(Sqs::new(Arc::clone(&house.platform)));
        let functions = Arc::new(Functions::default());
        house.platform.connect(Arc::new(Services(Arc::clone(&sns), sqs, Arc::clone(&functions))));
        World { house, sns, functions }
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.house.platform.call(&self.house.call(caller), input).await? {
            AnyOutput::Sns(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.house.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The refusal of an operation by root.
    pub async fn refusal(&self, input: Input) -> (String, String) {
        let error = self.call(&self.house.root(), input).await.expect_err("a refusal");
        (error.code.into_owned(), error.message.unwrap_or_default())
    }

    /// Makes a queue with a policy, or none.
    pub async fn queue(&self, name: &str, policy: Option<&str>) {
        let attributes = policy.map(|policy| [("Policy".to_owned(), policy.to_owned())].into());
        let create = sqs::CreateQueueRequest { queue_name: name.to_owned(), attributes, tags: None };
        self.queue_call(sqs::Input::CreateQueue(create)).await;
    }

    /// Waits for a message in the queue.
    pub async fn message(&self, queue: &str) -> sqs::Message {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let receive = sqs::ReceiveMessageRequest {
                queue_url: format!("http://127.0.0.1:4566/{ACCOUNT}/{queue}"),
                wait_time_seconds: Some(5),
                message_attribute_names: Some(vec!["All".to_owned()]),
                ..Default::default()
            };
            let answer = self.queue_call(sqs::Input::ReceiveMessage(receive)).await;
            if let sqs::Output::ReceiveMessage(received) = answer
                && let Some(message) = received.messages.and_then(|mut messages| messages.pop())
            {
                return message;
            }
        }
        panic!("nothing came to {queue}")
    }

    /// Waits until nothing is left to deliver.
    pub async fn delivered(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.house.platform.store.read().sns_deliveries.is_empty() {
            assert!(Instant::now() < deadline, "deliveries are left");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn queue_call(&self, input: sqs::Input) -> sqs::Output {
        let call = self.house.call(&self.house.root());
        match self.house.platform.call(&call, input).await {
            Ok(AnyOutput::Sqs(output)) => output,
            other => panic!("{other:?}"),
        }
    }

    /// Makes a topic.
    pub async fn topic(&self, name: &str) {
        self.ok(create(name)).await;
    }

    /// Subscribes a queue with these attributes; the subscription's ARN.
    pub async fn subscribe(&self, topic: &str, queue: &str, attributes: &[(&str, &str)]) -> String {
        self.subscribed(subscribe(topic, "sqs", &queue_arn(queue), attributes)).await
    }

    /// Subscribes a function with these attributes; the subscription's ARN.
    pub async fn subscribe_function(
        &self,
        topic: &str,
        function: &str,
        attributes: &[(&str, &str)],
    ) -> String {
        self.subscribed(subscribe(topic, "lambda", &function_arn(function), attributes)).await
    }

    async fn subscribed(&self, input: Input) -> String {
        match self.ok(input).await {
            Output::Subscribe(answer) => answer.subscription_arn.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

pub fn create(name: &str) -> Input {
    Input::CreateTopic(wire::CreateTopicInput { name: name.to_owned(), ..Default::default() })
}

pub fn subscribe(topic: &str, protocol: &str, endpoint: &str, attributes: &[(&str, &str)]) -> Input {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Input::Subscribe(wire::SubscribeInput {
        topic_arn: topic_arn(topic),
        protocol: protocol.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        attributes: Some(attributes.collect()),
        return_subscription_arn: None,
    })
}

pub fn publish(topic: &str, message: &str) -> wire::PublishInput {
    wire::PublishInput {
        topic_arn: Some(topic_arn(topic)),
        message: message.to_owned(),
        ..Default::default()
    }
}

pub fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:us-east-1:{ACCOUNT}:{name}")
}

pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
}

pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}")
}

/// A queue policy that lets one topic in.
pub fn open_to(queue: &str, topic: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},
            "Action":"sqs:SendMessage","Resource":"{}","Condition":{{"ArnEquals":{{"aws:SourceArn":"{}"}},
            "StringEquals":{{"aws:SourceAccount":"{ACCOUNT}"}}}}}}}}"#,
        queue_arn(queue),
        topic_arn(topic)
    )
}
