"""For each action of the patterns, the call that asks for it, and what its answer says of the decision."""

import re

from botocore import xform_name
from botocore.exceptions import ClientError

from support.account import Account, invoke, packed, unique
from support.function_url import request, signed
from support.identity import Identity
from support.policy import allow
from support.runtimes import newest_python

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"


def judged(action: str, code: str, message: str) -> str:
    """Return the decision about the action. A denial of something that comes after it says that it was allowed."""
    denied = re.search(r"not authorized to perform: (\S+)", message)
    if not code.startswith("AccessDenied") and code != "UnauthorizedOperation":
        return ALLOWED
    if denied and denied[1] != action:
        return ALLOWED
    return EXPLICIT if "explicit deny" in message else IMPLICIT


def decision(action: str, call, **parameters) -> str:
    """Make a call and return the decision about the action."""
    try:
        call(**parameters)
    except ClientError as error:
        return judged(action, error.response["Error"]["Code"], error.response["Error"].get("Message", ""))
    return ALLOWED


def lambda_call(operation: str, **fixed):
    """Return the caller of an operation on the function that the case names."""

    def ask(world, case):
        caller = prepared(world, case)
        name, _, qualifier = case.function.partition(":")
        target = {"FunctionName": case.home.function_arn(name)} | ({"Qualifier": qualifier} if qualifier else {})
        call = getattr(caller.client("lambda", parameter_validation=False), xform_name(operation))
        return decision(case.action, call, **(target | fixed))

    return ask


def prepared(world, case) -> Identity:
    """Return the caller, when the resource has its policy and the account its limits."""
    caller = world.caller(case)
    world.open(case)
    world.limit(case)
    return caller


def invoked(world, case) -> str:
    """Invoke, as whom or what the case names."""
    if case.principal == "s3.amazonaws.com":
        return notified(world, case)
    if case.keys.get("lambda:InvokedViaFunctionUrl") == "true":
        return visited(world, case)
    tags = {key.split("/")[1]: value for key, value in case.keys.items() if key.startswith("aws:ResourceTag/")}
    if case.pattern == "abac-use":
        name = world.function(case.home, case.function.partition(":")[0])
        arn = case.home.function_arn(name)
        case.home.admin.lambda_.untag_resource(Resource=arn, TagKeys=["project"])
        if tags:
            case.home.admin.lambda_.tag_resource(Resource=arn, Tags=tags)
    return lambda_call("Invoke")(world, case)


def notified(world, case) -> str:
    """Let a bucket send its events to the function: S3 asks whether it may invoke it."""
    world.open(case)
    owner = case.accounts_by_id[case.keys["aws:SourceAccount"]]
    bucket = case.keys["aws:SourceArn"].rsplit(":", 1)[1]
    if world.once(f"bucket {bucket}"):
        world.owner = owner
        owner.admin.s3.create_bucket(Bucket=bucket)
    elif world.owner is not owner:
        # A bucket's name is the world's: it moves to the other account.
        world.owner.admin.s3.delete_bucket(Bucket=bucket)
        owner.admin.s3.create_bucket(Bucket=bucket)
        world.owner = owner
    events = {"LambdaFunctionArn": case.resource, "Events": ["s3:ObjectCreated:*"]}
    try:
        owner.admin.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [events]}
        )
    except ClientError as error:
        assert "Unable to validate" in error.response["Error"]["Message"], error
        return IMPLICIT
    return ALLOWED


def visited(world, case) -> str:
    """Visit the function's URL with a signature."""
    caller = prepared(world, case)
    name = world.function(case.home, case.function)
    if world.once(f"URL of {name}"):
        answer = case.home.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
        world.urls[name] = answer["FunctionUrl"]
    status = signed(request(world.urls[name], caller.endpoint), caller).send()[0]
    return IMPLICIT if status == 403 else ALLOWED


def created(world, case) -> str:
    """Make a function with the layers, the network, the tags and the signing that the case names."""
    caller = in_network(world, case)
    call = caller.client("lambda", parameter_validation=False).create_function
    return decision(case.action, call, **(new_function(world, case.home, case.function) | settings(case)))


def configured(world, case) -> str:
    """Change a function's layers and network."""
    caller = in_network(world, case)
    call = caller.lambda_.update_function_configuration
    return decision(case.action, call, FunctionName=case.function, **(settings(case) or {"Description": "d"}))


def new_function(world, home: Account, name: str) -> dict:
    """Return the parameters of a function."""
    return {
        "FunctionName": name,
        "Role": home.basic_role,
        "Runtime": newest_python(),
        "Handler": "probe.handler",
        "Code": {"ZipFile": packed("python/probe.py")},
    }


