"""No event that was accepted is lost when the server is killed, and none runs once its success was recorded.

That an event runs again whose success was not recorded yet is what "at least once" allows; it is counted and printed.
"""

import contextlib
import os
import random
import shutil
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError

from support.account import House
from support.policy import allow
from support.server import Server
from support.waiting import eventually

# `cargo xtask soak kill` asks for more.
CYCLES = int(os.environ.get("ROLECALL_EVENT_KILL_CYCLES", "20"))
# So that a failing run can be repeated with the same moments of killing.
SEED = 20261129
# A load that a slow machine works off in time, too.
MOST_EVENTS_A_CYCLE = 20
MOST_UPLOADS_A_CYCLE = 8


@dataclass
class Life:
    """One life of the server: when it was, in nanoseconds, and which events its records still held at its end."""

    began: int
    ended: int
    pending: set[str]


class World:
    """A function that records its runs in one bucket, and is also told of uploads to another."""

    def __init__(self, house: House):
        admin = house.admin
        self.records, self.uploads = house.bucket(), house.bucket()
        role = house.role(allow("s3:PutObject", f"arn:aws:s3:::{self.records}/*"))
        settings = {"Environment": {"Variables": {"BUCKET": self.records}}, "Timeout": 60}
        self.function = house.function("python/recorder.py", role=role, **settings)
        admin.lambda_.add_permission(
            FunctionName=self.function, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
        wanted = {"LambdaFunctionArn": house.function_arn(self.function), "Events": ["s3:ObjectCreated:*"]}
        admin.s3.put_bucket_notification_configuration(
            Bucket=self.uploads, NotificationConfiguration={"LambdaFunctionConfigurations": [wanted]}
        )

    def recorded(self, house: House, kind: str) -> dict[str, list[int]]:
        """Return when each event ran (`ran`, by request id), or when each upload was told (`told`, by key)."""
        pages = house.admin.s3.get_paginator("list_objects_v2").paginate(Bucket=self.records, Prefix=f"{kind}/")
        times = defaultdict(list)
        for page in pages:
            for entry in page.get("Contents", []):
                _, name, moment = entry["Key"].split("/")
                times[name].append(int(moment))
        return times


class Load:
    """Threads that send events and upload objects until the server is gone, and remember what it acknowledged."""

    def __init__(self, house: House, world: World, cycle: int):
        self.admin, self.world, self.cycle = house.admin, world, cycle
        self.events: set[str] = set()
        self.uploads: set[str] = set()
        kinds = ((self._send, MOST_EVENTS_A_CYCLE), (self._upload, MOST_UPLOADS_A_CYCLE))
        self.threads = [threading.Thread(target=self._until_gone, args=kind) for kind in kinds]
        for thread in self.threads:
            thread.start()

    def is_running(self) -> bool:
        """Say whether anything is still sent."""
        return any(thread.is_alive() for thread in self.threads)

    def join(self) -> None:
        """Wait until all have noticed that the server is gone."""
        for thread in self.threads:
            thread.join()

    def _until_gone(self, act: Callable[[int], None], most: int) -> None:
        with contextlib.suppress(BotoCoreError):
            for number in range(most):
                act(number)

    def _send(self, number: int) -> None:
        answer = self.admin.lambda_.invoke(FunctionName=self.world.function, InvocationType="Event")
        self.events.add(answer["ResponseMetadata"]["RequestId"])

    def _upload(self, number: int) -> None:
        key = f"{self.cycle:03}-{number:03}"
        self.admin.s3.put_object(Bucket=self.world.uploads, Key=key, Body=b"content")
        self.uploads.add(key)


def pending(server: Server, directory: Path) -> set[str]:
    """Return the ids of the events that the records of a dead server hold."""
    copy = directory / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in server.data_dir.glob("rolecall.sqlite*"):
        shutil.copy(file, copy)
    with contextlib.closing(sqlite3.connect(copy / "rolecall.sqlite")) as connection:
        return {key.strip('"') for (key,) in connection.execute("SELECT key FROM async_invocations")}


def live(server: Server, world: World, cycle: int, moments: random.Random) -> tuple[Load, Life]:
    """Let the server live under load, and kill it while it accepts events, or every other time while it runs them."""
    began = time.time_ns()
    house = House(server.start())
    ran_before = len(world.recorded(house, "ran"))
    load = Load(house, world, cycle)
    enough = moments.randint(2, MOST_EVENTS_A_CYCLE)
    while len(load.events) < enough and load.is_running():
        time.sleep(0.001)
    if cycle % 2:
        enough = ran_before + moments.randint(1, 8)
        eventually(lambda: len(world.recorded(house, "ran")) >= enough, timeout_s=60, interval_s=0.02)
    time.sleep(moments.uniform(0, 0.01))
    server.kill()
    ended = time.time_ns()
    load.join()
    return load, Life(began, ended, pending(server, server.directory))


def forbidden_runs(runs: dict[str, list[int]], lives: list[Life]) -> list[tuple[str, int]]:
    """Return the events that ran in a life after their success was recorded, or twice in one life."""
    wrong = []
    for name, times in runs.items():
        is_over = False
        for number, life in enumerate(lives):
            here = sum(life.began <= moment <= life.ended for moment in times)
            if here > 1 or (here and is_over):
                wrong.append((name, number))
            is_over = is_over or (bool(here) and name not in life.pending)
    return wrong


@pytest.mark.timeout(240 + 8 * CYCLES)
def test_no_accepted_event_is_lost_when_the_server_is_killed(server: Server):
    moments = random.Random(SEED)
    world = World(House(server.start()))
    server.kill()
    events: set[str] = set()
    uploads: set[str] = set()
    lives: list[Life] = []
    for cycle in range(CYCLES):
        load, life = live(server, world, cycle, moments)
        events |= load.events
        uploads |= load.uploads
        lives.append(life)
    began = time.time_ns()
    house = House(server.start())
    eventually(lambda: events <= world.recorded(house, "ran").keys(), timeout_s=180, interval_s=0.2)
    eventually(lambda: uploads <= world.recorded(house, "told").keys(), timeout_s=180, interval_s=0.2)
    runs, told = world.recorded(house, "ran"), world.recorded(house, "told")
    assert server.stop() == 0
    lives.append(Life(began, time.time_ns(), pending(server, server.directory)))
    assert not lives[-1].pending & events
    assert forbidden_runs(runs, lives) == []
    # Without events between the kills, and some that outlived one, this would prove nothing.
    assert len(events) > CYCLES
    assert len(uploads) > CYCLES
    assert any(life.pending for life in lives)
    again = sum(len(times) - 1 for times in runs.values())
    told_again = sum(len(times) - 1 for times in told.values())
    print(f"{CYCLES} kills: {len(events)} events accepted, 0 lost, {again} ran again as at-least-once allows;")
    print(f"{len(uploads)} uploads acknowledged, 0 not told, {told_again} told again")
