"""SNS through boto3: functions and queues are told on behalf of the topic, and their own policies decide."""

import json
import re
from dataclasses import replace

import pytest

from support.account import House, assumed, unique
from support.bundle import bundle
from support.cli import aws
from support.errors import denied, refused
from support.policy import allow, trust
from support.server import rolecall
from support.waiting import eventually

# A function that prints what it is told.
LISTENER = bundle({"probe.py": "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"})


@pytest.fixture(scope="module")
def listener(house) -> str:
    """Return a function that prints its events."""
    return house.function(LISTENER)


@pytest.fixture
def topic(house, listener) -> str:
    """Return a topic that may invoke the function, which has subscribed."""
    topic = house.topic()
    house.admin.lambda_.add_permission(
        FunctionName=listener, StatementId=unique("sns"), Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=topic, SourceAccount=house.id,
    )  # fmt: skip
    house.admin.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=house.function_arn(listener))
    return topic


def heard(house, listener: str, message: str) -> list[dict]:
    """Return the records with this message that the function printed."""
    events = [json.loads(line) for line in house.log_lines(listener) if line.startswith("{")]
    records = [record for event in events for record in event["Records"]]
    return [record for record in records if record["Sns"]["Message"] == message]


def test_a_function_is_told_what_is_published(house, listener, topic):
    message = unique("message")
    colour = {"colour": {"DataType": "String", "StringValue": "red"}}
    published = house.admin.sns.publish(
        TopicArn=topic, Message=message, Subject="Today", MessageAttributes=colour
    )
    record = eventually(lambda: heard(house, listener, message), timeout_s=60)[0]
    assert record["EventSource"] == "aws:sns" and record["EventSubscriptionArn"].startswith(f"{topic}:")
    told = record["Sns"]
    assert told["MessageId"] == published["MessageId"] and told["TopicArn"] == topic
    assert told["Subject"] == "Today" and told["MessageAttributes"] == {"colour": {"Type": "String", "Value": "red"}}


def why(asker, decision: str) -> str:
    """Return what `rolecall why` says of a decision."""
    environment = asker.credentials.as_environment() | {"AWS_DEFAULT_REGION": asker.region}
    answer = rolecall("why", decision, "--endpoint", asker.endpoint, **environment)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def said(house, member: str, arn: str, words: str) -> dict:
    """Wait until the server's log says the words of a topic or queue, and return the entry."""
    def look():
        entries = [json.loads(line) for line in house.server.log.read_text().splitlines()]
        return [entry for entry in entries if entry.get(member) == arn and words in entry["message"]]

    return eventually(look, timeout_s=60)[0]


def test_a_function_that_lets_in_another_topic_is_not_told_and_why_says_so(house, listener, topic):
    stranger, message = house.topic(), unique("message")
    house.admin.sns.subscribe(TopicArn=stranger, Protocol="lambda", Endpoint=house.function_arn(listener))
    house.admin.sns.publish(TopicArn=stranger, Message=message)
    entry = said(house, "topic", stranger, "was not taken")
    assert "lambda:InvokeFunction" in entry["error"], entry
    explained = why(house.admin, re.search("[0-9a-f-]{36}", entry["decisions"])[0])
    for expected in ("DENIED: nothing allows it", "sns.amazonaws.com", house.function_arn(listener), stranger, topic):
        assert expected in explained, explained
    # What was published later has come, so nothing is under way any more.
    later = unique("message")
    house.admin.sns.publish(TopicArn=topic, Message=later)
    eventually(lambda: heard(house, listener, later), timeout_s=60)
    assert not heard(house, listener, message)


def open_to(house, queue: str, topic: str) -> None:
    """Let a topic send to a queue."""
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": house.queue_arn(queue), "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]}  # fmt: skip
    house.admin.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})


def received(house, queue: str) -> dict:
    """Wait for one message in a queue, and take it."""
    asked = {"QueueUrl": queue, "WaitTimeSeconds": 5, "MessageAttributeNames": ["All"]}
    message = eventually(lambda: house.admin.sqs.receive_message(**asked).get("Messages"), timeout_s=60)[0]
    house.admin.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return message


