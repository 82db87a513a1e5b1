//! Functions from container images, capacity providers and durable executions: what is remembered, and what is refused.

use crate::support::{Bench, TRUST, event, refusal};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AllowedPublishers, CapacityProvider, CapacityProviderConfig, CapacityProviderPermissionsConfig,
    CapacityProviderScalingConfig, CapacityProviderVpcConfig, CreateCapacityProviderRequest,
    CreateCodeSigningConfigRequest, CreateFunctionRequest, DeleteCapacityProviderRequest, FunctionCode,
    FunctionConfiguration, GetCapacityProviderRequest, GetDurableExecutionRequest, GetFunctionRequest,
    GetFunctionResponse, ImageConfig, Input, ListCapacityProvidersRequest,
    ListDurableExecutionsByFunctionRequest, ListFunctionVersionsByCapacityProviderRequest, ListTagsRequest,
    Output, PutFunctionCodeSigningConfigRequest, TagResourceRequest, UpdateCapacityProviderRequest,
    UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest,
};

const INVALID: &str = "InvalidParameterValueException";
const URI: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/app:v1";
const REPOSITORY: &str = "arn:aws:ecr:us-east-1:111122223333:repository/team/app";

fn image_function(bench: &Bench, name: &str, uri: &str) -> CreateFunctionRequest {
    CreateFunctionRequest {
        package_type: Some("Image".to_owned()),
        code: FunctionCode { image_uri: Some(uri.to_owned()), ..Default::default() },
        runtime: None,
        handler: None,
        ..bench.function(name)
    }
}

