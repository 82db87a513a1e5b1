"""What the operations of the permission matrix are called on: one function with everything that hangs on it."""

from functools import cached_property

from support.account import Account, packed, unique
from support.bundle import bundle
from support.policy import allow, trust

REGION = "us-east-1"
TAGS = {"team": "red"}


class Things:
    """A function with version 1 and the alias `live`, and the other resources of Lambda, made when first asked for."""

    def __init__(self, house: Account):
        self.house = house
        self.admin = house.admin.lambda_
        self.code = packed("python/probe.py")
        self.names: dict[str, str] = {}

    def _named(self, kind: str, name: str) -> str:
        """Remember what stands for a name in the file, which is the same in every run."""
        self.names[name] = kind
        return name

    def written(self, text: str) -> str:
        """Return the text with the names of this run replaced by what stands for them."""
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, self.names[name])
        return text

    # Functions.

    @cached_property
    def f(self) -> str:
        """Return the function's name."""
        name = self._named("f", self.house.function(role=self.role, Tags=TAGS))
        self.admin.publish_version(FunctionName=name)
        self.house.wait_until_active(name, Qualifier="1")
        self.admin.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        return name

    @cached_property
    def role(self) -> str:
        """Return the function's execution role: it may read event sources and make network interfaces."""
        actions = ["sqs:*", "ec2:*", "lambda:*", "logs:*"]
        role = self.house.role(allow(actions))
        self._named("role", role.rsplit("/", 1)[1])
        return role

    @cached_property
    def new(self) -> str:
        """Return the name of a function that does not exist yet."""
        return self._named("new", unique("new"))

    def arn(self, qualifier: str | None = None, name: str | None = None) -> str:
        """Return the ARN of the function, or of a version or alias of it."""
        return self.house.function_arn((name or self.f) + (f":{qualifier}" if qualifier else ""))

    def other(self, kind: str, name: str) -> str:
        """Return the ARN of something of Lambda that is no function."""
        return f"arn:aws:lambda:{REGION}:{self.house.id}:{kind}:{name}"

    @cached_property
    def permission(self) -> str:
        """Return the id of a statement in the function's policy, which opens it to S3."""
        self.admin.add_permission(
            FunctionName=self.f, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
        return "s3"

    @cached_property
    def url_permission(self) -> str:
        """Return the id of a statement in the function's policy, which opens its URL to everybody."""
        self.admin.add_permission(
            FunctionName=self.f, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*",
            FunctionUrlAuthType="NONE",
        )  # fmt: skip
        return "url"

    @cached_property
    def url(self) -> str:
        """Return the function's URL, which asks for a signature."""
        return self.admin.create_function_url_config(FunctionName=self.f, AuthType="AWS_IAM")["FunctionUrl"]

    @cached_property
    def events(self) -> bool:
        """Set how the function's events are handled."""
        self.admin.put_function_event_invoke_config(FunctionName=self.f, MaximumRetryAttempts=0)
        return True

    @cached_property
    def concurrency(self) -> bool:
        """Give version 1 provisioned concurrency."""
        self.admin.put_provisioned_concurrency_config(
            FunctionName=self.f, Qualifier="1", ProvisionedConcurrentExecutions=1
        )
        return True

    @cached_property
    def mapping(self) -> str:
        """Return the id of an event source mapping of the function."""
        answer = self.admin.create_event_source_mapping(FunctionName=self.f, EventSourceArn=self.queue, Tags=TAGS)
        return self._named("UUID", answer["UUID"])

    @property
    def queue(self) -> str:
        """Return the ARN of a queue."""
        arn = self.house.queue_arn(self.house.queue())
        self._named("queue", arn.rsplit(":", 1)[1])
        return arn

    @cached_property
    def object(self) -> dict:
        """Return where in S3 there is code too."""
        bucket = self._named("bucket", self.house.bucket())
        self.house.admin.s3.put_object(Bucket=bucket, Key="code.zip", Body=self.code)
        return {"S3Bucket": bucket, "S3Key": "code.zip"}

    @property
    def object_arn(self) -> str:
        """Return the ARN of that object."""
        return f"arn:aws:s3:::{self.object['S3Bucket']}/{self.object['S3Key']}"

    # Layers, code signing and capacity.

    @cached_property
    def layer(self) -> str:
        """Return the name of a layer with version 1, whose policy has the statement `all`."""
        name = self._named("layer", self.house.layer().split(":")[6])
        self.admin.add_layer_version_permission(
            LayerName=name, VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion",
            Principal=self.house.id,
        )  # fmt: skip
        return name

    @property
    def content(self) -> dict:
        """Return what a new layer version holds."""
        return {"ZipFile": bundle({"python/x.py": ""})}

    @cached_property
    def layer_version(self) -> str:
        """Return the ARN of the layer's version 1."""
        return self.other("layer", f"{self.layer}:1")

    publishers = property(
        lambda self: {
            "SigningProfileVersionArns": [
                f"arn:aws:signer:{REGION}:{self.house.id}:/signing-profiles/profile/abcdefghij"
            ]
        }
    )

    @cached_property
    def signing(self) -> str:
        """Return the ARN of a code signing configuration."""
        answer = self.admin.create_code_signing_config(AllowedPublishers=self.publishers, Tags=TAGS)
        arn = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
        self._named("csc-ID", arn.rsplit(":", 1)[1])
        return arn

    @cached_property
    def operator(self) -> str:
        """Return a role that Lambda takes to run instances."""
        role = self.house.role(allow("ec2:*"), trust=trust({"Service": "lambda.amazonaws.com"}))
        self._named("operator", role.rsplit("/", 1)[1])
        return role

    @cached_property
    def network(self) -> dict:
        """Return a subnet and a security group."""
        ec2 = self.house.admin.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.30.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(VpcId=self.vpc, GroupName="lambda", Description="d")["GroupId"]
        for kind, name in (("vpc-ID", self.vpc), ("subnet-ID", subnet), ("sg-ID", group)):
            self._named(kind, name)
        return {"SubnetIds": [subnet], "SecurityGroupIds": [group]}

    def capacity(self, name: str) -> dict:
        """Return the parameters of a new capacity provider."""
        return {
            "CapacityProviderName": name,
            "VpcConfig": self.network,
            "PermissionsConfig": {"CapacityProviderOperatorRoleArn": self.operator},
        }

    @cached_property
    def provider(self) -> str:
        """Return the name of a capacity provider."""
        name = self._named("provider", unique("provider"))
        self.admin.create_capacity_provider(**self.capacity(name), Tags=TAGS)
        return name

    @property
    def capacity_provider(self) -> str:
        """Return the ARN of a capacity provider that a function asks for. Whether it is there is not asked first."""
        return self.other("capacity-provider", "any")

    @property
    def on_instances(self) -> dict:
        """Return the configuration of a function on that capacity provider."""
        return {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": self.capacity_provider}}

    @property
    def kms_key(self) -> str:
        """Return the ARN of a key."""
        return f"arn:aws:kms:{REGION}:{self.house.id}:key/00000000-0000-0000-0000-000000000000"

    @property
    def execution(self) -> str:
        """Return the ARN of a durable execution. There is none here: who is allowed is told that."""
        return f"{self.arn('1')}/durable-execution/name/0123456789"
