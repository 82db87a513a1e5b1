//! System calls of which the arguments decide, as data.

/// Address families a function may use, and the protocols of each; none means any. Everything else, such as vsock,
/// packet and kernel crypto sockets, is not there, and no seldom used protocol is loaded into the kernel by asking for it.
pub(super) const SOCKETS_ALLOWED: &[(i32, &[i32])] = &[
    (libc::AF_UNIX, &[]),
    (libc::AF_INET, INTERNET_PROTOCOLS),
    (libc::AF_INET6, INTERNET_PROTOCOLS),
    // Programs list their network interfaces by it. The host's device events come by another protocol of the family.
    (libc::AF_NETLINK, &[libc::NETLINK_ROUTE]),
];

/// What a socket's type implies, TCP and UDP.
const INTERNET_PROTOCOLS: &[i32] = &[0, libc::IPPROTO_TCP, libc::IPPROTO_UDP];

/// Flags of `clone` that would make a namespace.
pub(super) const NAMESPACE_FLAGS: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

/// `ioctl` requests that type into a terminal.
pub(super) const REFUSED_IOCTLS: &[u64] = &[0x5412 /* TIOCSTI */, 0x541C /* TIOCLINUX */];

/// `fcntl` commands that reach beyond the own descriptors.
pub(super) const REFUSED_FCNTLS: &[i32] = &[
    // A lease on a file makes everybody wait who opens it for writing.
    libc::F_SETLEASE,
    // Tells what others do in a directory, as inotify does.
    libc::F_NOTIFY,
    // With SIGCONT for input and output, a stopped process could wake itself.
    F_SETSIG,
];

/// `fcntl` has it for the signal that announces input and output; libc does not name it.
const F_SETSIG: i32 = 10;

/// Advice about memory that has its pages compared with those of others: whether they are equal shows by time.
pub(super) const REFUSED_ADVICE: &[i32] = &[libc::MADV_MERGEABLE];

/// The option of `prctl` that does the same for the whole process; libc does not name it.
pub(super) const REFUSED_PRCTLS: &[i32] = &[67 /* PR_SET_MEMORY_MERGE */];

/// Resource limits that a function may not set, not even lower: a core size of one keeps the host from handing the memory
/// of a crashed function to a program of its own, and nought does not.
pub(super) const KEPT_LIMITS: &[u32] = &[libc::RLIMIT_CORE];
