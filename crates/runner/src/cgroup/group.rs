//! The control group of one environment.
//!
//! Whatever is limited is limited for the whole sandbox. Only the function itself is frozen: its supervisor has to see
//! the server go away at any time. So a group has a part for the function, which is where the freezer acts.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Controller;
use super::hierarchy::Hierarchy;
use crate::plan::CgroupFiles;

/// Lambda gives one CPU for each 1,769 MB.
const MEGABYTES_PER_CPU: u64 = 1769;

/// The kernel's period for CPU quotas in microseconds, and the file's usual default.
const CPU_PERIOD_US: u64 = 100_000;

const MEGABYTE: u64 = 1 << 20;

/// How long an ended environment's processes may take to leave their group.
pub(super) const LEAVING: Duration = Duration::from_secs(2);

/// The limits of one environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupLimits {
    /// Bytes of memory, the content of `/tmp` included.
    pub(crate) memory_bytes: u64,
    /// MemorySize, which the share of the CPU follows.
    pub(crate) memory_mb: u64,
    /// Processes and threads.
    pub(crate) pids: u64,
}

/// Directories of one environment in the cgroup file systems; removing them is the owner's duty.
#[derive(Debug)]
pub(crate) enum Group {
    None,
    V1(Vec<(Controller, PathBuf)>),
    V2(PathBuf),
}

impl Group {
    /// Makes the group and writes its limits.
    pub(super) fn create(hierarchy: &Hierarchy, name: &str, limits: &GroupLimits) -> io::Result<Self> {
        let group = Self::existing(hierarchy, name);
        let made = match &group {
            Self::None => Ok(()),
            Self::V1(directories) => create_v1(directories, limits),
            Self::V2(directory) => create_v2(directory, limits),
        };
        match made {
            Ok(()) => Ok(group),
            Err(error) => {
                group.remove();
                Err(error)
            }
        }
    }

    /// Names a group without making it.
    pub(super) fn existing(hierarchy: &Hierarchy, name: &str) -> Self {
        match hierarchy {
            Hierarchy::None => Self::None,
            Hierarchy::V1(directories) => Self::V1(
                directories
                    .iter()
                    .map(|(controller, directory)| (*controller, directory.join(name)))
                    .collect(),
            ),
            Hierarchy::V2(found) => Self::V2(found.directory.join(name)),
        }
    }

    /// What a sandbox's helper writes to.
    pub(crate) fn files(&self) -> CgroupFiles {
        match self {
            Self::None => CgroupFiles::default(),
            Self::V1(directories) => {
                let procs = |freezer: bool| {
                    directories
                        .iter()
                        .filter(|(controller, _)| (*controller == Controller::Freezer) == freezer)
                        .map(|(_, directory)| directory.join("cgroup.procs"))
                        .collect()
                };
                let thaw = self.freezer().map(|file| (file, "THAWED".to_owned()));
                CgroupFiles { sandbox: procs(false), function: procs(true), thaw }
            }
            Self::V2(directory) => CgroupFiles {
                sandbox: vec![directory.join("supervisor/cgroup.procs")],
                function: vec![directory.join("function/cgroup.procs")],
                thaw: self.freezer().map(|file| (file, "0".to_owned())),
            },
        }
    }

    /// Whether [`Group::freeze`] works; otherwise the supervisor stops the function by signals.
    pub(crate) fn can_freeze(&self) -> bool {
        self.freezer().is_some()
    }

    /// Stops or continues the function's processes.
    pub(crate) fn freeze(&self, frozen: bool) -> io::Result<()> {
        let Some(file) = self.freezer() else { return Ok(()) };
        let word = match (self, frozen) {
            (Self::V1(_), true) => "FROZEN",
            (Self::V1(_), false) => "THAWED",
            (_, true) => "1",
            (_, false) => "0",
        };
        fs::write(file, word)
    }

    fn freezer(&self) -> Option<PathBuf> {
        match self {
            Self::None => None,
            Self::V1(_) => self.v1(Controller::Freezer).map(|directory| directory.join("freezer.state")),
            Self::V2(directory) => {
                let file = directory.join("function/cgroup.freeze");
                file.exists().then_some(file)
            }
        }
    }

