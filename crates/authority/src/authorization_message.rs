//! The encoded message of a denial, which some operations of AWS answer and STS's DecodeAuthorizationMessage reads
//! (reference iam.md 5.14).
//!
//! It carries all that it says, sealed: so it can be read for ever, and nobody can write one. Only the account that was
//! told it can read it; of the other side of a decision between two accounts there is nothing in it.

use rolecall_arn::AccountId;
use rolecall_policy::AuthorizationMessage;
use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::decisions::DecisionRecord;
use crate::seal::Purpose;

/// The longest message that DecodeAuthorizationMessage takes.
const MAX_LEN: usize = 10_240;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The account of the caller who was denied.
    account: AccountId,
    /// The JSON text.
    message: String,
}

impl Authority {
    /// Encodes what a decision's caller may later read of it; none for a caller without an account, and where it would
    /// be too long to be decoded.
    pub(crate) fn encode_message(&self, record: &DecisionRecord) -> Option<String> {
        let account = record.caller_account?;
        let seen = record.clone().seen_by(account)?;
        let message = AuthorizationMessage::of(&seen.explanation).to_json();
        let token = self.seal(Purpose::AuthorizationMessage, &Sealed { account, message })?;
        Some(token.expose().to_owned()).filter(|token| token.len() <= MAX_LEN)
    }

    /// What an encoded message says, as JSON; none where this server did not make it for the reader's account.
    pub fn decode_message(&self, encoded: &str, reader: AccountId) -> Option<String> {
        let sealed: Sealed = self.unseal(Purpose::AuthorizationMessage, encoded)?;
        (sealed.account == reader).then_some(sealed.message)
    }
}
