//! The condition keys that follow from who the caller is (reference iam.md 3.5).

use crate::{Context, Principal};

impl Principal {
    /// Adds the condition keys that follow from who the caller is. Keys that are there stay.
    pub fn add_context_keys(&self, context: &mut Context) {
        match self {
            Principal::Anonymous => {
                context.insert_known("aws:PrincipalType", "Anonymous");
                context.insert_known("aws:userid", "anonymous");
                context.insert_known("aws:PrincipalAccount", "anonymous");
            }
            Principal::Root { account } => {
                add_signed(context, "Account", account.to_string(), Some(self.caller_arn()));
            }
            Principal::User { arn, id, .. } => {
                add_signed(context, "User", id.clone(), Some(arn.to_string()));
                context.insert_known("aws:username", arn.resource().rsplit('/').next().unwrap_or_default());
            }
            Principal::RoleSession { role_arn, role_id, session_name, .. } => {
                let id = [role_id, ":", session_name].concat();
                add_signed(context, "AssumedRole", id, Some(role_arn.to_string()));
            }
            Principal::FederatedUser { account, arn, .. } => {
                let name = arn.resource().strip_prefix("federated-user/").unwrap_or_default();
                add_signed(context, "FederatedUser", format!("{account}:{name}"), Some(arn.to_string()));
            }
            Principal::Federated { provider, .. } => add_signed(context, "User", provider.clone(), None),
            Principal::Service { name } => {
                context.insert_known("aws:PrincipalIsAWSService", "true");
                context.insert_known("aws:PrincipalServiceName", name.as_str());
                context.insert_known("aws:PrincipalServiceNamesList", vec![name.clone()]);
            }
        }
        if let Some(account) = self.account() {
            context.insert_known("aws:PrincipalAccount", account.as_str());
        }
    }
}

/// Adds the keys of every caller who proved who it is. Whoever comes from an identity provider has no ARN yet.
fn add_signed(context: &mut Context, kind: &str, id: String, arn: Option<String>) {
    context.insert_known("aws:PrincipalType", kind);
    context.insert_known("aws:userid", id);
    context.insert_known("aws:PrincipalIsAWSService", "false");
    if let Some(arn) = arn {
        context.insert_known("aws:PrincipalArn", arn);
    }
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
