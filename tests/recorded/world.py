"""What the recorded calls are made on."""

from functools import cached_property

from support.account import Account, packed, unique
from support.bundle import bundle
from support.policy import allow
from support.runtimes import newest_python

OTHER_ACCOUNT = "123456789012"
ELSEWHERE = "ap-southeast-1"


class World:
    """Things made once for all calls that change nothing, and makers of things for those that do."""

    def __init__(self, house: Account):
        self.house = house
        # What came back, as it came: botocore keeps only what its model knows.
        self.bodies: list[bytes] = []
        # AWS's own answers are compared, so botocore does not look at the parameters first.
        self.client = house.admin.client("lambda", parameter_validation=False)
        self.client.meta.events.register("before-parse.lambda", self._remember)

    def _remember(self, response_dict, **_):
        self.bodies.append(response_dict["body"])

    def __getattr__(self, operation: str):
        """Return an operation of Lambda: `world.get_function(...)`."""
        return getattr(self.client, operation)

    @cached_property
    def f(self) -> str:
        """Return a function with versions 1 and 2, the alias `live` of version 1 and one permission."""
        name = self.published(role=self.house.role(allow("lambda:*")))
        self.client.update_function_configuration(FunctionName=name, Description="second")
        self.house.wait_until_updated(name)
        self.publish_version(FunctionName=name)
        self.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        self.permit(name, "s3")
        return name

    def fresh(self, **settings) -> str:
        """Return a function of its own."""
        return self.house.function(**settings)

    def published(self, **settings) -> str:
        """Return a function of its own with version 1."""
        name = self.fresh(**settings)
        self.publish_version(FunctionName=name)
        self.house.wait_until_active(name, Qualifier="1")
        return name

    def arn(self, name: str, qualifier: str = "") -> str:
        """Return a function's ARN."""
        return self.house.function_arn(name + (f":{qualifier}" if qualifier else ""))

    def other(self, kind: str, name: str) -> str:
        """Return the ARN of something else of Lambda."""
        return f"arn:aws:lambda:us-east-1:{self.house.id}:{kind}:{name}"

    def permit(self, name: str, sid: str, **settings):
        """Add a permission."""
        request = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"} | settings
        return self.add_permission(FunctionName=name, StatementId=sid, **request)

    def create(self, name: str | None = None, code: bytes | None = None, **settings):
        """Ask for a new function."""
        request = {
            "FunctionName": name or unique("refused"),
            "Role": self.house.basic_role,
            "Runtime": newest_python(),
            "Handler": "probe.handler",
            "Code": {"ZipFile": packed("python/probe.py") if code is None else code},
        }
        return self.create_function(**(request | settings))

    @property
    def image_uri(self) -> str:
        """Return the name of a container image."""
        return f"{self.house.id}.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{'0' * 64}"

    def image(self) -> str:
        """Return a function from a container image."""
        name, code = unique("image"), {"ImageUri": self.image_uri}
        self.create_function(FunctionName=name, PackageType="Image", Role=self.house.basic_role, Code=code)
        self.house.wait_until_active(name)
        return name

    def destinations(self, **settings):
        """Set how events of the shared function are handled."""
        return self.put_function_event_invoke_config(FunctionName=self.f, **settings)

    # Layers.

    @cached_property
    def layer(self) -> str:
        """Return the name of a layer with the versions 1 and 2."""
        name = unique("layer")
        self.house.layer(name=name)
        self.house.layer({"python/other.py": ""}, name=name)
        return name

    def layer_arn(self, version: int | str | None = None, region: str = "us-east-1") -> str:
        """Return the ARN of the layer or of a version of it."""
        arn = f"arn:aws:lambda:{region}:{self.house.id}:layer:{self.layer}"
        return arn if version is None else f"{arn}:{version}"

    def new_layer(self, **settings):
        """Ask for a new layer version."""
        return self.publish_layer_version(
            LayerName=self.layer, Content={"ZipFile": bundle({"python/x.py": ""})}, **settings
        )

    def share_layer(self, **settings):
        """Add a permission to version 1 of the layer."""
        request = {"StatementId": "s1", "Action": "lambda:GetLayerVersion", "Principal": "*"}
        return self.add_layer_version_permission(
            **({"LayerName": self.layer, "VersionNumber": 1} | request | settings)
        )

    # Event source mappings.

    @cached_property
    def reader(self) -> str:
        """Return a function whose role may read every event source."""
        actions = ["sqs:*", "kinesis:*", "dynamodb:*", "kafka:*", "kafka-cluster:*", "ec2:*", "secretsmanager:*"]
        role = self.house.role(allow(actions))
        return self.fresh(role=role)

    def source(self, service: str, rest: str) -> str:
        """Return the ARN of an event source."""
        return f"arn:aws:{service}:us-east-1:{self.house.id}:{rest}"

    @cached_property
    def queue(self) -> str:
        """Return the ARN of a queue."""
        return self.house.queue_arn(self.house.queue())

    def mapping(self, **settings):
        """Ask for an event source mapping of the reader."""
        return self.create_event_source_mapping(**({"FunctionName": self.reader} | settings))

    def kafka(self, *servers: str, **settings):
        """Ask for a mapping of a self-managed Kafka."""
        request = {
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list(servers)}},
            "Topics": ["topic"],
            "StartingPosition": "LATEST",
            "SourceAccessConfigurations": [
                {"Type": "BASIC_AUTH", "URI": self.source("secretsmanager", "secret:kafka-1")}
            ],
        }
        return self.mapping(**(request | settings))

    # Others.

    def signing(self) -> str:
        """Return the ARN of a code signing configuration that does not exist."""
        return self.other("code-signing-config", "csc-" + "0" * 17)

    def provisioned(self, name: str, qualifier: str, count: int = 1):
        """Ask for provisioned concurrency."""
        return self.put_provisioned_concurrency_config(
            FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=count
        )

    @cached_property
    def network(self) -> tuple[str, str]:
        """Return the ids of a subnet and of a security group."""
        ec2 = self.house.admin.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(VpcId=vpc, GroupName=unique("group"), Description="d")["GroupId"]
        return subnet, group

    def in_vpc(self, subnet: str | None = None, group: str | None = None):
        """Ask for a function in a VPC."""
        role = self.house.role(allow("ec2:*"))
        found = (subnet or self.network[0], group or self.network[1])
        return self.create(Role=role, VpcConfig={"SubnetIds": [found[0]], "SecurityGroupIds": [found[1]]})
