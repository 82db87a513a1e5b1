//! What the tests of this service share: a house with the service in it, and a Lambda that only takes notes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rolecall_authority::{Call, Caller, Clock, Origin};
use rolecall_s3::S3;
use rolecall_service::{Dispatcher, Service};
use rolecall_testkit::{ACCOUNT, House, TravellingClock};
use rolecall_wire::s3::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, lambda};

pub struct World {
    pub house: House,
    pub lambda: Arc<Lambda>,
    /// The time, which a test may set forward.
    pub clock: Arc<TravellingClock>,
    s3: S3,
}

/// What S3 asked of Lambda.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    pub caller: String,
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub region: String,
    pub function: String,
    pub kind: String,
    pub payload: String,
}

/// A Lambda in which every function may be invoked but the one called `refused`.
#[derive(Default)]
pub struct Lambda {
    invocations: Mutex<Vec<Invocation>>,
    /// What it answers next in place of taking the invocation.
    pub refusals: Mutex<VecDeque<ServiceError>>,
    /// The id of the last request.
    pub request_id: Mutex<String>,
}

#[async_trait]
impl Dispatcher for Lambda {
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Lambda(lambda::Input::Invoke(request)) = input else { panic!("not an Invoke") };
        let Origin::Service { source_arn, source_account } = call.origin.clone() else {
            panic!("not from a service")
        };
        let refused = request.function_name.ends_with(":refused");
        self.request_id.lock().unwrap().clone_from(&call.request_id);
        self.invocations.lock().unwrap().push(Invocation {
            caller: call.caller.arn(),
            source_arn,
            source_account: source_account.map(|account| account.to_string()),
            region: call.region.to_string(),
            function: request.function_name,
            kind: request.invocation_type.unwrap_or_default(),
            payload: String::from_utf8(request.payload.map(|body| body.to_vec()).unwrap_or_default())
                .unwrap(),
        });
        if refused {
            return Err(ServiceError::new(403, "AccessDeniedException", "no"));
        }
        if let Some(refusal) = self.refusals.lock().unwrap().pop_front() {
            return Err(refusal);
        }
        Ok(AnyOutput::Lambda(lambda::Output::Invoke(lambda::InvocationResponse::default())))
    }
}

impl Lambda {
    /// The invocations since the last call, as soon as there are so many and those that are under way have come.
    pub async fn take(&self, count: usize) -> Vec<Invocation> {
        for _ in 0..1000 {
            if self.invocations.lock().unwrap().len() >= count {
                break;
            }
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut *self.invocations.lock().unwrap())
    }
}

impl World {
    pub async fn new() -> Self {
        let clock = Arc::new(TravellingClock::default());
        let house = House::with_clock(Arc::clone(&clock) as Arc<dyn Clock>).await;
        let lambda = Arc::new(Lambda::default());
        house.platform.connect(Arc::clone(&lambda) as Arc<dyn Dispatcher>);
        let s3 = S3::new(Arc::clone(&house.platform));
        World { house, lambda, clock, s3 }
    }

    /// The service as it is after a restart, with the same records.
    pub fn again(&self) -> S3 {
        S3::new(Arc::clone(&self.house.platform))
    }

    /// A world with the bucket `bkt` of the tests' account.
    pub async fn with_bucket() -> Self {
        let world = World::new().await;
        world.ok(create_bucket("bkt")).await;
        world
    }

    pub fn root(&self) -> Caller {
        self.house.root()
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        self.call_as(&self.house.call(caller), input).await
    }

    /// A call in another region than the house's.
    pub async fn call_in(&self, region: &str, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        let origin = Origin::Http {
            source_ip: None,
            user_agent: String::new(),
            referer: None,
            secure_transport: false,
        };
        let call = Call::new(caller.clone(), region.parse().unwrap(), "id".to_owned(), self.now_ms(), origin);
        self.call_as(&Arc::new(call), input).await
    }

    async fn call_as(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        match self.s3.handle(call, AnyInput::S3(input)).await? {
            AnyOutput::S3(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    pub fn now_ms(&self) -> i64 {
        self.house.platform.now_ms()
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The refusal of an operation by root.
    pub async fn refusal(&self, input: Input) -> ServiceError {
        let name = input.operation().name();
        self.call(&self.root(), input).await.err().unwrap_or_else(|| panic!("{name} was not refused"))
    }

    pub async fn put(&self, key: &str, body: &str) -> wire::PutObjectOutput {
        match self.ok(put(key, body)).await {
            Output::PutObject(output) => output,
            _ => panic!("another output"),
        }
    }
}

pub fn create_bucket(name: &str) -> Input {
    Input::CreateBucket(wire::CreateBucketRequest { bucket: name.to_owned(), ..Default::default() })
}

pub fn put(key: &str, body: &str) -> Input {
    Input::PutObject(put_request(key, body))
}

pub fn put_request(key: &str, body: &str) -> wire::PutObjectRequest {
    wire::PutObjectRequest {
        bucket: "bkt".to_owned(),
        key: key.to_owned(),
        body: Some(body.to_owned().into()),
        ..Default::default()
    }
}

pub fn get_request(key: &str) -> wire::GetObjectRequest {
    wire::GetObjectRequest { bucket: "bkt".to_owned(), key: key.to_owned(), ..Default::default() }
}

pub fn get(key: &str) -> Input {
    Input::GetObject(get_request(key))
}

/// A policy that allows the actions on the resource.
pub fn allow(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{actions}],"Resource":"{resource}"}}}}"#
    )
}

pub fn put_bucket_policy(document: &str) -> Input {
    Input::PutBucketPolicy(wire::PutBucketPolicyRequest {
        bucket: "bkt".to_owned(),
        policy: document.to_owned(),
        ..Default::default()
    })
}
