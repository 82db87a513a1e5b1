"""Scene 3: rights come through groups and roles, within boundary and session policy; an explicit deny beats all."""

import pytest

from support.account import assumed, unique
from support.cli import CliError, aws
from support.errors import denied
from support.policy import allow, deny, document, text, trust

ACTION = "lambda:GetFunction"


@pytest.fixture(scope="module")
def function(house):
    """Return the name of the function that everybody asks for."""
    return house.function()


@pytest.fixture
def group(house):
    """Return the name of a group that may read functions."""
    name = unique("group")
    house.admin.iam.create_group(GroupName=name)
    house.admin.iam.put_group_policy(
        GroupName=name, PolicyName="inline", PolicyDocument=text(document(allow([ACTION, "sts:AssumeRole"])))
    )
    return name


def test_a_right_comes_and_goes_with_a_group(house, function, group):
    user = house.user()
    arn = house.function_arn(function)
    with denied(ACTION, arn, caller=user.arn):
        user.lambda_.get_function(FunctionName=function)
    house.admin.iam.add_user_to_group(GroupName=group, UserName=user.name)
    user.lambda_.get_function(FunctionName=function)
    house.admin.iam.remove_user_from_group(GroupName=group, UserName=user.name)
    with denied(ACTION, arn):
        user.lambda_.get_function(FunctionName=function)


def test_a_right_comes_through_a_role(house, function):
    user = house.user(allow("sts:AssumeRole"))
    role = house.role(allow(ACTION), trust=trust({"AWS": house.root}))
    session = assumed(user, role, "at-work")
    assert session.arn == f"arn:aws:sts::{house.id}:assumed-role/{role.rsplit('/', 1)[1]}/at-work"
    session.lambda_.get_function(FunctionName=function)
    with denied("lambda:InvokeFunction", house.function_arn(function), caller=session.arn):
        session.lambda_.invoke(FunctionName=function)


def test_a_role_that_trusts_the_account_still_needs_the_users_own_right(house):
    user = house.user()
    role = house.role(allow(ACTION), trust=trust({"AWS": house.root}))
    with denied("sts:AssumeRole") as refusal:
        assumed(user, role)
    assert refusal.message == f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"


def test_a_role_that_trusts_the_user_needs_nothing_else(house, function):
    user = house.user()
    role = house.role(allow(ACTION), trust=trust({"AWS": user.arn}))
    assumed(user, role).lambda_.get_function(FunctionName=function)


def test_a_role_that_does_not_trust_the_caller_is_closed(house):
    user = house.user(allow("sts:AssumeRole"))
    role = house.role(allow(ACTION))
    with denied("sts:AssumeRole") as refusal:
        assumed(user, role)
    assert (refusal.code, refusal.status) == ("AccessDenied", 403)
    assert refusal.message == f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"


def test_a_permissions_boundary_limits_a_user(house, function):
    user = house.user(allow("lambda:*"))
    boundary = house.managed_policy(allow(["lambda:GetFunctionConfiguration"]))
    user.lambda_.get_function(FunctionName=function)
    house.admin.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    user.lambda_.get_function_configuration(FunctionName=function)
    with denied(ACTION, house.function_arn(function), f"because no permissions boundary allows the {ACTION} action"):
        user.lambda_.get_function(FunctionName=function)
    house.admin.iam.delete_user_permissions_boundary(UserName=user.name)
    user.lambda_.get_function(FunctionName=function)


def test_a_permissions_boundary_gives_nothing(house, function):
    user = house.user()
    boundary = house.managed_policy(allow("*"))
    house.admin.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    with denied(ACTION, house.function_arn(function)):
        user.lambda_.get_function(FunctionName=function)


def test_a_session_policy_limits_a_session(house, function):
    role = house.role(allow("lambda:*"), trust=trust({"AWS": house.root}))
    narrow = text(document(allow("lambda:GetFunctionConfiguration")))
    session = assumed(house.admin, role, Policy=narrow)
    session.lambda_.get_function_configuration(FunctionName=function)
    with denied(ACTION, house.function_arn(function), f"because no session policy allows the {ACTION} action"):
        session.lambda_.get_function(FunctionName=function)


