//! The whole system, wired together.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use rolecall_arn::{AccountId, Region};
use rolecall_authority::{Authority, SystemClock, SystemEntropy};
use rolecall_ec2::Ec2;
use rolecall_gateway::{Connections, Gateway, OwnPages, Services};
use rolecall_iam::Iam;
use rolecall_lambda::{Lambda, LambdaOptions};
use rolecall_logs::Logs;
use rolecall_organizations::Organizations;
use rolecall_runner::{
    EndpointConnection, EndpointHandler, HelperCommand, Runner, RunnerOptions, SandboxMode,
};
use rolecall_s3::S3;
use rolecall_service::{Platform, Service, Settings};
use rolecall_sns::Sns;
use rolecall_sqs::Sqs;
use rolecall_store::Store;
use rolecall_sts::Sts;
use rolecall_xray::XRay;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{first_start, metrics};

/// What a server is started with.
#[derive(Debug, Clone)]
pub(crate) struct HouseOptions {
    pub listen: SocketAddr,
    pub metrics_address: Option<SocketAddr>,
    pub data_dir: PathBuf,
    pub region: Region,
    pub account: AccountId,
    pub sandbox: SandboxMode,
    pub sdk_dir: Option<PathBuf>,
    pub lambda: LambdaOptions,
    pub idle_timeout: Duration,
    pub drain: Duration,
}

/// A running server.
pub(crate) struct House {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it is scraped, if it is.
    pub metrics_address: Option<SocketAddr>,
    /// Whether this was the first start of its data directory.
    pub is_first_start: bool,
    store: Arc<Store>,
    lambda: Arc<Lambda>,
    sns: Arc<Sns>,
    sqs: Arc<Sqs>,
    runner: Arc<Runner>,
    stop: watch::Sender<bool>,
    /// Stops what comes out of execution environments: later, because what runs may still call.
    stop_environments: watch::Sender<bool>,
    server: JoinHandle<()>,
    drain: Duration,
}

impl House {
    /// Opens the data directory, binds the port, and serves.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub(crate) async fn start(options: HouseOptions) -> Result<Self> {
        // The port comes first: a second server must not touch the data of the first.
        let listener = TcpListener::bind(options.listen).await.with_context(|| {
            format!("cannot listen on {}; choose another address with --listen", options.listen)
        })?;
        let address = listener.local_addr()?;
        let store = Arc::new(Store::open(&options.data_dir)?);
        let is_first_start = first_start::prepare(
            &store,
            options.account,
            options.region.as_str(),
            &SystemClock,
            &SystemEntropy,
        )
        .await?;
        let authority = Authority::open(Arc::clone(&store), Arc::new(SystemClock), Arc::new(SystemEntropy))
            .context("cannot open the session key")?;
        let settings = Settings { region: options.region.clone(), endpoint: format!("http://{address}") };
        let platform = Platform::new(Arc::clone(&store), Arc::new(authority), settings);
        let lambda = Arc::new(Lambda::with_options(Arc::clone(&platform), options.lambda));
        let sqs = Arc::new(Sqs::new(Arc::clone(&platform)));
        let s3 = Arc::new(S3::new(Arc::clone(&platform)));
        let sns = Arc::new(Sns::new(Arc::clone(&platform)));
        let own: [Arc<dyn Service>; 4] =
            [Arc::clone(&lambda) as _, Arc::clone(&s3) as _, Arc::clone(&sns) as _, Arc::clone(&sqs) as _];
        let services = Arc::new(services(&platform, own));
        platform.connect(Arc::clone(&services) as _);

        let (stop, stopped) = watch::channel(false);
        let pages = Arc::new(Pages(Arc::clone(&lambda)));
        let gateway =
            Arc::new(Gateway::new(Arc::clone(&platform), services, pages, Arc::clone(&lambda) as _));
        let connections = Connections::new(Arc::clone(&gateway), stopped);
        let (stop_environments, environments_stopped) = watch::channel(false);
        let endpoint = Arc::new(Endpoint(Connections::new(gateway, environments_stopped)));
        let runner = Runner::start(runner_options(&options, address)?, endpoint, lambda.environment_host())
            .await
            .context("cannot prepare the running of functions")?;
        let runner = Arc::new(runner);
        lambda.attach_runner(Arc::clone(&runner) as _);
        lambda.resume();
        s3.resume();
        sns.start();
        let metrics_address = match options.metrics_address {
            Some(address) => Some(metrics::serve(address, &platform, &lambda, &runner).await?),
            None => None,
        };
        let server = tokio::spawn(rolecall_gateway::serve(listener, connections, options.drain));
        Ok(House {
            address,
            metrics_address,
            is_first_start,
            store,
            lambda,
            sns,
            sqs,
            runner,
            stop,
            stop_environments,
            server,
            drain: options.drain,
        })
    }

    /// How functions are run here.
    pub(crate) fn runner(&self) -> &Runner {
        &self.runner
    }

    /// Takes no more requests, waits for those that run and for their logs, and closes the records.
    pub(crate) async fn shut_down(self) {
        let _ = self.stop.send(true);
        self.lambda.stop_deliveries();
        self.sns.stop();
        self.sqs.stop_waiting();
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server ended abnormally");
        }
        self.runner.shutdown(self.drain).await;
        let _ = self.stop_environments.send(true);
        self.lambda.shutdown().await;
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if let Err(error) = closed {
            tracing::error!(%error, "the store was not closed");
        }
    }
}

/// All services: those that the house itself starts and stops, and the others.
fn services(platform: &Arc<Platform>, own: [Arc<dyn Service>; 4]) -> Services {
    let others: [Arc<dyn Service>; 6] = [
        Arc::new(Ec2::new(Arc::clone(platform))),
        Arc::new(Iam::new(Arc::clone(platform))),
        Arc::new(Sts::new(Arc::clone(platform))),
        Arc::new(Organizations::new(Arc::clone(platform))),
        Arc::new(Logs::new(Arc::clone(platform))),
        Arc::new(XRay::new(Arc::clone(platform))),
    ];
    Services::new(others.into_iter().chain(own))
}

fn runner_options(options: &HouseOptions, address: SocketAddr) -> Result<RunnerOptions> {
    let helper = HelperCommand::current_executable().context("cannot find the running program's file")?;
    let mut runner = RunnerOptions::new(options.data_dir.join("runner"), helper);
    runner.sandbox = options.sandbox;
    runner.sdk_dir = options.sdk_dir.as_deref().map(Path::to_owned);
    runner.endpoint_port = address.port();
    runner.idle_timeout = options.idle_timeout;
    Ok(runner)
}

/// Serves what comes out of execution environments like what comes from the network.
struct Endpoint(Connections);

#[async_trait]
impl EndpointHandler for Endpoint {
    async fn serve(&self, connection: EndpointConnection) {
        self.0.serve_within(connection.stream, connection.room).await;
    }
}

/// The pages of the gateway that belong to Lambda.
struct Pages(Arc<Lambda>);

#[async_trait]
impl OwnPages for Pages {
    async fn code_download(&self, token: &str) -> Option<Bytes> {
        let path = self.0.code_download(token)?;
        tokio::fs::read(path).await.ok().map(Bytes::from)
    }
}
