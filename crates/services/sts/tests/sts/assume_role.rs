//! What AssumeRole gives, and what it refuses in which words.

use rolecall_authority::{Call, Caller, Origin, SessionHolder};
use rolecall_service::Service;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::AnyInput;
use rolecall_wire::sts::{AssumeRoleRequest, Input, PolicyDescriptorType, ProvidedContext};

use crate::fixture::{Town, holder, parts, policy, request, role_arn, tags, trust, trust_account};

/// A town with the role `r` that the administrator `ana` can assume, and `s` that sessions of the account can.
async fn town() -> (Town, Caller) {
    let town = Town::new().await;
    let everything = policy(&[("Allow", "*", "*")]);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&everything)).await;
    town.house.add_role("r", &trust_account(ACCOUNT), Some(&everything)).await;
    town.house.add_role("s", &trust_account(ACCOUNT), None).await;
    (town, ana)
}

#[tokio::test]
async fn the_credentials_are_the_roles() {
    let (town, ana) = town().await;
    let answer = town.assume(&ana, request("r")).await.unwrap();
    let user = answer.assumed_role_user.unwrap();
    assert_eq!(user.arn, Some(format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/session")));
    assert!(user.assumed_role_id.unwrap().starts_with("AROA"));
    assert_eq!((answer.packed_policy_size, answer.source_identity), (None, None));
    let credentials = answer.credentials.unwrap();
    assert!(credentials.access_key_id.as_ref().unwrap().starts_with("ASIA"));
    assert_eq!(credentials.secret_access_key.as_ref().unwrap().len(), 40);
    let lasts_ms = credentials.expiration.unwrap().epoch_ms() - town.house.platform.now_ms();
    assert!((3_590_000..=3_600_000).contains(&lasts_ms), "{lasts_ms}");
    let session = town.house.platform.authority.session_caller(&credentials.session_token.unwrap()).unwrap();
    assert_eq!(session.arn(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/session"));
}

#[tokio::test]
async fn the_answer_prints_no_secret() {
    let (town, ana) = town().await;
    let answer = town.assume(&ana, request("r")).await.unwrap();
    let printed = format!("{answer:?}");
    let credentials = answer.credentials.unwrap();
    assert!(!printed.contains(credentials.secret_access_key.unwrap().as_str()));
    assert!(!printed.contains(credentials.session_token.unwrap().as_str()));
}

#[tokio::test]
async fn wrong_requests_are_refused_in_aws_words() {
    let (town, ana) = town().await;
    let validation = "ValidationError";
    let parameter = "InvalidParameterValue";
    let arns =
        |count: usize, arn: &str| Some(vec![PolicyDescriptorType { arn: Some(arn.to_owned()) }; count]);
    let known = "arn:aws:iam::aws:policy/AWSLambda_FullAccess";
    for (input, status, code, message) in [
        (
            AssumeRoleRequest { role_arn: "this-is-not-an-arn-at-all".into(), ..request("r") },
            400,
            validation,
            "this-is-not-an-arn-at-all is invalid",
        ),
        (
            AssumeRoleRequest { duration_seconds: Some(3601), ..request("r") },
            400,
            validation,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            AssumeRoleRequest { tags: tags(&[("a", "1"), ("A", "2")]), ..request("r") },
            400,
            parameter,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            AssumeRoleRequest { transitive_tag_keys: Some(vec!["a".into()]), ..request("r") },
            400,
            parameter,
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            AssumeRoleRequest { policy: Some("{".into()), ..request("r") },
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        ),
        (
            AssumeRoleRequest {
                policy_arns: arns(1, "arn:aws:iam::aws:policy/NoSuchPolicy"),
                ..request("r")
            },
            400,
            validation,
            "Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
        ),
        (
            AssumeRoleRequest { policy_arns: arns(11, known), ..request("r") },
            400,
            validation,
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length \
             less than or equal to 10",
        ),
        (
            AssumeRoleRequest { token_code: Some("123456".to_owned().into()), ..request("r") },
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is \
             valid and associated with this user.",
        ),
        (
            AssumeRoleRequest { provided_contexts: Some(vec![ProvidedContext::default()]), ..request("r") },
            400,
            validation,
            "ProvidedContexts is not built: this server has no providers of trusted context.",
        ),
    ] {
        let error = town.assume(&ana, input).await.unwrap_err();
        assert_eq!(parts(error), (status, code.into(), message.into()));
    }
}

#[tokio::test]
async fn too_many_tags_are_too_much_for_a_token() {
    let (town, ana) = town().await;
    let long = "v".repeat(200);
    let keys: Vec<String> = (0..40).map(|place| format!("key-{place}")).collect();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), long.as_str())).collect();
    let error =
        town.assume(&ana, AssumeRoleRequest { tags: tags(&pairs), ..request("r") }).await.unwrap_err();
    let (status, code, message) = parts(error);
    assert_eq!((status, code.as_str()), (400, "PackedPolicyTooLarge"));
    assert!(message.starts_with("Packed size of session tags consumes 1"), "{message}");
}

#[tokio::test]
async fn session_policies_go_into_the_session() {
    let (town, ana) = town().await;
    let document = policy(&[("Allow", "s3:*", "*")]);
    let arn = "arn:aws:iam::aws:policy/AWSLambda_FullAccess";
    let input = AssumeRoleRequest {
        policy: Some(document.clone()),
        policy_arns: Some(vec![PolicyDescriptorType { arn: Some(arn.into()) }]),
        ..request("r")
    };
    assert!(
        town.assume(&ana, input.clone()).await.unwrap().packed_policy_size.is_some_and(|percent| percent > 0)
    );
    let session = town.assumed(&ana, input).await;
    let SessionHolder::Role { policies, policy_arns, .. } = holder(&session) else { panic!() };
    assert_eq!(policies.iter().map(|policy| &**policy).collect::<Vec<_>>(), [document]);
    assert_eq!(policy_arns, &[arn]);
}

#[tokio::test]
async fn a_session_policy_limits_the_next_assumption_too() {
    let (town, ana) = town().await;
    let limited = AssumeRoleRequest { policy: Some(policy(&[("Allow", "s3:*", "*")])), ..request("r") };
    let limited = town.assumed(&ana, limited).await;
    let error = town.assume(&limited, request("s")).await.unwrap_err();
    assert_eq!(
        parts(error).2,
        format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
            limited.arn(),
            role_arn("s")
        )
    );
    let free = town.assumed(&ana, request("r")).await;
    assert!(town.assume(&free, request("s")).await.is_ok());
}

