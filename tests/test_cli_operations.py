"""Every operation of Lambda that the AWS CLI has, through the AWS CLI: denied to nobody's user, answered to the owner.

The CLI runs in this process, on the botocore of this process: starting it anew takes longer than all that it does.
"""

import json
import os
from pathlib import Path

import awscli
import awscli.clidriver
import pytest
from botocore import xform_name

from matrix.operations import ROWS
from matrix.row import Row
from matrix.things import Things
from support.identity import Identity

# The CLI has no form for an answer that comes in pieces.
WITHOUT = {"InvokeWithResponseStream"}
# What the owner is told where what the operation is about cannot exist here.
REFUSED = ("DurableExecution", "FunctionScalingConfig")

# The parameters that the CLI takes as files.
FILES = {"ZipFile": "--zip-file", "Content": "--zip-file", "Code": "--zip-file", "InvokeArgs": "--invoke-args"}


# The CLI's own data, which it finds by this variable when it is started as a program.
DATA = str(Path(awscli.__file__).with_name("data"))


@pytest.fixture(scope="module")
def nobody(house) -> Identity:
    """Return a user without any policy."""
    return house.user()


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs `aws lambda OPERATION` and returns its exit code and what it said."""
    def as_identity(identity: Identity, row: Row, parameters: dict) -> tuple[int, str]:
        settings = identity.credentials.as_environment() | {
            "AWS_ENDPOINT_URL": identity.endpoint,
            "AWS_DEFAULT_REGION": identity.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "AWS_DATA_PATH": DATA,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        status = awscli.clidriver.create_clidriver().main(arguments(row, parameters, tmp_path))
        said = capsys.readouterr()
        return status, said.out + said.err

    return as_identity


def arguments(row: Row, parameters: dict, folder) -> list[str]:
    """Return the command line of a call."""
    command = ["lambda", xform_name(row.operation, "-")]
    plain = dict(parameters)
    for name, option in FILES.items():
        if name in plain:
            content = plain.pop(name)
            content = content["ZipFile"] if isinstance(content, dict) else content
            file = folder / "content"
            file.write_bytes(content)
            command += [option, str(file) if name == "InvokeArgs" else f"fileb://{file}"]
    if row.operation == "Invoke":
        return [*command, "--function-name", plain["FunctionName"], str(folder / "answer")]
    return [*command, "--cli-input-json", json.dumps(plain), "--output", "json"]


def test_the_cli_has_every_other_operation(monkeypatch):
    monkeypatch.setenv("AWS_DATA_PATH", DATA)
    driver = awscli.clidriver.create_clidriver()
    commands = set(driver.create_help_command().command_table["lambda"].create_help_command().command_table)
    assert {row.operation for row in ROWS if xform_name(row.operation, "-") not in commands} == WITHOUT


@pytest.mark.parametrize("row", [row for row in ROWS if row.operation not in WITHOUT], ids=lambda row: row.operation)
def test_the_cli_is_denied_and_answered(house, nobody, run, row):
    things = Things(house)
    parameters = row.call(things)
    status, said = run(nobody, row, parameters)
    assert status != 0
    assert "AccessDeniedException" in said, said
    assert f"{row.name} " in said, said
    status, said = run(house.admin, row, parameters)
    if any(word in row.operation for word in REFUSED) and not row.operation.startswith("List"):
        assert status != 0
        assert "AccessDenied" not in said, said
    else:
        assert status == 0, said
