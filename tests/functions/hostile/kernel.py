"""Attacks on the kernel: calls that make namespaces, load programs, read others' memory or change the machine.

Most are made with arguments that mean nothing. What counts is whether the kernel looked at them: then the call is open,
and better arguments would do harm.
"""

import concurrent.futures
import ctypes
import mmap
import os
import socket
import struct
from typing import NamedTuple

from attack import IS_X86_64, Aim, add, attack, call, reaches


class Call(NamedTuple):
    """A system call of x86-64 that a function has no use for."""

    name: str
    number: int
    arguments: tuple = (0, 0, 0, 0, 0)
    # Whether it answers the superuser of a host otherwise, and harmlessly so.
    control: bool = True


CALLS = (
    # Mounts and roots.
    Call("mount", 165), Call("umount2", 166, (0, 0)), Call("pivot_root", 155), Call("chroot", 161),
    Call("open_tree", 428), Call("move_mount", 429), Call("fsopen", 430), Call("fsconfig", 431), Call("fsmount", 432),
    Call("fspick", 433), Call("mount_setattr", 442), Call("statmount", 457), Call("listmount", 458),
    # Namespaces.
    Call("unshare", 272, (0x00020000,)), Call("setns", 308, (-1, 0)), Call("clone3", 435, (0, 0)),
    Call("clone with a user namespace", 56, (0x10000000 | 0x8000 | 0x4000 | 0x200, 0, 0, 0, 0)),
    # Files by other ways.
    Call("open_by_handle_at", 304), Call("name_to_handle_at", 303), Call("fanotify_init", 300),
    Call("fanotify_mark", 301), Call("quotactl", 179), Call("quotactl_fd", 443), Call("acct", 163, (-1,)),
    Call("file_getattr", 468), Call("cachestat", 451), Call("sync", 162, (), False), Call("syncfs", 306, (-1,)),
    # Other processes.
    Call("ptrace", 101, (-1, 0, 0, 0)), Call("process_vm_readv", 310, (0, 0, 0, 0, 0)),
    Call("process_vm_writev", 311, (0, 0, 0, 0, 0)), Call("process_madvise", 440), Call("process_mrelease", 448),
    Call("kcmp", 312), Call("pidfd_getfd", 438, (-1, 0, 0)), Call("userfaultfd", 323, (-1,)),
    Call("get_robust_list of process 1", 274, (1, 0, 0), False),
    # Programs in the kernel, keys and measurements.
    Call("bpf", 321, (-1, 0, 0)), Call("perf_event_open", 298, (0, 0, -1, -1, 0)), Call("keyctl", 250, (0, -1, 0)),
    Call("add_key", 248), Call("request_key", 249), Call("syslog", 103, (10, 0, 0)),
    Call("lookup_dcookie", 212, (0,), False),
    Call("io_uring_setup", 425, (0, 0)), Call("io_uring_enter", 426, (-1, 0)), Call("io_uring_register", 427, (-1, 0)),
    Call("io_setup", 206, (0, 0)), Call("io_submit", 209), Call("memfd_secret", 447, (-1,), False),
    Call("lsm_set_self_attr", 460),
    # The machine.
    Call("kexec_load", 246, (0, 0, 0, -1)), Call("kexec_file_load", 320, (-1, -1, 0, 0, -1), False),
    Call("init_module", 175), Call("finit_module", 313, (-1, 0, 0)), Call("delete_module", 176, (0, 0)),
    Call("reboot", 169, (0, 0, 0, 0)), Call("swapon", 167, (0, 0)), Call("swapoff", 168, (0,)),
    Call("sethostname", 170, (0, -1)), Call("setdomainname", 171, (0, -1)), Call("settimeofday", 164, (-1, 0)),
    Call("clock_settime", 227, (0, 0)), Call("clock_adjtime", 305, (0, 0)), Call("adjtimex", 159, (0,)),
    Call("iopl", 172, (4,)), Call("ioperm", 173, (-1, 0, 0)), Call("modify_ldt", 154, (-1, 0, 0)),
    Call("vhangup", 153, (), False), Call("personality", 135, (0x0040000,)), Call("set_mempolicy", 238, (-1, 0, 0)),
    Call("mbind", 237), Call("migrate_pages", 256), Call("move_pages", 279), Call("set_mempolicy_home_node", 450),
    Call("capset", 126, (0, 0)), Call("setgroups", 116, (-1, 0)), Call("nfsservctl", 180, (0,), False),
    # Queues and memory whose limits are the user's, or nobody's.
    Call("mq_open", 240), Call("mq_unlink", 241, (0,)), Call("msgget", 68, (0, 0)), Call("msgsnd", 69, (-1, 0, 0, 0)),
    Call("shmget", 29, (0, 0, 0)), Call("shmat", 30, (-1, 0, 0)), Call("semget", 64, (0, -1, 0)),
    Call("inotify_init", 253, ()), Call("inotify_init1", 294, (-1,)), Call("inotify_add_watch", 254, (-1, 0, 0)),
    # Other tables of calls.
    Call("a call of the future", 900, (), False), Call("a call of the x32 table", 0x40000000 + 39, (), False),
)  # fmt: skip

