//! The key of an execution environment: whose function it runs, which version, and with which role.
//!
//! The runner treats the key as a name. Lambda reads it back when the runner asks for credentials, so an environment
//! can only ever get a session of the role that it was made for.

use std::fmt;

use rolecall_store::records::lambda::FunctionVersion;

use crate::name::{Key, version_text};

/// What an execution environment is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deployment {
    /// The function.
    pub(crate) function: Key,
    /// `$LATEST` or a number.
    pub(crate) version: String,
    /// The identifier of this state of code and configuration.
    id: String,
    /// The execution role's ARN.
    pub(crate) role: String,
}

impl Deployment {
    /// The deployment of a version.
    pub(crate) fn of(function: &Key, record: &FunctionVersion) -> Self {
        Deployment {
            function: function.clone(),
            version: version_text(record.version),
            id: record.deployment.clone(),
            role: record.role.clone(),
        }
    }

    /// Reads a key; none where it was not written by [`Deployment`]'s `Display`.
    pub(crate) fn parse(key: &str) -> Option<Self> {
        let mut parts = key.splitn(6, '/');
        let mut next = || parts.next();
        let function = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.to_owned());
        let (version, id, role) = (next()?.to_owned(), next()?.to_owned(), next()?.to_owned());
        Some(Deployment { function, version, id, role })
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}/{}", function_prefix(&self.function), self.version, self.id, self.role)
    }
}

/// What the keys of all environments of a function begin with.
pub(crate) fn function_prefix(function: &Key) -> String {
    format!("{}/{}/{}/", function.0, function.1, function.2)
}

/// What the keys of all environments of a function's `$LATEST` begin with.
pub(crate) fn latest_prefix(function: &Key) -> String {
    format!("{}{}/", function_prefix(function), version_text(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_whole() {
        let deployment = Deployment {
            function: ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap(), "f".to_owned()),
            version: "$LATEST".to_owned(),
            id: "d".to_owned(),
            role: "arn:aws:iam::111122223333:role/team/r".to_owned(),
        };
        let key = deployment.to_string();
        assert_eq!(key, "111122223333/eu-west-1/f/$LATEST/d/arn:aws:iam::111122223333:role/team/r");
        assert!(key.starts_with(&latest_prefix(&deployment.function)));
        assert_eq!(Deployment::parse(&key), Some(deployment));
        assert_eq!(Deployment::parse("f"), None);
    }
}
