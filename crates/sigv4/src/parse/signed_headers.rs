//! Which headers the signature covers, and that it covers enough: what is not signed can be changed on the way.

use super::Presented;
use crate::failure::{AuthFailure, Echo};
use crate::head::Head;

/// Reads the list of signed headers and refuses one that leaves out `host`, the date, or any `x-amz-*` header that
/// is there. SDKs sign all of these; what they leave out (`user-agent`, `x-amzn-trace-id`, `expect`, hop-by-hop
/// headers) begins with neither.
pub(super) fn read(presented: &Presented, head: &Head) -> Result<Vec<String>, AuthFailure> {
    let value = &presented.signed_headers;
    let names: Vec<String> = value.split(';').map(str::to_owned).collect();
    let lower = names.iter().all(|name| !name.bytes().any(|byte| byte.is_ascii_uppercase()));
    let sorted = names.is_sorted_by(|a, b| a < b);
    if !lower || !sorted {
        return Err(AuthFailure::MalformedSignedHeaders { value: Echo(value.clone()) });
    }
    let is_signed = |name: &str| names.binary_search_by(|signed| signed.as_str().cmp(name)).is_ok();
    if !is_signed("host") {
        return Err(AuthFailure::HostNotSigned);
    }
    head.only("host")?;
    let unsigned =
        must_be_signed(presented, head).into_iter().filter(|name| !is_signed(name)).collect::<Vec<_>>();
    if unsigned.is_empty() { Ok(names) } else { Err(AuthFailure::HeadersNotSigned { names: unsigned }) }
}

/// How the names of all AWS's own headers begin.
const AMZ: &str = "x-amz-";

/// The lower-case names of the headers at hand that have to be signed, sorted, each once.
fn must_be_signed(presented: &Presented, head: &Head) -> Vec<String> {
    let is_amz = |name: &str| name.get(..AMZ.len()).is_some_and(|start| start.eq_ignore_ascii_case(AMZ));
    let amz = head.headers.iter().filter(|(name, _)| is_amz(name));
    let mut names: Vec<String> = amz.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.extend(presented.date_header.map(str::to_owned));
    names.sort_unstable();
    names.dedup();
    names
}
