"""Attacks that go to the limit. Each has an environment to itself, and the neighbours are looked at meanwhile."""

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import sys
import threading
import time

# By then it has been seen, on the slowest machine, that too much memory is used where no cgroup limits it.
FOUND_OUT_S = 60
HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)


def fork_without_end(seconds):
    """Fork, in every child as well, until the time is over; tell how many processes there were at once."""
    end = time.monotonic() + seconds
    with contextlib.suppress(OSError):
        while time.monotonic() < end:
            if os.fork() == 0:
                with contextlib.suppress(OSError):
                    while time.monotonic() < end and os.fork() != 0:
                        pass
                time.sleep(max(0, end - time.monotonic()))
                os._exit(0)
    return len([name for name in os.listdir("/proc") if name.isdigit()])


def allocate(seconds):
    """Use memory without end, and use it really."""
    blocks = []
    while True:
        block = bytearray(16 << 20)
        block[:: mmap.PAGESIZE] = b"x" * (len(block) // mmap.PAGESIZE)
        blocks.append(block)


def hide_memory_in_a_nameless_file(seconds):
    """Write into a file that only memory holds, and that no process maps."""
    file = os.memfd_create("hidden")
    written = 0
    while written < 4 << 30:
        written += os.write(file, b"x" * (16 << 20))
    return written


def hide_memory_in_shared_pages(seconds):
    """Use pages that are shared with nobody."""
    pages = mmap.mmap(-1, 4 << 30)
    for place in range(0, len(pages), mmap.PAGESIZE):
        pages[place] = 1
    time.sleep(FOUND_OUT_S)
    return len(pages)


def hide_memory_in_connections(seconds):
    """Let as much as possible lie unread in connections to itself."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    kept, written = [], 0
    with contextlib.suppress(OSError):
        while written < 600 << 20:
            client = socket.create_connection(listener.getsockname(), timeout=2)
            kept += [client, listener.accept()[0]]
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    written += client.send(bytes(1 << 20))
    return written >> 20


def hide_memory_in_children(seconds):
    """Let each of many processes use a little less than the limit."""
    for _ in range(30):
        if os.fork() == 0:
            block = bytearray(100 << 20)
            block[:: mmap.PAGESIZE] = b"x" * (len(block) // mmap.PAGESIZE)
            time.sleep(FOUND_OUT_S)
            os._exit(0)
    time.sleep(FOUND_OUT_S)
    return "all of it"


def spin(seconds):
    """Keep every processor busy from many threads and processes."""
    end = time.monotonic() + seconds
    for _ in range(8):
        if os.fork() == 0:
            while time.monotonic() < end:
                pass
            os._exit(0)
    while time.monotonic() < end:
        pass


def print_without_end(seconds):
    """Print lines, and lines without an end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sys.stdout.write("x\n" * 50_000)
        sys.stderr.write("y" * 500_000)


def print_what_grows(seconds):
    """Print bytes that are no text: each becomes three as one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(1, b"\xff" * 65_535 + b"\n")


def kill_everything(seconds):
    """Kill every process that can be named, and then itself."""
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def crash(seconds):
    """Read where nothing is."""
    ctypes.string_at(0)


def take_every_connection(seconds):
    """Keep as many connections to Runtime API and endpoint as several processes have descriptors."""
    ports = [int(PORT), int(os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])]
    for number in range(6):
        if os.fork() == 0:
            kept = []
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                try:
                    client = socket.socket()
                    client.setblocking(False)
                    client.connect_ex(("127.0.0.1", ports[number % 2]))
                    kept.append(client)
                except OSError:
                    time.sleep(0.05)
            os._exit(0)
    time.sleep(seconds)
    return "kept"


def freeze_its_supervisor(seconds):
    """Send every signal to process 1, again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            with contextlib.suppress(OSError):
                os.kill(1, number)
    return "sent"


def fill_tmp(seconds):
    """Fill /tmp with bytes, then with files."""
    with contextlib.suppress(OSError), open("/tmp/bytes", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
    made = 0
    with contextlib.suppress(OSError):
        while True:
            os.mknod(f"/tmp/{made}")
            made += 1
    return made


def ignore_everything(seconds):
    """Ignore every signal and never answer."""
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    threading.Event().wait()


def handler(event, context):
    """Run the campaign that is named."""
    return globals()[event["campaign"]](event["seconds"])
