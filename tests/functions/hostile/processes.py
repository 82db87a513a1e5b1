"""Attacks on processes: seeing, reading, signalling and slowing those of others, and outliving the environment."""

import ctypes
import os
import resource
import signal

from attack import IS_X86_64, Aim, add, attack, call, read


def others() -> list[int]:
    """Return every process that is visible, but for our own family and process 1 of an environment."""
    family = {1, os.getpid(), os.getppid()}
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in family]


@attack("sees processes that are not of its environment", control=True)
def sees_processes(aim: Aim):
    return others()


@attack("reads command lines of other processes", control=True)
def reads_command_lines(aim: Aim):
    return [line for line in map(quietly(lambda pid: read(f"/proc/{pid}/cmdline")), others()) if line]


@attack("reads environment variables, and so keys, of other processes", control=True)
def reads_environments(aim: Aim):
    return [text for text in map(quietly(lambda pid: read(f"/proc/{pid}/environ", 100_000)), [1, *others()]) if text]


@attack("reads the bystander's environment variables", control=True)
def reads_the_bystanders_environment(aim: Aim):
    return read(f"/proc/{aim.bystander}/environ")


@attack("follows the working directories of other processes", control=True)
def follows_working_directories(aim: Aim):
    return [path for path in map(quietly(lambda pid: os.readlink(f"/proc/{pid}/cwd")), [1, *others()]) if path]


@attack("finds the bystander by its command line", control=True)
def finds_the_bystander(aim: Aim):
    return [pid for pid in others() if aim.marker in (quietly(lambda pid: read(f"/proc/{pid}/cmdline"))(pid) or "")]


def quietly(look):
    """Return a function that answers None where `look` fails."""

    def looked(value):
        try:
            return look(value)
        except OSError:
            return None

    return looked


for _name in ("environ", "maps", "mem", "auxv", "stack", "syscall", "io", "smaps", "pagemap"):
    add(
        f"reads_{_name}_of_process_1",
        f"reads /proc/1/{_name}, which is its supervisor's",
        lambda aim, name=_name: read(f"/proc/1/{name}"),
        control=_name in ("environ", "maps", "auxv", "io", "smaps"),
    )

for _entry in ("root", "cwd", "exe", "ns/mnt", "ns/net", "ns/pid", "ns/user"):
    add(
        f"follows_{_entry.replace('/', '_')}_of_process_1",
        f"follows /proc/1/{_entry}",
        lambda aim, entry=_entry: os.readlink(f"/proc/1/{entry}"),
        control=True,
    )


@attack("lists the open files of its supervisor", control=True)
def lists_descriptors_of_process_1(aim: Aim):
    return os.listdir("/proc/1/fd")


@attack("opens the open files of its supervisor", control=True)
def opens_descriptors_of_process_1(aim: Aim):
    return [os.open(f"/proc/1/fd/{number}", os.O_RDONLY | os.O_NONBLOCK) for number in os.listdir("/proc/1/fd")]


@attack("inherited an open file that is not a standard stream")
def inherited_descriptors(aim: Aim):
    """Look at the runtime, whose descriptors this process has too: sockets of its own it may have."""
    targets = [quietly(os.readlink)(f"/proc/self/fd/{number}") or "" for number in os.listdir("/proc/self/fd")[3:]]
    usual = ("socket:", "pipe:", "/proc/", "anon_inode:", "/dev/null")
    return [target for target in targets if target and not target.startswith(usual)]


@attack("finds the bystander's process id reachable for signals", control=True)
def could_signal_the_bystander(aim: Aim):
    os.kill(aim.bystander, 0)
    return True


@attack("kills the bystander")
def kills_the_bystander(aim: Aim):
    os.kill(aim.bystander, signal.SIGKILL)
    return True


@attack("stops the server")
def stops_the_server(aim: Aim):
    os.kill(aim.server, signal.SIGSTOP)
    return True


