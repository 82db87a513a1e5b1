//! Compiles the table of system calls into kernel filters and applies them.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::arguments::{
    KEPT_LIMITS, NAMESPACE_FLAGS, REFUSED_ADVICE, REFUSED_FCNTLS, REFUSED_IOCTLS, REFUSED_PRCTLS,
    SOCKETS_ALLOWED,
};
use super::syscalls::{ABSENT_WITHOUT_FREEZER, ABSENT_WITHOUT_MEMORY_GROUP, ALLOWED, REFUSED};
use crate::plan::Enforced;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// `personality(PER_QUERY)` asks and changes nothing.
const PERSONALITY_QUERY: u64 = 0xffff_ffff;

/// Calls of which only some arguments are refused.
const PARTLY_REFUSED: [i64; 5] =
    [libc::SYS_ioctl, libc::SYS_fcntl, libc::SYS_setrlimit, libc::SYS_madvise, libc::SYS_prctl];

/// The two filters; the kernel takes the stricter answer of both.
pub(super) struct Filters {
    refusals: BpfProgram,
    allowances: BpfProgram,
}

impl Filters {
    /// What the machine does not enforce otherwise makes the filters stricter.
    pub(super) fn compile(enforced: Enforced) -> Result<Self, BackendError> {
        let errno = |number: i32| SeccompAction::Errno(number.unsigned_abs());
        Ok(Self {
            refusals: filter(refusals()?, SeccompAction::Allow, errno(libc::EPERM))?,
            allowances: filter(allowances(enforced)?, errno(libc::ENOSYS), SeccompAction::Allow)?,
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

fn allowances(enforced: Enforced) -> Result<Rules, BackendError> {
    let mut rules: Rules = ALLOWED.iter().copied().flatten().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_socket, sockets()?);
    rules.insert(libc::SYS_socketpair, sockets()?);
    let namespaces = SeccompCmpOp::MaskedEq(u64::from(NAMESPACE_FLAGS.unsigned_abs()));
    rules.insert(libc::SYS_clone, vec![rule(&[(0, namespaces, 0)])?]);
    rules.insert(libc::SYS_personality, vec![rule(&[(0, SeccompCmpOp::Eq, PERSONALITY_QUERY)])?]);
    // Another process's limits are its own affair.
    rules.insert(libc::SYS_prlimit64, vec![rule(&[(0, SeccompCmpOp::Eq, 0)])?]);
    // Which of their arguments are refused is said below.
    for call in PARTLY_REFUSED {
        rules.insert(call, Vec::new());
    }
    if !enforced.memory {
        rules.retain(|call, _| !ABSENT_WITHOUT_MEMORY_GROUP.contains(call));
    }
    if !enforced.freezing {
        rules.retain(|call, _| !ABSENT_WITHOUT_FREEZER.contains(call));
    }
    Ok(rules)
}

/// The families, each with the protocols that it may have.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let mut rules = Vec::new();
    for (family, protocols) in SOCKETS_ALLOWED {
        let family = (0, SeccompCmpOp::Eq, u64::from(family.unsigned_abs()));
        if protocols.is_empty() {
            rules.push(rule(std::slice::from_ref(&family))?);
        }
        for protocol in *protocols {
            let protocol = (2, SeccompCmpOp::Eq, u64::from(protocol.unsigned_abs()));
            rules.push(rule(&[family.clone(), protocol])?);
        }
    }
    Ok(rules)
}

fn refusals() -> Result<Rules, BackendError> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let mut refuse = |call, position, values: &mut dyn Iterator<Item = u64>| -> Result<(), BackendError> {
        let refused = values.map(|value| rule(&[(position, SeccompCmpOp::Eq, value)]));
        rules.insert(call, refused.collect::<Result<_, _>>()?);
        Ok(())
    };
    let numbers = |values: &'static [i32]| values.iter().map(|value| u64::from(value.unsigned_abs()));
    let limits = || KEPT_LIMITS.iter().map(|limit| u64::from(*limit));
    refuse(libc::SYS_ioctl, 1, &mut REFUSED_IOCTLS.iter().copied())?;
    refuse(libc::SYS_fcntl, 1, &mut numbers(REFUSED_FCNTLS))?;
    refuse(libc::SYS_madvise, 2, &mut numbers(REFUSED_ADVICE))?;
    refuse(libc::SYS_prctl, 0, &mut numbers(REFUSED_PRCTLS))?;
    refuse(libc::SYS_setrlimit, 0, &mut limits())?;
    // A null pointer for the new limit only asks for the old one.
    let set = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    let prlimits =
        limits().map(|limit| SeccompRule::new(vec![condition((1, SeccompCmpOp::Eq, limit))?, set.clone()]));
    rules.insert(libc::SYS_prlimit64, prlimits.collect::<Result<_, _>>()?);
    Ok(rules)
}

/// An argument's position, and how it is compared with what.
type Argument = (u8, SeccompCmpOp, u64);

/// A rule that applies when all of these arguments compare so.
fn rule(arguments: &[Argument]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(arguments.iter().cloned().map(condition).collect::<Result<_, _>>()?)
}

/// A condition on an argument that the kernel reads as 32 bits.
fn condition((position, operator, value): Argument) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(position, SeccompCmpArgLen::Dword, operator, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_compiles_for_this_machine() {
        let all = [(true, true), (true, false), (false, true), (false, false)];
        for (memory, freezing) in all {
            let filters = Filters::compile(Enforced { memory, freezing }).expect("the filters compile");
            assert!(filters.allowances.len() < 4096, "the kernel takes at most 4096 instructions");
            assert!(filters.refusals.len() < 4096, "the kernel takes at most 4096 instructions");
        }
    }
}
