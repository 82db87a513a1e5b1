//! The ids under which S3 shows accounts. AWS's are obfuscated account ids that only AWS can make; ours are made from
//! the account id by a hash, so they are stable and cannot be mistaken for account ids.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use rolecall_arn::AccountId;
use sha2::{Digest, Sha256};

/// The canonical user id: 64 hexadecimal digits, the owner of buckets in answers.
pub(crate) fn canonical_user_id(account: AccountId) -> String {
    HEXLOWER.encode(&digest(account))
}

/// The customer id in event records: `A` and 13 letters and digits.
pub(crate) fn customer_id(account: AccountId) -> String {
    let text = BASE32_NOPAD.encode(&digest(account));
    format!("A{}", text.get(..13).unwrap_or_default())
}

fn digest(account: AccountId) -> Vec<u8> {
    Sha256::digest(format!("canonical user id of {account}")).to_vec()
}
