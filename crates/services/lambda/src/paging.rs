//! Pages: a marker is the last key of the page before, so it is good for as long as the records are.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::LambdaError;

/// AWS answers at most fifty items, even where more are asked for.
const MOST: usize = 50;

/// Takes one page of the items, which are in the order of their keys, and the marker of the next page.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] for a marker that was not given by this server.
pub(crate) fn page<K, T>(
    items: impl Iterator<Item = (K, T)>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<(Vec<T>, Option<String>), LambdaError>
where
    K: Ord + Serialize + DeserializeOwned,
{
    let after: Option<K> = last_key(marker)?;
    let size = max_items.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST).clamp(1, MOST);
    let mut rest = items.skip_while(|(key, _)| after.as_ref().is_some_and(|after| key <= after)).peekable();
    let mut taken = Vec::new();
    let mut last = None;
    while taken.len() < size {
        let Some((key, item)) = rest.next() else { break };
        taken.push(item);
        last = Some(key);
    }
    let next = rest.peek().and(last).and_then(|key| serde_json::to_vec(&key).ok());
    Ok((taken, next.map(|key| BASE64URL_NOPAD.encode(&key))))
}

/// The last key of the page before, which the marker stands for. Where a list is long, its items are to begin behind that
/// key, so that a later page costs no more than the first.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] for a marker that was not given by this server.
pub(crate) fn last_key<K: DeserializeOwned>(marker: Option<&str>) -> Result<Option<K>, LambdaError> {
    marker.filter(|marker| !marker.is_empty()).map(read).transpose()
}

fn read<K: DeserializeOwned>(marker: &str) -> Result<K, LambdaError> {
    let key = BASE64URL_NOPAD.decode(marker.as_bytes()).ok();
    key.and_then(|key| serde_json::from_slice(&key).ok())
        .ok_or_else(|| LambdaError::InvalidParameter("The provided marker is not valid.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let all = || (0..7).map(|number| (format!("{number}"), number));
        let (first, marker) = page(all(), None, Some(3)).unwrap();
        let (second, marker) = page(all(), marker.as_deref(), Some(3)).unwrap();
        let (third, end) = page(all(), marker.as_deref(), Some(3)).unwrap();
        assert_eq!([first, second, third].concat(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(end, None);
        assert!(page(all(), Some("not a marker"), None).is_err());
    }

    #[test]
    fn a_full_last_page_has_no_marker() {
        let (items, marker) = page((0..3).map(|number| (number, number)), None, Some(3)).unwrap();
        assert_eq!((items.len(), marker), (3, None));
    }
}
