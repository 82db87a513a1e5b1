"""Starting: what the first start makes, and what a start refuses in one sentence."""

import socket
import sqlite3
import stat

import pytest

from support.account import House
from support.server import Server, StartError


def test_the_first_start_makes_an_administrator_and_a_private_key(server):
    server.start()
    credentials = server.data_dir / "credentials"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    house = House(server)
    assert house.admin.sts.get_caller_identity()["Arn"] == house.admin.arn
    attached = house.admin.iam.list_attached_user_policies(UserName="admin")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert server.stop() == 0


def test_the_start_tells_how_to_use_it_and_not_the_secret(server):
    server.start()
    said = server.stdout.read_text()
    administrator = server.administrator()
    assert f"export AWS_ENDPOINT_URL={server.endpoint}\n" in said
    assert f"export AWS_ACCESS_KEY_ID={administrator.access_key_id}\n" in said
    assert "export AWS_SECRET_ACCESS_KEY=" in said
    assert administrator.secret_access_key not in said
    assert server.stop() == 0


def test_two_first_starts_make_different_keys(server, tmp_path):
    other = Server(tmp_path / "other")
    other.directory.mkdir()
    server.start()
    other.start()
    try:
        assert server.administrator() != other.administrator()
    finally:
        other.kill()


def refusal(server: Server, **settings) -> str:
    """Start a server that cannot start and return what it said."""
    with pytest.raises(StartError):
        server.start(**settings)
    assert server.process.returncode not in (0, None)
    lines = [line for line in server.log.read_text().splitlines() if not line.startswith("{")]
    assert len(lines) == 1, lines
    assert lines[0].startswith("rolecall: ")
    return lines[0]


def test_a_port_in_use_is_told(server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refusal(server, listen=address)
    assert f"cannot listen on {address}" in said
    assert "--listen" in said


def test_a_data_directory_in_use_is_told(server, tmp_path):
    server.start()
    second = Server(tmp_path / "second")
    second.directory.mkdir()
    second.data_dir = server.data_dir
    assert f"the data directory {server.data_dir} is in use by another rolecall server" in refusal(second)
    assert House(server).admin.sts.get_caller_identity()


def test_a_data_directory_of_a_newer_version_is_told(server):
    server.start()
    assert server.stop() == 0
    with sqlite3.connect(server.data_dir / "rolecall.sqlite") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    server.log.unlink()
    said = refusal(server)
    assert "was written by a newer rolecall" in said
    assert "999" in said
