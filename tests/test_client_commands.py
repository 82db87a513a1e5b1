"""`rolecall invoke`, `rolecall event` and `rolecall logs`: results on stdout, all else on stderr, exit codes as documented."""

import json
import os
import subprocess
import threading
import time

import pytest

from support.account import unique
from support.bundle import bundle
from support.policy import allow, deny
from support.server import BINARY
from support.waiting import eventually

DENIED, FAILED, FUNCTION_FAILED = 1, 2, 3

CODE = """
def handler(event, context):
    print("ran with", len(event))
    if event.get("fail"):
        raise ValueError("as asked")
    return {"event": event, "context": context.client_context and context.client_context.custom}
"""


def environment(caller=None, **more: str) -> dict[str, str]:
    """Return an environment with the caller's keys and nothing else of this machine."""
    bare = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    signed = caller.credentials.as_environment() | {"AWS_ENDPOINT_URL": caller.endpoint} if caller else {}
    return bare | signed | more


def run(caller, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess:
    """Run a command as somebody."""
    command = [BINARY, *arguments]
    return subprocess.run(
        command, env=environment(caller, **more), input=stdin, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def function(house) -> str:
    """Return a function that answers with its event, or fails where it is asked to."""
    return house.function(bundle({"code.py": CODE}), Handler="code.handler", FunctionName=unique("told"))


def test_an_event_comes_from_a_file_from_standard_input_or_from_a_sample(house, function, tmp_path):
    file = tmp_path / "event.json"
    file.write_text('{"from": "file"}')
    for arguments, stdin, expected in (
        (["--payload", file], "", {"from": "file"}),
        (["--payload", "-"], '{"from": "stdin"}', {"from": "stdin"}),
        ([], "", {}),
    ):
        answer = run(house.admin, "invoke", function, *arguments, stdin=stdin)
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["event"] == expected
        assert answer.stderr == ""
    sample = ["--event", "s3-put", "--bucket", "photos", "--region", "us-east-1"]
    answer = run(house.admin, "invoke", function, *sample)
    assert json.loads(answer.stdout)["event"]["Records"][0]["s3"]["bucket"]["name"] == "photos"


def test_the_whole_answer_is_there_for_programs(house, function):
    options = ["--log", "--output", "json", "--client-context", '{"custom": {"a": "b"}}']
    answer = run(house.admin, "invoke", function, *options)
    whole = json.loads(answer.stdout)
    assert whole["StatusCode"] == 200
    assert whole["ExecutedVersion"] == "$LATEST"
    assert whole["Payload"] == {"event": {}, "context": {"a": "b"}}
    assert f"RequestId: {whole['RequestId']}" in whole["Log"]
    assert run(house.admin, "invoke", function, "--type", "dry-run", "--output", "json").stdout.count("204") == 1
    later = run(house.admin, "invoke", function, "--type", "event", "--qualifier", "$LATEST")
    assert (later.returncode, later.stdout) == (0, "")


def test_a_function_that_fails_is_told_from_a_denial_and_from_a_failure(house, function):
    failed = run(house.admin, "invoke", function, "--payload", "-", "--log", stdin='{"fail": true}')
    assert failed.returncode == FUNCTION_FAILED
    assert json.loads(failed.stdout)["errorType"] == "ValueError"
    assert "the function failed" in failed.stderr
    assert "ran with 1" in failed.stderr
    missing = run(house.admin, "invoke", "nowhere")
    assert (missing.returncode, missing.stdout) == (FAILED, "")
    assert "ResourceNotFoundException: Function not found: " in missing.stderr
    unreachable = run(house.admin, "invoke", function, "--endpoint", "http://127.0.0.1:9")
    assert (unreachable.returncode, unreachable.stdout) == (FAILED, "")
    assert "cannot reach http://127.0.0.1:9" in unreachable.stderr
    assert run(house.admin, "event", "s3").returncode == FAILED


def test_a_denial_comes_with_its_explanation_for_who_may_ask(house, function):
    forbidden = house.user(allow("*"), deny("lambda:InvokeFunction") | {"Sid": "NotThisOne"})
    denied = run(forbidden, "invoke", function)
    assert (denied.returncode, denied.stdout) == (DENIED, "")
    assert "with an explicit deny" in denied.stderr
    assert "NotThisOne" in denied.stderr
    nobody = run(house.user(), "invoke", function)
    assert nobody.returncode == DENIED
    assert "rolecall why " in nobody.stderr


def test_keys_and_endpoint_come_from_a_profile(house, function, tmp_path):
    keys = house.admin.credentials
    credentials, config = tmp_path / "credentials", tmp_path / "config"
    credentials.write_text(
        f"[dev]\naws_access_key_id = {keys.access_key_id}\naws_secret_access_key = {keys.secret_access_key}\n"
    )
    config.write_text(f"[profile dev]\nregion = us-east-1\nendpoint_url = {house.admin.endpoint}\n")
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_CONFIG_FILE": str(config)}
    # A profile that is asked for goes before the environment, which has keys of nobody here.
    wrong = {"AWS_ACCESS_KEY_ID": "AKIAWRONG", "AWS_SECRET_ACCESS_KEY": "wrong"}
    assert run(None, "invoke", function, "--profile", "dev", **files, **wrong).returncode == 0
    assert run(None, "invoke", function, AWS_PROFILE="dev", **files).returncode == 0
    data_dir = str(house.server.data_dir)
    by_data_dir = run(None, "invoke", function, "--data-dir", data_dir, "--endpoint", house.admin.endpoint)
    assert by_data_dir.returncode == 0, by_data_dir.stderr
    absent = run(None, "invoke", function, "--profile", "absent", **files)
    assert absent.returncode == FAILED
    assert "there is no profile 'absent'" in absent.stderr


def test_samples_are_listed_and_printed():
    names = [line.split()[0] for line in run(None, "event").stdout.splitlines()]
    assert {"s3-put", "sqs", "api-gateway-v2", "alb", "lex"} <= set(names)
    for name in names:
        json.loads(run(None, "event", name).stdout)
    event = json.loads(run(None, "event", "sqs", "--name", "orders", "--body", '{"a": 1}').stdout)
    assert event["Records"][0]["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:orders"
    assert event["Records"][0]["body"] == '{"a": 1}'


@pytest.fixture
def written(house) -> tuple[str, str]:
    """Return a log group as of a function and its stream, with three events of this moment."""
    name = unique("writes")
    group = f"/aws/lambda/{name}"
    house.admin.logs.create_log_group(logGroupName=group)
    house.admin.logs.create_log_stream(logGroupName=group, logStreamName="stream")
    write(house, group, "first", "second", "third \x1b[2J")
    return name, group


def write(house, group: str, *messages: str) -> None:
    """Write log events of this moment."""
    now = round(time.time() * 1000)
    events = [{"timestamp": now + number, "message": message} for number, message in enumerate(messages)]
    house.admin.logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=events)


def test_logs_are_shown_as_awss_tail_shows_them(house, written):
    name, group = written
    lines = run(house.admin, "logs", name).stdout.splitlines()
    assert [line.split(" ", 2)[1:] for line in lines[:2]] == [["stream", "first"], ["stream", "second"]]
    assert lines[2].endswith("third \\u{1b}[2J")
    assert lines[0].split()[0].endswith("+00:00")
    short = run(house.admin, "logs", group, "--format", "short", "--filter", "second").stdout.splitlines()
    assert [line.split(" ", 1)[1] for line in short] == ["second"]
    events = [json.loads(line) for line in run(house.admin, "logs", name, "--output", "json").stdout.splitlines()]
    assert [event["message"] for event in events] == ["first", "second", "third \x1b[2J"]
    assert events[0]["logStreamName"] == "stream"
    assert run(house.admin, "logs", name, "--since", "2100-01-01T00:00:00Z").stdout == ""
    everything = run(house.admin, "logs", "--format", "short").stdout
    assert f"{group} " in everything


def test_logs_are_read_with_the_callers_rights(house, written):
    name, group = written
    reader = house.user(allow("logs:FilterLogEvents", f"arn:aws:logs:us-east-1:{house.id}:log-group:{group}:*"))
    assert "first" in run(reader, "logs", name).stdout
    denied = run(house.user(allow("lambda:*")), "logs", name)
    assert (denied.returncode, denied.stdout) == (DENIED, "")
    assert "logs:FilterLogEvents" in denied.stderr
    missing = run(house.admin, "logs", "nowhere")
    assert missing.returncode == FAILED
    assert "there is no log group /aws/lambda/nowhere" in missing.stderr


def test_logs_are_followed(house):
    name = unique("follows")
    command = [BINARY, "logs", "-f", name, "--format", "short"]
    with subprocess.Popen(command, env=environment(house.admin), stdout=subprocess.PIPE, text=True) as following:
        seen: list[str] = []
        reading = threading.Thread(target=lambda: [seen.append(line) for line in following.stdout])
        reading.start()
        group = f"/aws/lambda/{name}"
        house.admin.logs.create_log_group(logGroupName=group)
        house.admin.logs.create_log_stream(logGroupName=group, logStreamName="stream")
        for message in ("before", "after"):
            write(house, group, message)
            eventually(lambda message=message: any(message in line for line in seen), timeout_s=60)
        following.kill()
        reading.join()
    assert [line.split(" ", 1)[1].strip() for line in seen] == ["before", "after"]
