//! Code signing: configurations, which functions have them, and what a signature is worth.

use std::collections::BTreeMap;

use crate::signer::{JOB, PROFILE, SIGNATURE_FILE, Signer, files_of};
use crate::support::{Bench, refusal};
use bytes::Bytes;
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::lambda::{
    AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CreateCodeSigningConfigRequest,
    CreateFunctionRequest, DeleteCodeSigningConfigRequest, DeleteFunctionCodeSigningConfigRequest,
    DeleteFunctionRequest, FunctionCode, FunctionConfiguration, GetCodeSigningConfigRequest,
    GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse, Input,
    LayerVersionContentInput, ListCodeSigningConfigsRequest, ListFunctionsByCodeSigningConfigRequest,
    ListTagsRequest, Output, PublishLayerVersionRequest, PutFunctionCodeSigningConfigRequest,
    TagResourceRequest, UpdateCodeSigningConfigRequest, UpdateFunctionCodeRequest,
    UpdateFunctionConfigurationRequest,
};
use rolecall_wire::{Sensitive, ServiceError};

const MISSING: &str = "arn:aws:lambda:us-east-1:111122223333:code-signing-config:csc-00000000000000000";
const FILES: &[(&str, &str)] = &[("main.py", "def handler(event, context): return event"), ("b.txt", "b")];
const UNTRUSTED: &str = "Lambda cannot deploy the function. The function or layer might be signed using a signature that \
                         the client is not configured to accept. Check the provided signature for \
                         arn:aws:lambda:us-east-1:111122223333:function:f.";
const BROKEN: &str = "Lambda cannot deploy the function. The function or layer code is not properly signed. This can \
                      mean that the code was signed incorrectly or modified after it was signed. Check the provided \
                      signature for arn:aws:lambda:us-east-1:111122223333:function:f.";

/// The files of a zip file: names and contents.
type Files = Vec<(String, Vec<u8>)>;

fn policies(policy: &str) -> Option<CodeSigningPolicies> {
    Some(CodeSigningPolicies { untrusted_artifact_on_deployment: Some(policy.to_owned()) })
}

fn publishers(arn: &str) -> AllowedPublishers {
    AllowedPublishers { signing_profile_version_arns: vec![arn.to_owned()] }
}

