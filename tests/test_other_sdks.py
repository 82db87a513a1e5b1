"""Other readings of AWS's model than botocore's: the SDKs for JavaScript and for Rust tell one story each."""

import json
import os
import shutil
import subprocess

import pytest

from support.account import packed, unique
from support.runtimes import newest_python
from support.server import ACCOUNT, REGION, ROOT, SDK_DIR

CLIENTS = ROOT / "tests/clients"
RUST_CLIENT = ROOT / "target/test-client/debug/rolecall-test-client"


def story(name: str, user: str) -> dict:
    """Return what a client observes when everything is as on AWS."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    invalid_name = (
        "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
    )
    denial = (
        f"User: {user} is not authorized to perform: lambda:InvokeFunction on resource: {arn} because no "
        "identity-based policy allows the lambda:InvokeFunction action"
    )
    return {
        "missing": ["ResourceNotFoundException", 404, f"Function not found: {arn}"],
        "created": ["Pending", newest_python(), 10, True],
        "tags": {"team": "red"},
        "missingVersion": ["ResourceNotFoundException", 404, f"Function not found: {arn}:7"],
        "invalid": ["ValidationException", 400, invalid_name],
        "published": "1",
        "conflict": ["ResourceConflictException", 409, f"Alias already exists: {arn}:live"],
        "invoked": [200, "1", {"a": 1}, True],
        "failed": "Unhandled",
        "streamed": [{"b": 2}, 1],
        "permission": {
            "StringEquals": {"AWS:SourceAccount": "111122223333"},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::photos"},
        },
        "policy": 1,
        "reserved": 3,
        "listed": True,
        "denied": ["AccessDeniedException", 403, denial],
        "deleted": "ResourceNotFoundException",
    }


def javascript() -> list[str]:
    """Return the command of the client in JavaScript."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js on this machine")
    return [node, str(CLIENTS / "story.mjs")]


def rust() -> list[str]:
    """Return the command of the client in Rust."""
    assert RUST_CLIENT.exists(), "./test builds it: cargo build --manifest-path tests/clients/rust/Cargo.toml --target-dir target/test-client"
    return [str(RUST_CLIENT)]


@pytest.mark.parametrize("client", [javascript, rust], ids=["javascript", "rust"])
def test_another_sdk_tells_the_same_story(house, tmp_path, client):
    command = client()
    name, user = unique("sdk"), house.user()
    code = tmp_path / "code.zip"
    code.write_bytes(packed("python/probe.py"))
    environment = {
        "PATH": os.environ["PATH"],
        "ENDPOINT": house.server.endpoint,
        "SDK": str(SDK_DIR / "nodejs"),
        "NAME": name,
        "ROLE": house.basic_role,
        "ZIP": str(code),
        "RUNTIME": newest_python(),
        "DENIED_KEY_ID": user.credentials.access_key_id,
        "DENIED_SECRET": user.credentials.secret_access_key,
        **house.admin.credentials.as_environment(),
    }
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == story(name, user.arn)
