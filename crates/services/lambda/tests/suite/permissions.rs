//! Every operation: refused without a right, allowed with exactly the right, refused with an explicit deny.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    AddLayerVersionPermissionRequest, CreateAliasRequest, DeleteAliasRequest,
    DeleteFunctionConcurrencyRequest, DeleteFunctionRequest, DeleteLayerVersionRequest,
    GetAccountSettingsRequest, GetAliasRequest, GetFunctionCodeSigningConfigRequest,
    GetFunctionConcurrencyRequest, GetFunctionConfigurationRequest, GetFunctionRecursionConfigRequest,
    GetFunctionRequest, GetLayerVersionByArnRequest, GetLayerVersionPolicyRequest, GetLayerVersionRequest,
    GetPolicyRequest, GetRuntimeManagementConfigRequest, Input, ListAliasesRequest, ListFunctionsRequest,
    ListLayerVersionsRequest, ListLayersRequest, ListTagsRequest, ListVersionsByFunctionRequest, Operation,
    PublishVersionRequest, PutFunctionConcurrencyRequest, RemoveLayerVersionPermissionRequest,
    RemovePermissionRequest, TagResourceRequest, UntagResourceRequest, UpdateAliasRequest,
    UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest,
};
use support::{Bench, event, layer, permission, refusal};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const ALIAS: &str = "arn:aws:lambda:us-east-1:111122223333:function:f:live";
const LAYER: &str = "arn:aws:lambda:us-east-1:111122223333:layer:l";
const LAYER_VERSION: &str = "arn:aws:lambda:us-east-1:111122223333:layer:l:1";

/// An operation with the resource that it is checked on. The action is that of the catalog.
struct Row {
    input: Input,
    resource: &'static str,
}

fn row(input: Input, resource: &'static str) -> Row {
    Row { input, resource }
}

