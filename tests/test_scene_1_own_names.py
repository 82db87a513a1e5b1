"""Scene 1: a user whose policy names `${aws:username}` works on functions under the own name, and on no other."""

import json

import pytest

from support.account import invoke, packed, unique
from support.cli import CliError, aws
from support.errors import denied
from support.policy import allow
from support.runtimes import newest_python

OWN_FUNCTIONS = "arn:aws:lambda:*:*:function:${aws:username}-*"


@pytest.fixture
def developer(house):
    """Return a user who may do everything with functions under the own name, and pass the basic role."""
    return house.user(allow("lambda:*", OWN_FUNCTIONS), allow("iam:PassRole", house.basic_role))


def creation(house, name: str) -> dict:
    """Return the parameters of CreateFunction."""
    return {
        "FunctionName": name,
        "Runtime": newest_python(),
        "Handler": "probe.handler",
        "Role": house.basic_role,
        "Code": {"ZipFile": packed("python/probe.py")},
    }


def test_a_user_creates_invokes_and_deletes_functions_under_the_own_name(house, developer):
    name = f"{developer.name}-hello"
    developer.lambda_.create_function(**creation(house, name))
    developer.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
    assert invoke(developer, name, {"hello": "world"}) == {"hello": "world"}
    developer.lambda_.delete_function(FunctionName=name)
    with pytest.raises(developer.lambda_.exceptions.ResourceNotFoundException):
        developer.lambda_.get_function(FunctionName=name)


def test_a_user_is_denied_functions_under_any_other_name(house, developer):
    name = unique("someone-else")
    house.function(FunctionName=name)
    arn = house.function_arn(name)
    client = developer.lambda_
    attempts = {
        "lambda:CreateFunction": lambda: client.create_function(**creation(house, name)),
        "lambda:InvokeFunction": lambda: client.invoke(FunctionName=name),
        "lambda:GetFunction": lambda: client.get_function(FunctionName=name),
        "lambda:UpdateFunctionConfiguration": lambda: client.update_function_configuration(FunctionName=name),
        "lambda:UpdateFunctionCode": lambda: client.update_function_code(
            FunctionName=name, ZipFile=packed("python/probe.py")
        ),
        "lambda:DeleteFunction": lambda: client.delete_function(FunctionName=name),
    }
    for action, attempt in attempts.items():
        with denied(action, arn, caller=developer.arn) as refusal:
            attempt()
        assert (refusal.code, refusal.status) == ("AccessDeniedException", 403)


def test_a_denial_has_exactly_awss_message(house, developer):
    with denied("lambda:InvokeFunction") as refusal:
        developer.lambda_.invoke(FunctionName="bob-function")
    assert refusal.message == (
        f"User: arn:aws:iam::111122223333:user/{developer.name} is not authorized to perform: lambda:InvokeFunction "
        "on resource: arn:aws:lambda:us-east-1:111122223333:function:bob-function "
        "because no identity-based policy allows the lambda:InvokeFunction action"
    )


def test_a_name_that_only_begins_like_the_own_one_is_anothers(house, developer):
    name = f"{developer.name}x-hello"
    with denied("lambda:CreateFunction", house.function_arn(name)):
        developer.lambda_.create_function(**creation(house, name))


def test_an_action_without_a_resource_is_not_covered(developer):
    with denied("lambda:ListFunctions", "*"):
        developer.lambda_.list_functions()


def test_the_scene_with_the_aws_command_line(house, developer, tmp_path):
    package = tmp_path / "code.zip"
    package.write_bytes(packed("python/probe.py"))
    answer = tmp_path / "answer.json"

    def create(name: str):
        settings = f"--runtime {newest_python()} --handler probe.handler --role {house.basic_role}"
        return aws(developer, f"lambda create-function --function-name {name} {settings} --zip-file fileb://{package}")

    name = f"{developer.name}-cli"
    assert create(name)["FunctionArn"] == house.function_arn(name)
    aws(developer, f"lambda wait function-active-v2 --function-name {name}")
    status = aws(developer, f"lambda invoke --function-name {name} {answer}", payload='{"hello": "cli"}')
    assert status["StatusCode"] == 200
    assert json.loads(answer.read_text()) == {"hello": "cli"}
    aws(developer, f"lambda delete-function --function-name {name}")
    with pytest.raises(CliError) as refusal:
        create("bob-cli")
    expected = (
        "An error occurred (AccessDeniedException) when calling the CreateFunction operation: "
        f"User: {developer.arn} is not authorized to perform: lambda:CreateFunction on resource: "
        f"{house.function_arn('bob-cli')} because no identity-based policy allows the lambda:CreateFunction action"
    )
    assert expected in str(refusal.value)
