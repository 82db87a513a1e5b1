"""The permission matrix: a user without policies is denied every operation, by the right action."""

import json
import re
from pathlib import Path

import pytest
from botocore import xform_name

from support.account import unique
from support.errors import DENIED, refused
from support.operations import OPERATIONS, Things, filled, row

BUILT = Path(__file__).resolve().parents[1] / "models/operations.jsonc"


def built() -> dict[str, list[str]]:
    """Return the operations that Rolecall builds, by service."""
    lines = [line for line in BUILT.read_text().splitlines() if not line.lstrip().startswith("//")]
    return json.loads("\n".join(lines))


MATRIX = [(service, operation) for service, operations in built().items() for operation in operations]


@pytest.fixture(scope="module")
def things(house) -> Things:
    """Return one of everything."""
    layer, role, function, group = house.layer(), house.role(), house.function(), f"/test/{unique('group')}"
    other, bucket = house.user(), house.bucket()
    house.admin.logs.create_log_group(logGroupName=group)
    house.admin.s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    return Things(
        account=house.id,
        function=function,
        function_arn=house.function_arn(function),
        layer=layer.split(":")[-2],
        layer_arn=layer,
        role=role.rsplit("/", 1)[1],
        role_arn=role,
        user=other.name,
        key=other.credentials.access_key_id,
        policy_arn=house.managed_policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
        bucket=bucket,
        group=group,
        queue=house.queue(),
        topic=house.topic(),
    )


@pytest.fixture(scope="module")
def nobody(house):
    """Return a user without any policy."""
    return house.user()


def test_the_table_has_a_row_for_every_operation():
    assert {service: set(rows) for service, rows in OPERATIONS.items()} == {
        service: set(operations) for service, operations in built().items()
    }


@pytest.mark.parametrize(("service", "operation"), MATRIX, ids=lambda part: part)
def test_a_user_without_policies_is_denied(nobody, things, service, operation):
    parameters, action = row(service, operation)
    call = getattr(nobody.client(service), xform_name(operation))
    parameters = filled(parameters, things)
    if action == "allowed":
        call(**parameters)
    elif action == "each":
        assert [error["Code"] for error in call(**parameters)["Errors"]] == ["AccessDenied"]
    elif action == "403":
        with refused("403", status=403):
            call(**parameters)
    else:
        with refused() as refusal:
            call(**parameters)
        assert refusal.code in DENIED, f"{refusal.code}: {refusal.message}"
        said = rf"(^|operation\. )User: {re.escape(nobody.arn)} is not authorized to perform:? {action}( |$)"
        assert re.search(said, refusal.message), refusal.message
        assert "x-rolecall-decision" in refusal.headers


def test_what_was_denied_did_not_happen(house, nobody, things):
    """Runs after the matrix: everything that the operations would have deleted is still there."""
    assert house.admin.lambda_.get_function(FunctionName=things.function)
    assert house.admin.lambda_.get_layer_version_by_arn(Arn=things.layer_arn)
    assert house.admin.iam.get_user(UserName=things.user)
    assert house.admin.iam.get_role(RoleName=things.role)
    assert house.admin.iam.get_policy(PolicyArn=things.policy_arn)
    assert house.admin.s3.get_object(Bucket=things.bucket, Key="key")["Body"].read() == b"content"
    groups = house.admin.logs.describe_log_groups(logGroupNamePrefix=things.group)["logGroups"]
    assert len(groups) == 1
    assert house.admin.sqs.receive_message(QueueUrl=things.queue).get("Messages") is None
    keys = house.admin.iam.list_access_keys(UserName=things.user)["AccessKeyMetadata"]
    assert [key["Status"] for key in keys] == ["Active"]
