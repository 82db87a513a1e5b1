//! The condition context of a request: what is known about it, by case-insensitive key (reference iam.md 1.8, 4).

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    folded: Box<str>,
    spelled: Box<str>,
    value: ContextValue,
}

/// Condition keys and their values, sorted by the lower-case key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    entries: Vec<Entry>,
}

impl Context {
    /// A context that knows nothing.
    pub fn new() -> Self {
        Context::default()
    }

    /// Sets a key, replacing a value that is there under any spelling.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        let folded = fold(key);
        let entry = Entry { folded: folded.as_str().into(), spelled: key.into(), value: value.into() };
        match self.find(folded.as_str()) {
            Ok(at) => {
                if let Some(slot) = self.entries.get_mut(at) {
                    *slot = entry;
                }
            }
            Err(at) => self.entries.insert(at, entry),
        }
    }

    /// Sets a key unless it is there already; says whether it was set.
    pub fn insert(&mut self, key: &str, value: impl Into<ContextValue>) -> bool {
        let absent = !self.contains(key);
        if absent {
            self.set(key, value);
        }
        absent
    }

    /// The value of a key in any spelling.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.get_folded(fold(key).as_str())
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Takes a key out, in any spelling.
    pub fn remove(&mut self, key: &str) -> Option<ContextValue> {
        let at = self.find(fold(key).as_str()).ok()?;
        Some(self.entries.remove(at).value)
    }

    /// All keys as they were spelled, with their values, ordered by lower-case key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|entry| (&*entry.spelled, &entry.value))
    }

    /// The value of a key that is already lower case, as compiled policies keep theirs.
    pub(crate) fn get_folded(&self, folded: &str) -> Option<&ContextValue> {
        let at = self.find(folded).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    fn find(&self, folded: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| (*entry.folded).cmp(folded))
    }
}

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
pub(crate) struct Folded(SmallVec<[u8; 64]>);

impl Folded {
    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII letters were changed, so the bytes are still UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Folds the ASCII letters of a key or action.
pub(crate) fn fold(text: &str) -> Folded {
    let mut bytes: SmallVec<[u8; 64]> = SmallVec::from_slice(text.as_bytes());
    bytes.make_ascii_lowercase();
    Folded(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_any_case_and_remember_their_spelling() {
        let mut context = Context::new();
        context.set("aws:RequestTag/Team", "red");
        assert!(!context.insert("AWS:requesttag/team", "blue"));
        assert_eq!(context.get("aws:requesttag/TEAM"), Some(&ContextValue::from("red")));
        assert_eq!(context.iter().next().map(|(key, _)| key), Some("aws:RequestTag/Team"));
    }
}
