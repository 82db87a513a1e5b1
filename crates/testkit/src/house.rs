//! A house: store, authority and platform in a temporary directory.

use std::sync::Arc;

use rolecall_arn::{AccountId, Region, UniqueIdKind};
use rolecall_authority::{Authority, Call, Caller, Clock, Origin, SystemClock, SystemEntropy};
use rolecall_service::{Platform, Settings};
use rolecall_store::Store;
use rolecall_store::records::iam::{InlinePolicy, Policies, Role, User};
use rolecall_store::records::organizations::Account;
use tempfile::TempDir;

/// The account that owns things in tests.
pub const ACCOUNT: &str = "111122223333";
/// Another account.
pub const OTHER_ACCOUNT: &str = "444455556666";

/// The parts below the services, real ones, in a temporary directory.
pub struct House {
    /// What services are made on.
    pub platform: Arc<Platform>,
    /// The region of all calls.
    pub region: Region,
    _directory: TempDir,
}

impl House {
    /// A house with the two accounts and nobody in them.
    ///
    /// # Panics
    /// Where the temporary directory cannot be used.
    pub async fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock)).await
    }

    /// The same with a clock that is the test's.
    ///
    /// # Panics
    /// Where the temporary directory cannot be used.
    pub async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Arc::new(Store::open(&directory.path().join("data")).expect("a fresh store"));
        let authority =
            Authority::open(Arc::clone(&store), clock, Arc::new(SystemEntropy)).expect("a fresh authority");
        let region: Region = "us-east-1".parse().expect("a region");
        let settings = Settings { region: region.clone(), endpoint: "http://127.0.0.1:4566".to_owned() };
        let house = House {
            platform: Platform::new(store, Arc::new(authority), settings),
            region,
            _directory: directory,
        };
        for account in [ACCOUNT, OTHER_ACCOUNT] {
            house.add_account(account.parse().expect("an account id")).await;
        }
        house
    }

    async fn add_account(&self, id: AccountId) {
        let account = Account {
            id,
            name: format!("account {id}"),
            email: format!("{id}@example.com"),
            created_ms: self.platform.now_ms(),
            organization: None,
            joined_ms: None,
            create_request: None,
            alias: None,
        };
        self.write(move |state| {
            state.accounts.put(id, account);
        })
        .await;
    }

    /// The root user of [`ACCOUNT`].
    pub fn root(&self) -> Caller {
        Caller::root(ACCOUNT.parse().expect("an account id"))
    }

    /// A new user of the account with one inline policy, or none.
    pub async fn add_user(&self, account: &str, name: &str, policy: Option<&str>) -> Caller {
        let account: AccountId = account.parse().expect("an account id");
        let user = User {
            account,
            name: name.to_owned(),
            path: "/".to_owned(),
            id: self.platform.entropy().unique_id(UniqueIdKind::User).to_string(),
            created_ms: self.platform.now_ms(),
            policies: inline(policy),
            boundary: None,
            groups: Vec::new(),
            tags: Vec::new(),
        };
        let caller = Caller::user(&user);
        let key = (account, name.to_lowercase());
        self.write(move |state| {
            state.users.put(key, user);
        })
        .await;
        caller
    }

    /// A new role of [`ACCOUNT`]; its ARN.
    pub async fn add_role(&self, name: &str, trust_policy: &str, policy: Option<&str>) -> String {
        let account: AccountId = ACCOUNT.parse().expect("an account id");
        let role = Role {
            account,
            name: name.to_owned(),
            path: "/".to_owned(),
            id: self.platform.entropy().unique_id(UniqueIdKind::Role).to_string(),
            created_ms: self.platform.now_ms(),
            description: None,
            trust_policy: Arc::from(trust_policy),
            bound_principals: Default::default(),
            max_session_duration_s: 3600,
            policies: inline(policy),
            boundary: None,
            tags: Vec::new(),
            last_used: None,
        };
        let key = (account, name.to_lowercase());
        self.write(move |state| {
            state.roles.put(key, role);
        })
        .await;
        format!("arn:aws:iam::{account}:role/{name}")
    }

    /// A call by the caller, as if it had come over HTTP from this machine.
    pub fn call(&self, caller: &Caller) -> Arc<Call> {
        let origin = Origin::Http {
            source_ip: Some([127, 0, 0, 1].into()),
            user_agent: "testkit".to_owned(),
            referer: None,
            secure_transport: false,
        };
        let request_id = self.platform.entropy().uuid();
        Arc::new(Call::new(caller.clone(), self.region.clone(), request_id, self.platform.now_ms(), origin))
    }

    /// Changes records directly, where a test needs a state that no operation makes.
    pub async fn write(&self, change: impl FnOnce(&mut rolecall_store::State) + Send + 'static) {
        let written = self.platform.store.write(move |state| {
            change(state);
            Ok::<(), std::convert::Infallible>(())
        });
        written.await.expect("the store takes a write");
    }
}

fn inline(policy: Option<&str>) -> Policies {
    let mut policies = Policies::default();
    if let Some(document) = policy {
        let inline = InlinePolicy { name: "own".to_owned(), document: Arc::from(document) };
        policies.inline.insert("own".to_owned(), inline);
    }
    policies
}
