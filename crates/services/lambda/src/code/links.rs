//! Links under which GetFunction and GetLayerVersion give code back.
//!
//! AWS gives presigned S3 URLs. Here it is a random token that only the answer's reader knows, kept in memory only: it
//! is good for ten minutes and not after a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rolecall_service::Platform;
use rolecall_store::BlobId;
use rolecall_wire::Sensitive;

/// How long a link is good, in milliseconds.
const LIFETIME_MS: i64 = 10 * 60 * 1000;
const TOKEN_ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuv";
/// 52 characters of 5 bits each are 260 bits.
const TOKEN_LENGTH: usize = 52;

/// The links that are good.
#[derive(Default)]
pub(crate) struct Links(Mutex<HashMap<String, Link>>);

struct Link {
    blob: BlobId,
    expires_ms: i64,
}

impl Links {
    /// Makes a link to the blob: a whole URL.
    pub(crate) fn add(&self, platform: &Platform, blob: &BlobId) -> Sensitive<String> {
        let now = platform.now_ms();
        let token = platform.entropy().text(TOKEN_ALPHABET, TOKEN_LENGTH);
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, link| link.expires_ms > now);
        links.insert(token.clone(), Link { blob: blob.clone(), expires_ms: now + LIFETIME_MS });
        let endpoint = platform.settings.endpoint.trim_end_matches('/');
        Sensitive::new(format!("{endpoint}/_rolecall/code/{token}"))
    }

    /// The blob that a token stands for at the time.
    pub(crate) fn find(&self, token: &str, now_ms: i64) -> Option<BlobId> {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.get(token).filter(|link| link.expires_ms > now_ms).map(|link| link.blob.clone())
    }
}