for _call in CALLS if IS_X86_64 else ():
    add(
        f"calls {_call.name}",
        f"makes the system call {_call.name}",
        lambda aim, row=_call: reaches(row.number, *row.arguments),
        control=_call.control,
    )


@attack("makes a 32-bit system call, which has other numbers")
def makes_a_32_bit_call(aim: Aim):
    """Run `mov eax, 20; int 0x80; ret`, which is getpid there."""
    if not IS_X86_64:
        return None
    code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0


NAMESPACES = {"mount": 0x00020000, "cgroup": 0x02000000, "host name": 0x04000000, "IPC": 0x08000000,
              "user": 0x10000000, "process": 0x20000000, "network": 0x40000000, "time": 0x80}  # fmt: skip
for _what, _flag in NAMESPACES.items():
    add(
        f"makes a {_what} namespace",
        f"unshares with the flag {_flag:#x}",
        lambda aim, flag=_flag: IS_X86_64 and call(272, flag) == 0,
        control=True,
    )
    if _flag != 0x80:
        add(
            f"starts a process in a {_what} namespace",
            f"clones with the flag {_flag:#x}",
            lambda aim, flag=_flag: IS_X86_64 and clones(flag),
            control=True,
        )


def clones(flag: int) -> bool:
    """Start a child with a flag, and let it end at once."""
    child = call(56, flag | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


@attack("types into the server's terminal")
def types_into_a_terminal(aim: Aim):
    return IS_X86_64 and reaches(16, 0, 0x5412, b"x")


@attack("types into it with a request whose upper half is set")
def types_with_an_upper_half(aim: Aim):
    return IS_X86_64 and reaches(16, 0, 0x1_0000_5412, b"x")


@attack("sets the lease command with an upper half that hides it")
def hides_the_command_of_fcntl(aim: Aim):
    with open("/tmp/half", "w"):
        pass
    with open("/tmp/half") as file:
        return IS_X86_64 and call(72, file.fileno(), 0x1_0000_0400, 0) == 0


@attack("hides a namespace's flag behind an upper half")
def hides_a_flag_of_clone(aim: Aim):
    return IS_X86_64 and clones(0x1_0000_0000 | 0x10000000)


@attack("hides a socket's family behind an upper half")
def hides_a_family(aim: Aim):
    return IS_X86_64 and call(41, 0x1_0000_0000 | 40, 1, 0) >= 0


@attack("gets around the filter by a thread of its own")
def asks_from_a_thread(aim: Aim):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return IS_X86_64 and pool.submit(reaches, 165, 0, 0, 0, 0, 0).result()


@attack("puts a filter over the filter that allows everything")
def allows_everything(aim: Aim):
    program = struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("=HxxxxxxQ", 1, ctypes.addressof(buffer))
    if not IS_X86_64 or call(317, 1, 0, header) != 0:
        return False
    return reaches(165, 0, 0, 0, 0, 0)


@attack("executes a program that keeps fewer filters")
def executes_out_of_the_filter(aim: Aim):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.execv("/bin/sh", ["sh", "-c", "grep Seccomp: /proc/self/status"])
    os.close(writing)
    os.waitpid(child, 0)
    return "2" not in os.read(reading, 1000).decode()


@attack("switches the no-new-privileges bit off")
def switches_no_new_privileges_off(aim: Aim):
    return IS_X86_64 and call(157, 38, 0, 0, 0, 0) == 0


@attack("raises an ambient capability")
def raises_an_ambient_capability(aim: Aim):
    return IS_X86_64 and call(157, 47, 2, 21, 0, 0) == 0


@attack("talks to the kernel's cryptography")
def binds_kernel_cryptography(aim: Aim):
    with socket.socket(38, socket.SOCK_SEQPACKET) as cipher:
        cipher.bind(("hash", "sha256"))
        return True


@attack("merges its pages with those of others, whose content shows by time", control=True)
def merges_pages(aim: Aim):
    return IS_X86_64 and call(157, 67, 1, 0, 0, 0) == 0


@attack("maps the first page, where null pointers of the kernel lead")
def maps_the_first_page(aim: Aim):
    ctypes.CDLL(None).mmap.restype = ctypes.c_void_p
    if not IS_X86_64:
        return None
    return call(9, 0, 4096, 3, 0x32, -1, 0) == 0


@attack("reads the host's log", control=True)
def reads_the_log(aim: Aim):
    return IS_X86_64 and call(103, 10, 0, 0) > 0


@attack("has the kernel's addresses", control=True)
def has_addresses_of_the_kernel(aim: Aim):
    with open("/proc/kallsyms") as file:
        return any(int(line.split()[0], 16) for line in file)
