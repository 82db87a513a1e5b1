"""What an attack is, and the handler that runs those of one theme.

An attack is a function that tries one thing. What it returns is its loot: anything that is true means that it got what
it was after. An OSError means that it was kept from it. Any other exception means that the attack itself is broken, and
proves nothing.
"""

import ctypes
import errno
import importlib
import json
import os
import platform
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

# How long one attack may take; what hangs is ended.
PATIENCE_S = 20


@dataclass(frozen=True)
class Aim:
    """What the attacks of one run are after, all of it outside their environment."""

    canary: str  # A file of the host that everybody may read.
    directory: str  # Its directory, which everybody may write to.
    data_dir: str  # The server's data directory.
    server: int  # The server's process id.
    bystander: int  # The process id of a program of the server's user.
    marker: str  # A word on that program's command line.
    tcp: int  # The port of a listener on the host's loopback.
    udp: int  # The same for datagrams.
    abstract: str  # A listener without a file.
    socket: str  # A listener with a file.
    api: int  # The port of the AWS API on the host's loopback.
    victim: str  # Another function.
    request: str  # An invocation of it that is running.
    own: str  # The invocation in which the attacks run.


@dataclass(frozen=True)
class Attack:
    """One attack."""

    theme: str
    name: str
    tries: str
    run: Callable[[Aim], object]
    # Whether it succeeds where there is no sandbox, and does no harm there: the proof that it can succeed at all.
    control: bool


ATTACKS: dict[str, Attack] = {}


def add(name: str, tries: str, run: Callable[[Aim], object], control: bool = False) -> None:
    """Add one row."""
    assert name not in ATTACKS, name
    ATTACKS[name] = Attack(run.__module__, name, tries, run, control)


def attack(tries: str, control: bool = False):
    """Add a function as an attack of its name."""

    def register(function):
        add(function.__name__, tries, function, control)
        return function

    return register


def handler(event, context):
    """Run the attacks of a theme and tell what came of each."""
    importlib.import_module(event["theme"])
    aim = Aim(**event["aim"], own=context.aws_request_id)
    chosen = [
        row
        for row in ATTACKS.values()
        if row.theme == event["theme"] and (row.control or not event["control"])
    ]
    return {row.name: {"tries": row.tries} | run_apart(row, aim) for row in chosen}


def run_apart(row: Attack, aim: Aim) -> dict:
    """Run an attack in a process of its own, so that what it does to itself ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(PATIENCE_S)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(outcome(row, aim)).encode())
            pipe.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(told) if told else {"kept": f"ended with status {status}"}


def outcome(row: Attack, aim: Aim) -> dict:
    """Tell what came of an attack."""
    try:
        loot = row.run(aim)
    except OSError as error:
        return {"kept": errno.errorcode.get(error.errno, repr(error))}
    except Exception as error:
        return {"broken": repr(error)}
    return {"loot": repr(loot)[:2000]} if loot else {"kept": "found nothing"}


# What attacks are made of.

# What the kernel says to those whom it keeps from something.
KEPT_FROM = (errno.EPERM, errno.EACCES, errno.ENOSYS)
LIBC = ctypes.CDLL(None, use_errno=True)
IS_X86_64 = platform.machine() == "x86_64"


def call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call; fail as the kernel says."""
    ctypes.set_errno(0)
    result = LIBC.syscall(ctypes.c_long(number), *map(argument, arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), "system call")
    return result


def argument(value: int | bytes | None):
    """Return a value as C takes it."""
    return ctypes.c_long(value) if isinstance(value, int) else value


def reaches(number: int, *arguments: int | bytes | None) -> bool:
    """Whether the kernel looks at a call at all, whatever it then thinks of our arguments; fail where it does not."""
    try:
        call(number, *arguments)
    except OSError as error:
        if error.errno in KEPT_FROM:
            raise
    return True


def read(path: str, length: int = 4096) -> str:
    """Return the start of a file."""
    with open(path, "rb") as file:
        return file.read(length).decode("latin-1")


def write(path: str, text: str = "attacked") -> bool:
    """Write a file."""
    with open(path, "w") as file:
        file.write(text)
    return True


def connect(family: int, kind: int, address) -> bytes:
    """Open a connection, say something and return what is answered."""
    with socket.socket(family, kind) as client:
        client.settimeout(3)
        client.connect(address)
        client.send(b"attacker")
        return client.recv(100)
