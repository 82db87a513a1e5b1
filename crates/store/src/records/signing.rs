//! Code signing: the configurations that functions have, and what is known of the signature of a zip file.

use serde::{Deserialize, Serialize};

use super::Tag;

/// A code signing configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeSigningConfig {
    /// `csc-` and 17 hexadecimal digits.
    pub id: String,
    /// Its description; none where it was never given.
    pub description: Option<String>,
    /// The versions of signing profiles whose signatures are accepted.
    pub allowed_publishers: Vec<String>,
    /// `Warn` or `Enforce`.
    pub untrusted_artifact_on_deployment: String,
    /// When it was last changed.
    pub last_modified_ms: i64,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// What the signature in a zip file is worth, found out when the file was received.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum CodeSignature {
    /// There is none.
    #[default]
    Unsigned,
    /// It fits the files, but nobody whom this server trusts vouches for the signer.
    Untrusted,
    /// It does not fit the files, or is no signature.
    Broken,
    /// It fits the files and the signer is trusted.
    Signed {
        /// The version of the signing profile.
        profile_version_arn: String,
        /// The signing job.
        job_arn: String,
        /// Until when the signature is good.
        expires_ms: i64,
    },
}

impl CodeSignature {
    /// The version of the signing profile and the signing job, where the signature is good.
    pub fn signer(&self) -> Option<(&str, &str)> {
        match self {
            Self::Signed { profile_version_arn, job_arn, .. } => Some((profile_version_arn, job_arn)),
            Self::Unsigned | Self::Untrusted | Self::Broken => None,
        }
    }
}