/// A call of every operation, in the house that [`Bench::furnished`] builds.
fn rows(bench: &Bench) -> Vec<Row> {
    let f = || "f".to_owned();
    let l = || "l".to_owned();
    let live = || Some("live".to_owned());
    let new = "arn:aws:lambda:us-east-1:111122223333:function:new";
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let alias = CreateAliasRequest {
        function_name: f(),
        name: "next".to_owned(),
        function_version: "$LATEST".to_owned(),
        ..Default::default()
    };
    let sharing = AddLayerVersionPermissionRequest {
        layer_name: l(),
        version_number: 1,
        statement_id: "t".to_owned(),
        action: "lambda:GetLayerVersion".to_owned(),
        principal: "*".to_owned(),
        ..Default::default()
    };
    let unsharing = RemoveLayerVersionPermissionRequest {
        layer_name: l(),
        version_number: 1,
        statement_id: "s".to_owned(),
        ..Default::default()
    };
    let code = UpdateFunctionCodeRequest {
        function_name: f(),
        zip_file: support::code(&[("main.py", "changed")]).zip_file,
        ..Default::default()
    };
    let reserved = PutFunctionConcurrencyRequest { function_name: f(), reserved_concurrent_executions: 1 };
    let named = |name: &str| name.to_owned();
    vec![
        row(Input::AddLayerVersionPermission(sharing), LAYER_VERSION),
        row(Input::AddPermission(permission("f:live", "t")), ALIAS),
        row(Input::CreateAlias(alias), FUNCTION),
        row(Input::CreateFunction(bench.function("new")), new),
        row(Input::DeleteAlias(DeleteAliasRequest { function_name: f(), name: named("live") }), FUNCTION),
        row(Input::DeleteFunction(DeleteFunctionRequest { function_name: f(), qualifier: None }), FUNCTION),
        row(
            Input::DeleteFunctionConcurrency(DeleteFunctionConcurrencyRequest { function_name: f() }),
            FUNCTION,
        ),
        row(
            Input::DeleteLayerVersion(DeleteLayerVersionRequest { layer_name: l(), version_number: 1 }),
            LAYER_VERSION,
        ),
        row(Input::GetAccountSettings(GetAccountSettingsRequest), "*"),
        row(Input::GetAlias(GetAliasRequest { function_name: f(), name: named("live") }), FUNCTION),
        row(Input::GetFunction(GetFunctionRequest { function_name: f(), qualifier: live() }), ALIAS),
        row(
            Input::GetFunctionCodeSigningConfig(GetFunctionCodeSigningConfigRequest { function_name: f() }),
            FUNCTION,
        ),
        row(Input::GetFunctionConcurrency(GetFunctionConcurrencyRequest { function_name: f() }), FUNCTION),
        row(
            Input::GetFunctionConfiguration(GetFunctionConfigurationRequest {
                function_name: f(),
                qualifier: live(),
            }),
            ALIAS,
        ),
        row(
            Input::GetFunctionRecursionConfig(GetFunctionRecursionConfigRequest { function_name: f() }),
            FUNCTION,
        ),
        row(
            Input::GetLayerVersion(GetLayerVersionRequest { layer_name: l(), version_number: 1 }),
            LAYER_VERSION,
        ),
        row(
            Input::GetLayerVersionByArn(GetLayerVersionByArnRequest { arn: named(LAYER_VERSION) }),
            LAYER_VERSION,
        ),
        row(
            Input::GetLayerVersionPolicy(GetLayerVersionPolicyRequest { layer_name: l(), version_number: 1 }),
            LAYER_VERSION,
        ),
        row(Input::GetPolicy(GetPolicyRequest { function_name: f(), qualifier: None }), FUNCTION),
        row(
            Input::GetRuntimeManagementConfig(GetRuntimeManagementConfigRequest {
                function_name: f(),
                qualifier: live(),
            }),
            ALIAS,
        ),
        row(Input::Invoke(event("f:live", "{}")), ALIAS),
        row(Input::ListAliases(ListAliasesRequest { function_name: f(), ..Default::default() }), FUNCTION),
        row(Input::ListFunctions(ListFunctionsRequest::default()), "*"),
        row(
            Input::ListLayerVersions(ListLayerVersionsRequest { layer_name: l(), ..Default::default() }),
            LAYER,
        ),
        row(Input::ListLayers(ListLayersRequest::default()), "*"),
        row(Input::ListTags(ListTagsRequest { resource: named(FUNCTION) }), FUNCTION),
        row(
            Input::ListVersionsByFunction(ListVersionsByFunctionRequest {
                function_name: f(),
                ..Default::default()
            }),
            FUNCTION,
        ),
        row(Input::PublishLayerVersion(layer("l")), LAYER),
        row(
            Input::PublishVersion(PublishVersionRequest { function_name: f(), ..Default::default() }),
            FUNCTION,
        ),
        row(Input::PutFunctionConcurrency(reserved), FUNCTION),
        row(Input::RemoveLayerVersionPermission(unsharing), LAYER_VERSION),
        row(
            Input::RemovePermission(RemovePermissionRequest {
                function_name: f(),
                statement_id: named("s"),
                ..Default::default()
            }),
            FUNCTION,
        ),
        row(Input::TagResource(TagResourceRequest { resource: named(FUNCTION), tags }), FUNCTION),
        row(
            Input::UntagResource(UntagResourceRequest {
                resource: named(FUNCTION),
                tag_keys: vec![named("team")],
            }),
            FUNCTION,
        ),
        row(
            Input::UpdateAlias(UpdateAliasRequest {
                function_name: f(),
                name: named("live"),
                description: Some(named("d")),
                ..Default::default()
            }),
            FUNCTION,
        ),
        row(Input::UpdateFunctionCode(code), FUNCTION),
        row(
            Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
                function_name: f(),
                timeout: Some(9),
                ..Default::default()
            }),
            FUNCTION,
        ),
    ]
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn statement(effect: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_built_operation_has_a_row() {
    let bench = Bench::furnished().await;
    let tested: BTreeSet<&str> = rows(&bench).iter().map(|row| row.input.operation().name()).collect();
    let built = Operation::ALL.into_iter().filter(|operation| operation.is_built());
    let built: BTreeSet<&str> = built.map(|operation| operation.name()).collect();
    assert_eq!(tested, built);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_needs_exactly_its_right() {
    let count = rows(&Bench::new().await).len();
    for index in 0..count {
        let bench = Bench::furnished().await;
        let Row { input, resource } = rows(&bench).swap_remove(index);
        let name = input.operation().name();
        let action = rolecall_catalog::lambda_operation(name).unwrap().action.as_str();
        let user = |name: &'static str, policy: Option<String>| {
            let house = &bench.house;
            async move { house.add_user(ACCOUNT, name, policy.as_deref()).await }
        };

        let nobody = user("nobody", None).await;
        let (code, message) = refusal(bench.call(&nobody, input.clone()).await);
        assert_eq!(code, "AccessDeniedException", "{name}");
        assert_eq!(
            message,
            format!(
                "User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: {action} on resource: \
                 {resource} because no identity-based policy allows the {action} action"
            )
        );

        let allow_all = statement("Allow", "*", "*");
        let barred = user("barred", Some(policy(&[allow_all, statement("Deny", action, resource)]))).await;
        let (_, message) = refusal(bench.call(&barred, input.clone()).await);
        let expected = format!(
            "User: arn:aws:iam::111122223333:user/barred is not authorized to perform: {action} on resource: {resource} \
             with an explicit deny in an identity-based policy"
        );
        assert!(message.starts_with(&expected), "{name}: {message}");

        let mut statements = vec![statement("Allow", action, resource)];
        if name == "CreateFunction" {
            statements.push(statement("Allow", "iam:PassRole", &bench.role));
        }
        let allowed = user("allowed", Some(policy(&statements))).await;
        let answer = bench.call(&allowed, input).await;
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_right_does_not_learn_what_exists() {
    let bench = Bench::furnished().await;
    let nobody = bench.house.add_user(ACCOUNT, "nobody", None).await;
    let there = refusal(bench.call(&nobody, Input::Invoke(event("f", "{}"))).await);
    let not_there = refusal(bench.call(&nobody, Input::Invoke(event("g", "{}"))).await);
    assert_eq!(there.0, not_there.0);
    assert_eq!(there.1.replace(":f ", ":g "), not_there.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_on_a_version_is_no_right_to_change_the_function() {
    let bench = Bench::furnished().await;
    let only_qualified = policy(&[statement("Allow", "lambda:*", &format!("{FUNCTION}:*"))]);
    let user = bench.house.add_user(ACCOUNT, "qualified", Some(&only_qualified)).await;
    let change = UpdateFunctionConfigurationRequest {
        function_name: "f:live".to_owned(),
        timeout: Some(9),
        ..Default::default()
    };
    let (_, message) = refusal(bench.call(&user, Input::UpdateFunctionConfiguration(change)).await);
    assert!(message.contains(&format!("on resource: {FUNCTION} because")), "{message}");
}
