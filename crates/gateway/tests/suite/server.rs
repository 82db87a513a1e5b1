//! A server with every service, in this process, on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use rolecall_gateway::{Connections, Gateway, OwnPages, Services, serve};
use rolecall_iam::Iam;
use rolecall_lambda::Lambda;
use rolecall_logs::Logs;
use rolecall_organizations::Organizations;
use rolecall_s3::S3;
use rolecall_service::{FunctionUrls, Service};
use rolecall_sigv4::{Credentials, SecretKey, SessionToken};
use rolecall_sns::Sns;
use rolecall_sqs::Sqs;
use rolecall_store::Secret;
use rolecall_store::records::iam::AccessKey;
use rolecall_sts::Sts;
use rolecall_testkit::{ACCOUNT, House};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub struct Server {
    pub house: House,
    pub address: SocketAddr,
    pub stop: watch::Sender<bool>,
    pub serving: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// A server whose function URLs are these, and not Lambda's.
    pub async fn start_with_urls(urls: Arc<dyn FunctionUrls>) -> Self {
        Self::start_with(Some(urls)).await
    }

    async fn start_with(urls: Option<Arc<dyn FunctionUrls>>) -> Self {
        let house = House::new().await;
        let platform = &house.platform;
        let lambda = Arc::new(Lambda::new(Arc::clone(platform)));
        let all: [Arc<dyn Service>; 8] = [
            Arc::new(Iam::new(Arc::clone(platform))),
            Arc::new(Sts::new(Arc::clone(platform))),
            Arc::new(Organizations::new(Arc::clone(platform))),
            Arc::new(Logs::new(Arc::clone(platform))),
            Arc::new(S3::new(Arc::clone(platform))),
            Arc::new(Sns::new(Arc::clone(platform))),
            Arc::new(Sqs::new(Arc::clone(platform))),
            Arc::clone(&lambda) as _,
        ];
        let services = Arc::new(Services::new(all));
        platform.connect(Arc::clone(&services) as _);
        let gateway = Arc::new(Gateway::new(
            Arc::clone(platform),
            services,
            Arc::new(Pages(Arc::clone(&lambda))),
            urls.unwrap_or(lambda),
        ));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let connections = Connections::new(gateway, stopped);
        let serving = tokio::spawn(serve(listener, connections, Duration::from_secs(5)));
        Server { house, address, stop, serving }
    }

    /// A new user with a key and one inline policy, or none.
    pub async fn user(&self, account: &str, name: &str, policy: Option<&str>) -> Credentials {
        self.house.add_user(account, name, policy).await;
        let entropy = self.house.platform.entropy();
        let id = entropy.unique_id(rolecall_arn::UniqueIdKind::AccessKey).to_string();
        let secret = entropy.secret_access_key();
        let key = AccessKey {
            id: id.clone(),
            secret: Secret::new(secret.as_str()),
            account: account.parse().unwrap(),
            user: Some(name.to_lowercase()),
            active: true,
            created_ms: 0,
        };
        let stored = id.clone();
        self.house
            .write(move |state| {
                state.access_keys.put(stored, key);
            })
            .await;
        Credentials { access_key_id: id, secret: SecretKey::new(secret), session_token: None }
    }

    /// A user of [`ACCOUNT`] who may do everything.
    pub async fn admin(&self) -> Credentials {
        self.user(ACCOUNT, "admin", Some(ALLOW_ALL)).await
    }
}

/// The same key with another secret.
pub fn with_secret(credentials: &Credentials, secret: &str) -> Credentials {
    Credentials { secret: SecretKey::new(secret), ..credentials.clone() }
}

/// The same key with a session token.
pub fn with_token(credentials: &Credentials, token: &str) -> Credentials {
    Credentials { session_token: Some(SessionToken::new(token)), ..credentials.clone() }
}

struct Pages(Arc<Lambda>);

#[async_trait]
impl OwnPages for Pages {
    async fn code_download(&self, token: &str) -> Option<Bytes> {
        let path = self.0.code_download(token)?;
        std::fs::read(path).ok().map(Bytes::from)
    }
}
