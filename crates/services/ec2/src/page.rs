//! Lists in pages: `MaxResults` and `NextToken`. A token is the id of the last item of the page.

use data_encoding::BASE64URL_NOPAD;

use crate::error::Ec2Error;

/// A page of what comes after the token, and the token for the next. The items come in the order of their ids. Where
/// the caller wants no pages, everything is one.
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    token: Option<&str>,
    max_results: Option<i32>,
) -> Result<(Vec<T>, Option<String>), Ec2Error> {
    let after = token.map(read_token).transpose()?;
    let mut items: Vec<(String, T)> =
        items.into_iter().filter(|(id, _)| after.as_ref().is_none_or(|after| id > after)).collect();
    let limit = max_results.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX).max(1);
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|(id, _)| BASE64URL_NOPAD.encode(id.as_bytes()));
    Ok((items.into_iter().map(|(_, item)| item).collect(), next))
}

fn read_token(token: &str) -> Result<String, Ec2Error> {
    let invalid = || Ec2Error::InvalidParameterValue("Unable to parse pagination token".to_owned());
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}

/// Ids together with pages are not one of EC2's ways to ask.
pub(crate) fn refuse_ids_in_pages(ids: Option<&[String]>, max_results: Option<i32>) -> Result<(), Ec2Error> {
    match (ids, max_results) {
        (Some([_, ..]), Some(_)) => Err(Ec2Error::InvalidParameterCombination(
            "The parameter maxResults cannot be used with the parameter that lists ids".to_owned(),
        )),
        _ => Ok(()),
    }
}
