//! A table that knows what its records weigh together.
//!
//! A limit on the sum over many records is asked for in transactions, which must not walk all of them.

use std::ops::Deref;

use rolecall_arn::{AccountId, Region};
use rpds::RedBlackTreeMapSync;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::records::lambda::{FunctionVersion, LayerVersion};
use crate::state::Regional;
use crate::table::{RowChange, Table};

/// A record that weighs something, in a group of records that a limit holds for.
pub trait Weighed<K> {
    /// What tells the groups apart.
    type Group: Ord + Clone;

    /// The group of the record under the key.
    fn group(key: &K) -> Self::Group;

    /// What the record weighs.
    fn weight(&self) -> u64;
}

/// A [`Table`] with the sum of its records' weights, group by group.
#[derive(Clone)]
pub struct WeighedTable<K: Ord, V: Weighed<K>> {
    table: Table<K, V>,
    sums: RedBlackTreeMapSync<V::Group, u64>,
}

impl<K: Ord, V: Weighed<K>> Default for WeighedTable<K, V> {
    fn default() -> Self {
        WeighedTable { table: Table::default(), sums: RedBlackTreeMapSync::new_sync() }
    }
}

/// Reading is a table's; what changes records has to come by here.
impl<K: Ord, V: Weighed<K>> Deref for WeighedTable<K, V> {
    type Target = Table<K, V>;

    fn deref(&self) -> &Table<K, V> {
        &self.table
    }
}

impl<K: Ord + Clone, V: Weighed<K>> WeighedTable<K, V> {
    /// What the records of the group weigh together.
    pub fn sum(&self, group: &V::Group) -> u64 {
        self.sums.get(group).copied().unwrap_or_default()
    }

    /// Stores the record, in place of the one that was there.
    pub fn put(&mut self, key: K, record: V) {
        self.reweigh(&key, record.weight());
        self.table.put(key, record);
    }

    /// Removes the record; says whether there was one.
    pub fn remove(&mut self, key: &K) -> bool {
        self.reweigh(key, 0);
        self.table.remove(key)
    }

    /// Puts a weight in the place of what the record under the key weighs so far.
    fn reweigh(&mut self, key: &K, weight: u64) {
        let before = self.table.get(key).map_or(0, |record| record.weight());
        if before != weight {
            let group = V::group(key);
            let sum = self.sum(&group).saturating_sub(before).saturating_add(weight);
            self.sums.insert_mut(group, sum);
        }
    }
}

impl<K: Ord + Clone, V: Weighed<K> + Clone> WeighedTable<K, V> {
    /// Changes the record under the key in place; says whether there is one.
    pub fn update(&mut self, key: &K, change: impl FnOnce(&mut V)) -> bool {
        let Some(record) = self.table.get(key) else { return false };
        let mut record = V::clone(record);
        change(&mut record);
        self.put(key.clone(), record);
        true
    }
}

impl<K, V> WeighedTable<K, V>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    V: Weighed<K> + Serialize + DeserializeOwned,
{
    pub(crate) fn take_changes(
        &mut self,
        table: &'static str,
        rows: &mut Vec<RowChange>,
    ) -> serde_json::Result<()> {
        self.table.take_changes(table, rows)
    }

    pub(crate) fn load(&mut self, key: &str, body: &str) -> serde_json::Result<()> {
        let key: K = serde_json::from_str(key)?;
        let record: V = serde_json::from_str(body)?;
        self.reweigh(&key, record.weight());
        self.table.take_in(key, record);
        Ok(())
    }
}

/// The zip files of a region of an account (reference lambda.md 7.4).
impl Weighed<(Regional, u64)> for FunctionVersion {
    type Group = (AccountId, Region);

    fn group(key: &(Regional, u64)) -> Self::Group {
        (key.0.0, key.0.1.clone())
    }

    fn weight(&self) -> u64 {
        self.code.as_ref().map_or(0, |code| code.size)
    }
}

impl Weighed<(Regional, u64)> for LayerVersion {
    type Group = (AccountId, Region);

    fn group(key: &(Regional, u64)) -> Self::Group {
        (key.0.0, key.0.1.clone())
    }

    fn weight(&self) -> u64 {
        self.code.size
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Parcel(u64);

    impl Weighed<(u8, u8)> for Parcel {
        type Group = u8;

        fn group(key: &(u8, u8)) -> u8 {
            key.0
        }

        fn weight(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn the_sum_follows_every_change() {
        let mut table = WeighedTable::<(u8, u8), Parcel>::default();
        table.put((1, 1), Parcel(10));
        table.put((1, 2), Parcel(5));
        table.put((2, 1), Parcel(7));
        assert_eq!((table.sum(&1), table.sum(&2), table.sum(&3)), (15, 7, 0));
        let copy = table.clone();
        table.put((1, 1), Parcel(1));
        table.update(&(1, 2), |parcel| parcel.0 += 1);
        table.remove(&(2, 1));
        table.remove(&(2, 9));
        assert_eq!((table.sum(&1), table.sum(&2)), (7, 0));
        assert_eq!((copy.sum(&1), copy.sum(&2)), (15, 7), "a copy keeps its own sums");
    }

    #[test]
    fn records_of_the_database_count() {
        let mut table = WeighedTable::<(u8, u8), Parcel>::default();
        table.load("[1,1]", "10").unwrap();
        table.load("[1,2]", "5").unwrap();
        assert_eq!(table.sum(&1), 15);
        table.remove(&(1, 1));
        assert_eq!(table.sum(&1), 5);
    }
}
