"""The operations on functions: themselves, their versions and aliases, how they are run and how they are set up."""

from matrix.row import (
    AS_REQUESTED,
    NEW_TAGS,
    Key,
    Needed,
    Parameters,
    Row,
    by_name,
    execution,
    anything,
    function,
    of_f,
    reading,
    signing,
    tagging,
    version,
    with_,
)
from matrix.things import Things

IN_VPC = lambda t: {"VpcConfig": t.network}  # noqa: E731
LAYERED = lambda t: {"Layers": [t.layer_version]}  # noqa: E731
ON_INSTANCES = lambda t: {"CapacityProviderConfig": t.on_instances}  # noqa: E731

VPC = {
    "lambda:VpcIds": Key(lambda t: (t.network, t.vpc)[1], IN_VPC, several=True),
    "lambda:SubnetIds": Key(lambda t: t.network["SubnetIds"][0], IN_VPC, several=True),
    "lambda:SecurityGroupIds": Key(lambda t: t.network["SecurityGroupIds"][0], IN_VPC, several=True),
}
LAYER_KEY = {"lambda:Layer": Key(lambda t: t.layer_version, LAYERED, several=True)}
INVOKED = {
    "lambda:InvokedViaFunctionUrl": Key(lambda t: "false", wrong="true", operator="Bool"),
    "lambda:EventSourceToken": Key(None),
}

PASSED = Needed("iam:PassRole", lambda t: t.role)
# What the parts of a function's configuration ask of the caller beside the operation itself.
CONFIGURED = (
    Needed("lambda:GetLayerVersion", lambda t: t.layer_version, "Layers", LAYERED),
    Needed("lambda:PassCapacityProvider", lambda t: t.capacity_provider, "CapacityProviderConfig", ON_INSTANCES),
    Needed("ec2:DescribeSubnets", anything, "VpcConfig", IN_VPC),
    Needed("ec2:DescribeSecurityGroups", anything, "VpcConfig", IN_VPC),
    Needed("ec2:DescribeVpcs", anything, "VpcConfig", IN_VPC),
)


def new_function(t: Things) -> Parameters:
    """A new function."""
    return {
        "FunctionName": t.new,
        "Role": t.role,
        "Runtime": "python3.11",
        "Handler": "probe.handler",
        "Code": {"ZipFile": t.code},
    }


FUNCTIONS = [
    Row("CreateFunction", lambda t: t.arn(name=t.new), new_function, tagged=False,
        also=(PASSED, *CONFIGURED, tagging("function"), reading("Code", lambda t: {"Code": t.object})),
        keys=NEW_TAGS | LAYER_KEY | VPC | {
            "lambda:CodeSigningConfigArn": Key(signing, lambda t: {"CodeSigningConfigArn": t.signing})}),
    Row("GetFunction", function, of_f(), qualifiers=AS_REQUESTED),
    Row("GetFunctionConfiguration", function, of_f(), qualifiers=AS_REQUESTED),
    Row("UpdateFunctionCode", function, of_f(ZipFile=lambda t: t.code),
        also=(reading("S3Key", lambda t: {"ZipFile": None} | t.object),)),
    Row("UpdateFunctionConfiguration", function, of_f(Description="new"), keys=LAYER_KEY | VPC,
        also=(Needed("iam:PassRole", lambda t: t.role, "Role", lambda t: {"Role": t.role}), *CONFIGURED)),
    Row("DeleteFunction", function, of_f(), qualifiers=("1",)),
    Row("ListFunctions", anything, lambda t: {}, tagged=False),
    Row("PublishVersion", function, of_f()),
    Row("ListVersionsByFunction", function, of_f(), qualifiers=AS_REQUESTED, qualified=by_name),
    Row("CreateAlias", function, of_f(Name="new", FunctionVersion="1")),
    Row("GetAlias", function, of_f(Name="live")),
    Row("UpdateAlias", function, of_f(Name="live", Description="new")),
    Row("DeleteAlias", function, of_f(Name="live")),
    Row("ListAliases", function, of_f()),
]  # fmt: skip

