//! A realistic caller: a role session with ten AWS managed policies, a permissions boundary, a session policy and two
//! levels of service control policies, at functions with a resource-based policy.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rolecall_policy::{
    Context, Effect, Layers, Level, Policy, PolicyKind, Principal, Request, ResourceLayer, decide,
};

use crate::ours::compile;

/// Attached to the role.
const MANAGED: [&str; 10] = [
    "AWSLambda_FullAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchLogsReadOnlyAccess",
    "IAMReadOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AmazonSageMakerServiceCatalogProductsLambdaServiceRolePolicy",
];
const BOUNDARY: &str = "PowerUserAccess";
const SESSION: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"lambda:*","Resource":"arn:aws:lambda:us-east-1:111122223333:function:*",
     "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},
    {"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}"#;
const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const REGIONS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*"],
    "Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-central-1"]}}}}"#;
const NO_LEAVING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny",
    "Action":["organizations:LeaveOrganization","iam:CreateUser","iam:CreateAccessKey"],"Resource":"*"}}"#;
const RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",
     "Resource":"arn:aws:lambda:us-east-1:111122223333:function:orders-0",
     "Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::orders"}}},
    {"Sid":"partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/partner"},
     "Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:111122223333:function:orders-0"}]}"#;
const SESSION_ARN: &str = "arn:aws:sts::111122223333:assumed-role/deploy/ci";

/// What the authority knows about a request beside what follows from the caller.
const KEYS: [(&str, &str); 14] = [
    ("aws:PrincipalTag/team", "red"),
    ("aws:PrincipalTag/stage", "production"),
    ("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("aws:TokenIssueTime", "2026-11-23T07:59:00Z"),
    ("aws:MultiFactorAuthPresent", "false"),
    ("aws:SourceIp", "192.0.2.17"),
    (
        "aws:UserAgent",
        "aws-cli/2.31.0 md/awscrt#0.28.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7",
    ),
    ("aws:SecureTransport", "true"),
    ("aws:ResourceAccount", "111122223333"),
    ("aws:ResourceOrgID", "o-a1b2c3d4e5"),
    ("aws:CurrentTime", "2026-11-23T08:00:00Z"),
    ("aws:EpochTime", "1795420800"),
    ("aws:RequestedRegion", "us-east-1"),
    ("aws:ViaAWSService", "false"),
];

/// The caller with all that applies.
pub struct Caller {
    principal: Principal,
    context: Context,
    identity: Vec<Arc<Policy>>,
    boundary: Vec<Arc<Policy>>,
    session: Vec<Arc<Policy>>,
    service_control: Vec<Level>,
    resource: Arc<Policy>,
}

impl Caller {
    /// Compiles everything.
    ///
    /// # Errors
    /// When the catalog lacks a policy or one does not compile.
    pub fn new() -> Result<Self> {
        let managed = |name: &str| compile(PolicyKind::Identity, managed(name)?);
        let control = |text: &str| compile(PolicyKind::ServiceControl, text);
        let level = |id: &str, own: &str| -> Result<Level> {
            Ok(Level { id: id.to_owned(), policies: vec![control(FULL_ACCESS)?, control(own)?] })
        };
        let principal = Principal::parse(SESSION_ARN, "AROAEXAMPLE")?;
        Ok(Caller {
            context: context(&principal),
            principal,
            identity: MANAGED.into_iter().map(managed).collect::<Result<_>>()?,
            boundary: vec![managed(BOUNDARY)?],
            session: vec![compile(PolicyKind::Session, SESSION)?],
            service_control: vec![level("r-ab12", REGIONS)?, level("ou-ab12-cdefgh34", NO_LEAVING)?],
            resource: compile(PolicyKind::Resource, RESOURCE)?,
        })
    }

    /// The functions that are asked for.
    pub fn resources() -> Vec<String> {
        (0..16)
            .map(|number| format!("arn:aws:lambda:us-east-1:111122223333:function:orders-{number}"))
            .collect()
    }

    /// One decision; all layers let the action through or one does not.
    pub fn decide(&self, action: &str, resource: &str, expected: Effect) -> bool {
        let request = Request {
            principal: &self.principal,
            action,
            resource,
            resource_account: self.principal.account(),
            context: &self.context,
        };
        let layers = Layers {
            service_control: Some(&self.service_control),
            resource: ResourceLayer::Policy(&self.resource),
            identity: &self.identity,
            boundary: Some(&self.boundary),
            session: Some(&self.session),
            ..Layers::default()
        };
        black_box(decide(black_box(&request), black_box(&layers))).effect() == expected
    }

    /// The condition context of one request, made anew.
    pub fn context(&self) -> Context {
        context(&self.principal)
    }
}

fn context(principal: &Principal) -> Context {
    let mut context = Context::with_capacity(KEYS.len() + 8);
    principal.add_context_keys(&mut context);
    for (key, value) in KEYS {
        context.set_known(key, value);
    }
    context
}

/// The document of an AWS managed policy.
///
/// # Errors
/// When the catalog lacks it.
pub fn managed(name: &str) -> Result<&'static str> {
    let policies = rolecall_catalog::managed_policies();
    let policy = policies.iter().find(|policy| policy.name == name);
    Ok(policy.with_context(|| format!("the catalog has no {name}"))?.document())
}

/// A document as large as AWS lets a managed policy be, of statements of AWS's own.
pub fn largest_managed() -> String {
    const MOST: usize = 6144;
    let mut text = String::from(r#"{"Version":"2012-10-17","Statement":["#);
    for policy in rolecall_catalog::managed_policies() {
        let document = policy.document();
        let statements =
            document.split_once(r#""Statement":["#).and_then(|(_, rest)| rest.strip_suffix("]}"));
        let Some(statements) = statements.filter(|statements| text.len() + statements.len() + 2 < MOST)
        else {
            continue;
        };
        text.push_str(if text.ends_with('[') { "" } else { "," });
        text.push_str(statements);
    }
    text + "]}"
}
