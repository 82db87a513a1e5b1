//! The accounts of an organization, as its management account sees them.

use rolecall_store::State;
use rolecall_store::records::organizations::Account;
use rolecall_wire::organizations as wire;
use rolecall_wire::{Sensitive, ServiceError, Timestamp};

use crate::error::OrganizationsError;
use crate::page::page;
use crate::request::{Managed, Request};
use crate::tree::{accounts, shown_path};

impl Request<'_> {
    /// ListAccounts, in the order of their ids.
    pub(crate) fn list_accounts(
        &self,
        input: &wire::ListAccountsRequest,
    ) -> Result<wire::ListAccountsResponse, ServiceError> {
        self.allow(self.check_all())?;
        let managed = self.managed()?;
        let members = accounts(&self.state, &managed);
        let shown = members.map(|account| (account.id.to_string(), describe(&self.state, &managed, account)));
        let (accounts, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListAccountsResponse { accounts: Some(accounts), next_token })
    }

    /// DescribeAccount.
    pub(crate) fn describe_account(
        &self,
        input: &wire::DescribeAccountRequest,
    ) -> Result<wire::DescribeAccountResponse, ServiceError> {
        self.allow(self.check(&input.account_id))?;
        let managed = self.managed()?;
        let account = accounts(&self.state, &managed).find(|account| account.id.as_str() == input.account_id);
        let account = account.ok_or(OrganizationsError::NoAccount)?;
        Ok(wire::DescribeAccountResponse { account: Some(describe(&self.state, &managed, account)) })
    }
}

/// An account as answers show it.
pub(crate) fn describe(state: &State, managed: &Managed, account: &Account) -> wire::Account {
    let joined_method = if account.id == managed.management { "INVITED" } else { "CREATED" };
    wire::Account {
        id: Some(account.id.to_string()),
        arn: Some(managed.account_arn(account.id.as_str()).to_string()),
        email: Some(Sensitive::new(account.email.clone())),
        name: Some(Sensitive::new(account.name.clone())),
        status: Some("ACTIVE".to_owned()),
        state: Some("ACTIVE".to_owned()),
        paths: shown_path(state, managed, account.id.as_str()).map(|path| vec![path]),
        joined_method: Some(joined_method.to_owned()),
        joined_timestamp: account.joined_ms.map(Timestamp),
    }
}
