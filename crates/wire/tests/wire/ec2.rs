//! EC2's dialect of the query protocol.

use rolecall_wire::{
    AnyInput, AnyOutput, HttpRequest, ServiceError, ServiceId, Timestamp, ec2, encode, encode_error,
};

use crate::common::{failure, parts, read, request};

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")];

fn form(body: &str) -> HttpRequest {
    request("POST", "/", FORM, &format!("{body}&Version=2016-11-15"))
}

fn refusal(body: &str) -> (u16, String, String) {
    let error = failure(ServiceId::Ec2, &form(body));
    (error.status, error.code.into_owned(), error.message.unwrap_or_default())
}

#[test]
fn names_are_capitalised_and_lists_have_no_level_of_their_own() {
    let body = "Action=CreateNetworkInterface&SubnetId=subnet-1&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2\
                &PrivateIpAddresses.1.PrivateIpAddress=10.0.0.9&PrivateIpAddresses.1.Primary=true\
                &TagSpecification.1.ResourceType=network-interface&TagSpecification.1.Tag.1.Key=k\
                &TagSpecification.1.Tag.1.Value=v&DryRun=true";
    let Ok(AnyInput::Ec2(ec2::Input::CreateNetworkInterface(input))) = read(ServiceId::Ec2, &form(body))
    else {
        panic!("not read");
    };
    assert_eq!(input.subnet_id, "subnet-1");
    assert_eq!(input.groups.unwrap(), ["sg-1", "sg-2"]);
    let address = &input.private_ip_addresses.unwrap()[0];
    assert_eq!((address.primary, address.private_ip_address.as_deref()), (Some(true), Some("10.0.0.9")));
    let specification = &input.tag_specifications.unwrap()[0];
    assert_eq!(specification.tags.as_ref().unwrap()[0].key.as_deref(), Some("k"));
    assert_eq!(input.dry_run, Some(true));
}

#[test]
fn filters_have_values_by_index() {
    let body = "Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2&SubnetId.1=s";
    let Ok(AnyInput::Ec2(ec2::Input::DescribeSubnets(input))) = read(ServiceId::Ec2, &form(body)) else {
        panic!("not read");
    };
    let filter = &input.filters.unwrap()[0];
    assert_eq!(filter.name.as_deref(), Some("vpc-id"));
    assert_eq!(filter.values.as_deref().unwrap(), ["vpc-1", "vpc-2"]);
    assert_eq!(input.subnet_ids.unwrap(), ["s"]);
}

#[test]
fn what_is_wrong_with_a_request_is_said_in_ec2s_words() {
    for (body, code, message) in [
        ("Action=Fly", "InvalidAction", "The action Fly is not valid for this web service."),
        ("Nothing=x", "MissingAction", "The request must contain the parameter Action"),
        ("Action=DeleteVpc", "MissingParameter", "The request must contain the parameter vpcId"),
        (
            "Action=CreateSecurityGroup&GroupName=g",
            "MissingParameter",
            "The request must contain the parameter groupDescription",
        ),
        (
            "Action=DescribeVpcs&MaxResults=1",
            "InvalidParameterValue",
            "Value ( 1 ) for parameter maxResults is invalid. Expecting a value greater than or equal to 5.",
        ),
        (
            "Action=CreateVpc&InstanceTenancy=shared",
            "InvalidParameterValue",
            "Value ( shared ) for parameter instanceTenancy is invalid.",
        ),
    ] {
        assert_eq!(refusal(body), (400, code.to_owned(), message.to_owned()), "{body}");
    }
    let old = request("POST", "/", FORM, "Action=DescribeVpcs&Version=2001-01-01");
    let error = failure(ServiceId::Ec2, &old);
    assert_eq!(error.code, "NoSuchVersion");
    assert_eq!(
        error.message.unwrap(),
        "The requested version (2001-01-01) of service AmazonEC2 does not exist"
    );
    assert_eq!(refusal("Action=RunInstances").0, 501);
}

#[test]
fn an_answer_has_the_request_id_first_and_its_items_in_sets() {
    let vpc = ec2::Vpc {
        vpc_id: Some("vpc-1".to_owned()),
        is_default: Some(false),
        tags: Some(vec![ec2::Tag { key: Some("a".to_owned()), value: Some("<".to_owned()) }]),
        ..Default::default()
    };
    let output =
        ec2::Output::DescribeVpcs(ec2::DescribeVpcsResult { next_token: None, vpcs: Some(vec![vpc]) });
    let answer = encode(AnyOutput::Ec2(output), "id-1");
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\"><requestId>id-1</requestId>\
        <vpcSet><item><isDefault>false</isDefault><tagSet><item><key>a</key><value>&lt;</value></item></tagSet>\
        <vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>";
    assert_eq!(parts(&answer), (200, "text/xml;charset=UTF-8", expected));
}

#[test]
fn an_operation_without_output_says_that_it_succeeded() {
    let answer = encode(AnyOutput::Ec2(ec2::Output::DeleteVpc(ec2::DeleteVpcResponse)), "id-1");
    let body = parts(&answer).2;
    assert!(body.ends_with("<requestId>id-1</requestId><return>true</return></DeleteVpcResponse>"), "{body}");
}

#[test]
fn times_have_milliseconds() {
    let attachment = ec2::NetworkInterfaceAttachment {
        attach_time: Some(Timestamp(1_769_846_405_123)),
        ..Default::default()
    };
    let interface = ec2::NetworkInterface { attachment: Some(attachment), ..Default::default() };
    let result = ec2::CreateNetworkInterfaceResult { network_interface: Some(interface), client_token: None };
    let answer = encode(AnyOutput::Ec2(ec2::Output::CreateNetworkInterface(result)), "id");
    assert!(parts(&answer).2.contains("<attachTime>2026-01-31T08:00:05.123Z</attachTime>"));
}

#[test]
fn an_error_stands_among_errors() {
    let error = ServiceError::new(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist");
    let answer = encode_error(ServiceId::Ec2, &error, "id-1", Some(ec2::Operation::DeleteVpc.into()));
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
        <Code>InvalidVpcID.NotFound</Code><Message>The vpc ID 'vpc-1' does not exist</Message></Error></Errors>\
        <RequestID>id-1</RequestID></Response>";
    assert_eq!(parts(&answer), (400, "text/xml;charset=UTF-8", expected));
}
