"""Scene 5: a function holds its execution role and nothing else: for its logs, and for what it reads."""

import re

import pytest

from support.account import BASIC_EXECUTION, invoke
from support.policy import allow
from support.runtimes import newest_node
from support.waiting import eventually

REPORT = re.compile(
    r"REPORT RequestId: (\S+)\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
    r"Max Memory Used: \d+ MB\t(Init Duration: [\d.]+ ms\t)?\n?"
)


def test_a_function_with_the_basic_role_has_logs(house):
    function = house.function()
    told = invoke(house.admin, function, {"do": "describe"})
    invoke(house.admin, function, {"do": "say", "text": "a line of its own"})
    lines = eventually(lambda: len(seen := house.log_lines(function)) >= 7 and seen)
    request = told["request_id"]
    assert f"START RequestId: {request} Version: $LATEST" in [line.strip() for line in lines]
    assert f"END RequestId: {request}" in [line.strip() for line in lines]
    assert request in [match[1] for line in lines if (match := REPORT.fullmatch(line))]
    assert "a line of its own" in [line.strip() for line in lines]
    streams = house.admin.logs.describe_log_streams(logGroupName=f"/aws/lambda/{function}")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == [told["log_stream"]]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", told["log_stream"])


def test_a_function_without_the_right_to_log_runs_and_has_no_logs(house):
    silent = house.function(role=house.role())
    assert invoke(house.admin, silent, {"heard": True}) == {"heard": True}
    # A second function that may log shows that logs written after the silent one's have arrived.
    loud = house.function()
    invoke(house.admin, loud, {"do": "say", "text": "loud"})
    eventually(lambda: any("REPORT" in line for line in house.log_lines(loud)))
    assert house.log_lines(silent) == []


def test_logs_begin_when_the_role_gets_the_right(house):
    role = house.role()
    function = house.function(role=role)
    invoke(house.admin, function, {"do": "say", "text": "into the void"})
    house.admin.iam.attach_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyArn=BASIC_EXECUTION)
    # A warm environment that was refused does not try again for every line; a new one does.
    house.admin.lambda_.update_function_configuration(FunctionName=function, Timeout=5)
    house.wait_until_updated(function)
    invoke(house.admin, function, {"do": "say", "text": "heard at last"})
    lines = eventually(lambda: (seen := house.log_lines(function)) and any("REPORT" in line for line in seen) and seen)
    assert "heard at last" in [line.strip() for line in lines]


def test_the_session_of_a_function_is_named_after_it(house):
    function = house.function(Timeout=30)
    event = {"do": "call", "service": "sts", "operation": "get_caller_identity", "parameters": {}, "members": ["Arn"]}
    role = house.basic_role.rsplit("/", 1)[1]
    assert invoke(house.admin, function, event) == {"Arn": f"arn:aws:sts::{house.id}:assumed-role/{role}/{function}"}


@pytest.fixture(scope="module")
def stored(house):
    """Return a bucket and the key of an object in it."""
    bucket = house.bucket()
    house.admin.s3.put_object(Bucket=bucket, Key="greetings/hello.txt", Body=b"hello from S3")
    return bucket, "greetings/hello.txt"


def test_a_python_function_reads_an_object_only_when_its_role_may(house, stored):
    bucket, key = stored
    parameters = {"Bucket": bucket, "Key": key}
    event = {"do": "call", "service": "s3", "operation": "get_object", "parameters": parameters, "members": ["Body"]}
    role = house.role()
    function = house.function(role=role, Timeout=30)
    refusal = invoke(house.admin, function, event)
    assert refusal["error"] == "AccessDenied"
    assert "is not authorized to perform: s3:GetObject" in refusal["message"]
    give_reading(house, role, bucket)
    assert invoke(house.admin, function, event) == {"Body": "hello from S3"}


def test_a_node_function_reads_an_object_only_when_its_role_may(house, stored):
    bucket, key = stored
    role = house.role()
    function = house.function("node/read_object.mjs", role=role, Runtime=newest_node(), Timeout=30, MemorySize=256)
    event = {"bucket": bucket, "key": key}
    assert invoke(house.admin, function, event)["error"] == "AccessDenied"
    give_reading(house, role, bucket)
    assert invoke(house.admin, function, event) == {"Body": "hello from S3"}


def give_reading(house, role: str, bucket: str) -> None:
    """Let the role read the objects of a bucket."""
    arn = house.managed_policy(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    house.admin.iam.attach_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyArn=arn)


def test_a_role_may_be_good_for_one_function_only(house, stored):
    bucket, key = stored
    parameters = {"Bucket": bucket, "Key": key}
    event = {"do": "call", "service": "s3", "operation": "get_object", "parameters": parameters, "members": ["Body"]}
    name = "only-this-one"
    condition = {"ArnEquals": {"lambda:SourceFunctionArn": house.function_arn(name)}}
    role = house.role(allow("s3:GetObject", condition=condition))
    house.function(role=role, FunctionName=name, Timeout=30)
    assert invoke(house.admin, name, event) == {"Body": "hello from S3"}
    another = house.function(role=role, Timeout=30)
    assert invoke(house.admin, another, event)["error"] == "AccessDenied"
