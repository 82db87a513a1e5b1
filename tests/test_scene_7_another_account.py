"""Scene 7: another account invokes an alias only when both sides allow; the rest of the function stays closed."""

import pytest

from support.account import invoke
from support.cli import CliError, aws
from support.errors import denied
from support.policy import allow

ACTION = "lambda:InvokeFunction"
NO_RESOURCE_POLICY = f"because no resource-based policy allows the {ACTION} action"


@pytest.fixture
def shared(house):
    """Return a function with the published version 1 and the alias `live` of it."""
    function = house.function()
    house.admin.lambda_.publish_version(FunctionName=function)
    house.admin.lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    return function


def open_alias(house, function: str, principal: str) -> None:
    """Let a principal invoke the alias."""
    house.admin.lambda_.add_permission(
        FunctionName=function, Qualifier="live", StatementId="visitors", Action=ACTION, Principal=principal
    )


def test_the_accounts_are_in_one_organization(house, other_account):
    accounts = house.admin.organizations.list_accounts()["Accounts"]
    assert {house.id, other_account.id} <= {account["Id"] for account in accounts}
    caller = other_account.admin.sts.get_caller_identity()
    assert caller["Account"] == other_account.id
    assert caller["Arn"] == f"arn:aws:sts::{other_account.id}:assumed-role/OrganizationAccountAccessRole/session"


def test_both_sides_have_to_allow(house, other_account, shared):
    alias = house.function_arn(f"{shared}:live")
    visitor = other_account.user()
    # Neither side, then only the function's, then both, then only the caller's.
    with denied(ACTION, alias, caller=visitor.arn):
        visitor.lambda_.invoke(FunctionName=alias)
    open_alias(house, shared, other_account.id)
    with denied(ACTION, alias):
        visitor.lambda_.invoke(FunctionName=alias)
    other_account.put_user_policy(visitor.name, {"Version": "2012-10-17", "Statement": [allow(ACTION, alias)]})
    assert invoke(visitor, alias, "hello") == "hello"
    house.admin.lambda_.remove_permission(FunctionName=shared, Qualifier="live", StatementId="visitors")
    with denied(ACTION, alias, NO_RESOURCE_POLICY):
        visitor.lambda_.invoke(FunctionName=alias)


def test_everything_but_the_alias_stays_closed(house, other_account, shared):
    open_alias(house, shared, other_account.id)
    visitor = other_account.user(allow("*"))
    arn = house.function_arn(shared)
    assert invoke(visitor, f"{arn}:live", 1) == 1
    for closed in (arn, f"{arn}:1", f"{arn}:$LATEST"):
        with denied(ACTION, closed, NO_RESOURCE_POLICY):
            visitor.lambda_.invoke(FunctionName=closed)
    with denied(
        "lambda:GetFunction", f"{arn}:live", "because no resource-based policy allows the lambda:GetFunction action"
    ):
        visitor.lambda_.get_function(FunctionName=f"{arn}:live")


def test_a_role_session_of_the_other_account_is_treated_alike(house, other_account, shared):
    alias = house.function_arn(f"{shared}:live")
    with denied(ACTION, alias, NO_RESOURCE_POLICY):
        other_account.admin.lambda_.invoke(FunctionName=alias)
    open_alias(house, shared, other_account.root)
    assert invoke(other_account.admin, alias, [1]) == [1]


def test_a_permission_for_one_user_does_not_open_the_alias_to_others(house, other_account, shared):
    alias = house.function_arn(f"{shared}:live")
    named, unnamed = other_account.user(allow("*")), other_account.user(allow("*"))
    open_alias(house, shared, named.arn)
    assert invoke(named, alias, True) is True
    with denied(ACTION, alias, NO_RESOURCE_POLICY):
        unnamed.lambda_.invoke(FunctionName=alias)


def test_a_new_user_of_a_deleted_users_name_does_not_inherit_the_permission(house, other_account, shared):
    alias = house.function_arn(f"{shared}:live")
    visitor = other_account.user(allow("*"))
    open_alias(house, shared, visitor.arn)
    assert invoke(visitor, alias, 1) == 1
    iam = other_account.admin.iam
    iam.delete_user_policy(UserName=visitor.name, PolicyName="inline")
    iam.delete_access_key(UserName=visitor.name, AccessKeyId=visitor.credentials.access_key_id)
    iam.delete_user(UserName=visitor.name)
    namesake = other_account.user(allow("*"), name=visitor.name)
    with denied(ACTION, alias, NO_RESOURCE_POLICY):
        namesake.lambda_.invoke(FunctionName=alias)


def test_a_function_that_does_not_exist_is_not_told_from_a_closed_one(house, other_account):
    arn = house.function_arn("there-is-no-such-function")
    with denied(ACTION, arn, NO_RESOURCE_POLICY):
        other_account.admin.lambda_.invoke(FunctionName=arn)


def test_the_scene_with_the_aws_command_line(house, other_account, shared, tmp_path):
    alias = house.function_arn(f"{shared}:live")
    visitor = other_account.user(allow(ACTION, alias))
    answer = tmp_path / "answer"
    with pytest.raises(CliError, match=NO_RESOURCE_POLICY):
        aws(visitor, f"lambda invoke --function-name {alias} {answer}")
    statement = f"--statement-id cli --action {ACTION} --principal {other_account.id}"
    aws(house.admin, f"lambda add-permission --function-name {shared} --qualifier live {statement}")
    assert aws(visitor, f"lambda invoke --function-name {alias} {answer}")["ExecutedVersion"] == "1"
    with pytest.raises(CliError, match="AccessDeniedException"):
        aws(visitor, f"lambda invoke --function-name {house.function_arn(shared)} {answer}")
