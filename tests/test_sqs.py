"""SQS through boto3 and the AWS CLI."""

import json
import threading
from dataclasses import replace

import pytest

from support.account import House, assumed, unique
from support.cli import aws
from support.errors import denied, refused
from support.policy import allow, trust


@pytest.fixture(scope="module")
def queue(house) -> str:
    """Return the URL of a queue whose messages stay hidden for long."""
    return house.queue(VisibilityTimeout="600")


def test_a_message_is_sent_received_and_deleted(house, queue):
    client = house.admin.sqs
    attributes = {
        "Colour": {"DataType": "String", "StringValue": "grün"},
        "Count": {"DataType": "Number.int", "StringValue": "3"},
        "Raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    # boto3 compares the digests of what it sent and of what it receives.
    sent = client.send_message(QueueUrl=queue, MessageBody="hällo", MessageAttributes=attributes)
    got = client.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"]
    assert [(message["MessageId"], message["Body"]) for message in got] == [(sent["MessageId"], "hällo")]
    assert got[0]["MessageAttributes"] == attributes
    assert got[0]["Attributes"]["ApproximateReceiveCount"] == "1"
    client.change_message_visibility(QueueUrl=queue, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=0)
    again = client.receive_message(QueueUrl=queue)["Messages"][0]
    assert "MessageAttributes" not in again and "Attributes" not in again
    client.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    counted = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    counts = [counted[f"ApproximateNumberOfMessages{kind}"] for kind in ("", "NotVisible", "Delayed")]
    assert counts == ["0", "0", "0"]


def test_batches(house, queue):
    client = house.admin.sqs
    entries = [{"Id": str(n), "MessageBody": f"message {n}"} for n in range(10)]
    assert len(client.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 10
    got = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in got] == [entry["MessageBody"] for entry in entries]
    handles = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(got)]
    hidden = [handle | {"VisibilityTimeout": 60} for handle in handles]
    assert len(client.change_message_visibility_batch(QueueUrl=queue, Entries=hidden)["Successful"]) == 10
    answer = client.delete_message_batch(QueueUrl=queue, Entries=[*handles[:9], {"Id": "x", "ReceiptHandle": "x"}])
    assert len(answer["Successful"]) == 9
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("x", "ReceiptHandleIsInvalid")]
    client.delete_message(QueueUrl=queue, ReceiptHandle=handles[9]["ReceiptHandle"])


def test_who_waits_gets_the_message_when_it_comes(house, queue):
    got = []

    def wait():
        while not got:
            got.extend(house.admin.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", []))

    waiter = threading.Thread(target=wait)
    waiter.start()
    house.admin.sqs.send_message(QueueUrl=queue, MessageBody="at last")
    waiter.join(timeout=60)
    assert [message["Body"] for message in got] == ["at last"]
    house.admin.sqs.delete_message(QueueUrl=queue, ReceiptHandle=got[0]["ReceiptHandle"])


def test_errors_have_the_codes_that_clients_know(house, queue):
    client = house.admin.sqs
    missing = queue + "-missing"
    with pytest.raises(client.exceptions.QueueDoesNotExist) as caught:
        client.send_message(QueueUrl=missing, MessageBody="x")
    error = caught.value.response["Error"]
    assert error["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert error["QueryErrorCode"] == "QueueDoesNotExist" and error["Type"] == "Sender"
    with refused("InvalidParameterValue", status=400) as refusal:
        client.receive_message(QueueUrl=queue, MaxNumberOfMessages=11)
    assert refusal.message == (
        "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
    )
    nobody = house.user()
    with denied("sqs:sendmessage", house.queue_arn(queue), caller=nobody.arn) as denial:
        nobody.sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert (denial.code, denial.status) == ("AccessDenied", 403)
    assert "x-rolecall-decision" in denial.headers


def test_another_account_is_let_in_by_the_queues_policy(house, other_account):
    queue = house.queue()
    name = queue.rsplit("/", 1)[1]
    role = other_account.role(allow("sqs:*"), trust=trust({"AWS": other_account.root}))
    stranger = assumed(other_account.admin, role)
    with refused("AccessDenied"):
        stranger.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=house.id)
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": role}, "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
        "Resource": house.queue_arn(queue)}]}  # fmt: skip
    house.admin.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    assert stranger.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=house.id)["QueueUrl"] == queue
    stranger.sqs.send_message(QueueUrl=queue, MessageBody="from afar")
    with refused("AccessDenied"):
        stranger.sqs.receive_message(QueueUrl=queue)
    got = house.admin.sqs.receive_message(QueueUrl=queue)["Messages"]
    assert [message["Body"] for message in got] == ["from afar"]


def test_a_kill_loses_no_message_that_was_acknowledged_and_shows_none_that_is_worked_on(server):
    house = House(server.start())
    queue = house.queue(VisibilityTimeout="600", MessageRetentionPeriod="3600")
    for n in range(3):
        house.admin.sqs.send_message(QueueUrl=queue, MessageBody=str(n))
    taken = house.admin.sqs.receive_message(QueueUrl=queue)["Messages"][0]
    server.kill()
    admin = replace(house.admin, endpoint=House(server.start()).admin.endpoint)
    left = admin.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in left] == ["1", "2"]
    admin.sqs.delete_message(QueueUrl=queue, ReceiptHandle=taken["ReceiptHandle"])
    counts = admin.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    assert counts["Attributes"] == {"ApproximateNumberOfMessagesNotVisible": "2"}


def test_the_command_line(house):
    # Version 1 of the command line does not look at AWS_ENDPOINT_URL for SQS.
    here, name = f"--endpoint-url {house.admin.endpoint}", unique("queue")
    queue = aws(house.admin, f"sqs create-queue {here} --queue-name {name} --tags team=red")["QueueUrl"]
    aws(house.admin, f"sqs send-message {here} --queue-url {queue} --message-body hello")
    assert aws(house.admin, f"sqs receive-message {here} --queue-url {queue}")["Messages"][0]["Body"] == "hello"
