//! The user of the host as whom an environment runs where the server is the superuser.
//!
//! The kernel counts much by user: processes, pipes, locked memory, waiting signals, descriptors in flight. An
//! environment with a user of its own uses up what is its own and nobody else's, and owns no file of the host.

use std::fs;

use crate::plan::SANDBOX_ID;
use crate::spec::EnvironmentId;

/// The first of these users. Neither people nor services nor containers are given numbers of this range (systemd's
/// "Users, Groups, UIDs and GIDs on systemd Systems").
const FIRST: u32 = 0x7000_0000;

/// How many there are.
const COUNT: u32 = 0x0ffe_0000;

/// The environment's own user; the one that all share where a container has too few users for that.
pub(super) fn host_user(environment: &EnvironmentId) -> u32 {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    if exist(&map) { FIRST + number(environment) % COUNT } else { SANDBOX_ID }
}

/// An environment's id is random, so its first digits are.
fn number(environment: &EnvironmentId) -> u32 {
    let digits = environment.as_str().get(..8).unwrap_or_default();
    u32::from_str_radix(digits, 16).unwrap_or_default()
}

/// Whether the users exist where this server runs: a map's lines are a first number, its outer one, and a count.
fn exist(map: &str) -> bool {
    map.lines().any(|line| {
        let numbers: Vec<u32> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            [inner, _, count] => *inner <= FIRST && FIRST + COUNT - 1 - inner < *count,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_system_has_the_users_and_a_small_container_has_not() {
        assert!(exist("         0          0 4294967295\n"));
        assert!(!exist("         0     100000      65536\n"));
        assert!(!exist(""));
    }

    #[test]
    fn users_are_of_the_range_and_differ() {
        let users: Vec<u32> = [EnvironmentId::random(), EnvironmentId::random()].map(|id| number(&id)).into();
        assert_ne!(users[0], users[1]);
        assert!(users.iter().all(|user| (FIRST..FIRST + COUNT).contains(&(FIRST + user % COUNT))));
    }
}