def test_a_batch_with_attributes_and_a_filter(house):
    topic, queue = house.topic(), house.queue()
    open_to(house, queue, topic)
    house.admin.sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=house.queue_arn(queue),
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"n": [{"numeric": [">", 1]}]})},
    )  # fmt: skip
    entries = [
        {"Id": n, "Message": n, "MessageAttributes": {"n": {"DataType": "Number", "StringValue": n}}} for n in "12"
    ]
    answer = house.admin.sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["1", "2"] and answer["Failed"] == []
    message = received(house, queue)
    assert message["Body"] == "2"
    assert message["MessageAttributes"]["n"]["StringValue"] == "2"


def test_a_queue_that_is_not_open_is_not_told_and_its_dead_letter_queue_is(house):
    topic, closed, dead = house.topic(), house.queue(), house.queue()
    open_to(house, dead, topic)
    redrive = json.dumps({"deadLetterTargetArn": house.queue_arn(dead)})
    house.admin.sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=house.queue_arn(closed), Attributes={"RedrivePolicy": redrive}
    )
    published = house.admin.sns.publish(TopicArn=topic, Message="refused")
    letter = json.loads(received(house, dead)["Body"])
    assert (letter["Type"], letter["Message"]) == ("Notification", "refused")
    assert (letter["MessageId"], letter["TopicArn"]) == (published["MessageId"], topic)
    assert "sqs:sendmessage" in said(house, "topic", topic, "was not taken")["error"]
    assert house.admin.sqs.receive_message(QueueUrl=closed).get("Messages") is None


@pytest.fixture
def told_by_topic(house):
    """Return a function that tells topics of its failures, its role's name, and the queues that the topics feed."""
    ends, dead = house.topic(), house.topic()
    queues = {}
    for topic in (ends, dead):
        queues[topic] = house.queue()
        open_to(house, queues[topic], topic)
        house.admin.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=house.queue_arn(queues[topic]),
            Attributes={"RawMessageDelivery": "true"},
        )  # fmt: skip
    role = house.role(allow("sns:Publish", [ends, dead]))
    source = house.function(role=role, DeadLetterConfig={"TargetArn": dead})
    where = {"Destination": ends}
    house.admin.lambda_.put_function_event_invoke_config(
        FunctionName=source, MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": where, "OnFailure": where}
    )
    return source, role.rsplit("/", 1)[1], ends, dead, queues


