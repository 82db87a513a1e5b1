"""What the refused calls are made on. Names are fixed, so that the tables can say them."""

import json
import re
from functools import cached_property

from botocore import xform_name
from botocore.exceptions import ClientError

from support.account import House, packed, unique
from support.bundle import bundle
from support.function_url import request, signed
from support.identity import Identity
from support.policy import allow, trust
from support.wire import error_code

PLACE = re.compile(r"\{([a-z]\w*)\}")
REGIONAL = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}"
PUBLISHERS = ["arn:aws:signer:us-east-1:111122223333:/signing-profiles/profile/abcdefghij"]
QUEUE = "steady-queue"


class Scene:
    """Two functions and whatever hangs on the first, a blocked function, and a caller without rights."""

    # AWS's patterns that the words of a refusal repeat.
    pattern_of_policy_targets = (
        rf"arn:(aws[a-zA-Z-]*)?:lambda:{REGIONAL}:"
        r"(function:[a-zA-Z0-9-_]+(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_])+)?|runtime/[a-zA-Z0-9-_./]+)"
    )
    pattern_of_signing_configs = rf"arn:(aws[a-zA-Z-]*)?:lambda:{REGIONAL}:code-signing-config:csc-[a-z0-9]{{17}}"
    pattern_of_providers = rf"(arn:aws[a-zA-Z-]*:lambda:{REGIONAL}:capacity-provider:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"
    pattern_of_executions = (
        r"arn:([a-zA-Z0-9-]+):lambda:([a-zA-Z0-9-]+):(\d{12}):function:([a-zA-Z0-9_-]+):"
        r"(\$LATEST(?:\.PUBLISHED)?|[0-9]+)/durable-execution/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)"
    )
    # One character more than a function's name may have.
    long_name = "a" * 65

    def __init__(self, house: House):
        self.house = house
        self.admin = house.admin.lambda_
        self.zip = packed("python/probe.py")
        self.role = house.role(allow("*"), trust=trust({"Service": "lambda.amazonaws.com"}))
        self.nobody = house.user()
        # AWS's own answers are compared, so botocore does not look at the parameters first.
        self.clients = {
            identity: identity.client("lambda", parameter_validation=False) for identity in (house.admin, self.nobody)
        }
        self._make_functions()
        self._make_layer()
        mapped = self.admin.create_event_source_mapping(FunctionName="steady", EventSourceArn=self.queue)
        self.mapping = mapped["UUID"]
        self.admin.create_capacity_provider(
            CapacityProviderName="steady-provider",
            VpcConfig={"SubnetIds": [self.subnet], "SecurityGroupIds": [self.group]},
            PermissionsConfig={"CapacityProviderOperatorRoleArn": self.role},
        )

    def _make_functions(self) -> None:
        for name in ("steady", "bare", "blocked"):
            self.house.function(FunctionName=name, role=self.role)
        steady = {"FunctionName": "steady"}
        self.sha256 = self.admin.publish_version(**steady)["CodeSha256"]
        self.house.wait_until_active("steady", Qualifier="1")
        self.admin.create_alias(**steady, Name="live", FunctionVersion="1")
        self.admin.put_provisioned_concurrency_config(**steady, Qualifier="1", ProvisionedConcurrentExecutions=1)
        invoking = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
        self.admin.add_permission(**steady, StatementId="s3", **invoking)
        self.admin.add_permission(
            **steady, Qualifier="live", StatementId="s3", SourceArn="arn:aws:s3:::".ljust(10_000, "a"), **invoking
        )
        self.admin.put_function_event_invoke_config(**steady, MaximumRetryAttempts=0)
        self.admin.put_function_concurrency(FunctionName="blocked", ReservedConcurrentExecutions=0)
        self.url = self.admin.create_function_url_config(FunctionName="blocked", AuthType="AWS_IAM")["FunctionUrl"]

    def _make_layer(self) -> None:
        content = {"ZipFile": bundle({"python/x.py": ""})}
        self.admin.publish_layer_version(LayerName="steady-layer", Content=content)
        self.admin.add_layer_version_permission(
            LayerName="steady-layer", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion",
            Principal="*",
        )  # fmt: skip

    # What has no fixed name.

    @cached_property
    def subnet(self) -> str:
        """Return the id of a subnet."""
        vpc = self.house.admin.ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
        return self.house.admin.ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.1.0/24")["Subnet"]["SubnetId"]

    @cached_property
    def group(self) -> str:
        """Return the id of a security group."""
        found = self.house.admin.ec2.describe_subnets(SubnetIds=[self.subnet])["Subnets"][0]
        made = self.house.admin.ec2.create_security_group(VpcId=found["VpcId"], GroupName="steady", Description="d")
        return made["GroupId"]

    @cached_property
    def queue(self) -> str:
        """Return the ARN of a queue."""
        return self.house.queue_arn(self.house.admin.sqs.create_queue(QueueName=QUEUE)["QueueUrl"])

    @property
    def new_mapping(self) -> str:
        """Return the id of a mapping that is just being made."""
        made = self.admin.create_event_source_mapping(
            FunctionName="steady",
            SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
            Topics=[unique("topic")],
            StartingPosition="LATEST",
            SourceAccessConfigurations=[
                {"Type": "BASIC_AUTH", "URI": f"arn:aws:secretsmanager:us-east-1:{self.house.id}:secret:kafka-1"}
            ],
        )
        return made["UUID"]

    @cached_property
    def signing(self) -> str:
        """Return the ARN of the code signing configuration of `steady`."""
        made = self.admin.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": PUBLISHERS})
        arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
        self.admin.put_function_code_signing_config(FunctionName="steady", CodeSigningConfigArn=arn)
        return arn

    @property
    def long_arn(self) -> str:
        """Return an ARN with which a second statement makes the policy of `steady:live` one byte too long."""
        policy = self.admin.get_policy(FunctionName="steady", Qualifier="live")["Policy"]
        statement = json.loads(policy)["Statement"][0] | {
            "Sid": "new",
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::"}},
        }
        size = len(policy) + len(",") + len(json.dumps(statement, separators=(",", ":")))
        return "arn:aws:s3:::" + "b" * (20_481 - size)

    @property
    def no_url(self) -> str:
        """Return the address of a URL that nobody made."""
        return re.sub(r"//\w+\.", f"//{'0' * 32}.", self.url)

    # Asking.

    def filled(self, part):
        """Return a part of a table with the names of what has no fixed name."""
        if isinstance(part, dict):
            return {name: self.filled(value) for name, value in part.items()}
        if isinstance(part, list):
            return [self.filled(value) for value in part]
        if not isinstance(part, str):
            return part
        if alone := PLACE.fullmatch(part):
            return getattr(self, alone[1])
        return PLACE.sub(lambda found: getattr(self, found[1]), part)

    def answer(self, identity: Identity, operation: str, parameters: dict) -> str:
        """Call an operation and return what it is answered, in a line."""
        if operation == "InvokeFunctionUrl":
            status, headers, body = signed(request(self.filled(parameters["Url"]), identity.endpoint), identity).send()
            words = json.loads(body)
            return f"{status} {error_code(status, headers, body)}: {words.get('message', words.get('Message'))}"
        call = getattr(self.clients[identity], xform_name(operation))
        try:
            return str(call(**self.filled(parameters))["ResponseMetadata"]["HTTPStatusCode"])
        except ClientError as error:
            told, metadata = error.response["Error"], error.response["ResponseMetadata"]
            return f"{metadata['HTTPStatusCode']} {told['Code']}: {told['Message']}"
