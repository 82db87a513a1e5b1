//! Giving up privileges. Order matters: groups and user while still privileged, capabilities last.

use std::io;
use std::path::Path;

use rustix::process::{DumpableBehavior, Gid, Resource, Rlimit, Uid};
use rustix::thread::{CapabilitiesSecureBits, CapabilitySet, CapabilitySets};

use super::namespaces;
use crate::plan::{Limit, LimitedResource};

/// Becomes the unprivileged user: one of the host that nobody else is, who sees itself as [`SANDBOX_ID`] in a user
/// namespace of its own. An ordinary user's sandbox has that namespace already.
///
/// The namespace is the last one made, so that it owns none of the others. Where the kernel gives none, the host's user
/// has to do, and the reason is returned.
pub(super) fn become_sandbox_user(host_user: u32) -> io::Result<Option<String>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let (user, group) = (Uid::from_raw(host_user), Gid::from_raw(host_user));
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    // Hardened kernels let only the superuser's capabilities make user namespaces.
    rustix::thread::set_keep_capabilities(true)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    if !Path::new(namespaces::USER_MAP).exists() {
        return Ok(Some("there is no /proc to map users in".to_owned()));
    }
    if let Err(error) = regain(CapabilitySet::SYS_ADMIN).and_then(|()| namespaces::unshare_users()) {
        return Ok(Some(error.to_string()));
    }
    // Whose memory is hidden does not own its entries in /proc.
    rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    namespaces::map_users(user, group)?;
    // A new namespace comes with every capability in it.
    empty_bounding_set()?;
    Ok(None)
}

fn regain(capability: CapabilitySet) -> io::Result<()> {
    let mut sets = rustix::thread::capabilities(None)?;
    sets.effective |= capability & sets.permitted;
    Ok(rustix::thread::set_capabilities(None, sets)?)
}

/// Empties the bounding set: nothing executed from here on can gain a capability.
pub(super) fn empty_bounding_set() -> io::Result<()> {
    for number in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // The kernel does not know capabilities of this number or above.
            Err(rustix::io::Errno::INVAL) => break,
            other => other?,
        }
    }
    Ok(())
}

/// Drops every capability of this process for good.
pub(super) fn drop_all() -> io::Result<()> {
    keep(CapabilitySet::empty())
}

/// Drops every capability but one: the supervisor may signal processes of another user, and no more.
pub(super) fn keep_kill() -> io::Result<()> {
    keep(CapabilitySet::KILL)
}

fn keep(kept: CapabilitySet) -> io::Result<()> {
    rustix::thread::clear_ambient_capability_set()?;
    let held = rustix::thread::capabilities(None)?;
    let sets = CapabilitySets {
        effective: kept & held.permitted,
        permitted: kept & held.permitted,
        inheritable: CapabilitySet::empty(),
    };
    Ok(rustix::thread::set_capabilities(None, sets)?)
}

/// The superuser's exceptions end, and so does gaining anything by executing a file.
pub(super) fn lock() -> io::Result<()> {
    use CapabilitiesSecureBits as Bits;
    let bits = Bits::NO_ROOT | Bits::NO_ROOT_LOCKED | Bits::NO_SETUID_FIXUP | Bits::NO_SETUID_FIXUP_LOCKED;
    // Needs a capability that an odd host may withhold; no_new_privs and the empty bounding set suffice then.
    rustix::thread::set_capabilities_secure_bits(bits | Bits::KEEP_CAPS_LOCKED).ok();
    Ok(rustix::thread::set_no_new_privs(true)?)
}

/// Hides this process's memory and `/proc` entries from other processes of the same user.
pub(super) fn hide_memory() -> io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Applies resource limits, hard and soft alike.
pub(super) fn limit(limits: &[Limit]) -> io::Result<()> {
    for limit in limits {
        let resource = match limit.resource {
            LimitedResource::OpenFiles => Resource::Nofile,
            LimitedResource::CoreSize => Resource::Core,
            LimitedResource::Processes => Resource::Nproc,
            LimitedResource::Priority => Resource::Nice,
            LimitedResource::RealTimePriority => Resource::Rtprio,
            LimitedResource::LockedMemory => Resource::Memlock,
            LimitedResource::QueuedSignals => Resource::Sigpending,
            LimitedResource::Data => Resource::Data,
            LimitedResource::FileSize => Resource::Fsize,
        };
        // A host's own lower hard limit stays: only the superuser could raise it.
        let value =
            rustix::process::getrlimit(resource).maximum.map_or(limit.value, |hard| hard.min(limit.value));
        rustix::process::setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
    }
    Ok(())
}
