"""How asynchronous invocations are configured, and who is told of their end."""

import json

import pytest

from support.account import unique
from support.bundle import bundle
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow
from support.waiting import eventually

NOWHERE = {"OnSuccess": {}, "OnFailure": {}}


@pytest.fixture(scope="module")
def function(house):
    """Return a function."""
    return house.function()


def told(house, function: str) -> list[dict]:
    """Return the invocation records that a function printed."""
    return [json.loads(line) for line in house.log_lines(function) if line.startswith("{")]


# A function that prints what it is told.
LISTENER = bundle({"probe.py": "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"})


def test_put_update_get_list_and_delete(house, function):
    client, arn = house.admin.lambda_, house.function_arn(function)
    put = client.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1)
    assert put["FunctionArn"] == f"{arn}:$LATEST" and put["DestinationConfig"] == NOWHERE
    assert "MaximumEventAgeInSeconds" not in put and put["LastModified"].tzinfo
    updated = client.update_function_event_invoke_config(FunctionName=function, MaximumEventAgeInSeconds=60)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (1, 60)
    got = client.get_function_event_invoke_config(FunctionName=function, Qualifier="$LATEST")
    listed = client.list_function_event_invoke_configs(FunctionName=function)["FunctionEventInvokeConfigs"]
    for answer in (updated, got):
        del answer["ResponseMetadata"]
    assert got == updated and listed == [updated]
    client.delete_function_event_invoke_config(FunctionName=function)
    missing = f"The function {arn}:$LATEST doesn't have an EventInvokeConfig"
    for call in (client.get_function_event_invoke_config, client.delete_function_event_invoke_config):
        with refused("ResourceNotFoundException", missing, 404):
            call(FunctionName=function)


@pytest.mark.parametrize(
    "wrong", [{"MaximumRetryAttempts": 3}, {"MaximumEventAgeInSeconds": 59}, {"MaximumEventAgeInSeconds": 21_601}]
)
def test_values_beyond_the_limits(house, function, wrong):
    client = house.admin.client("lambda", parameter_validation=False)
    with refused("ValidationException", status=400):
        client.put_function_event_invoke_config(FunctionName=function, **wrong)


def test_what_is_refused(house, function):
    client = house.admin.lambda_
    with refused("ResourceNotFoundException", "The function doesn't exist.", 404):
        client.put_function_event_invoke_config(FunctionName="missing", MaximumRetryAttempts=0)
    nothing = "You must specify at least one of error handling or destination setting."
    with refused("InvalidParameterValueException", nothing, 400):
        client.put_function_event_invoke_config(FunctionName=function)
    refusals = {
        house.function_arn(function): "You can't specify the function as a destination for itself.",
        house.function_arn("missing"): f"The destination ARN {house.function_arn('missing')} is invalid.",
    }
    role = house.role(allow("lambda:InvokeFunction"))
    house.admin.lambda_.update_function_configuration(FunctionName=function, Role=role)
    house.wait_until_updated(function)
    for arn, message in refusals.items():
        with refused("InvalidParameterValueException", message, 400):
            client.put_function_event_invoke_config(
                FunctionName=function, DestinationConfig={"OnSuccess": {"Destination": arn}}
            )


