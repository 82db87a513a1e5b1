"""Nothing that was acknowledged is lost when the server is killed while it writes."""

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import BotoCoreError

from support.account import House
from support.server import Server

# `cargo xtask soak kill` asks for more.
CYCLES = int(os.environ.get("ROLECALL_KILL_CYCLES", "25"))
# So that a failing run can be repeated with the same moments of killing.
SEED = 20261123


@dataclass
class Acknowledged:
    """What the server has said that it did."""

    users: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    objects: dict[str, bytes] = field(default_factory=dict)
    # The highest value of the function's tag: a later one may be there, unacknowledged, and an earlier one may not.
    tag: int = 0


class Writers:
    """Threads that create things until the server is gone, and remember what it acknowledged."""

    def __init__(self, house: House, function: str, bucket: str, cycle: int):
        self.house, self.function, self.bucket, self.cycle = house, function, bucket, cycle
        self.acknowledged = Acknowledged()
        kinds = (self._write_user, self._write_group, self._write_object, self._write_tag)
        self.threads = [threading.Thread(target=self._write_until_gone, args=(kind,)) for kind in kinds]

    def start(self) -> None:
        """Begin to write."""
        for thread in self.threads:
            thread.start()

    def join(self) -> Acknowledged:
        """Wait until all have noticed that the server is gone and return what was acknowledged."""
        for thread in self.threads:
            thread.join()
        return self.acknowledged

    def _write_until_gone(self, write: Callable[[int], None]) -> None:
        # A connection that breaks is the end of the server. An answer that is an error ends the thread with an
        # exception, which pytest.ini makes fail the test.
        with contextlib.suppress(BotoCoreError):
            number = 0
            while True:
                number += 1
                write(number)

    def _write_user(self, number: int) -> None:
        name = f"user-{self.cycle:02}-{number:04}"
        self.house.admin.iam.create_user(UserName=name)
        self.acknowledged.users.add(name)

    def _write_group(self, number: int) -> None:
        name = f"/kill/{self.cycle:02}/{number:04}"
        self.house.admin.logs.create_log_group(logGroupName=name)
        self.acknowledged.groups.add(name)

    def _write_object(self, number: int) -> None:
        key, body = f"{self.cycle:02}/{number:04}", f"content {self.cycle} {number}".encode() * 50
        self.house.admin.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        self.acknowledged.objects[key] = body

    def _write_tag(self, number: int) -> None:
        value = self.cycle * 100_000 + number
        arn = self.house.function_arn(self.function)
        self.house.admin.lambda_.tag_resource(Resource=arn, Tags={"number": str(value)})
        self.acknowledged.tag = value


def names(client, operation: str, member: str, name: str, **parameters) -> set[str]:
    """Return the names of everything that an operation lists."""
    pages = client.get_paginator(operation).paginate(**parameters)
    return {entry[name] for page in pages for entry in page.get(member, [])}


def check(house: House, function: str, bucket: str, seen: Acknowledged, cycle: int | None) -> None:
    """Find everything that was acknowledged: in one cycle, or in all of them."""
    part = "" if cycle is None else f"{cycle:02}"
    admin = house.admin
    assert seen.users <= names(admin.iam, "list_users", "Users", "UserName")
    prefix = {"logGroupNamePrefix": f"/kill/{part}"}
    assert seen.groups <= names(admin.logs, "describe_log_groups", "logGroups", "logGroupName", **prefix)
    listed = names(admin.s3, "list_objects_v2", "Contents", "Key", Bucket=bucket, Prefix=part)
    assert set(seen.objects) <= listed
    # Every object that is listed has its content, acknowledged or not.
    for key in sorted(listed)[-20:]:
        body = admin.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert body == seen.objects.get(key, body)
        assert body.startswith(b"content ")
    tags = admin.lambda_.list_tags(Resource=house.function_arn(function))["Tags"]
    assert int(tags["number"]) >= seen.tag


@pytest.mark.timeout(8 * CYCLES)
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(server: Server):
    moments = random.Random(SEED)
    house = House(server.start())
    function, bucket = house.function(Tags={"number": "0"}), house.bucket()
    everything = Acknowledged()
    for cycle in range(1, CYCLES + 1):
        writers = Writers(house, function, bucket, cycle)
        writers.start()
        time.sleep(moments.uniform(0.05, 0.6))
        server.kill()
        seen = writers.join()
        house = House(server.start())
        check(house, function, bucket, seen, cycle)
        everything.users |= seen.users
        everything.groups |= seen.groups
        everything.objects |= seen.objects
        everything.tag = max(everything.tag, seen.tag)
    check(house, function, bucket, everything, None)
    # Without writes between the kills this would prove nothing.
    for kind in (everything.users, everything.groups, everything.objects):
        assert len(kind) > CYCLES
    assert everything.tag > CYCLES
    assert server.stop() == 0
