"""Attacks on what all share: processors, memory, descriptors, disks and the counters that the kernel keeps by user.

The ones that go to the limit, and are judged by what happens to the neighbours, are campaigns in test_hostile.py.
"""

import array
import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket

from attack import IS_X86_64, Aim, add, attack, call


@attack("opens more files than AWS's 1,024")
def opens_too_many_files(aim: Aim):
    opened = []
    try:
        for _ in range(20_000):
            opened.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return len(opened)


@attack("hides open files in messages under way", control=True)
def hides_files_in_messages(aim: Aim):
    """Each queued message carries 200 open files that no limit of a process counts; the kernel counts them by user."""
    hidden, ends = 0, []
    descriptors = array.array("i", [os.open("/dev/null", os.O_RDONLY)] * 200)
    for _ in range(100):
        ends.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
        ends[-1][0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        hidden += len(descriptors)
    return hidden > 4096


LIMITS = {"NOFILE": 1_000_000, "MEMLOCK": 1 << 40, "NICE": 40, "RTPRIO": 99, "SIGPENDING": 1 << 20, "CORE": 1 << 30}
for _limit, _value in LIMITS.items():
    add(
        f"raises its limit {_limit}",
        f"sets the resource limit {_limit} to {_value}",
        lambda aim, limit=getattr(resource, f"RLIMIT_{_limit}"), value=_value: raises(limit, value),
    )


def raises(limit: int, value: int) -> bool:
    """Whether a limit that holds can be changed."""
    if resource.getrlimit(limit)[1] in (value, resource.RLIM_INFINITY):
        return True
    try:
        resource.setrlimit(limit, (value, value))
    except ValueError as error:
        raise PermissionError(1, "limit") from error
    return True


@attack("has the host keep the memory of a crash", control=True)
def lowers_the_core_limit(aim: Aim):
    """With a limit of nought the kernel still hands cores to a program of the host, where there is one."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != 1:
        return "cores are not limited to one byte"
    return raises(resource.RLIMIT_CORE, 0) and "the limit of cores was lowered"


@attack("goes before everybody else in real time", control=True)
def runs_in_real_time(aim: Aim):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return True


@attack("raises its priority", control=True)
def raises_its_priority(aim: Aim):
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    return os.getpriority(os.PRIO_PROCESS, 0) < 0


@attack("reads disks before everybody else", control=True)
def reads_disks_in_real_time(aim: Aim):
    return IS_X86_64 and call(251, 1, 0, 1 << 13) == 0


@attack("locks more memory than it may", control=True)
def locks_memory(aim: Aim):
    return IS_X86_64 and call(151, 1) == 0


@attack("keeps a pipe of a size that only the superuser may have", control=True)
def makes_a_huge_pipe(aim: Aim):
    reading, _ = os.pipe()
    return fcntl.fcntl(reading, 1031, 1 << 24) > 1 << 20


@attack("queues more signals than it may", control=True)
def queues_signals(aim: Aim):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    info = (ctypes.c_int * 32)(signal.SIGRTMIN, 0, -1)
    for number in range(4096):
        if IS_X86_64 and call(129, os.getpid(), int(signal.SIGRTMIN), ctypes.addressof(info)) != 0:
            return number
    return 4096


@attack("makes the whole host write its files out")
def syncs_the_host(aim: Aim):
    return IS_X86_64 and call(162) == 0


@attack("writes out the file system that its interpreter lies on")
def syncs_a_file_system(aim: Aim):
    return IS_X86_64 and call(306, os.open("/usr", os.O_RDONLY)) == 0


@attack("keeps a message queue of the host's user", control=True)
def keeps_a_message_queue(aim: Aim):
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.mq_open(b"/rolecall-attack", os.O_CREAT | os.O_RDWR, 0o600, None)
    if queue < 0:
        raise OSError(ctypes.get_errno(), "mq_open")
    libc.mq_unlink(b"/rolecall-attack")
    return True


@attack("keeps shared memory that outlives it", control=True)
def keeps_shared_memory(aim: Aim):
    segment = call(29, 0, 1 << 20, 0o1600) if IS_X86_64 else 0
    call(31, segment, 0, 0)
    return True


@attack("keeps messages that outlive it", control=True)
def keeps_messages(aim: Aim):
    queue = call(68, 0, 0o1600) if IS_X86_64 else 0
    call(71, queue, 0, 0)
    return True


@attack("finds shared memory of others")
def finds_shared_memory(aim: Aim):
    with open("/proc/sysvipc/shm") as file:
        return file.readlines()[1:]


@attack("maps more memory than the host has and uses it")
def maps_everything(aim: Aim):
    """The last word on memory is a campaign's; this one asks for the impossible at once."""
    whole = mmap.mmap(-1, 1 << 46, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return len(whole)


@attack("has its files count as nobody's")
def writes_more_than_tmp_holds(aim: Aim):
    path = f"/tmp/big-{os.getpid()}"
    written = 0
    try:
        with open(path, "wb") as file:
            while written < 1 << 30:
                written += file.write(bytes(1 << 20))
    finally:
        os.unlink(path)
    return written


@attack("reserves more than /tmp holds")
def reserves_more_than_tmp_holds(aim: Aim):
    path = f"/tmp/reserved-{os.getpid()}"
    with open(path, "wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, 1 << 30)
        finally:
            os.unlink(path)
    return True


@attack("sees how large the host's other file systems are", control=True)
def sees_file_systems_of_the_host(aim: Aim):
    return [place for place in ("/sys", "/run", "/home", "/var/lib") if os.path.isdir(place)]


@attack("wakes itself by input that sends the signal to continue", control=True)
def wakes_itself_by_input(aim: Aim):
    reading, _ = os.pipe()
    return fcntl.fcntl(reading, fcntl.F_SETSIG, int(signal.SIGCONT)) == 0
