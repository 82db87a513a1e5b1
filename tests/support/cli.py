"""AWS's own command line, against a server."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from support.identity import Identity

AWS = Path(sys.executable).with_name("aws")


class CliError(Exception):
    """The command ended with an error; the text is its standard error."""


def aws(identity: Identity, command: str, **options: str):
    """Run `aws COMMAND` as the identity and return its answer, parsed; none where it says nothing.

    Options whose values have blanks or quotes are given by name: `policy_document=...` is `--policy-document ...`.
    """
    arguments = shlex.split(command)
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", value]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_ENDPOINT_URL": identity.endpoint,
        "AWS_DEFAULT_REGION": identity.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **identity.credentials.as_environment(),
    }
    ended = subprocess.run(
        [AWS, *arguments, "--output", "json"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    if ended.returncode != 0:
        raise CliError(ended.stderr)
    return json.loads(ended.stdout) if ended.stdout.strip() else None
