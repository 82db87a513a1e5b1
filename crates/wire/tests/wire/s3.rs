//! REST-XML: S3.

use bytes::Bytes;
use rolecall_wire::{
    AnyInput, AnyOutput, HttpResponse, ServiceError, ServiceId, Timestamp, encode, encode_error, s3,
};

use crate::common::{failure, parts, read, request};

const NAMESPACE: &str = r#"xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#;

fn answer(output: s3::Output) -> HttpResponse {
    encode(AnyOutput::S3(output), "id")
}

#[test]
fn a_key_is_decoded_once_and_keeps_its_slashes() {
    for (target, key) in [
        ("/b/a/b%2Fc%20d+e", "a/b/c d+e"),
        ("/b/%2525", "%25"),
        ("/b//x", "/x"),
        ("/b/x/", "x/"),
        ("/b/%C3%A9", "é"),
    ] {
        match read(ServiceId::S3, &request("GET", target, &[], "")).unwrap() {
            AnyInput::S3(s3::Input::GetObject(input)) => {
                assert_eq!((&*input.bucket, &*input.key), ("b", key))
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(failure(ServiceId::S3, &request("GET", "/b/%FF", &[], "")).status, 400);
}

#[test]
fn metadata_are_the_headers_with_the_prefix() {
    let headers = [("X-Amz-Meta-Team", "a"), ("x-amz-meta-x-y", "b"), ("content-type", "text/plain")];
    match read(ServiceId::S3, &request("PUT", "/b/k", &headers, "data")).unwrap() {
        AnyInput::S3(s3::Input::PutObject(input)) => {
            let expected = [("team".to_owned(), "a".to_owned()), ("x-y".to_owned(), "b".to_owned())];
            assert_eq!(input.metadata, Some(expected.into()));
            assert_eq!(input.content_type.as_deref(), Some("text/plain"));
            assert_eq!(input.body, Some(Bytes::from_static(b"data")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_notification_configuration_is_read_from_flattened_lists() {
    let body = r#"<?xml version="1.0"?>
<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <!-- a comment -->
  <CloudFunctionConfiguration>
    <Id>one</Id>
    <CloudFunction>arn:aws:lambda:eu-west-1:123456789012:function:f</CloudFunction>
    <Event>s3:ObjectCreated:*</Event>
    <Event>s3:ObjectRemoved:*</Event>
    <Filter><S3Key><FilterRule><Name>prefix</Name><Value>a&amp;b&#47;</Value></FilterRule></S3Key></Filter>
    <Unknown>x</Unknown>
  </CloudFunctionConfiguration>
  <EventBridgeConfiguration/>
</NotificationConfiguration>"#;
    let input = read(ServiceId::S3, &request("PUT", "/b?notification", &[], body)).unwrap();
    let AnyInput::S3(s3::Input::PutBucketNotificationConfiguration(input)) = input else { panic!() };
    let configuration = input.notification_configuration;
    assert!(
        configuration.event_bridge_configuration.is_some() && configuration.queue_configurations.is_none()
    );
    let function = configuration.lambda_function_configurations.unwrap().remove(0);
    assert_eq!(function.id.as_deref(), Some("one"));
    assert_eq!(function.events, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]);
    let rule = function.filter.unwrap().key.unwrap().filter_rules.unwrap().remove(0);
    assert_eq!((rule.name.as_deref(), rule.value.as_deref()), (Some("prefix"), Some("a&b/")));
}

#[test]
fn a_document_that_is_not_of_its_form_is_malformed_xml() {
    let deep =
        format!("<Delete><Object><Key>k</Key></Object>{}{}</Delete>", "<a>".repeat(100), "</a>".repeat(100));
    for body in [
        "<Delete>",
        "<Delete></Other>",
        "text",
        "<Delete/><Delete/>",
        "<Delete/>",
        "<Delete><Object/></Delete>",
        "<!DOCTYPE d [<!ENTITY e \"x\">]><Delete><Object><Key>&e;</Key></Object></Delete>",
        "<!DOCTYPE Delete><Delete><Object><Key>k</Key></Object></Delete>",
        "<Delete><Object><Key>&unknown;</Key></Object></Delete>",
        "<Delete><Quiet>maybe</Quiet><Object><Key>k</Key></Object></Delete>",
        &deep,
    ] {
        let error = failure(ServiceId::S3, &request("POST", "/b?delete", &[], body));
        assert_eq!((error.status, error.code.as_ref()), (400, "MalformedXML"), "{body}");
    }
}

#[test]
fn a_header_that_breaks_a_constraint_is_an_invalid_argument() {
    let error = failure(ServiceId::S3, &request("PUT", "/b/k", &[("x-amz-acl", "everybody")], ""));
    assert_eq!((error.status, error.code.as_ref()), (400, "InvalidArgument"));
    let error = failure(ServiceId::S3, &request("GET", "/b?max-keys=many", &[], ""));
    assert_eq!((error.status, error.code.as_ref()), (400, "InvalidArgument"));
}

#[test]
fn a_part_of_an_object_is_told_by_its_status() {
    let output = s3::GetObjectOutput {
        body: Some("bc".into()),
        content_range: Some("bytes 1-2/4".to_owned()),
        ..Default::default()
    };
    let answer = encode(s3::Output::GetObject(output).into(), "request-1");
    assert_eq!(answer.status.as_u16(), 206);
}

#[test]
fn an_object_is_headers_and_bytes() {
    let output = s3::GetObjectOutput {
        body: Some(Bytes::from_static(b"data")),
        e_tag: Some("\"abc\"".to_owned()),
        content_length: Some(4),
        content_type: Some("text/plain".to_owned()),
        last_modified: Some(Timestamp(1_769_846_405_123)),
        metadata: Some([("team".to_owned(), "a".to_owned())].into()),
        ..Default::default()
    };
    let answer = answer(s3::Output::GetObject(output));
    assert_eq!(parts(&answer), (200, "text/plain", "data"));
    for (name, value) in [
        ("etag", "\"abc\""),
        ("content-length", "4"),
        ("last-modified", "Sat, 31 Jan 2026 08:00:05 GMT"),
        ("x-amz-meta-team", "a"),
        ("x-amz-request-id", "id"),
        ("x-amz-id-2", "id"),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
}

#[test]
fn lists_are_written_flat_under_s3_s_root_elements() {
    let object = s3::Object {
        key: Some("a&b".to_owned()),
        last_modified: Some(Timestamp(1_769_846_405_123)),
        size: Some(7),
        ..Default::default()
    };
    let output = s3::ListObjectsV2Output {
        is_truncated: Some(false),
        contents: Some(vec![object]),
        common_prefixes: Some(vec![]),
        ..Default::default()
    };
    let expected = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult {NAMESPACE}><IsTruncated>false</IsTruncated>\
         <Contents><Key>a&amp;b</Key><LastModified>2026-01-31T08:00:05.123Z</LastModified><Size>7</Size></Contents>\
         </ListBucketResult>"
    );
    assert_eq!(
        parts(&answer(s3::Output::ListObjectsV2(output))),
        (200, "application/xml", expected.as_str())
    );
}

#[test]
fn a_location_is_the_root_element_itself() {
    for (location, element) in [
        (Some("eu-west-1"), format!("<LocationConstraint {NAMESPACE}>eu-west-1</LocationConstraint>")),
        (None, format!("<LocationConstraint {NAMESPACE}/>")),
    ] {
        let output = s3::GetBucketLocationOutput { location_constraint: location.map(str::to_owned) };
        let answer = answer(s3::Output::GetBucketLocation(output));
        assert_eq!(parts(&answer).2, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{element}"));
    }
}

#[test]
fn a_policy_is_the_body_and_a_deletion_has_none() {
    let output = s3::GetBucketPolicyOutput { policy: Some("{}".to_owned()) };
    assert_eq!(parts(&answer(s3::Output::GetBucketPolicy(output))), (200, "application/json", "{}"));
    let deleted = s3::Output::DeleteBucketPolicy(s3::DeleteBucketPolicyOutput);
    assert_eq!(parts(&answer(deleted)), (204, "", ""));
    let created = s3::Output::PutBucketPolicy(s3::PutBucketPolicyOutput);
    assert_eq!(parts(&answer(created)), (200, "", ""));
}

#[test]
fn errors_name_the_resource_and_the_request() {
    let error =
        ServiceError::new(404, "NoSuchKey", "The specified key does not exist.").with_member("Key", "a<b");
    let get = encode_error(ServiceId::S3, &error, "id", Some(s3::Operation::GetObject.into()));
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>\
                <Message>The specified key does not exist.</Message><Key>a&lt;b</Key>\
                <RequestId>id</RequestId><HostId>id</HostId></Error>";
    assert_eq!(parts(&get), (404, "application/xml", body));
    assert_eq!(get.headers["x-amz-request-id"], "id");
    let head = encode_error(ServiceId::S3, &error, "id", Some(s3::Operation::HeadObject.into()));
    assert_eq!(parts(&head), (404, "", ""));
}