def test_topics_are_told_of_success_and_failure_and_get_the_dead_letters(house, told_by_topic):
    source, _, ends, dead, queues = told_by_topic
    client = house.admin.lambda_
    client.invoke(FunctionName=source, InvocationType="Event", Payload='{"n":1}')
    record = json.loads(received(house, queues[ends])["Body"])
    assert record["requestContext"]["condition"] == "Success" and record["requestPayload"] == {"n": 1}
    event = json.dumps({"do": "fail", "text": "no"})
    sent = client.invoke(FunctionName=source, InvocationType="Event", Payload=event)["ResponseMetadata"]["RequestId"]
    record = json.loads(received(house, queues[ends])["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    letter = received(house, queues[dead])
    assert letter["Body"] == event
    assert letter["MessageAttributes"] == {
        "RequestID": {"StringValue": sent, "DataType": "String"},
        "ErrorCode": {"StringValue": "200", "DataType": "Number"},
        "ErrorMessage": {"StringValue": "no", "DataType": "String"},
    }


def test_a_topic_that_the_role_may_no_longer_publish_to_is_not_told(house, told_by_topic):
    source, role, ends, dead, queues = told_by_topic
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("sns:Publish", ends)]})
    house.admin.iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=policy)
    event = json.dumps({"do": "fail", "text": "no"})
    house.admin.lambda_.invoke(FunctionName=source, InvocationType="Event", Payload=event)
    record = json.loads(received(house, queues[ends])["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert "SNS:Publish" in said(house, "destination", dead, "was not told")["error"]
    assert house.admin.sqs.receive_message(QueueUrl=queues[dead]).get("Messages") is None


def test_a_topic_needs_the_roles_right_when_it_is_configured(house, topic):
    lacking, client = house.function(), house.admin.lambda_
    message = "The function execution role does not have permissions to call Publish on SNS"
    with refused("InvalidParameterValueException", message, 400):
        client.put_function_event_invoke_config(
            FunctionName=lacking, DestinationConfig={"OnFailure": {"Destination": topic}}
        )
    message = "The provided execution role does not have permissions to call Publish on SNS"
    with refused("InvalidParameterValueException", message, 400):
        client.update_function_configuration(FunctionName=lacking, DeadLetterConfig={"TargetArn": topic})


def test_a_topics_own_policy_lets_in_a_role_without_right_and_keeps_out_one_with_it(house):
    topic, client = house.topic(), house.admin.lambda_
    where, letters = {"OnFailure": {"Destination": topic}}, {"TargetArn": topic}
    role = house.role()
    function = house.function(role=role)
    write_topic_policy(house, topic, "Allow", role)
    client.put_function_event_invoke_config(FunctionName=function, DestinationConfig=where)
    client.update_function_configuration(FunctionName=function, DeadLetterConfig=letters)
    role = house.role(allow("sns:Publish", topic))
    function = house.function(role=role)
    write_topic_policy(house, topic, "Deny", role)
    message = "The function execution role does not have permissions to call Publish on SNS"
    with refused("InvalidParameterValueException", message, 400):
        client.put_function_event_invoke_config(FunctionName=function, DestinationConfig=where)
    message = "The provided execution role does not have permissions to call Publish on SNS"
    with refused("InvalidParameterValueException", message, 400):
        client.update_function_configuration(FunctionName=function, DeadLetterConfig=letters)


def write_topic_policy(house: House, topic: str, effect: str, role: str) -> None:
    """Give the topic a policy of one statement about the role."""
    statement = {"Effect": effect, "Principal": {"AWS": role}, "Action": "SNS:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    house.admin.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def test_another_account_is_let_in_by_the_topics_policy(house, other_account):
    topic = house.topic()
    role = other_account.role(allow("sns:*"), trust=trust({"AWS": other_account.root}))
    stranger = assumed(other_account.admin, role)
    lacking = "because no resource-based policy allows the SNS:Publish action"
    with denied("SNS:Publish", topic, lacking):
        stranger.sns.publish(TopicArn=topic, Message="m")
    house.admin.sns.add_permission(
        TopicArn=topic, Label="l", AWSAccountId=[other_account.id], ActionName=["Publish", "Subscribe"]
    )
    stranger.sns.publish(TopicArn=topic, Message="m")
    queue = other_account.queue()
    subscription = stranger.sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=other_account.queue_arn(queue), ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    attributes = stranger.sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert (attributes["Owner"], attributes["SubscriptionPrincipal"]) == (other_account.id, role)
    with refused("AuthorizationError", "Not authorized to access this subscription", 403):
        house.admin.sns.get_subscription_attributes(SubscriptionArn=subscription)
    open_to(other_account, queue, topic)
    house.admin.sns.publish(TopicArn=topic, Message="to afar")
    assert json.loads(received(other_account, queue)["Body"])["Message"] == "to afar"
    house.admin.sns.remove_permission(TopicArn=topic, Label="l")
    with denied("SNS:Publish", topic, lacking):
        stranger.sns.publish(TopicArn=topic, Message="m")


def test_a_kill_loses_no_message_that_was_acknowledged(server):
    house = House(server.start())
    topic, queue = house.topic(), house.queue()
    open_to(house, queue, topic)
    house.admin.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=house.queue_arn(queue))
    sent = {house.admin.sns.publish(TopicArn=topic, Message=str(n))["MessageId"] for n in range(20)}
    server.kill()
    admin = replace(house.admin, endpoint=House(server.start()).admin.endpoint)

    def look():
        got = admin.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=600)
        for message in got.get("Messages", []):
            sent.discard(json.loads(message["Body"])["MessageId"])
        return not sent

    eventually(look, timeout_s=60)


def test_errors_and_the_command_line(house):
    client = house.admin.sns
    with refused("NotFound", "Topic does not exist", 404):
        client.publish(TopicArn=f"arn:aws:sns:us-east-1:{house.id}:missing", Message="m")
    # What is not built says so by name.
    with refused("NotImplemented", "Rolecall does not have sns:CreatePlatformApplication yet", 501):
        client.create_platform_application(Name="p", Platform="GCM", Attributes={})
    topic = aws(house.admin, f"sns create-topic --name {unique('topic')}")["TopicArn"]
    with denied("SNS:Publish", topic) as denial:
        house.user().sns.publish(TopicArn=topic, Message="m")
    assert (denial.code, denial.status) == ("AuthorizationError", 403)
    pages = client.get_paginator("list_topics").paginate()
    assert topic in [listed["TopicArn"] for page in pages for listed in page["Topics"]]
