"""Resource-based policies as whole documents. AWS's command line leaves these operations out."""

import json

import pytest

from support.account import invoke
from support.errors import denied, refused
from support.policy import allow, document, text

STALE = (
    "The value of RevisionId provided doesn't match the policy's latest revision ID. Use the GetResourcePolicy API "
    "action to retrieve the current revision ID and try again."
)


def grant(arn: str, principal="*", action: str = "lambda:InvokeFunction", sid: str = "s") -> dict:
    """Return a document that lets the principal in."""
    return document({"Sid": sid} | allow(action, arn) | {"Principal": principal})


@pytest.fixture
def target(house) -> str:
    """Return the ARN of a function."""
    return house.function_arn(house.function())


def test_a_document_is_written_read_and_deleted(house, target):
    client = house.admin.lambda_
    put = client.put_resource_policy(ResourceArn=target, Policy=text(grant(target, {"AWS": house.id})))
    # In AWS's order and without blanks; the account is shown as its root from then on.
    assert put["Policy"].startswith('{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":')
    assert json.loads(put["Policy"])["Statement"][0]["Principal"] == {"AWS": house.id}
    seen = client.get_resource_policy(ResourceArn=target)
    assert json.loads(seen["Policy"])["Statement"][0]["Principal"] == {"AWS": house.root}
    assert seen["RevisionId"] == put["RevisionId"]
    assert client.get_policy(FunctionName=target)["Policy"] == seen["Policy"]
    deleted = client.delete_resource_policy(ResourceArn=target, RevisionId=seen["RevisionId"])
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ResourceNotFoundException", "The resource you requested does not exist.", 404):
        client.get_resource_policy(ResourceArn=target)
    client.delete_resource_policy(ResourceArn=target)


def test_a_document_decides_who_comes_in(house, other_account, target):
    stranger = other_account.user(allow("lambda:InvokeFunction"))
    with denied("lambda:InvokeFunction", target, "because no resource-based policy allows the lambda:InvokeFunction action"):
        invoke(stranger, target)
    house.admin.lambda_.put_resource_policy(
        ResourceArn=target, Policy=text(grant(target, {"AWS": other_account.id}))
    )
    assert invoke(stranger, target, {"n": 1}) == {"n": 1}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"Resource": "*"}, "Policy has syntax errors."),
        ({"Action": "s3:GetObject"}, "Policy has syntax errors."),
        ({"Condition": {"StringEquals": {"s3:prefix": "x"}}}, "Policy has syntax errors."),
        ({"Principal": {}}, "The provided principal was invalid. Please check the principal and try again."),
        ({"Principal": {"AWS": 123}}, "Syntax error at position (-1,-1)"),
    ],
)
def test_a_bad_document(house, target, wrong, message):
    policy = grant(target)
    policy["Statement"][0] |= wrong
    with refused("InvalidParameterValueException", message, 400):
        house.admin.lambda_.put_resource_policy(ResourceArn=target, Policy=text(policy))


def test_a_bad_arn(house):
    with refused("ValidationException", status=400):
        house.admin.lambda_.get_resource_policy(ResourceArn="arn:aws:s3:::bucket")


def test_a_missing_function(house):
    missing = house.function_arn("missing")
    with refused("ResourceNotFoundException", f"Function not found: {missing}", 404):
        house.admin.lambda_.put_resource_policy(ResourceArn=missing, Policy=text(grant(missing)))


def test_a_stale_revision(house, target):
    client = house.admin.lambda_
    first = client.put_resource_policy(ResourceArn=target, Policy=text(grant(target)))["RevisionId"]
    client.put_resource_policy(ResourceArn=target, Policy=text(grant(target)), RevisionId=first)
    with refused("PreconditionFailedException", STALE, 412):
        client.put_resource_policy(ResourceArn=target, Policy=text(grant(target)), RevisionId=first)
    with refused("PreconditionFailedException", STALE, 412):
        client.delete_resource_policy(ResourceArn=target, RevisionId=first)


def test_the_right_to_write_a_document_is_also_that_to_add_and_to_remove(house, target):
    policy = text(grant(target))
    rights = ["lambda:PutResourcePolicy", "lambda:AddPermission", "lambda:RemovePermission"]
    for missing in rights:
        caller = house.user(allow([right for right in rights if right != missing], target))
        with denied(missing, target):
            caller.lambda_.put_resource_policy(ResourceArn=target, Policy=policy)
    house.user(allow(rights, target)).lambda_.put_resource_policy(ResourceArn=target, Policy=policy)


def test_who_may_be_let_in_can_be_limited(house, target):
    rights = ["lambda:PutResourcePolicy", "lambda:AddPermission", "lambda:RemovePermission"]
    condition = {"StringEquals": {"lambda:Principal": "sns.amazonaws.com"}}
    caller = house.user(allow(rights, target, condition), allow("lambda:RemovePermission", target))
    sns = {"Service": "sns.amazonaws.com"}
    caller.lambda_.put_resource_policy(ResourceArn=target, Policy=text(grant(target, sns)))
    both = {"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}
    for wider in ("*", both):
        with denied("lambda:PutResourcePolicy", target):
            caller.lambda_.put_resource_policy(ResourceArn=target, Policy=text(grant(target, wider)))
