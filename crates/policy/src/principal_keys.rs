//! The condition keys that follow from who the caller is (reference iam.md 3.5).

use crate::{Context, ContextValue, Principal};

type Key = (&'static str, ContextValue);

impl Principal {
    /// Adds the condition keys that follow from who the caller is. Keys that are there stay.
    pub fn add_context_keys(&self, context: &mut Context) {
        for (key, value) in self.keys() {
            context.insert(key, value);
        }
        let account = self.account().map(|account| account.to_string());
        match (self, account) {
            (_, Some(account)) => drop(context.insert("aws:PrincipalAccount", account)),
            (Principal::Anonymous, None) => drop(context.insert("aws:PrincipalAccount", "anonymous")),
            (_, None) => {}
        }
    }

    fn keys(&self) -> Vec<Key> {
        match self {
            Principal::Anonymous => {
                vec![("aws:PrincipalType", "Anonymous".into()), ("aws:userid", "anonymous".into())]
            }
            Principal::Root { account } => signed("Account", account.as_str(), Some(&self.caller_arn())),
            Principal::User { arn, id, .. } => {
                let mut keys = signed("User", id, Some(arn.as_str()));
                let name = arn.resource().rsplit('/').next().unwrap_or_default();
                keys.push(("aws:username", name.into()));
                keys
            }
            Principal::RoleSession { role_arn, role_id, session_name, .. } => {
                signed("AssumedRole", &format!("{role_id}:{session_name}"), Some(role_arn.as_str()))
            }
            Principal::FederatedUser { account, arn, .. } => {
                let name = arn.resource().strip_prefix("federated-user/").unwrap_or_default();
                signed("FederatedUser", &format!("{account}:{name}"), Some(arn.as_str()))
            }
            Principal::Federated { provider, .. } => signed("User", provider, None),
            Principal::Service { name } => vec![
                ("aws:PrincipalIsAWSService", "true".into()),
                ("aws:PrincipalServiceName", name.as_str().into()),
                ("aws:PrincipalServiceNamesList", vec![name.clone()].into()),
            ],
        }
    }
}

/// The keys of every caller who proved who it is. Whoever comes from an identity provider has no ARN yet.
fn signed(kind: &str, id: &str, arn: Option<&str>) -> Vec<Key> {
    let mut keys = vec![
        ("aws:PrincipalType", kind.into()),
        ("aws:userid", id.into()),
        ("aws:PrincipalIsAWSService", "false".into()),
    ];
    keys.extend(arn.map(|arn| ("aws:PrincipalArn", arn.into())));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of the table for a caller: type, id, name, ARN and account.
    fn row(caller: &Principal) -> [Option<String>; 5] {
        let mut context = Context::new();
        caller.add_context_keys(&mut context);
        ["aws:PrincipalType", "aws:userid", "aws:username", "aws:PrincipalArn", "aws:PrincipalAccount"]
            .map(|key| context.get(key).map(|value| value.values().concat()))
    }

    #[test]
    fn every_kind_of_caller_has_the_keys_of_its_row() {
        const ACCOUNT: &str = "111122223333";
        let (user, role) = ("arn:aws:iam::111122223333:user/a/ana", "arn:aws:iam::111122223333:role/build");
        let (session, guest) = (
            "arn:aws:sts::111122223333:assumed-role/build/ci",
            "arn:aws:sts::111122223333:federated-user/guest",
        );
        let (root, oidc) =
            ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:oidc-provider/id.example.com");
        let rows = [
            (root, [Some("Account"), Some(ACCOUNT), None, Some(root), Some(ACCOUNT)]),
            (user, [Some("User"), Some("ID"), Some("ana"), Some(user), Some(ACCOUNT)]),
            (guest, [Some("FederatedUser"), Some("111122223333:guest"), None, Some(guest), Some(ACCOUNT)]),
            (session, [Some("AssumedRole"), Some("ID:ci"), None, Some(role), Some(ACCOUNT)]),
            (oidc, [Some("User"), Some(oidc), None, None, Some(ACCOUNT)]),
            ("accounts.google.com", [Some("User"), Some("accounts.google.com"), None, None, None]),
            ("s3.amazonaws.com", [None, None, None, None, None]),
        ];
        for (caller, expected) in rows {
            let caller = Principal::parse(caller, "ID").unwrap();
            assert_eq!(row(&caller), expected.map(|value| value.map(str::to_owned)), "{caller:?}");
        }
        let anonymous = [Some("Anonymous"), Some("anonymous"), None, None, Some("anonymous")];
        assert_eq!(row(&Principal::Anonymous), anonymous.map(|value| value.map(str::to_owned)));
    }
}