def test_a_queue_needs_the_roles_right(house):
    queue = f"arn:aws:sqs:us-east-1:{house.id}:q"
    to_queue = {"OnFailure": {"Destination": queue}}
    lacking, client = house.function(), house.admin.lambda_
    message = "The function execution role does not have permissions to call SendMessage on SQS"
    with refused("InvalidParameterValueException", message, 400):
        client.put_function_event_invoke_config(FunctionName=lacking, DestinationConfig=to_queue)
    dead_letter = "The provided execution role does not have permissions to call SendMessage on SQS"
    with refused("InvalidParameterValueException", dead_letter, 400):
        client.update_function_configuration(FunctionName=lacking, DeadLetterConfig={"TargetArn": queue})
    url = house.queue()
    granted = {"OnFailure": {"Destination": house.queue_arn(url)}}

    def set_policy(effect: str) -> None:
        principal = {"AWS": client.get_function_configuration(FunctionName=lacking)["Role"]}
        statement = allow("sqs:SendMessage", house.queue_arn(url)) | {"Effect": effect, "Principal": principal}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        house.admin.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    set_policy("Allow")
    client.put_function_event_invoke_config(FunctionName=lacking, DestinationConfig=granted)
    client.update_function_configuration(FunctionName=lacking, DeadLetterConfig={"TargetArn": house.queue_arn(url)})
    house.wait_until_updated(lacking)
    set_policy("Deny")
    lent = house.role(allow("sqs:SendMessage"))
    with refused("InvalidParameterValueException", message, 400):
        client.put_function_event_invoke_config(FunctionName=lacking, DestinationConfig=granted)
    with refused("InvalidParameterValueException", dead_letter, 400):
        client.update_function_configuration(FunctionName=lacking, Role=house.role())
    client.update_function_configuration(FunctionName=lacking, Role=lent)
    fifo = f"{queue}.fifo"
    allowed = house.function(role=house.role(allow("sqs:SendMessage", f"{queue}*")))
    with refused("InvalidParameterValueException", f"The destination ARN {fifo} is invalid.", 400):
        client.put_function_event_invoke_config(
            FunctionName=allowed, DestinationConfig={"OnFailure": {"Destination": fifo}}
        )


def test_a_denial_names_the_function(house, function):
    arn = house.function_arn(function)
    caller = house.user(allow("lambda:PutFunctionEventInvokeConfig", f"{arn}:live"))
    with denied("lambda:PutFunctionEventInvokeConfig", arn):
        caller.lambda_.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=0)


def test_a_function_is_told_of_success_and_failure(house):
    listener = house.function(LISTENER)
    role = house.role(allow("lambda:InvokeFunction", house.function_arn(listener)))
    source, client = house.function(role=role), house.admin.lambda_
    where = {"Destination": house.function_arn(listener)}
    client.put_function_event_invoke_config(
        FunctionName=source, MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": where, "OnFailure": where}
    )
    sent = {}
    for event in ({"n": 1}, {"do": "fail", "text": "no"}):
        answer = client.invoke(FunctionName=source, InvocationType="Event", Payload=json.dumps(event))
        sent[answer["ResponseMetadata"]["RequestId"]] = event
    records = eventually(lambda: (seen := told(house, listener)) and len(seen) == 2 and seen)
    for record in records:
        context = record["requestContext"]
        assert record["requestPayload"] == sent.pop(context["requestId"])
        assert context["functionArn"] == house.function_arn(f"{source}:$LATEST")
        assert context["approximateInvokeCount"] == 1
        if context["condition"] == "Success":
            assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
            assert record["responsePayload"] == {"n": 1}
        else:
            assert context["condition"] == "RetriesExhausted"
            assert record["responseContext"]["functionError"] == "Unhandled"
            assert record["responsePayload"]["errorMessage"] == "no"
    assert not sent


