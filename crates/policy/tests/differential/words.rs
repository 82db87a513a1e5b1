//! The small world that cases are drawn from: callers, resources, condition keys and values. It is small so that two
//! draws often meet, and it holds the odd spellings that the reference tells of.

use rolecall_policy::{ContextValue, Principal};

use crate::random::Random;

pub(crate) const OWN: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";

/// What a condition key holds, and which operators ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Number,
    Date,
    Bool,
    Bytes,
    Address,
    Arn,
}

/// Condition keys with what they hold, and whether they are multivalued.
pub(crate) const KEYS: &[(&str, Family, bool)] = &[
    ("aws:RequestTag/team", Family::Text, false),
    ("aws:PrincipalTag/team", Family::Text, false),
    ("aws:TagKeys", Family::Text, true),
    ("test:Number", Family::Number, false),
    ("test:Numbers", Family::Number, true),
    ("aws:CurrentTime", Family::Date, false),
    ("test:Dates", Family::Date, true),
    ("aws:SecureTransport", Family::Bool, false),
    ("test:Bools", Family::Bool, true),
    ("test:Bytes", Family::Bytes, false),
    ("test:ManyBytes", Family::Bytes, true),
    ("aws:SourceIp", Family::Address, false),
    ("test:Addresses", Family::Address, true),
    ("aws:SourceArn", Family::Arn, false),
    ("lambda:Layer", Family::Arn, true),
];

/// Keys that follow from the caller; only policies name them.
pub(crate) const CALLER_KEYS: &[(&str, Family)] = &[
    ("aws:username", Family::Text),
    ("aws:userid", Family::Text),
    ("aws:PrincipalArn", Family::Arn),
    ("aws:PrincipalAccount", Family::Text),
    ("aws:PrincipalType", Family::Text),
    ("aws:PrincipalIsAWSService", Family::Bool),
    ("aws:PrincipalServiceNamesList", Family::Text),
];

pub(crate) fn operators(family: Family) -> &'static [&'static str] {
    match family {
        Family::Text => &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        Family::Number => &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        Family::Date => &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        Family::Bool => &["Bool"],
        Family::Bytes => &["BinaryEquals"],
        Family::Address => &["IpAddress", "NotIpAddress"],
        Family::Arn => &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    }
}

