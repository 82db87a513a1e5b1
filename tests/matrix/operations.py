"""The 91 operations: how each is called, on which resource it is authorised, and by which condition keys.

The rules are AWS's (lambda.md 1.4 to 1.8); the table says them once more in its own words, so that a rule that changes
in the server does not change here with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from matrix.things import Things

Parameters = dict
Call = Callable[[Things], Parameters]
Resource = Callable[[Things], str]


@dataclass(frozen=True)
class Row:
    """An operation."""

    operation: str
    # What it is authorised on; "*" where it has no resource.
    resource: Resource
    # The parameters of a call that succeeds.
    call: Call
    # The action, where it is not named like the operation.
    action: str = ""
    # What else must be allowed for the call to succeed: action and resource.
    also: Callable[[Things], list[tuple[str, str]]] = lambda t: []
    # The qualifiers with which it can be called too.
    qualifiers: tuple[str, ...] = ()
    # Condition keys: the value in the call, a value that is not, and what the call must have beside.
    keys: dict = field(default_factory=dict)
    # Whether the function's tag is in the context.
    tagged: bool = True

    @property
    def name(self) -> str:
        """Return the action."""
        return f"lambda:{self.action or self.operation}"


@dataclass(frozen=True)
class Key:
    """A condition key of an operation."""

    # The value that the call gives.
    right: Callable[[Things], str]
    # Parameters that the call needs beside its own.
    call: Call = lambda t: {}
    # A value that the call does not give.
    wrong: str = "another"
    # Whether a call can give several values.
    several: bool = False


def anything(t: Things) -> str:
    """No resource: only `*` matches."""
    return "*"


def function(t: Things) -> str:
    """The function, whatever version the call is about."""
    return t.arn()


def mapping(t: Things) -> str:
    """The event source mapping."""
    return t.other("event-source-mapping", t.mapping)


def layer(t: Things) -> str:
    """The layer."""
    return t.other("layer", t.layer)


def layer_version(t: Things) -> str:
    """Version 1 of the layer."""
    return t.layer_version


def signing(t: Things) -> str:
    """The code signing configuration."""
    return t.signing


def provider(t: Things) -> str:
    """The capacity provider."""
    return t.other("capacity-provider", t.provider)


def execution(t: Things) -> str:
    """The durable execution."""
    return t.execution


def of_f(**more) -> Call:
    """Parameters with the function's name."""
    return lambda t: {"FunctionName": t.f} | {
        name: value(t) if callable(value) else value for name, value in more.items()
    }


def with_(thing: str, **more) -> Call:
    """Parameters with the function's name, when the thing of this name is made."""
    return lambda t: (getattr(t, thing), of_f(**more)(t))[1]


ON_PASSED = lambda t: [("iam:PassRole", t.role)]  # noqa: E731
AS_REQUESTED = ("$LATEST", "1", "live")

