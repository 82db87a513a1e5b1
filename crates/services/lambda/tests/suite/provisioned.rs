//! Provisioned concurrency: its configurations, its limits, and the environments that are held for it
//! (reference lambda.md 7.7).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Bench, refusal};
use rolecall_runner::HoldFailure;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AliasRoutingConfiguration, DeleteAliasRequest, DeleteFunctionRequest,
    DeleteProvisionedConcurrencyConfigRequest, GetAccountSettingsRequest,
    GetProvisionedConcurrencyConfigRequest, GetProvisionedConcurrencyConfigResponse, Input,
    ListProvisionedConcurrencyConfigsRequest, Output, PublishVersionRequest, PutFunctionConcurrencyRequest,
    PutProvisionedConcurrencyConfigRequest, PutProvisionedConcurrencyConfigResponse, UpdateAliasRequest,
    UpdateFunctionConfigurationRequest,
};

const F: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const INVALID: &str = "InvalidParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";

async fn put(
    bench: &Bench,
    name: &str,
    qualifier: &str,
    count: i32,
) -> Result<PutProvisionedConcurrencyConfigResponse, ServiceError> {
    let input = PutProvisionedConcurrencyConfigRequest {
        function_name: name.to_owned(),
        qualifier: qualifier.to_owned(),
        provisioned_concurrent_executions: count,
    };
    match bench.admin(Input::PutProvisionedConcurrencyConfig(input)).await? {
        Output::PutProvisionedConcurrencyConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn get(
    bench: &Bench,
    name: &str,
    qualifier: &str,
) -> Result<GetProvisionedConcurrencyConfigResponse, ServiceError> {
    let input = GetProvisionedConcurrencyConfigRequest {
        function_name: name.to_owned(),
        qualifier: qualifier.to_owned(),
    };
    match bench.admin(Input::GetProvisionedConcurrencyConfig(input)).await? {
        Output::GetProvisionedConcurrencyConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

fn delete(name: &str, qualifier: &str) -> Input {
    Input::DeleteProvisionedConcurrencyConfig(DeleteProvisionedConcurrencyConfigRequest {
        function_name: name.to_owned(),
        qualifier: qualifier.to_owned(),
    })
}

fn reserve(count: i32) -> Input {
    Input::PutFunctionConcurrency(PutFunctionConcurrencyRequest {
        function_name: "f".to_owned(),
        reserved_concurrent_executions: count,
    })
}

/// Waits until the configuration is ready or has failed.
async fn settled(bench: &Bench, qualifier: &str) -> GetProvisionedConcurrencyConfigResponse {
    for _ in 0..1000 {
        let answer = get(bench, "f", qualifier).await.unwrap();
        if answer.status.as_deref() != Some("IN_PROGRESS") {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{qualifier} does not settle");
}

/// How many environments are held of each version.
fn held(bench: &Bench) -> BTreeMap<String, usize> {
    let held = bench.runner.held.lock().unwrap();
    held.iter().map(|(key, count)| (key.split('/').nth(3).unwrap().to_owned(), *count)).collect()
}

async fn until_held(bench: &Bench, expected: &[(&str, usize)]) {
    let expected: BTreeMap<String, usize> =
        expected.iter().map(|(version, count)| ((*version).to_owned(), *count)).collect();
    for _ in 0..1000 {
        if held(bench) == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?} is held instead of {expected:?}", held(bench));
}

/// The house with a second version, which the alias `live` does not point to.
async fn with_two_versions() -> Bench {
    let bench = Bench::furnished().await;
    let change = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        timeout: Some(9),
        ..Default::default()
    };
    bench.admin(Input::UpdateFunctionConfiguration(change)).await.unwrap();
    bench.settled("f").await;
    let version = PublishVersionRequest { function_name: "f".to_owned(), ..Default::default() };
    bench.admin(Input::PublishVersion(version)).await.unwrap();
    bench.settled("f").await;
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_held_until_the_configuration_is_deleted() {
    let bench = Bench::furnished().await;
    let accepted = put(&bench, "f", "1", 2).await.unwrap();
    assert_eq!(accepted.status.as_deref(), Some("IN_PROGRESS"));
    assert_eq!(accepted.requested_provisioned_concurrent_executions, Some(2));
    assert_eq!(accepted.allocated_provisioned_concurrent_executions, Some(0));
    assert_eq!(accepted.available_provisioned_concurrent_executions, Some(0));
    let time = accepted.last_modified.unwrap();
    assert!(time.len() == 24 && time.ends_with("+0000"), "{time}");

    let ready = settled(&bench, "1").await;
    assert_eq!(ready.status.as_deref(), Some("READY"));
    assert_eq!(ready.allocated_provisioned_concurrent_executions, Some(2));
    assert_eq!(ready.available_provisioned_concurrent_executions, Some(2));
    until_held(&bench, &[("1", 2)]).await;
    put(&bench, "f:1", "1", 3).await.unwrap();
    until_held(&bench, &[("1", 3)]).await;

    let list =
        ListProvisionedConcurrencyConfigsRequest { function_name: "f".to_owned(), ..Default::default() };
    let Output::ListProvisionedConcurrencyConfigs(listed) =
        bench.admin(Input::ListProvisionedConcurrencyConfigs(list)).await.unwrap()
    else {
        panic!()
    };
    let listed = listed.provisioned_concurrency_configs.unwrap();
    assert_eq!(listed[0].function_arn, Some(format!("{F}:1")));

    bench.admin(delete("f", "1")).await.unwrap();
    until_held(&bench, &[]).await;
    let gone = (
        "ProvisionedConcurrencyConfigNotFoundException".to_owned(),
        "No Provisioned Concurrency Config found for this function".to_owned(),
    );
    assert_eq!(refusal(get(&bench, "f", "1").await), gone);
    bench.admin(delete("f", "1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_move_with_the_alias_and_are_shared_by_weight() {
    let bench = with_two_versions().await;
    put(&bench, "f", "live", 4).await.unwrap();
    until_held(&bench, &[("1", 4)]).await;
    let moved = |version: &str, weight: Option<(&str, f64)>| {
        Input::UpdateAlias(UpdateAliasRequest {
            function_name: "f".to_owned(),
            name: "live".to_owned(),
            function_version: Some(version.to_owned()),
            routing_config: Some(AliasRoutingConfiguration {
                additional_version_weights: Some(
                    weight.into_iter().map(|(version, weight)| (version.to_owned(), weight)).collect(),
                ),
            }),
            ..Default::default()
        })
    };
    bench.admin(moved("1", Some(("2", 0.25)))).await.unwrap();
    until_held(&bench, &[("1", 3), ("2", 1)]).await;
    bench.admin(moved("2", None)).await.unwrap();
    until_held(&bench, &[("2", 4)]).await;
    assert_eq!(settled(&bench, "live").await.status.as_deref(), Some("READY"));
    let alias = DeleteAliasRequest { function_name: "f".to_owned(), name: "live".to_owned() };
    bench.admin(Input::DeleteAlias(alias)).await.unwrap();
    until_held(&bench, &[]).await;
    let gone = refusal(get(&bench, "f", "live").await);
    assert_eq!(gone, (NOT_FOUND.to_owned(), format!("Cannot find alias arn: {F}:live")));

    put(&bench, "f", "2", 1).await.unwrap();
    until_held(&bench, &[("2", 1)]).await;
    let whole = DeleteFunctionRequest { function_name: "f".to_owned(), qualifier: None };
    bench.admin(Input::DeleteFunction(whole)).await.unwrap();
    until_held(&bench, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_refusals_come_out() {
    let bench = with_two_versions().await;
    let unpublished = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    assert_eq!(refusal(put(&bench, "f", "$LATEST", 1).await), (INVALID.to_owned(), unpublished.to_owned()));
    let published = "The function resource provided must be an alias or a published version.";
    assert_eq!(refusal(get(&bench, "f", "$LATEST").await), (INVALID.to_owned(), published.to_owned()));
    assert_eq!(refusal(bench.admin(delete("f", "$LATEST")).await).1, published);
    let missing = F.replace("function:f", "function:doesnotexist");
    for (name, qualifier, message) in [
        ("f", "doesnotexist", format!("Cannot find alias arn: {F}:doesnotexist")),
        ("f", "10", format!("Function not found: {F}:10")),
        ("doesnotexist", "noalias", format!("Cannot find alias arn: {missing}:noalias")),
        ("doesnotexist", "1", format!("Function not found: {missing}:1")),
    ] {
        let expected = (NOT_FOUND.to_owned(), message);
        assert_eq!(refusal(put(&bench, name, qualifier, 1).await), expected);
        assert_eq!(refusal(get(&bench, name, qualifier).await), expected);
        assert_eq!(refusal(bench.admin(delete(name, qualifier)).await), expected);
    }
    let list = ListProvisionedConcurrencyConfigsRequest {
        function_name: "doesnotexist".to_owned(),
        ..Default::default()
    };
    let refused = refusal(bench.admin(Input::ListProvisionedConcurrencyConfigs(list)).await);
    assert_eq!(refused, (NOT_FOUND.to_owned(), format!("Function not found: {missing}")));

    put(&bench, "f", "1", 1).await.unwrap();
    let overlap =
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    let conflict = |text: &str| ("ResourceConflictException".to_owned(), text.to_owned());
    assert_eq!(refusal(put(&bench, "f", "live", 1).await), conflict(overlap));
    bench.admin(delete("f", "1")).await.unwrap();
    put(&bench, "f", "live", 1).await.unwrap();
    let pointed = "Version is pointed by a Provisioned Concurrency alias";
    assert_eq!(refusal(put(&bench, "f", "1", 1).await), conflict(pointed));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_within_the_reservation_or_the_unreserved_pool() {
    let bench = with_two_versions().await;
    let refused = |text: String| (INVALID.to_owned(), text);
    assert_eq!(
        refusal(put(&bench, "f", "1", 1001).await),
        refused("Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].".to_owned())
    );
    assert_eq!(
        refusal(put(&bench, "f", "1", 901).await),
        refused("Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].".to_owned())
    );
    bench.admin(reserve(2)).await.unwrap();
    put(&bench, "f", "1", 2).await.unwrap();
    assert_eq!(
        refusal(bench.admin(reserve(1)).await),
        refused(" ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].".to_owned())
    );
    let more = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
    for (version, count) in [("2", 1), ("1", 3)] {
        assert_eq!(refusal(put(&bench, "f", version, count).await), refused(more.to_owned()));
    }
    bench
        .admin(Input::DeleteFunctionConcurrency(rolecall_wire::lambda::DeleteFunctionConcurrencyRequest {
            function_name: "f".to_owned(),
        }))
        .await
        .unwrap();
    let Output::GetAccountSettings(settings) =
        bench.admin(Input::GetAccountSettings(GetAccountSettingsRequest)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(settings.account_limit.unwrap().unreserved_concurrent_executions, Some(998));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_has_failed_and_says_why() {
    let bench = Bench::furnished().await;
    *bench.runner.hold_failure.lock().unwrap() = Some(HoldFailure::Initialization("no module".to_owned()));
    put(&bench, "f", "1", 1).await.unwrap();
    let failed = settled(&bench, "1").await;
    assert_eq!(failed.status.as_deref(), Some("FAILED"));
    assert_eq!(failed.status_reason.as_deref(), Some("FUNCTION_ERROR_INIT_FAILURE"));
    assert_eq!(failed.allocated_provisioned_concurrent_executions, Some(0));
    *bench.runner.hold_failure.lock().unwrap() = None;
    put(&bench, "f", "1", 1).await.unwrap();
    assert_eq!(settled(&bench, "1").await.status.as_deref(), Some("READY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_makes_the_environments_anew() {
    let bench = Bench::furnished().await;
    put(&bench, "f", "live", 2).await.unwrap();
    until_held(&bench, &[("1", 2)]).await;
    let again = bench.again();
    bench.runner.held.lock().unwrap().clear();
    again.resume();
    until_held(&bench, &[("1", 2)]).await;
}