/// Values of a family, well written, oddly written and malformed. Requests and policies draw from the same.
pub(crate) fn values(family: Family) -> &'static [&'static str] {
    match family {
        Family::Text => &[
            "red",
            "Red",
            "RED",
            "re",
            "redd",
            "",
            "blue",
            "*",
            "r?d",
            "straße",
            "STRASSE",
            "ος",
            "ΟΣ",
            "Σ",
            "ς",
            "İ",
            "i̇",
            "ſ",
            "S",
            "é",
            "e\u{301}",
            "😀",
            "𐐀",
            "𐐨",
            "a\nb",
            "ana",
            "true",
            "111122223333",
            "s3.amazonaws.com",
            "User",
            "AssumedRole",
        ],
        Family::Number => &[
            "1",
            "01",
            "+1",
            "1.0",
            "1.",
            "1e0",
            "10e-1",
            "0.1e1",
            "0",
            "-0",
            "-1",
            "2",
            "9007199254740993",
            "9007199254740992",
            "1e400",
            "1E400",
            "NaN",
            "Infinity",
            "",
            " 1",
            "one",
            "1.5",
            ".5",
            "0.5",
            "-1.5",
            "1e",
            "--1",
            "1_000",
            "3e-2",
            "0.03",
            "300e-4",
        ],
        Family::Date => &[
            "2030-01-01T00:00:00Z",
            "2030-01-01T00:00:00",
            "2030-01-01",
            "1893456000",
            "+1893456000",
            "1893456001",
            "2030-01-01T00:00:00.0001Z",
            "2030-01-01T00:00:00.1231Z",
            "2030-01-01T00:00:00.1239Z",
            "2030-01-01T01:00:00+01:00",
            "2029-12-31T23:00:00-01:00",
            "2029-12-31T23:59:59Z",
            "2030-01",
            "2030",
            "2030-02-30",
            "2028-02-29",
            "2030-01-01t00:00:00Z",
            "-5",
            "never",
            "",
            "2030-01-01T24:00:00Z",
            "2030-01-01T0:00:00Z",
            "2030-01-01T00:00Z",
            "2030-01-01T00Z",
            "2030-01-01T01:00:00+01",
        ],
        Family::Bool => &["true", "false", "True", "FALSE", "yes", "1", "", " true "],
        Family::Bytes => &["YQ==", "YQ", "YR==", " YQ== ", "", "YWI=", "YWJj", "no-binary", "YWJjZA=="],
        Family::Address => &[
            "192.0.2.1",
            "192.0.2.77",
            "192.000.2.1",
            "192.0.2.0/24",
            "192.0.2.77/24",
            "192.0.2.1/32",
            "192.0.2.1/+032",
            "192.0.2.1/33",
            "0.0.0.0/0",
            "::ffff:192.0.2.1",
            "::ffff:c000:201",
            "::ffff:c000:201/128",
            "::ffff:0:0/96",
            "2001:db8::5",
            "2001:db8::4",
            "2001:db8::5/64",
            "2001:db8::/64",
            "2001:db8::4/127",
            "2001:DB8:0:0::5",
            "2001:db8:::5",
            "2001:db8::5:",
            ":db8::5",
            "0:db8::5",
            "1::2::3",
            "::",
            "::/0",
            "::1",
            "192.0.2",
            "192.0.2.256",
            "not-an-ip",
            "",
            "2001:db8::5%eth0",
            "12345::",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8:9",
            ":2:3:4:5:6:7:8",
            "0:2:3:4:5:6:7:8",
        ],
        Family::Arn => &[
            "arn:aws:lambda:us-east-1:111122223333:function:orders",
            "arn:aws:lambda:us-east-1:111122223333:function:orders:live",
            "arn:aws:lambda:us-east-1:111122223333:function:order",
            "arn:aws:lambda:us-east-1:444455556666:function:orders",
            "arn:aws:lambda:us-east-1:111122223333:*",
            "arn:aws:lambda:*:*:function:ord*",
            "arn:aws:lambda:us-east-?:111122223333:function:orders",
            "arn:aws:lambda:*:function:orders",
            "arn:aws:s3:::bucket",
            "arn:aws:s3:::b*",
            "arn:aws:s3:::${aws:username}",
            "arn:aws:lambda:us-east-1:${aws:PrincipalAccount}:function:orders",
            "${aws:RequestTag/team}",
            "${aws:SourceArn}",
            "arn:*:*:*:*:*",
            "not-an-arn",
            "arn:aws:s3",
            "",
            "*",
            "arn:aws:iam::111122223333:user/team/ana",
            "arn:aws:iam::111122223333:role/app/deploy",
            "arn:aws:iam::111122223333:role/*",
            "*:aws:s3:::bucket",
            "urn:aws:s3:::bucket",
        ],
    }
}

/// What variables are written as, with and without values.
pub(crate) const VARIABLES: &[&str] = &[
    "${aws:username}",
    "${AWS:UserName}",
    "${aws:userid}",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalTag/team}",
    "${aws:RequestTag/team, 'red'}",
    "${aws:RequestTag/absent}",
    "${aws:RequestTag/absent, 'orders'}",
    "${aws:RequestTag/absent, 'o*'}",
    "${aws:TagKeys}",
    "${aws:TagKeys, 'red'}",
    "${aws:SourceIp}",
    "${*}",
    "${?}",
    "${$}",
    "${}",
    "${ aws:username }",
    "${aws:username",
    "${aws:user'name}",
    "${aws:username}'}",
    "${aws:RequestTag/absent, 'o'r'}",
    "${aws:RequestTag/absent, 'it''s'}",
    "${aws:RequestTag/absent, '}'}",
    "${aws:RequestTag/absent, 'red', 'blue'}",
    "${aws:RequestTag/absent,'red'}",
    "${aws:RequestTag/absent, ''}",
    "${aws:\tusername}",
];

