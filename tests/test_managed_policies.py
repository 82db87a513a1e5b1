"""The policies that AWS manages, attached through IAM: what each opens is answered, what it leaves closed is denied.

The calls are in `managed_policies.txt`; every statement of every policy has its lines in the engine's own file,
`crates/catalog/tests/managed-policies.txt`.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from support.account import House
from support.identity import Identity
from support.server import ROOT

PUBLISHED = {
    policy["name"]: policy
    for policy in json.loads((ROOT / "crates/catalog/data/managed-policies.json").read_text())
}
# A denial; the status of those services whose protocol is JSON is 400.
DENIAL = re.compile(r"40[03] (AccessDenied|AccessDeniedException|UnauthorizedOperation): ")


@dataclass
class Lines:
    """The lines of a policy."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def tables() -> dict[str, Lines]:
    """Return the lines of each policy."""
    found: dict[str, Lines] = {}
    for line in Path(__file__).with_name("managed_policies.txt").read_text().splitlines():
        sign, _, rest = line.partition(" ")
        if sign in "+-!" and rest:
            lines = next(reversed(found.values()))
            {"+": lines.opened, "-": lines.closed, "!": lines.refused}[sign].append(rest)
        elif line and sign != "#":
            found[line] = Lines()
    return found


TABLES = tables()


class Scene:
    """A user who gets one policy after the other, and what the calls are made on."""

    def __init__(self, house: House):
        self.house = house
        self.user: Identity = house.user()
        admin = house.admin
        for name in ("managed", "CodeDeployHook_before"):
            house.function(FunctionName=name)
        admin.lambda_.publish_version(FunctionName="managed")
        admin.lambda_.create_alias(FunctionName="managed", Name="live", FunctionVersion="1")
        house.wait_until_active("managed", Qualifier="1")
        buckets = {"managed": ["app.zip", "CodeDeploy/app.zip"], "deeplens": ["model"], "sagemaker": []}
        for name, keys in buckets.items():
            bucket = f"{name}-{house.id}"
            admin.s3.create_bucket(Bucket=bucket)
            for key in keys:
                admin.s3.put_object(Bucket=bucket, Key=key, Body=b"PK")
        for group in ("/aws/lambda/managed", "/aws/lambda/execute", "/other"):
            admin.logs.create_log_group(logGroupName=group)
        vpc = admin.ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
        group = admin.ec2.create_security_group(VpcId=vpc, GroupName="managed", Description="d")
        self.names = {
            "account": house.id,
            "execution": f"{house.function_arn('managed:1')}/durable-execution/name/1",
            "queue": admin.sqs.create_queue(QueueName="managed")["QueueUrl"],
            "subnet": admin.ec2.create_subnet(VpcId=vpc, CidrBlock="10.60.1.0/24")["Subnet"]["SubnetId"],
            "group": group["GroupId"],
        }

    def attach(self, arn: str) -> str:
        """Attach a policy and return what that is answered, in a line."""
        return told(lambda: self.house.admin.iam.attach_user_policy(UserName=self.user.name, PolicyArn=arn))

    def detach(self, arn: str) -> None:
        """Take the policy away."""
        self.house.admin.iam.detach_user_policy(UserName=self.user.name, PolicyArn=arn)

    def ask(self, line: str) -> str:
        """Make the call of a line as the user, and return what it is answered, in a line."""
        service, operation, written = line.split(" ", 2)
        for name, here in self.names.items():
            written = written.replace(f"{{{name}}}", here)
        call = getattr(self.user.client(service), xform_name(operation))
        return told(lambda: call(**json.loads(written)))


def told(call) -> str:
    """Return what a call is answered, in a line."""
    try:
        return str(call()["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as error:
        said = error.response["Error"]
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {said['Code']}: {said.get('Message')}"


@pytest.fixture(scope="module")
def scene(house):
    """Return what the calls are made on."""
    return Scene(house)


def test_every_policy_has_lines_of_both_kinds():
    assert set(TABLES) == set(PUBLISHED)
    attachable = {name for name, policy in PUBLISHED.items() if policy["attachable"]}
    assert {name for name, lines in TABLES.items() if lines.opened and lines.closed} == attachable
    assert {name for name, lines in TABLES.items() if lines.refused} == set(PUBLISHED) - attachable


@pytest.mark.parametrize("name", TABLES)
def test_an_attached_policy_opens_what_it_says_and_nothing_else(scene, name):
    lines, arn = TABLES[name], PUBLISHED[name]["arn"]
    attached = scene.attach(arn)
    if lines.refused:
        assert [attached] == lines.refused
        return
    try:
        for line in asked(lines.opened):
            assert not DENIAL.match(scene.ask(line)), f"{line}: {scene.ask(line)}"
        for line in asked(lines.closed):
            assert DENIAL.match(scene.ask(line)), f"{line}: {scene.ask(line)}"
    finally:
        scene.detach(arn)
    for line in asked(lines.opened):
        assert DENIAL.match(scene.ask(line)), f"{line} is open without the policy: {scene.ask(line)}"


def asked(lines: list[str]) -> list[str]:
    """Return the lines that are calls."""
    return [line for line in lines if not line.startswith(":")]