    fn v1(&self, wanted: Controller) -> Option<&Path> {
        let Self::V1(directories) = self else { return None };
        directories
            .iter()
            .find(|(controller, _)| *controller == wanted)
            .map(|(_, directory)| directory.as_path())
    }

    fn memory_file(&self, v1: &str, v2: &str) -> Option<PathBuf> {
        match self {
            Self::V2(directory) => Some(directory.join(v2)),
            _ => self.v1(Controller::Memory).map(|directory| directory.join(v1)),
        }
    }

    /// Memory used at this moment, cached files and `/tmp` included, in bytes.
    pub(crate) fn used_bytes(&self) -> Option<u64> {
        let file = self.memory_file("memory.usage_in_bytes", "memory.current")?;
        fs::read_to_string(file).ok()?.trim().parse().ok()
    }

    /// The file that says how much memory was used at most so far, counted in the same way.
    pub(crate) fn peak(&self) -> Option<Peak> {
        let file = self.memory_file("memory.max_usage_in_bytes", "memory.peak")?;
        fs::File::open(file).ok().map(Peak)
    }

    /// Memory that is not backed by files, in bytes: what a function has allocated.
    pub(crate) fn allocated_bytes(&self) -> Option<u64> {
        let file = self.memory_file("memory.stat", "memory.stat")?;
        let stat = fs::read_to_string(file).ok()?;
        let field = |name: &str| value_of(&stat, name);
        match self {
            Self::V1(_) => Some(field("total_rss").or_else(|| field("rss"))?),
            _ => field("anon"),
        }
    }

    /// Memory of files that are on no disk, those of `/tmp` included, in bytes.
    pub(crate) fn shared_bytes(&self) -> Option<u64> {
        let file = self.memory_file("memory.stat", "memory.stat")?;
        let stat = fs::read_to_string(file).ok()?;
        value_of(&stat, "total_shmem").or_else(|| value_of(&stat, "shmem"))
    }

    /// How many processes of the group the kernel has killed for want of memory.
    pub(crate) fn memory_kills(&self) -> u64 {
        let Some(file) = self.memory_file("memory.oom_control", "memory.events") else { return 0 };
        fs::read_to_string(file).ok().and_then(|text| value_of(&text, "oom_kill")).unwrap_or(0)
    }

    /// Kills every process of the group and thaws it, so that they die.
    pub(crate) fn kill(&self) {
        if let Self::V2(directory) = self
            && fs::write(directory.join("cgroup.kill"), "1").is_ok()
        {
            return;
        }
        for process in self.processes() {
            // It may be gone already.
            rustix::process::kill_process(process, rustix::process::Signal::KILL).ok();
        }
        drop(self.freeze(false));
    }

    fn processes(&self) -> Vec<rustix::process::Pid> {
        let files = self.files();
        files
            .sandbox
            .iter()
            .chain(&files.function)
            .filter_map(|file| fs::read_to_string(file).ok())
            .flat_map(|text| text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<i32>>())
            .filter_map(rustix::process::Pid::from_raw)
            .collect()
    }

    /// Removes the directories, waiting a moment for ended processes to leave. Blocks.
    pub(crate) fn remove(&self) {
        let directories: Vec<PathBuf> = match self {
            Self::None => Vec::new(),
            Self::V1(directories) => directories.iter().map(|(_, directory)| directory.clone()).collect(),
            Self::V2(directory) => {
                vec![directory.join("function"), directory.join("supervisor"), directory.clone()]
            }
        };
        let deadline = Instant::now() + LEAVING;
        for directory in directories {
            remove_patiently(&directory, deadline);
        }
    }
}

/// The open file of a group's peak. It is asked after every event, and opening it costs more than reading.
#[derive(Debug)]
pub(crate) struct Peak(fs::File);