async fn new_config(bench: &Bench, policy: &str) -> CodeSigningConfig {
    let input = CreateCodeSigningConfigRequest {
        allowed_publishers: publishers(PROFILE),
        code_signing_policies: policies(policy),
        ..Default::default()
    };
    match bench.admin(Input::CreateCodeSigningConfig(input)).await.unwrap() {
        Output::CreateCodeSigningConfig(answer) => answer.code_signing_config.unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn set_policy(bench: &Bench, arn: &str, policy: &str) -> CodeSigningConfig {
    let input = UpdateCodeSigningConfigRequest {
        code_signing_config_arn: arn.to_owned(),
        code_signing_policies: policies(policy),
        ..Default::default()
    };
    match bench.admin(Input::UpdateCodeSigningConfig(input)).await.unwrap() {
        Output::UpdateCodeSigningConfig(answer) => answer.code_signing_config.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn put(arn: &str, function: &str) -> Input {
    Input::PutFunctionCodeSigningConfig(PutFunctionCodeSigningConfigRequest {
        code_signing_config_arn: arn.to_owned(),
        function_name: function.to_owned(),
    })
}

async fn config_of(
    bench: &Bench,
    function: &str,
) -> Result<GetFunctionCodeSigningConfigResponse, ServiceError> {
    let input = GetFunctionCodeSigningConfigRequest { function_name: function.to_owned() };
    match bench.admin(Input::GetFunctionCodeSigningConfig(input)).await? {
        Output::GetFunctionCodeSigningConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

/// Deploys the zip file to the function `f`.
async fn deploy(bench: &Bench, zip: Bytes, dry_run: bool) -> Result<FunctionConfiguration, ServiceError> {
    bench.settled("f").await;
    let input = UpdateFunctionCodeRequest {
        function_name: "f".to_owned(),
        zip_file: Some(Sensitive::new(zip)),
        dry_run: Some(dry_run),
        ..Default::default()
    };
    match bench.admin(Input::UpdateFunctionCode(input)).await? {
        Output::UpdateFunctionCode(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

fn trust(bench: &Bench, signer: &Signer) {
    std::fs::write(bench.house.platform.store.path().join("signing-roots.pem"), signer.root_pem()).unwrap();
}

/// The function `f` with a new configuration.
async fn signed_house(policy: &str) -> (Bench, String) {
    let bench = Bench::furnished().await;
    let arn = new_config(&bench, policy).await.code_signing_config_arn.unwrap();
    bench.admin(put(&arn, "f")).await.unwrap();
    (bench, arn)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_made_shown_changed_listed_and_deleted() {
    let bench = Bench::furnished().await;
    let made = new_config(&bench, "Enforce").await;
    let (id, arn) =
        (made.code_signing_config_id.clone().unwrap(), made.code_signing_config_arn.clone().unwrap());
    assert_eq!(arn, format!("arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:{id}"));
    assert!(id.starts_with("csc-") && id.len() == 21, "{id}");
    assert!(made.last_modified.as_ref().unwrap().ends_with("000000Z"));
    assert_eq!((made.description.clone(), made.code_signing_policies.clone()), (None, policies("Enforce")));
    let get =
        || Input::GetCodeSigningConfig(GetCodeSigningConfigRequest { code_signing_config_arn: arn.clone() });
    let Output::GetCodeSigningConfig(got) = bench.admin(get()).await.unwrap() else { panic!() };
    assert_eq!(got.code_signing_config, Some(made));
    let nothing = UpdateCodeSigningConfigRequest {
        code_signing_config_arn: arn.clone(),
        code_signing_policies: Some(CodeSigningPolicies::default()),
        ..Default::default()
    };
    let Output::UpdateCodeSigningConfig(kept) =
        bench.admin(Input::UpdateCodeSigningConfig(nothing)).await.unwrap()
    else {
        panic!()
    };
    let kept = kept.code_signing_config.unwrap();
    assert_eq!((kept.description.as_deref(), kept.code_signing_policies), (Some(""), policies("Enforce")));
    let list = Input::ListCodeSigningConfigs(ListCodeSigningConfigsRequest::default());
    let Output::ListCodeSigningConfigs(listed) = bench.admin(list).await.unwrap() else { panic!() };
    assert_eq!(listed.code_signing_configs.unwrap().len(), 1);
    let delete = Input::DeleteCodeSigningConfig(DeleteCodeSigningConfigRequest {
        code_signing_config_arn: arn.clone(),
    });
    bench.admin(delete).await.unwrap();
    let gone = bench.admin(get()).await.unwrap_err();
    assert_eq!((gone.status, gone.code.as_ref(), gone.members.len()), (404, "ResourceNotFoundException", 0));
    let text = format!("The Lambda code signing configuration {arn} can not be found.");
    assert_eq!(gone.message, Some(text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_need_not_be_a_version_and_then_admits_nothing() {
    let bench = Bench::furnished().await;
    let profile = PROFILE.rsplit_once('/').unwrap().0;
    let input = CreateCodeSigningConfigRequest {
        allowed_publishers: publishers(profile),
        code_signing_policies: policies("Enforce"),
        ..Default::default()
    };
    let Output::CreateCodeSigningConfig(made) =
        bench.admin(Input::CreateCodeSigningConfig(input)).await.unwrap()
    else {
        panic!()
    };
    let made = made.code_signing_config.unwrap();
    assert_eq!(made.allowed_publishers, Some(publishers(profile)));
    bench.admin(put(&made.code_signing_config_arn.unwrap(), "f")).await.unwrap();
    let signer = Signer::new(40);
    trust(&bench, &signer);
    let (code, _) = refusal(deploy(&bench, signer.sign(FILES), false).await);
    assert_eq!(code, "CodeVerificationFailedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_refusals_of_attaching_come_out() {
    let (bench, arn) = signed_house("Warn").await;
    let no_config = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {MISSING}."
    );
    let no_function = format!("Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:none");
    let in_use = "Lambda cannot delete the code signing configuration at this time — another operation is in progress. \
                  Try again later.";
    let delete = |arn: &str| {
        Input::DeleteCodeSigningConfig(DeleteCodeSigningConfigRequest {
            code_signing_config_arn: arn.to_owned(),
        })
    };
    let detach = |name: &str| {
        let input = DeleteFunctionCodeSigningConfigRequest { function_name: name.to_owned() };
        Input::DeleteFunctionCodeSigningConfig(input)
    };
    let create =
        CreateFunctionRequest { code_signing_config_arn: Some(MISSING.to_owned()), ..bench.function("g") };
    let foreign = MISSING.replace(ACCOUNT, OTHER_ACCOUNT);
    for (input, code, message) in [
        (put(MISSING, "f"), "CodeSigningConfigNotFoundException", no_config.clone()),
        (put(MISSING, "none"), "CodeSigningConfigNotFoundException", no_config.clone()),
        (put(&arn, "none"), "ResourceNotFoundException", no_function.clone()),
        (detach("none"), "ResourceNotFoundException", no_function),
        (Input::CreateFunction(create), "CodeSigningConfigNotFoundException", no_config),
        (delete(&arn), "ResourceConflictException", in_use.to_owned()),
        (
            delete(MISSING),
            "ResourceNotFoundException",
            format!("The Lambda code signing configuration {MISSING} can not be found."),
        ),
    ] {
        assert_eq!(refusal(bench.admin(input).await), (code.to_owned(), message));
    }
    assert_eq!(refusal(bench.admin(put(&foreign, "f")).await).0, "AccessDeniedException");
    for name in ["none:1", "none:$LATEST", "f:live"] {
        assert_eq!(refusal(config_of(&bench, name).await).0, "InvalidParameterValueException", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_knows_its_functions_until_they_let_it_go() {
    let (bench, arn) = signed_house("Warn").await;
    let functions = async || {
        let input = ListFunctionsByCodeSigningConfigRequest {
            code_signing_config_arn: arn.clone(),
            ..Default::default()
        };
        match bench.admin(Input::ListFunctionsByCodeSigningConfig(input)).await.unwrap() {
            Output::ListFunctionsByCodeSigningConfig(answer) => answer.function_arns.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let with = CreateFunctionRequest { code_signing_config_arn: Some(arn.clone()), ..bench.function("g") };
    bench.admin(Input::CreateFunction(with)).await.unwrap();
    let function = |name: &str| format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}");
    assert_eq!(functions().await, [function("f"), function("g")]);
    let attached = config_of(&bench, "f").await.unwrap();
    assert_eq!(
        (attached.code_signing_config_arn, attached.function_name),
        (Some(arn.clone()), Some("f".to_owned()))
    );
    let detach = DeleteFunctionCodeSigningConfigRequest { function_name: "f".to_owned() };
    bench.admin(Input::DeleteFunctionCodeSigningConfig(detach)).await.unwrap();
    assert_eq!(config_of(&bench, "f").await.unwrap(), GetFunctionCodeSigningConfigResponse::default());
    let gone = DeleteFunctionRequest { function_name: "g".to_owned(), qualifier: None };
    bench.admin(Input::DeleteFunction(gone)).await.unwrap();
    assert_eq!(functions().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_decides_on_unsigned_code() {
    let (bench, arn) = signed_house("Enforce").await;
    let unsigned = crate::support::zip_of(FILES);
    let (code, message) = refusal(deploy(&bench, unsigned.clone(), false).await);
    assert_eq!((code.as_str(), message.as_str()), ("CodeVerificationFailedException", UNTRUSTED));
    assert_eq!(refusal(deploy(&bench, unsigned.clone(), true).await).1, UNTRUSTED);
    let with = CreateFunctionRequest { code_signing_config_arn: Some(arn.clone()), ..bench.function("g") };
    let (code, message) = refusal(bench.admin(Input::CreateFunction(with)).await);
    assert_eq!(
        (code.as_str(), message),
        ("CodeVerificationFailedException", UNTRUSTED.replace(":f.", ":g."))
    );
    let layered = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        layers: Some(vec![format!("arn:aws:lambda:us-east-1:{ACCOUNT}:layer:l:1")]),
        ..Default::default()
    };
    let layered = Input::UpdateFunctionConfiguration(layered);
    assert_eq!(refusal(bench.admin(layered.clone()).await).1, UNTRUSTED);

    set_policy(&bench, &arn, "Warn").await;
    deploy(&bench, unsigned, false).await.unwrap();
    bench.settled("f").await;
    bench.admin(layered).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_an_allowed_publisher_lets_code_and_layers_in() {
    let (bench, _) = signed_house("Enforce").await;
    let signer = Signer::new(40);
    let signed = signer.sign(FILES);
    // The operator has not said yet that the signer is to be trusted.
    assert_eq!(refusal(deploy(&bench, signed.clone(), false).await).1, UNTRUSTED);
    trust(&bench, &signer);
    let deployed = deploy(&bench, signed.clone(), false).await.unwrap();
    let signer_of = (deployed.signing_profile_version_arn.as_deref(), deployed.signing_job_arn.as_deref());
    assert_eq!(signer_of, (Some(PROFILE), Some(JOB)));
    let stranger = Signer::new(80).sign(FILES);
    assert_eq!(refusal(deploy(&bench, stranger, false).await).1, UNTRUSTED);
    let mut other = Signer::new(40);
    other.profile = PROFILE.replace("/mine/", "/theirs/");
    assert_eq!(refusal(deploy(&bench, other.sign(FILES), false).await).1, UNTRUSTED);
    let mut expired = Signer::new(40);
    expired.expires = "20260101000001Z".to_owned();
    assert_eq!(refusal(deploy(&bench, expired.sign(FILES), false).await).1, UNTRUSTED);

    bench.settled("f").await;
    let layer = PublishLayerVersionRequest {
        layer_name: "signed".to_owned(),
        content: LayerVersionContentInput { zip_file: Some(Sensitive::new(signed)), ..Default::default() },
        ..Default::default()
    };
    let Output::PublishLayerVersion(layer) = bench.admin(Input::PublishLayerVersion(layer)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(layer.content.unwrap().signing_job_arn.as_deref(), Some(JOB));
    let layered = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        layers: Some(vec![layer.layer_version_arn.unwrap()]),
        ..Default::default()
    };
    let Output::UpdateFunctionConfiguration(layered) =
        bench.admin(Input::UpdateFunctionConfiguration(layered)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(layered.layers.unwrap()[0].signing_profile_version_arn.as_deref(), Some(PROFILE));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_after_signing_is_refused_under_every_policy() {
    let (bench, arn) = signed_house("Enforce").await;
    let signer = Signer::new(40);
    trust(&bench, &signer);
    let signed = files_of(&signer.sign(FILES));
    let change = |change: &dyn Fn(&mut Files)| {
        let mut files = signed.clone();
        change(&mut files);
        crate::signer::zip(&files)
    };
    let broken = [
        change(&|files| files[0].1.extend(b"\n# changed")),
        change(&|files| files[0].0 = "other.py".to_owned()),
        change(&|files| files.swap(0, 1)),
        change(&|files| files.push(("added.py".to_owned(), Vec::new()))),
        change(&|files| files.retain(|(name, _)| name != "META_INF/")),
        change(&|files| {
            let (_, envelope) = files.iter_mut().find(|(name, _)| name == SIGNATURE_FILE).unwrap();
            envelope[100] ^= 1;
        }),
        change(&|files| {
            let (_, envelope) = files.iter_mut().find(|(name, _)| name == SIGNATURE_FILE).unwrap();
            *envelope = b"no envelope".to_vec();
        }),
    ];
    for policy in ["Enforce", "Warn"] {
        set_policy(&bench, &arn, policy).await;
        for (index, zip) in broken.iter().enumerate() {
            let (code, message) = refusal(deploy(&bench, zip.clone(), false).await);
            assert_eq!(code, "CodeVerificationFailedException");
            assert_eq!(message, BROKEN, "change {index} under {policy}");
        }
    }
    // To pack the same files again changes nothing that was signed.
    deploy(&bench, change(&|_| ()), false).await.unwrap();
    // A function without a configuration takes everything, and shows no signer of what is broken.
    let code = FunctionCode { zip_file: Some(Sensitive::new(broken[0].clone())), ..Default::default() };
    let free = CreateFunctionRequest { code, ..bench.function("free") };
    let Output::CreateFunction(free) = bench.admin(Input::CreateFunction(free)).await.unwrap() else {
        panic!()
    };
    assert_eq!(free.signing_job_arn, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_can_name_the_configuration_that_a_function_must_have() {
    let bench = Bench::furnished().await;
    let (mine, other) = (new_config(&bench, "Warn").await, new_config(&bench, "Warn").await);
    let mine = mine.code_signing_config_arn.unwrap();
    let only_mine = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}},{{"Effect":"Deny","Action":["lambda:CreateFunction","lambda:PutFunctionCodeSigningConfig"],"Resource":"*","Condition":{{"StringNotEquals":{{"lambda:CodeSigningConfigArn":"{mine}"}}}}}}]}}"#
    );
    let user = bench.house.add_user(ACCOUNT, "deployer", Some(&only_mine)).await;
    let create = |name: &str, config: Option<&str>| {
        let config = config.map(str::to_owned);
        let input = CreateFunctionRequest { code_signing_config_arn: config, ..bench.function(name) };
        Input::CreateFunction(input)
    };
    assert!(bench.call(&user, create("a", Some(&mine))).await.is_ok());
    assert_eq!(refusal(bench.call(&user, create("b", None)).await).0, "AccessDeniedException");
    let other = other.code_signing_config_arn.unwrap();
    assert_eq!(refusal(bench.call(&user, put(&other, "f")).await).0, "AccessDeniedException");
    assert!(bench.call(&user, put(&mine, "f")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_has_tags() {
    let bench = Bench::furnished().await;
    let arn = new_config(&bench, "Warn").await.code_signing_config_arn.unwrap();
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let tag = |resource: &str| TagResourceRequest { resource: resource.to_owned(), tags: tags.clone() };
    bench.admin(Input::TagResource(tag(&arn))).await.unwrap();
    let list = Input::ListTags(ListTagsRequest { resource: arn.clone() });
    let Output::ListTags(listed) = bench.admin(list).await.unwrap() else { panic!() };
    assert_eq!(listed.tags, Some(tags.clone()));
    let (code, message) = refusal(bench.admin(Input::TagResource(tag(MISSING))).await);
    let missing = format!("The Lambda code signing configuration {MISSING} can not be found.");
    assert_eq!((code.as_str(), message), ("ResourceNotFoundException", missing));
    let by_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:GetCodeSigningConfig","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}]}"#;
    let reader = bench.house.add_user(ACCOUNT, "reader", Some(by_tag)).await;
    let get = GetCodeSigningConfigRequest { code_signing_config_arn: arn };
    assert!(bench.call(&reader, Input::GetCodeSigningConfig(get)).await.is_ok());
    let tagged = CreateCodeSigningConfigRequest {
        allowed_publishers: publishers(PROFILE),
        tags: Some(tags),
        ..Default::default()
    };
    let create_only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:CreateCodeSigningConfig","Resource":"*"}]}"#;
    let creator = bench.house.add_user(ACCOUNT, "creator", Some(create_only)).await;
    let (_, message) = refusal(bench.call(&creator, Input::CreateCodeSigningConfig(tagged)).await);
    assert!(message.contains("perform: lambda:TagResource on resource: arn:aws:lambda"), "{message}");
}
