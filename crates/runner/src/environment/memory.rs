//! How much memory an environment uses: from its control group, or else from its processes.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cgroup::{Group, OVERHEAD_MB, Peak};

const MEGABYTE: u64 = 1 << 20;

/// The memory of one environment.
///
/// The kernel's limit includes the content of `/tmp`, which lives in memory here and on disk at AWS. So that a function
/// cannot use the room of an empty `/tmp` as memory, what it has allocated is looked at while it runs.
pub(crate) struct Memory {
    group: Arc<Group>,
    peak: Option<Peak>,
    process: Option<u32>,
    size_mb: u32,
    seen: AtomicU64,
}

impl Memory {
    /// `process` is the outermost process of the environment.
    pub(crate) fn new(group: Arc<Group>, process: Option<u32>, size_mb: u32) -> Self {
        let peak = group.peak();
        Self { group, peak, process, size_mb, seen: AtomicU64::new(0) }
    }

    /// Whether the function has allocated more than its size.
    pub(crate) fn exceeded(&self) -> bool {
        let limit = (u64::from(self.size_mb) + OVERHEAD_MB) * MEGABYTE;
        match self.group.used_bytes() {
            // The cheap figure includes everything; the exact one is asked for only when it matters.
            Some(used) if used <= limit => false,
            Some(_) => self.sample() + self.hidden_bytes() > limit,
            None => self.process.is_some_and(|process| {
                self.sample() + tree_bytes(process, "RssShmem:") > limit
                    && exact_bytes(process, "Pss_Anon:") + self.unlimited_hidden_bytes(process) > limit
            }),
        }
    }

    /// Bytes in files of memory that are not in `/tmp`: of nameless files and of pages shared between processes.
    fn hidden_bytes(&self) -> u64 {
        self.group.shared_bytes().unwrap_or(0).saturating_sub(self.tmp_bytes())
    }

    /// The same where there is no group; a file that no process maps is not seen.
    fn unlimited_hidden_bytes(&self, process: u32) -> u64 {
        exact_bytes(process, "Pss_Shmem:").saturating_sub(self.tmp_bytes())
    }

    /// The content of `/tmp`; where it cannot be known, all is taken for it.
    fn tmp_bytes(&self) -> u64 {
        let function = self.process.and_then(first_child).and_then(first_child);
        function.and_then(tmp_bytes).unwrap_or(u64::MAX)
    }

    /// The most memory used so far in MB, at most the function's size.
    pub(crate) fn max_mb(&self) -> u32 {
        let limit = u64::from(self.size_mb) * MEGABYTE;
        let bytes = match self.peak.as_ref().and_then(Peak::bytes) {
            // Beyond the size it must have counted `/tmp` or cached files.
            Some(peak) if peak <= limit => peak,
            _ => self.sample(),
        };
        self.seen.fetch_max(bytes, Ordering::Relaxed);
        let bytes = self.seen.load(Ordering::Relaxed).min(limit);
        u32::try_from(bytes.div_ceil(MEGABYTE)).unwrap_or(self.size_mb)
    }

    fn sample(&self) -> u64 {
        let bytes = self
            .group
            .allocated_bytes()
            .or_else(|| self.process.map(|process| tree_bytes(process, "RssAnon:")))
            .unwrap_or(0);
        self.seen.fetch_max(bytes, Ordering::Relaxed);
        bytes
    }
}

/// What one line says of the memory of a process and all below it; what they share counts for each.
fn tree_bytes(process: u32, name: &str) -> u64 {
    let own = field_bytes(&format!("/proc/{process}/status"), name).unwrap_or(0);
    children(process).into_iter().map(|child| tree_bytes(child, name)).sum::<u64>() + own
}

/// The same with shared memory counted once, which costs the kernel much more.
fn exact_bytes(process: u32, name: &str) -> u64 {
    let own = field_bytes(&format!("/proc/{process}/smaps_rollup"), name);
    // Where that is hidden from us, the rougher figure has to do.
    let rough = || field_bytes(&format!("/proc/{process}/status"), &name.replace("Pss_", "Rss"));
    let own = own.or_else(rough).unwrap_or(0);
    children(process).into_iter().map(|child| exact_bytes(child, name)).sum::<u64>() + own
}

/// How much of its `/tmp` a process sees used.
fn tmp_bytes(process: u32) -> Option<u64> {
    let found = rustix::fs::statvfs(format!("/proc/{process}/root/tmp")).ok()?;
    Some(found.f_blocks.saturating_sub(found.f_bfree) * found.f_frsize)
}

fn first_child(process: u32) -> Option<u32> {
    children(process).into_iter().next()
}

fn children(process: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The value of a line like `RssAnon:  1234 kB`.
fn field_bytes(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        let process = std::process::id();
        assert!(tree_bytes(process, "RssAnon:") > 0 && exact_bytes(process, "Pss_Anon:") > 0);
    }
}
