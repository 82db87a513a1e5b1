//! JSON 1.1: CloudWatch Logs and Organizations.

use rolecall_wire::{
    AnyInput, AnyOutput, HttpRequest, ServiceError, ServiceId, Timestamp, encode, encode_error, logs,
    organizations,
};

use crate::common::{failure, parts, read, request};

fn logs(operation: &str, body: &str) -> HttpRequest {
    let target = format!("Logs_20140328.{operation}");
    let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
    request("POST", "/", &headers, body)
}

#[test]
fn the_target_names_the_operation() {
    let body = r#"{"logGroupName": "/aws/lambda/f", "unknown": [1], "tags": null}"#;
    let expected =
        logs::CreateLogGroupRequest { log_group_name: "/aws/lambda/f".to_owned(), ..Default::default() };
    let input = read(ServiceId::Logs, &logs("CreateLogGroup", body)).unwrap();
    assert_eq!(input, AnyInput::Logs(logs::Input::CreateLogGroup(expected)));
}

#[test]
fn an_unknown_target_is_an_unknown_operation() {
    let organizations = [("x-amz-target", "AWSOrganizationsV20161128.CreateLogGroup")];
    for request in
        [logs("Fly", "{}"), request("POST", "/", &[], "{}"), request("POST", "/", &organizations, "{}")]
    {
        let error = failure(ServiceId::Logs, &request);
        assert_eq!((error.status, error.code.as_ref()), (400, "UnknownOperationException"));
        let answer = encode_error(ServiceId::Logs, &error, "id", None);
        let body = r#"{"__type":"UnknownOperationException"}"#;
        assert_eq!(parts(&answer), (400, "application/x-amz-json-1.1", body));
    }
}

#[test]
fn a_body_of_another_form_is_a_serialization_exception() {
    for body in [
        "{",
        "[]",
        "7",
        r#"{"logGroupName": 7}"#,
        r#"{"logGroupName": {}}"#,
        r#"{"logGroupName": []}"#,
        r#"{"tags": []}"#,
        r#"{"tags": {"a": 1}}"#,
        r#"{"logGroupName": "a"} x"#,
    ] {
        let error = failure(ServiceId::Logs, &logs("CreateLogGroup", body));
        assert_eq!((error.status, error.code.as_ref()), (400, "SerializationException"), "{body}");
    }
    let error = failure(ServiceId::Logs, &logs("GetLogEvents", r#"{"limit": 1.5, "logStreamName": "s"}"#));
    assert_eq!(error.message.unwrap(), "NUMBER_VALUE can not be converted to Integer");
    let error =
        failure(ServiceId::Logs, &logs("GetLogEvents", r#"{"limit": 3000000000, "logStreamName": "s"}"#));
    assert_eq!(error.code, "SerializationException");
}

#[test]
fn no_body_is_an_empty_object() {
    for body in ["", "null", "{}"] {
        let input = read(ServiceId::Logs, &logs("DescribeLogGroups", body)).unwrap();
        assert_eq!(input, AnyInput::Logs(logs::Input::DescribeLogGroups(Default::default())));
    }
}

#[test]
fn absent_members_are_left_out_and_empty_lists_are_written() {
    let stream = logs::LogStream { log_stream_name: Some("a\"b".to_owned()), ..Default::default() };
    let output = |streams| logs::DescribeLogStreamsResponse { log_streams: streams, next_token: None };
    for (streams, body) in [
        (None, "{}"),
        (Some(vec![]), r#"{"logStreams":[]}"#),
        (Some(vec![stream]), r#"{"logStreams":[{"logStreamName":"a\"b"}]}"#),
    ] {
        let answer = encode(AnyOutput::Logs(logs::Output::DescribeLogStreams(output(streams))), "id");
        assert_eq!(parts(&answer), (200, "application/x-amz-json-1.1", body));
        assert_eq!(answer.headers["x-amzn-requestid"], "id");
    }
}

#[test]
fn an_operation_without_output_answers_nothing() {
    let answer = encode(AnyOutput::Logs(logs::Output::CreateLogGroup(logs::CreateLogGroupResponse)), "id");
    assert_eq!(parts(&answer), (200, "application/x-amz-json-1.1", ""));
}

#[test]
fn timestamps_are_seconds() {
    let account = organizations::Account {
        id: Some("123456789012".to_owned()),
        joined_timestamp: Some(Timestamp(1_769_846_405_500)),
        ..Default::default()
    };
    let output = organizations::DescribeAccountResponse { account: Some(account) };
    let answer = encode(AnyOutput::Organizations(organizations::Output::DescribeAccount(output)), "id");
    assert_eq!(parts(&answer).2, r#"{"Account":{"Id":"123456789012","JoinedTimestamp":1769846405.5}}"#);
}

#[test]
fn the_models_exception_spells_the_message_member() {
    for (service, code, body) in [
        (
            ServiceId::Logs,
            "ResourceNotFoundException",
            r#"{"__type":"ResourceNotFoundException","message":"Not here."}"#,
        ),
        (
            ServiceId::Organizations,
            "AccountNotFoundException",
            r#"{"__type":"AccountNotFoundException","Message":"Not here."}"#,
        ),
    ] {
        let answer = encode_error(service, &ServiceError::new(400, code, "Not here."), "id", None);
        assert_eq!(parts(&answer), (400, "application/x-amz-json-1.1", body));
        assert_eq!(answer.headers["x-amzn-errortype"], code);
    }
}
