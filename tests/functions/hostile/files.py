"""Attacks on files: reading what is not its own, writing where others read, and devices."""

import ctypes
import fcntl
import os
import stat
import subprocess
import sys

from attack import IS_X86_64, Aim, add, attack, call, reaches, read, write

# What a host has and a function has no use for.
HOST_FILES = ("/etc/shadow", "/etc/hostname", "/etc/machine-id", "/proc/kcore", "/proc/kallsyms", "/proc/keys",
              "/proc/key-users", "/proc/timer_list", "/proc/kpagecount", "/proc/diskstats", "/proc/partitions",
              "/proc/modules", "/proc/pressure/cpu", "/sys/kernel/notes", "/sys/class/net/lo/address")  # fmt: skip
HOST_DIRECTORIES = ("/root", "/home", "/run", "/var/lib", "/var/log", "/boot", "/mnt", "/media", "/srv", "/sys",
                    "/sys/fs/cgroup", "/sys/kernel/debug", "/dev/shm", "/dev/pts", "/dev/net",
                    "/dev/mqueue")  # fmt: skip
# Whether they exist depends on the host, so only some are controls.
EVERYWHERE = ("/etc/shadow", "/proc/kallsyms", "/proc/partitions", "/root", "/var/lib", "/var/log", "/sys", "/run")
DEVICES = ("mem", "kmsg", "port", "fuse", "kvm", "tty", "ptmx", "console", "vda", "sda", "loop0", "net/tun", "vsock",
           "uinput", "btrfs-control", "mapper/control")  # fmt: skip

for _path in HOST_FILES:
    add(f"reads {_path}", f"reads {_path}", lambda aim, path=_path: read(path), control=_path in EVERYWHERE)
for _path in HOST_DIRECTORIES:
    add(f"lists {_path}", f"lists {_path}", lambda aim, path=_path: foreign(path), control=_path in EVERYWHERE)
for _device in DEVICES:
    add(
        f"opens /dev/{_device}",
        f"opens the device {_device}",
        lambda aim, path=f"/dev/{_device}": os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY) > 0,
    )


def foreign(path: str) -> list[str]:
    """Return what is in a directory, but for the way to our interpreter, which has to be where it was built for."""
    return [name for name in os.listdir(path) if not sys.prefix.startswith(f"{path}/{name}")]


@attack("reads a file of the host that everybody may read", control=True)
def reads_the_canary(aim: Aim):
    return read(aim.canary)


@attack("reads it by going up from every directory that there is", control=True)
def climbs_out(aim: Aim):
    for start in ("/", "/proc/self/cwd", "/proc/self/root", "/proc/1/root", "/var/task", "/tmp", "/dev/fd"):
        for climb in ("", "/.." * 20):
            if os.path.exists(start + climb + aim.canary):
                return read(start + climb + aim.canary)
    return None


@attack("reads it through a symbolic link", control=True)
def links_to_the_canary(aim: Aim):
    link = f"/tmp/link-{os.getpid()}"
    os.symlink(aim.canary, link)
    return read(link)


@attack("reads it through a hard link")
def hard_links_to_the_canary(aim: Aim):
    os.link(aim.canary, f"/tmp/hard-{os.getpid()}")
    return read(f"/tmp/hard-{os.getpid()}")


@attack("reads it through a descriptor of a directory above the root", control=True)
def walks_descriptors(aim: Aim):
    directory = os.open("/", os.O_RDONLY)
    for _ in range(10):
        directory = os.open("..", os.O_RDONLY, dir_fd=directory)
    return os.open(aim.canary.lstrip("/"), os.O_RDONLY, dir_fd=directory) > 0


@attack("writes into a directory of the host that everybody may write to", control=True)
def writes_beside_the_canary(aim: Aim):
    path = f"{aim.directory}/left-{os.getpid()}"
    write(path)
    os.unlink(path)
    return True


@attack("lists the data directory", control=True)
def lists_the_data_directory(aim: Aim):
    return os.listdir(aim.data_dir)


