"""An account at a server, and the things that tests make in it."""

import itertools
import json
import uuid
from functools import cached_property

from botocore.exceptions import ClientError

from support.bundle import bundle, source
from support.identity import Credentials, Identity
from support.policy import LAMBDA_TRUST, Policy, document, text
from support.runtimes import newest_python
from support.server import ACCOUNT, REGION, Server

BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """Return a name that nothing else has, so that tests do not meet."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:6]}"


class Account:
    """An account, seen by its administrator."""

    def __init__(self, admin: Identity, account_id: str):
        self.admin = admin
        self.id = account_id
        self.root = f"arn:aws:iam::{account_id}:root"

    # ARNs.

    def function_arn(self, name: str) -> str:
        """Return the ARN of a function, or of `name:qualifier`."""
        return f"arn:aws:lambda:{REGION}:{self.id}:function:{name}"

    def role_arn(self, name: str) -> str:
        """Return the ARN of a role."""
        return f"arn:aws:iam::{self.id}:role/{name}"

    def policy_arn(self, name: str) -> str:
        """Return the ARN of a customer managed policy."""
        return f"arn:aws:iam::{self.id}:policy/{name}"

    # Principals.

    def user(self, *statements: dict, name: str | None = None) -> Identity:
        """Make a user with an access key, and with an inline policy where statements are given."""
        name = name or unique("user")
        arn = self.admin.iam.create_user(UserName=name)["User"]["Arn"]
        if statements:
            self.put_user_policy(name, document(*statements))
        return Identity(self.admin.endpoint, self.key_of(name), arn)

    def key_of(self, user: str) -> Credentials:
        """Make an access key for a user."""
        key = self.admin.iam.create_access_key(UserName=user)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def put_user_policy(self, user: str, policy: Policy, name: str = "inline") -> None:
        """Set an inline policy of a user."""
        self.admin.iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=text(policy))

    def managed_policy(self, *statements: dict) -> str:
        """Make a managed policy and return its ARN."""
        policy = text(document(*statements))
        return self.admin.iam.create_policy(PolicyName=unique("policy"), PolicyDocument=policy)["Policy"]["Arn"]

    def role(
        self,
        *statements: dict,
        trust: Policy = LAMBDA_TRUST,
        managed: tuple[str, ...] = (),
        name: str | None = None,
        **settings,
    ) -> str:
        """Make a role, with an inline policy where statements are given, and return its ARN."""
        name = name or unique("role")
        role = self.admin.iam.create_role(RoleName=name, AssumeRolePolicyDocument=text(trust), **settings)["Role"]
        if statements:
            policy = text(document(*statements))
            self.admin.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy)
        for arn in managed:
            self.admin.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        return role["Arn"]

    @cached_property
    def basic_role(self) -> str:
        """Return the ARN of an execution role that may write logs and do nothing else."""
        return self.role(managed=(BASIC_EXECUTION,))

    # Things.

    def function(self, code: str | bytes = "python/probe.py", role: str | None = None, **settings) -> str:
        """Make a function from a file of tests/functions or from a zip, wait until it is active, return its name."""
        name = settings.pop("FunctionName", None) or unique("function")
        settings.setdefault("Runtime", newest_python())
        settings.setdefault("Handler", handler_of(code) if isinstance(code, str) else "probe.handler")
        self.admin.lambda_.create_function(
            FunctionName=name, Role=role or self.basic_role, Code={"ZipFile": packed(code)}, **settings
        )
        self.wait_until_active(name)
        return name

    def wait_until_active(self, name: str, **qualifier: str) -> None:
        """Wait until a new function, or a new version of it (`Qualifier="1"`), can be invoked."""
        waiter = self.admin.lambda_.get_waiter("function_active_v2")
        waiter.wait(FunctionName=name, **qualifier, WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})

    def wait_until_updated(self, name: str) -> None:
        """Wait until an update of a function is done."""
        waiter = self.admin.lambda_.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})

    def layer(self, files: dict[str, str] | None = None, name: str | None = None) -> str:
        """Publish a layer version and return its ARN."""
        content = {"ZipFile": bundle(files or {"python/unused.py": ""})}
        return self.admin.lambda_.publish_layer_version(LayerName=name or unique("layer"), Content=content)[
            "LayerVersionArn"
        ]

    def bucket(self) -> str:
        """Make a bucket and return its name."""
        name = unique("bucket")
        self.admin.s3.create_bucket(Bucket=name)
        return name

    def queue(self, **attributes: str) -> str:
        """Make a queue and return its URL."""
        return self.admin.sqs.create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]

    def queue_arn(self, url: str) -> str:
        """Return the ARN of a queue."""
        return f"arn:aws:sqs:{REGION}:{self.id}:{url.rsplit('/', 1)[1]}"

    def topic(self) -> str:
        """Make a topic and return its ARN."""
        return self.admin.sns.create_topic(Name=unique("topic"))["TopicArn"]

    def log_lines(self, function: str) -> list[str]:
        """Return what a function's log group holds, oldest first; nothing where there is no such group."""
        pages = self.admin.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        try:
            return [event["message"] for page in pages for event in page["events"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return []
            raise


class House(Account):
    """A server and its first account."""

    def __init__(self, server: Server):
        arn = f"arn:aws:iam::{ACCOUNT}:user/admin"
        super().__init__(Identity(server.endpoint, server.administrator(), arn), ACCOUNT)
        self.server = server


def assumed(caller: Identity, role: str, session: str = "session", **settings) -> Identity:
    """Assume a role and return the session."""
    answer = caller.sts.assume_role(RoleArn=role, RoleSessionName=session, **settings)
    return Identity(caller.endpoint, Credentials.of_session(answer), answer["AssumedRoleUser"]["Arn"])


def packed(code: str | bytes) -> bytes:
    """Return the zip of a file of tests/functions; a zip is returned as it is."""
    return code if isinstance(code, bytes) else bundle({code.rsplit("/", 1)[-1]: source(code)})


def handler_of(path: str) -> str:
    """Return the handler of a file: `python/probe.py` has `probe.handler`."""
    return f"{path.rsplit('/', 1)[-1].split('.')[0]}.handler"


def invoke(caller: Identity, function: str, event: object = None, **settings):
    """Invoke a function and return its answer, parsed; fail where the function failed."""
    answer = caller.lambda_.invoke(FunctionName=function, Payload=json.dumps(event), **settings)
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload
