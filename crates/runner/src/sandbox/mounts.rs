//! The file tree of a sandbox: a small read-only tmpfs with read-only views of what the runtime needs, and `/tmp`.
//!
//! All of this happens before any foreign code runs, so nobody races for the paths below the new root.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

use super::{Failure, Notices, Stage as _};
use crate::plan::{Bind, Payload, Plan, SANDBOX_ID};

/// Device nodes that every program expects and that do no harm.
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// A directory that every system has, and that is empty here.
const EMPTY: &str = "/mnt";

/// How many files `/tmp` takes for each megabyte of its size; file systems on disks usually have as many.
const FILES_PER_MEGABYTE: u32 = 64;

/// Files of `/proc` that tell about the machine's inside or what others do on it, and are of no use to a function.
const MASKED: [&str; 11] = [
    "/proc/diskstats",
    "/proc/partitions",
    "/proc/kcore",
    "/proc/keys",
    "/proc/key-users",
    "/proc/kallsyms",
    "/proc/timer_list",
    "/proc/sched_debug",
    "/proc/latency_stats",
    "/proc/sysrq-trigger",
    "/proc/config.gz",
];

/// Directories of the same kind.
const MASKED_DIRECTORIES: [&str; 1] = ["/proc/pressure"];

/// Builds the tree, makes it the root and lets go of the host's.
pub(super) fn build(plan: &Plan, notices: &mut Notices) -> Result<(), Failure> {
    let root = Tree { root: plan.root.clone() };
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .stage("separating mounts")?;
    mount_new("tmpfs", &root.root, MountFlags::empty(), "size=1m,mode=755").stage("mounting the new root")?;
    root.files().stage("writing /etc")?;
    for bind in &plan.binds {
        root.bind(bind).stage(format!("showing {} at {}", bind.source.display(), bind.target.display()))?;
    }
    for (link, target) in &plan.links {
        root.link(link, target).stage(format!("linking {}", link.display()))?;
    }
    root.layers(plan, notices)?;
    root.devices().stage("making /dev")?;
    root.proc(plan, notices)?;
    root.tmp(plan).stage("mounting /tmp")?;
    set_attributes(&root.root, attributes::READ_ONLY, false).stage("making the root read-only")?;
    root.enter().stage("changing the root")
}

