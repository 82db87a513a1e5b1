//! Reading the tree, and moving an account in it.

use rolecall_store::State;
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::account;
use crate::error::OrganizationsError;
use crate::page::page;
use crate::request::{Managed, Request};
use crate::tree::{Place, accounts_in, change_node, find_place, is_parent, parent_of, units_in};
use crate::unit;

impl Request<'_> {
    /// ListOrganizationalUnitsForParent: those directly in the parent.
    pub(crate) fn list_organizational_units_for_parent(
        &self,
        input: &wire::ListOrganizationalUnitsForParentRequest,
    ) -> Result<wire::ListOrganizationalUnitsForParentResponse, ServiceError> {
        let managed = self.parent(&input.parent_id)?;
        let units = units_in(&self.state, &managed, &input.parent_id);
        let shown = units.map(|(id, _)| (id.clone(), unit::describe(&self.state, &managed, id)));
        let (units, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListOrganizationalUnitsForParentResponse { organizational_units: Some(units), next_token })
    }

    /// ListAccountsForParent: those directly in the parent.
    pub(crate) fn list_accounts_for_parent(
        &self,
        input: &wire::ListAccountsForParentRequest,
    ) -> Result<wire::ListAccountsForParentResponse, ServiceError> {
        let managed = self.parent(&input.parent_id)?;
        let accounts = accounts_in(&self.state, &managed, &input.parent_id);
        let shown = accounts
            .map(|account| (account.id.to_string(), account::describe(&self.state, &managed, account)));
        let (accounts, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListAccountsForParentResponse { accounts: Some(accounts), next_token })
    }

    /// ListChildren: the ids of either.
    pub(crate) fn list_children(
        &self,
        input: &wire::ListChildrenRequest,
    ) -> Result<wire::ListChildrenResponse, ServiceError> {
        let managed = self.parent(&input.parent_id)?;
        let parent = &input.parent_id;
        let ids: Vec<String> = match input.child_type.as_str() {
            "ACCOUNT" => {
                accounts_in(&self.state, &managed, parent).map(|account| account.id.to_string()).collect()
            }
            _ => units_in(&self.state, &managed, parent).map(|(id, _)| id.clone()).collect(),
        };
        let child = |id: String| wire::Child { id: Some(id), r#type: Some(input.child_type.clone()) };
        let shown = ids.into_iter().map(|id| (id.clone(), child(id)));
        let (children, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListChildrenResponse { children: Some(children), next_token })
    }

    /// ListParents: a unit or an account is in one place.
    pub(crate) fn list_parents(
        &self,
        input: &wire::ListParentsRequest,
    ) -> Result<wire::ListParentsResponse, ServiceError> {
        self.allow(self.check(&input.child_id))?;
        let managed = self.managed()?;
        match find_place(&self.state, &managed, &input.child_id) {
            Some(Place::Unit(_) | Place::Account(_)) => {}
            Some(Place::Root) | None => return Err(OrganizationsError::NoChild.into()),
        }
        let id = parent_of(&self.state, &managed, &input.child_id);
        let kind = find_place(&self.state, &managed, &id).map(|place| place.kind().to_owned());
        let parent = wire::Parent { id: Some(id.clone()), r#type: kind };
        let (parents, next_token) = page([(id, parent)], input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListParentsResponse { parents: Some(parents), next_token })
    }

    /// MoveAccount: the permission is on the account and on both places.
    pub(crate) async fn move_account(
        &self,
        input: wire::MoveAccountRequest,
    ) -> Result<wire::MoveAccountResponse, ServiceError> {
        let wire::MoveAccountRequest { account_id, source_parent_id, destination_parent_id } = input;
        let proof = self.allow(self.check(&account_id))?;
        self.allow(self.check(&source_parent_id))?;
        self.allow(self.check(&destination_parent_id))?;
        let managed = self.managed()?;
        self.write(proof, move |state| {
            move_account(state, &managed, &account_id, &source_parent_id, &destination_parent_id)
        })
        .await?;
        Ok(wire::MoveAccountResponse)
    }

    /// Asks for the operation's permission on a parent and finds it.
    fn parent(&self, id: &str) -> Result<Managed, ServiceError> {
        self.allow(self.check(id))?;
        let managed = self.managed()?;
        if is_parent(&self.state, &managed, id) {
            Ok(managed)
        } else {
            Err(OrganizationsError::NoParent.into())
        }
    }
}

fn move_account(
    state: &mut State,
    managed: &Managed,
    account: &str,
    source: &str,
    destination: &str,
) -> Result<(), OrganizationsError> {
    let Some(Place::Account(_)) = find_place(state, managed, account) else {
        return Err(OrganizationsError::NoAccount);
    };
    if parent_of(state, managed, account) != source {
        return Err(OrganizationsError::NoSourceParent);
    }
    if !is_parent(state, managed, destination) {
        return Err(OrganizationsError::NoDestinationParent);
    }
    if source == destination {
        return Err(OrganizationsError::AccountThere);
    }
    let unit = Some(destination.to_owned()).filter(|id| *id != managed.organization.root_id);
    change_node(state, managed, account, |node| {
        node.parent = unit;
        Ok(())
    })
}
