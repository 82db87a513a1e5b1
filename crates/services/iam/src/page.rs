//! Lists in pages: `MaxItems`, `Marker`, `IsTruncated`.
//!
//! A marker is the sort key of the last item of the page. So a list that changes between two pages neither repeats nor
//! leaves out what was there all the time, and a marker outlives a restart.

use data_encoding::BASE64URL_NOPAD;

use crate::error::IamError;

/// How many items a page has where the caller does not say (reference iam.md 7.2).
const DEFAULT_MAX_ITEMS: usize = 100;

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) is_truncated: Option<bool>,
    pub(crate) marker: Option<String>,
}

/// The page after the marker, of items with their sort keys. Sort keys are unique and at most 160 bytes long, as a
/// marker that comes back may have no more than 320 characters.
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<T>, IamError> {
    let after = marker.map(read_marker).transpose()?;
    let mut items: Vec<(String, T)> =
        items.into_iter().filter(|(key, _)| Some(key) > after.as_ref()).collect();
    items.sort_by(|one, other| one.0.cmp(&other.0));
    let max_items = max_items.and_then(|max| usize::try_from(max).ok()).unwrap_or(DEFAULT_MAX_ITEMS).max(1);
    let is_truncated = items.len() > max_items;
    items.truncate(max_items);
    let last = items.last().map(|(key, _)| BASE64URL_NOPAD.encode(key.as_bytes()));
    Ok(Page {
        items: items.into_iter().map(|(_, item)| item).collect(),
        is_truncated: Some(is_truncated),
        marker: last.filter(|_| is_truncated),
    })
}

fn read_marker(marker: &str) -> Result<String, IamError> {
    let bytes = BASE64URL_NOPAD.decode(marker.as_bytes()).map_err(|_| IamError::InvalidMarker)?;
    String::from_utf8(bytes).map_err(|_| IamError::InvalidMarker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect()
    }

    #[test]
    fn pages_follow_one_another_although_the_list_changes() {
        let first = page(keyed(&["c", "a", "b"]), None, Some(2)).unwrap();
        assert_eq!((first.items, first.is_truncated), (vec!["a".to_owned(), "b".to_owned()], Some(true)));
        let second = page(keyed(&["c", "a", "d"]), first.marker.as_deref(), Some(2)).unwrap();
        assert_eq!((second.items, second.is_truncated), (vec!["c".to_owned(), "d".to_owned()], Some(false)));
        assert_eq!(second.marker, None);
    }

    #[test]
    fn a_marker_that_is_none_is_refused() {
        let refused = page(keyed(&["a"]), Some("not a marker!"), None);
        assert_eq!(refused.unwrap_err(), IamError::InvalidMarker);
    }
}
