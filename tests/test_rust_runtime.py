"""AWS's own runtime for Rust (the crate lambda_runtime) as the bootstrap of a function."""

import json
import shutil
import subprocess

import pytest

from support.account import invoke
from support.bundle import bundle
from support.server import ROOT

BUILT = ROOT / "target/test-client/debug/rolecall-test-function"


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """Return the zip of the function that ./test builds with the client in Rust, without what debuggers need."""
    assert BUILT.exists(), "./test builds it: cargo build --manifest-path tests/clients/rust/Cargo.toml --target-dir target/test-client"
    program = tmp_path_factory.mktemp("rust") / "bootstrap"
    shutil.copy(BUILT, program)
    if strip := shutil.which("strip"):
        subprocess.run([strip, program], check=True)
    return bundle({"bootstrap": program.read_bytes()})


def test_a_function_in_rust_answers_fails_and_panics(house, code):
    function = house.function(code, Runtime="provided.al2023", Handler="unused", MemorySize=256)
    answer = invoke(house.admin, function, {"text": "ä"})
    assert answer.pop("requestId")
    assert answer == {"payload": {"text": "ä"}, "arn": house.function_arn(function), "memory": 256, "hasDeadline": True}
    for what, words in [("fail", "it was asked to fail"), ("panic", "it was asked to panic")]:
        answer = house.admin.lambda_.invoke(FunctionName=function, Payload=json.dumps({"do": what}))
        assert answer["FunctionError"] == "Unhandled"
        error = json.loads(answer["Payload"].read())
        assert words in error["errorMessage"] and error["errorType"], error
    assert invoke(house.admin, function, 1)["payload"] == 1


def test_a_function_in_rust_streams(house, code):
    function = house.function(
        code, Runtime="provided.al2023", Handler="unused", Environment={"Variables": {"STREAMS": "yes"}}
    )
    answer = house.admin.lambda_.invoke_with_response_stream(FunctionName=function, Payload=b"{}")
    events = list(answer["EventStream"])
    chunks = [event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event]
    # The runtime sends its streams in the form of HTTP answers: a head, eight zero bytes, and what the function wrote.
    head, written = b"".join(chunks).split(bytes(8))
    assert json.loads(head)["statusCode"] == 200
    assert written == b"one two three"
    assert "ErrorCode" not in events[-1]["InvokeComplete"]
