//! The condition context of a request: what is known about it, by case-insensitive key (reference iam.md 1.8, 4).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::hash::{Role, hash};

/// The value of a condition key. A key is multivalued by its nature, not by how many values it happens to have:
/// `aws:TagKeys` with one tag is `Many` with one element (reference iam.md 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key, which needs a set operator.
    Many(Vec<String>),
}

impl ContextValue {
    /// The values, whichever form they have.
    pub fn values(&self) -> &[String] {
        match self {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values,
        }
    }
}

impl From<&str> for ContextValue {
    fn from(value: &str) -> Self {
        ContextValue::One(value.to_owned())
    }
}

impl From<String> for ContextValue {
    fn from(value: String) -> Self {
        ContextValue::One(value)
    }
}

impl From<Vec<String>> for ContextValue {
    fn from(values: Vec<String>) -> Self {
        ContextValue::Many(values)
    }
}

/// A condition key as policies keep it: in lower case, with its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    folded: Box<str>,
    hash: u32,
}

impl Key {
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        Key { hash: folded.key_hash(), folded: folded.as_str().into() }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    spelled: Cow<'static, str>,
    value: ContextValue,
}

/// Condition keys and their values.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The hash of each entry's lower-case key: a few cache lines that are looked through at once.
    hashes: SmallVec<[u32; 32]>,
    entries: Vec<Entry>,
}

impl Context {
    /// A context that knows nothing.
    pub fn new() -> Self {
        Context::default()
    }

    /// A context that knows nothing, with room for so many keys.
    pub fn with_capacity(keys: usize) -> Self {
        Context { hashes: SmallVec::with_capacity(keys), entries: Vec::with_capacity(keys) }
    }

    /// Sets a key, replacing a value that is there under any spelling.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        self.put(Cow::Owned(key.to_owned()), value.into());
    }

    /// [`set`](Self::set) for a key that is known when the program is written, which then takes no copy.
    pub fn set_known(&mut self, key: &'static str, value: impl Into<ContextValue>) {
        self.put(Cow::Borrowed(key), value.into());
    }

    fn put(&mut self, spelled: Cow<'static, str>, value: ContextValue) {
        let hash = fold(&spelled).key_hash();
        let at = self.position(hash, &spelled);
        match at.and_then(|at| self.entries.get_mut(at)) {
            Some(slot) => *slot = Entry { spelled, value },
            None => self.add(hash, Entry { spelled, value }),
        }
    }

    fn add(&mut self, hash: u32, entry: Entry) {
        self.hashes.push(hash);
        self.entries.push(entry);
    }

    /// Sets a key unless it is there already; says whether it was set.
    pub fn insert(&mut self, key: &str, value: impl Into<ContextValue>) -> bool {
        let absent = !self.contains(key);
        if absent {
            self.set(key, value);
        }
        absent
    }

    /// [`insert`](Self::insert) for a key that is known when the program is written.
    pub(crate) fn insert_known(&mut self, key: &'static str, value: impl Into<ContextValue>) {
        let hash = fold(key).key_hash();
        if self.position(hash, key).is_none() {
            self.add(hash, Entry { spelled: Cow::Borrowed(key), value: value.into() });
        }
    }

    /// The value of a key in any spelling.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.value_at(self.position(fold(key).key_hash(), key))
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// What a key says that is true or false, if it is there. Several values are not true.
    pub(crate) fn truth(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            ContextValue::One(value) => Some(value.eq_ignore_ascii_case("true")),
            ContextValue::Many(_) => Some(false),
        }
    }

    /// Takes a key out, in any spelling.
    pub fn remove(&mut self, key: &str) -> Option<ContextValue> {
        let at = self.position(fold(key).key_hash(), key)?;
        self.hashes.swap_remove(at);
        Some(self.entries.swap_remove(at).value)
    }

    /// All keys as they were spelled, with their values, ordered by lower-case key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_cached_key(|entry| entry.spelled.to_ascii_lowercase());
        entries.into_iter().map(|entry| (&*entry.spelled, &entry.value))
    }

    /// The value of a key of a policy.
    pub(crate) fn find(&self, key: &Key) -> Option<&ContextValue> {
        self.value_at(self.position(key.hash, &key.folded))
    }

    fn value_at(&self, at: Option<usize>) -> Option<&ContextValue> {
        self.entries.get(at?).map(|entry| &entry.value)
    }

    fn position(&self, hash: u32, key: &str) -> Option<usize> {
        let is_key =
            |at: &usize| self.entries.get(*at).is_some_and(|entry| entry.spelled.eq_ignore_ascii_case(key));
        let hashes = self.hashes.iter().enumerate();
        hashes.filter(|(_, other)| **other == hash).map(|(at, _)| at).find(is_key)
    }
}

impl PartialEq for Context {
    /// The order in which keys were set says nothing, nor does the case of their letters.
    fn eq(&self, other: &Self) -> bool {
        let same = |entry: &Entry| other.get(&entry.spelled) == Some(&entry.value);
        self.entries.len() == other.entries.len() && self.entries.iter().all(same)
    }
}

impl Eq for Context {}

impl<K: AsRef<str>, V: Into<ContextValue>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Context::new();
        for (key, value) in pairs {
            context.set(key.as_ref(), value);
        }
        context
    }
}

/// The lower-case form of a key, on the stack for keys of usual length.
pub(crate) struct Folded(SmallVec<[u8; 128]>);

impl Folded {
    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII letters were changed, so the bytes are still UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key_hash(&self) -> u32 {
        hash(Role::ContextKey, &self.0)
    }
}

/// Folds the ASCII letters of a key or action.
pub(crate) fn fold(text: &str) -> Folded {
    let mut bytes: SmallVec<[u8; 128]> = SmallVec::from_slice(text.as_bytes());
    bytes.make_ascii_lowercase();
    Folded(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_which_keys_are_set_says_nothing() {
        let keys = ["b", "C", "a"];
        let context: Context = keys.iter().map(|key| (key, *key)).collect();
        assert_eq!(context.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["a", "b", "C"]);
        let other: Context = keys.iter().rev().map(|key| (key, *key)).collect();
        assert_eq!(context, other);
        assert_ne!(context, keys.iter().map(|key| (key, "x")).collect::<Context>());
    }

    #[test]
    fn keys_are_found_in_any_case_and_remember_their_spelling() {
        let mut context = Context::new();
        context.set("aws:RequestTag/Team", "red");
        assert!(!context.insert("AWS:requesttag/team", "blue"));
        assert_eq!(context.get("aws:requesttag/TEAM"), Some(&ContextValue::from("red")));
        assert_eq!(context.iter().next().map(|(key, _)| key), Some("aws:RequestTag/Team"));
        assert_eq!(context.remove("aws:requesttag/team"), Some(ContextValue::from("red")));
        assert_eq!(context, Context::new());
    }
}
