//! Every operation: refused without a right, allowed with exactly the right, refused with an explicit deny.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Bench, event, layer, permission, refusal};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    AddLayerVersionPermissionRequest, CreateAliasRequest, DeleteAliasRequest,
    DeleteFunctionConcurrencyRequest, DeleteFunctionEventInvokeConfigRequest, DeleteFunctionRequest,
    DeleteLayerVersionRequest, DeleteProvisionedConcurrencyConfigRequest, DeleteResourcePolicyRequest,
    GetAccountSettingsRequest, GetAliasRequest, GetFunctionConcurrencyRequest,
    GetFunctionConfigurationRequest, GetFunctionEventInvokeConfigRequest, GetFunctionRecursionConfigRequest,
    GetFunctionRequest, GetFunctionScalingConfigRequest, GetLayerVersionByArnRequest,
    GetLayerVersionPolicyRequest, GetLayerVersionRequest, GetPolicyRequest,
    GetProvisionedConcurrencyConfigRequest, GetResourcePolicyRequest, GetRuntimeManagementConfigRequest,
    Input, InvokeAsyncRequest, ListAliasesRequest, ListFunctionEventInvokeConfigsRequest,
    ListFunctionsRequest, ListLayerVersionsRequest, ListLayersRequest,
    ListProvisionedConcurrencyConfigsRequest, ListTagsRequest, ListVersionsByFunctionRequest, Operation,
    PublishVersionRequest, PutFunctionConcurrencyRequest, PutFunctionEventInvokeConfigRequest,
    PutFunctionRecursionConfigRequest, PutFunctionScalingConfigRequest,
    PutProvisionedConcurrencyConfigRequest, PutResourcePolicyRequest, PutRuntimeManagementConfigRequest,
    RemoveLayerVersionPermissionRequest, RemovePermissionRequest, TagResourceRequest, UntagResourceRequest,
    UpdateAliasRequest, UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest,
    UpdateFunctionEventInvokeConfigRequest,
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const ALIAS: &str = "arn:aws:lambda:us-east-1:111122223333:function:f:live";
const LAYER: &str = "arn:aws:lambda:us-east-1:111122223333:layer:l";
const LAYER_VERSION: &str = "arn:aws:lambda:us-east-1:111122223333:layer:l:1";

/// An operation with the resource that it is checked on. The action is that of the catalog.
struct Row {
    input: Input,
    resource: &'static str,
    /// What the administrator does before.
    before: Vec<Input>,
    /// Further actions that are checked, each on its resource.
    also: Vec<(&'static str, &'static str)>,
    /// The code of the refusal that whoever has the right gets all the same.
    refused: Option<&'static str>,
}

fn row(input: Input, resource: &'static str) -> Row {
    Row { input, resource, before: Vec::new(), also: Vec::new(), refused: None }
}

impl Row {
    fn after(mut self, input: Input) -> Self {
        self.before.push(input);
        self
    }

    fn also(mut self, action: &'static str, resource: &'static str) -> Self {
        self.also.push((action, resource));
        self
    }

    fn refused(mut self, code: &'static str) -> Self {
        self.refused = Some(code);
        self
    }
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
        zip_file: crate::support::code(&[("main.py", "changed")]).zip_file,
        ..Default::default()
    };
    let reserved = PutFunctionConcurrencyRequest { function_name: f(), reserved_concurrent_executions: 1 };
    let named = |name: &str| name.to_owned();
    let event_config = || PutFunctionEventInvokeConfigRequest {
        function_name: f(),
        qualifier: live(),
        maximum_retry_attempts: Some(1),
        ..Default::default()
    };
    let provisioned = || PutProvisionedConcurrencyConfigRequest {
        function_name: f(),
        qualifier: named("live"),
        provisioned_concurrent_executions: 1,
    };
    let mut rows = configuration_rows(event_config, provisioned);
    rows.extend(crate::rows::urls::rows().into_iter().map(|(input, resource, before)| {
        let before = before.into_iter().collect();
        Row { before, ..row(input, resource) }
    }));
    rows.extend(crate::rows::event_sources::rows().into_iter().map(|(input, resource)| row(input, resource)));
    rows.extend(crate::rows::signing::rows().into_iter().map(|(input, resource)| {
        let name = input.operation().name();
        let also = crate::rows::signing::further_rights(name);
        Row { also, refused: crate::rows::signing::expected_error(name), ..row(input, resource) }
    }));
    rows.extend(vec![
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
    ]);
    rows
}

