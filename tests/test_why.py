"""Every denial carries the id of its decision, and `rolecall why` explains it."""

import json
import re

import pytest

from support.errors import denied
from support.policy import allow, deny
from support.server import rolecall


def why(asker, decision: str, *options: str):
    """Run `rolecall why` as somebody."""
    environment = asker.credentials.as_environment() | {"AWS_DEFAULT_REGION": asker.region}
    return rolecall("why", decision, "--endpoint", asker.endpoint, *options, **environment)


@pytest.fixture(scope="module")
def denial(house):
    """Return the denial of a user who may invoke another function, and that user."""
    user = house.user(allow("lambda:InvokeFunction", house.function_arn("payments-test")))
    with denied("lambda:InvokeFunction", house.function_arn("payments")) as refusal:
        user.lambda_.invoke(FunctionName="payments")
    return refusal, user


def test_the_text_says_what_was_missing_and_what_came_near(house, denial):
    refusal, user = denial
    answer = why(house.admin, refusal.decision)
    assert answer.returncode == 0, answer.stderr
    for expected in (
        refusal.message,
        "DENIED: nothing allows it",
        user.arn,
        "lambda:InvokeFunction",
        house.function_arn("payments"),
        "nearest statements",
        house.function_arn("payments-test"),
    ):
        assert expected in answer.stdout, answer.stdout


def test_the_json_says_the_same(house, denial):
    refusal, user = denial
    answer = why(house.admin, refusal.decision, "--output", "json")
    record = json.loads(answer.stdout)
    explanation = record["explanation"]
    assert record["id"] == refusal.decision
    assert record["request_id"] == refusal.response["ResponseMetadata"]["RequestId"]
    assert explanation["message"] == refusal.message
    assert explanation["request"]["principal"] == user.arn
    assert explanation["request"]["action"] == "lambda:InvokeFunction"
    assert explanation["request"]["resource"] == house.function_arn("payments")
    assert explanation["request"]["context"]["aws:username"] == user.name
    assert explanation["missing"]["nearMisses"][0]["mismatches"]


def test_an_explicit_deny_is_shown_with_its_statement(house):
    user = house.user(allow("*"), deny("lambda:Delete*") | {"Sid": "NoDeletions"})
    with denied("lambda:DeleteFunction") as refusal:
        user.lambda_.delete_function(FunctionName="payments")
    answer = why(house.admin, refusal.decision)
    assert "DENIED: a policy forbids it" in answer.stdout
    assert "NoDeletions" in answer.stdout
    record = json.loads(why(house.admin, refusal.decision, "--output", "json").stdout)
    assert [statement["sid"] for statement in record["explanation"]["determining"]] == ["NoDeletions"]


@pytest.mark.parametrize("service", ["iam", "logs", "s3", "organizations"])
def test_every_service_names_its_decision(house, service):
    user = house.user()
    calls = {
        "iam": lambda: user.iam.list_users(),
        "logs": lambda: user.logs.describe_log_groups(),
        "s3": lambda: user.s3.list_buckets(),
        "organizations": lambda: user.organizations.describe_organization(),
    }
    with denied(f"{service}:") as refusal:
        calls[service]()
    action = re.search(r"perform: (\S+)", refusal.message)[1]
    answer = why(house.admin, refusal.decision)
    assert "DENIED: nothing allows it" in answer.stdout
    assert re.search(rf"^  action +{action}$", answer.stdout, re.MULTILINE), answer.stdout


def test_who_may_not_ask_is_denied(denial):
    refusal, user = denial
    answer = why(user, refusal.decision)
    assert answer.returncode != 0
    assert "is not authorized to perform: rolecall:ExplainDecision" in answer.stderr


def test_another_account_is_told_nothing(denial, other_account):
    refusal, _ = denial
    answer = why(other_account.admin, refusal.decision)
    assert answer.returncode != 0
    assert "There is no decision" in answer.stderr
    assert refusal.message not in answer.stdout + answer.stderr


@pytest.mark.parametrize("wrong", ["00000000-0000-0000-0000-000000000000", "../secrets"])
def test_an_id_that_does_not_exist_is_told_in_one_sentence(house, wrong):
    answer = why(house.admin, wrong)
    assert answer.returncode != 0
    assert len(answer.stderr.strip().splitlines()) == 1
    assert wrong in answer.stderr
