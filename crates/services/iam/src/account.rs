//! The account's alias. An account has at most one: a new one takes the place of the old.

use rolecall_wire::{ServiceError, iam as wire};

use crate::error::IamError;
use crate::page::page;
use crate::request::Request;

impl Request<'_> {
    /// CreateAccountAlias. No two accounts of the server have the same alias.
    pub(crate) async fn create_account_alias(
        &self,
        input: wire::CreateAccountAliasRequest,
    ) -> Result<wire::CreateAccountAliasResponse, ServiceError> {
        let proof = self.allow(self.check_all())?;
        let account = self.account;
        self.write(proof, move |state| {
            let alias = input.account_alias;
            if state.accounts.iter().any(|(_, other)| other.alias.as_ref() == Some(&alias)) {
                return Err(IamError::AliasExists(alias));
            }
            state.accounts.update(&account, |account| account.alias = Some(alias));
            Ok(())
        })
        .await?;
        Ok(wire::CreateAccountAliasResponse)
    }

    /// DeleteAccountAlias.
    pub(crate) async fn delete_account_alias(
        &self,
        input: wire::DeleteAccountAliasRequest,
    ) -> Result<wire::DeleteAccountAliasResponse, ServiceError> {
        let proof = self.allow(self.check_all())?;
        let account = self.account;
        self.write(proof, move |state| {
            let alias = state.accounts.get(&account).and_then(|account| account.alias.as_ref());
            if alias != Some(&input.account_alias) {
                return Err(IamError::NoAlias(input.account_alias));
            }
            state.accounts.update(&account, |account| account.alias = None);
            Ok(())
        })
        .await?;
        Ok(wire::DeleteAccountAliasResponse)
    }

    /// ListAccountAliases.
    pub(crate) fn list_account_aliases(
        &self,
        input: &wire::ListAccountAliasesRequest,
    ) -> Result<wire::ListAccountAliasesResponse, ServiceError> {
        self.allow(self.check_all())?;
        let account = self.state.accounts.get(&self.account);
        let alias = account.and_then(|account| account.alias.clone());
        let page = page(alias.map(|alias| (alias.clone(), alias)), input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListAccountAliasesResponse {
            account_aliases: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }
}
