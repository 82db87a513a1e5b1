//! Paths of users, groups, roles and policies.

use crate::error::IamError;

/// The path of a request, `/` where it has none. The model's pattern is not anchored on AWS's side, so what it is meant
/// to say is checked here: one slash alone, or something between two (reference iam.md 7.2).
pub(crate) fn parse(path: Option<String>) -> Result<String, IamError> {
    let path = path.unwrap_or_else(|| "/".to_owned());
    let between = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let legal =
        between.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic()));
    if path == "/" || legal { Ok(path) } else { Err(IamError::InvalidPath) }
}

/// Whether a path begins with the prefix of a list request.
pub(crate) fn has_prefix(path: &str, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_and_ends_with_a_slash() {
        for path in ["/", "/a/", "/a/b/", "/a//b/"] {
            assert!(parse(Some(path.to_owned())).is_ok(), "{path}");
        }
        for path in ["", "a", "/a", "a/", "//", "/ä/", "/a b/"] {
            assert!(parse(Some(path.to_owned())).is_err(), "{path}");
        }
        assert_eq!(parse(None).unwrap(), "/");
    }
}
