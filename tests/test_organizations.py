"""Policies of an organization bind its members: callers by service control policies, resources by resource control ones."""

import json

import pytest

from support.account import Account, assumed, unique
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow, deny, document, text, trust
from support.server import rolecall
from support.waiting import eventually

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
DENIED_BY_SCP = "with an explicit deny in a service control policy"
DENIED_BY_RCP = "with an explicit deny in a resource control policy"


@pytest.fixture(scope="module")
def organizations(house, other_account):
    """Return the management account's client; the organization exists and has both types of policy."""
    client = house.admin.organizations
    enabled = {kind["Type"] for kind in client.list_roots()["Roots"][0]["PolicyTypes"]}
    for kind in {SCP, RCP} - enabled:
        client.enable_policy_type(RootId=root_of(client), PolicyType=kind)
    return client


@pytest.fixture(scope="module")
def member(house, organizations) -> Account:
    """Return a member account of this file's own, entered as its administrator."""
    request = organizations.create_account(AccountName="member", Email=f"{unique('member')}@example.com")

    def made():
        request_id = request["CreateAccountStatus"]["Id"]
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request_id)
        return answer["CreateAccountStatus"].get("AccountId")

    account_id = eventually(made)
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return Account(assumed(house.admin, role), account_id)


@pytest.fixture
def unit(organizations, member):
    """Return an organizational unit that the member is in for one test."""
    root = root_of(organizations)
    made = organizations.create_organizational_unit(ParentId=root, Name=unique("unit"))["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=member.id, SourceParentId=root, DestinationParentId=made)
    yield made
    if organizations.list_parents(ChildId=member.id)["Parents"][0]["Id"] == made:
        organizations.move_account(AccountId=member.id, SourceParentId=made, DestinationParentId=root)
    organizations.delete_organizational_unit(OrganizationalUnitId=made)


@pytest.fixture
def attached(organizations):
    """Return a function that writes a policy and attaches it, until the test ends."""
    made = []

    def attach(kind: str, target: str, *statements: dict) -> str:
        policy = organizations.create_policy(
            Name=unique("policy"), Description="", Type=kind, Content=text(document(*statements))
        )["Policy"]["PolicySummary"]
        organizations.attach_policy(PolicyId=policy["Id"], TargetId=target)
        made.append((policy["Id"], target))
        return policy["Arn"]

    yield attach
    for policy, target in made:
        organizations.detach_policy(PolicyId=policy, TargetId=target)
        organizations.delete_policy(PolicyId=policy)


def root_of(client) -> str:
    """Return the id of the organization's root."""
    return client.list_roots()["Roots"][0]["Id"]


def deny_everybody(action: str, condition: dict | None = None) -> dict:
    """Return a statement of a resource control policy."""
    return deny(action, condition=condition) | {"Principal": "*"}


def explained(asker, decision: str) -> dict:
    """Return what `rolecall why` says to somebody."""
    environment = asker.credentials.as_environment() | {"AWS_DEFAULT_REGION": asker.region}
    answer = rolecall("why", decision, "--endpoint", asker.endpoint, "--output", "json", **environment)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)["explanation"]


def test_a_service_control_policy_of_a_unit_stops_the_administrator_of_a_member(house, member, unit, attached):
    function = member.function_arn("f")
    with refused("ResourceNotFoundException"):
        member.admin.lambda_.get_function(FunctionName="f")
    arn = attached(SCP, unit, deny("lambda:Get*") | {"Sid": "NoReading"})
    with denied("lambda:GetFunction", function, f"{DENIED_BY_SCP}: {arn}", member.admin.arn) as refusal:
        member.admin.lambda_.get_function(FunctionName="f")
    statement = explained(member.admin, refusal.decision)["determining"][0]
    assert (statement["policyArn"], statement["sid"]) == (arn, "NoReading")
    # The management account is not bound.
    with refused("ResourceNotFoundException"):
        house.admin.lambda_.get_function(FunctionName="f")


