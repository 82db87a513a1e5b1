//! The way from the root of an organization down to one of its accounts. Who decides and who shows the tree must see the
//! same way, so it is found in one place.

use rolecall_arn::AccountId;

use crate::records::organizations::Node;
use crate::state::State;

/// A way that is longer than any tree of organizational units may be goes in a circle.
const LONGEST: usize = 32;

impl State {
    /// What is known of the root, an organizational unit or an account of the organization; nothing special where it
    /// has no record. An account's tags are those of the request that made it until they are first changed.
    pub fn organization_node(&self, management: AccountId, id: &str) -> Node {
        if let Some(node) = self.organization_nodes.get(&(management, id.to_owned())) {
            return Node::clone(node);
        }
        let account = id.parse().ok().and_then(|id| self.accounts.get(&id));
        let request = account.and_then(|account| account.create_request.as_ref());
        let request = request.and_then(|request| self.create_account_requests.get(request));
        Node { tags: request.map(|request| request.tags.clone()).unwrap_or_default(), ..Node::default() }
    }

    /// The ids from the root down to the organizational unit or account, both included. None where there is no such
    /// organization, or where the way is broken, which no operation does.
    pub fn organization_path(&self, management: AccountId, id: &str) -> Option<Vec<String>> {
        let root = &self.organizations.get(&management)?.root_id;
        let mut path = vec![id.to_owned()];
        while let Some(last) = path.last().filter(|last| *last != root) {
            let node = self.organization_nodes.get(&(management, last.clone()));
            if path.len() > LONGEST || (node.is_none() && path.len() > 1) {
                return None;
            }
            path.push(node.and_then(|node| node.parent.clone()).unwrap_or_else(|| root.clone()));
        }
        path.reverse();
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::records::organizations::Organization;

    const UNITS: [(&str, Option<&str>); 4] =
        [("ou-1", None), ("ou-2", Some("ou-1")), ("444455556666", Some("ou-2")), ("lost", Some("gone"))];

    fn tree(management: AccountId) -> State {
        let mut state = State::default();
        let organization = Organization {
            id: "o-1".to_owned(),
            root_id: "r-1".to_owned(),
            feature_set: "ALL".to_owned(),
            created_ms: 0,
            enabled_policy_types: BTreeSet::new(),
        };
        state.organizations.put(management, organization);
        for (id, parent) in UNITS {
            let node = Node { parent: parent.map(str::to_owned), ..Node::default() };
            state.organization_nodes.put((management, id.to_owned()), node);
        }
        state
    }

    #[test]
    fn the_way_goes_from_the_root_through_all_units_and_a_broken_one_is_none() {
        let management = AccountId::from_number(1);
        let mut state = tree(management);
        let path =
            |state: &State, id: &str| state.organization_path(management, id).map(|path| path.join("/"));
        for (id, expected) in [
            ("r-1", Some("r-1")),
            ("444455556666", Some("r-1/ou-1/ou-2/444455556666")),
            ("777788889999", Some("r-1/777788889999")),
            ("lost", None),
        ] {
            assert_eq!(path(&state, id).as_deref(), expected, "{id}");
        }
        let circle = Node { parent: Some("ou-2".to_owned()), ..Node::default() };
        state.organization_nodes.put((management, "ou-1".to_owned()), circle);
        assert_eq!(path(&state, "444455556666"), None);
        assert_eq!(state.organization_path(AccountId::from_number(2), "r-1"), None);
    }
}
