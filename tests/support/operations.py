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
    queue: str
    topic: str


USER, GROUP, ROLE, POLICY = (
    {"UserName": "{user}"},
    {"GroupName": "g"},
    {"RoleName": "{role}"},
    {"PolicyArn": "{policy_arn}"},
)
INLINE, DOCUMENT = {"PolicyName": "p"}, {"PolicyDocument": '{"Version":"2012-10-17","Statement":[]}'}
TAGS, TAG_KEYS = {"Tags": [{"Key": "k", "Value": "v"}]}, {"TagKeys": ["k"]}

IAM = {
    "SimulateCustomPolicy": {"PolicyInputList": [DOCUMENT["PolicyDocument"]], "ActionNames": ["s3:GetObject"]},
    "SimulatePrincipalPolicy": {"PolicySourceArn": "{role_arn}", "ActionNames": ["s3:GetObject"]},
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
RESOURCE_POLICY = {"ResourceArn": "{function_arn}"}
SIGNING = {"CodeSigningConfigArn": "arn:aws:lambda:us-east-1:{account}:code-signing-config:csc-0a1b2c3d4e5f60001"}
PUBLISHERS = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:{account}:/signing-profiles/p/0123456789"]}
PROVIDER = {"CapacityProviderName": "p"}
EXECUTION = {"DurableExecutionArn": "{function_arn}:$LATEST/durable-execution/e/1"}
CALLBACK = {"CallbackId": "Y2FsbGJhY2s="}
MAPPING = {"UUID": "01234567-89ab-cdef-0123-456789abcdef"}

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
    "CreateFunctionUrlConfig": FUNCTION | {"AuthType": "AWS_IAM"},
    "GetFunctionUrlConfig": FUNCTION,
    "UpdateFunctionUrlConfig": FUNCTION | {"AuthType": "AWS_IAM"},
    "DeleteFunctionUrlConfig": FUNCTION,
    "ListFunctionUrlConfigs": FUNCTION,
    "InvokeWithResponseStream": (FUNCTION, "lambda:InvokeFunction"),
    "GetAccountSettings": {},
    "PutFunctionConcurrency": FUNCTION | {"ReservedConcurrentExecutions": 1},
    "GetFunctionConcurrency": FUNCTION,
    "DeleteFunctionConcurrency": FUNCTION,
    "CreateEventSourceMapping": FUNCTION | {"EventSourceArn": "arn:aws:sqs:us-east-1:{account}:q"},
    "GetEventSourceMapping": MAPPING,
    "UpdateEventSourceMapping": MAPPING,
    "DeleteEventSourceMapping": MAPPING,
    "ListEventSourceMappings": {},
    "CreateCodeSigningConfig": {"AllowedPublishers": PUBLISHERS},
    "GetCodeSigningConfig": SIGNING,
    "UpdateCodeSigningConfig": SIGNING,
    "DeleteCodeSigningConfig": SIGNING,
    "ListCodeSigningConfigs": {},
    "ListFunctionsByCodeSigningConfig": SIGNING,
    "PutFunctionCodeSigningConfig": FUNCTION | SIGNING,
    "GetFunctionCodeSigningConfig": FUNCTION,
    "DeleteFunctionCodeSigningConfig": FUNCTION,
    "CreateCapacityProvider": PROVIDER
    | {
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": []},
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "{role_arn}"},
    },
    "GetCapacityProvider": PROVIDER,
    "UpdateCapacityProvider": PROVIDER,
    "DeleteCapacityProvider": PROVIDER,
    "ListCapacityProviders": {},
    "ListFunctionVersionsByCapacityProvider": PROVIDER,
    "GetDurableExecution": EXECUTION,
    "GetDurableExecutionHistory": EXECUTION,
    "GetDurableExecutionState": EXECUTION | {"CheckpointToken": "dA=="},
    "CheckpointDurableExecution": EXECUTION | {"CheckpointToken": "dA=="},
    "StopDurableExecution": EXECUTION,
    "PauseDurableExecution": EXECUTION,
    "ResumeDurableExecution": EXECUTION,
    "DeleteDurableExecution": EXECUTION,
    "ListDurableExecutionsByFunction": FUNCTION,
    "SendDurableExecutionCallbackSuccess": CALLBACK,
    "SendDurableExecutionCallbackFailure": CALLBACK,
    "SendDurableExecutionCallbackHeartbeat": CALLBACK,
    "GetRuntimeManagementConfig": FUNCTION,
    "GetFunctionRecursionConfig": FUNCTION,
    "PutFunctionRecursionConfig": FUNCTION | {"RecursiveLoop": "Allow"},
    "PutRuntimeManagementConfig": FUNCTION | {"UpdateRuntimeOn": "Auto"},
    "GetFunctionScalingConfig": FUNCTION | {"Qualifier": "1"},
    "PutFunctionScalingConfig": FUNCTION | {"Qualifier": "1"},
    "PutResourcePolicy": RESOURCE_POLICY | {"Policy": "{}"},
    "GetResourcePolicy": RESOURCE_POLICY,
    "DeleteResourcePolicy": RESOURCE_POLICY,
    "PutFunctionEventInvokeConfig": FUNCTION | {"MaximumRetryAttempts": 0},
    "UpdateFunctionEventInvokeConfig": FUNCTION | {"MaximumRetryAttempts": 0},
    "GetFunctionEventInvokeConfig": FUNCTION,
    "DeleteFunctionEventInvokeConfig": FUNCTION,
    "ListFunctionEventInvokeConfigs": FUNCTION,
    "PutProvisionedConcurrencyConfig": FUNCTION | {"Qualifier": "1", "ProvisionedConcurrentExecutions": 1},
    "GetProvisionedConcurrencyConfig": FUNCTION | {"Qualifier": "1"},
    "DeleteProvisionedConcurrencyConfig": FUNCTION | {"Qualifier": "1"},
    "ListProvisionedConcurrencyConfigs": FUNCTION,
    "InvokeAsync": (FUNCTION | {"InvokeArgs": b"{}"}, "lambda:InvokeFunction"),
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