def test_role_boundary_and_session_policy_all_have_to_allow(house, function):
    boundary = house.managed_policy(allow(["lambda:GetFunction", "lambda:GetPolicy"]))
    role = house.role(
        allow(["lambda:GetFunction", "lambda:ListFunctions"]),
        trust=trust({"AWS": house.root}),
        PermissionsBoundary=boundary,
    )
    session = assumed(house.admin, role, Policy=text(document(allow(["lambda:Get*", "lambda:ListFunctions"]))))
    session.lambda_.get_function(FunctionName=function)
    with denied("lambda:ListFunctions", "*", "because no permissions boundary allows the lambda:ListFunctions action"):
        session.lambda_.list_functions()
    with denied("lambda:GetPolicy", house.function_arn(function)):
        session.lambda_.get_policy(FunctionName=function)


def test_an_explicit_deny_beats_the_right_from_a_group(house, function, group):
    user = house.user(deny(ACTION))
    house.admin.iam.add_user_to_group(GroupName=group, UserName=user.name)
    with denied(ACTION, house.function_arn(function), "with an explicit deny in an identity-based policy"):
        user.lambda_.get_function(FunctionName=function)


def test_an_explicit_deny_beats_administrator_access(house, function):
    user = house.user(allow("*"))
    managed = house.managed_policy(deny("lambda:Get*"))
    house.admin.iam.attach_user_policy(UserName=user.name, PolicyArn=managed)
    with denied(ACTION, house.function_arn(function), f"with an explicit deny in an identity-based policy: {managed}"):
        user.lambda_.get_function(FunctionName=function)


def test_an_explicit_deny_in_a_boundary_or_session_policy_is_named(house, function):
    arn = house.function_arn(function)
    user = house.user(allow("*"))
    boundary = house.managed_policy(allow("*"), deny(ACTION))
    house.admin.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    with denied(ACTION, arn, f"with an explicit deny in a permissions boundary: {boundary}"):
        user.lambda_.get_function(FunctionName=function)
    role = house.role(allow("*"), trust=trust({"AWS": house.root}))
    session = assumed(house.admin, role, Policy=text(document(allow("*"), deny(ACTION))))
    with denied(ACTION, arn, "with an explicit deny in a session policy"):
        session.lambda_.get_function(FunctionName=function)


def test_an_explicit_deny_beats_the_functions_own_policy(house):
    function = house.function()
    user = house.user(deny("lambda:InvokeFunction"))
    house.admin.lambda_.add_permission(
        FunctionName=function, StatementId="open", Action="lambda:InvokeFunction", Principal=user.arn
    )
    with denied(
        "lambda:InvokeFunction", house.function_arn(function), "with an explicit deny in an identity-based policy"
    ):
        user.lambda_.invoke(FunctionName=function)


def test_the_scene_with_the_aws_command_line(house, function):
    user = house.user(allow("sts:AssumeRole"))
    role = house.role(allow("lambda:*"), trust=trust({"AWS": house.root}))
    boundary = house.managed_policy(allow("lambda:GetFunction"))
    name = role.rsplit("/", 1)[1]
    aws(house.admin, f"iam put-role-permissions-boundary --role-name {name} --permissions-boundary {boundary}")
    aws(user, f"sts assume-role --role-arn {role} --role-session-name cli")
    session = assumed(user, role, "cli")
    aws(session, f"lambda get-function --function-name {function}")
    with pytest.raises(CliError, match="because no permissions boundary allows the lambda:InvokeFunction action"):
        aws(session, f"lambda invoke --function-name {function} /dev/null")
    policy = text(document(deny("lambda:GetFunction")))
    aws(house.admin, f"iam put-role-policy --role-name {name} --policy-name no", policy_document=policy)
    with pytest.raises(CliError, match="with an explicit deny in an identity-based policy"):
        aws(session, f"lambda get-function --function-name {function}")
