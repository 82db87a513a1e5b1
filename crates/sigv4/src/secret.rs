//! Secrets are types: they are wiped when dropped, print nothing, compare in constant time, and give up their
//! content only to someone who writes `expose`.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::authorization::Scope;
use crate::crypto::{Hash, hmac};

/// Gives a secret type its constant-time equality and a `Debug` that shows only the type's name.
macro_rules! keeps_its_secret {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

/// A secret access key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(String);

keeps_its_secret!(SecretKey);

impl SecretKey {
    /// Takes the text of a secret access key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. The only callers should be storage and the answer to `CreateAccessKey`.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A session token as it came with a request, or as STS made it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionToken(String);

keeps_its_secret!(SessionToken);

impl SessionToken {
    /// Takes the text of a session token.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one who looks the session up.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A key derived from a secret access key for one day, region and service (reference iam.md 6.1).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SigningKey(Hash);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    /// Derives the key that signs requests of `scope`.
    pub fn derive(secret: &SecretKey, scope: &Scope) -> Self {
        let mut seed = format!("AWS4{}", secret.expose());
        let mut key = hmac(seed.as_bytes(), scope.date.as_bytes());
        seed.zeroize();
        for part in [scope.region.as_str(), scope.service.as_str(), "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let derived = Self(key);
        key.zeroize();
        derived
    }

    /// The code of `message` under this key.
    pub(crate) fn code(&self, message: &[u8]) -> Hash {
        hmac(&self.0, message)
    }
}
