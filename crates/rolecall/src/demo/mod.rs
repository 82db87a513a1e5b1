//! `rolecall demo`: the permission story, played against a real server over HTTP.
//!
//! Nothing here reaches into the server. Every actor signs requests with its own key, every function runs in the
//! sandbox, and what is printed of a decision is what `rolecall why` tells anybody.

mod aws;
mod code;
mod scenes;
mod stage;

use std::time::Duration;

use anyhow::{Context, Result};
use rolecall_lambda::LambdaOptions;
use rolecall_runner::{Runtimes, SandboxMode};

use crate::cli::DemoOptions;
use crate::client::{Client, Identity};
use crate::exit::Exit;
use crate::first_start::{credentials_path, read_credentials};
use crate::house::{House, HouseOptions};

use stage::Stage;

/// The account of the demo.
const ACCOUNT: &str = "111122223333";
/// The region of the demo.
const REGION: &str = "us-east-1";

/// Plays the story and says whether every step went as it should.
pub(crate) fn run(options: &DemoOptions) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(play(options))
}

async fn play(options: &DemoOptions) -> Result<Exit> {
    let directory = tempfile::Builder::new().prefix("rolecall-demo-").tempdir()?;
    let data_dir = directory.path().join("data");
    let runtimes = Runtimes::discover();
    let python =
        runtimes.list().iter().map(|found| found.runtime.clone()).rfind(|name| name.starts_with("python"));
    let python = python.context("the demo's functions are written in Python; install python3")?;
    let house = House::start(HouseOptions {
        metrics_address: None,
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: data_dir.clone(),
        region: REGION.parse()?,
        account: ACCOUNT.parse()?,
        sandbox: SandboxMode::Namespaces,
        sdk_dir: None,
        lambda: LambdaOptions::default(),
        idle_timeout: Duration::from_secs(600),
        drain: Duration::from_secs(10),
    })
    .await?;
    let key = read_credentials(&credentials_path(&data_dir))?;
    let admin = Identity {
        access_key_id: key.access_key_id,
        secret_access_key: key.secret_access_key,
        session_token: None,
    };
    let endpoint = format!("http://{}", house.address);
    let mut stage = Stage::new(Client::new(&endpoint, REGION, admin), python, options.json);
    stage.say(&format!("A server at {endpoint} with its records in {}", data_dir.display()));
    let played = scenes::play_all(&mut stage).await;
    house.shut_down().await;
    played?;
    Ok(stage.end())
}
