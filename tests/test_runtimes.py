"""Every kind of runtime runs a function: Python of each version found, Node.js, and a custom one."""

import json

import pytest

from support.account import invoke
from support.bundle import bundle, source
from support.runtimes import newest_node, runtimes


def pythons() -> list[str]:
    """Return the Python runtimes of this machine; collected late, when the program is built."""
    return [name for name in runtimes() if name.startswith("python3.")]


def test_every_python_of_this_machine(house):
    assert pythons()
    for runtime in pythons():
        code = bundle({"tiny.py": "import sys\ndef handler(event, context):\n    return list(sys.version_info[:2])\n"})
        function = house.function(code, Runtime=runtime, Handler="tiny.handler")
        assert invoke(house.admin, function) == [int(part) for part in runtime.removeprefix("python").split(".")]


def test_node_runs_a_handler(house):
    runtime = newest_node()
    function = house.function("node/probe.js", Runtime=runtime, MemorySize=256, Timeout=10)
    answer = invoke(house.admin, function, {"text": "hello"})
    assert answer["event"] == {"text": "hello"}
    assert answer["name"] == function
    assert f"nodejs{answer['node'].split('.')[0]}.x" == runtime
    tail = house.admin.lambda_.invoke(FunctionName=function, Payload=b'{"text": "x"}', LogType="Tail")
    assert "LogResult" in tail


def test_an_error_in_node_is_told(house):
    function = house.function("node/probe.js", Runtime=newest_node(), MemorySize=256, Timeout=10)
    answer = house.admin.lambda_.invoke(FunctionName=function, Payload=b'{"fail": "as intended"}')
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"].read())
    assert (error["errorType"], error["errorMessage"]) == ("RangeError", "as intended")
    assert error["trace"][0] == "RangeError: as intended"


def test_a_custom_runtime_written_in_bash(house):
    code = bundle({"bootstrap": source("shell/bootstrap")})
    function = house.function(code, Runtime="provided.al2023", Handler="my.handler")
    for event in ({"text": "ä"}, [1, 2]):
        assert invoke(house.admin, function, event) == {"shell": "bash", "handler": "my.handler", "event": event}


@pytest.mark.parametrize("runtime", ["python2.7", "cobol1.0"])
def test_a_runtime_that_does_not_exist_is_refused(house, runtime):
    with pytest.raises(house.admin.lambda_.exceptions.InvalidParameterValueException):
        house.function(Runtime=runtime)