PARENT, UNIT = {"ParentId": "r-abcd"}, {"OrganizationalUnitId": "ou-abcd-12345678"}
SCP, FULL_ACCESS = {"Type": "SERVICE_CONTROL_POLICY"}, {"PolicyId": "p-FullAWSAccess"}

ORGANIZATIONS = {
    "CreateOrganization": {},
    "DescribeOrganization": {},
    "ListRoots": {},
    "CreateAccount": {"AccountName": "n", "Email": "n@example.com"},
    "DescribeCreateAccountStatus": {"CreateAccountRequestId": "car-0123456789abcdef0123456789abcdef"},
    "ListAccounts": {},
    "DescribeAccount": {"AccountId": "{account}"},
    "DeleteOrganization": {},
    "CreateOrganizationalUnit": PARENT | {"Name": "unit"},
    "DescribeOrganizationalUnit": UNIT,
    "UpdateOrganizationalUnit": UNIT | {"Name": "unit"},
    "DeleteOrganizationalUnit": UNIT,
    "ListOrganizationalUnitsForParent": PARENT,
    "ListAccountsForParent": PARENT,
    "ListChildren": PARENT | {"ChildType": "ACCOUNT"},
    "ListParents": {"ChildId": "{account}"},
    "MoveAccount": {
        "AccountId": "{account}", "SourceParentId": "r-abcd", "DestinationParentId": "ou-abcd-12345678",
    },
    "CreatePolicy": {"Name": "p", "Description": "d", "Content": "{}"} | SCP,
    "DescribePolicy": FULL_ACCESS,
    "UpdatePolicy": FULL_ACCESS | {"Name": "p"},
    "DeletePolicy": FULL_ACCESS,
    "ListPolicies": {"Filter": "SERVICE_CONTROL_POLICY"},
    "AttachPolicy": FULL_ACCESS | {"TargetId": "{account}"},
    "DetachPolicy": FULL_ACCESS | {"TargetId": "{account}"},
    "ListPoliciesForTarget": {"TargetId": "{account}", "Filter": "SERVICE_CONTROL_POLICY"},
    "ListTargetsForPolicy": FULL_ACCESS,
    "EnablePolicyType": {"RootId": "r-abcd", "PolicyType": "SERVICE_CONTROL_POLICY"},
    "DisablePolicyType": {"RootId": "r-abcd", "PolicyType": "SERVICE_CONTROL_POLICY"},
    "TagResource": {"ResourceId": "{account}"} | TAGS,
    "UntagResource": {"ResourceId": "{account}"} | TAG_KEYS,
    "ListTagsForResource": {"ResourceId": "{account}"},
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
    "GetFederationToken": {"Name": "guest"},
    "DecodeAuthorizationMessage": {"EncodedMessage": "message"},
}

