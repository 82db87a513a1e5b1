//! Function URLs: their configuration, and who may run a function through one.

use crate::support::{Bench, event, refusal};
use bytes::Bytes;
use rolecall_authority::Caller;
use rolecall_runner::{FunctionErrorKind, FunctionResult, InvokeFailure, ResponsePart};
use rolecall_service::{FoundUrl, FunctionUrls, UrlAnswer, UrlRefusal};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::lambda::{
    AddPermissionRequest, Cors, CreateAliasRequest, CreateFunctionUrlConfigRequest,
    CreateFunctionUrlConfigResponse, DeleteAliasRequest, DeleteFunctionRequest,
    DeleteFunctionUrlConfigRequest, GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse, Input,
    ListFunctionUrlConfigsRequest, Output, PutFunctionConcurrencyRequest, UpdateFunctionUrlConfigRequest,
};

const NOT_FOUND: &str = "ResourceNotFoundException";
const NO_FUNCTION: &str = "Function does not exist";
const NO_CONFIG: &str = "The resource you requested does not exist.";
const BOTH_RIGHTS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunctionUrl","lambda:InvokeFunction"],"Resource":"*"}]}"#;

fn creation(name: &str, qualifier: Option<&str>, auth_type: &str) -> CreateFunctionUrlConfigRequest {
    CreateFunctionUrlConfigRequest {
        function_name: name.to_owned(),
        qualifier: qualifier.map(str::to_owned),
        auth_type: auth_type.to_owned(),
        ..Default::default()
    }
}

