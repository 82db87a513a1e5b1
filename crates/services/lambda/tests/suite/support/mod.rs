//! A house with Lambda and the services that it calls, all real, and a runner that runs nothing.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use rolecall_arn::Arn;
use rolecall_authority::{Call, Caller, Clock};
use rolecall_ec2::Ec2;
use rolecall_lambda::{FunctionRunner, Lambda, Ran};
use rolecall_logs::Logs;
use rolecall_runner::{
    FunctionResult, FunctionSpec, HoldFailure, Invocation, InvokeFailure, LogLine, ResponsePart,
};
use rolecall_s3::S3;
use rolecall_service::{Dispatcher, Service};
use rolecall_sns::Sns;
use rolecall_sqs::Sqs;
use rolecall_sts::Sts;
use rolecall_testkit::{ACCOUNT, House, TravellingClock};
use rolecall_wire::lambda::{
    AddPermissionRequest, CreateAliasRequest, CreateFunctionRequest, FunctionCode, Input, InvocationRequest,
    InvocationResponse, LayerVersionContentInput, Output, PublishLayerVersionRequest, PublishVersionRequest,
};
use rolecall_wire::sqs::{CreateQueueRequest, Input as SqsInput};
use rolecall_wire::{AnyInput, AnyOutput, Sensitive, ServiceError, ServiceId};

pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub const LOGS_POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#;
pub const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A house with services.
pub struct Bench {
    pub house: House,
    pub lambda: Lambda,
    pub runner: Arc<FakeRunner>,
    /// The time, which a test may set forward.
    pub clock: Arc<TravellingClock>,
    /// The ARN of a role that Lambda can assume.
    pub role: String,
    /// A user who may do everything.
    pub admin: Caller,
    /// Happens when one service calls another the next time, before it is answered.
    pub meanwhile: Meanwhile,
}

/// What happens in the middle of an operation.
pub type Meanwhile = Arc<Mutex<Option<BoxFuture<'static, ()>>>>;

struct Services {
    ec2: Ec2,
    lambda: Lambda,
    logs: Logs,
    s3: S3,
    sns: Sns,
    sqs: Sqs,
    sts: Sts,
    meanwhile: Meanwhile,
}

#[async_trait]
impl Dispatcher for Services {
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        match input.service() {
            ServiceId::Ec2 => self.ec2.handle(call, input).await,
            ServiceId::Lambda => self.lambda.handle(call, input).await,
            ServiceId::Logs => self.logs.handle(call, input).await,
            ServiceId::S3 => self.s3.handle(call, input).await,
            ServiceId::Sns => self.sns.handle(call, input).await,
            ServiceId::Sqs => self.sqs.handle(call, input).await,
            ServiceId::Sts => self.sts.handle(call, input).await,
            other => panic!("{other:?} is not in this house"),
        }
    }

    fn consider(
        &self,
        service: ServiceId,
        call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        match service {
            ServiceId::S3 => self.s3.consider(call, action, resource),
            ServiceId::Sns => self.sns.consider(call, action, resource),
            ServiceId::Sqs => self.sqs.consider(call, action, resource),
            other => panic!("{other:?} is not in this house"),
        }
    }
}

impl Bench {
    /// A house with the role `runs` and the administrator `admin`.
    pub async fn new() -> Self {
        let clock = Arc::new(TravellingClock::default());
        let house = House::with_clock(Arc::clone(&clock) as Arc<dyn Clock>).await;
        let lambda = Lambda::new(Arc::clone(&house.platform));
        let runner = Arc::new(FakeRunner::default());
        lambda.attach_runner(Arc::clone(&runner) as Arc<dyn FunctionRunner>);
        let meanwhile = Meanwhile::default();
        house.platform.connect(Arc::new(Services {
            ec2: Ec2::new(Arc::clone(&house.platform)),
            lambda: lambda.clone(),
            logs: Logs::new(Arc::clone(&house.platform)),
            s3: S3::new(Arc::clone(&house.platform)),
            sns: Sns::new(Arc::clone(&house.platform)),
            sqs: Sqs::new(Arc::clone(&house.platform)),
            sts: Sts::new(Arc::clone(&house.platform)),
            meanwhile: Arc::clone(&meanwhile),
        }));
        let role = house.add_role("runs", TRUST, Some(LOGS_POLICY)).await;
        let admin = house.add_user(ACCOUNT, "admin", Some(ADMINISTRATOR)).await;
        Bench { house, lambda, runner, clock, role, admin, meanwhile }
    }