NEW_TAGS = {
    "aws:RequestTag/team": Key(lambda t: "red", lambda t: {"Tags": {"team": "red"}}),
    "aws:TagKeys": Key(lambda t: "team", lambda t: {"Tags": {"team": "red"}}, several=True),
}
VPC = {
    "lambda:VpcIds": Key(lambda t: (t.network, t.vpc)[1], lambda t: {"VpcConfig": t.network}, several=True),
    "lambda:SubnetIds": Key(
        lambda t: t.network["SubnetIds"][0], lambda t: {"VpcConfig": t.network}, several=True
    ),
    "lambda:SecurityGroupIds": Key(
        lambda t: t.network["SecurityGroupIds"][0], lambda t: {"VpcConfig": t.network}, several=True
    ),
}
LAYER_KEY = {
    "lambda:Layer": Key(lambda t: t.layer_version, lambda t: {"Layers": [t.layer_version]}, several=True)
}
FUNCTION_ARN = {"lambda:FunctionArn": Key(function)}
URL_KEYS = {
    "lambda:FunctionArn": Key(function),
    "lambda:FunctionUrlAuthType": Key(lambda t: "AWS_IAM", wrong="NONE"),
}
PRINCIPAL = {"lambda:Principal": Key(lambda t: "s3.amazonaws.com")}
OPEN_URL = {
    "lambda:FunctionUrlAuthType": Key(
        lambda t: "NONE",
        lambda t: {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"},
        wrong="AWS_IAM",
    )
}
ARN_OF_SIGNING = {"lambda:CodeSigningConfigArn": Key(signing)}


def network_actions(t: Things) -> list[tuple[str, str]]:
    """What a caller needs to connect a function to a VPC."""
    return [("ec2:Describe*", "*")]


def new_function(t: Things) -> Parameters:
    """A new function."""
    return {
        "FunctionName": t.new,
        "Role": t.role,
        "Runtime": "python3.11",
        "Handler": "probe.handler",
        "Code": {"ZipFile": t.code},
    }


POLICY = '{{"Version":"2012-10-17","Statement":[{{"Sid":"s3","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{}"}}]}}'

ROWS = [
    # Functions.
    Row("CreateFunction", lambda t: t.arn(name=t.new), new_function, also=ON_PASSED, tagged=False,
        keys=NEW_TAGS | LAYER_KEY | VPC | {
            "lambda:CodeSigningConfigArn": Key(signing, lambda t: {"CodeSigningConfigArn": t.signing})}),
    Row("GetFunction", function, of_f(), qualifiers=AS_REQUESTED),
    Row("GetFunctionConfiguration", function, of_f(), qualifiers=AS_REQUESTED),
    Row("UpdateFunctionCode", function, of_f(ZipFile=lambda t: t.code)),
    Row("UpdateFunctionConfiguration", function, of_f(Description="new"), keys=LAYER_KEY | VPC),
    Row("DeleteFunction", function, of_f(), qualifiers=("1",)),
    Row("ListFunctions", anything, lambda t: {}, tagged=False),
    Row("PublishVersion", function, of_f()),
    Row("ListVersionsByFunction", function, of_f()),
    Row("CreateAlias", function, of_f(Name="new", FunctionVersion="1")),
    Row("GetAlias", function, of_f(Name="live")),
    Row("UpdateAlias", function, of_f(Name="live", Description="new")),
    Row("DeleteAlias", function, of_f(Name="live")),
    Row("ListAliases", function, of_f()),
    # Layers.
    Row("PublishLayerVersion", layer, lambda t: {"LayerName": t.layer, "Content": t.content}, tagged=False),
    Row("GetLayerVersion", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
    Row("GetLayerVersionByArn", layer_version, lambda t: {"Arn": t.layer_version}, "GetLayerVersion", tagged=False),
    Row("DeleteLayerVersion", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
    Row("ListLayers", anything, lambda t: {}, tagged=False),
    Row("ListLayerVersions", anything, lambda t: {"LayerName": t.layer}, tagged=False),
    Row("AddLayerVersionPermission", layer_version, lambda t: {
        "LayerName": t.layer, "VersionNumber": 1, "StatementId": "new", "Action": "lambda:GetLayerVersion",
        "Principal": "*"}, tagged=False),
    Row("RemoveLayerVersionPermission", layer_version, lambda t: {
        "LayerName": t.layer, "VersionNumber": 1, "StatementId": "all"}, tagged=False),
    Row("GetLayerVersionPolicy", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
    # Resource-based policies.
    Row("AddPermission", function, of_f(StatementId="new", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"),
        qualifiers=("1", "live"), keys=PRINCIPAL | OPEN_URL),
    Row("RemovePermission", function, of_f(StatementId=lambda t: t.permission), keys=PRINCIPAL | {
        "lambda:FunctionUrlAuthType": Key(lambda t: "NONE", lambda t: {"StatementId": t.url_permission}, wrong="AWS_IAM")}),
    Row("GetPolicy", function, with_("permission"), qualifiers=("1", "live")),
    Row("PutResourcePolicy", function, lambda t: {"ResourceArn": t.arn(), "Policy": POLICY.format(t.arn())},
        also=lambda t: [("lambda:AddPermission", t.arn()), ("lambda:RemovePermission", t.arn())]),
    Row("GetResourcePolicy", function, lambda t: {"ResourceArn": (t.permission, t.arn())[1]},
        also=lambda t: [("lambda:GetPolicy", t.arn())]),
    Row("DeleteResourcePolicy", function, lambda t: {"ResourceArn": (t.permission, t.arn())[1]},
        also=lambda t: [("lambda:RemovePermission", t.arn())]),
    # Invocation.
    Row("Invoke", function, of_f(), "InvokeFunction", qualifiers=AS_REQUESTED),
    Row("InvokeAsync", function, of_f(InvokeArgs=b"{}"), "InvokeFunction"),
    Row("InvokeWithResponseStream", function, of_f(), "InvokeFunction", qualifiers=AS_REQUESTED),
    Row("PutFunctionEventInvokeConfig", function, of_f(MaximumRetryAttempts=1), qualifiers=AS_REQUESTED),
    Row("UpdateFunctionEventInvokeConfig", function, with_("events", MaximumRetryAttempts=1), qualifiers=AS_REQUESTED),
    Row("GetFunctionEventInvokeConfig", function, with_("events"), qualifiers=AS_REQUESTED),
    Row("DeleteFunctionEventInvokeConfig", function, with_("events"), qualifiers=AS_REQUESTED),
    Row("ListFunctionEventInvokeConfigs", function, of_f()),
    # Function URLs.
    Row("CreateFunctionUrlConfig", function, of_f(AuthType="AWS_IAM"), qualifiers=("live",), keys=URL_KEYS),
    Row("GetFunctionUrlConfig", function, with_("url"), qualifiers=("live",), keys=URL_KEYS),
    Row("UpdateFunctionUrlConfig", function, with_("url", InvokeMode="BUFFERED"), qualifiers=("live",), keys=URL_KEYS),
    Row("DeleteFunctionUrlConfig", function, with_("url"), qualifiers=("live",), keys=URL_KEYS),
    Row("ListFunctionUrlConfigs", function, with_("url")),
    # Event source mappings.
    Row("CreateEventSourceMapping", anything, of_f(EventSourceArn=lambda t: t.queue), keys=NEW_TAGS | FUNCTION_ARN,
        tagged=False),
    Row("GetEventSourceMapping", mapping, lambda t: {"UUID": t.mapping}, keys=FUNCTION_ARN),
    Row("UpdateEventSourceMapping", mapping, lambda t: {"UUID": t.mapping, "Enabled": False}, keys=FUNCTION_ARN),
    Row("DeleteEventSourceMapping", mapping, lambda t: {"UUID": t.mapping}, keys=FUNCTION_ARN),
    Row("ListEventSourceMappings", anything, lambda t: {}, tagged=False),
    # Tags.
    Row("TagResource", function, lambda t: {"Resource": t.arn(), "Tags": {"k": "v"}}, keys={
        "aws:RequestTag/k": Key(lambda t: "v"), "aws:TagKeys": Key(lambda t: "k", several=True)}),
    Row("UntagResource", function, lambda t: {"Resource": t.arn(), "TagKeys": ["k"]}, keys={
        "aws:TagKeys": Key(lambda t: "k", several=True)}),
    Row("ListTags", function, lambda t: {"Resource": t.arn()}),
    # The account, concurrency and scaling.
    Row("GetAccountSettings", anything, lambda t: {}, tagged=False),
    Row("PutFunctionConcurrency", function, of_f(ReservedConcurrentExecutions=5)),
    Row("GetFunctionConcurrency", function, of_f()),
    Row("DeleteFunctionConcurrency", function, of_f()),
    Row("PutProvisionedConcurrencyConfig", lambda t: t.arn("1"), of_f(Qualifier="1", ProvisionedConcurrentExecutions=1)),
    Row("GetProvisionedConcurrencyConfig", lambda t: t.arn("1"), with_("concurrency", Qualifier="1")),
    Row("DeleteProvisionedConcurrencyConfig", lambda t: t.arn("1"), with_("concurrency", Qualifier="1")),
    Row("ListProvisionedConcurrencyConfigs", function, of_f()),
    Row("PutFunctionScalingConfig", lambda t: t.arn("1"), of_f(
        Qualifier="1", FunctionScalingConfig={"MinExecutionEnvironments": 1})),
    Row("GetFunctionScalingConfig", lambda t: t.arn("1"), of_f(Qualifier="1")),
    # Recursion and runtime management.
    Row("PutFunctionRecursionConfig", function, of_f(RecursiveLoop="Allow")),
    Row("GetFunctionRecursionConfig", function, of_f()),
    Row("PutRuntimeManagementConfig", function, of_f(UpdateRuntimeOn="Auto"), qualifiers=("1",)),
    Row("GetRuntimeManagementConfig", function, of_f(), qualifiers=("1",)),
    # Code signing.
    Row("CreateCodeSigningConfig", anything, lambda t: {"AllowedPublishers": t.publishers}, keys=NEW_TAGS, tagged=False),
    Row("GetCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("UpdateCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing, "Description": "new"}),
    Row("DeleteCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("ListCodeSigningConfigs", anything, lambda t: {}, tagged=False),
    Row("ListFunctionsByCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("PutFunctionCodeSigningConfig", function, of_f(CodeSigningConfigArn=lambda t: t.signing),
        also=lambda t: [("lambda:PutFunctionCodeSigningConfig", t.signing)], keys=ARN_OF_SIGNING),
    Row("GetFunctionCodeSigningConfig", function, of_f()),
    Row("DeleteFunctionCodeSigningConfig", function, of_f()),
    # Capacity providers.
    Row("CreateCapacityProvider", lambda t: t.other("capacity-provider", t.new), lambda t: t.capacity(t.new),
        also=lambda t: [("iam:PassRole", t.operator), ("iam:CreateServiceLinkedRole", "*"), *network_actions(t)],
        keys=NEW_TAGS | {name: Key(VPC[name].right, several=True) for name in ("lambda:SubnetIds", "lambda:SecurityGroupIds")},
        tagged=False),
    Row("GetCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
    Row("UpdateCapacityProvider", provider, lambda t: {
        "CapacityProviderName": t.provider, "CapacityProviderScalingConfig": {"MaxVCpuCount": 30}}),
    Row("DeleteCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
    Row("ListCapacityProviders", anything, lambda t: {}, tagged=False),
    Row("ListFunctionVersionsByCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
    # Durable executions.
    *(
        Row(operation, execution, lambda t, more=more: {"DurableExecutionArn": t.execution} | more)
        for operation, more in {
            "GetDurableExecution": {},
            "GetDurableExecutionHistory": {},
            "GetDurableExecutionState": {"CheckpointToken": "token"},
            "CheckpointDurableExecution": {"CheckpointToken": "token"},
            "StopDurableExecution": {},
            "PauseDurableExecution": {},
            "ResumeDurableExecution": {},
            "DeleteDurableExecution": {},
        }.items()
    ),
    Row("ListDurableExecutionsByFunction", function, of_f(), qualifiers=AS_REQUESTED),
    *(
        Row(f"SendDurableExecutionCallback{end}", anything, lambda t: {"CallbackId": "Y2FsbGJhY2s="}, tagged=False)
        for end in ("Success", "Failure", "Heartbeat")
    ),
]  # fmt: skip
