//! How the environments of a configuration are shared between versions: an alias with two versions gives each its
//! weight's part.

use std::collections::BTreeMap;

use rolecall_store::State;
use rolecall_store::records::lambda::Alias;

use crate::function::version_number;
use crate::name::Key;

/// How many environments each version of a function has to have, for each qualifier with a configuration.
pub(super) fn shares(state: &State, key: &Key) -> BTreeMap<String, Vec<(u64, u32)>> {
    let configs = state.provisioned_concurrency.range((key.clone(), String::new())..);
    configs
        .take_while(|((found, _), _)| found == key)
        .map(|((_, qualifier), config)| {
            let alias = state.aliases.get(&(key.clone(), qualifier.clone()));
            let shared = match alias {
                Some(alias) => of_alias(alias, config.requested),
                None => {
                    version_number(qualifier).map(|version| (version, config.requested)).into_iter().collect()
                }
            };
            (qualifier.clone(), shared)
        })
        .collect()
}

fn of_alias(alias: &Alias, requested: u32) -> Vec<(u64, u32)> {
    // The product is between none and all of a 32-bit number.
    let part = |weight: f64| (f64::from(requested) * weight.clamp(0.0, 1.0)).round() as u32;
    let mut left = requested;
    let mut shared = Vec::new();
    for (version, weight) in &alias.routing {
        let count = part(*weight).min(left);
        left -= count;
        shared.extend(version_number(version).map(|version| (version, count)));
    }
    shared.extend(version_number(&alias.function_version).map(|version| (version, left)));
    shared.retain(|(_, count)| *count > 0);
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(weight: f64) -> Alias {
        Alias {
            name: "live".to_owned(),
            function_version: "1".to_owned(),
            description: String::new(),
            routing: BTreeMap::from([("2".to_owned(), weight)]),
            revision_id: String::new(),
        }
    }

    #[test]
    fn an_alias_with_two_versions_gives_each_its_part() {
        assert_eq!(of_alias(&alias(0.25), 8), [(2, 2), (1, 6)]);
        assert_eq!(of_alias(&alias(0.5), 1), [(2, 1)]);
        assert_eq!(of_alias(&alias(0.1), 3), [(1, 3)]);
        assert_eq!(of_alias(&alias(1.0), 900), [(2, 900)]);
        let plain = Alias { routing: BTreeMap::new(), ..alias(0.0) };
        assert_eq!(of_alias(&plain, 3), [(1, 3)]);
    }
}
