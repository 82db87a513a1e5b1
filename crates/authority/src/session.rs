//! Temporary credentials.
//!
//! A session is not stored anywhere: its token carries all that is known of it, encrypted and authenticated with a key
//! that only this server has. So a session costs no write, survives a restart, and cannot be altered by its holder.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use rolecall_arn::AccountId;
use rolecall_store::Secret;
use rolecall_store::records::Tag;
use serde::{Deserialize, Serialize};

use crate::clock::Entropy;

/// Everything that follows from a session token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA...`; a token is good only together with its own key.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret: Secret,
    /// When it was issued, in epoch milliseconds.
    pub issued_ms: i64,
    /// When it ends, in epoch milliseconds.
    pub expires_ms: i64,
    /// Whose session it is.
    pub holder: SessionHolder,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SessionHolder {
    /// A session of a role.
    Role {
        /// The role's account.
        account: AccountId,
        /// The role's unique id: a later role of the same name is another.
        role_id: String,
        /// The role's name as written.
        role_name: String,
        /// The session's name.
        session_name: String,
        /// Inline session policies.
        policies: Vec<Arc<str>>,
        /// ARNs of managed policies given as session policies.
        policy_arns: Vec<String>,
        /// Session tags.
        tags: Vec<Tag>,
        /// Those of the tags that a chained session inherits.
        transitive_tag_keys: Vec<String>,
        /// The source identity.
        source_identity: Option<String>,
        /// The unqualified ARN of the function whose environment holds the credentials (reference lambda.md 4.5).
        source_function_arn: Option<String>,
    },
    /// A session of a user from GetSessionToken.
    User {
        /// The account.
        account: AccountId,
        /// The user's unique id.
        user_id: String,
        /// The user's name as written.
        user_name: String,
    },
    /// A session of an account's root user from GetSessionToken.
    Root {
        /// The account.
        account: AccountId,
    },
}

/// A session with the token that carries it.
#[derive(Debug, Clone)]
pub struct IssuedSession {
    /// What the token says.
    pub session: Session,
    /// The token.
    pub token: Secret,
}

/// The key that seals sessions into tokens.
pub struct SessionKey(XChaCha20Poly1305);

/// The first byte of a token says how the rest is made.
const FORMAT: u8 = 1;
const NONCE_LEN: usize = 24;

impl SessionKey {
    /// Reads the key from the file, or makes it at the first start (readable by its owner only).
    ///
    /// # Errors
    /// The system's error where the file cannot be read or made, or has not the length of a key.
    pub fn open(path: &Path, entropy: &dyn Entropy) -> io::Result<Self> {
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
            io::Error::new(io::ErrorKind::InvalidData, "the session key is not 32 bytes long")
        })?;
        Ok(SessionKey(cipher))
    }

    /// Makes the token of a session; none where the session cannot be written down, which does not happen.
    pub fn seal(&self, session: &Session, entropy: &dyn Entropy) -> Option<Secret> {
        let plain = serde_json::to_vec(session).ok()?;
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let sealed = self.0.encrypt(&XNonce::from(nonce), plain.as_slice()).ok()?;
        let token = [[FORMAT].as_slice(), &nonce, &sealed].concat();
        Some(Secret::new(BASE64.encode(&token)))
    }

    /// Reads a token; none where it was not made by this key, or altered.
    pub fn open_token(&self, token: &str) -> Option<Session> {
        let bytes = BASE64.decode(token.as_bytes()).ok()?;
        let (&format, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        if format != FORMAT {
            return None;
        }
        let plain = self.0.decrypt(&XNonce::from(nonce), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    fn session() -> Session {
        Session {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
            secret: Secret::new("secret"),
            issued_ms: 1,
            expires_ms: 2,
            holder: SessionHolder::Root { account: AccountId::from_number(1) },
        }
    }

    #[test]
    fn a_token_carries_its_session_and_no_altered_token_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("session-key");
        let key = SessionKey::open(&path, &SystemEntropy).unwrap();
        let token = key.seal(&session(), &SystemEntropy).unwrap();
        let reopened = SessionKey::open(&path, &SystemEntropy).unwrap();
        assert_eq!(reopened.open_token(token.expose()), Some(session()));
        for at in 0..token.expose().len() {
            let mut altered = token.expose().as_bytes().to_vec();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.open_token(std::str::from_utf8(&altered).unwrap()), None, "byte {at}");
        }
    }

    #[test]
    fn a_session_prints_no_secret() {
        assert!(!format!("{:?}", session()).contains("\"secret\""));
    }
}