async fn create(bench: &Bench, input: CreateFunctionRequest) -> Result<FunctionConfiguration, ServiceError> {
    match bench.admin(Input::CreateFunction(input)).await? {
        Output::CreateFunction(answer) => Ok(answer),
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

#[tokio::test(flavor = "multi_thread")]
async fn a_function_from_an_image_is_remembered_and_shown_but_not_run() {
    let bench = Bench::new().await;
    let config = ImageConfig { command: Some(vec!["app.handler".to_owned()]), ..ImageConfig::default() };
    let input = CreateFunctionRequest { image_config: Some(config), ..image_function(&bench, "i", URI) };
    let made = create(&bench, input).await.unwrap();
    assert_eq!(
        (made.package_type.as_deref(), made.code_size, made.code_sha256),
        (Some("Image"), Some(0), None)
    );
    assert_eq!((made.runtime, made.handler, made.runtime_version_config), (None, None, None));
    let shown = made.image_config_response.unwrap().image_config.unwrap();
    assert_eq!(shown.command, Some(vec!["app.handler".to_owned()]));
    bench.settled("i").await;
    let code = get(&bench, "i").await.code.unwrap();
    assert_eq!((code.repository_type.as_deref(), code.image_uri.as_deref()), (Some("ECR"), Some(URI)));
    // A tag cannot be resolved without a registry.
    assert_eq!((code.resolved_image_uri, code.location), (None, None));
    for asynchronous in [false, true] {
        let mut input = event("i", "{}");
        input.invocation_type = asynchronous.then(|| "Event".to_owned());
        let (code, message) = refusal(bench.invoke(input).await);
        let text = "Rolecall does not have a way to run functions from container images yet.";
        assert_eq!((code.as_str(), message.as_str()), (INVALID, text));
    }

    let digest = format!("{}@sha256:{}", URI.trim_end_matches(":v1"), "a".repeat(64));
    let update = UpdateFunctionCodeRequest {
        function_name: "i".to_owned(),
        image_uri: Some(digest.clone()),
        publish: Some(true),
        ..Default::default()
    };
    let Output::UpdateFunctionCode(updated) = bench.admin(Input::UpdateFunctionCode(update)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!((updated.version.as_deref(), updated.code_sha256), (Some("1"), Some("a".repeat(64))));
    assert!(updated.image_config_response.is_some());
    assert_eq!(get(&bench, "i:1").await.code.unwrap().resolved_image_uri, Some(digest));
    bench.settled("i").await;
    let reset = UpdateFunctionConfigurationRequest {
        function_name: "i".to_owned(),
        image_config: Some(ImageConfig::default()),
        ..Default::default()
    };
    bench.admin(Input::UpdateFunctionConfiguration(reset)).await.unwrap();
    assert_eq!(get(&bench, "i").await.configuration.unwrap().image_config_response, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_with_an_image_is_refused_in_awss_words() {
    let bench = Bench::furnished().await;
    create(&bench, image_function(&bench, "i", URI)).await.unwrap();
    bench.settled("i").await;
    let no_handler =
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
    let not_signed = "Code signing is not supported for functions created with container images.";
    let new = |change: &dyn Fn(&mut CreateFunctionRequest)| {
        let mut input = image_function(&bench, "g", URI);
        change(&mut input);
        Input::CreateFunction(input)
    };
    let zip = crate::support::code(&[("main.py", "x")]).zip_file;
    let update = |name: &str, change: &dyn Fn(&mut UpdateFunctionCodeRequest)| {
        let mut input = UpdateFunctionCodeRequest { function_name: name.to_owned(), ..Default::default() };
        change(&mut input);
        Input::UpdateFunctionCode(input)
    };
    let configure = |name: &str, change: &dyn Fn(&mut UpdateFunctionConfigurationRequest)| {
        let mut input =
            UpdateFunctionConfigurationRequest { function_name: name.to_owned(), ..Default::default() };
        change(&mut input);
        Input::UpdateFunctionConfiguration(input)
    };
    let signing = CreateCodeSigningConfigRequest {
        allowed_publishers: AllowedPublishers {
            signing_profile_version_arns: vec![
                "arn:aws:signer:us-east-1:111122223333:/signing-profiles/p/v".to_owned(),
            ],
        },
        ..Default::default()
    };
    let Output::CreateCodeSigningConfig(signing) =
        bench.admin(Input::CreateCodeSigningConfig(signing)).await.unwrap()
    else {
        panic!()
    };
    let signing = signing.code_signing_config.unwrap().code_signing_config_arn.unwrap();
    let put = PutFunctionCodeSigningConfigRequest {
        function_name: "i".to_owned(),
        code_signing_config_arn: signing.clone(),
    };
    let image_config = ImageConfig { working_directory: Some("/w".to_owned()), ..ImageConfig::default() };
    for (input, message) in [
        (new(&|input| input.handler = Some("h.h".to_owned())), no_handler),
        (new(&|input| input.runtime = Some("python3.12".to_owned())), no_handler),
        (new(&|input| input.code_signing_config_arn = Some(signing.clone())), not_signed),
        (Input::PutFunctionCodeSigningConfig(put), not_signed),
        (
            new(&|input| input.code = FunctionCode { zip_file: zip.clone(), ..Default::default() }),
            "Please provide ImageUri when creating a function with packageType Image.",
        ),
        (
            new(&|input| input.code.image_uri = Some("app:latest".to_owned())),
            "Source image app:latest is not valid. Provide a valid source image.",
        ),
        (
            new(&|input| input.package_type = None),
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ),
        (
            update("i", &|input| input.zip_file = zip.clone()),
            "Please provide ImageUri when updating a function with packageType Image.",
        ),
        (
            update("f", &|input| input.image_uri = Some(URI.to_owned())),
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        ),
        (configure("i", &|input| input.handler = Some("h.h".to_owned())), no_handler),
        (
            configure("f", &|input| input.image_config = Some(image_config.clone())),
            "Please don't provide ImageConfig when the intended function PackageType is Zip.",
        ),
    ] {
        assert_eq!(refusal(bench.admin(input).await), (INVALID.to_owned(), message.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_needs_the_callers_rights_on_its_repository() {
    let bench = Bench::new().await;
    let actions = [
        "ecr:GetRepositoryPolicy",
        "ecr:SetRepositoryPolicy",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ];
    for (index, action) in actions.into_iter().enumerate() {
        let others: Vec<String> =
            actions.iter().filter(|other| **other != action).map(|other| format!("\"{other}\"")).collect();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}},{{"Effect":"Allow","Action":[{}],"Resource":"{REPOSITORY}"}}]}}"#,
            others.join(",")
        );
        let user = bench.house.add_user(ACCOUNT, &format!("u{index}"), Some(&policy)).await;
        let input = Input::CreateFunction(image_function(&bench, "i", URI));
        let (code, message) = refusal(bench.call(&user, input).await);
        assert_eq!(code, "AccessDeniedException");
        assert!(
            message.contains(&format!("perform: {action} on resource: {REPOSITORY} because")),
            "{message}"
        );
    }
    let foreign = URI.replace(ACCOUNT, OTHER_ACCOUNT);
    let refused = refusal(create(&bench, image_function(&bench, "i", &foreign)).await);
    let text = "Lambda does not have permission to access the ECR image. Check the ECR permissions.";
    assert_eq!(refused, ("AccessDeniedException".to_owned(), text.to_owned()));
}

fn provider(name: &str, role: &str) -> CreateCapacityProviderRequest {
    CreateCapacityProviderRequest {
        capacity_provider_name: name.to_owned(),
        vpc_config: CapacityProviderVpcConfig {
            subnet_ids: vec!["subnet-1".to_owned()],
            security_group_ids: vec!["sg-1".to_owned()],
        },
        permissions_config: CapacityProviderPermissionsConfig {
            capacity_provider_operator_role_arn: role.to_owned(),
        },
        ..Default::default()
    }
}

async fn new_provider(bench: &Bench, name: &str) -> CapacityProvider {
    match bench.admin(Input::CreateCapacityProvider(provider(name, &bench.role))).await.unwrap() {
        Output::CreateCapacityProvider(answer) => answer.capacity_provider.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capacity_provider_is_made_shown_changed_tagged_listed_and_deleted() {
    let bench = Bench::new().await;
    let made = new_provider(&bench, "p").await;
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:capacity-provider:p");
    assert_eq!(
        (made.capacity_provider_arn.as_deref(), made.state.as_deref()),
        (Some(arn.as_str()), Some("Active"))
    );
    let scaling = CapacityProviderScalingConfig { max_v_cpu_count: Some(30), ..Default::default() };
    let update = UpdateCapacityProviderRequest {
        capacity_provider_name: arn.clone(),
        capacity_provider_scaling_config: Some(scaling.clone()),
        ..Default::default()
    };
    bench.admin(Input::UpdateCapacityProvider(update)).await.unwrap();
    let get =
        || Input::GetCapacityProvider(GetCapacityProviderRequest { capacity_provider_name: "p".to_owned() });
    let Output::GetCapacityProvider(got) = bench.admin(get()).await.unwrap() else { panic!() };
    let got = got.capacity_provider.unwrap();
    assert_eq!((got.capacity_provider_scaling_config, got.vpc_config), (Some(scaling), made.vpc_config));
    let tags = [("team".to_owned(), "a".to_owned())].into();
    bench.admin(Input::TagResource(TagResourceRequest { resource: arn.clone(), tags })).await.unwrap();
    let Output::ListTags(tags) =
        bench.admin(Input::ListTags(ListTagsRequest { resource: arn.clone() })).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(tags.tags.unwrap().len(), 1);
    let list = |state: Option<&str>| {
        let state = state.map(str::to_owned);
        Input::ListCapacityProviders(ListCapacityProvidersRequest { state, ..Default::default() })
    };
    for (state, count) in [(None, 1), (Some("Active"), 1), (Some("Failed"), 0)] {
        let Output::ListCapacityProviders(listed) = bench.admin(list(state)).await.unwrap() else { panic!() };
        assert_eq!(listed.capacity_providers.unwrap().len(), count, "{state:?}");
    }
    let versions = ListFunctionVersionsByCapacityProviderRequest {
        capacity_provider_name: "p".to_owned(),
        ..Default::default()
    };
    let Output::ListFunctionVersionsByCapacityProvider(versions) =
        bench.admin(Input::ListFunctionVersionsByCapacityProvider(versions)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(versions.function_versions, Some(Vec::new()));
    let delete = DeleteCapacityProviderRequest { capacity_provider_name: "p".to_owned() };
    let Output::DeleteCapacityProvider(deleted) =
        bench.admin(Input::DeleteCapacityProvider(delete)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(deleted.capacity_provider.unwrap().state.as_deref(), Some("Deleting"));
    let missing = format!("Capacity provider not found: {arn}");
    assert_eq!(refusal(bench.admin(get()).await), ("ResourceNotFoundException".to_owned(), missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_capacity_provider_cannot_be_is_refused() {
    let bench = Bench::new().await;
    new_provider(&bench, "p").await;
    let untrusting = bench.house.add_role("untrusting", &TRUST.replace("lambda.", "ec2."), None).await;
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:capacity-provider:p");
    let key = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/k");
    let with_key = CreateCapacityProviderRequest { kms_key_arn: Some(key), ..provider("q", &bench.role) };
    for (input, code, message) in [
        (
            provider("p", &bench.role),
            "ResourceConflictException",
            format!("Capacity provider already exists: {arn}"),
        ),
        (
            provider("q", &untrusting),
            INVALID,
            "The role defined for the capacity provider cannot be assumed by Lambda.".to_owned(),
        ),
        (
            provider("q", &format!("arn:aws:iam::{OTHER_ACCOUNT}:role/r")),
            "AccessDeniedException",
            "Cross-account pass role is not allowed.".to_owned(),
        ),
        (with_key, INVALID, "Rolecall does not have customer managed KMS keys yet.".to_owned()),
    ] {
        let refused = refusal(bench.admin(Input::CreateCapacityProvider(input)).await);
        assert_eq!(refused, (code.to_owned(), message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_of_a_capacity_provider_can_be_a_condition() {
    let bench = Bench::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:*","iam:*"],"Resource":"*"},{"Effect":"Deny","Action":"lambda:CreateCapacityProvider","Resource":"*","Condition":{"ForAnyValue:StringNotEquals":{"lambda:SubnetIds":"subnet-1"}}}]}"#;
    let user = bench.house.add_user(ACCOUNT, "u", Some(policy)).await;
    let good = provider("good", &bench.role);
    assert!(bench.call(&user, Input::CreateCapacityProvider(good)).await.is_ok());
    let mut bad = provider("bad", &bench.role);
    bad.vpc_config.subnet_ids.push("subnet-2".to_owned());
    let (code, _) = refusal(bench.call(&user, Input::CreateCapacityProvider(bad)).await);
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_on_a_capacity_provider_needs_the_right_to_pass_it_and_is_refused() {
    let bench = Bench::new().await;
    let arn = new_provider(&bench, "p").await.capacity_provider_arn.unwrap();
    let mut config = CapacityProviderConfig::default();
    config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn = arn.clone();
    let input = || {
        let config = Some(config.clone());
        Input::CreateFunction(CreateFunctionRequest {
            capacity_provider_config: config,
            ..bench.function("g")
        })
    };
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:CreateFunction","iam:PassRole"],"Resource":"*"}]}"#;
    let user = bench.house.add_user(ACCOUNT, "u", Some(policy)).await;
    let (_, message) = refusal(bench.call(&user, input()).await);
    assert!(
        message.contains(&format!("perform: lambda:PassCapacityProvider on resource: {arn}")),
        "{message}"
    );
    let (code, message) = refusal(bench.admin(input()).await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        (INVALID, "Rolecall does not have functions on capacity providers yet.")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_durable_execution_exists_and_the_answer_says_why() {
    let bench = Bench::furnished().await;
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:1/durable-execution/e/1");
    let get = || {
        Input::GetDurableExecution(GetDurableExecutionRequest {
            durable_execution_arn: arn.clone(),
            ..Default::default()
        })
    };
    let text = format!(
        "Durable execution not found: {arn}. Rolecall does not have durable functions yet, so there is none."
    );
    assert_eq!(refusal(bench.admin(get()).await), ("ResourceNotFoundException".to_owned(), text));
    // A right on the function alone never covers its executions, one on its versions does (reference lambda.md 1.10).
    let on = |resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"lambda:*","Resource":"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{resource}"}}]}}"#
        )
    };
    let narrow = bench.house.add_user(ACCOUNT, "narrow", Some(&on("f"))).await;
    assert_eq!(refusal(bench.call(&narrow, get()).await).0, "AccessDeniedException");
    let wide = bench.house.add_user(ACCOUNT, "wide", Some(&on("f:*"))).await;
    assert_eq!(refusal(bench.call(&wide, get()).await).0, "ResourceNotFoundException");
    let list = |name: &str| {
        let function_name = name.to_owned();
        let input = ListDurableExecutionsByFunctionRequest { function_name, ..Default::default() };
        Input::ListDurableExecutionsByFunction(input)
    };
    let Output::ListDurableExecutionsByFunction(listed) = bench.admin(list("f")).await.unwrap() else {
        panic!()
    };
    assert_eq!(listed.durable_executions, Some(Vec::new()));
    let (code, message) = refusal(bench.admin(list("none")).await);
    let missing = format!("Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:none");
    assert_eq!((code.as_str(), message), ("ResourceNotFoundException", missing));
}