/// A value of a key in a request.
pub(crate) fn context_value(random: &mut Random, family: Family, is_multivalued: bool) -> ContextValue {
    let pool = values(family);
    // A key that is multivalued by nature may come alone, and a single one in a list of one.
    if is_multivalued != random.chance(4) {
        let count = random.below(4);
        return ContextValue::Many((0..count).map(|_| (*random.pick(pool)).to_owned()).collect());
    }
    ContextValue::One((*random.pick(pool)).to_owned())
}

/// Identity providers, as `Federated` and `aws:FederatedProvider` name them.
pub(crate) const PROVIDERS: &[&str] = &[
    "arn:aws:iam::111122223333:oidc-provider/id.example.com",
    "arn:aws:iam::111122223333:oidc-provider/id.example.com/a",
    "arn:aws:iam::444455556666:saml-provider/adfs",
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
];

/// Names that are no condition operator.
pub(crate) const UNKNOWN_OPERATORS: &[&str] = &[
    "StringMatches",
    "ForAnyValue::StringEquals",
    "ForSomeValues:StringEquals",
    "NullIfExists",
    "StringEqualsIfExistsIfExists",
    "StringEquals ",
    "BinaryNotEquals",
    "NotBool",
    "IfExists",
    "ForAllValues:",
    "",
];

/// Somebody who calls.
pub(crate) fn caller(random: &mut Random) -> Principal {
    match random.below(22) {
        0..=5 => user(random),
        6..=11 => role_session(random),
        12..=13 => federated_user(random),
        14 => Principal::Root { account: account(random).parse().unwrap() },
        15..=16 => Principal::Service {
            name: (*random.pick(&["s3.amazonaws.com", "sns.amazonaws.com", "lambda.amazonaws.com"]))
                .to_owned(),
        },
        17 => service_linked(),
        18..=20 => Principal::parse(random.pick::<&str>(PROVIDERS), "").unwrap(),
        _ => Principal::Anonymous,
    }
}

fn account(random: &mut Random) -> &'static str {
    if random.chance(70) { OWN } else { OTHER }
}

fn user(random: &mut Random) -> Principal {
    let account = account(random);
    let name = random.pick(&["team/ana", "ana", "ben", "team/an"]);
    let id = random.pick(&["AIDAAAAAAAAAAAAAAAAA", "AIDAAAAAAAAAAAAAAAAB"]);
    Principal::User {
        account: account.parse().unwrap(),
        arn: format!("arn:aws:iam::{account}:user/{name}").parse().unwrap(),
        id: (*id).to_owned(),
    }
}

fn role_session(random: &mut Random) -> Principal {
    let account = account(random);
    let (path, name) = random.pick(&[("", "deploy"), ("app/", "deploy"), ("", "deplo"), ("app/", "audit")]);
    let session = *random.pick(&["ci", "cd", "ana"]);
    let id = random.pick(&["AROAAAAAAAAAAAAAAAAA", "AROAAAAAAAAAAAAAAAAB"]);
    Principal::RoleSession {
        account: account.parse().unwrap(),
        role_arn: format!("arn:aws:iam::{account}:role/{path}{name}").parse().unwrap(),
        role_id: (*id).to_owned(),
        session_arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{session}").parse().unwrap(),
        session_name: session.to_owned(),
    }
}

fn federated_user(random: &mut Random) -> Principal {
    let account = account(random);
    let name = random.pick(&["guest", "gues"]);
    Principal::FederatedUser {
        account: account.parse().unwrap(),
        arn: format!("arn:aws:sts::{account}:federated-user/{name}").parse().unwrap(),
        user_arn: format!("arn:aws:iam::{account}:user/team/ana").parse().unwrap(),
        user_id: "AIDAAAAAAAAAAAAAAAAA".to_owned(),
    }
}

fn service_linked() -> Principal {
    let (path, name) = ("aws-service-role/lambda.amazonaws.com/", "AWSServiceRoleForLambda");
    Principal::RoleSession {
        account: OWN.parse().unwrap(),
        role_arn: format!("arn:aws:iam::{OWN}:role/{path}{name}").parse().unwrap(),
        role_id: "AROAAAAAAAAAAAAAAAAL".to_owned(),
        session_arn: format!("arn:aws:sts::{OWN}:assumed-role/{name}/lambda").parse().unwrap(),
        session_name: "lambda".to_owned(),
    }
}
