//! The condition keys that every service knows, and the types of the keys of the services that are served (reference
//! iam.md 4, lambda.md 1.7). The catalog says which action supplies which key; here is what a key holds.

use self::KeyType::{Any, Arn, Bool, Date, Ip, Number, Text};
use super::catalog::key_matches;

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyType {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Ip,
    /// Compared with more than one family of operators.
    Any,
}

impl KeyType {
    /// The operators that are made for it, in words.
    pub(super) fn operators(self) -> &'static str {
        match self {
            Text | Any => "String",
            Arn => "Arn",
            Number => "Numeric",
            Date => "Date",
            Bool => "Bool",
            Ip => "IpAddress",
        }
    }
}

/// A key that is known by itself, not by an action.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownKey {
    /// The key; an open part is written `${...}`.
    pub(super) name: &'static str,
    pub(super) holds: KeyType,
    pub(super) multivalued: bool,
}

const fn one(name: &'static str, holds: KeyType) -> KnownKey {
    KnownKey { name, holds, multivalued: false }
}

const fn many(name: &'static str, holds: KeyType) -> KnownKey {
    KnownKey { name, holds, multivalued: true }
}

/// Keys that requests for any action can have.
const GLOBAL: &[KnownKey] = &[
    one("aws:AssumedRoot", Bool),
    many("aws:CalledVia", Text),
    one("aws:CalledViaAWSMCP", Text),
    one("aws:CalledViaFirst", Text),
    one("aws:CalledViaLast", Text),
    one("aws:ChatbotSourceArn", Arn),
    one("aws:CurrentTime", Date),
    one("aws:Ec2InstanceSourcePrivateIPv4", Ip),
    one("aws:Ec2InstanceSourceVpc", Text),
    one("aws:EpochTime", Any),
    one("aws:FederatedProvider", Any),
    one("aws:IsMcpServiceAction", Bool),
    one("aws:MultiFactorAuthAge", Number),
    one("aws:MultiFactorAuthPresent", Bool),
    one("aws:PrincipalAccount", Text),
    one("aws:PrincipalArn", Arn),
    one("aws:PrincipalIsAWSService", Bool),
    one("aws:PrincipalOrgID", Text),
    many("aws:PrincipalOrgPaths", Text),
    one("aws:PrincipalServiceName", Text),
    many("aws:PrincipalServiceNamesList", Text),
    one("aws:PrincipalTag/${TagKey}", Text),
    one("aws:PrincipalType", Text),
    one("aws:RequestTag/${TagKey}", Text),
    one("aws:RequestedRegion", Text),
    one("aws:ResourceAccount", Text),
    one("aws:ResourceOrgID", Text),
    many("aws:ResourceOrgPaths", Text),
    one("aws:ResourceTag/${TagKey}", Text),
    one("aws:SecureTransport", Bool),
    one("aws:SourceAccount", Text),
    one("aws:SourceArn", Arn),
    one("aws:SourceIdentity", Text),
    one("aws:SourceIp", Ip),
    one("aws:SourceOrgID", Text),
    many("aws:SourceOrgPaths", Text),
    one("aws:SourceOwner", Text),
    one("aws:SourceVpc", Text),
    one("aws:SourceVpcArn", Arn),
    one("aws:SourceVpce", Text),
    many("aws:TagKeys", Text),
    one("aws:TokenIssueTime", Date),
    one("aws:UserAgent", Text),
    one("aws:ViaAWSMCPService", Bool),
    one("aws:ViaAWSService", Bool),
    one("aws:VpcSourceIp", Ip),
    one("aws:VpceAccount", Text),
    one("aws:VpceOrgID", Text),
    many("aws:VpceOrgPaths", Text),
    one("aws:referer", Text),
    one("aws:userid", Text),
    one("aws:username", Text),
    one("codebuild:BuildArn", Arn),
    one("codebuild:ProjectArn", Arn),
    one("ec2:RoleDelivery", Number),
    one("ec2:SourceInstanceArn", Arn),
    one("glue:CredentialIssuingService", Text),
    one("glue:RoleAssumedBy", Text),
    one("identitystore:UserId", Text),
    one("lambda:SourceFunctionArn", Arn),
    one("ssm:SourceInstanceArn", Arn),
];

/// Keys of the services that are served, where there is more to know than that they hold one text.
const OF_SERVICES: &[KnownKey] = &[
    many("cognito-identity.amazonaws.com:amr", Text),
    many("iam:AccountPropertyNamespaces", Text),
    one("iam:AssociatedResourceArn", Any),
    one("iam:PermissionsBoundary", Any),
    one("iam:PolicyARN", Arn),
    one("iam:ServiceSpecificCredentialAgeDays", Number),
    one("lambda:CodeSigningConfigArn", Any),
    one("lambda:FunctionArn", Arn),
    one("lambda:InvokedViaFunctionUrl", Bool),
    many("lambda:Layer", Any),
    many("lambda:SecurityGroupIds", Text),
    many("lambda:SubnetIds", Text),
    many("logs:LogGeneratingResourceArns", Arn),
    many("s3:InventoryAccessibleOptionalFields", Text),
    one("s3:DataAccessPointArn", Any),
    many("s3:RequestObjectTagKeys", Text),
    one("s3:max-keys", Number),
    one("s3:signatureAge", Number),
    one("s3:TlsVersion", Number),
    one("sts:DurationSeconds", Number),
    many("sts:IdentityTokenAudience", Text),
    many("sts:RequestContextProviders", Arn),
    one("sts:RoleAuthorizedByIdp", Bool),
    one("sts:TaskPolicyArn", Arn),
    many("sts:TransitiveTagKeys", Text),
];

/// A key that requests for any action can have, in any spelling.
pub(super) fn global(key: &str) -> Option<KnownKey> {
    find(GLOBAL, key)
}

/// What is known of a key, global or of a service.
pub(super) fn known(key: &str) -> Option<KnownKey> {
    global(key).or_else(|| find(OF_SERVICES, key))
}

/// Whether requests can have several values for a key, so that it needs a set operator.
pub fn is_multivalued(key: &str) -> bool {
    known(key).is_some_and(|known| known.multivalued)
}

fn find(table: &[KnownKey], key: &str) -> Option<KnownKey> {
    table.iter().find(|known| key_matches(known.name, key)).copied()
}
