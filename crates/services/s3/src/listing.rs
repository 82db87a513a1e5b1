//! The keys of a bucket in order, grouped by a delimiter, page by page.

use std::ops::Bound;
use std::sync::Arc;

use rolecall_store::State;
use rolecall_store::records::s3::Object;

/// What is listed.
pub(crate) struct Selection<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Only keys and groups behind this text.
    pub(crate) after: Option<&'a str>,
    pub(crate) max: usize,
}

/// A page.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) objects: Vec<(String, Arc<Object>)>,
    /// The groups: what keys have in common up to the delimiter.
    pub(crate) common_prefixes: Vec<String>,
    /// The last key or group of the page, where there is more behind it.
    pub(crate) next: Option<String>,
}

impl Selection<'_> {
    /// Reads the page. A group counts as one however many keys are in it, and costs one step.
    pub(crate) fn read(&self, state: &State) -> Listing {
        let mut listing = Listing::default();
        if self.max == 0 {
            return listing;
        }
        let mut last = String::new();
        let mut position = self.start();
        while let Some((key, object)) = self.next(state, &position) {
            let group = self.group_of(key);
            position = behind(key, group);
            // A group before the start, or one with a key that the skip did not pass.
            if group.is_some_and(|group| group == last || self.after.is_some_and(|after| group <= after)) {
                continue;
            }
            if listing.objects.len() + listing.common_prefixes.len() == self.max {
                listing.next = Some(last);
                return listing;
            }
            last = group.unwrap_or(key).to_owned();
            match group {
                Some(group) => listing.common_prefixes.push(group.to_owned()),
                None => listing.objects.push((key.clone(), Arc::clone(object))),
            }
        }
        listing
    }

    /// Where reading begins: at the prefix, or behind the start where that is further on.
    fn start(&self) -> Bound<String> {
        match self.after {
            Some(after) if after >= self.prefix => Bound::Excluded(after.to_owned()),
            _ => Bound::Included(self.prefix.to_owned()),
        }
    }

    fn next<'s>(&self, state: &'s State, position: &Bound<String>) -> Option<(&'s String, &'s Arc<Object>)> {
        let in_bucket = |key: &String| (self.bucket.to_owned(), key.clone());
        let ((bucket, key), object) =
            state.objects.range((position.as_ref().map(in_bucket), Bound::Unbounded)).next()?;
        (bucket == self.bucket && key.starts_with(self.prefix)).then_some((key, object))
    }

    /// The key's group: up to and with the first delimiter behind the prefix.
    fn group_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter.filter(|delimiter| !delimiter.is_empty())?;
        let at = key.get(self.prefix.len()..)?.find(delimiter)?;
        key.get(..self.prefix.len() + at + delimiter.len())
    }
}

/// Where to go on behind a key: behind its whole group, where it has one. A key may begin with the greatest character
/// there is behind the group and so lie behind the skip; then it is the key that is passed, or nothing ever would be.
fn behind(key: &str, group: Option<&str>) -> Bound<String> {
    let skip = group.map(|group| format!("{group}{}", char::MAX)).filter(|skip| key < skip.as_str());
    skip.map_or_else(|| Bound::Excluded(key.to_owned()), Bound::Included)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_store::BlobId;

    fn state() -> State {
        let mut state = State::default();
        let object = Object {
            blob: BlobId::of(b""),
            size: 0,
            etag: String::new(),
            last_modified_ms: 0,
            headers: Default::default(),
            metadata: Default::default(),
            checksums: Default::default(),
            sequencer: 0,
        };
        for key in ["a", "b/1", "b/2", "b/\u{10FFFF}\u{10FFFF}", "c", "d/x/1", "d/y", "e"] {
            state.objects.put(("bucket".to_owned(), key.to_owned()), object.clone());
        }
        for bucket in ["aucket", "bucket2"] {
            state.objects.put((bucket.to_owned(), "z".to_owned()), object.clone());
        }
        state
    }

    fn list(
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<&str>,
        max: usize,
    ) -> (Vec<String>, Vec<String>, Option<String>) {
        let listing = Selection { bucket: "bucket", prefix, delimiter, after, max }.read(&state());
        (listing.objects.into_iter().map(|(key, _)| key).collect(), listing.common_prefixes, listing.next)
    }

    #[test]
    fn keys_behind_a_delimiter_are_one_group() {
        let (keys, groups, next) = list("", Some("/"), None, 100);
        assert_eq!(
            (keys, groups, next),
            (vec!["a".into(), "c".into(), "e".into()], vec!["b/".into(), "d/".into()], None)
        );
        let (keys, groups, _) = list("d/", Some("/"), None, 100);
        assert_eq!((keys, groups), (vec!["d/y".to_owned()], vec!["d/x/".to_owned()]));
        assert_eq!(list("b", None, None, 100).0.len(), 3);
        assert_eq!(list("x", None, None, 100).0.len(), 0);
        assert_eq!(list("", None, None, 0).2, None);
    }

    #[test]
    fn pages_together_are_the_whole_list() {
        for delimiter in [None, Some("/")] {
            let (whole_keys, whole_groups, _) = list("", delimiter, None, 100);
            for max in 1..5 {
                let (mut keys, mut groups, mut after) = (Vec::new(), Vec::new(), None);
                loop {
                    let page = list("", delimiter, after.as_deref(), max);
                    assert!(page.0.len() + page.1.len() <= max);
                    keys.extend(page.0);
                    groups.extend(page.1);
                    after = page.2;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!((&keys, &groups), (&whole_keys, &whole_groups), "{delimiter:?} {max}");
            }
        }
    }

    #[test]
    fn a_start_inside_a_group_leaves_the_group_out() {
        let (keys, groups, _) = list("", Some("/"), Some("b/1"), 100);
        assert_eq!((keys, groups), (vec!["c".to_owned(), "e".to_owned()], vec!["d/".to_owned()]));
        assert_eq!(list("", None, Some("c"), 100).0, ["d/x/1", "d/y", "e"]);
    }
}
