//! Tokens that carry what they stand for, encrypted and authenticated with a key that only this server has.
//!
//! What a token says need not be stored: it costs no write, survives a restart, and cannot be altered. Each token is
//! made for one purpose, and is nothing for another.

use std::fs;
use std::io;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL;
use rolecall_store::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Entropy;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A session token.
    Session,
    /// A link under which the code of a function or layer can be fetched.
    CodeLink,
    /// The encoded message of a denial.
    AuthorizationMessage,
}

impl Purpose {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Purpose::Session => b"session",
            Purpose::CodeLink => b"code link",
            Purpose::AuthorizationMessage => b"authorization message",
        }
    }
}

/// The key that seals.
pub(crate) struct SealingKey(XChaCha20Poly1305);

/// The first byte of a token says how the rest is made.
const FORMAT: u8 = 1;
const NONCE_LEN: usize = 24;

impl SealingKey {
    /// Reads the key from the file, or makes it at the first start (readable by its owner only).
    ///
    /// # Errors
    /// The system's error where the file cannot be read or made, or has not the length of a key.
    pub(crate) fn open(path: &Path, entropy: &dyn Entropy) -> io::Result<Self> {
        let key = match fs::read(path) {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = vec![0; 32];
                entropy.fill(&mut key);
                rolecall_store::write_private(path, &key)?;
                key
            }
            Err(error) => return Err(error),
        };
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "the sealing key is not 32 bytes long")
        })?;
        Ok(SealingKey(cipher))
    }

    /// Seals the value into a token; none where it cannot be written down, which does not happen.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        value: &impl Serialize,
        entropy: &dyn Entropy,
    ) -> Option<Secret> {
        let plain = serde_json::to_vec(value).ok()?;
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: &plain, aad: purpose.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).ok()?;
        let token = [[FORMAT].as_slice(), &nonce, &sealed].concat();
        Some(Secret::new(BASE64URL.encode(&token)))
    }

    /// What a token carries; none where it was not made by this key for this purpose, or was altered.
    pub(crate) fn unseal<T: DeserializeOwned>(&self, purpose: Purpose, token: &str) -> Option<T> {
        let bytes = BASE64URL.decode(token.as_bytes()).ok()?;
        let (&format, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        if format != FORMAT {
            return None;
        }
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        let plain = self.0.decrypt(&XNonce::from(nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn a_token_carries_its_value_and_no_altered_token_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("session-key");
        let key = SealingKey::open(&path, &SystemEntropy).unwrap();
        let token = key.seal(Purpose::Session, &"value", &SystemEntropy).unwrap();
        let reopened = SealingKey::open(&path, &SystemEntropy).unwrap();
        assert_eq!(reopened.unseal::<String>(Purpose::Session, token.expose()), Some("value".to_owned()));
        for at in 0..token.expose().len() {
            let mut altered = token.expose().as_bytes().to_vec();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = std::str::from_utf8(&altered).unwrap();
            assert_eq!(key.unseal::<String>(Purpose::Session, altered), None, "byte {at}");
        }
    }

    #[test]
    fn a_token_for_one_purpose_is_nothing_for_another() {
        let directory = tempfile::tempdir().unwrap();
        let key = SealingKey::open(&directory.path().join("session-key"), &SystemEntropy).unwrap();
        let link = key.seal(Purpose::CodeLink, &"value", &SystemEntropy).unwrap();
        assert_eq!(key.unseal::<String>(Purpose::Session, link.expose()), None);
    }
}
