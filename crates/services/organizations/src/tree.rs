//! The tree of an organization: what stands where.

use std::sync::Arc;

use rolecall_store::State;
use rolecall_store::records::organizations::{Account, Node};

use crate::error::OrganizationsError;
use crate::request::Managed;

/// What stands somewhere in the tree.
pub(crate) enum Place {
    /// The root.
    Root,
    /// An organizational unit.
    Unit(Arc<Node>),
    /// An account.
    Account(Arc<Account>),
}

impl Place {
    /// AWS's word for what it is.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Place::Root => "ROOT",
            Place::Unit(_) => "ORGANIZATIONAL_UNIT",
            Place::Account(_) => "ACCOUNT",
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        match self {
            Place::Root => "Root".to_owned(),
            Place::Unit(unit) => unit.name.clone().unwrap_or_default(),
            Place::Account(account) => account.name.clone(),
        }
    }
}

/// What an ARN calls the thing with an id of this form.
pub(crate) fn kind_of(id: &str) -> &'static str {
    match id.split('-').next() {
        Some("r") => "root",
        Some("ou") => "ou",
        Some("p") => "policy",
        _ => "account",
    }
}

/// The root, the unit or the account with the id.
pub(crate) fn find_place(state: &State, managed: &Managed, id: &str) -> Option<Place> {
    if id == managed.organization.root_id {
        return Some(Place::Root);
    }
    if let Some(unit) = find_unit(state, managed, id) {
        return Some(Place::Unit(unit));
    }
    let account = id.parse().ok().and_then(|id| state.accounts.get(&id));
    let account = account.filter(|account| account.organization == Some(managed.management));
    account.cloned().map(Place::Account)
}

/// The unit with the id.
pub(crate) fn find_unit(state: &State, managed: &Managed, id: &str) -> Option<Arc<Node>> {
    let is_unit = kind_of(id) == "ou";
    let key = (managed.management, id.to_owned());
    state.organization_nodes.get(&key).filter(|_| is_unit).cloned()
}

/// Says whether the id is that of the root or of a unit, where accounts and units can be.
pub(crate) fn is_parent(state: &State, managed: &Managed, id: &str) -> bool {
    matches!(find_place(state, managed, id), Some(Place::Root | Place::Unit(_)))
}

/// The root, or the unit, that a unit or an account is in.
pub(crate) fn parent_of(state: &State, managed: &Managed, id: &str) -> String {
    let node = state.organization_nodes.get(&(managed.management, id.to_owned()));
    let parent = node.and_then(|node| node.parent.clone());
    parent.unwrap_or_else(|| managed.organization.root_id.clone())
}

/// All units, in the order of their ids.
pub(crate) fn units<'a>(
    state: &'a State,
    managed: &Managed,
) -> impl Iterator<Item = (&'a String, &'a Arc<Node>)> + use<'a> {
    let management = managed.management;
    let nodes = state.organization_nodes.range((management, "ou-".to_owned())..);
    let units = nodes.take_while(move |((owner, id), _)| *owner == management && id.starts_with("ou-"));
    units.map(|((_, id), node)| (id, node))
}

/// All accounts, in the order of their ids.
pub(crate) fn accounts<'a>(
    state: &'a State,
    managed: &Managed,
) -> impl Iterator<Item = &'a Arc<Account>> + use<'a> {
    let management = managed.management;
    let accounts = state.accounts.iter().map(|(_, account)| account);
    accounts.filter(move |account| account.organization == Some(management))
}

/// The units that are directly in the root or unit.
pub(crate) fn units_in<'a>(
    state: &'a State,
    managed: &'a Managed,
    parent: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Arc<Node>)> {
    units(state, managed).filter(move |(id, _)| parent_of(state, managed, id) == parent)
}

/// The accounts that are directly in the root or unit.
pub(crate) fn accounts_in<'a>(
    state: &'a State,
    managed: &'a Managed,
    parent: &'a str,
) -> impl Iterator<Item = &'a Arc<Account>> {
    accounts(state, managed).filter(move |account| parent_of(state, managed, account.id.as_str()) == parent)
}

/// The ids of everything that policies can be attached to: the root, all units, all accounts.
pub(crate) fn targets(state: &State, managed: &Managed) -> Vec<String> {
    let units = units(state, managed).map(|(id, _)| id.clone());
    let accounts = accounts(state, managed).map(|account| account.id.to_string());
    [managed.organization.root_id.clone()].into_iter().chain(units).chain(accounts).collect()
}

/// `o-.../r-.../ou-.../`, or with the account at its end: the place as AWS shows it.
pub(crate) fn shown_path(state: &State, managed: &Managed, id: &str) -> Option<String> {
    let way = state.organization_path(managed.management, id)?;
    Some(format!("{}/{}/", managed.organization.id, way.join("/")))
}

/// Changes what is known of the root, a unit or an account.
pub(crate) fn change_node<T>(
    state: &mut State,
    managed: &Managed,
    id: &str,
    change: impl FnOnce(&mut Node) -> Result<T, OrganizationsError>,
) -> Result<T, OrganizationsError> {
    let mut node = state.organization_node(managed.management, id);
    let changed = change(&mut node)?;
    state.organization_nodes.put((managed.management, id.to_owned()), node);
    Ok(changed)
}
