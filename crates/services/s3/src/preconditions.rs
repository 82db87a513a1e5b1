//! If-Match and its kin: on reading, on the source of a copy, and on writing.

use rolecall_store::records::s3::Object;
use rolecall_wire::Timestamp;

use crate::error::S3Error;

/// The conditions of a GetObject, HeadObject, or of the source of a CopyObject.
#[derive(Debug, Default, Clone)]
pub(crate) struct ReadConditions {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// The order and precedence are those of HTTP (RFC 9110, 13.2.2): tags count more than times.
    pub(crate) fn check(&self, object: &Object) -> Result<(), S3Error> {
        // Headers have whole seconds, so the object's time is compared in whole seconds.
        let modified_s = object.last_modified_ms.div_euclid(1000);
        let seconds = |time: &Timestamp| time.epoch_ms().div_euclid(1000);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(tags), _) if !names(tags, &object.etag) => {
                return Err(S3Error::PreconditionFailed("If-Match"));
            }
            (None, Some(time)) if modified_s > seconds(time) => {
                return Err(S3Error::PreconditionFailed("If-Unmodified-Since"));
            }
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(tags), _) if names(tags, &object.etag) => Err(not_modified(object)),
            (None, Some(time)) if modified_s <= seconds(time) => Err(not_modified(object)),
            _ => Ok(()),
        }
    }

    /// For the source of a copy every condition that does not hold is a failure.
    pub(crate) fn check_copy_source(&self, object: &Object) -> Result<(), S3Error> {
        self.check(object).map_err(|error| match error {
            S3Error::NotModified { .. } if self.if_none_match.is_some() => {
                S3Error::PreconditionFailed("x-amz-copy-source-If-None-Match")
            }
            S3Error::NotModified { .. } => S3Error::PreconditionFailed("x-amz-copy-source-If-Modified-Since"),
            S3Error::PreconditionFailed("If-Match") => {
                S3Error::PreconditionFailed("x-amz-copy-source-If-Match")
            }
            S3Error::PreconditionFailed(_) => {
                S3Error::PreconditionFailed("x-amz-copy-source-If-Unmodified-Since")
            }
            other => other,
        })
    }
}

fn not_modified(object: &Object) -> S3Error {
    S3Error::NotModified {
        etag: format!("\"{}\"", object.etag),
        last_modified: Timestamp(object.last_modified_ms).to_rfc822(),
    }
}

/// The conditions of a write, checked in the transaction that writes.
#[derive(Debug, Default, Clone)]
pub(crate) struct WriteConditions {
    if_match: Option<String>,
    if_none_match: bool,
}

impl WriteConditions {
    /// Reads the headers. S3 knows no other If-None-Match for writes than `*`.
    pub(crate) fn parse(if_match: Option<String>, if_none_match: Option<&str>) -> Result<Self, S3Error> {
        match if_none_match {
            None | Some("*") => Ok(WriteConditions { if_match, if_none_match: if_none_match.is_some() }),
            Some(_) => Err(S3Error::NotImplemented { header: "If-None-Match" }),
        }
    }

    /// Whether the write asks what is there now. S3 demands the right to read it, too (S3 user guide, "Conditional
    /// writes").
    pub(crate) fn reveals_tag(&self) -> bool {
        self.if_match.is_some()
    }

    /// Compares with the object that is there now.
    pub(crate) fn check(&self, key: &str, current: Option<&Object>) -> Result<(), S3Error> {
        match (current, &self.if_match) {
            (None, Some(_)) => return Err(S3Error::NoSuchKey(key.to_owned())),
            (Some(object), Some(tags)) if !names(tags, &object.etag) => {
                return Err(S3Error::PreconditionFailed("If-Match"));
            }
            _ => {}
        }
        if self.if_none_match && current.is_some() {
            return Err(S3Error::PreconditionFailed("If-None-Match"));
        }
        Ok(())
    }
}

/// Whether a list of entity tags names this one.
fn names(tags: &str, etag: &str) -> bool {
    let bare = |tag: &str| -> String { tag.trim().trim_start_matches("W/").trim_matches('"').to_owned() };
    tags.split(',').map(bare).any(|tag| tag == "*" || tag == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_names_its_members() {
        for (tags, expected) in [
            ("\"a\"", true),
            ("a", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("", false),
        ] {
            assert_eq!(names(tags, "a"), expected, "{tags}");
        }
    }
}
