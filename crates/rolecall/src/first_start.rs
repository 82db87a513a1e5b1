//! The first start: one account, one administrator, one random key.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rolecall_arn::{AccountId, UniqueIdKind};
use rolecall_authority::{Clock, Entropy};
use rolecall_store::records::iam::{AccessKey, Policies, User};
use rolecall_store::records::organizations::Account;
use rolecall_store::{Secret, Store};

/// The name of the first user.
const ADMINISTRATOR: &str = "admin";
/// What the first user may do.
const ADMINISTRATOR_POLICY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Where the administrator's key is written.
pub(crate) fn credentials_path(data_dir: &Path) -> PathBuf {
    data_dir.join("credentials")
}

/// Makes the account and its administrator where there is no account yet; says whether it did.
///
/// The key is in the file before the records that make it good: a crash in between leaves a key that opens nothing
/// and is replaced at the next start, never a server that nobody can enter.
pub(crate) async fn prepare(
    store: &Store,
    account: AccountId,
    region: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<bool> {
    if !store.read().accounts.is_empty() {
        return Ok(false);
    }
    let now_ms = clock.now_ms();
    let key = AccessKey {
        id: entropy.unique_id(UniqueIdKind::AccessKey).to_string(),
        secret: Secret::new(entropy.secret_access_key()),
        account,
        user: Some(ADMINISTRATOR.to_owned()),
        active: true,
        created_ms: now_ms,
    };
    write_credentials(&credentials_path(store.path()), &key, region)?;
    let user = User {
        account,
        name: ADMINISTRATOR.to_owned(),
        path: "/".to_owned(),
        id: entropy.unique_id(UniqueIdKind::User).to_string(),
        created_ms: now_ms,
        policies: Policies { attached: vec![ADMINISTRATOR_POLICY.to_owned()], ..Policies::default() },
        boundary: None,
        groups: Vec::new(),
        tags: Vec::new(),
    };
    let record = Account {
        id: account,
        name: "main".to_owned(),
        email: format!("{account}@rolecall.invalid"),
        created_ms: now_ms,
        organization: None,
        joined_ms: None,
        create_request: None,
        alias: None,
    };
    let written = store.write(move |state| {
        state.accounts.put(account, record);
        state.users.put((account, ADMINISTRATOR.to_owned()), user);
        state.access_keys.put(key.id.clone(), key);
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|error| anyhow::anyhow!("cannot make the first account: {error}"))?;
    Ok(true)
}

/// Writes the key in AWS's own format, readable by its owner only.
fn write_credentials(path: &Path, key: &AccessKey, region: &str) -> Result<()> {
    let text = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\nregion = {region}\n",
        key.id,
        key.secret.expose()
    );
    rolecall_store::write_private(path, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// An access key as the credentials file has it.
pub(crate) struct Key {
    pub access_key_id: String,
    pub secret_access_key: String,
}

/// Reads the profile `[default]` of a credentials file.
///
/// # Errors
/// Where the file cannot be read or has no such key; the sentence says what to do.
pub(crate) fn read_credentials(path: &Path) -> Result<Key> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read {}; give --data-dir, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            path.display()
        )
    })?;
    let value = |name: &str| {
        let default = text.lines().skip_while(|line| line.trim() != "[default]").skip(1);
        let mut pairs =
            default.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
        pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
    };
    match (value("aws_access_key_id"), value("aws_secret_access_key")) {
        (Some(access_key_id), Some(secret_access_key)) => Ok(Key { access_key_id, secret_access_key }),
        _ => anyhow::bail!("{} has no key in its profile [default]", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rolecall_authority::{SystemClock, SystemEntropy};

    use super::*;

    #[tokio::test]
    async fn the_first_start_makes_a_random_key_and_the_second_keeps_it() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let account = AccountId::from_number(7);
        assert!(prepare(&store, account, "us-east-1", &SystemClock, &SystemEntropy).await.unwrap());
        let path = credentials_path(directory.path());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let key = read_credentials(&path).unwrap();
        assert!(store.read().access_keys.get(&key.access_key_id).is_some());
        assert!(!prepare(&store, account, "us-east-1", &SystemClock, &SystemEntropy).await.unwrap());
        assert_eq!(read_credentials(&path).unwrap().access_key_id, key.access_key_id);
    }

    #[tokio::test]
    async fn no_two_servers_have_the_same_key_mistake_7() {
        let mut keys = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let directory = tempfile::tempdir().unwrap();
            let store = Store::open(directory.path()).unwrap();
            let account = AccountId::from_number(7);
            prepare(&store, account, "us-east-1", &SystemClock, &SystemEntropy).await.unwrap();
            let key = read_credentials(&credentials_path(directory.path())).unwrap();
            assert_eq!(key.secret_access_key.len(), 40);
            keys.insert(key.access_key_id);
            keys.insert(key.secret_access_key);
        }
        assert_eq!(keys.len(), 6);
    }
}