def settings(case) -> dict:
    """Return the parameters from which the case's condition keys come."""
    keys, parameters = case.keys, {}
    if "lambda:Layer" in keys:
        parameters["Layers"] = keys["lambda:Layer"]
    if "lambda:SubnetIds" in keys:
        groups = keys["lambda:SecurityGroupIds"]
        parameters["VpcConfig"] = {"SubnetIds": keys["lambda:SubnetIds"], "SecurityGroupIds": groups}
    if "lambda:CodeSigningConfigArn" in keys:
        parameters["CodeSigningConfigArn"] = keys["lambda:CodeSigningConfigArn"]
    tags = {key.split("/")[1]: value for key, value in keys.items() if key.startswith("aws:RequestTag/")}
    if tags:
        parameters["Tags"] = tags
    return parameters


def in_network(world, case) -> Identity:
    """Return the caller, when the VPC, the subnets and the groups that the case names are made under other names."""
    vpc = case.keys.get("lambda:VpcIds")
    if vpc is not None:
        ec2 = case.home.admin.client("ec2")
        made = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
        case.words[vpc] = made
        for number, subnet in enumerate(case.data["context"]["lambda:SubnetIds"]):
            block = f"10.40.{number}.0/24"
            case.words[subnet] = ec2.create_subnet(VpcId=made, CidrBlock=block)["Subnet"]["SubnetId"]
        for group in case.data["context"]["lambda:SecurityGroupIds"]:
            name = unique("group")
            case.words[group] = ec2.create_security_group(VpcId=made, GroupName=name, Description="d")["GroupId"]
    caller = prepared(world, case)
    if vpc is not None:
        # Whoever names a network must be able to see it, which is not what the case is about.
        case.home.put_user_policy(caller.name, {"Version": "2012-10-17", "Statement": [allow("ec2:Describe*")]}, "sees")
    return caller


def mapped(operation: str):
    """Return the caller of an operation on event source mappings."""

    def ask(world, case):
        parameters = {}
        target = case.keys.get("lambda:FunctionArn")
        if target and operation == "CreateEventSourceMapping":
            parameters = {"FunctionName": target, "EventSourceArn": f"arn:aws:sqs:us-east-1:{case.home.id}:q"}
        elif target:
            name = target.split(":function:")[1]
            reader = case.home.role(allow("sqs:*"))
            world.function(case.home, name, role=reader)
            mapping = case.home.admin.lambda_.create_event_source_mapping(
                FunctionName=target, EventSourceArn=case.home.queue_arn(case.home.queue())
            )
            case.words["11111111-2222-3333-4444-555555555555"] = mapping["UUID"]
            parameters = {"UUID": mapping["UUID"]}
        call = getattr(prepared(world, case).lambda_, xform_name(operation))
        return decision(case.action, call, **parameters)

    return ask


def opened(world, case) -> str:
    """Add a permission for the principal that the case names."""
    return lambda_call(
        "AddPermission",
        StatementId=unique("s"),
        Action="lambda:InvokeFunction",
        Principal=case.keys.get("lambda:Principal", "s3.amazonaws.com"),
    )(world, case)


def closed(world, case) -> str:
    """Remove a permission that was given to the principal that the case names."""
    name, _, alias = case.function.partition(":")
    world.function(case.home, case.function)
    sid = unique("s")
    case.home.admin.lambda_.add_permission(
        FunctionName=name, Qualifier=alias, StatementId=sid, Action="lambda:InvokeFunction",
        Principal=case.keys["lambda:Principal"],
    )  # fmt: skip
    return lambda_call("RemovePermission", StatementId=sid)(world, case)


def url_set(operation: str):
    """Return the caller of an operation on a function's URL."""

    def ask(world, case):
        name = world.function(case.home, case.function)
        if world.once(f"open URL of {name}"):
            # Before the limits are there, which forbid it.
            case.home.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
        if operation == "DeleteFunctionUrlConfig":
            return lambda_call(operation)(world, case)
        return lambda_call(operation, AuthType=case.keys["lambda:FunctionUrlAuthType"])(world, case)

    return ask


def passed(world, case) -> str:
    """Pass a role to a new function."""
    caller = prepared(world, case)
    more = {"Version": "2012-10-17", "Statement": [allow("lambda:CreateFunction")]}
    case.home.put_user_policy(caller.name, more, "creates")
    role = case.resource.rsplit("/", 1)[1]
    if world.once(f"role {role}"):
        case.home.role(name=role)
    call = caller.lambda_.create_function
    return decision(case.action, call, **new_function(world, case.home, unique("f")) | {"Role": case.resource})