#[tokio::test]
async fn a_chain_lasts_an_hour_at_most() {
    let (town, ana) = town().await;
    town.house
        .write(|state| {
            state
                .roles
                .update(&(ACCOUNT.parse().unwrap(), "s".into()), |role| role.max_session_duration_s = 43_200);
        })
        .await;
    let session = town.assumed(&ana, request("r")).await;
    let long = AssumeRoleRequest { duration_seconds: Some(3601), ..request("s") };
    let message =
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    let error = town.assume(&session, long.clone()).await.unwrap_err();
    assert_eq!(parts(error), (400, "ValidationError".into(), message.into()));
    assert!(town.assume(&ana, long).await.is_ok());
}

#[tokio::test]
async fn transitive_tags_and_the_source_identity_are_handed_on() {
    let (town, ana) = town().await;
    let first = AssumeRoleRequest {
        tags: tags(&[("Team", "blue"), ("mine", "only")]),
        transitive_tag_keys: Some(vec!["Team".into()]),
        source_identity: Some("ana".into()),
        ..request("r")
    };
    let session = town.assumed(&ana, first).await;
    let second = AssumeRoleRequest { tags: tags(&[("more", "x")]), ..request("s") };
    let answer = town.assume(&session, second.clone()).await.unwrap();
    assert_eq!(answer.source_identity.as_deref(), Some("ana"));
    let chained = town.assumed(&session, second).await;
    let SessionHolder::Role { tags: session_tags, transitive_tag_keys, source_identity, .. } =
        holder(&chained)
    else {
        panic!()
    };
    let shown: Vec<_> = session_tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(shown, [("more", "x"), ("Team", "blue")]);
    assert_eq!(
        (transitive_tag_keys.as_slice(), source_identity.as_deref()),
        (["Team".to_owned()].as_slice(), Some("ana"))
    );
    let override_tag = AssumeRoleRequest { tags: tags(&[("TEAM", "red")]), ..request("s") };
    let message = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                   key from the calling session.";
    let error = town.assume(&session, override_tag).await.unwrap_err();
    assert_eq!(parts(error), (400, "InvalidParameterValue".into(), message.into()));
    let other_identity = AssumeRoleRequest { source_identity: Some("ben".into()), ..request("s") };
    let message = "The source identity is already set for this assume role session";
    let error = town.assume(&session, other_identity).await.unwrap_err();
    assert_eq!(parts(error), (400, "ValidationError".into(), message.into()));
}