def test_what_no_service_control_policy_allows_is_denied(organizations, member, unit, attached):
    attached(SCP, unit, allow(["lambda:*", "sts:*"]))
    organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    try:
        because = "because no service control policy allows the iam:GetRole action"
        with denied("iam:GetRole", member.role_arn("r"), because):
            member.admin.iam.get_role(RoleName="r")
        assert member.admin.lambda_.list_functions()["Functions"] == []
    finally:
        organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)


def test_moving_an_account_counts_for_the_next_call(organizations, member, unit, attached):
    attached(SCP, unit, deny("s3:*"))
    with denied("s3:ListAllMyBuckets", None, None):
        member.admin.s3.list_buckets()
    root = root_of(organizations)
    organizations.move_account(AccountId=member.id, SourceParentId=unit, DestinationParentId=root)
    assert member.admin.s3.list_buckets()["Buckets"] == []


def test_a_policy_reads_the_place_of_the_caller_in_the_tree(organizations, member, unit):
    paths = organizations.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]["Path"]
    condition = {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": paths}}
    user = member.user(allow("lambda:ListFunctions", condition=condition))
    assert user.lambda_.list_functions()["Functions"] == []
    root = root_of(organizations)
    organizations.move_account(AccountId=member.id, SourceParentId=unit, DestinationParentId=root)
    with denied("lambda:ListFunctions"):
        user.lambda_.list_functions()


def test_a_resource_control_policy_stops_a_foreign_caller(house, member, unit, attached):
    visitor = house.user(allow("*"))
    role = member.role(allow("*"), trust=trust({"AWS": house.id}))
    bucket = member.bucket()
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}"}
    member.admin.s3.put_bucket_policy(Bucket=bucket, Policy=text(document(statement)))
    assert assumed(visitor, role).arn
    visitor.s3.list_objects_v2(Bucket=bucket)
    foreign = {"StringNotEquals": {"aws:PrincipalAccount": member.id}}
    attached(RCP, unit, deny_everybody("sts:AssumeRole", foreign), deny_everybody("s3:*", foreign))
    with denied("sts:AssumeRole"):
        assumed(visitor, role)
    # S3 tells callers of other accounts no reason; the owner's own administrator reads it.
    with refused("AccessDenied", "Access Denied") as refusal:
        visitor.s3.list_objects_v2(Bucket=bucket)
    assert DENIED_BY_RCP in explained(member.admin, refusal.decision)["message"]
    member.admin.s3.list_objects_v2(Bucket=bucket)


def test_an_organization_with_the_aws_command_line(house, organizations, member, unit):
    content = text(document(deny("logs:*")))
    policy = aws(
        house.admin, f"organizations create-policy --name {unique('cli')} --type {SCP} --description cli", content=content
    )["Policy"]["PolicySummary"]
    place = f"--policy-id {policy['Id']} --target-id {unit}"
    aws(house.admin, f"organizations attach-policy {place}")
    listed = aws(house.admin, f"organizations list-policies-for-target --target-id {unit} --filter {SCP}")["Policies"]
    assert {entry["Id"] for entry in listed} == {"p-FullAWSAccess", policy["Id"]}
    with pytest.raises(CliError, match=DENIED_BY_SCP):
        aws(member.admin, "logs describe-log-groups")
    with pytest.raises(CliError, match="PolicyInUseException"):
        aws(house.admin, f"organizations delete-policy --policy-id {policy['Id']}")
    aws(house.admin, f"organizations detach-policy {place}")
    aws(house.admin, f"organizations delete-policy --policy-id {policy['Id']}")
    assert aws(member.admin, "logs describe-log-groups")["logGroups"] == []


def test_a_member_has_no_say(member, organizations):
    root = root_of(organizations)
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        member.admin.organizations.create_organizational_unit(ParentId=root, Name="own")
    with refused("OrganizationNotEmptyException"):
        organizations.delete_organization()
