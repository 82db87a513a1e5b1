//! Whom to trust: the operator's root certificates.
//!
//! AWS publishes no root certificate for the signatures of Lambda code, so none is built in. An operator who wants
//! signatures to count puts the roots, in PEM, into the file `signing-roots.pem` of the data directory: AWS Signer's
//! own, taken from a zip file that AWS Signer has signed for them, or that of a signer of their own. Without the file
//! no signer is trusted and the policy of the code signing configuration decides as it does for unsigned code.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use crate::signing::envelope::Certificate;

const FILE: &str = "signing-roots.pem";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The file with the roots. It is read whenever a signature is checked, so a change counts at once.
#[derive(Debug, Clone)]
pub(crate) struct TrustedRoots {
    path: PathBuf,
}

impl TrustedRoots {
    /// The roots of a data directory.
    pub(crate) fn of(data_dir: &Path) -> Self {
        TrustedRoots { path: data_dir.join(FILE) }
    }

    /// The roots that can be read. A file or certificate that cannot be read makes nobody trusted, and is logged.
    pub(crate) fn read(&self) -> Vec<Certificate> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::error!(%error, path = %self.path.display(), "the roots of signatures cannot be read");
                return Vec::new();
            }
        };
        let blocks = text.split(BEGIN).skip(1);
        blocks.filter_map(|block| self.parse(block)).collect()
    }

    fn parse(&self, block: &str) -> Option<Certificate> {
        let body: String = block.split(END).next()?.split_ascii_whitespace().collect();
        let der = BASE64.decode(body.as_bytes()).ok();
        let root = der.and_then(|der| Certificate::parse(&der).ok());
        if root.is_none() {
            tracing::error!(path = %self.path.display(), "a root of signatures is no certificate that can be used");
        }
        root
    }
}
