//! The floor: one hit in the standard library's `HashMap` with its own hasher (SipHash 1-3), by a key as long as an
//! action and a resource. No engine that looks anything up can be faster.

use std::collections::HashMap;
use std::hint::black_box;

/// As many entries as the largest set of statements.
const ENTRIES: usize = 10_000;

/// A map and the keys that are asked for.
pub struct Floor {
    map: HashMap<String, usize>,
    keys: Vec<String>,
}

impl Floor {
    /// A map with as many keys like these as a large policy has statements.
    pub fn new(action: &str, resources: &[String]) -> Self {
        let keys: Vec<String> = resources.iter().map(|resource| format!("{action}|{resource}")).collect();
        let filling = (0..ENTRIES).map(|number| format!("{action}|{}-{number}", resources[0]));
        let map = filling.chain(keys.iter().cloned()).enumerate().map(|(number, key)| (key, number));
        Floor { map: map.collect(), keys }
    }

    /// One hit.
    pub fn hit(&self, turn: usize) -> bool {
        black_box(self.map.get(black_box(self.keys[turn % self.keys.len()].as_str()))).is_some()
    }
}