/// The rows of what hangs on functions, versions and aliases.
fn configuration_rows(
    event_config: impl Fn() -> PutFunctionEventInvokeConfigRequest,
    provisioned: impl Fn() -> PutProvisionedConcurrencyConfigRequest,
) -> Vec<Row> {
    let f = || "f".to_owned();
    let live = || Some("live".to_owned());
    let version = "arn:aws:lambda:us-east-1:111122223333:function:f:1";
    let invalid = "InvalidParameterValueException";
    let document = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"lambda:GetAlias","Resource":"{ALIAS}"}}}}"#
    );
    let put_policy = || PutResourcePolicyRequest {
        resource_arn: ALIAS.to_owned(),
        policy: document.clone(),
        revision_id: None,
    };
    let update_event_config = UpdateFunctionEventInvokeConfigRequest {
        function_name: f(),
        qualifier: live(),
        maximum_retry_attempts: Some(0),
        ..Default::default()
    };
    let scaling = PutFunctionScalingConfigRequest {
        function_name: f(),
        qualifier: "1".to_owned(),
        function_scaling_config: None,
    };
    let runtime = PutRuntimeManagementConfigRequest {
        function_name: f(),
        qualifier: Some("1".to_owned()),
        update_runtime_on: "FunctionUpdate".to_owned(),
        runtime_version_arn: None,
    };
    vec![
        row(Input::PutResourcePolicy(put_policy()), ALIAS)
            .also("lambda:AddPermission", ALIAS)
            .also("lambda:RemovePermission", ALIAS),
        row(Input::GetResourcePolicy(GetResourcePolicyRequest { resource_arn: ALIAS.to_owned() }), ALIAS)
            .after(Input::PutResourcePolicy(put_policy()))
            .also("lambda:GetPolicy", ALIAS),
        row(
            Input::DeleteResourcePolicy(DeleteResourcePolicyRequest {
                resource_arn: ALIAS.to_owned(),
                revision_id: None,
            }),
            ALIAS,
        )
        .also("lambda:RemovePermission", ALIAS),
        row(Input::PutFunctionEventInvokeConfig(event_config()), ALIAS),
        row(Input::UpdateFunctionEventInvokeConfig(update_event_config), ALIAS)
            .after(Input::PutFunctionEventInvokeConfig(event_config())),
        row(
            Input::GetFunctionEventInvokeConfig(GetFunctionEventInvokeConfigRequest {
                function_name: f(),
                qualifier: live(),
            }),
            ALIAS,
        )
        .after(Input::PutFunctionEventInvokeConfig(event_config())),
        row(
            Input::DeleteFunctionEventInvokeConfig(DeleteFunctionEventInvokeConfigRequest {
                function_name: f(),
                qualifier: live(),
            }),
            ALIAS,
        )
        .after(Input::PutFunctionEventInvokeConfig(event_config())),
        row(
            Input::ListFunctionEventInvokeConfigs(ListFunctionEventInvokeConfigsRequest {
                function_name: f(),
                ..Default::default()
            }),
            FUNCTION,
        ),
        row(Input::PutProvisionedConcurrencyConfig(provisioned()), ALIAS),
        row(
            Input::GetProvisionedConcurrencyConfig(GetProvisionedConcurrencyConfigRequest {
                function_name: f(),
                qualifier: "live".to_owned(),
            }),
            ALIAS,
        )
        .after(Input::PutProvisionedConcurrencyConfig(provisioned())),
        row(
            Input::DeleteProvisionedConcurrencyConfig(DeleteProvisionedConcurrencyConfigRequest {
                function_name: f(),
                qualifier: "live".to_owned(),
            }),
            ALIAS,
        ),
        row(
            Input::ListProvisionedConcurrencyConfigs(ListProvisionedConcurrencyConfigsRequest {
                function_name: f(),
                ..Default::default()
            }),
            FUNCTION,
        ),
        row(
            Input::PutFunctionRecursionConfig(PutFunctionRecursionConfigRequest {
                function_name: f(),
                recursive_loop: "Allow".to_owned(),
            }),
            FUNCTION,
        ),
        row(Input::PutRuntimeManagementConfig(runtime), version),
        row(Input::PutFunctionScalingConfig(scaling), version).refused(invalid),
        row(
            Input::GetFunctionScalingConfig(GetFunctionScalingConfigRequest {
                function_name: f(),
                qualifier: "1".to_owned(),
            }),
            version,
        )
        .refused(invalid),
        row(
            Input::InvokeAsync(InvokeAsyncRequest {
                function_name: "f:live".to_owned(),
                invoke_args: "{}".into(),
            }),
            ALIAS,
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
        crate::rows::event_sources::furnish(&bench).await;
        crate::rows::signing::furnish(&bench).await;
        let Row { input, resource, before, also, refused } = rows(&bench).swap_remove(index);
        let name = input.operation().name();
        for input in before {
            bench.admin(input).await.unwrap();
        }
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
        statements.extend(also.iter().map(|(action, resource)| statement("Allow", action, resource)));
        let allowed = user("allowed", Some(policy(&statements))).await;
        let answer = bench.call(&allowed, input.clone()).await;
        match refused {
            None => assert!(answer.is_ok(), "{name}: {answer:?}"),
            Some(code) => assert_eq!(answer.unwrap_err().code, code, "{name}"),
        }
        for (missing, on) in also.iter().copied() {
            let mut statements = statements.clone();
            statements.retain(|other| *other != statement("Allow", missing, on));
            let lacking = user("lacking", Some(policy(&statements))).await;
            let (_, message) = refusal(bench.call(&lacking, input.clone()).await);
            assert!(message.contains(&format!("perform: {missing} on resource: {on}")), "{name}: {message}");
        }
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