    /// The same with the function `f`, its version 1, its alias `live`, and version 1 of the layer `l`; function, alias
    /// and layer version have a policy with the statement `s`.
    pub async fn furnished() -> Self {
        let bench = Self::new().await;
        bench.admin(Input::CreateFunction(bench.function("f"))).await.unwrap();
        bench.settled("f").await;
        let version = PublishVersionRequest { function_name: "f".to_owned(), ..Default::default() };
        bench.admin(Input::PublishVersion(version)).await.unwrap();
        bench.settled("f").await;
        let alias = CreateAliasRequest {
            function_name: "f".to_owned(),
            name: "live".to_owned(),
            function_version: "1".to_owned(),
            ..Default::default()
        };
        bench.admin(Input::CreateAlias(alias)).await.unwrap();
        bench.admin(Input::AddPermission(permission("f", "s"))).await.unwrap();
        bench.admin(Input::PublishLayerVersion(layer("l"))).await.unwrap();
        let shared = rolecall_wire::lambda::AddLayerVersionPermissionRequest {
            layer_name: "l".to_owned(),
            version_number: 1,
            statement_id: "s".to_owned(),
            action: "lambda:GetLayerVersion".to_owned(),
            principal: "444455556666".to_owned(),
            ..Default::default()
        };
        bench.admin(Input::AddLayerVersionPermission(shared)).await.unwrap();
        bench
    }

    /// The service as it is after a restart, with the same records and runner.
    pub fn again(&self) -> Lambda {
        let lambda = Lambda::new(Arc::clone(&self.house.platform));
        lambda.attach_runner(Arc::clone(&self.runner) as Arc<dyn FunctionRunner>);
        lambda
    }

    /// Makes a queue in the account of the caller, and gives its ARN.
    pub async fn queue(&self, owner: &Caller, name: &str, policy: Option<&str>) -> String {
        let attributes = policy.map(|policy| [("Policy".to_owned(), policy.to_owned())].into());
        let create = CreateQueueRequest { queue_name: name.to_owned(), attributes, ..Default::default() };
        let call = self.house.call(owner);
        self.house.platform.call(&call, SqsInput::CreateQueue(create)).await.map(drop).unwrap();
        format!("arn:aws:sqs:us-east-1:{}:{name}", owner.account().unwrap())
    }

    /// Gives the function another role in the middle of the next operation.
    pub fn change_role_meanwhile(&self, name: &str) {
        let key = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), name.to_owned());
        let store = Arc::clone(&self.house.platform.store);
        let change = async move {
            let written = store.write(move |state| {
                let role = format!("arn:aws:iam::{ACCOUNT}:role/another");
                state.function_versions.update(&(key, 0), |record| record.role = role);
                Ok::<_, ServiceError>(())
            });
            written.await.unwrap();
        };
        *self.meanwhile.lock().unwrap() = Some(Box::pin(change));
    }

    /// A new function's request.
    pub fn function(&self, name: &str) -> CreateFunctionRequest {
        CreateFunctionRequest {
            function_name: name.to_owned(),
            runtime: Some("python3.11".to_owned()),
            handler: Some("main.handler".to_owned()),
            role: self.role.clone(),
            code: code(&[("main.py", "def handler(event, context): return event")]),
            ..Default::default()
        }
    }

    /// Calls as the administrator.
    pub async fn admin(&self, input: Input) -> Result<Output, ServiceError> {
        self.call(&self.admin, input).await
    }

    /// Calls as anybody.
    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.lambda.handle(&self.house.call(caller), AnyInput::Lambda(input)).await? {
            AnyOutput::Lambda(output) => Ok(output),
            other => panic!("{} is no answer of lambda", other.operation_name()),
        }
    }

    /// Waits until no version of the function is pending or being updated.
    pub async fn settled(&self, name: &str) {
        for _ in 0..500 {
            let state = self.house.platform.store.read();
            let mut versions = state.function_versions.iter().filter(|((key, _), _)| key.2 == name);
            let is_settled = versions.all(|(_, version)| {
                version.state == "Active" && version.last_update_status.as_deref() == Some("Successful")
            });
            if is_settled {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the function {name} does not settle");
    }

    /// Invokes as the administrator.
    pub async fn invoke(&self, input: InvocationRequest) -> Result<InvocationResponse, ServiceError> {
        match self.admin(Input::Invoke(input)).await? {
            Output::Invoke(answer) => Ok(answer),
            other => panic!("{other:?}"),
        }
    }
}

/// The message of a refusal, with its code.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code.into_owned(), error.message.unwrap_or_default())
}

