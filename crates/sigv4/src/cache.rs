//! Derived signing keys, kept: a key is good for a day, and deriving it costs more than half of a verification.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::authorization::Scope;
use crate::crypto::Hash;
use crate::secret::{SecretKey, SigningKey};

/// A bounded cache of signing keys. A key is found by the hash of the access key id, the secret and the scope
/// together, so a secret that was replaced never finds the old one's key, and no secret is kept to compare with.
pub struct SigningKeyCache {
    generations: Mutex<Generations>,
    capacity: usize,
}

/// What was used lately, and what was used before that. When the first is full it takes the place of the second, so
/// the cache forgets what is not asked for without keeping a list of times.
#[derive(Default)]
struct Generations {
    young: HashMap<Hash, SigningKey>,
    old: HashMap<Hash, SigningKey>,
}

impl SigningKeyCache {
    /// A cache that holds at most twice `capacity` keys.
    pub fn new(capacity: usize) -> Self {
        Self { generations: Mutex::default(), capacity: capacity.max(1) }
    }

    /// The signing key for `scope`, from the cache or derived now.
    pub fn key(&self, access_key_id: &str, secret: &SecretKey, scope: &Scope) -> SigningKey {
        let name = cache_name(access_key_id, secret, scope);
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = generations.young.get(&name) {
            return key.clone();
        }
        let key = match generations.old.remove(&name) {
            Some(key) => key,
            None => SigningKey::derive(secret, scope),
        };
        if generations.young.len() >= self.capacity {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(name, key.clone());
        key
    }
}

/// Each part is preceded by its length, so that no two sets of parts run together into the same bytes.
fn cache_name(access_key_id: &str, secret: &SecretKey, scope: &Scope) -> Hash {
    let mut hasher = Sha256::new();
    for part in [access_key_id, secret.expose(), &scope.date, &scope.region, &scope.service] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(region: &str) -> Scope {
        Scope { date: "20150830".into(), region: region.into(), service: "iam".into() }
    }

    fn code(key: &SigningKey) -> Hash {
        key.code(b"message")
    }

    #[test]
    fn a_kept_key_is_the_derived_key() {
        let cache = SigningKeyCache::new(2);
        let secret = SecretKey::new("secret");
        for region in ["a", "b", "a", "c", "d", "a", "b", "e", "a"] {
            let expected = SigningKey::derive(&secret, &scope(region));
            assert_eq!(code(&cache.key("AKID", &secret, &scope(region))), code(&expected));
        }
    }

    #[test]
    fn a_replaced_secret_does_not_find_the_old_key() {
        let cache = SigningKeyCache::new(8);
        let old = cache.key("AKID", &SecretKey::new("old"), &scope("a"));
        let new = cache.key("AKID", &SecretKey::new("new"), &scope("a"));
        assert_ne!(code(&old), code(&new));
    }

    #[test]
    fn the_cache_stays_bounded() {
        let cache = SigningKeyCache::new(4);
        for i in 0..100 {
            cache.key("AKID", &SecretKey::new("secret"), &scope(&i.to_string()));
        }
        let generations = cache.generations.lock().unwrap();
        assert!(generations.young.len() <= 4 && generations.old.len() <= 4);
    }
}
