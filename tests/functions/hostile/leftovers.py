"""Attacks that count on what is left: by another function, by an earlier code, by time in which nobody called."""

import contextlib
import ctypes
import glob
import os
import signal
import subprocess
import threading
import time

from attack import Aim, add, attack, call, read

for _place in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/var/spool", "/dev/mqueue"):
    add(
        f"finds files of others in {_place}",
        f"lists {_place} in a new environment",
        lambda aim, place=_place: [path for path in glob.glob(f"{place}/**", recursive=True)[1:]],
        control=_place == "/tmp",
    )


@attack("finds the code of another function", control=True)
def finds_other_code(aim: Aim):
    places = ("/var/task", "/opt", f"{aim.data_dir}/runner", f"{aim.data_dir}/code", aim.data_dir)
    own = os.path.realpath(os.path.dirname(__file__))
    found = []
    for place in places:
        for directory, _, names in os.walk(place):
            found += [directory for name in names if name == "neighbour.py" and os.path.realpath(directory) != own]
    return found


@attack("finds keys of another session in its variables")
def finds_other_keys(aim: Aim):
    return [name for name, value in os.environ.items() if aim.victim in value]


@attack("finds a process that another function left", control=True)
def finds_processes(aim: Aim):
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if pid not in (1, os.getpid(), os.getppid())]


@attack("finds pages of others in memory that it is given")
def finds_pages(aim: Aim):
    """Memory from the kernel is blank; so are files that were made larger."""
    path = f"/tmp/blank-{os.getpid()}"
    with open(path, "wb+") as file:
        file.truncate(16 << 20)
        file.seek(0)
        return any(any(chunk) for chunk in iter(lambda: file.read(1 << 20), b""))


@attack("finds out when the host was started", control=True)
def finds_the_hosts_log(aim: Aim):
    return [path for path in ("/var/log/dmesg", "/var/log/lastlog", "/var/log/wtmp", "/var/log/dpkg.log")
            if os.path.exists(path)]


# For test_hostile.py: what it does goes on after the answer, or is meant to.

_ticks: list[float] = []


def tick(event, context):
    """Start a thread that notes the time without end, and tell the longest pause that it has made."""
    if not _ticks:
        _ticks.append(time.monotonic())
        if event.get("timer"):
            wake_by_timer()
        threading.Thread(target=note_the_time, daemon=True).start()
    pauses = [later - earlier for earlier, later in zip(_ticks, _ticks[1:], strict=False)]
    return {"ticks": len(_ticks), "pause": max(pauses, default=0.0)}


def note_the_time():
    while True:
        time.sleep(0.01)
        _ticks.append(time.monotonic())


def wake_by_timer():
    """Have the kernel send SIGCONT to this process again and again."""
    event = (ctypes.c_int * 16)(0, 0, int(signal.SIGCONT), 0)
    timer = ctypes.c_int()
    with contextlib.suppress(OSError):
        call(222, 1, ctypes.addressof(event), ctypes.addressof(timer))
        every = (ctypes.c_long * 4)(0, 20_000_000, 0, 20_000_000)
        call(223, timer.value, 0, ctypes.addressof(every), None)


def linger(event, context):
    """Leave processes behind that ignore every signal that can be ignored, in sessions of their own."""
    program = "trap '' TERM INT HUP QUIT USR1 USR2 PIPE ALRM; while :; do sleep 1; done"
    for _ in range(5):
        subprocess.Popen(["/bin/sh", "-c", program, event["marker"]], start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(event.get("seconds", 0))
    return read("/proc/self/stat").split()[0]
