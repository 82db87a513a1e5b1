//! Where the server's control groups are. Version 1 has a tree for each controller, version 2 one tree for all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Controller;

/// The group the server moves itself into, because version 2 lets only groups without processes have limited children.
const SERVER_LEAF: &str = "rolecall-server";

/// Controllers that cannot be used, and why.
pub(super) type Missing = Vec<(Controller, String)>;

/// The server's own directories in the cgroup file systems.
#[derive(Debug, Clone)]
pub(super) enum Hierarchy {
    /// No cgroup file system is mounted or writable.
    None,
    /// One directory for each controller that works.
    V1(Vec<(Controller, PathBuf)>),
    /// The one directory.
    V2(V2),
}

/// A directory of version 2 and the controllers that its children have.
#[derive(Debug, Clone)]
pub(super) struct V2 {
    pub(super) directory: PathBuf,
    pub(super) controllers: Vec<Controller>,
}

impl Hierarchy {
    /// Version 2 where its controllers can be had, else version 1, else nothing; with reasons for what is missing.
    pub(super) fn find(name: &str) -> (Self, Missing) {
        let mounts = Mounts::read();
        let second = version_2(&mounts, name);
        if let Ok(found) = &second
            && found.controllers.contains(&Controller::Memory)
        {
            let missing = missing_in(found);
            return (Self::V2(found.clone()), missing);
        }
        let (first, missing) = version_1(&mounts, name);
        if !first.is_empty() {
            return (Self::V1(first), missing);
        }
        match second {
            Ok(found) if !found.controllers.is_empty() => {
                let missing = missing_in(&found);
                (Self::V2(found), missing)
            }
            Ok(_) => (Self::None, all_missing("the cgroup delegated to the server has no controllers")),
            // Where memory is a matter of version 1, so are the reasons.
            Err(_) if mounts.has(Controller::Memory) => (Self::None, missing),
            Err(reason) => (Self::None, all_missing(&reason)),
        }
    }

    /// The server's directories.
    pub(super) fn directories(&self) -> Vec<&Path> {
        match self {
            Self::None => Vec::new(),
            Self::V1(directories) => directories.iter().map(|(_, path)| path.as_path()).collect(),
            Self::V2(found) => vec![&found.directory],
        }
    }

    /// The names of all groups below the server's.
    pub(super) fn children(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .directories()
            .into_iter()
            .filter_map(|directory| fs::read_dir(directory).ok())
            .flat_map(|entries| entries.flatten())
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

fn all_missing(reason: &str) -> Missing {
    Controller::ALL.into_iter().map(|controller| (controller, reason.to_owned())).collect()
}

fn missing_in(found: &V2) -> Missing {
    Controller::ALL
        .into_iter()
        .filter(|controller| !found.controllers.contains(controller))
        .map(|controller| {
            (controller, format!("{} is not delegated to the server's cgroup", controller.name()))
        })
        .collect()
}

/// The directory of each controller that works, and why the others do not.
fn version_1(mounts: &Mounts, name: &str) -> (Vec<(Controller, PathBuf)>, Missing) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for controller in Controller::ALL {
        match mounts.own_directory(Some(controller)).and_then(|own| make(&own.join(name))) {
            Ok(directory) => found.push((controller, directory)),
            Err(reason) => missing.push((controller, reason)),
        }
    }
    (found, missing)
}

fn version_2(mounts: &Mounts, name: &str) -> Result<V2, String> {
    let own = mounts.own_directory(None)?;
    // A server that was started again by one in the leaf, and tests, find themselves there already.
    let own = match own.parent() {
        Some(parent) if own.ends_with(SERVER_LEAF) => parent.to_owned(),
        _ => own,
    };
    let available = fs::read_to_string(own.join("cgroup.controllers")).map_err(|error| error.to_string())?;
    let wanted: Vec<Controller> = [Controller::Memory, Controller::Pids, Controller::Cpu]
        .into_iter()
        .filter(|controller| available.split_whitespace().any(|word| word == controller.name()))
        .collect();
    if wanted.is_empty() {
        return Err(format!("{} has no controllers to give", own.display()));
    }
    delegate(&own, &wanted).map_err(|error| {
        format!(
            "{} is not delegated ({error}); start the server with systemd-run --scope -p Delegate=yes",
            own.display()
        )
    })?;
    let directory = make(&own.join(name))?;
    delegate(&directory, &wanted).map_err(|error| error.to_string())?;
    let mut controllers = wanted;
    // Freezing is part of version 2 itself since Linux 5.2.
    if directory.join("cgroup.freeze").exists() {
        controllers.push(Controller::Freezer);
    }
    Ok(V2 { directory, controllers })
}

/// Gives the controllers to the children of a group. If that group has processes and they are only the server's own,
/// they move into a leaf of it.
fn delegate(group: &Path, controllers: &[Controller]) -> io::Result<()> {
    let words: Vec<String> = controllers.iter().map(|controller| format!("+{}", controller.name())).collect();
    let enable = || fs::write(group.join("cgroup.subtree_control"), words.join(" "));
    match enable() {
        Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
            let leaf = group.join(SERVER_LEAF);
            fs::create_dir_all(&leaf)?;
            fs::write(leaf.join("cgroup.procs"), std::process::id().to_string())?;
            enable()
        }
        other => other,
    }
}

