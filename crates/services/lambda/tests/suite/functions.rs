//! Functions, versions, aliases, layers and tags: what changes, what is shown, and what is refused.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Bench, TRUST, code, layer, refusal};
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::Sensitive;
use rolecall_wire::lambda::{
    AddLayerVersionPermissionRequest, AliasConfiguration, AliasRoutingConfiguration, CreateAliasRequest,
    CreateFunctionRequest, DeleteFunctionRequest, DeleteLayerVersionRequest, Environment, FunctionCode,
    FunctionConfiguration, GetFunctionRequest, GetFunctionResponse, Input, ListFunctionsRequest, Output,
    PublishVersionRequest, PutFunctionConcurrencyRequest, TagResourceRequest, UntagResourceRequest,
    UpdateAliasRequest, UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest, VpcConfig,
};

const INVALID: &str = "InvalidParameterValueException";

fn arn(rest: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:{rest}")
}

async fn create(bench: &Bench, input: CreateFunctionRequest) -> FunctionConfiguration {
    match bench.admin(Input::CreateFunction(input)).await.unwrap() {
        Output::CreateFunction(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn get(bench: &Bench, name: &str) -> GetFunctionResponse {
    let input = GetFunctionRequest { function_name: name.to_owned(), qualifier: None };
    match bench.admin(Input::GetFunction(input)).await.unwrap() {
        Output::GetFunction(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn publish(bench: &Bench, input: PublishVersionRequest) -> FunctionConfiguration {
    bench.settled("f").await;
    match bench.admin(Input::PublishVersion(input)).await.unwrap() {
        Output::PublishVersion(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn of_f<T: Default>(set: impl FnOnce(&mut T)) -> T {
    let mut request = T::default();
    set(&mut request);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_function_goes_through_awss_states_and_shows_awss_members() {
    let bench = Bench::new().await;
    let new = create(&bench, bench.function("f")).await;
    assert_eq!(new.state.as_deref(), Some("Pending"));
    assert_eq!(new.state_reason.as_deref(), Some("The function is being created."));
    assert_eq!(new.state_reason_code.as_deref(), Some("Creating"));
    assert_eq!(new.last_update_status, None);
    assert_eq!((new.timeout, new.memory_size), (Some(3), Some(128)));
    assert_eq!(new.environment, None);
    assert_eq!(new.logging_config.unwrap().log_group.as_deref(), Some("/aws/lambda/f"));
    assert!(new.last_modified.unwrap().ends_with("+0000"));
    bench.settled("f").await;
    let settled = get(&bench, "f").await.configuration.unwrap();
    assert_eq!(settled.state.as_deref(), Some("Active"));
    assert_eq!(settled.last_update_status.as_deref(), Some("Successful"));
    assert_eq!((settled.state_reason, settled.last_update_status_reason), (None, None));
    assert_ne!(settled.revision_id, new.revision_id);
    assert_eq!(settled.function_arn, Some(arn("f")));
    let changed = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        timeout: Some(9),
        ..Default::default()
    };
    let changed = bench.admin(Input::UpdateFunctionConfiguration(changed)).await.unwrap();
    let Output::UpdateFunctionConfiguration(changed) = changed else { panic!() };
    assert_eq!(changed.last_update_status.as_deref(), Some("InProgress"));
    assert_eq!(changed.last_update_status_reason_code.as_deref(), Some("Creating"));
    bench.settled("f").await;
    assert_eq!(get(&bench, "f").await.configuration.unwrap().timeout, Some(9));
    tokio::task::yield_now().await;
    assert!(bench.runner.retired.lock().unwrap().iter().all(|prefix| prefix.ends_with("/f/$LATEST/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_function_cannot_be_is_refused_in_awss_words() {
    let bench = Bench::new().await;
    let with = |change: &dyn Fn(&mut CreateFunctionRequest)| {
        let mut input = bench.function("g");
        change(&mut input);
        Input::CreateFunction(input)
    };
    let untrusting = bench.house.add_role("untrusting", &TRUST.replace("lambda.", "ec2."), None).await;
    let variables = |key: &str, value: &str| {
        let variables = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        Some(Environment { variables: Some(Sensitive::new(variables)) })
    };
    let not_a_zip = || FunctionCode { zip_file: Some(Sensitive::new("no zip".into())), ..Default::default() };
    let cannot_assume = "The role defined for the function cannot be assumed by Lambda.";
    for (input, code, message) in [
        (with(&|input| input.role = untrusting.clone()), INVALID, cannot_assume),
        (with(&|input| input.role = format!("arn:aws:iam::{ACCOUNT}:role/missing")), INVALID, cannot_assume),
        (
            with(&|input| input.role = format!("arn:aws:iam::{OTHER_ACCOUNT}:role/r")),
            "AccessDeniedException",
            "Cross-account pass role is not allowed.",
        ),
        (
            with(&|input| input.handler = None),
            INVALID,
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ),
        (
            with(&|input| input.code = FunctionCode::default()),
            INVALID,
            "Please provide a source for function code.",
        ),
        (
            with(&|input| input.code = not_a_zip()),
            INVALID,
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            with(&|input| {
                input.layers = Some(vec![format!("arn:aws:lambda:us-east-1:{ACCOUNT}:layer:none:1")])
            }),
            INVALID,
            "Layer version arn:aws:lambda:us-east-1:111122223333:layer:none:1 does not exist.",
        ),
        (
            with(&|input| {
                input.vpc_config =
                    Some(VpcConfig { subnet_ids: Some(vec!["subnet-1".to_owned()]), ..Default::default() });
            }),
            INVALID,
            "SubnetIds and SecurityIds must coexist or be both empty list.",
        ),
        (
            with(&|input| input.package_type = Some("Image".to_owned())),
            INVALID,
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
        ),
        (
            with(&|input| {
                input.code = FunctionCode {
                    s3_bucket: Some("no-such-bucket".to_owned()),
                    s3_key: Some("k".to_owned()),
                    ..Default::default()
                };
            }),
            INVALID,
            "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does \
             not exist",
        ),
        (
            with(&|input| input.environment = variables("AWS_REGION", "x")),
            INVALID,
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: AWS_REGION",
        ),
    ] {
        assert_eq!(refusal(bench.admin(input).await), (code.to_owned(), message.to_owned()));
    }
    create(&bench, bench.function("f")).await;
    let again = refusal(bench.admin(Input::CreateFunction(bench.function("f"))).await);
    assert_eq!(again, ("ResourceConflictException".to_owned(), "Function already exist: f".to_owned()));
    let foreign = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:f");
    let foreign = bench.admin(with(&|input| input.function_name = foreign.clone())).await.unwrap_err();
    assert_eq!((foreign.status, foreign.message), (403, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_must_be_passed_and_a_layer_must_be_allowed() {
    let bench = Bench::furnished().await;
    let create_only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:CreateFunction","Resource":"*"}]}"#;
    let user = bench.house.add_user(ACCOUNT, "creator", Some(create_only)).await;
    let (code, message) = refusal(bench.call(&user, Input::CreateFunction(bench.function("g"))).await);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains(&format!("iam:PassRole on resource: {} because", bench.role)), "{message}");

    let to_lambda_only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:CreateFunction","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]}"#;
    let user = bench.house.add_user(ACCOUNT, "passer", Some(to_lambda_only)).await;
    let layer_arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:layer:l:1");
    let with_layer = CreateFunctionRequest { layers: Some(vec![layer_arn.clone()]), ..bench.function("g") };
    let (_, message) = refusal(bench.call(&user, Input::CreateFunction(with_layer)).await);
    assert!(
        message.contains(&format!("lambda:GetLayerVersion on resource: {layer_arn} because")),
        "{message}"
    );
    let tagged = CreateFunctionRequest {
        tags: Some(BTreeMap::from([("team".to_owned(), "a".to_owned())])),
        ..bench.function("g")
    };
    let (_, message) = refusal(bench.call(&user, Input::CreateFunction(tagged)).await);
    assert!(message.contains(&format!("lambda:TagResource on resource: {} because", arn("g"))), "{message}");
    assert!(bench.call(&user, Input::CreateFunction(bench.function("g"))).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_of_another_account_needs_its_permission() {
    let bench = Bench::furnished().await;
    let everything = crate::support::ADMINISTRATOR;
    let stranger = bench.house.add_user(OTHER_ACCOUNT, "stranger", Some(everything)).await;
    bench.call(&stranger, Input::PublishLayerVersion(layer("theirs"))).await.unwrap();
    let layer_arn = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:layer:theirs:1");
    let attach = || {
        Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
            function_name: "f".to_owned(),
            layers: Some(vec![layer_arn.clone()]),
            ..Default::default()
        })
    };
    let (_, message) = refusal(bench.admin(attach()).await);
    assert!(
        message.ends_with("because no resource-based policy allows the lambda:GetLayerVersion action"),
        "{message}"
    );
    let share = AddLayerVersionPermissionRequest {
        layer_name: "theirs".to_owned(),
        version_number: 1,
        statement_id: "s".to_owned(),
        action: "lambda:GetLayerVersion".to_owned(),
        principal: ACCOUNT.to_owned(),
        ..Default::default()
    };
    bench.call(&stranger, Input::AddLayerVersionPermission(share)).await.unwrap();
    bench.admin(attach()).await.unwrap();
    bench.settled("f").await;
    let gone = DeleteLayerVersionRequest { layer_name: "theirs".to_owned(), version_number: 1 };
    bench.call(&stranger, Input::DeleteLayerVersion(gone)).await.unwrap();
    assert!(bench.invoke(crate::support::event("f", "{}")).await.is_ok());
    let seen = bench.runner.seen.lock().unwrap();
    assert!(seen.last().unwrap().0.layer_dirs[0].join("python/lib.py").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_number_is_not_given_again_when_a_function_is_made_anew() {
    let bench = Bench::new().await;
    let publish_f = || PublishVersionRequest { function_name: "f".to_owned(), ..Default::default() };
    for number in ["1", "2"] {
        create(&bench, bench.function("f")).await;
        bench.settled("f").await;
        assert_eq!(publish(&bench, publish_f()).await.version.as_deref(), Some(number));
        let whole = DeleteFunctionRequest { function_name: "f".to_owned(), ..Default::default() };
        bench.admin(Input::DeleteFunction(whole)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_the_same_twice_makes_one_version() {
    let bench = Bench::new().await;
    create(&bench, bench.function("f")).await;
    let request = |change: &dyn Fn(&mut PublishVersionRequest)| {
        of_f(|request: &mut PublishVersionRequest| {
            request.function_name = "f".to_owned();
            change(request);
        })
    };
    bench.settled("f").await;
    let before = get(&bench, "f").await.configuration.unwrap();
    let first = publish(&bench, request(&|request| request.description = Some("one".to_owned()))).await;
    assert_eq!((first.version.as_deref(), first.function_arn), (Some("1"), Some(arn("f:1"))));
    assert_eq!(first.description.as_deref(), Some("one"));
    assert_ne!(get(&bench, "f").await.configuration.unwrap().revision_id, before.revision_id);
    assert_eq!(publish(&bench, request(&|_| {})).await.version.as_deref(), Some("1"));
    let stale = request(&|request| request.revision_id = Some("wrong".to_owned()));
    assert_eq!(
        refusal(bench.admin(Input::PublishVersion(stale)).await).1,
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve \
         the latest Revision Id"
    );
    let actual = before.code_sha256.unwrap();
    let wrong = request(&|request| request.code_sha256 = Some("wrong".to_owned()));
    assert_eq!(
        refusal(bench.admin(Input::PublishVersion(wrong)).await).1,
        format!(
            "CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST ({actual}). Please try again with the \
             CodeSHA256 in $LATEST."
        )
    );
    let new_code = UpdateFunctionCodeRequest {
        function_name: "f".to_owned(),
        zip_file: code(&[("main.py", "new")]).zip_file,
        publish: Some(true),
        ..Default::default()
    };
    bench.settled("f").await;
    let Output::UpdateFunctionCode(second) = bench.admin(Input::UpdateFunctionCode(new_code)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!((second.version.as_deref(), second.function_arn), (Some("2"), Some(arn("f:2"))));
    assert_eq!(get(&bench, "f:1").await.configuration.unwrap().code_sha256, Some(actual));
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_are_checked_as_recorded() {
    let bench = Bench::furnished().await;
    let alias = |name: &str, version: &str, weights: &[(&str, f64)]| {
        let weights = weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
        Input::CreateAlias(CreateAliasRequest {
            function_name: "f".to_owned(),
            name: name.to_owned(),
            function_version: version.to_owned(),
            routing_config: Some(AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
            ..Default::default()
        })
    };
    let missing = UpdateAliasRequest {
        function_name: "f".to_owned(),
        name: "non-existent".to_owned(),
        ..Default::default()
    };
    for (input, message) in [
        (alias("live", "1", &[]), format!("Alias already exists: {}", arn("f:live"))),
        (alias("a", "10", &[]), format!("Function not found: {}", arn("f:10"))),
        (
            alias("a", "1", &[("1", 0.5)]),
            "Invalid function version 1. Function version 1 is already included in routing configuration."
                .to_owned(),
        ),
        (
            alias("a", "$LATEST", &[("1", 0.5)]),
            "$LATEST is not supported for an alias pointing to more than 1 version".to_owned(),
        ),
        (
            alias("a", "1", &[("2", 0.1), ("3", 0.1)]),
            "Number of items in AdditionalVersionWeights cannot be greater than 1".to_owned(),
        ),
        (Input::UpdateAlias(missing), format!("Alias not found: {}", arn("f:non-existent"))),
    ] {
        let error = bench.admin(input).await.unwrap_err();
        let has_type = error.members.iter().any(|(name, _)| *name == "Type");
        assert_eq!(has_type, !message.starts_with("$LATEST is not"), "{message}");
        assert_eq!(error.message, Some(message));
    }
    let delete = |qualifier: &str| {
        Input::DeleteFunction(DeleteFunctionRequest {
            function_name: "f".to_owned(),
            qualifier: Some(qualifier.to_owned()),
        })
    };
    for (qualifier, message) in [
        ("1", "Unable to delete version because the following aliases reference it: [live]"),
        ("$LATEST", "$LATEST version cannot be deleted without deleting the function."),
        ("live", "Deletion of aliases is not currently supported."),
    ] {
        assert_eq!(refusal(bench.admin(delete(qualifier)).await).1, message);
    }
    bench.admin(delete("1221")).await.unwrap();
    let Output::CreateAlias(AliasConfiguration { alias_arn, description, routing_config, .. }) =
        bench.admin(alias("plain", "$LATEST", &[])).await.unwrap()
    else {
        panic!()
    };
    assert_eq!((alias_arn, description.as_deref(), routing_config), (Some(arn("f:plain")), Some(""), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_another_role_or_dead_letter_target_do_not_share_an_alias() {
    let bench = Bench::furnished().await;
    bench
        .house
        .write(|state| {
            let key = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), "f".to_owned());
            let first = state.function_versions.get(&(key.clone(), 1)).unwrap().as_ref().clone();
            let target = Some("arn:aws:sqs:us-east-1:111122223333:dead".to_owned());
            let role = "arn:aws:iam::111122223333:role/other".to_owned();
            let others = [
                FunctionVersion { dead_letter_target: target, ..first.clone() },
                FunctionVersion { role, ..first.clone() },
                first,
            ];
            for (number, version) in (2..).zip(others) {
                state.function_versions.put((key.clone(), number), version);
            }
        })
        .await;
    let share = |version: &str| {
        let weights = BTreeMap::from([(version.to_owned(), 0.5)]);
        Input::CreateAlias(CreateAliasRequest {
            function_name: "f".to_owned(),
            name: "shared".to_owned(),
            function_version: "1".to_owned(),
            routing_config: Some(AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
            ..Default::default()
        })
    };
    for (version, what) in [("2", "dead-letter targets"), ("3", "execution roles")] {
        let text =
            format!("Function versions 1 and {version} have different {what} and cannot share an alias.");
        assert_eq!(refusal(bench.admin(share(version)).await), (INVALID.to_owned(), text));
    }
    bench.admin(share("4")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_new_code_leaves_the_environments_alone() {
    let bench = Bench::furnished().await;
    tokio::task::yield_now().await;
    bench.runner.retired.lock().unwrap().clear();
    let update = |dry_run| {
        Input::UpdateFunctionCode(UpdateFunctionCodeRequest {
            function_name: "f".to_owned(),
            zip_file: code(&[("main.py", "new")]).zip_file,
            dry_run: Some(dry_run),
            ..Default::default()
        })
    };
    bench.admin(update(true)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(*bench.runner.retired.lock().unwrap(), [] as [String; 0]);
    bench.admin(update(false)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(bench.runner.retired.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_belong_to_the_function_and_are_shown_to_whom_may_list_them() {
    let bench = Bench::furnished().await;
    let tag = |resource: String, count: usize| {
        let tags = (0..count).map(|number| (format!("k{number}"), "v".to_owned())).collect();
        Input::TagResource(TagResourceRequest { resource, tags })
    };
    assert_eq!(
        refusal(bench.admin(tag(arn("f:live"), 1)).await).1,
        "Tags on function aliases and versions are not supported. Please specify a function ARN."
    );
    assert_eq!(
        refusal(bench.admin(tag(arn("f"), 0)).await).1,
        "An error occurred and the request cannot be processed."
    );
    assert_eq!(refusal(bench.admin(tag(arn("f"), 51)).await).1, "Number of tags exceeds resource tag limit.");
    let revision = async || get(&bench, "f").await.configuration.unwrap().revision_id;
    let before = revision().await;
    bench.admin(tag(arn("f"), 1)).await.unwrap();
    let tagged = revision().await;
    assert_ne!(tagged, before, "every change of the tags makes a new revision");
    let keys = vec!["none".to_owned()];
    let untag = UntagResourceRequest { resource: arn("f"), tag_keys: keys };
    bench.admin(Input::UntagResource(untag)).await.unwrap();
    assert_ne!(revision().await, tagged);
    assert_eq!(get(&bench, "f:live").await.tags, Some(BTreeMap::from([("k0".to_owned(), "v".to_owned())])));

    let no_list = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:GetFunction","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/k0":"v"}}}]}"#;
    let reader = bench.house.add_user(ACCOUNT, "reader", Some(no_list)).await;
    let input = GetFunctionRequest { function_name: "f".to_owned(), qualifier: Some("1".to_owned()) };
    let Output::GetFunction(answer) = bench.call(&reader, Input::GetFunction(input)).await.unwrap() else {
        panic!()
    };
    assert_eq!(answer.tags, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_given_back_under_a_link() {
    let bench = Bench::furnished().await;
    let location = get(&bench, "f").await.code.unwrap().location.unwrap().into_inner();
    let token = location.strip_prefix("http://127.0.0.1:4566/_rolecall/code/").unwrap();
    let path = bench.lambda.code_download(token).unwrap();
    assert!(std::fs::read(path).unwrap().starts_with(b"PK"));
    assert_eq!(bench.lambda.code_download("guessed"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages() {
    let bench = Bench::new().await;
    for name in ["a", "b", "c"] {
        create(&bench, bench.function(name)).await;
    }
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let input = ListFunctionsRequest { max_items: Some(2), marker, ..Default::default() };
        let Output::ListFunctions(page) = bench.admin(Input::ListFunctions(input)).await.unwrap() else {
            panic!()
        };
        for function in page.functions.unwrap() {
            assert_eq!(function.state, None);
            names.extend(function.function_name);
        }
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unreserved_pool_keeps_its_minimum() {
    let bench = Bench::furnished().await;
    let reserve = |name: &str, count| {
        Input::PutFunctionConcurrency(PutFunctionConcurrencyRequest {
            function_name: name.to_owned(),
            reserved_concurrent_executions: count,
        })
    };
    let refused = bench.admin(reserve("f", 901)).await.unwrap_err();
    assert_eq!(
        refused.message.as_deref(),
        Some(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [100]."
        )
    );
    assert!(refused.members.is_empty());
    bench.admin(reserve("f", 900)).await.unwrap();
    assert_eq!(get(&bench, "f").await.concurrency.unwrap().reserved_concurrent_executions, Some(900));
    assert_eq!(
        refusal(bench.admin(reserve("f:live", 1)).await).1,
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
         Please specify either a function name or an unqualified function ARN."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn code_in_s3_is_read_as_the_caller() {
    use rolecall_wire::s3::{CreateBucketRequest, Input as S3Input, PutObjectRequest};
    let bench = Bench::new().await;
    let call = bench.house.call(&bench.admin);
    let bucket = CreateBucketRequest { bucket: "code-of-f".to_owned(), ..Default::default() };
    bench.house.platform.call(&call, S3Input::CreateBucket(bucket)).await.unwrap();
    let zip = crate::support::zip_of(&[("main.py", "from s3")]);
    let object = PutObjectRequest {
        bucket: "code-of-f".to_owned(),
        key: "f.zip".to_owned(),
        body: Some(zip),
        ..Default::default()
    };
    bench.house.platform.call(&call, S3Input::PutObject(object)).await.unwrap();
    let from_s3 = || FunctionCode {
        s3_bucket: Some("code-of-f".to_owned()),
        s3_key: Some("f.zip".to_owned()),
        ..Default::default()
    };
    create(&bench, CreateFunctionRequest { code: from_s3(), ..bench.function("f") }).await;
    let no_s3 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}]}"#;
    let user = bench.house.add_user(ACCOUNT, "deployer", Some(no_s3)).await;
    let input = CreateFunctionRequest { code: from_s3(), ..bench.function("g") };
    let (code, message) = refusal(bench.call(&user, Input::CreateFunction(input)).await);
    assert_eq!(code, "AccessDeniedException");
    let expected = "Your access has been denied by S3, please make sure your request credentials have permission to \
                    GetObject for code-of-f/f.zip. S3 Error Code: AccessDenied. S3 Error Message: ";
    assert!(message.starts_with(expected), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_has_one_text_only() {
    let bench = Bench::furnished().await;
    for version in ["0", "01", "007"] {
        let alias = CreateAliasRequest {
            function_name: "f".to_owned(),
            name: "a".to_owned(),
            function_version: version.to_owned(),
            ..Default::default()
        };
        let (_, message) = refusal(bench.admin(Input::CreateAlias(alias)).await);
        assert_eq!(message, format!("Function not found: {}", arn(&format!("f:{version}"))));
    }
}