@attack("reads the administrator's key", control=True)
def reads_the_administrators_key(aim: Aim):
    return read(f"{aim.data_dir}/credentials")


@attack("finds any file of the data directory below the root")
def searches_for_the_data_directory(aim: Aim):
    found = []
    for start in ("/var", "/opt", "/tmp", "/etc"):
        for directory, _, names in os.walk(start):
            found += [directory for name in names if name in ("credentials", "rolecall.db", "lock")]
    return [path for path in found if "botocore" not in path and "boto3" not in path]


@attack("opens the canary by its handle")
def opens_by_handle(aim: Aim):
    return IS_X86_64 and reaches(304, -100, 0, 0)


@attack("takes a handle of a file", control=True)
def takes_a_handle(aim: Aim):
    return IS_X86_64 and reaches(303, -100, b"/", 0, 0, 0)


# Everything but /tmp is to be read only.

for _path in ("/var/task/attack.py", "/var/task/new", "/var/runtime/bootstrap.py", "/opt/new", "/usr/new",
              "/usr/bin/env", "/etc/passwd", "/etc/hosts", "/etc/ld.so.preload", "/etc/resolv.conf", "/new", "/dev/new",
              "/var/new", "/proc/new", "/lib/new"):  # fmt: skip
    add(
        f"writes {_path}",
        f"opens {_path} for writing",
        lambda aim, path=_path: os.open(path, os.O_WRONLY | os.O_CREAT),
    )
for _path in ("core_pattern", "modprobe", "hostname", "panic", "sysrq", "pid_max", "random/boot_id"):
    add(
        f"sets kernel.{_path}",
        f"opens /proc/sys/kernel/{_path} for writing",
        lambda aim, path=f"/proc/sys/kernel/{_path}": os.open(path, os.O_WRONLY),
        control=_path in ("core_pattern", "panic"),
    )
for _path in ("vm/drop_caches", "vm/overcommit_memory", "fs/file-max", "net/ipv4/ip_forward"):
    add(
        f"sets {_path}",
        f"opens /proc/sys/{_path} for writing",
        lambda aim, path=f"/proc/sys/{_path}": os.open(path, os.O_WRONLY),
        control=_path.startswith("vm/"),
    )


@attack("chooses the process id that comes next", control=True)
def chooses_the_next_process_id(aim: Aim):
    return write("/proc/sys/kernel/ns_last_pid", "20000")


@attack("triggers the host's emergency keys")
def opens_sysrq_trigger(aim: Aim):
    descriptor = os.open("/proc/sysrq-trigger", os.O_WRONLY)
    # What is masked is the null device.
    return not stat.S_ISCHR(os.fstat(descriptor).st_mode)


@attack("changes the mode of its own code")
def changes_the_mode_of_its_code(aim: Aim):
    os.chmod("/var/task/attack.py", 0o777)
    return True


@attack("changes the times of its own code")
def changes_the_times_of_its_code(aim: Aim):
    os.utime("/var/task/attack.py")
    return True


@attack("changes the times of a device of the host", control=True)
def touches_the_null_device(aim: Aim):
    os.utime("/dev/null")
    return True


@attack("removes its own code")
def removes_its_code(aim: Aim):
    os.unlink("/var/task/attack.py")
    return True


@attack("puts an attribute on its own code")
def attributes_its_code(aim: Aim):
    os.setxattr("/var/task/attack.py", "user.attacked", b"yes")
    return True


@attack("opens a nameless file beside its code")
def opens_a_nameless_file(aim: Aim):
    return os.open("/var/task", os.O_TMPFILE | os.O_WRONLY) > 0


@attack("writes its own interpreter")
def writes_its_interpreter(aim: Aim):
    return os.open("/proc/self/exe", os.O_WRONLY) > 0


@attack("maps its interpreter for writing")
def maps_its_interpreter(aim: Aim):
    return os.open("/proc/self/exe", os.O_RDWR) > 0