/// An invocation of the function with an event.
pub fn event(name: &str, payload: &str) -> InvocationRequest {
    InvocationRequest {
        function_name: name.to_owned(),
        payload: Some(Sensitive::new(Bytes::copy_from_slice(payload.as_bytes()))),
        ..Default::default()
    }
}

/// A statement for S3.
pub fn permission(function: &str, sid: &str) -> AddPermissionRequest {
    AddPermissionRequest {
        function_name: function.to_owned(),
        statement_id: sid.to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        principal: "s3.amazonaws.com".to_owned(),
        ..Default::default()
    }
}

/// A new layer version's request.
pub fn layer(name: &str) -> PublishLayerVersionRequest {
    let zip = zip_of(&[("python/lib.py", "x = 1")]);
    PublishLayerVersionRequest {
        layer_name: name.to_owned(),
        content: LayerVersionContentInput { zip_file: Some(Sensitive::new(zip)), ..Default::default() },
        compatible_runtimes: Some(vec!["python3.11".to_owned()]),
        ..Default::default()
    }
}

/// Code that comes with the request.
pub fn code(files: &[(&str, &str)]) -> FunctionCode {
    FunctionCode { zip_file: Some(Sensitive::new(zip_of(files))), ..Default::default() }
}

/// A zip file.
pub fn zip_of(files: &[(&str, &str)]) -> Bytes {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    Bytes::from(writer.finish().unwrap().into_inner())
}

/// Answers with what it was told, or with the event itself.
#[derive(Default)]
pub struct FakeRunner {
    /// The next answers.
    pub answers: Mutex<VecDeque<Result<Ran, InvokeFailure>>>,
    /// What it streams before it answers next.
    pub parts: Mutex<VecDeque<Vec<ResponsePart>>>,
    /// What it was asked to run.
    pub seen: Mutex<Vec<(Arc<FunctionSpec>, Invocation)>>,
    /// Held by a test, it keeps every answer back.
    pub gate: tokio::sync::RwLock<()>,
    /// The key prefixes that were retired.
    pub retired: Mutex<Vec<String>>,
    /// How many environments are held, by key.
    pub held: Mutex<BTreeMap<String, usize>>,
    /// Why none are held, where they are not.
    pub hold_failure: Mutex<Option<HoldFailure>>,
}

impl FakeRunner {
    /// Says what to answer next.
    pub fn answer(&self, result: FunctionResult, lines: &[&str]) {
        let log = lines.iter().map(|text| LogLine { time_ms: now_ms(), text: (*text).to_owned() }).collect();
        let ran = Ran {
            result,
            error_type: None,
            log,
            log_stream: "2026/11/23/[$LATEST]0123456789abcdef".to_owned(),
            started_us: 0,
            duration: Duration::ZERO,
            init_duration: None,
        };
        self.answers.lock().unwrap().push_back(Ok(ran));
    }

    /// Says how to fail next.
    pub fn fail(&self, failure: InvokeFailure) {
        self.answers.lock().unwrap().push_back(Err(failure));
    }
}

fn now_ms() -> i64 {
    rolecall_authority::Clock::now_ms(&rolecall_authority::SystemClock)
}

#[async_trait]
impl FunctionRunner for FakeRunner {
    async fn invoke(&self, spec: Arc<FunctionSpec>, invocation: Invocation) -> Result<Ran, InvokeFailure> {
        let (echo, sink) = (invocation.payload.clone(), invocation.response_sink.clone());
        self.seen.lock().unwrap().push((spec, invocation));
        drop(self.gate.read().await);
        let parts = self.parts.lock().unwrap().pop_front();
        if let Some(sink) = sink {
            for part in parts.into_iter().flatten() {
                sink.send(part).await;
            }
        }
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or(Ok(Ran {
            result: FunctionResult::Success(echo),
            error_type: None,
            log: Vec::new(),
            log_stream: String::new(),
            started_us: 0,
            duration: Duration::ZERO,
            init_duration: None,
        }))
    }

    async fn retire(&self, key_prefix: &str) {
        self.retired.lock().unwrap().push(key_prefix.to_owned());
    }

    async fn hold(&self, spec: Arc<FunctionSpec>, count: usize) -> Result<(), HoldFailure> {
        if let Some(failure) = self.hold_failure.lock().unwrap().clone() {
            return Err(failure);
        }
        self.held.lock().unwrap().insert(spec.key.clone(), count);
        Ok(())
    }

    async fn release(&self, key: &str) {
        self.held.lock().unwrap().remove(key);
    }
}