@attack("finds out which process ids are taken on the host", control=True)
def probes_process_ids(aim: Aim):
    found = []
    for pid in range(300, 40_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            pass
        found.append(pid)
    return [pid for pid in found if pid not in (os.getpid(), os.getppid())]


@attack("takes a handle of the bystander", control=True)
def opens_a_process_descriptor(aim: Aim):
    return os.pidfd_open(aim.bystander) > 0


@attack("takes a handle of its supervisor and copies a descriptor out of it", control=True)
def copies_descriptors_of_process_1(aim: Aim):
    return call(438, os.pidfd_open(1), 0, 0) >= 0


@attack("reads the bystander's memory in one call")
def reads_the_bystanders_memory(aim: Aim):
    return transfer(310, aim.bystander)


@attack("reads its supervisor's memory in one call")
def reads_its_supervisors_memory(aim: Aim):
    return transfer(310, 1)


@attack("writes its runtime's memory in one call", control=True)
def writes_its_runtimes_memory(aim: Aim):
    return transfer(311, os.getppid())


def transfer(number: int, pid: int) -> bool:
    """Move bytes between our memory and another process's, at an address that both have after a fork."""
    buffer = ctypes.create_string_buffer(b"same")
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 4)
    return call(number, pid, ctypes.addressof(vector), 1, ctypes.addressof(vector), 1, 0) == 4


@attack("attaches itself to its supervisor as a debugger")
def debugs_process_1(aim: Aim):
    return call(101, 16, 1, 0, 0) == 0


@attack("attaches itself to its runtime as a debugger", control=True)
def debugs_its_runtime(aim: Aim):
    return call(101, 0x4206, os.getppid(), 0, 0) == 0


@attack("changes a resource limit of its supervisor")
def limits_process_1(aim: Aim):
    return resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3)) is not None


@attack("reads a resource limit of its supervisor", control=True)
def reads_limits_of_process_1(aim: Aim):
    return resource.prlimit(1, resource.RLIMIT_NOFILE)


@attack("lowers the priority of its supervisor")
def renices_process_1(aim: Aim):
    os.setpriority(os.PRIO_PROCESS, 1, 19)
    return True


@attack("lowers the priority of all processes of its user, its supervisor among them")
def renices_its_user(aim: Aim):
    before = os.getpriority(os.PRIO_PROCESS, 1)
    os.setpriority(os.PRIO_USER, 0, 1)
    return os.getpriority(os.PRIO_PROCESS, 1) != before


@attack("makes its supervisor run only when nobody else does")
def idles_process_1(aim: Aim):
    os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))
    return True


@attack("binds its supervisor to one CPU")
def binds_process_1(aim: Aim):
    os.sched_setaffinity(1, {0})
    return True


@attack("lowers the disk priority of its supervisor")
def idles_disk_of_process_1(aim: Aim):
    return call(251, 1, 1, 3 << 13) == 0 if IS_X86_64 else None


@attack("becomes the superuser")
def becomes_root(aim: Aim):
    os.setuid(0)
    return os.getuid() == 0


@attack("becomes another user")
def becomes_another_user(aim: Aim):
    os.setresuid(1, 1, 1)
    return True


@attack("joins another group")
def joins_a_group(aim: Aim):
    os.setgroups([0])
    return True


@attack("has a capability", control=True)
def has_a_capability(aim: Aim):
    lines = [line.split() for line in read("/proc/self/status").splitlines() if line.startswith("Cap")]
    return [line for line in lines if int(line[1], 16)]


@attack("may gain privileges by executing a program", control=True)
def may_gain_privileges(aim: Aim):
    return "NoNewPrivs:\t0" in read("/proc/self/status")


@attack("is not filtered", control=True)
def is_not_filtered(aim: Aim):
    return "Seccomp:\t2" not in read("/proc/self/status")


@attack("gains the host's superuser through a user namespace", control=True)
def makes_a_user_namespace(aim: Aim):
    return call(272, 0x10000000) == 0


@attack("has the superuser of the host in its map of users", control=True)
def maps_the_superuser(aim: Aim):
    return [line for line in read("/proc/self/uid_map").splitlines() if int(line.split()[1]) == 0]


@attack("maps more users into its namespace")
def maps_more_users(aim: Aim):
    with open("/proc/self/uid_map", "w") as file:
        file.write("0 0 1")
    return True


@attack("makes the host's out-of-memory killer spare it")
def spares_itself(aim: Aim):
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    return True