def aws_call(service: str, operation: str, parameters):
    """Return the caller of another service: from inside a function, where the case says so."""

    def ask(world, case):
        caller = world.caller(case)
        source = case.keys.get("lambda:SourceFunctionArn")
        asked = parameters(world, case)
        if source is None:
            call = getattr(caller.client(service), xform_name(operation))
            return decision(case.action, call, **asked)
        role = case.home.role_arn(case.principal.split("/")[1])
        name = world.function(case.home, source.split(":function:")[1], role=role)
        event = {"do": "call", "service": service, "operation": xform_name(operation), "parameters": asked, "members": []}
        told = invoke(case.home.admin, name, event)
        return judged(case.action, told.get("error", ""), told.get("message") or "")

    return ask


def of_object(**more):
    """Return the parameters of a call on the object that the case names; its bucket is made."""

    def asked(world, case):
        bucket, _, key = case.resource.removeprefix("arn:aws:s3:::").partition("/")
        if world.once(f"bucket {bucket}"):
            case.home.admin.s3.create_bucket(Bucket=bucket)
            case.home.admin.s3.put_object(Bucket=bucket, Key="x", Body=b"x")
        return {"Bucket": bucket, "Key": key} | more

    return asked


def of_subnet(world, case) -> dict:
    """Return the parameters of a network interface in a subnet, which is made."""
    ec2 = case.home.admin.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    return {"SubnetId": ec2.create_subnet(VpcId=vpc, CidrBlock="10.50.1.0/24")["Subnet"]["SubnetId"]}


def layer_call(operation: str):
    """Return the caller of an operation on a layer version."""

    def ask(world, case):
        caller = prepared(world, case)
        layer, version = case.resource.rsplit(":", 1)
        call = getattr(caller.lambda_, xform_name(operation))
        return decision(case.action, call, LayerName=layer, VersionNumber=int(version))

    return ask


CALLS = {
    "lambda:InvokeFunction": invoked,
    "lambda:InvokeFunctionUrl": visited,
    "lambda:CreateFunction": created,
    "lambda:UpdateFunctionConfiguration": configured,
    "lambda:UpdateFunctionCode": lambda_call("UpdateFunctionCode", ZipFile=packed("python/probe.py")),
    "lambda:DeleteFunction": lambda_call("DeleteFunction"),
    "lambda:GetFunction": lambda_call("GetFunction"),
    "lambda:GetFunctionConfiguration": lambda_call("GetFunctionConfiguration"),
    "lambda:PutFunctionConcurrency": lambda_call("PutFunctionConcurrency", ReservedConcurrentExecutions=1),
    "lambda:PutFunctionCodeSigningConfig": lambda world, case: lambda_call(
        "PutFunctionCodeSigningConfig", CodeSigningConfigArn=case.keys["lambda:CodeSigningConfigArn"]
    )(world, case),
    "lambda:DeleteFunctionCodeSigningConfig": lambda_call("DeleteFunctionCodeSigningConfig"),
    "lambda:ListFunctions": lambda world, case: decision(case.action, prepared(world, case).lambda_.list_functions),
    "lambda:PublishLayerVersion": lambda world, case: decision(
        case.action,
        prepared(world, case).lambda_.publish_layer_version,
        LayerName=case.resource,
        Content={"ZipFile": packed("python/probe.py")},
    ),
    "lambda:TagResource": lambda world, case: decision(
        case.action, prepared(world, case).lambda_.tag_resource, Resource=case.resource, Tags=settings(case)["Tags"]
    ),
    "lambda:AddPermission": opened,
    "lambda:RemovePermission": closed,
    "lambda:CreateFunctionUrlConfig": url_set("CreateFunctionUrlConfig"),
    "lambda:UpdateFunctionUrlConfig": url_set("UpdateFunctionUrlConfig"),
    "lambda:DeleteFunctionUrlConfig": url_set("DeleteFunctionUrlConfig"),
    "lambda:CreateEventSourceMapping": mapped("CreateEventSourceMapping"),
    "lambda:UpdateEventSourceMapping": mapped("UpdateEventSourceMapping"),
    "lambda:DeleteEventSourceMapping": mapped("DeleteEventSourceMapping"),
    "lambda:ListEventSourceMappings": mapped("ListEventSourceMappings"),
    "lambda:GetLayerVersion": layer_call("GetLayerVersion"),
    "lambda:DeleteLayerVersion": layer_call("DeleteLayerVersion"),
    "iam:PassRole": passed,
    "s3:PutObject": aws_call("s3", "PutObject", of_object(Body="x")),
    "s3:GetObject": aws_call("s3", "GetObject", of_object()),
    "ec2:DescribeSubnets": aws_call("ec2", "DescribeSubnets", lambda world, case: {}),
    "ec2:CreateNetworkInterface": aws_call("ec2", "CreateNetworkInterface", of_subnet),
}