VPC, SUBNET, SECURITY_GROUP = {"VpcId": "vpc-1"}, {"SubnetId": "subnet-1"}, {"GroupId": "sg-1"}
INTERFACE = {"NetworkInterfaceId": "eni-1"}
RULES = SECURITY_GROUP | {"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}

EC2 = {
    "CreateVpc": {"CidrBlock": "10.0.0.0/16"},
    "DescribeVpcs": {},
    "DeleteVpc": VPC,
    "CreateSubnet": VPC | {"CidrBlock": "10.0.0.0/24"},
    "DescribeSubnets": {},
    "DeleteSubnet": SUBNET,
    "DescribeAvailabilityZones": {},
    "CreateSecurityGroup": VPC | {"GroupName": "g", "Description": "d"},
    "DescribeSecurityGroups": {},
    "DeleteSecurityGroup": SECURITY_GROUP,
    "AuthorizeSecurityGroupIngress": RULES,
    "AuthorizeSecurityGroupEgress": RULES,
    "RevokeSecurityGroupIngress": RULES,
    "RevokeSecurityGroupEgress": RULES,
    "DescribeSecurityGroupRules": {},
    "GetSecurityGroupsForVpc": VPC,
    "CreateNetworkInterface": SUBNET,
    "DescribeNetworkInterfaces": {},
    "DeleteNetworkInterface": INTERFACE,
    "AssignPrivateIpAddresses": INTERFACE | {"SecondaryPrivateIpAddressCount": 1},
    "UnassignPrivateIpAddresses": INTERFACE | {"PrivateIpAddresses": ["10.0.0.9"]},
    "CreateTags": {"Resources": ["vpc-1"], "Tags": [{"Key": "k", "Value": "v"}]},
    "DescribeTags": {},
    "DeleteTags": {"Resources": ["vpc-1"]},
}

QUEUE, ENTRY = {"QueueUrl": "{queue}"}, {"Id": "1", "ReceiptHandle": "h"}
HIDDEN = {"VisibilityTimeout": 0}


def _lower(action: str) -> str:
    """Return an action as SQS prints it."""
    return f"sqs:{action.lower()}"


SQS = {
    "CreateQueue": ({"QueueName": "new"}, _lower("CreateQueue")),
    "GetQueueUrl": ({"QueueName": "new"}, _lower("GetQueueUrl")),
    "ListQueues": ({}, _lower("ListQueues")),
    # A batch needs the right of the single operation.
    "SendMessageBatch": (QUEUE | {"Entries": [{"Id": "1", "MessageBody": "b"}]}, _lower("SendMessage")),
    "DeleteMessageBatch": (QUEUE | {"Entries": [ENTRY]}, _lower("DeleteMessage")),
    "ChangeMessageVisibilityBatch": (QUEUE | {"Entries": [ENTRY | HIDDEN]}, _lower("ChangeMessageVisibility")),
} | {
    operation: (QUEUE | more, _lower(operation))
    for operation, more in {
        "DeleteQueue": {},
        "GetQueueAttributes": {},
        "SetQueueAttributes": {"Attributes": {}},
        "PurgeQueue": {},
        "ListDeadLetterSourceQueues": {},
        "SendMessage": {"MessageBody": "b"},
        "ReceiveMessage": {},
        "DeleteMessage": {"ReceiptHandle": "h"},
        "ChangeMessageVisibility": {"ReceiptHandle": "h"} | HIDDEN,
        "AddPermission": {"Label": "l", "AWSAccountIds": ["{account}"], "Actions": ["SendMessage"]},
        "RemovePermission": {"Label": "l"},
        "TagQueue": {"Tags": {"k": "v"}},
        "UntagQueue": TAG_KEYS,
        "ListQueueTags": {},
    }.items()
}

XRAY = {
    "PutTraceSegments": {"TraceSegmentDocuments": ["{}"]},
    "PutTelemetryRecords": {"TelemetryRecords": [{"Timestamp": 1_800_000_000}]},
    "GetSamplingRules": {},
    "GetSamplingTargets": {"SamplingStatisticsDocuments": []},
    "GetTraceSummaries": {"StartTime": 1_800_000_000, "EndTime": 1_800_000_001},
    "BatchGetTraces": {"TraceIds": ["1-58406520-a006649127e371903a2de979"]},
}

TOPIC, SUBSCRIPTION = {"TopicArn": "{topic}"}, {"SubscriptionArn": "{topic}:0"}
OF_TOPIC = {"ResourceArn": "{topic}"}

# SNS prints its own prefix in upper case.
SNS = {
    operation: (parameters, f"SNS:{operation.removesuffix('Batch')}")
    for operation, parameters in {
        "CreateTopic": {"Name": "new"},
        "DeleteTopic": TOPIC,
        "ListTopics": {},
        "GetTopicAttributes": TOPIC,
        "SetTopicAttributes": TOPIC | {"AttributeName": "DisplayName", "AttributeValue": "News"},
        "Subscribe": TOPIC | {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:{account}:q"},
        "Unsubscribe": SUBSCRIPTION,
        "ListSubscriptions": {},
        "ListSubscriptionsByTopic": TOPIC,
        "GetSubscriptionAttributes": SUBSCRIPTION,
        "SetSubscriptionAttributes": SUBSCRIPTION | {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"},
        "Publish": TOPIC | {"Message": "m"},
        "PublishBatch": TOPIC | {"PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}]},
        "AddPermission": TOPIC | {"Label": "l", "AWSAccountId": ["{account}"], "ActionName": ["Publish"]},
        "RemovePermission": TOPIC | {"Label": "l"},
        "TagResource": OF_TOPIC | TAGS,
        "UntagResource": OF_TOPIC | TAG_KEYS,
        "ListTagsForResource": OF_TOPIC,
    }.items()
}

OPERATIONS = {
    "ec2": EC2, "iam": IAM, "lambda": LAMBDA, "logs": LOGS, "organizations": ORGANIZATIONS, "s3": S3,
    "sns": SNS, "sqs": SQS, "sts": STS, "xray": XRAY,
}


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
