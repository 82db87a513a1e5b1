//! Links under which GetFunction and GetLayerVersion give code back.
//!
//! AWS gives presigned S3 URLs. Here the link is a sealed token that says which blob it is for and until when, so that
//! nothing has to be remembered however often a function is looked at.

use rolecall_authority::{Authority, Purpose};
use rolecall_service::Platform;
use rolecall_store::BlobId;
use rolecall_wire::Sensitive;
use serde::{Deserialize, Serialize};

/// How long a link is good, in milliseconds.
const LIFETIME_MS: i64 = 10 * 60 * 1000;

#[derive(Serialize, Deserialize)]
struct Link {
    blob: BlobId,
    expires_ms: i64,
}

/// A link to the blob: a whole URL. None where the link cannot be written down, which does not happen.
pub(crate) fn make(platform: &Platform, blob: &BlobId) -> Option<Sensitive<String>> {
    let link = Link { blob: blob.clone(), expires_ms: platform.now_ms() + LIFETIME_MS };
    let token = platform.authority.seal(Purpose::CodeLink, &link)?;
    let endpoint = platform.settings.endpoint.trim_end_matches('/');
    Some(Sensitive::new(format!("{endpoint}/_rolecall/code/{}", token.expose())))
}

/// The blob that a token stands for, while it does.
pub(crate) fn find(authority: &Authority, token: &str) -> Option<BlobId> {
    let link: Link = authority.unseal(Purpose::CodeLink, token)?;
    (link.expires_ms > authority.clock().now_ms()).then_some(link.blob)
}
