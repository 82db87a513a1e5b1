//! An ordered map of records that is cheap to copy and remembers what was changed since the last commit.

use std::ops::RangeBounds;
use std::sync::Arc;

use rpds::{ListSync, RedBlackTreeMapSync};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Records of one kind in the order of their keys.
///
/// The map is persistent: a copy shares all its nodes with the original, so a snapshot for every commit and an undo
/// copy for every transaction cost next to nothing.
#[derive(Clone)]
pub struct Table<K: Ord, V> {
    records: RedBlackTreeMapSync<K, Arc<V>>,
    /// The keys changed since the last commit, newest first; persistent too, for the same reason.
    changed: ListSync<K>,
}

/// One row to write: the key's and the record's JSON, or no record where it was removed.
pub(crate) struct RowChange {
    pub table: &'static str,
    pub key: String,
    pub body: Option<String>,
}

impl<K: Ord, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { records: RedBlackTreeMapSync::new_sync(), changed: ListSync::new_sync() }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// The record under the key.
    pub fn get(&self, key: &K) -> Option<&Arc<V>> {
        self.records.get(key)
    }

    /// Whether there is a record under the key.
    pub fn contains(&self, key: &K) -> bool {
        self.records.contains_key(key)
    }

    /// Stores the record, in place of the one that was there.
    pub fn put(&mut self, key: K, record: V) {
        self.records.insert_mut(key.clone(), Arc::new(record));
        self.changed.push_front_mut(key);
    }

    /// Removes the record; says whether there was one.
    pub fn remove(&mut self, key: &K) -> bool {
        let removed = self.records.remove_mut(key);
        if removed {
            self.changed.push_front_mut(key.clone());
        }
        removed
    }

    /// All records in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Arc<V>)> {
        self.records.iter()
    }

    /// The records of a range of keys, in order.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl Iterator<Item = (&K, &Arc<V>)> {
        self.records.range(range)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Puts a record that the database has already.
    pub(crate) fn take_in(&mut self, key: K, record: V) {
        self.records.insert_mut(key, Arc::new(record));
    }

    pub(crate) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// Changes the record under the key in place; says whether there is one.
    pub fn update(&mut self, key: &K, change: impl FnOnce(&mut V)) -> bool {
        let Some(record) = self.records.get(key) else { return false };
        let mut record = V::clone(record);
        change(&mut record);
        self.put(key.clone(), record);
        true
    }
}

impl<K: Ord + Clone + Serialize + DeserializeOwned, V: Serialize + DeserializeOwned> Table<K, V> {
    /// Takes the changes since the last call, one row for each key.
    pub(crate) fn take_changes(
        &mut self,
        table: &'static str,
        rows: &mut Vec<RowChange>,
    ) -> serde_json::Result<()> {
        let mut changed: Vec<K> = self.changed.iter().cloned().collect();
        self.changed = ListSync::new_sync();
        changed.sort();
        changed.dedup();
        for key in changed {
            let body =
                self.records.get(&key).map(|record| serde_json::to_string(record.as_ref())).transpose()?;
            rows.push(RowChange { table, key: serde_json::to_string(&key)?, body });
        }
        Ok(())
    }

    /// Takes in a row that the database holds.
    pub(crate) fn load(&mut self, key: &str, body: &str) -> serde_json::Result<()> {
        self.take_in(serde_json::from_str(key)?, serde_json::from_str(body)?);
        Ok(())
    }
}
