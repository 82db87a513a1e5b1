//! Ways round a policy that must not be there: other spellings of a name, other regions, and answers that tell what
//! exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::{Bench, TRUST, refusal};
use rolecall_authority::Call;
use rolecall_service::Service;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::AnyInput;
use rolecall_wire::lambda::{
    AllowedPublishers, CreateCapacityProviderRequest, CreateCodeSigningConfigRequest,
    CreateEventSourceMappingRequest, CreateFunctionRequest, Input, ListEventSourceMappingsRequest,
    ListTagsRequest, Output, TagResourceRequest, UntagResourceRequest,
};

const LISTS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:ListEventSourceMappings","Resource":"*"}]}"#;
const READER: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_layer_has_no_other_spelling() {
    let bench = Bench::furnished().await;
    let not_l = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"lambda:CreateFunction","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"lambda:Layer":"arn:aws:lambda:us-east-1:111122223333:layer:l:1"}}}]}"#;
    let user = bench.house.add_user(ACCOUNT, "user", Some(not_l)).await;
    let create = |layer: &str| {
        let layers = Some(vec![layer.to_owned()]);
        Input::CreateFunction(CreateFunctionRequest { layers, ..bench.function("g") })
    };
    let plain = "arn:aws:lambda:us-east-1:111122223333:layer:l:1";
    assert_eq!(refusal(bench.call(&user, create(plain)).await).0, "AccessDeniedException");
    for other in [
        "arn:aws:lambda:us-east-1:111122223333:layer:l:01",
        "arn:aws-cn:lambda:us-east-1:111122223333:layer:l:1",
    ] {
        let refused = refusal(bench.call(&user, create(other)).await);
        let text = format!("'{other}' is not the ARN of a layer version.");
        assert_eq!(refused, ("InvalidParameterValueException".to_owned(), text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_reached_from_their_own_region_only() {
    let mut bench = Bench::new().await;
    bench.role = bench.house.add_role("reads", TRUST, Some(READER)).await;
    bench.admin(Input::CreateFunction(bench.function("f"))).await.unwrap();
    bench.settled("f").await;
    for arn in tagged_things(&bench).await {
        let near = bench.house.call(&bench.admin);
        let mut far: Call = Arc::into_inner(bench.house.call(&bench.admin)).unwrap();
        far.region = "eu-west-1".parse().unwrap();
        let far = Arc::new(far);
        let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
        for input in [
            Input::TagResource(TagResourceRequest { resource: arn.clone(), tags }),
            Input::UntagResource(UntagResourceRequest {
                resource: arn.clone(),
                tag_keys: vec!["team".to_owned()],
            }),
            Input::ListTags(ListTagsRequest { resource: arn.clone() }),
        ] {
            let answer = bench.lambda.handle(&far, AnyInput::Lambda(input.clone())).await;
            let error = answer.map(|output| output.operation_name()).unwrap_err();
            assert_eq!(error.code, "ResourceNotFoundException", "{arn}");
            bench.lambda.handle(&near, AnyInput::Lambda(input)).await.map(drop).unwrap();
        }
    }
}

/// One of each kind of thing with tags, beside functions.
async fn tagged_things(bench: &Bench) -> Vec<String> {
    let queue = bench.queue(&bench.admin, "q", None).await;
    let mapping = CreateEventSourceMappingRequest {
        function_name: "f".to_owned(),
        event_source_arn: Some(queue),
        ..Default::default()
    };
    let Output::CreateEventSourceMapping(mapping) =
        bench.admin(Input::CreateEventSourceMapping(mapping)).await.unwrap()
    else {
        panic!("another answer")
    };
    let profile = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/p/0123456789";
    let signing = CreateCodeSigningConfigRequest {
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: vec![profile.to_owned()] },
        ..Default::default()
    };
    let Output::CreateCodeSigningConfig(signing) =
        bench.admin(Input::CreateCodeSigningConfig(signing)).await.unwrap()
    else {
        panic!("another answer")
    };
    let mut provider =
        CreateCapacityProviderRequest { capacity_provider_name: "provider".to_owned(), ..Default::default() };
    provider.permissions_config.capacity_provider_operator_role_arn.clone_from(&bench.role);
    bench.admin(Input::CreateCapacityProvider(provider)).await.unwrap();
    vec![
        mapping.event_source_mapping_arn.unwrap(),
        signing.code_signing_config.unwrap().code_signing_config_arn.unwrap(),
        "arn:aws:lambda:us-east-1:111122223333:capacity-provider:provider".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_mappings_does_not_tell_what_functions_others_have() {
    let bench = Bench::furnished().await;
    let stranger = bench.house.add_user("444455556666", "stranger", Some(LISTS)).await;
    for name in ["f", "ghost"] {
        let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}");
        let list = ListEventSourceMappingsRequest { function_name: Some(arn.clone()), ..Default::default() };
        let refused = refusal(bench.call(&stranger, Input::ListEventSourceMappings(list)).await);
        assert_eq!(refused, ("ResourceNotFoundException".to_owned(), format!("Function not found: {arn}")));
    }
}
