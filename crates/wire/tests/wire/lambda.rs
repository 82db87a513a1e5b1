//! REST-JSON: Lambda (reference lambda.md 8).

use bytes::Bytes;
use rolecall_wire::{
    AnyInput, AnyOutput, HttpResponse, ServiceError, ServiceId, encode, encode_error, lambda,
};

use crate::common::{failure, parts, read, request};

fn error(error: &ServiceError) -> HttpResponse {
    encode_error(ServiceId::Lambda, error, "id", Some(lambda::Operation::GetFunction.into()))
}

#[test]
fn members_come_from_path_query_headers_and_body() {
    let target = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Af/invocations?Qualifier=live";
    let headers = [("X-Amz-Invocation-Type", "Event"), ("x-amz-log-type", "Tail")];
    let expected = lambda::InvocationRequest {
        function_name: "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
        invocation_type: Some("Event".to_owned()),
        log_type: Some("Tail".to_owned()),
        payload: Some(Bytes::from_static(b"not json").into()),
        qualifier: Some("live".to_owned()),
        ..Default::default()
    };
    let input = read(ServiceId::Lambda, &request("POST", target, &headers, "not json")).unwrap();
    assert_eq!(input, AnyInput::Lambda(lambda::Input::Invoke(expected)));
}

#[test]
fn repeated_query_keys_are_a_list() {
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Af";
    let target = format!("/2017-03-31/tags/{arn}?tagKeys=a+b&tagKeys=c%2B");
    match read(ServiceId::Lambda, &request("DELETE", &target, &[], "")).unwrap() {
        AnyInput::Lambda(lambda::Input::UntagResource(input)) => assert_eq!(input.tag_keys, ["a b", "c+"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_body_does_not_reach_members_of_the_path_or_the_query_string() {
    let body = r#"{"FunctionName":"other","Qualifier":"live","StatementId":"s","Action":"lambda:*","Principal":"p"}"#;
    match read(ServiceId::Lambda, &request("POST", "/2015-03-31/functions/mine/policy", &[], body)).unwrap() {
        AnyInput::Lambda(lambda::Input::AddPermission(input)) => {
            assert_eq!((input.function_name.as_str(), input.qualifier), ("mine", None));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn code_and_environment_are_read_and_not_printed() {
    let body = r#"{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/r","Runtime":"python3.13","Handler":"a.b",
        "Code":{"ZipFile":"aGlkZGVu"},"Environment":{"Variables":{"TOKEN":"hidden"}}}"#;
    match read(ServiceId::Lambda, &request("POST", "/2015-03-31/functions", &[], body)).unwrap() {
        AnyInput::Lambda(lambda::Input::CreateFunction(input)) => {
            assert_eq!(input.code.zip_file.as_deref().unwrap(), "hidden".as_bytes());
            let variables = input.environment.as_ref().unwrap().variables.as_ref().unwrap();
            assert_eq!(variables["TOKEN"], "hidden");
            assert!(!format!("{input:?}").contains("hidden"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_malformed_body_is_a_serialization_exception() {
    for body in ["{", "[]", r#"{"Role": 1}"#, r#"{"Code": {"ZipFile": "no base64!"}}"#, r#"{"Timeout": "3"}"#]
    {
        let error = failure(ServiceId::Lambda, &request("POST", "/2015-03-31/functions", &[], body));
        assert_eq!((error.status, error.code.as_ref()), (400, "SerializationException"), "{body}");
    }
}

#[test]
fn an_invocation_s_answer_is_status_headers_and_payload() {
    let output = lambda::InvocationResponse {
        status_code: Some(202),
        function_error: Some("Unhandled".to_owned()),
        executed_version: Some("$LATEST".to_owned()),
        payload: Some(Bytes::from_static(b"[1]").into()),
        ..Default::default()
    };
    let answer = encode(AnyOutput::Lambda(lambda::Output::Invoke(output)), "id");
    assert_eq!(parts(&answer), (202, "application/json", "[1]"));
    assert_eq!(answer.headers["x-amz-function-error"], "Unhandled");
    assert_eq!(answer.headers["x-amz-executed-version"], "$LATEST");
    assert_eq!(answer.headers["x-amzn-requestid"], "id");
}

#[test]
fn statuses_are_the_model_s_and_the_patches() {
    let added = lambda::AddPermissionResponse { statement: Some("{}".to_owned()) };
    let answer = encode(AnyOutput::Lambda(lambda::Output::AddPermission(added)), "id");
    assert_eq!(parts(&answer), (201, "application/json", r#"{"Statement":"{}"}"#));
    let deleted = lambda::DeleteFunctionResponse { status_code: None };
    let answer = encode(AnyOutput::Lambda(lambda::Output::DeleteFunction(deleted)), "id");
    assert_eq!(parts(&answer), (204, "", ""));
    let removed = lambda::Output::RemovePermission(lambda::RemovePermissionResponse);
    assert_eq!(parts(&encode(AnyOutput::Lambda(removed), "id")), (204, "", ""));
}

#[test]
fn a_header_that_cannot_be_sent_is_an_internal_failure() {
    let output = lambda::InvocationResponse { function_error: Some("a\nb".to_owned()), ..Default::default() };
    let answer = encode(AnyOutput::Lambda(lambda::Output::Invoke(output)), "id");
    assert_eq!(answer.status, 500);
}

#[test]
fn errors_have_the_recorded_bodies() {
    let invalid = ServiceError::new(400, "InvalidParameterValueException", "No.").with_member("Type", "User");
    let missing = ServiceError::new(404, "ResourceNotFoundException", "No.").with_member("Type", "User");
    let throttled = ServiceError::new(429, "TooManyRequestsException", "Rate Exceeded.")
        .with_member("Reason", "CallerRateLimitExceeded")
        .with_member("Type", "User");
    let denied = ServiceError::new(403, "AccessDeniedException", "User: a is not authorized");
    let silent = ServiceError { message: None, ..denied.clone() };
    let null = ServiceError { message_member: Some("Message"), ..silent.clone() };
    let respelled = ServiceError { message_member: Some("message"), ..denied.clone() };
    for (case, status, body) in [
        (&invalid, 400, r#"{"Type":"User","message":"No."}"#),
        (&missing, 404, r#"{"Type":"User","Message":"No."}"#),
        (&throttled, 429, r#"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate Exceeded."}"#),
        (&denied, 403, r#"{"Message":"User: a is not authorized"}"#),
        (&silent, 403, "{}"),
        (&null, 403, r#"{"Message":null}"#),
        (&respelled, 403, r#"{"message":"User: a is not authorized"}"#),
    ] {
        let answer = error(case);
        assert_eq!(parts(&answer), (status, "application/json", body));
        assert_eq!(answer.headers["x-amzn-errortype"].to_str().unwrap(), case.code);
        assert_eq!(answer.headers["x-amzn-requestid"], "id");
    }
}

#[test]
fn an_error_s_own_headers_are_sent() {
    let error = error(
        &ServiceError::new(403, "AccessDeniedException", "No.").with_header("x-rolecall-decision", "d1"),
    );
    assert_eq!(error.headers["x-rolecall-decision"], "d1");
}
