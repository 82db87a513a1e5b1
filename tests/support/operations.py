"""For every operation that Rolecall builds: the fewest parameters with which it can be called, and its IAM action.

A row is `Operation: parameters`; a pair `(parameters, action)` where the action is not named like the operation. Words
in braces are replaced by `Things`. A new operation without a row here fails test_operations.py.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Things:
    """What exists when the operations are called, so that nobody mistakes a missing thing for a denial."""

    account: str
    function: str
    function_arn: str
    layer: str
    layer_arn: str
    role: str
    role_arn: str
    user: str
    key: str
    policy_arn: str
    bucket: str
    group: str


USER, GROUP, ROLE, POLICY = (
    {"UserName": "{user}"},
    {"GroupName": "g"},
    {"RoleName": "{role}"},
    {"PolicyArn": "{policy_arn}"},
)
INLINE, DOCUMENT = {"PolicyName": "p"}, {"PolicyDocument": '{"Version":"2012-10-17","Statement":[]}'}
TAGS, TAG_KEYS = {"Tags": [{"Key": "k", "Value": "v"}]}, {"TagKeys": ["k"]}

IAM = {
    "CreateUser": {"UserName": "new"},
    "GetUser": USER,
    "UpdateUser": USER | {"NewPath": "/p/"},
    "DeleteUser": USER,
    "ListUsers": {},
    "TagUser": USER | TAGS,
    "UntagUser": USER | TAG_KEYS,
    "ListUserTags": USER,
    "CreateGroup": GROUP,
    "GetGroup": GROUP,
    "UpdateGroup": GROUP | {"NewPath": "/p/"},
    "DeleteGroup": GROUP,
    "ListGroups": {},
    "AddUserToGroup": GROUP | USER,
    "RemoveUserFromGroup": GROUP | USER,
    "ListGroupsForUser": USER,
    "CreateAccessKey": USER,
    "DeleteAccessKey": USER | {"AccessKeyId": "{key}"},
    "ListAccessKeys": USER,
    "UpdateAccessKey": USER | {"AccessKeyId": "{key}", "Status": "Inactive"},
    "GetAccessKeyLastUsed": {"AccessKeyId": "{key}"},
    "CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": "{}"},
    "GetRole": ROLE,
    "DeleteRole": ROLE,
    "ListRoles": {},
    "UpdateRole": ROLE,
    "UpdateRoleDescription": ROLE | {"Description": "d"},
    "UpdateAssumeRolePolicy": ROLE | DOCUMENT,
    "TagRole": ROLE | TAGS,
    "UntagRole": ROLE | TAG_KEYS,
    "ListRoleTags": ROLE,
    "CreatePolicy": INLINE | DOCUMENT,
    "GetPolicy": POLICY,
    "DeletePolicy": POLICY,
    "ListPolicies": {},
    "ListEntitiesForPolicy": POLICY,
    "CreatePolicyVersion": POLICY | DOCUMENT,
    "GetPolicyVersion": POLICY | {"VersionId": "v1"},
    "ListPolicyVersions": POLICY,
    "DeletePolicyVersion": POLICY | {"VersionId": "v1"},
    "SetDefaultPolicyVersion": POLICY | {"VersionId": "v1"},
    "TagPolicy": POLICY | TAGS,
    "UntagPolicy": POLICY | TAG_KEYS,
    "ListPolicyTags": POLICY,
    "AttachUserPolicy": USER | POLICY,
    "AttachGroupPolicy": GROUP | POLICY,
    "AttachRolePolicy": ROLE | POLICY,
    "DetachUserPolicy": USER | POLICY,
    "DetachGroupPolicy": GROUP | POLICY,
    "DetachRolePolicy": ROLE | POLICY,
    "ListAttachedUserPolicies": USER,
    "ListAttachedGroupPolicies": GROUP,
    "ListAttachedRolePolicies": ROLE,
    "PutUserPolicy": USER | INLINE | DOCUMENT,
    "PutGroupPolicy": GROUP | INLINE | DOCUMENT,
    "PutRolePolicy": ROLE | INLINE | DOCUMENT,
    "GetUserPolicy": USER | INLINE,
    "GetGroupPolicy": GROUP | INLINE,
    "GetRolePolicy": ROLE | INLINE,
    "DeleteUserPolicy": USER | INLINE,
    "DeleteGroupPolicy": GROUP | INLINE,
    "DeleteRolePolicy": ROLE | INLINE,
    "ListUserPolicies": USER,
    "ListGroupPolicies": GROUP,
    "ListRolePolicies": ROLE,
    "PutUserPermissionsBoundary": USER | {"PermissionsBoundary": "{policy_arn}"},
    "PutRolePermissionsBoundary": ROLE | {"PermissionsBoundary": "{policy_arn}"},
    "DeleteUserPermissionsBoundary": USER,
    "DeleteRolePermissionsBoundary": ROLE,
    "ListInstanceProfilesForRole": ROLE,
    "CreateAccountAlias": {"AccountAlias": "an-alias"},
    "DeleteAccountAlias": {"AccountAlias": "an-alias"},
    "ListAccountAliases": {},
    "GetAccountSummary": {},
}

FUNCTION = {"FunctionName": "{function}"}
ALIAS = FUNCTION | {"Name": "live"}
LAYER = {"LayerName": "{layer}"}
LAYER_VERSION = LAYER | {"VersionNumber": 1}
STATEMENT = {"StatementId": "s"}
FUNCTION_ARN = {"Resource": "{function_arn}"}

LAMBDA = {
    "CreateFunction": {
        "FunctionName": "new",
        "Role": "{role_arn}",
        "Runtime": "python3.12",
        "Handler": "h.h",
        "Code": {"ZipFile": b"PK"},
    },
    "GetFunction": FUNCTION,
    "GetFunctionConfiguration": FUNCTION,
    "UpdateFunctionCode": FUNCTION | {"ZipFile": b"PK"},
    "UpdateFunctionConfiguration": FUNCTION,
    "DeleteFunction": FUNCTION,
    "ListFunctions": {},
    "PublishVersion": FUNCTION,
    "ListVersionsByFunction": FUNCTION,
    "CreateAlias": ALIAS | {"FunctionVersion": "$LATEST"},
    "GetAlias": ALIAS,
    "UpdateAlias": ALIAS,
    "DeleteAlias": ALIAS,
    "ListAliases": FUNCTION,
    "PublishLayerVersion": LAYER | {"Content": {"ZipFile": b"PK"}},
    "GetLayerVersion": LAYER_VERSION,
    "GetLayerVersionByArn": ({"Arn": "{layer_arn}"}, "lambda:GetLayerVersion"),
    "DeleteLayerVersion": LAYER_VERSION,
    "ListLayers": {},
    "ListLayerVersions": LAYER,
    "AddLayerVersionPermission": LAYER_VERSION | STATEMENT | {"Action": "lambda:GetLayerVersion", "Principal": "*"},
    "RemoveLayerVersionPermission": LAYER_VERSION | STATEMENT,
    "GetLayerVersionPolicy": LAYER_VERSION,
    "AddPermission": FUNCTION | STATEMENT | {"Action": "lambda:InvokeFunction", "Principal": "*"},
    "RemovePermission": FUNCTION | STATEMENT,
    "GetPolicy": FUNCTION,
    "Invoke": (FUNCTION, "lambda:InvokeFunction"),
    "TagResource": FUNCTION_ARN | {"Tags": {"k": "v"}},
    "UntagResource": FUNCTION_ARN | TAG_KEYS,
    "ListTags": FUNCTION_ARN,
    "GetAccountSettings": {},
    "PutFunctionConcurrency": FUNCTION | {"ReservedConcurrentExecutions": 1},
    "GetFunctionConcurrency": FUNCTION,
    "DeleteFunctionConcurrency": FUNCTION,
    "GetFunctionCodeSigningConfig": FUNCTION,
    "GetRuntimeManagementConfig": FUNCTION,
    "GetFunctionRecursionConfig": FUNCTION,
}

LOG_GROUP = {"logGroupName": "{group}"}
LOG_STREAM = LOG_GROUP | {"logStreamName": "s"}
LOG_GROUP_ARN = {"resourceArn": "arn:aws:logs:us-east-1:{account}:log-group:{group}"}

LOGS = {
    "CreateLogGroup": {"logGroupName": "/new"},
    "DeleteLogGroup": LOG_GROUP,
    "DescribeLogGroups": {},
    "PutRetentionPolicy": LOG_GROUP | {"retentionInDays": 1},
    "DeleteRetentionPolicy": LOG_GROUP,
    "CreateLogStream": LOG_STREAM,
    "DeleteLogStream": LOG_STREAM,
    "DescribeLogStreams": LOG_GROUP,
    "PutLogEvents": LOG_STREAM | {"logEvents": [{"timestamp": 1_800_000_000_000, "message": "m"}]},
    "GetLogEvents": LOG_STREAM,
    "FilterLogEvents": LOG_GROUP,
    "TagResource": LOG_GROUP_ARN | {"tags": {"k": "v"}},
    "UntagResource": LOG_GROUP_ARN | {"tagKeys": ["k"]},
    "ListTagsForResource": LOG_GROUP_ARN,
    "ListTagsLogGroup": LOG_GROUP,
}

ORGANIZATIONS = {
    "CreateOrganization": {},
    "DescribeOrganization": {},
    "ListRoots": {},
    "CreateAccount": {"AccountName": "n", "Email": "n@example.com"},
    "DescribeCreateAccountStatus": {"CreateAccountRequestId": "car-0123456789abcdef0123456789abcdef"},
    "ListAccounts": {},
    "DescribeAccount": {"AccountId": "{account}"},
}

BUCKET = {"Bucket": "{bucket}"}
OBJECT = BUCKET | {"Key": "key"}

S3 = {
    "CreateBucket": {"Bucket": "new-bucket"},
    "DeleteBucket": BUCKET,
    # A HEAD has no body: the status is all that is told.
    "HeadBucket": (BUCKET, "403"),
    "ListBuckets": ({}, "s3:ListAllMyBuckets"),
    "GetBucketLocation": BUCKET,
    "GetBucketVersioning": BUCKET,
    "PutObject": OBJECT | {"Body": b"content"},
    "GetObject": OBJECT,
    "HeadObject": (OBJECT, "403"),
    "DeleteObject": OBJECT,
    # Each object has its own answer.
    "DeleteObjects": (BUCKET | {"Delete": {"Objects": [{"Key": "key"}]}}, "each"),
    "CopyObject": (OBJECT | {"CopySource": "{bucket}/key"}, "s3:PutObject"),
    "ListObjects": (BUCKET, "s3:ListBucket"),
    "ListObjectsV2": (BUCKET, "s3:ListBucket"),
    "GetObjectAttributes": OBJECT | {"ObjectAttributes": ["ETag"]},
    "PutBucketNotificationConfiguration": (BUCKET | {"NotificationConfiguration": {}}, "s3:PutBucketNotification"),
    "GetBucketNotificationConfiguration": (BUCKET, "s3:GetBucketNotification"),
    "PutBucketPolicy": BUCKET | {"Policy": "{}"},
    "GetBucketPolicy": BUCKET,
    "DeleteBucketPolicy": BUCKET,
}

# GetCallerIdentity and GetSessionToken need no right (reference iam.md 7.1).
STS = {
    "GetCallerIdentity": ({}, "allowed"),
    "AssumeRole": {"RoleArn": "{role_arn}", "RoleSessionName": "session"},
    "GetSessionToken": ({}, "allowed"),
}

OPERATIONS = {"iam": IAM, "lambda": LAMBDA, "logs": LOGS, "organizations": ORGANIZATIONS, "s3": S3, "sts": STS}


def row(service: str, operation: str) -> tuple[dict, str]:
    """Return the parameters and the action of an operation."""
    entry = OPERATIONS[service][operation]
    return entry if isinstance(entry, tuple) else (entry, f"{service}:{operation}")


def filled(parameters, things: Things):
    """Return the parameters with the names of the things that exist."""
    if isinstance(parameters, dict):
        return {name: filled(value, things) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return [filled(value, things) for value in parameters]
    if isinstance(parameters, str):
        for name, value in asdict(things).items():
            parameters = parameters.replace(f"{{{name}}}", value)
    return parameters
