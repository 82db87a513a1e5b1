//! Code signing configurations, capacity providers and durable executions.

use rolecall_store::records::capacity::CapacityProvider;
use rolecall_store::records::signing::CodeSigningConfig;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AllowedPublishers, CapacityProviderPermissionsConfig, CapacityProviderVpcConfig,
    CheckpointDurableExecutionRequest, CreateCapacityProviderRequest, CreateCodeSigningConfigRequest,
    DeleteCapacityProviderRequest, DeleteCodeSigningConfigRequest, DeleteDurableExecutionRequest,
    DeleteFunctionCodeSigningConfigRequest, GetCapacityProviderRequest, GetCodeSigningConfigRequest,
    GetDurableExecutionHistoryRequest, GetDurableExecutionRequest, GetDurableExecutionStateRequest,
    GetFunctionCodeSigningConfigRequest, Input, ListCapacityProvidersRequest, ListCodeSigningConfigsRequest,
    ListDurableExecutionsByFunctionRequest, ListFunctionVersionsByCapacityProviderRequest,
    ListFunctionsByCodeSigningConfigRequest, PauseDurableExecutionRequest,
    PutFunctionCodeSigningConfigRequest, ResumeDurableExecutionRequest,
    SendDurableExecutionCallbackFailureRequest, SendDurableExecutionCallbackHeartbeatRequest,
    SendDurableExecutionCallbackSuccessRequest, StopDurableExecutionRequest, UpdateCapacityProviderRequest,
    UpdateCodeSigningConfigRequest,
};

use crate::support::Bench;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
/// The code signing configuration that [`furnish`] makes.
const CONFIG: &str = "arn:aws:lambda:us-east-1:111122223333:code-signing-config:csc-0a1b2c3d4e5f60001";
/// The capacity provider that [`furnish`] makes.
const PROVIDER: &str = "arn:aws:lambda:us-east-1:111122223333:capacity-provider:p";
const NEW_PROVIDER: &str = "arn:aws:lambda:us-east-1:111122223333:capacity-provider:new";
const EXECUTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST/durable-execution/e/1";
const PUBLISHER: &str = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/p/0123456789";
const ROLE: &str = "arn:aws:iam::111122223333:role/runs";
const LINKED_ROLE: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda";

/// Makes what the rows are about.
pub async fn furnish(bench: &Bench) {
    let account = ACCOUNT.parse().unwrap();
    let key = |name: &str| (account, "us-east-1".parse().unwrap(), name.to_owned());
    let (config_key, provider_key) = (key("csc-0a1b2c3d4e5f60001"), key("p"));
    let config = CodeSigningConfig {
        id: config_key.2.clone(),
        description: None,
        allowed_publishers: vec![PUBLISHER.to_owned()],
        untrusted_artifact_on_deployment: "Enforce".to_owned(),
        last_modified_ms: 0,
        tags: Vec::new(),
    };
    let provider = CapacityProvider {
        name: "p".to_owned(),
        subnet_ids: vec!["subnet-1".to_owned()],
        security_group_ids: Vec::new(),
        operator_role: ROLE.to_owned(),
        instances: None,
        scaling: None,
        propagated_tags: None,
        logging: None,
        last_modified_ms: 0,
        tags: Vec::new(),
    };
    let written = bench.house.platform.store.write(move |state| {
        state.code_signing_configs.put(config_key, config);
        state.capacity_providers.put(provider_key, provider);
        Ok::<(), ServiceError>(())
    });
    written.await.unwrap();
}

/// What an operation needs beside its own action on its own resource.
pub fn further_rights(operation: &str) -> Vec<(&'static str, &'static str)> {
    match operation {
        "PutFunctionCodeSigningConfig" => vec![("lambda:PutFunctionCodeSigningConfig", CONFIG)],
        "CreateCapacityProvider" => {
            vec![("iam:PassRole", ROLE), ("iam:CreateServiceLinkedRole", LINKED_ROLE)]
        }
        _ => Vec::new(),
    }
}

/// The error of an operation that was allowed: durable executions are refused as what does not exist.
pub fn expected_error(operation: &str) -> Option<&'static str> {
    match operation {
        "ListDurableExecutionsByFunction" => None,
        "GetDurableExecutionState" | "CheckpointDurableExecution" => Some("InvalidParameterValueException"),
        name if name.contains("DurableExecution") => Some("ResourceNotFoundException"),
        _ => None,
    }
}

fn capacity_provider(name: &str) -> CreateCapacityProviderRequest {
    CreateCapacityProviderRequest {
        capacity_provider_name: name.to_owned(),
        vpc_config: CapacityProviderVpcConfig {
            subnet_ids: vec!["subnet-1".to_owned()],
            security_group_ids: vec!["sg-1".to_owned()],
        },
        permissions_config: CapacityProviderPermissionsConfig {
            capacity_provider_operator_role_arn: ROLE.to_owned(),
        },
        ..Default::default()
    }
}