fn make(directory: &Path) -> Result<PathBuf, String> {
    match fs::create_dir(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(format!("cannot make {}: {error}", directory.display()))
        }
        _ => Ok(directory.to_owned()),
    }
}

/// The cgroup file systems that are mounted, and this process's place in them.
struct Mounts {
    /// Mount point, root within the hierarchy, controllers (none for version 2).
    mounted: Vec<(PathBuf, PathBuf, Option<Vec<String>>)>,
    /// `/proc/self/cgroup`: controllers (empty for version 2) and path.
    own: Vec<(Vec<String>, PathBuf)>,
}

impl Mounts {
    fn read() -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        Self::parse(&text("/proc/self/mountinfo"), &text("/proc/self/cgroup"))
    }

    fn parse(mountinfo: &str, own: &str) -> Self {
        Self {
            mounted: mountinfo.lines().filter_map(parse_mount).collect(),
            own: own.lines().filter_map(parse_membership).collect(),
        }
    }

    fn has(&self, controller: Controller) -> bool {
        self.own_directory(Some(controller)).is_ok()
    }

    /// The directory of the group this process is in; `None` asks for version 2.
    fn own_directory(&self, controller: Option<Controller>) -> Result<PathBuf, String> {
        let name = controller.map(Controller::name);
        let label = name.unwrap_or("version 2");
        let (point, root, _) = self
            .mounted
            .iter()
            .find(|(_, _, controllers)| match (controllers, name) {
                (Some(controllers), Some(name)) => controllers.iter().any(|other| other == name),
                (None, None) => true,
                _ => false,
            })
            .ok_or_else(|| format!("no cgroup file system for {label} is mounted"))?;
        let (_, path) = self
            .own
            .iter()
            .find(|(controllers, _)| match name {
                Some(name) => controllers.iter().any(|other| other == name),
                None => controllers.is_empty(),
            })
            .ok_or_else(|| format!("this process is in no cgroup for {label}"))?;
        // Inside a container the path may be the host's: then the mount point itself is the best there is.
        let below = path.strip_prefix(root).unwrap_or(Path::new(""));
        let directory = point.join(below.strip_prefix("/").unwrap_or(below));
        Ok(if directory.is_dir() { directory } else { point.clone() })
    }
}

fn parse_mount(line: &str) -> Option<(PathBuf, PathBuf, Option<Vec<String>>)> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ').skip(3);
    let (root, point) = (left.next()?, left.next()?);
    let mut right = right.split(' ');
    let kind = right.next()?;
    let options = right.nth(1)?;
    let controllers = match kind {
        "cgroup" => Some(options.split(',').map(str::to_owned).collect()),
        "cgroup2" => None,
        _ => return None,
    };
    Some((PathBuf::from(point), PathBuf::from(root), controllers))
}

fn parse_membership(line: &str) -> Option<(Vec<String>, PathBuf)> {
    let mut parts = line.splitn(3, ':').skip(1);
    let controllers = parts.next()?;
    let path = parts.next()?;
    let controllers = controllers.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Some((controllers, PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
        30 24 0:26 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n\
        31 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
        32 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
        33 24 0:29 / /proc rw - proc proc rw\n";

    #[test]
    fn a_hybrid_machine_has_both_versions() {
        let mounts = Mounts::parse(HYBRID, "5:memory:/\n4:cpu,cpuacct:/\n0::/\n");
        let directory = |controller| mounts.own_directory(controller);
        assert_eq!(directory(Some(Controller::Memory)), Ok("/sys/fs/cgroup/memory".into()));
        assert_eq!(directory(Some(Controller::Cpu)), Ok("/sys/fs/cgroup/cpu,cpuacct".into()));
        assert_eq!(directory(None), Ok("/sys/fs/cgroup/unified".into()));
        assert!(directory(Some(Controller::Pids)).is_err());
    }

    #[test]
    fn a_machine_without_cgroups_says_so() {
        let mounts = Mounts::parse("", "");
        let Err(reason) = mounts.own_directory(None) else { panic!("there is none") };
        assert!(reason.contains("no cgroup file system"), "{reason}");
    }
}
