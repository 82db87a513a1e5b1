"""Event source mappings through boto3 and the AWS CLI."""

import json
import time

import pytest

from support.account import unique
from support.cli import CliError, aws
from support.errors import denied, refused

READ = {
    "Effect": "Allow",
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": "*",
}


@pytest.fixture
def function(house):
    """Make a function whose role may read every queue."""
    return house.function(role=house.role(READ))


@pytest.fixture
def queue(house):
    """Return the ARN of a queue."""
    return house.queue_arn(house.queue())


def until(client, uuid: str, state: str) -> dict:
    """Wait for a state of the mapping."""
    for _ in range(200):
        mapping = client.get_event_source_mapping(UUID=uuid)
        if mapping["State"] == state:
            return mapping
        time.sleep(0.02)
    raise AssertionError(f"the mapping is {mapping['State']} and not {state}")


def test_a_mapping_is_made_changed_listed_and_deleted(house, function, queue):
    client = house.admin.lambda_
    made = client.create_event_source_mapping(FunctionName=function, EventSourceArn=queue, Tags={"a": "b"})
    uuid = made["UUID"]
    assert made["State"] == "Creating" and made["BatchSize"] == 10
    assert "LastProcessingResult" not in made
    until(client, uuid, "Enabled")
    client.update_event_source_mapping(UUID=uuid, Enabled=False, BatchSize=5)
    assert until(client, uuid, "Disabled")["BatchSize"] == 5
    listed = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    assert [mapping["UUID"] for mapping in listed] == [uuid]
    assert client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    with refused("ResourceConflictException", status=409) as refusal:
        client.create_event_source_mapping(FunctionName=function, EventSourceArn=queue)
    assert f'with SQS arn (" {queue} ") and function (" {function} ") already exists.' in refusal.message
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"


def test_what_cannot_be(house, function, queue):
    client = house.admin.lambda_
    stream = f"arn:aws:kinesis:us-east-1:{house.id}:stream/s"
    with refused("ValidationException", status=400) as refusal:
        client.create_event_source_mapping(FunctionName=function, EventSourceArn=stream, StartingPosition="invalid")
    assert refusal.message == (
        "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: "
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
    )
    with refused("InvalidParameterValueException", "Function does not exist", 400):
        client.create_event_source_mapping(FunctionName="unknown", EventSourceArn=queue)
    with refused("ResourceNotFoundException", "The resource you requested does not exist.", 404):
        client.get_event_source_mapping(UUID="01234567-89ab-cdef-0123-456789abcdef")
    message = "The function execution role does not have permissions to call ReceiveMessage on SQS"
    with refused("InvalidParameterValueException", message, 400):
        client.create_event_source_mapping(FunctionName=house.function(), EventSourceArn=queue)


def test_the_queue_itself_is_asked(house, other_account, function, queue):
    client = house.admin.lambda_

    def create(function: str, source: str) -> dict:
        return client.create_event_source_mapping(FunctionName=function, EventSourceArn=source)

    def set_policy(account, arn: str, **statement) -> None:
        policy = {"Version": "2012-10-17", "Statement": [{"Action": READ["Action"], "Resource": arn} | statement]}
        url = account.admin.sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        account.admin.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    missing = (
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist."
    )
    with refused("InvalidParameterValueException", missing, 400):
        create(function, f"arn:aws:sqs:us-east-1:{house.id}:{unique('queue')}")

    set_policy(house, queue, Effect="Deny", Principal="*", Action="sqs:DeleteMessage")
    message = "The function execution role does not have permissions to call DeleteMessage on SQS"
    with refused("InvalidParameterValueException", message, 400):
        create(function, queue)

    role = house.role()
    set_policy(house, queue, Effect="Allow", Principal={"AWS": role})
    assert create(house.function(role=role), queue)["EventSourceArn"] == queue

    foreign = other_account.queue_arn(other_account.queue())
    message = "The function execution role does not have permissions to call ReceiveMessage on SQS"
    with refused("InvalidParameterValueException", message, 400):
        create(function, foreign)
    reader = client.get_function_configuration(FunctionName=function)["Role"]
    set_policy(other_account, foreign, Effect="Allow", Principal={"AWS": reader})
    assert create(function, foreign)["EventSourceArn"] == foreign


def test_who_has_no_right_is_denied(house, function, queue):
    nobody = house.user()
    with denied("lambda:CreateEventSourceMapping", "*"):
        nobody.lambda_.create_event_source_mapping(FunctionName=function, EventSourceArn=queue)
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    with denied("lambda:GetEventSourceMapping", f"arn:aws:lambda:us-east-1:{house.id}:event-source-mapping:{uuid}"):
        nobody.lambda_.get_event_source_mapping(UUID=uuid)


def test_the_command_line(house, function, queue):
    made = aws(house.admin, f"lambda create-event-source-mapping --function-name {function} --event-source-arn {queue}")
    until(house.admin.lambda_, made["UUID"], "Enabled")
    assert aws(house.admin, f"lambda get-event-source-mapping --uuid {made['UUID']}")["State"] == "Enabled"
    with pytest.raises(CliError, match="Unrecognized event source"):
        aws(house.admin, f"lambda create-event-source-mapping --function-name {function} --event-source-arn arn:aws:s3:::b")
