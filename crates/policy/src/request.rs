//! What is asked: who wants to do what to which resource, and what is known about it.

use rolecall_arn::AccountId;

use crate::{Context, Principal};

/// One action on one resource. An API call that needs several is several requests, all of which must be allowed
/// (reference iam.md 5.1).
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The IAM action, `lambda:InvokeFunction`; compared without regard to case.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for an action without resource.
    pub resource: &'a str,
    /// The account that owns the resource; when absent, the account in the ARN, else the principal's own.
    pub resource_account: Option<AccountId>,
    /// Condition keys and their values.
    pub context: &'a Context,
}

impl Request<'_> {
    /// The account that owns the resource, as far as it can be known.
    pub fn owner(&self) -> Option<AccountId> {
        self.resource_account
            .or_else(|| self.resource.split(':').nth(4).and_then(|account| account.parse().ok()))
            .or_else(|| self.principal.account())
    }
}
