//! Links under which GetFunction and GetLayerVersion give code back.
//!
//! AWS gives presigned S3 URLs. Here the link is a sealed token that says which blob it is for and until when, so that
//! nothing has to be remembered however often a function is looked at. A link that was made within the last second is
//! given again: clients that wait for a function ask over and over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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

/// How long a link is given again, in milliseconds; by so much less than its lifetime it may be good for.
const REUSED_MS: i64 = 1000;
/// How many links are kept before all are forgotten.
const KEPT: usize = 1024;

/// The links that were made lately, by what they lead to.
#[derive(Default)]
pub(crate) struct Links(Mutex<HashMap<BlobId, Made>>);

struct Made {
    at_ms: i64,
    url: Sensitive<String>,
}

impl Links {
    /// A link to the blob: a whole URL. None where the link cannot be written down, which does not happen.
    pub(crate) fn to(&self, platform: &Platform, blob: &BlobId) -> Option<Sensitive<String>> {
        let now_ms = platform.now_ms();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = kept.get(blob)
            && (0..REUSED_MS).contains(&(now_ms - made.at_ms))
        {
            return Some(made.url.clone());
        }
        let url = make(platform, blob, now_ms + LIFETIME_MS)?;
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(blob.clone(), Made { at_ms: now_ms, url: url.clone() });
        Some(url)
    }
}

fn make(platform: &Platform, blob: &BlobId, expires_ms: i64) -> Option<Sensitive<String>> {
    let token = platform.authority.seal(Purpose::CodeLink, &Link { blob: blob.clone(), expires_ms })?;
    let endpoint = platform.settings.endpoint.trim_end_matches('/');
    Some(Sensitive::new(format!("{endpoint}/_rolecall/code/{}", token.expose())))
}

/// The blob that a token stands for, while it does.
pub(crate) fn find(authority: &Authority, token: &str) -> Option<BlobId> {
    let link: Link = authority.unseal(Purpose::CodeLink, token)?;
    (link.expires_ms > authority.clock().now_ms()).then_some(link.blob)
}