def test_a_bucket_is_told_of_failure_as_the_role(house):
    bucket = house.bucket()
    arn = f"arn:aws:s3:::{bucket}"
    role = house.role(allow("s3:ListBucket", arn), allow("s3:PutObject", f"{arn}/aws/lambda/async/*"))
    source = house.function(role=role)
    house.admin.lambda_.put_function_event_invoke_config(
        FunctionName=source, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    event = json.dumps({"do": "fail", "text": "no"})
    house.admin.lambda_.invoke(FunctionName=source, InvocationType="Event", Payload=event)
    listing = eventually(lambda: house.admin.s3.list_objects_v2(Bucket=bucket).get("Contents"))
    assert listing[0]["Key"].startswith(f"aws/lambda/async/{source}/")
    body = house.admin.s3.get_object(Bucket=bucket, Key=listing[0]["Key"])["Body"].read()
    assert json.loads(body)["responsePayload"]["errorType"] == "ValueError"


@pytest.fixture
def told_by_queue(house):
    """Return a function that tells queues of its ends, with its role, and the two queues' URLs."""
    ends, dead = house.queue(), house.queue()
    role = house.role(allow("sqs:SendMessage", house.queue_arn(ends)), allow("sqs:SendMessage", house.queue_arn(dead)))
    source = house.function(role=role, DeadLetterConfig={"TargetArn": house.queue_arn(dead)})
    where = {"Destination": house.queue_arn(ends)}
    house.admin.lambda_.put_function_event_invoke_config(
        FunctionName=source, MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": where, "OnFailure": where}
    )
    return source, role.rsplit("/", 1)[1], ends, dead


def received(house, queue: str) -> dict:
    """Wait for one message in a queue, and take it."""
    def look():
        asked = {"MaxNumberOfMessages": 1, "WaitTimeSeconds": 5}
        return house.admin.sqs.receive_message(
            QueueUrl=queue, **asked, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        ).get("Messages")

    message = eventually(look, timeout_s=60)[0]
    house.admin.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return message


def test_queues_are_told_of_success_and_failure_and_get_the_dead_letters(house, told_by_queue):
    source, role, ends, dead = told_by_queue
    client = house.admin.lambda_
    shown = client.get_function_configuration(FunctionName=source)["DeadLetterConfig"]
    assert shown == {"TargetArn": house.queue_arn(dead)}
    client.invoke(FunctionName=source, InvocationType="Event", Payload='{"n":1.10}')
    message = received(house, ends)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert '"requestPayload":{"n":1.10}' in message["Body"]
    # The role tells, in a session that has the function's name.
    assert message["Attributes"]["SenderId"].endswith(f":{source}")

    event = '{"do": "fail",  "text": "no"}'
    sent = client.invoke(FunctionName=source, InvocationType="Event", Payload=event)["ResponseMetadata"]["RequestId"]
    record = json.loads(received(house, ends)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responsePayload"]["errorMessage"] == "no"
    letter = received(house, dead)
    assert letter["Body"] == event
    assert letter["MessageAttributes"] == {
        "RequestID": {"StringValue": sent, "DataType": "String"},
        "ErrorCode": {"StringValue": "200", "DataType": "Number"},
        "ErrorMessage": {"StringValue": "no", "DataType": "String"},
    }
    client.update_function_configuration(FunctionName=source, DeadLetterConfig={"TargetArn": ""})
    house.wait_until_updated(source)
    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName=source)


def test_a_queue_that_the_role_may_no_longer_send_to_is_not_told(house, told_by_queue):
    source, role, ends, dead = told_by_queue
    # Function code is not what delivers: the condition holds only for calls of function code (reference lambda.md 4.5).
    arn = house.function_arn(source)
    not_by_code = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Condition": {
        "ArnEquals": {"lambda:SourceFunctionArn": arn}}}  # fmt: skip
    statements = [allow("sqs:SendMessage", house.queue_arn(ends)), not_by_code]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    house.admin.iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=policy)
    event = json.dumps({"do": "fail", "text": "no"})
    house.admin.lambda_.invoke(FunctionName=source, InvocationType="Event", Payload=event)
    assert json.loads(received(house, ends)["Body"])["requestContext"]["condition"] == "RetriesExhausted"
    said = eventually(
        lambda: [line for line in house.server.log.read_text().splitlines() if house.queue_arn(dead) in line
                 and "was not told" in line], timeout_s=60,
    )  # fmt: skip
    assert "sqs:sendmessage" in said[0], said
    assert house.admin.sqs.receive_message(QueueUrl=dead).get("Messages") is None


def test_the_command_line(house, function):
    name = f"--function-name {function}"
    put = aws(house.admin, f"lambda put-function-event-invoke-config {name} --maximum-retry-attempts 2")
    assert aws(house.admin, f"lambda get-function-event-invoke-config {name}") == put
    assert aws(house.admin, f"lambda update-function-event-invoke-config {name} --maximum-retry-attempts 0")
    assert aws(house.admin, f"lambda list-function-event-invoke-configs {name}")["FunctionEventInvokeConfigs"]
    aws(house.admin, f"lambda delete-function-event-invoke-config {name}")
    with pytest.raises(CliError, match="doesn't have an EventInvokeConfig"):
        aws(house.admin, f"lambda get-function-event-invoke-config --function-name {unique('missing')}")
