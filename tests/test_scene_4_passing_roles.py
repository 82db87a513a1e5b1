"""Scene 4: CreateFunction needs iam:PassRole on a role that Lambda may assume."""

import pytest

from support.account import packed, unique
from support.errors import denied, refused
from support.policy import allow, deny, trust
from support.runtimes import newest_python

NOT_ASSUMABLE = "The role defined for the function cannot be assumed by Lambda."


def create(caller, role: str) -> str:
    """Create a function with the role and return its name."""
    name = unique("function")
    caller.lambda_.create_function(
        FunctionName=name,
        Runtime=newest_python(),
        Handler="probe.handler",
        Role=role,
        Code={"ZipFile": packed("python/probe.py")},
    )
    return name


def test_the_caller_needs_pass_role_on_the_role(house):
    developer = house.user(allow("lambda:*"))
    with denied("iam:PassRole", house.basic_role, caller=developer.arn) as refusal:
        create(developer, house.basic_role)
    assert (refusal.code, refusal.status) == ("AccessDeniedException", 403)


def test_pass_role_on_another_role_does_not_help(house):
    developer = house.user(allow("lambda:*"), allow("iam:PassRole", house.role()))
    with denied("iam:PassRole", house.basic_role):
        create(developer, house.basic_role)


def test_pass_role_may_be_limited_to_a_service(house):
    def to(service: str) -> dict:
        return {"StringEquals": {"iam:PassedToService": service}}

    for_lambda = house.user(allow("lambda:*"), allow("iam:PassRole", condition=to("lambda.amazonaws.com")))
    create(for_lambda, house.basic_role)
    for_ec2 = house.user(allow("lambda:*"), allow("iam:PassRole", condition=to("ec2.amazonaws.com")))
    with denied("iam:PassRole", house.basic_role):
        create(for_ec2, house.basic_role)


def test_an_explicit_deny_of_pass_role_counts(house):
    developer = house.user(allow("*"), deny("iam:PassRole", house.basic_role))
    with denied("iam:PassRole", house.basic_role, "with an explicit deny in an identity-based policy"):
        create(developer, house.basic_role)


def test_a_role_that_trusts_somebody_else_is_refused(house):
    role = house.role(trust=trust({"Service": "ec2.amazonaws.com"}))
    with refused("InvalidParameterValueException", NOT_ASSUMABLE, 400):
        create(house.admin, role)


def test_a_role_that_does_not_exist_is_refused(house):
    with refused("InvalidParameterValueException", NOT_ASSUMABLE, 400):
        create(house.admin, house.role_arn(unique("missing")))


@pytest.mark.parametrize("role", ["not-an-arn", "arn:aws:iam::111122223333:user/somebody"])
def test_something_that_is_no_role_is_refused(house, role):
    with refused("ValidationException", status=400) as refusal:
        create(house.admin, role)
    assert f"Value '{role}' at 'role' failed to satisfy constraint" in refusal.message


def test_a_role_of_another_account_cannot_be_passed(house, other_account):
    role = other_account.role()
    with refused("AccessDeniedException") as refusal:
        create(house.admin, role)
    assert "pass role" in refusal.message.lower() or "iam:PassRole" in refusal.message


def test_an_update_that_changes_the_role_is_checked_too(house):
    developer = house.user(allow("lambda:*"))
    function = house.function()
    developer.lambda_.update_function_configuration(FunctionName=function, Timeout=5)
    house.wait_until_updated(function)
    other = house.role()
    with denied("iam:PassRole", other):
        developer.lambda_.update_function_configuration(FunctionName=function, Role=other)
    untrusting = house.role(trust=trust({"Service": "ec2.amazonaws.com"}))
    with refused("InvalidParameterValueException", NOT_ASSUMABLE):
        house.admin.lambda_.update_function_configuration(FunctionName=function, Role=untrusting)
