//! The request as the signature sees it: the head exactly as it was received, because a verifier that reads a
//! tidied-up copy checks one request and lets another one through.

use std::fmt;

use crate::failure::AuthFailure;

/// A request's head, borrowed from whoever received it.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The method as received, like `GET`.
    pub method: &'a str,
    /// The path as received: still percent-encoded, neither normalised nor decoded.
    pub path: &'a str,
    /// The query string as received, without the `?`.
    pub query: &'a str,
    /// The headers in order of arrival, names in any case.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Head<'a> {
    /// The value of a header that may occur once only; white space around it is dropped.
    pub(crate) fn only(&self, name: &'static str) -> Result<Option<&'a [u8]>, AuthFailure> {
        let mut values = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
        let first = values.next();
        match values.next() {
            Some(_) => Err(AuthFailure::DuplicateHeader { name }),
            None => Ok(first.map(<[u8]>::trim_ascii)),
        }
    }

    /// Like [`Head::only`], as text. Bytes that are not UTF-8 become replacement characters, which no reader of
    /// these values accepts.
    pub(crate) fn only_text(&self, name: &'static str) -> Result<Option<String>, AuthFailure> {
        Ok(self.only(name)?.map(|value| String::from_utf8_lossy(value).into_owned()))
    }
}

impl fmt::Debug for Head<'_> {
    /// Header values and the query may hold tokens and signatures, so only names and the path are printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Head")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}
