"""What AWS does in one way or another, and the operator chooses."""

import pytest

from support.account import House
from support.function_url import request, signed
from support.policy import allow, deny


@pytest.fixture
def house(server):
    """Return a server that is set up like AWS's older accounts."""
    server.start("--url-auth", "legacy", "--function-tags", "always")
    return House(server)


def test_a_url_needs_one_right_only(house):
    name = house.function()
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")["FunctionUrl"]
    arn = house.function_arn(name)
    by_url, invoke = allow("lambda:InvokeFunctionUrl", arn), allow("lambda:InvokeFunction", arn)
    for statements, status in [
        ([], 403),
        ([invoke], 403),
        ([by_url], 200),
        ([by_url, deny("lambda:InvokeFunctionUrl", arn)], 403),
    ]:
        made = signed(request(url, house.admin.endpoint), house.user(*statements))
        assert made.send()[0] == status, statements


def test_tags_are_shown_without_the_right_to_list_them(house):
    name = house.function(Tags={"team": "red"})
    for statements in [
        [allow("lambda:GetFunction")],
        [allow("lambda:GetFunction"), deny("lambda:ListTags")],
    ]:
        user = house.user(*statements)
        assert user.lambda_.get_function(FunctionName=name)["Tags"] == {"team": "red"}
