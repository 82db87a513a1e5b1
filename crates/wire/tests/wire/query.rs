//! The query protocol of IAM and STS (reference iam.md 6.4).

use rolecall_wire::{
    AnyInput, AnyOutput, HttpRequest, Sensitive, ServiceError, ServiceId, Timestamp, encode, encode_error,
    iam, route, sts,
};

use crate::common::{failure, parts, read, request};

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")];

fn iam(body: &str) -> HttpRequest {
    request("POST", "/", FORM, &format!("{body}&Version=2010-05-08"))
}

fn tags(body: &str) -> Result<Vec<iam::Tag>, ServiceError> {
    match read(ServiceId::Iam, &iam(&format!("Action=TagUser&UserName=ann&{body}")))? {
        AnyInput::Iam(iam::Input::TagUser(input)) => Ok(input.tags),
        other => panic!("{other:?}"),
    }
}

fn tag(key: &str, value: &str) -> iam::Tag {
    iam::Tag { key: key.to_owned(), value: value.to_owned() }
}

#[test]
fn parameters_come_from_the_body_and_from_the_query_string() {
    let expected = iam::GetUserRequest { user_name: Some("ann".to_owned()) };
    let expected = AnyInput::Iam(iam::Input::GetUser(expected));
    assert_eq!(read(ServiceId::Iam, &iam("Action=GetUser&UserName=ann")).unwrap(), expected);
    let in_query = request("GET", "/?Action=GetUser&UserName=ann&Version=2010-05-08", &[], "");
    assert_eq!(read(ServiceId::Iam, &in_query).unwrap(), expected);
}

#[test]
fn lists_of_structures_are_read_by_their_indices() {
    let two = vec![tag("a", "1"), tag("b", "")];
    let first = "Tags.member.1.Key=a&Tags.member.1.Value=1";
    assert_eq!(tags(&format!("{first}&Tags.member.2.Key=b&Tags.member.2.Value=")).unwrap(), two);
    assert_eq!(tags(&format!("Tags.member.002.Key=b&Tags.member.002.Value=&{first}")).unwrap(), two);
    assert_eq!(tags("Tags=").unwrap(), vec![]);
    assert_eq!(tags(&format!("{first}&Unknown.member.1=x&UserName.x=y")).unwrap(), vec![tag("a", "1")]);
}

#[test]
fn an_index_that_is_none_is_malformed_input() {
    for index in ["0", "-1", "x", "", "11", "99999999999999999999"] {
        let error = tags(&format!("Tags.member.{index}.Key=a&Tags.member.{index}.Value=b")).unwrap_err();
        assert_eq!((error.status, error.code.as_ref()), (400, "MalformedInput"), "{index}");
    }
}

#[test]
fn a_position_that_was_left_out_is_a_missing_element() {
    let error = tags("Tags.member.2.Key=a&Tags.member.2.Value=b").unwrap_err();
    assert_eq!(
        error.message.unwrap(),
        "1 validation error detected: Value null at 'tags.1.member' failed to satisfy constraint: \
         Member must not be null"
    );
}

#[test]
fn booleans_and_integers_have_one_spelling_each() {
    let read = |parameter: &str| {
        let body = format!("Action=ListPolicies&{parameter}");
        match read(ServiceId::Iam, &iam(&body)) {
            Ok(AnyInput::Iam(iam::Input::ListPolicies(input))) => Ok((input.only_attached, input.max_items)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.code.into_owned()),
        }
    };
    for (text, flag) in [("true", true), ("1", true), ("false", false), ("0", false)] {
        assert_eq!(read(&format!("OnlyAttached={text}")), Ok((Some(flag), None)));
    }
    for text in ["7", "%2B7", "007"] {
        assert_eq!(read(&format!("MaxItems={text}")), Ok((None, Some(7))));
    }
    for wrong in ["OnlyAttached=TRUE", "OnlyAttached=", "MaxItems=7.0", "MaxItems=", "MaxItems=2147483648"] {
        assert_eq!(read(wrong), Err("MalformedInput".to_owned()), "{wrong}");
    }
}

#[test]
fn the_first_action_and_version_win() {
    let twice = iam("Action=GetUser&Action=DeleteUser&Version=2010-05-08&Version=1");
    assert_eq!(route(ServiceId::Iam, &twice).unwrap().operation_name(), "GetUser");
}

#[test]
fn an_unknown_action_is_named_with_its_version() {
    for (body, message) in [
        ("Action=Fly&Version=2010-05-08", "Could not find operation Fly for version 2010-05-08"),
        ("Action=GetUser", "Could not find operation GetUser for version NO_VERSION_SPECIFIED"),
        ("Action=&Version=", "Could not find operation  for version "),
        ("Action=GetUser&Version=2011-06-15", "Could not find operation GetUser for version 2011-06-15"),
    ] {
        let error = failure(ServiceId::Iam, &request("POST", "/", FORM, body));
        assert_eq!((error.status, error.code.as_ref()), (400, "InvalidAction"));
        assert_eq!(error.message.unwrap(), message);
    }
}