INVOCATION = [
    Row("Invoke", function, of_f(), "InvokeFunction", qualifiers=AS_REQUESTED, keys=INVOKED),
    Row("InvokeAsync", function, of_f(InvokeArgs=b"{}"), "InvokeFunction", qualifiers=AS_REQUESTED, qualified=by_name),
    Row("InvokeWithResponseStream", function, of_f(), "InvokeFunction", qualifiers=AS_REQUESTED, keys=INVOKED),
    Row("PutFunctionEventInvokeConfig", function, of_f(MaximumRetryAttempts=1), qualifiers=AS_REQUESTED),
    Row("UpdateFunctionEventInvokeConfig", function, with_("events", MaximumRetryAttempts=1), qualifiers=AS_REQUESTED),
    Row("GetFunctionEventInvokeConfig", function, with_("events"), qualifiers=AS_REQUESTED),
    Row("DeleteFunctionEventInvokeConfig", function, with_("events"), qualifiers=AS_REQUESTED),
    Row("ListFunctionEventInvokeConfigs", function, of_f(), qualifiers=AS_REQUESTED, qualified=by_name),
]  # fmt: skip

AUTH_TYPE = {"lambda:FunctionUrlAuthType": Key(lambda t: "AWS_IAM", wrong="NONE")}
URL_KEYS = {"lambda:FunctionArn": Key(function)} | AUTH_TYPE

URLS = [
    Row("CreateFunctionUrlConfig", function, of_f(AuthType="AWS_IAM"), qualifiers=("live",), keys=URL_KEYS),
    Row("GetFunctionUrlConfig", function, with_("url"), qualifiers=("live",), keys=URL_KEYS),
    Row("UpdateFunctionUrlConfig", function, with_("url", InvokeMode="BUFFERED"), qualifiers=("live",), keys=URL_KEYS),
    Row("DeleteFunctionUrlConfig", function, with_("url"), qualifiers=("live",), keys=URL_KEYS),
    Row("ListFunctionUrlConfigs", function, with_("url"), keys=AUTH_TYPE),
]  # fmt: skip

CONCURRENCY = [
    Row("GetAccountSettings", anything, lambda t: {}, tagged=False),
    Row("PutFunctionConcurrency", function, of_f(ReservedConcurrentExecutions=5)),
    Row("GetFunctionConcurrency", function, of_f()),
    Row("DeleteFunctionConcurrency", function, of_f()),
    Row("PutProvisionedConcurrencyConfig", version, of_f(Qualifier="1", ProvisionedConcurrentExecutions=1),
        qualifiers=("1", "live"), unqualified=False),
    Row("GetProvisionedConcurrencyConfig", version, with_("concurrency", Qualifier="1"),
        qualifiers=("1", "live"), unqualified=False),
    Row("DeleteProvisionedConcurrencyConfig", version, with_("concurrency", Qualifier="1"),
        qualifiers=("1", "live"), unqualified=False),
    Row("ListProvisionedConcurrencyConfigs", function, of_f()),
    Row("PutFunctionScalingConfig", version, of_f(Qualifier="1", FunctionScalingConfig={"MinExecutionEnvironments": 1}),
        qualifiers=("1",), unqualified=False),
    Row("GetFunctionScalingConfig", version, of_f(Qualifier="1"), qualifiers=("1",), unqualified=False),
]  # fmt: skip

SETTINGS = [
    Row("PutFunctionRecursionConfig", function, of_f(RecursiveLoop="Allow")),
    Row("GetFunctionRecursionConfig", function, of_f()),
    Row("PutRuntimeManagementConfig", function, of_f(UpdateRuntimeOn="Auto"), qualifiers=AS_REQUESTED),
    Row("GetRuntimeManagementConfig", function, of_f(), qualifiers=AS_REQUESTED),
]

DURABLE = [
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
]
