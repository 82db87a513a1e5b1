"""Published versions, aliases, and weights between two versions."""

import pytest

from support.account import invoke
from support.bundle import bundle
from support.errors import denied, refused
from support.policy import allow


def code(answer: str) -> bytes:
    """Return the zip of a function that always gives this answer."""
    return bundle({"probe.py": f"def handler(event, context):\n    return {answer!r}\n"})


@pytest.fixture(scope="module")
def two_versions(house):
    """Return a function whose version 1 answers `one`, and version 2 and $LATEST `two`."""
    client = house.admin.lambda_
    function = house.function(code("one"))
    assert client.publish_version(FunctionName=function)["Version"] == "1"
    client.update_function_code(FunctionName=function, ZipFile=code("two"))
    house.wait_until_updated(function)
    assert client.publish_version(FunctionName=function)["Version"] == "2"
    return function


def test_each_qualifier_runs_its_own_code(house, two_versions):
    client = house.admin.lambda_
    client.create_alias(FunctionName=two_versions, Name="old", FunctionVersion="1")
    for qualifier, answer in {"1": "one", "2": "two", "$LATEST": "two", "old": "one"}.items():
        assert invoke(house.admin, two_versions, Qualifier=qualifier) == answer
        assert invoke(house.admin, f"{two_versions}:{qualifier}") == answer
    told = client.invoke(FunctionName=two_versions, Qualifier="old")
    assert told["ExecutedVersion"] == "1"


def test_a_moved_alias_runs_the_other_version(house, two_versions):
    client = house.admin.lambda_
    client.create_alias(FunctionName=two_versions, Name="moving", FunctionVersion="1")
    assert invoke(house.admin, f"{two_versions}:moving") == "one"
    client.update_alias(FunctionName=two_versions, Name="moving", FunctionVersion="2")
    assert invoke(house.admin, f"{two_versions}:moving") == "two"
    client.delete_alias(FunctionName=two_versions, Name="moving")
    with refused("ResourceNotFoundException", status=404):
        client.invoke(FunctionName=two_versions, Qualifier="moving")


def test_a_weighted_alias_runs_both_versions(house, two_versions):
    client = house.admin.lambda_
    client.create_alias(
        FunctionName=two_versions,
        Name="split",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    # One of the two answers missing sixty times has a chance of one in 10^18.
    answers = set()
    for _ in range(60):
        answers.add(invoke(house.admin, f"{two_versions}:split"))
        if len(answers) == 2:
            break
    assert answers == {"one", "two"}
    for weight, answer in ((0.0, "one"), (1.0, "two")):
        weights = {"AdditionalVersionWeights": {"2": weight}}
        client.update_alias(FunctionName=two_versions, Name="split", RoutingConfig=weights)
        assert {invoke(house.admin, f"{two_versions}:split") for _ in range(10)} == {answer}


def test_a_version_does_not_change(house):
    client = house.admin.lambda_
    function = house.function(Environment={"Variables": {"STAGE": "first"}})
    first = client.publish_version(FunctionName=function)
    again = client.publish_version(FunctionName=function)
    assert first["Version"] == again["Version"] == "1"
    client.update_function_configuration(FunctionName=function, Environment={"Variables": {"STAGE": "second"}})
    house.wait_until_updated(function)
    at = {name: invoke(house.admin, function, {"do": "describe"}, Qualifier=name) for name in ("1", "$LATEST")}
    assert at["1"]["environment"]["STAGE"] == "first"
    assert at["$LATEST"]["environment"]["STAGE"] == "second"
    assert at["1"]["arn"] == house.function_arn(f"{function}:1")


# Which patterns of a policy cover which form of an invocation, of a function `f` and its alias `live`.
PATTERNS = {
    "{f}": {"{f}"},
    "{f}:live": {"{f}:live"},
    "{f}:*": {"{f}:live", "{f}:1", "{f}:$LATEST"},
    "{f}*": {"{f}", "{f}:live", "{f}:1", "{f}:$LATEST"},
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_policy_covers_the_qualifiers_that_its_resource_matches(house, two_versions, pattern):
    client = house.admin.lambda_
    if "live" not in [alias["Name"] for alias in client.list_aliases(FunctionName=two_versions)["Aliases"]]:
        client.create_alias(FunctionName=two_versions, Name="live", FunctionVersion="1")
    arn = house.function_arn(two_versions)
    caller = house.user(allow("lambda:InvokeFunction", pattern.format(f=arn)))
    for form in PATTERNS["{f}*"]:
        target = form.format(f=arn)
        if form in PATTERNS[pattern]:
            caller.lambda_.invoke(FunctionName=target, InvocationType="DryRun")
        else:
            with denied("lambda:InvokeFunction", target):
                caller.lambda_.invoke(FunctionName=target, InvocationType="DryRun")


def test_a_qualifier_given_twice_has_to_be_the_same(house, two_versions):
    with refused(
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
        400,
    ):
        house.admin.lambda_.invoke(FunctionName=f"{two_versions}:1", Qualifier="2")
    assert invoke(house.admin, f"{two_versions}:1", Qualifier="1") == "one"
