"""The operations on what is around functions: layers, policies, mappings, tags, code signing and capacity."""

from matrix.functions import VPC
from matrix.row import (
    AS_REQUESTED,
    NEW_TAGS,
    Key,
    Needed,
    Row,
    anything,
    by_arn,
    function,
    layer,
    layer_version,
    mapping,
    of_f,
    provider,
    reading,
    signing,
    tagging,
    with_,
)
from matrix.things import Things

LAYERS = [
    Row("PublishLayerVersion", layer, lambda t: {"LayerName": t.layer, "Content": t.content}, tagged=False,
        also=(reading("Content", lambda t: {"Content": t.object}),)),
    Row("GetLayerVersion", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
    Row("GetLayerVersionByArn", layer_version, lambda t: {"Arn": t.layer_version}, "GetLayerVersion", tagged=False),
    Row("DeleteLayerVersion", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
    Row("ListLayers", anything, lambda t: {}, tagged=False),
    # AWS's list of actions has no resource for it, its denials name the layer.
    Row("ListLayerVersions", layer, lambda t: {"LayerName": t.layer}, tagged=False),
    Row("AddLayerVersionPermission", layer_version, lambda t: {
        "LayerName": t.layer, "VersionNumber": 1, "StatementId": "new", "Action": "lambda:GetLayerVersion",
        "Principal": "*"}, tagged=False),
    Row("RemoveLayerVersionPermission", layer_version, lambda t: {
        "LayerName": t.layer, "VersionNumber": 1, "StatementId": "all"}, tagged=False),
    Row("GetLayerVersionPolicy", layer_version, lambda t: {"LayerName": t.layer, "VersionNumber": 1}, tagged=False),
]  # fmt: skip

S3 = "s3.amazonaws.com"
POLICY = '{{"Version":"2012-10-17","Statement":[{{"Sid":"s3","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{}"}}]}}'

PRINCIPAL = {"lambda:Principal": Key(lambda t: S3)}
OPEN = {"Principal": "*"}
OF_URL = {
    "lambda:FunctionUrlAuthType": Key(
        lambda t: "NONE",
        lambda t: OPEN | {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
        wrong="AWS_IAM",
    ),
    "lambda:InvokedViaFunctionUrl": Key(
        lambda t: "true", lambda t: OPEN | {"InvokedViaFunctionUrl": True}, wrong="false", operator="Bool"
    ),
}
OF_URL_STATEMENT = {
    "lambda:FunctionUrlAuthType": Key(lambda t: "NONE", lambda t: {"StatementId": t.url_permission}, wrong="AWS_IAM")
}


def on_f(action: str) -> Needed:
    """Return the right to another operation on the function."""
    return Needed(f"lambda:{action}", function)


def opened(t: Things) -> dict:
    """Return the parameters of a call about the function's policy, when it has one."""
    return {"ResourceArn": (t.permission, t.arn())[1]}


POLICIES = [
    Row("AddPermission", function, of_f(StatementId="new", Action="lambda:InvokeFunction", Principal=S3),
        qualifiers=AS_REQUESTED, keys=PRINCIPAL | OF_URL),
    Row("RemovePermission", function, of_f(StatementId=lambda t: t.permission),
        qualifiers=AS_REQUESTED, keys=PRINCIPAL | OF_URL_STATEMENT),
    Row("GetPolicy", function, with_("permission"), qualifiers=AS_REQUESTED),
    Row("PutResourcePolicy", function, lambda t: {"ResourceArn": t.arn(), "Policy": POLICY.format(t.arn())},
        also=(on_f("AddPermission"), on_f("RemovePermission")), keys=PRINCIPAL,
        qualifiers=AS_REQUESTED, qualified=by_arn),
    Row("GetResourcePolicy", function, opened, also=(on_f("GetPolicy"),), qualifiers=AS_REQUESTED, qualified=by_arn),
    Row("DeleteResourcePolicy", function, opened, also=(on_f("RemovePermission"),), keys=PRINCIPAL,
        qualifiers=AS_REQUESTED, qualified=by_arn),
]  # fmt: skip

FUNCTION_ARN = {"lambda:FunctionArn": Key(function)}

MAPPINGS = [
    Row("CreateEventSourceMapping", anything, of_f(EventSourceArn=lambda t: t.queue), tagged=False,
        also=(tagging("event-source-mapping"),), keys=NEW_TAGS | FUNCTION_ARN),
    Row("GetEventSourceMapping", mapping, lambda t: {"UUID": t.mapping}, keys=FUNCTION_ARN),
    Row("UpdateEventSourceMapping", mapping, lambda t: {"UUID": t.mapping, "Enabled": False}, keys=FUNCTION_ARN),
    Row("DeleteEventSourceMapping", mapping, lambda t: {"UUID": t.mapping}, keys=FUNCTION_ARN),
    Row("ListEventSourceMappings", anything, lambda t: {}, tagged=False),
]  # fmt: skip

TAGGING = [
    Row("TagResource", function, lambda t: {"Resource": t.arn(), "Tags": {"k": "v"}}, keys={
        "aws:RequestTag/k": Key(lambda t: "v"), "aws:TagKeys": Key(lambda t: "k", several=True)}),
    Row("UntagResource", function, lambda t: {"Resource": t.arn(), "TagKeys": ["k"]}, keys={
        "aws:TagKeys": Key(lambda t: "k", several=True)}),
    Row("ListTags", function, lambda t: {"Resource": t.arn()}),
]  # fmt: skip

SIGNING = [
    Row("CreateCodeSigningConfig", anything, lambda t: {"AllowedPublishers": t.publishers}, tagged=False,
        also=(tagging("code-signing-config"),), keys=NEW_TAGS),
    Row("GetCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("UpdateCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing, "Description": "new"}),
    Row("DeleteCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("ListCodeSigningConfigs", anything, lambda t: {}, tagged=False),
    Row("ListFunctionsByCodeSigningConfig", signing, lambda t: {"CodeSigningConfigArn": t.signing}),
    Row("PutFunctionCodeSigningConfig", function, of_f(CodeSigningConfigArn=lambda t: t.signing),
        also=(Needed("lambda:PutFunctionCodeSigningConfig", signing),),
        keys={"lambda:CodeSigningConfigArn": Key(signing)}),
    Row("GetFunctionCodeSigningConfig", function, of_f()),
    Row("DeleteFunctionCodeSigningConfig", function, of_f()),
]  # fmt: skip

OPERATED = (
    Needed("iam:PassRole", lambda t: t.operator),
    Needed("iam:CreateServiceLinkedRole", anything),
    tagging("capacity-provider"),
    Needed("kms:DescribeKey", anything, "KmsKeyArn", lambda t: {"KmsKeyArn": t.kms_key}),
)

CAPACITY = [
    Row("CreateCapacityProvider", lambda t: t.other("capacity-provider", t.new), lambda t: t.capacity(t.new),
        also=OPERATED, tagged=False,
        keys=NEW_TAGS | {
            name: Key(VPC[name].right, several=True) for name in ("lambda:SubnetIds", "lambda:SecurityGroupIds")}),
    Row("GetCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
    Row("UpdateCapacityProvider", provider, lambda t: {
        "CapacityProviderName": t.provider, "CapacityProviderScalingConfig": {"MaxVCpuCount": 30}}),
    Row("DeleteCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
    Row("ListCapacityProviders", anything, lambda t: {}, tagged=False),
    Row("ListFunctionVersionsByCapacityProvider", provider, lambda t: {"CapacityProviderName": t.provider}),
]  # fmt: skip
