//! Checks of arguments that several operations have.

use crate::error::S3Error;

/// The longest key in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 1024;

/// A key has 1 to 1024 bytes.
pub(crate) fn check_key(key: &str) -> Result<(), S3Error> {
    if key.len() > MAX_KEY_BYTES {
        return Err(S3Error::KeyTooLong(key.len()));
    }
    if key.is_empty() {
        return Err(S3Error::argument("The key must not be empty.", "key", key));
    }
    Ok(())
}

/// Buckets here have no versions: an object's only version is called `null`.
pub(crate) fn check_version_id(version_id: Option<&str>) -> Result<(), S3Error> {
    match version_id {
        None | Some("null") => Ok(()),
        Some(other) => Err(S3Error::argument("Invalid version id specified", "versionId", other)),
    }
}

/// How many things a list holds at most, of what the caller wants and what S3 gives.
pub(crate) fn max_items(wanted: Option<i32>, most: usize, name: &str) -> Result<usize, S3Error> {
    let Some(wanted) = wanted else { return Ok(most) };
    let count = usize::try_from(wanted).map_err(|_| {
        let words = format!("Argument {name} must be an integer between 0 and 2147483647");
        S3Error::argument(&words, name, &wanted.to_string())
    })?;
    Ok(count.min(most))
}

/// Reads a page token; it is the base64 of a text.
pub(crate) fn parse_token(token: &str) -> Result<String, S3Error> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        S3Error::argument("The continuation token provided is incorrect", "continuation-token", token)
    })
}

/// Makes a page token.
pub(crate) fn token(text: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}
