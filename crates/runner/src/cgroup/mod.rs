//! Limits and accounting through control groups, whichever of their two versions this machine has.
//!
//! The runner writes the files itself. Each environment has a group below one group of the server's; what a machine
//! does not let us have is left out here and said by [`crate::Capabilities`].

mod group;
mod hierarchy;

use std::path::{Path, PathBuf};
use std::time::Instant;

pub(crate) use group::{Group, GroupLimits, OVERHEAD_MB, Peak};
use group::{LEAVING, remove_patiently};
use hierarchy::{Hierarchy, Missing};

/// What can be limited or controlled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Memory,
    Pids,
    Cpu,
    Freezer,
}

impl Controller {
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Pids, Self::Cpu, Self::Freezer];

    /// The kernel's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
            Self::Freezer => "freezer",
        }
    }
}

/// The server's part of the cgroup tree.
#[derive(Debug, Clone)]
pub(crate) struct Cgroups {
    hierarchy: Hierarchy,
    /// Why a controller is missing.
    missing: Missing,
}

impl Cgroups {
    /// Finds what this process may use and makes its group there. Groups that an earlier server with the same state
    /// directory left behind are emptied and removed.
    pub(crate) fn prepare(state_dir: &Path) -> Self {
        let name = format!("rolecall-{:016x}", fingerprint(state_dir));
        let (hierarchy, missing) = Hierarchy::find(&name);
        let cgroups = Self { hierarchy, missing };
        cgroups.sweep();
        cgroups
    }

    /// No groups at all, for functions without a sandbox.
    pub(crate) fn unused() -> Self {
        Self { hierarchy: Hierarchy::None, missing: Vec::new() }
    }

    /// Why this controller cannot be used, if so.
    pub(crate) fn missing(&self, controller: Controller) -> Option<&str> {
        self.missing.iter().find(|(missing, _)| *missing == controller).map(|(_, reason)| reason.as_str())
    }

    /// `1`, `2`, or nothing.
    pub(crate) fn version(&self) -> Option<u8> {
        match &self.hierarchy {
            Hierarchy::None => None,
            Hierarchy::V1(_) => Some(1),
            Hierarchy::V2(_) => Some(2),
        }
    }

    /// Makes the group of one environment.
    pub(crate) fn create(&self, name: &str, limits: &GroupLimits) -> std::io::Result<Group> {
        Group::create(&self.hierarchy, name, limits)
    }

    /// Ends and removes every environment's group. Blocks for as long as their processes take to die.
    pub(crate) fn sweep(&self) {
        let groups =
            self.hierarchy.children().into_iter().map(|name| Group::existing(&self.hierarchy, &name));
        let groups: Vec<Group> = groups.collect();
        groups.iter().for_each(Group::kill);
        groups.iter().for_each(Group::remove);
    }

    /// Removes the server's own group, once those below it are gone. Blocks.
    pub(crate) fn close(&self) {
        let deadline = Instant::now() + LEAVING;
        for directory in self.hierarchy.directories() {
            remove_patiently(directory, deadline);
        }
    }
}

/// Names a state directory in few characters, the same ones at every start (FNV-1a).
fn fingerprint(state_dir: &Path) -> u64 {
    let path: PathBuf = state_dir.canonicalize().unwrap_or_else(|_| state_dir.to_owned());
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