#[tokio::test]
async fn inherited_tags_need_the_permission_to_tag() {
    let (town, ana) = town().await;
    let first = AssumeRoleRequest {
        tags: tags(&[("team", "blue")]),
        transitive_tag_keys: Some(vec!["team".into()]),
        ..request("r")
    };
    let session = town.assumed(&ana, first).await;
    let principal = format!(r#"{{"AWS":"{ACCOUNT}"}}"#);
    town.house.add_role("untagged", &trust(&principal, r#""sts:AssumeRole""#, "{}"), None).await;
    let error = town.assume(&session, request("untagged")).await.unwrap_err();
    assert!(parts(error).2.contains("sts:TagSession"));
}

#[tokio::test]
async fn lambda_puts_its_function_into_the_session() {
    let (town, _) = town().await;
    let principal = r#"{"Service":"lambda.amazonaws.com"}"#;
    town.house.add_role("exec", &trust(principal, r#""sts:AssumeRole""#, "{}"), None).await;
    let function = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f");
    let origin = Origin::Service { source_arn: Some(function.clone()), source_account: ACCOUNT.parse().ok() };
    let lambda = Caller::service("lambda.amazonaws.com");
    let mut call =
        Call::new(lambda, town.house.region.clone(), "id".into(), town.house.platform.now_ms(), origin);
    call.source_function_arn = Some(function.clone());
    let answer =
        town.sts.handle(&call.into(), AnyInput::Sts(Input::AssumeRole(request("exec")))).await.unwrap();
    let rolecall_wire::AnyOutput::Sts(rolecall_wire::sts::Output::AssumeRole(answer)) = answer else {
        panic!()
    };
    let token = answer.credentials.unwrap().session_token.unwrap();
    let session = town.house.platform.authority.session_caller(&token).unwrap();
    let SessionHolder::Role { source_function_arn, .. } = holder(&session) else { panic!() };
    assert_eq!(source_function_arn.as_ref(), Some(&function));
}

#[tokio::test]
async fn a_role_remembers_when_it_was_last_assumed_and_does_not_write_for_each() {
    let (town, ana) = town().await;
    let last = || {
        let state = town.house.platform.store.read();
        state.roles.get(&(ACCOUNT.parse().unwrap(), "r".into())).unwrap().last_used.clone()
    };
    assert_eq!(last(), None);
    town.assume(&ana, request("r")).await.unwrap();
    let first = last();
    assert_eq!(first.as_ref().map(|(_, region)| region.as_str()), Some("us-east-1"));
    town.assume(&ana, request("r")).await.unwrap();
    assert_eq!(last(), first);
}