impl Peak {
    /// The most memory used so far, in bytes.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let mut text = [0; 24];
        let length = self.0.read_at(&mut text, 0).ok()?;
        std::str::from_utf8(text.get(..length)?).ok()?.trim().parse().ok()
    }
}

/// Removes a group as soon as its processes and children are gone. Blocks until then or the deadline.
pub(super) fn remove_patiently(directory: &Path, deadline: Instant) {
    while let Err(error) = fs::remove_dir(directory) {
        if error.kind() == io::ErrorKind::NotFound || Instant::now() > deadline {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The number after `name` in lines of names and numbers.
fn value_of(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

fn create_v1(directories: &[(Controller, PathBuf)], limits: &GroupLimits) -> io::Result<()> {
    for (controller, directory) in directories {
        fs::create_dir(directory)?;
        let write = |name: &str, value: u64| fs::write(directory.join(name), value.to_string());
        match controller {
            Controller::Memory => {
                write("memory.limit_in_bytes", limits.memory_bytes)?;
                // Without swap accounting the file is missing, and so is the danger that it averts.
                drop(write("memory.memsw.limit_in_bytes", limits.memory_bytes));
                // This version does not count what lies in network connections as memory, and newer kernels may not
                // have the file.
                drop(write("memory.kmem.tcp.limit_in_bytes", CONNECTIONS_BYTES));
            }
            Controller::Pids => write("pids.max", limits.pids)?,
            Controller::Cpu => {
                write("cpu.shares", (1024 * limits.memory_mb / MEGABYTES_PER_CPU).max(2))?;
                drop(write("cpu.cfs_quota_us", cpu_quota_us(limits.memory_mb)));
            }
            Controller::Freezer => {}
        }
    }
    Ok(())
}

fn create_v2(directory: &Path, limits: &GroupLimits) -> io::Result<()> {
    fs::create_dir(directory)?;
    for part in ["supervisor", "function"] {
        fs::create_dir(directory.join(part))?;
    }
    let write = |name: &str, value: String| {
        let file = directory.join(name);
        // A controller that is not delegated has no files; that was said at start.
        if file.exists() { fs::write(file, value) } else { Ok(()) }
    };
    write("memory.max", limits.memory_bytes.to_string())?;
    write("memory.swap.max", "0".to_owned())?;
    write("pids.max", limits.pids.to_string())?;
    write("cpu.weight", (100 * limits.memory_mb / MEGABYTES_PER_CPU).clamp(1, 10_000).to_string())?;
    write("cpu.max", format!("{} {CPU_PERIOD_US}", cpu_quota_us(limits.memory_mb)))
}

/// A function may use idle CPU time up to whole CPUs: the share decides only when there is not enough for everybody.
fn cpu_quota_us(memory_mb: u64) -> u64 {
    memory_mb.div_ceil(MEGABYTES_PER_CPU).max(1) * CPU_PERIOD_US
}

impl GroupLimits {
    /// What a function of this size gets: its memory, a little for supervisor and kernel, and the content of `/tmp`.
    pub(crate) fn of(memory_mb: u32, tmp_mb: u32) -> Self {
        let (memory_mb, tmp_mb) = (u64::from(memory_mb), u64::from(tmp_mb));
        Self { memory_bytes: (memory_mb + tmp_mb + OVERHEAD_MB) * MEGABYTE, memory_mb, pids: 1024 }
    }
}

/// What may lie in an environment's network connections, in bytes.
const CONNECTIONS_BYTES: u64 = 64 * MEGABYTE;

/// Supervisor, helper and kernel structures of an environment.
pub(crate) const OVERHEAD_MB: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let stat = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        assert_eq!(value_of(stat, "oom_kill"), Some(3));
        assert_eq!(value_of(stat, "oom"), None);
    }

    #[test]
    fn the_cpu_ceiling_is_whole_cpus() {
        for (memory_mb, cpus) in [(128, 1), (1769, 1), (1770, 2), (10_240, 6)] {
            assert_eq!(cpu_quota_us(memory_mb), cpus * CPU_PERIOD_US, "{memory_mb}");
        }
    }
}