@attack("makes a device node and opens it")
def makes_a_device(aim: Aim):
    path = f"/tmp/device-{os.getpid()}"
    os.mknod(path, 0o666 | stat.S_IFBLK, os.makedev(254, 0))
    return os.open(path, os.O_RDONLY) > 0


@attack("makes a node of the memory device and opens it")
def makes_a_memory_device(aim: Aim):
    path = f"/tmp/memory-{os.getpid()}"
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 1))
    return os.open(path, os.O_RDONLY) > 0


@attack("gains another user through a program that sets its user")
def runs_a_set_user_program(aim: Aim):
    path = f"/tmp/id-{os.getpid()}"
    with open("/usr/bin/id", "rb") as source, open(path, "wb") as copy:
        copy.write(source.read())
    os.chmod(path, 0o6755)
    seen = subprocess.run([path, "-u"], capture_output=True, text=True, check=False).stdout.strip()
    return seen if seen != str(os.getuid()) else None


@attack("gains the superuser through a program of the host that sets its user")
def runs_a_set_user_program_of_the_host(aim: Aim):
    for program in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd"):
        if os.path.exists(program) and not os.statvfs(program).f_flag & os.ST_NOSUID:
            return program
    return None


@attack("has a place where devices work", control=True)
def has_a_place_for_devices(aim: Aim):
    return [place for place in ("/tmp", "/usr", "/var/task") if os.path.exists(place)
            and not os.statvfs(place).f_flag & os.ST_NODEV]


@attack("gives a program of its own a capability")
def gives_a_capability(aim: Aim):
    path = f"/tmp/capable-{os.getpid()}"
    write(path)
    os.setxattr(path, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
    return True


@attack("shares a lock with other environments through a file that all see")
def hears_of_a_lock(aim: Aim):
    with open("/var/task/attack.py") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return False


@attack("takes a lease on a file, so that others wait for it", control=True)
def takes_a_lease(aim: Aim):
    path = f"/tmp/lease-{os.getpid()}"
    write(path)
    with open(path) as file:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return True


@attack("watches a directory of the host by signals", control=True)
def watches_by_signals(aim: Aim):
    fcntl.fcntl(os.open("/usr", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    return True


@attack("watches which programs and libraries others open", control=True)
def watches_what_others_open(aim: Aim):
    libc = ctypes.CDLL(None, use_errno=True)
    watcher = libc.inotify_init1(0)
    if watcher < 0 or libc.inotify_add_watch(watcher, b"/usr/lib", 0x20) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return True


@attack("sees where its code lies on the host")
def sees_where_its_code_lies(aim: Aim):
    return [line for line in read("/proc/self/mountinfo", 100_000).splitlines() if aim.data_dir in line]


@attack("sees file systems of the host in its list of mounts", control=True)
def sees_mounts_of_the_host(aim: Aim):
    places = [line.split()[4] for line in read("/proc/self/mountinfo", 100_000).splitlines()]
    return [place for place in places if place.startswith(("/sys", "/run", "/boot", "/home")) and place != sys.prefix]


@attack("uses up the host's memory by empty files")
def makes_empty_files(aim: Aim):
    made = 0
    directory = f"/tmp/many-{os.getpid()}"
    os.mkdir(directory)
    try:
        for made in range(300_000):  # noqa: B007
            os.mknod(f"{directory}/{made}")
    finally:
        for name in os.listdir(directory):
            os.unlink(f"{directory}/{name}")
        os.rmdir(directory)
    return made


@attack("keeps bytes where the limit of /tmp does not count them")
def hides_bytes_in_attributes(aim: Aim):
    path = f"/tmp/attributes-{os.getpid()}"
    write(path)
    try:
        for number in range(10_000):
            os.setxattr(path, f"user.{number}", bytes(60_000))
    finally:
        os.unlink(path)
    return True


@attack("mounts a file system of its own")
def mounts(aim: Aim):
    return IS_X86_64 and call(165, b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0