#[test]
fn requests_that_are_no_queries_are_turned_away_without_words() {
    let long = format!("/?Action=GetUser&Padding={}", "x".repeat(16_000));
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    for (request, status) in [
        (request("GET", "/", &[], ""), 302),
        (
            request(
                "POST",
                "/",
                &[("content-type", "application/json")],
                "Action=GetUser&Version=2010-05-08",
            ),
            302,
        ),
        (request("GET", &long, &[], ""), 400),
        (request("POST", "/", FORM, &large), 413),
    ] {
        let error = failure(ServiceId::Iam, &request);
        let answer = encode_error(ServiceId::Iam, &error, "id", None);
        assert_eq!(parts(&answer), (status, "", ""));
        let location = answer.headers.get("location").map(|value| value.to_str().unwrap());
        assert_eq!(location, (status == 302).then_some("https://aws.amazon.com/iam"));
    }
}

#[test]
fn another_path_is_an_unknown_operation() {
    let error =
        failure(ServiceId::Sts, &request("GET", "/x?Action=GetCallerIdentity&Version=2011-06-15", &[], ""));
    let answer = encode_error(ServiceId::Sts, &error, "id", None);
    assert_eq!(parts(&answer), (404, "text/xml", "<UnknownOperationException/>\n"));
}

#[test]
fn what_is_not_utf8_is_malformed_input() {
    let error = failure(ServiceId::Iam, &iam("Action=GetUser&UserName=%FF"));
    assert_eq!(error.code, "MalformedInput");
}

#[test]
fn an_operation_that_is_not_built_says_so() {
    let error = failure(ServiceId::Iam, &iam("Action=CreateSAMLProvider"));
    assert_eq!((error.status, error.code.as_ref()), (501, "NotImplemented"));
    assert_eq!(error.message.unwrap(), "Rolecall does not have iam:CreateSAMLProvider yet");
}

#[test]
fn a_result_is_written_with_the_namespace_and_the_request_id() {
    let user = iam::User {
        path: Some("/".to_owned()),
        user_name: Some("a<b".to_owned()),
        create_date: Some(Timestamp(1_769_846_405_123)),
        tags: Some(vec![tag("team", "x & y")]),
        ..iam::User::default()
    };
    let output = iam::Output::GetUser(iam::GetUserResponse { user: Some(user) });
    let answer = encode(AnyOutput::Iam(output), "id-1");
    assert_eq!(
        parts(&answer),
        (
            200,
            "text/xml",
            r#"<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetUserResult>
    <User>
      <Path>/</Path>
      <UserName>a&lt;b</UserName>
      <CreateDate>2026-01-31T08:00:05Z</CreateDate>
      <Tags>
        <member>
          <Key>team</Key>
          <Value>x &amp; y</Value>
        </member>
      </Tags>
    </User>
  </GetUserResult>
  <ResponseMetadata>
    <RequestId>id-1</RequestId>
  </ResponseMetadata>
</GetUserResponse>
"#
        )
    );
    assert_eq!(answer.headers["x-amzn-requestid"], "id-1");
}

#[test]
fn an_operation_without_output_has_no_result() {
    let answer = encode(AnyOutput::Iam(iam::Output::DeleteUser(iam::DeleteUserResponse)), "id-1");
    let body = parts(&answer).2;
    assert!(body.starts_with("<DeleteUserResponse xmlns=") && !body.contains("Result"), "{body}");
}

#[test]
fn maps_are_written_as_entries() {
    let summary = [("Users".to_owned(), 3)].into();
    let output = iam::GetAccountSummaryResponse { summary_map: Some(summary) };
    let answer = encode(AnyOutput::Iam(iam::Output::GetAccountSummary(output)), "id");
    let flat: String = parts(&answer).2.split_whitespace().collect();
    assert!(
        flat.contains("<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>"),
        "{flat}"
    );
}

#[test]
fn errors_of_operations_and_of_dispatch_have_different_namespaces() {
    let error = ServiceError::new(404, "NoSuchEntity", "The user with name a cannot be found.");
    let operation = iam::Operation::GetUser.into();
    let answer = encode_error(ServiceId::Iam, &error, "id-1", Some(operation));
    assert_eq!(
        parts(&answer),
        (
            404,
            "text/xml",
            r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <Error>
    <Type>Sender</Type>
    <Code>NoSuchEntity</Code>
    <Message>The user with name a cannot be found.</Message>
  </Error>
  <RequestId>id-1</RequestId>
</ErrorResponse>
"#
        )
    );
    let answer = encode_error(ServiceId::Iam, &ServiceError::new(500, "ServiceFailure", ""), "id", None);
    let body = parts(&answer).2;
    assert!(body.contains("http://webservices.amazon.com/AWSFault/2005-15-09"), "{body}");
    assert!(body.contains("<Type>Receiver</Type>"), "{body}");
}

#[test]
fn debug_shows_no_secret() {
    let key = iam::AccessKey { secret_access_key: Some("hidden".to_owned().into()), ..Default::default() };
    let session =
        sts::Credentials { session_token: Some(Sensitive::new("hidden".to_owned())), ..Default::default() };
    let request = iam("Action=GetUser&UserName=hidden");
    assert!(!format!("{key:?} {session:?} {request:?}").contains("hidden"));
}