/// The rows.
pub fn rows() -> Vec<(Input, &'static str)> {
    let mut rows = signing();
    rows.extend(capacity());
    rows.extend(durable());
    rows
}

fn signing() -> Vec<(Input, &'static str)> {
    let f = || "f".to_owned();
    let config = || CONFIG.to_owned();
    let new = CreateCodeSigningConfigRequest {
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: vec![PUBLISHER.to_owned()] },
        ..Default::default()
    };
    let update = UpdateCodeSigningConfigRequest { code_signing_config_arn: config(), ..Default::default() };
    let functions =
        ListFunctionsByCodeSigningConfigRequest { code_signing_config_arn: config(), ..Default::default() };
    let put = PutFunctionCodeSigningConfigRequest { code_signing_config_arn: config(), function_name: f() };
    let get = GetCodeSigningConfigRequest { code_signing_config_arn: config() };
    let delete = DeleteCodeSigningConfigRequest { code_signing_config_arn: config() };
    let get_of_function = GetFunctionCodeSigningConfigRequest { function_name: f() };
    let delete_of_function = DeleteFunctionCodeSigningConfigRequest { function_name: f() };
    vec![
        (Input::CreateCodeSigningConfig(new), "*"),
        (Input::GetCodeSigningConfig(get), CONFIG),
        (Input::UpdateCodeSigningConfig(update), CONFIG),
        (Input::DeleteCodeSigningConfig(delete), CONFIG),
        (Input::ListCodeSigningConfigs(ListCodeSigningConfigsRequest::default()), "*"),
        (Input::ListFunctionsByCodeSigningConfig(functions), CONFIG),
        (Input::PutFunctionCodeSigningConfig(put), FUNCTION),
        (Input::GetFunctionCodeSigningConfig(get_of_function), FUNCTION),
        (Input::DeleteFunctionCodeSigningConfig(delete_of_function), FUNCTION),
    ]
}

fn capacity() -> Vec<(Input, &'static str)> {
    let capacity_provider_name = || "p".to_owned();
    let get = GetCapacityProviderRequest { capacity_provider_name: capacity_provider_name() };
    let delete = DeleteCapacityProviderRequest { capacity_provider_name: capacity_provider_name() };
    let update = UpdateCapacityProviderRequest {
        capacity_provider_name: capacity_provider_name(),
        ..Default::default()
    };
    let versions = ListFunctionVersionsByCapacityProviderRequest {
        capacity_provider_name: capacity_provider_name(),
        ..Default::default()
    };
    vec![
        (Input::CreateCapacityProvider(capacity_provider("new")), NEW_PROVIDER),
        (Input::GetCapacityProvider(get), PROVIDER),
        (Input::UpdateCapacityProvider(update), PROVIDER),
        (Input::DeleteCapacityProvider(delete), PROVIDER),
        (Input::ListCapacityProviders(ListCapacityProvidersRequest::default()), "*"),
        (Input::ListFunctionVersionsByCapacityProvider(versions), PROVIDER),
    ]
}

fn durable() -> Vec<(Input, &'static str)> {
    let durable_execution_arn = EXECUTION.to_owned();
    let get = GetDurableExecutionRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let history = GetDurableExecutionHistoryRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let state = GetDurableExecutionStateRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let checkpoint = CheckpointDurableExecutionRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let stop = StopDurableExecutionRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let pause = PauseDurableExecutionRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let resume = ResumeDurableExecutionRequest {
        durable_execution_arn: durable_execution_arn.clone(),
        ..Default::default()
    };
    let delete = DeleteDurableExecutionRequest { durable_execution_arn };
    let list = ListDurableExecutionsByFunctionRequest { function_name: "f".to_owned(), ..Default::default() };
    vec![
        (Input::GetDurableExecution(get), EXECUTION),
        (Input::GetDurableExecutionHistory(history), EXECUTION),
        (Input::GetDurableExecutionState(state), EXECUTION),
        (Input::CheckpointDurableExecution(checkpoint), EXECUTION),
        (Input::StopDurableExecution(stop), EXECUTION),
        (Input::PauseDurableExecution(pause), EXECUTION),
        (Input::ResumeDurableExecution(resume), EXECUTION),
        (Input::DeleteDurableExecution(delete), EXECUTION),
        (Input::ListDurableExecutionsByFunction(list), FUNCTION),
        (
            Input::SendDurableExecutionCallbackSuccess(SendDurableExecutionCallbackSuccessRequest::default()),
            "*",
        ),
        (
            Input::SendDurableExecutionCallbackFailure(SendDurableExecutionCallbackFailureRequest::default()),
            "*",
        ),
        (
            Input::SendDurableExecutionCallbackHeartbeat(
                SendDurableExecutionCallbackHeartbeatRequest::default(),
            ),
            "*",
        ),
    ]
}
