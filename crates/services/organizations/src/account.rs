//! The accounts of an organization, as its management account sees them.

use rolecall_store::records::Tag;
use rolecall_store::records::organizations::Account;
use rolecall_wire::organizations as wire;
use rolecall_wire::{Sensitive, ServiceError, Timestamp};

use crate::error::OrganizationsError;
use crate::page::page;
use crate::request::{Managed, Request};

impl Request<'_> {
    /// ListAccounts, in the order of their ids.
    pub(crate) fn list_accounts(
        &self,
        input: &wire::ListAccountsRequest,
    ) -> Result<wire::ListAccountsResponse, ServiceError> {
        self.allow(self.check_all())?;
        let managed = self.managed()?;
        let members = self.state.accounts.iter().map(|(_, account)| account);
        let members = members.filter(|account| account.organization == Some(managed.management));
        let shown = members.map(|account| (account.id.to_string(), describe(&managed, account)));
        let (accounts, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListAccountsResponse { accounts: Some(accounts), next_token })
    }

    /// DescribeAccount: the permission is on the account's ARN, which begins with the management account. A caller
    /// whose account is in no organization has no such ARN to ask about; its check is on its own account's.
    pub(crate) fn describe_account(
        &self,
        input: &wire::DescribeAccountRequest,
    ) -> Result<wire::DescribeAccountResponse, ServiceError> {
        let organization = self.organization();
        let arn = match &organization {
            Ok(organization) => organization.account_arn(&input.account_id),
            Err(_) => rolecall_arn::Arn::new(
                "organizations",
                "",
                Some(self.account),
                &format!("account/{}", input.account_id),
            ),
        };
        self.allow(self.check(&arn).resource_tags(self.tags(&input.account_id)))?;
        let managed = organization.and_then(|_| self.managed())?;
        let account = input.account_id.parse().ok().and_then(|id| self.state.accounts.get(&id));
        let account = account.filter(|account| account.organization == Some(managed.management));
        let account = account.ok_or(OrganizationsError::NoAccount)?;
        Ok(wire::DescribeAccountResponse { account: Some(describe(&managed, account)) })
    }

    /// The tags that an account was made with.
    fn tags(&self, account: &str) -> &[Tag] {
        let account = account.parse().ok().and_then(|id| self.state.accounts.get(&id));
        let account = account.filter(|account| account.organization == Some(self.account));
        let request = account.and_then(|account| account.create_request.as_ref());
        let request = request.and_then(|id| self.state.create_account_requests.get(id));
        request.map_or(&[], |request| &request.tags)
    }
}

fn describe(managed: &Managed, account: &Account) -> wire::Account {
    let Managed { management, organization } = managed;
    let joined_method = if account.id == *management { "INVITED" } else { "CREATED" };
    wire::Account {
        id: Some(account.id.to_string()),
        arn: Some(managed.account_arn(account.id.as_str()).to_string()),
        email: Some(Sensitive::new(account.email.clone())),
        name: Some(Sensitive::new(account.name.clone())),
        status: Some("ACTIVE".to_owned()),
        state: Some("ACTIVE".to_owned()),
        // Accounts are directly under the root, as there are no organizational units.
        paths: Some(vec![format!("{}/{}/{}/", organization.id, organization.root_id, account.id)]),
        joined_method: Some(joined_method.to_owned()),
        joined_timestamp: account.joined_ms.map(Timestamp),
    }
}
