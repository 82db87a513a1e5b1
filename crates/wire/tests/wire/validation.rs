//! The texts of violated constraints, as recorded from AWS (reference lambda.md 8.5, iam.md 5.8 and 7.2).

use rolecall_wire::{HttpRequest, ServiceId};

use crate::common::{failure, read, request};

const FUNCTION_ARN: &str = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Af";

fn create_function(members: &str) -> HttpRequest {
    let body =
        format!(r#"{{"FunctionName":"f","Role":"arn:aws:iam::111111111111:role/r","Code":{{}},{members}}}"#);
    request("POST", "/2015-03-31/functions", &[], &body)
}

fn query(body: &str, version: &str) -> HttpRequest {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    request("POST", "/", &headers, &format!("{body}&Version={version}"))
}

/// The part of a text after `failed to satisfy constraint: `, and the part before it.
fn check(service: ServiceId, request: &HttpRequest, code: &str, count: &str, texts: &[(&str, &str)]) {
    let error = failure(service, request);
    assert_eq!((error.status, error.code.as_ref()), (400, code));
    let texts: Vec<String> =
        texts.iter().map(|(at, rule)| format!("{at} failed to satisfy constraint: {rule}")).collect();
    assert_eq!(error.message.unwrap(), format!("{count} detected: {}", texts.join("; ")));
}

fn lambda(request: &HttpRequest, at: &str, rule: &str) {
    check(ServiceId::Lambda, request, "ValidationException", "1 validation error", &[(at, rule)]);
}

#[test]
fn a_pattern_is_repeated_literally() {
    lambda(
        &request(
            "POST",
            "/2015-03-31/functions/f/policy",
            &[],
            r#"{"StatementId":"example.com","Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com"}"#,
        ),
        "Value 'example.com' at 'statementId'",
        "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
    );
    lambda(
        &request("GET", "/2015-03-31/functions/f?Qualifier=invalid-qualifier-with-%3F-char", &[], ""),
        "Value 'invalid-qualifier-with-?-char' at 'qualifier'",
        r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
    );
    lambda(
        &request("POST", "/2015-03-31/functions/f/aliases", &[], r#"{"Name":"2024","FunctionVersion":"1"}"#),
        "Value '2024' at 'name'",
        "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    );
    lambda(
        &create_function(r#""Role":"r1""#),
        "Value 'r1' at 'role'",
        r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    );
    lambda(
        &request(
            "POST",
            "/2018-10-31/layers/l/versions/1/policy",
            &[],
            r#"{"StatementId":"s","Action":"*","Principal":"*"}"#,
        ),
        "Value '*' at 'action'",
        "Member must satisfy regular expression pattern: lambda:GetLayerVersion",
    );
}

#[test]
fn the_tags_pattern_is_the_recorded_one() {
    let body = r#"{"Tags":{"a":"b"}}"#;
    lambda(
        &request("POST", "/2017-03-31/tags/arn%3Aaws%3Asomething", &[], body),
        "Value 'arn:aws:something' at 'resource'",
        r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)",
    );
}

#[test]
fn a_missing_member_is_null() {
    lambda(
        &request("DELETE", &format!("/2017-03-31/tags/{FUNCTION_ARN}"), &[], ""),
        "Value null at 'tagKeys'",
        "Member must not be null",
    );
    check(
        ServiceId::Sts,
        &query("Action=AssumeRole&RoleSessionName=me", "2011-06-15"),
        "ValidationError",
        "1 validation error",
        &[("Value null at 'roleArn'", "Member must not be null")],
    );
}

#[test]
fn lengths_and_values_have_their_own_words() {
    let arn = format!("arn:aws:lambda:eu-west-1:111111111111:function:{}", "a".repeat(100));
    lambda(
        &create_function(&format!(r#""FunctionName":"{arn}""#)),
        &format!("Value '{arn}' at 'functionName'"),
        "Member must have length less than or equal to 140",
    );
    lambda(
        &create_function(r#""Architectures":["x86_64","arm64"]"#),
        "Value '[x86_64, arm64]' at 'architectures'",
        "Member must have length less than or equal to 1",
    );
    lambda(
        &create_function(r#""MemorySize":1"#),
        "Value '1' at 'memorySize'",
        "Member must have value greater than or equal to 128",
    );
    check(
        ServiceId::Sts,
        &query(
            "Action=AssumeRole&RoleArn=arn:aws:iam::111111111111:role/r&RoleSessionName=s:2",
            "2011-06-15",
        ),
        "ValidationError",
        "1 validation error",
        &[(
            "Value 's:2' at 'roleSessionName'",
            r"Member must satisfy regular expression pattern: [\w+=,.@-]*",
        )],
    );
}

#[test]
fn elements_are_reported_with_their_list() {
    lambda(
        &create_function(r#""VpcConfig":{"SubnetIds":["wrong"],"SecurityGroupIds":["sg-1"]}"#),
        "Value '[wrong]' at 'vpcConfig.subnetIds'",
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, \
         Member must have length greater than or equal to 0, \
         Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
    );
    lambda(
        &create_function(r#""Architectures":["X86_64"]"#),
        "Value '[X86_64]' at 'architectures'",
        "Member must satisfy constraint: \
         [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    );
    lambda(
        &create_function(r#""Layers":["arn:aws:lambda:eu-west-1:111111111111:layer:l"]"#),
        "Value '[arn:aws:lambda:eu-west-1:111111111111:layer:l]' at 'layers'",
        r"Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]",
    );
}

#[test]
fn map_keys_and_values_are_reported_with_their_map() {
    let alias = |weights: &str| {
        let body = format!(r#"{{"RoutingConfig":{{"AdditionalVersionWeights":{weights}}}}}"#);
        request("PUT", "/2015-03-31/functions/f/aliases/live", &[], &body)
    };
    lambda(
        &alias(r#"{"$LATEST":0.5}"#),
        "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights'",
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
         Member must have length greater than or equal to 1, \
         Member must satisfy regular expression pattern: [0-9]+]",
    );
    for (sent, shown) in [("2.0", "2.0"), ("-1", "-1.0")] {
        lambda(
            &alias(&format!(r#"{{"2":{sent}}}"#)),
            &format!("Value '{{2={shown}}}' at 'routingConfig.additionalVersionWeights'"),
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
             Member must have value greater than or equal to 0.0, Member must not be null]",
        );
    }
}

#[test]
fn several_violations_are_joined() {
    let body = r#"{"Content":{},"CompatibleRuntimes":["invalidruntime","invalidruntime2","nodejs20.x"],"CompatibleArchitectures":["invalidarch","x86_64"]}"#;
    let error = failure(ServiceId::Lambda, &request("POST", "/2018-10-31/layers/l/versions", &[], body));
    let expected = "2 validation errors detected: Value '[invalidruntime, invalidruntime2, nodejs20.x]' at \
        'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, \
        provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, \
        ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, \
        provided.al2, java8.al2]; Value '[invalidarch, x86_64]' at 'compatibleArchitectures' failed to satisfy \
        constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must \
        not be null]";
    assert_eq!(error.message.unwrap(), expected);
}

#[test]
fn an_unknown_runtime_of_a_function_is_the_service_s_business() {
    read(ServiceId::Lambda, &create_function(r#""Runtime":"PYTHON3.9""#)).unwrap();
}

#[test]
fn iam_does_not_repeat_the_value() {
    let tag = "Action=TagUser&UserName=ann&Tags.member.1.Key=a*&Tags.member.1.Value=b";
    check(
        ServiceId::Iam,
        &query(tag, "2010-05-08"),
        "ValidationError",
        "1 validation error",
        &[(
            "Value at 'tags.1.member.key'",
            r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        )],
    );
    let version = "Action=GetPolicyVersion&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess&VersionId=one";
    check(
        ServiceId::Iam,
        &query(version, "2010-05-08"),
        "ValidationError",
        "1 validation error",
        &[(
            "Value at 'versionId'",
            r"Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
        )],
    );
}

#[test]
fn a_secret_value_is_not_repeated() {
    let request = create_function(r#""Environment":{"Variables":{"1BAD":"hidden"}}"#);
    lambda(
        &request,
        "Value at 'environment.variables'",
        "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
    );
}

#[test]
fn the_logs_service_has_its_own_code() {
    let headers = [("x-amz-target", "Logs_20140328.PutLogEvents")];
    let body = r#"{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1,"message":""}]}"#;
    check(
        ServiceId::Logs,
        &request("POST", "/", &headers, body),
        "InvalidParameterException",
        "1 validation error",
        &[("Value '' at 'logEvents.1.member.message'", "Member must have length greater than or equal to 1")],
    );
}