async fn create(bench: &Bench, request: CreateFunctionUrlConfigRequest) -> CreateFunctionUrlConfigResponse {
    match bench.admin(Input::CreateFunctionUrlConfig(request)).await.unwrap() {
        Output::CreateFunctionUrlConfig(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn getting(name: &str, qualifier: Option<&str>) -> Input {
    let (function_name, qualifier) = (name.to_owned(), qualifier.map(str::to_owned));
    Input::GetFunctionUrlConfig(GetFunctionUrlConfigRequest { function_name, qualifier })
}

async fn get(bench: &Bench, qualifier: Option<&str>) -> GetFunctionUrlConfigResponse {
    match bench.admin(getting("f", qualifier)).await.unwrap() {
        Output::GetFunctionUrlConfig(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn id_of(url: Option<&str>) -> String {
    let id = url.unwrap().strip_prefix("http://").unwrap().split('.').next().unwrap();
    id.to_owned()
}

/// The URL of `f`, or of its alias.
async fn url(bench: &Bench, qualifier: Option<&str>, auth_type: &str, mode: &str) -> FoundUrl {
    let request = CreateFunctionUrlConfigRequest {
        invoke_mode: Some(mode.to_owned()),
        ..creation("f", qualifier, auth_type)
    };
    let made = create(bench, request).await;
    bench.lambda.find_url(&id_of(made.function_url.as_deref())).unwrap()
}

/// `ran` where the function ran; `forbidden`, or the error's code.
async fn visit(bench: &Bench, caller: &Caller, url: &FoundUrl) -> String {
    let call = bench.house.call(caller);
    match bench.lambda.invoke_url(&call, url, Bytes::from_static(b"{}")).await {
        Ok(UrlAnswer::Failed) => "failed".to_owned(),
        Ok(_) => "ran".to_owned(),
        Err(UrlRefusal::Forbidden) => "forbidden".to_owned(),
        Err(UrlRefusal::Service(error)) => error.code.into_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_lives_from_create_to_delete() {
    let bench = Bench::furnished().await;
    let cors = Cors {
        allow_origins: Some(vec!["*".to_owned()]),
        allow_methods: Some(vec!["GET".to_owned()]),
        max_age: Some(5),
        ..Default::default()
    };
    let request =
        CreateFunctionUrlConfigRequest { cors: Some(cors.clone()), ..creation("f", None, "AWS_IAM") };
    let made = create(&bench, request.clone()).await;
    assert_eq!((made.auth_type.as_deref(), &made.invoke_mode), (Some("AWS_IAM"), &None));
    assert_eq!(made.function_arn.as_deref(), Some("arn:aws:lambda:us-east-1:111122223333:function:f"));
    assert_eq!(made.cors, Some(cors.clone()));
    let address = made.function_url.clone().unwrap();
    assert_eq!(id_of(Some(&address)).len(), 32, "{address}");
    assert!(address.ends_with(".lambda-url.us-east-1.localhost:4566/"), "{address}");

    let read = get(&bench, None).await;
    assert_eq!(read.invoke_mode.as_deref(), Some("BUFFERED"));
    assert_eq!(
        (read.function_url.as_deref(), &read.creation_time),
        (Some(address.as_str()), &made.creation_time)
    );
    assert_eq!(read.last_modified_time, made.creation_time);
    let exists = refusal(bench.admin(Input::CreateFunctionUrlConfig(request)).await);
    let text = "Failed to create function url config for [functionArn = \
                arn:aws:lambda:us-east-1:111122223333:function:f]. Error message:  FunctionUrlConfig exists for this \
                Lambda function";
    assert_eq!(exists, ("ResourceConflictException".to_owned(), text.to_owned()));

    let change = UpdateFunctionUrlConfigRequest {
        function_name: "f".to_owned(),
        invoke_mode: Some("RESPONSE_STREAM".to_owned()),
        ..Default::default()
    };
    let Output::UpdateFunctionUrlConfig(changed) =
        bench.admin(Input::UpdateFunctionUrlConfig(change)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(changed.function_url.as_deref(), Some(address.as_str()), "the address stays");
    let shown = (changed.auth_type.as_deref(), changed.invoke_mode.as_deref(), changed.cors);
    assert_eq!(shown, (Some("AWS_IAM"), Some("RESPONSE_STREAM"), Some(cors)));
    let nothing = UpdateFunctionUrlConfigRequest { function_name: "f".to_owned(), ..Default::default() };
    let Output::UpdateFunctionUrlConfig(changed) =
        bench.admin(Input::UpdateFunctionUrlConfig(nothing)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(changed.invoke_mode, None, "it is answered only where it was given");
    assert_eq!(get(&bench, None).await.invoke_mode.as_deref(), Some("RESPONSE_STREAM"));

    let delete = || {
        Input::DeleteFunctionUrlConfig(DeleteFunctionUrlConfigRequest {
            function_name: "f".to_owned(),
            qualifier: None,
        })
    };
    bench.admin(delete()).await.unwrap();
    assert_eq!(refusal(bench.admin(delete()).await), (NOT_FOUND.to_owned(), NO_CONFIG.to_owned()));
    let again = create(&bench, creation("f", None, "NONE")).await;
    assert_ne!(
        again.function_url.as_deref(),
        Some(address.as_str()),
        "a new configuration has a new address"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_refusals_come_out() {
    let bench = Bench::furnished().await;
    let update = |name: &str, qualifier: Option<&str>| {
        Input::UpdateFunctionUrlConfig(UpdateFunctionUrlConfigRequest {
            function_name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            ..Default::default()
        })
    };
    let create = |name: &str, qualifier| Input::CreateFunctionUrlConfig(creation(name, qualifier, "NONE"));
    let list = ListFunctionUrlConfigsRequest { function_name: "missing".to_owned(), ..Default::default() };
    let delete = DeleteFunctionUrlConfigRequest { function_name: "missing".to_owned(), qualifier: None };
    let mismatch = "The derived qualifier from the function name does not match the specified qualifier.";
    let method = Cors { allow_methods: Some(vec!["FETCH".to_owned()]), ..Default::default() };
    let method = CreateFunctionUrlConfigRequest { cors: Some(method), ..creation("f", None, "NONE") };
    for (input, code, message) in [
        (create("missing", None), NOT_FOUND, NO_FUNCTION),
        (create("f", Some("nope")), NOT_FOUND, NO_FUNCTION),
        (update("missing", None), NOT_FOUND, NO_FUNCTION),
        (update("f", Some("nope")), NOT_FOUND, NO_FUNCTION),
        (update("f", None), NOT_FOUND, NO_CONFIG),
        (getting("missing", None), NOT_FOUND, NO_CONFIG),
        (getting("f", None), NOT_FOUND, NO_CONFIG),
        (getting("f", Some("nope")), NOT_FOUND, NO_CONFIG),
        (Input::DeleteFunctionUrlConfig(delete), NOT_FOUND, NO_CONFIG),
        (Input::ListFunctionUrlConfigs(list), NOT_FOUND, NO_FUNCTION),
        (create("f:live", Some("other")), "InvalidParameterValueException", mismatch),
        (getting("f:live", Some("other")), "InvalidParameterValueException", mismatch),
        (
            Input::CreateFunctionUrlConfig(method),
            "InvalidParameterValueException",
            "'FETCH' in AllowMethods is none of GET, PUT, HEAD, POST, PATCH, DELETE, *.",
        ),
    ] {
        let refused = refusal(bench.admin(input.clone()).await);
        assert_eq!(refused, (code.to_owned(), message.to_owned()), "{input:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn function_and_alias_have_urls_of_their_own_and_they_are_listed_in_pages() {
    let bench = Bench::furnished().await;
    create(&bench, creation("f", None, "NONE")).await;
    create(&bench, creation("f:live", None, "AWS_IAM")).await;
    let mut seen = Vec::new();
    let mut marker = None;
    loop {
        let request = ListFunctionUrlConfigsRequest {
            function_name: "f".to_owned(),
            marker: marker.clone(),
            max_items: Some(1),
        };
        let Output::ListFunctionUrlConfigs(page) =
            bench.admin(Input::ListFunctionUrlConfigs(request)).await.unwrap()
        else {
            panic!()
        };
        seen.extend(
            page.function_url_configs.unwrap().into_iter().map(|config| config.function_arn.unwrap()),
        );
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
    assert_eq!(seen, [arn.to_owned(), format!("{arn}:live")]);

    let gone = DeleteFunctionRequest { function_name: "f".to_owned(), qualifier: None };
    bench.admin(Input::DeleteFunction(gone)).await.unwrap();
    let state = bench.house.platform.store.read();
    assert!(state.function_urls.is_empty() && state.function_url_ids.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn both_rights_are_needed_each_with_its_own_context() {
    let bench = Bench::furnished().await;
    let url = url(&bench, None, "AWS_IAM", "BUFFERED").await;
    let statement = |effect: &str, action: &str, condition: &str| {
        let resource = "arn:aws:lambda:us-east-1:111122223333:function:f";
        format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{condition}}}"#)
    };
    let by_url = |condition| statement("Allow", "lambda:InvokeFunctionUrl", condition);
    let invoke = |condition| statement("Allow", "lambda:InvokeFunction", condition);
    let iam = r#","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}"#;
    let open = r#","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#;
    let via = r#","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#;
    let not_via = r#","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"false"}}"#;
    let arn = r#","Condition":{"ArnEquals":{"lambda:FunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:f"}}"#;
    let cases = [
        (vec![], "forbidden"),
        (vec![by_url("")], "forbidden"),
        (vec![invoke("")], "forbidden"),
        (vec![by_url(""), invoke("")], "ran"),
        (vec![by_url(iam), invoke(via)], "ran"),
        (vec![by_url(arn), invoke("")], "ran"),
        (vec![by_url(open), invoke("")], "forbidden"),
        (vec![by_url(""), invoke(not_via)], "forbidden"),
        (vec![by_url(""), invoke(""), statement("Deny", "lambda:InvokeFunction", via)], "forbidden"),
        (vec![by_url(""), invoke(""), statement("Deny", "lambda:InvokeFunctionUrl", "")], "forbidden"),
    ];
    for (index, (statements, expected)) in cases.into_iter().enumerate() {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let user = bench.house.add_user(ACCOUNT, &format!("user{index}"), Some(&policy)).await;
        assert_eq!(visit(&bench, &user, &url).await, expected, "{policy}");
    }
    // The right by which a URL may be used is none to invoke without it (reference lambda.md 6.18).
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#, by_url(iam), invoke(via));
    let only_by_url = bench.house.add_user(ACCOUNT, "only-by-url", Some(&policy)).await;
    assert_eq!(visit(&bench, &only_by_url, &url).await, "ran");
    let directly = refusal(bench.call(&only_by_url, Input::Invoke(event("f", "{}"))).await);
    assert_eq!(directly.0, "AccessDeniedException");
    assert_eq!(visit(&bench, &Caller::anonymous(), &url).await, "forbidden");
}

/// The two statements of an open URL (reference lambda.md 3.6-7).
async fn open_to(bench: &Bench, name: &str, principal: &str, auth_type: &str) {
    for (sid, action) in [("url", "lambda:InvokeFunctionUrl"), ("invoke", "lambda:InvokeFunction")] {
        let is_url = sid == "url";
        let request = AddPermissionRequest {
            function_name: name.to_owned(),
            statement_id: sid.to_owned(),
            action: action.to_owned(),
            principal: principal.to_owned(),
            function_url_auth_type: is_url.then(|| auth_type.to_owned()),
            invoked_via_function_url: (!is_url).then_some(true),
            ..Default::default()
        };
        bench.admin(Input::AddPermission(request)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_url_is_open_only_where_the_policy_says_so() {
    let bench = Bench::furnished().await;
    let url = url(&bench, None, "NONE", "BUFFERED").await;
    let nobody = Caller::anonymous();
    assert_eq!(visit(&bench, &nobody, &url).await, "forbidden");
    open_to(&bench, "f", "*", "NONE").await;
    assert_eq!(visit(&bench, &nobody, &url).await, "ran");
    // A policy for the function is none for its alias.
    let alias = self::url(&bench, Some("live"), "NONE", "BUFFERED").await;
    assert_eq!(visit(&bench, &nobody, &alias).await, "forbidden");
    let closed = UpdateFunctionUrlConfigRequest {
        function_name: "f".to_owned(),
        auth_type: Some("AWS_IAM".to_owned()),
        ..Default::default()
    };
    bench.admin(Input::UpdateFunctionUrlConfig(closed)).await.unwrap();
    let now = bench.lambda.find_url(&url.config.id).unwrap();
    assert_eq!(
        visit(&bench, &nobody, &now).await,
        "forbidden",
        "the statement is for URLs without authentication"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_needs_both_sides() {
    let bench = Bench::furnished().await;
    let url = url(&bench, None, "AWS_IAM", "BUFFERED").await;
    let stranger = bench.house.add_user(OTHER_ACCOUNT, "stranger", Some(BOTH_RIGHTS)).await;
    let powerless = bench.house.add_user(OTHER_ACCOUNT, "powerless", None).await;
    assert_eq!(visit(&bench, &stranger, &url).await, "forbidden");
    open_to(&bench, "f", OTHER_ACCOUNT, "AWS_IAM").await;
    assert_eq!(visit(&bench, &stranger, &url).await, "ran");
    assert_eq!(visit(&bench, &powerless, &url).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_of_an_alias_outlives_it_without_running_anything() {
    let bench = Bench::furnished().await;
    let url = url(&bench, Some("live"), "NONE", "BUFFERED").await;
    open_to(&bench, "f:live", "*", "NONE").await;
    assert_eq!(visit(&bench, &Caller::anonymous(), &url).await, "ran");
    let seen = bench.runner.seen.lock().unwrap().last().unwrap().1.invoked_function_arn.clone();
    assert_eq!(seen, "arn:aws:lambda:us-east-1:111122223333:function:f:live");
    let alias = DeleteAliasRequest { function_name: "f".to_owned(), name: "live".to_owned() };
    bench.admin(Input::DeleteAlias(alias)).await.unwrap();
    assert_eq!(get(&bench, Some("live")).await.auth_type.as_deref(), Some("NONE"));
    assert_eq!(visit(&bench, &Caller::anonymous(), &url).await, "forbidden");
    assert_eq!(visit(&bench, &bench.admin, &url).await, "forbidden", "whoever has the right gets the same");
    let alias = CreateAliasRequest {
        function_name: "f".to_owned(),
        name: "live".to_owned(),
        function_version: "1".to_owned(),
        ..Default::default()
    };
    bench.admin(Input::CreateAlias(alias)).await.unwrap();
    assert_eq!(visit(&bench, &Caller::anonymous(), &url).await, "forbidden", "the grant went with the alias");
    open_to(&bench, "f:live", "*", "NONE").await;
    assert_eq!(visit(&bench, &Caller::anonymous(), &url).await, "ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_throttled_and_failures_are_not_explained() {
    let bench = Bench::furnished().await;
    let url = url(&bench, None, "AWS_IAM", "BUFFERED").await;
    let error = FunctionResult::Error { payload: "{}".into(), kind: FunctionErrorKind::Unhandled };
    bench.runner.answer(error, &[]);
    assert_eq!(visit(&bench, &bench.admin, &url).await, "failed");
    bench.runner.fail(InvokeFailure::Unavailable("no sandbox".to_owned()));
    assert_eq!(visit(&bench, &bench.admin, &url).await, "failed");
    bench.runner.fail(InvokeFailure::Throttled(1));
    assert_eq!(visit(&bench, &bench.admin, &url).await, "TooManyRequestsException");
    let none =
        PutFunctionConcurrencyRequest { function_name: "f".to_owned(), reserved_concurrent_executions: 0 };
    bench.admin(Input::PutFunctionConcurrency(none)).await.unwrap();
    assert_eq!(visit(&bench, &bench.admin, &url).await, "TooManyRequestsException");
    let call = bench.house.call(&bench.admin);
    let huge = Bytes::from(vec![b' '; 6_291_457]);
    let Err(UrlRefusal::Service(refused)) = bench.lambda.invoke_url(&call, &url, huge).await else {
        panic!()
    };
    let text = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    assert_eq!((refused.status, refused.message.as_deref()), (413, Some(text)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streaming_url_streams_and_breaks_off_where_the_function_fails() {
    use futures_util::StreamExt;
    let bench = Bench::furnished().await;
    let url = url(&bench, None, "AWS_IAM", "RESPONSE_STREAM").await;
    let begun = || ResponsePart::Begun { content_type: Some("text/plain".to_owned()) };
    let chunk = |text: &'static str| ResponsePart::Chunk(Bytes::from_static(text.as_bytes()));
    let failure = FunctionResult::Error { payload: "{}".into(), kind: FunctionErrorKind::Unhandled };
    for (end, complete) in [(FunctionResult::Success(Bytes::new()), true), (failure, false)] {
        bench.runner.parts.lock().unwrap().push_back(vec![begun(), chunk("a"), chunk("b")]);
        bench.runner.answer(end, &[]);
        let call = bench.house.call(&bench.admin);
        let answer = bench.lambda.invoke_url(&call, &url, Bytes::from_static(b"{}")).await;
        let Ok(UrlAnswer::Stream { content_type, body }) = answer else { panic!() };
        assert_eq!(content_type.as_deref(), Some("text/plain"));
        let pieces: Vec<_> = body.collect().await;
        let expected: Vec<Result<Bytes, _>> = vec![Ok("a".into()), Ok("b".into())];
        assert_eq!(pieces[..2], expected);
        assert_eq!(pieces.len() == 2, complete, "{pieces:?}");
    }
    // A result that is not streamed is sent as it is.
    bench.runner.answer(FunctionResult::Success(r#"{"statusCode":404}"#.into()), &[]);
    let call = bench.house.call(&bench.admin);
    let answer = bench.lambda.invoke_url(&call, &url, Bytes::from_static(b"{}")).await;
    let Ok(UrlAnswer::Stream { body, .. }) = answer else { panic!() };
    assert_eq!(body.collect::<Vec<_>>().await, [Ok(Bytes::from(r#"{"statusCode":404}"#))]);
}
