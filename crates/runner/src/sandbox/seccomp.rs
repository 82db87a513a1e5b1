//! Compiles the table of system calls into kernel filters and applies them.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::syscalls::{ALLOWED, NAMESPACE_FLAGS, REFUSED, REFUSED_IOCTLS, SOCKET_FAMILIES};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// `personality(PER_QUERY)` asks and changes nothing.
const PERSONALITY_QUERY: u64 = 0xffff_ffff;

/// The two filters; the kernel takes the stricter answer of both.
pub(super) struct Filters {
    refusals: BpfProgram,
    allowances: BpfProgram,
}

impl Filters {
    pub(super) fn compile() -> Result<Self, BackendError> {
        let errno = |number: i32| SeccompAction::Errno(number.unsigned_abs());
        Ok(Self {
            refusals: filter(refusals()?, SeccompAction::Allow, errno(libc::EPERM))?,
            allowances: filter(allowances()?, errno(libc::ENOSYS), SeccompAction::Allow)?,
        })
    }

    /// Applies both to this thread, for good. The one with EPERM goes last: of two errors the later filter's counts.
    pub(super) fn apply(&self) -> seccompiler::Result<()> {
        seccompiler::apply_filter(&self.allowances)?;
        seccompiler::apply_filter(&self.refusals)
    }
}

fn filter(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, matched, architecture)?.try_into()
}

fn allowances() -> Result<Rules, BackendError> {
    let mut rules: Rules = ALLOWED.iter().copied().flatten().map(|call| (*call, Vec::new())).collect();
    let families = || -> Result<Vec<SeccompRule>, BackendError> {
        SOCKET_FAMILIES
            .iter()
            .map(|family| first(SeccompCmpOp::Eq, u64::from(family.unsigned_abs())))
            .collect()
    };
    rules.insert(libc::SYS_socket, families()?);
    rules.insert(libc::SYS_socketpair, families()?);
    let flags = u64::from(NAMESPACE_FLAGS.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![first(SeccompCmpOp::MaskedEq(flags), 0)?]);
    rules.insert(libc::SYS_personality, vec![first(SeccompCmpOp::Eq, PERSONALITY_QUERY)?]);
    // Which requests are refused is said below.
    rules.insert(libc::SYS_ioctl, Vec::new());
    Ok(rules)
}

fn refusals() -> Result<Rules, BackendError> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let requests = REFUSED_IOCTLS
        .iter()
        .map(|request| {
            let second = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, *request)?;
            SeccompRule::new(vec![second])
        })
        .collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_ioctl, requests);
    Ok(rules)
}

/// A rule about the first argument, which the kernel reads as 32 bits.
fn first(operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, operator, value)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_compiles_for_this_machine() {
        let filters = Filters::compile().expect("the filters compile");
        assert!(filters.allowances.len() < 4096, "the kernel takes at most 4096 instructions");
        assert!(filters.refusals.len() < 4096, "the kernel takes at most 4096 instructions");
    }
}
