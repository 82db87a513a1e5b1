//! From a signed request to its caller.
//!
//! The order of the checks is STS's (reference iam.md 6.3): the key, the session token that belongs to it, its end,
//! whether its role still lives, and the signature last. An unknown key costs as much as a wrong signature, so that
//! time does not tell which keys exist.

use std::sync::Arc;

use rolecall_sigv4::{AuthFailure, Authorization, Head, Rules, SecretKey, Verified, verify_with_key};
use rolecall_store::State;

use crate::authority::Authority;
use crate::caller::Caller;
use crate::seal::Purpose;
use crate::session::Session;

/// What the signatures of unknown access keys are checked against.
const NOBODYS_SECRET: &str = "no-access-key-has-this-secret-0000000000";

/// The caller of a request whose signature holds.
pub struct Authenticated {
    /// Who called.
    pub caller: Caller,
    /// What was verified; it decodes the body.
    pub verified: Verified,
}

impl Authority {
    /// Finds the caller of a signed request and verifies the signature over its head and body.
    ///
    /// # Errors
    /// [`AuthFailure`], which each service renders in its own words.
    pub fn authenticate(
        &self,
        authorization: &Authorization,
        head: &Head<'_>,
        body: &[u8],
        rules: Rules,
    ) -> Result<Authenticated, AuthFailure> {
        let state = self.store().read();
        match self.find_caller(authorization, &state) {
            Ok((caller, secret)) => {
                let key =
                    self.signing_keys().key(&authorization.access_key_id, &secret, &authorization.scope);
                let verified = verify_with_key(authorization, head, body, &key, rules)?;
                Ok(Authenticated { caller, verified })
            }
            Err(failure) => {
                // Only the time matters: the same search for a signing key and the same verification as for an access
                // key that exists. Even a right signature under this secret changes nothing.
                let secret = SecretKey::new(NOBODYS_SECRET);
                let key = self.signing_keys().key("", &secret, &authorization.scope);
                let _ = verify_with_key(authorization, head, body, &key, rules);
                Err(failure)
            }
        }
    }

    fn find_caller(
        &self,
        authorization: &Authorization,
        state: &State,
    ) -> Result<(Caller, SecretKey), AuthFailure> {
        match &authorization.session_token {
            Some(token) => self.find_session(&authorization.access_key_id, token.expose(), state),
            None => find_key(&authorization.access_key_id, state),
        }
    }

    fn find_session(
        &self,
        access_key_id: &str,
        token: &str,
        state: &State,
    ) -> Result<(Caller, SecretKey), AuthFailure> {
        let session = self.unseal::<Session>(Purpose::Session, token).ok_or(AuthFailure::TokenInvalid)?;
        if session.access_key_id != access_key_id {
            return Err(AuthFailure::TokenInvalid);
        }
        if session.expires_ms <= self.clock().now_ms() {
            return Err(AuthFailure::TokenExpired);
        }
        let secret = SecretKey::new(session.secret.expose());
        let caller = Caller::of_session(Arc::new(session), state).ok_or(AuthFailure::TokenInvalid)?;
        Ok((caller, secret))
    }

    /// The caller that a session token stands for, for a service that holds a session itself; none where the token is
    /// not good, has ended, or its role is gone.
    pub fn session_caller(&self, token: &str) -> Option<Caller> {
        let session = self.unseal::<Session>(Purpose::Session, token)?;
        if session.expires_ms <= self.clock().now_ms() {
            return None;
        }
        Caller::of_session(Arc::new(session), &self.store().read())
    }
}

fn find_key(access_key_id: &str, state: &State) -> Result<(Caller, SecretKey), AuthFailure> {
    let named = || access_key_id.to_owned();
    let Some(key) = state.access_keys.get(&named()) else {
        // A temporary key is known only by its token.
        let temporary = access_key_id.starts_with("ASIA");
        return Err(if temporary {
            AuthFailure::TokenMissing { access_key_id: named() }
        } else {
            AuthFailure::UnknownAccessKey { access_key_id: named() }
        });
    };
    if !key.active {
        return Err(AuthFailure::InactiveKey { access_key_id: named() });
    }
    let mut caller = match &key.user {
        None => Caller::root(key.account),
        Some(name) => {
            let user = state
                .users
                .get(&(key.account, name.clone()))
                .ok_or_else(|| AuthFailure::UnknownAccessKey { access_key_id: named() })?;
            Caller::user(user)
        }
    };
    caller.access_key_id = Some(key.id.clone());
    Ok((caller, SecretKey::new(key.secret.expose())))
}