/// The tree under construction, still below a directory of the host.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The few files that name users and hosts. They are ours: the host's would tell about the host.
    fn files(&self) -> io::Result<()> {
        fs::create_dir(self.at(EMPTY))?;
        fs::create_dir(self.at("/etc"))?;
        let passwd = format!(
            "root:x:0:0:root:/:/sbin/nologin\nsbx_user:x:{SANDBOX_ID}:{SANDBOX_ID}::/tmp:/sbin/nologin\n"
        );
        fs::write(self.at("/etc/passwd"), passwd)?;
        fs::write(self.at("/etc/group"), format!("root:x:0:\nsbx_user:x:{SANDBOX_ID}:\n"))?;
        fs::write(self.at("/etc/hosts"), "127.0.0.1 localhost sandbox sandbox.localdomain\n::1 localhost\n")?;
        fs::write(self.at("/etc/resolv.conf"), "")?;
        fs::write(self.at("/etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n")
    }

    fn bind(&self, bind: &Bind) -> io::Result<()> {
        let metadata = match fs::metadata(&bind.source) {
            Err(error) if bind.optional && error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let target = self.at(&bind.target);
        if metadata.is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            self.placeholder(&target)?;
        }
        if bind.nameless && metadata.is_dir() {
            return self.lay_over(std::slice::from_ref(&bind.source), &target);
        }
        rustix::mount::mount_bind_recursive(&bind.source, &target)?;
        set_attributes(&target, attributes::READ_ONLY | attributes::NO_SUID | attributes::NO_DEVICES, true)
    }

    /// An empty file to mount over.
    fn placeholder(&self, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        if target.exists() { Ok(()) } else { fs::write(target, "") }
    }

    fn link(&self, link: &Path, target: &Path) -> io::Result<()> {
        let link = self.at(link);
        if let Some(parent) = link.parent() {
            fs::create_dir_all(parent)?;
        }
        std::os::unix::fs::symlink(target, link)
    }

    /// Lays several layers over each other at `/opt`.
    fn layers(&self, plan: &Plan, notices: &mut Notices) -> Result<(), Failure> {
        let target = self.at("/opt");
        fs::create_dir_all(&target).stage("making /opt")?;
        if plan.layers.is_empty() {
            return Ok(());
        }
        match (self.lay_over(&plan.layers, &target), &plan.payload) {
            (Ok(()), _) => Ok(()),
            (Err(error), Payload::Trial) => {
                notices.0.overlay = Some(error.to_string());
                Ok(())
            }
            (Err(error), Payload::Run { .. }) => Err(Failure::new("laying layers over each other", error)),
        }
    }

    /// Shows directories of the host as one, the last one topmost.
    ///
    /// A function can read the options of its mounts. So the directories are named by descriptors: where they lie on the
    /// host is nothing that it should know. Their locks are not the host's files' either.
    fn lay_over(&self, directories: &[PathBuf], target: &Path) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The kernel wants two at least; the lowest one is empty.
        let empty = self.at(EMPTY);
        let opened = directories.iter().rev().chain([&empty]);
        let opened: Vec<_> =
            opened.map(|path| rustix::fs::open(path, flags, Mode::empty())).collect::<Result<_, _>>()?;
        let names: Vec<String> =
            opened.iter().map(|directory| format!("/proc/self/fd/{}", directory.as_raw_fd())).collect();
        let mut options = format!("lowerdir={}", names.join(":"));
        if !rustix::process::geteuid().is_root() || in_user_namespace() {
            options.push_str(",userxattr");
        }
        mount_new("overlay", target, MountFlags::RDONLY, &options)
    }

    fn devices(&self) -> io::Result<()> {
        let directory = self.at("/dev");
        fs::create_dir(&directory)?;
        mount_new("tmpfs", &directory, MountFlags::NOEXEC, "size=64k,mode=755")?;
        for name in DEVICES {
            let target = directory.join(name);
            fs::write(&target, "")?;
            rustix::mount::mount_bind(Path::new("/dev").join(name), &target)?;
            // Writing to a device is no change of the file system.
            let kept = attributes::READ_ONLY | attributes::NO_SUID | attributes::NO_EXEC;
            set_attributes(&target, kept, false)?;
        }
        for (link, target) in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")] {
            std::os::unix::fs::symlink(format!("/proc/self/fd{target}"), directory.join(link))?;
        }
        set_attributes(&directory, attributes::READ_ONLY, false)
    }

    /// Mounts `/proc` of the new process namespace. Inside a container the kernel may refuse that; functions then run
    /// with an empty `/proc`.
    fn proc(&self, plan: &Plan, notices: &mut Notices) -> Result<(), Failure> {
        let target = self.at("/proc");
        fs::create_dir(&target).stage("making /proc")?;
        let flags = MountFlags::NOEXEC;
        let mounted =
            mount_new("proc", &target, flags, "hidepid=2").or_else(|_| mount_new("proc", &target, flags, ""));
        if let Err(error) = mounted {
            if matches!(plan.payload, Payload::Trial) {
                notices.0.proc = Some(error.to_string());
            }
            return Ok(());
        }
        for masked in MASKED.iter().map(|path| self.at(path)).filter(|path| path.exists()) {
            rustix::mount::mount_bind("/dev/null", &masked).stage(format!("masking {}", masked.display()))?;
            set_attributes(&masked, attributes::READ_ONLY | attributes::NO_DEVICES, false)
                .stage("masking")?;
        }
        for masked in MASKED_DIRECTORIES.iter().map(|path| self.at(path)).filter(|path| path.exists()) {
            mount_new("tmpfs", &masked, MountFlags::RDONLY, "size=4k,mode=555").stage("masking")?;
        }
        Ok(())
    }

    /// Empty files take no room and memory all the same, so that their number is limited too.
    fn tmp(&self, plan: &Plan) -> io::Result<()> {
        let target = self.at("/tmp");
        fs::create_dir(&target)?;
        let id = if rustix::process::geteuid().is_root() { plan.host_user } else { SANDBOX_ID };
        let (megabytes, files) = (plan.tmp_mb, plan.tmp_mb.saturating_mul(FILES_PER_MEGABYTE));
        let options = format!("size={megabytes}m,nr_inodes={files},mode=700,uid={id},gid={id}");
        mount_new("tmpfs", &target, MountFlags::empty(), &options)
    }

    /// Swaps the roots and detaches the host's, which is stacked below the new one at that moment.
    fn enter(&self) -> io::Result<()> {
        std::env::set_current_dir(&self.root)?;
        rustix::process::pivot_root(".", ".")?;
        rustix::mount::unmount(".", UnmountFlags::DETACH)?;
        std::env::set_current_dir("/")
    }
}

/// The initial user namespace maps every user; ours maps one.
fn in_user_namespace() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().nth(2) != Some("4294967295")
}

/// Mounts a new file system. None of ours carries set-user-ID programs or devices.
fn mount_new(kind: &str, target: &Path, flags: MountFlags, options: &str) -> io::Result<()> {
    let options = CString::new(options)?;
    let flags = flags | MountFlags::NOSUID | MountFlags::NODEV;
    Ok(rustix::mount::mount(kind, target, kind, flags, options.as_c_str())?)
}

/// Attributes of `mount_setattr(2)`, which libc does not name on every target.
mod attributes {
    pub(super) const READ_ONLY: u64 = 0x1;
    pub(super) const NO_SUID: u64 = 0x2;
    pub(super) const NO_DEVICES: u64 = 0x4;
    pub(super) const NO_EXEC: u64 = 0x8;
}

/// `struct mount_attr` of `mount_setattr(2)`.
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// Adds attributes to a mount, and to those below it, without touching the others it has. Needs Linux 5.12.
fn set_attributes(path: &Path, add: u64, recursive: bool) -> io::Result<()> {
    const AT_RECURSIVE: libc::c_int = 0x8000;
    let path = CString::new(path.as_os_str().as_bytes())?;
    let attributes = MountAttr { set: add, ..MountAttr::default() };
    let flags = if recursive { AT_RECURSIVE } else { 0 };
    #[expect(unsafe_code, reason = "neither libc nor rustix wraps mount_setattr")]
    // SAFETY: the path ends with a nul and the structure has the size given; both live until the call returns.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<MountAttr>(),
        )
    };
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
