//! Lists in pages: `MaxResults` and `NextToken`. A token is the key of the last item of the page.

use data_encoding::BASE64URL_NOPAD;

use crate::error::OrganizationsError;

/// How many items a page has at most, and where the caller does not say.
const MAX_RESULTS: usize = 20;

/// A page of the items after the token, and the token for the next; the items come in the order of their keys.
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    token: Option<&str>,
    max_results: Option<i32>,
) -> Result<(Vec<T>, Option<String>), OrganizationsError> {
    let after = token.map(read_token).transpose()?;
    let mut items: Vec<(String, T)> =
        items.into_iter().filter(|(key, _)| Some(key) > after.as_ref()).collect();
    let max_results = max_results.and_then(|max| usize::try_from(max).ok()).unwrap_or(MAX_RESULTS);
    let max_results = max_results.clamp(1, MAX_RESULTS);
    let has_more = items.len() > max_results;
    items.truncate(max_results);
    let next = items.last().filter(|_| has_more).map(|(key, _)| BASE64URL_NOPAD.encode(key.as_bytes()));
    Ok((items.into_iter().map(|(_, item)| item).collect(), next))
}

fn read_token(token: &str) -> Result<String, OrganizationsError> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| OrganizationsError::InvalidNextToken)?;
    String::from_utf8(bytes).map_err(|_| OrganizationsError::InvalidNextToken)
}
