//! Which function URL a request is for.
//!
//! Its host name says it, `ID.lambda-url.REGION.` and whatever follows; or, for clients that cannot resolve such names,
//! the path under `/_rolecall/lambda-url/`, which is not part of what the function sees.

use rolecall_wire::HttpRequest;

use crate::intake::header;
use crate::s3_address::host_names_bucket;

/// Where the path form begins. The id and the path for the function follow.
const PATH_FORM: &str = "/_rolecall/lambda-url/";

/// How long an id is.
const ID_LENGTH: usize = 32;

/// A function URL, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UrlAddress {
    /// The URL's id.
    pub(crate) id: String,
    /// The region, where the name says it.
    pub(crate) region: Option<String>,
    /// How much of the request's path names the URL.
    prefix: usize,
}

impl UrlAddress {
    /// The address in a request; none for a request that is for something else.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        let host = header(request, "host").unwrap_or_default();
        // In a bucket that the host names, the path is a key and may begin as it likes.
        of_host(host).or_else(|| of_path(&request.path).filter(|_| !host_names_bucket(request)))
    }

    /// The path for the function.
    pub(crate) fn path<'r>(&self, request: &'r HttpRequest) -> &'r str {
        match request.path.get(self.prefix..) {
            Some(path) if !path.is_empty() => path,
            _ => "/",
        }
    }
}

fn of_host(host: &str) -> Option<UrlAddress> {
    let (id, rest) = host.split_at_checked(ID_LENGTH)?;
    let rest = rest.strip_prefix(".lambda-url.")?;
    let region = rest.split(['.', ':']).next()?;
    is_id(id).then(|| UrlAddress { id: id.to_owned(), region: Some(region.to_owned()), prefix: 0 })
}

fn of_path(path: &str) -> Option<UrlAddress> {
    let rest = path.strip_prefix(PATH_FORM)?;
    let id = rest.split('/').next()?;
    is_id(id).then(|| UrlAddress { id: id.to_owned(), region: None, prefix: PATH_FORM.len() + id.len() })
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method};

    const ID: &str = "abcdefghijklmnopqrstuvwxyz012345";

    fn request(host: &str, path: &str) -> HttpRequest {
        let mut headers = HeaderMap::new();
        headers.insert("host", host.parse().unwrap());
        let (query, body) = (String::new(), bytes::Bytes::new());
        HttpRequest { method: Method::GET, path: path.to_owned(), query, headers, body }
    }

    #[test]
    fn host_and_path_name_a_url() {
        let own = format!("{PATH_FORM}{ID}");
        let cases = [
            (
                format!("{ID}.lambda-url.eu-west-1.localhost:4566"),
                "/a".to_owned(),
                Some(Some("eu-west-1")),
                "/a",
            ),
            (format!("{ID}.lambda-url.eu-west-1.on.aws"), "/".to_owned(), Some(Some("eu-west-1")), "/"),
            (format!("{ID}.lambda-url.eu-west-1"), own.clone(), Some(Some("eu-west-1")), own.as_str()),
            ("127.0.0.1:4566".to_owned(), format!("{own}/a/b"), Some(None), "/a/b"),
            ("127.0.0.1:4566".to_owned(), own.clone(), Some(None), "/"),
            ("127.0.0.1:4566".to_owned(), format!("{own}x/a"), None, ""),
            ("bucket.s3.localhost".to_owned(), own.clone(), None, ""),
            ("short.lambda-url.eu-west-1.localhost".to_owned(), "/".to_owned(), None, ""),
            (format!("{ID}.s3.localhost"), "/".to_owned(), None, ""),
        ];
        for (host, path, region, seen) in cases {
            let request = request(&host, &path);
            let address = UrlAddress::of(&request);
            let found = address.as_ref().map(|address| address.region.as_deref());
            assert_eq!(found, region, "{host}{path}");
            if let Some(address) = address {
                assert_eq!((address.id.as_str(), address.path(&request)), (ID, seen), "{host}{path}");
            }
        }
    }
}
