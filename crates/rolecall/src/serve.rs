//! `rolecall serve`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rolecall_lambda::{LambdaOptions, UrlRights};
use rolecall_runner::SandboxMode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{FunctionTags, Sandbox, ServeOptions, UrlAuth};
use crate::exit::Exit;
use crate::first_start::{credentials_path, read_credentials};
use crate::house::{House, HouseOptions};
use crate::log;

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(options: &ServeOptions) -> Result<Exit> {
    log::start(options.log_format);
    allow_many_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(serve(options))
}

async fn serve(options: &ServeOptions) -> Result<Exit> {
    let sdk_dir = options.sdk_dir.clone().or_else(|| default_sdk_dir(&options.data_dir));
    let house = House::start(HouseOptions {
        listen: options.listen,
        metrics_address: options.metrics_address,
        data_dir: options.data_dir.clone(),
        region: options.region.clone(),
        account: options.account,
        sandbox: match options.sandbox {
            Sandbox::Namespaces => SandboxMode::Namespaces,
            Sandbox::None => SandboxMode::None,
        },
        sdk_dir: sdk_dir.clone(),
        lambda: lambda_options(options),
        idle_timeout: options.idle_timeout,
        drain: options.drain,
    })
    .await?;
    greet(options, &house, sdk_dir.as_deref())?;

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let name = tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    };
    tracing::info!(signal = name, "shutting down; running invocations are finished first");
    tokio::select! {
        () = house.shut_down() => tracing::info!("stopped"),
        // What was acknowledged is on the disk, so nothing is lost but what still runs.
        _ = interrupt.recv() => tracing::warn!("stopped at once by a second SIGINT"),
        _ = terminate.recv() => tracing::warn!("stopped at once by a second SIGTERM"),
    }
    Ok(Exit::Done)
}

fn lambda_options(options: &ServeOptions) -> LambdaOptions {
    LambdaOptions {
        url_rights: match options.url_auth {
            UrlAuth::Both => UrlRights::Both,
            UrlAuth::Legacy => UrlRights::Legacy,
        },
        function_tags: match options.function_tags {
            FunctionTags::Permitted => rolecall_lambda::FunctionTags::Permitted,
            FunctionTags::Always => rolecall_lambda::FunctionTags::Always,
        },
    }
}

/// Every connection is an open file, and so is every database and blob: as many as the system permits, so that idle
/// clients do not keep the server from its own files. Execution environments have a limit of their own.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// The AWS SDKs that functions import: beside the data, or where `./serve` and `./test` install them.
fn default_sdk_dir(data_dir: &Path) -> Option<PathBuf> {
    [data_dir.join("sdk"), PathBuf::from(".sdk")].into_iter().find(|path| path.is_dir())
}

/// Prints where the server is and how to reach it, so that it can be pasted.
fn greet(options: &ServeOptions, house: &House, sdk_dir: Option<&Path>) -> Result<()> {
    let credentials = credentials_path(&options.data_dir);
    let mut out = std::io::stdout().lock();
    writeln!(out, "Rolecall {} listens on http://{}", env!("CARGO_PKG_VERSION"), house.address)?;
    if let Some(address) = house.metrics_address {
        writeln!(out, "Metrics are at http://{address}/metrics")?;
    }
    writeln!(out, "Records are in {}", options.data_dir.display())?;
    if house.is_first_start {
        let account = options.account;
        writeln!(
            out,
            "First start: made account {account} and its administrator, user 'admin', with a random key."
        )?;
    }
    writeln!(out, "\nSandbox:")?;
    for line in house.runner().capabilities().to_string().lines() {
        writeln!(out, "  {line}")?;
    }
    match sdk_dir {
        Some(path) => writeln!(out, "  AWS SDKs for functions: {}", path.display())?,
        None => writeln!(
            out,
            "  AWS SDKs for functions: none; give --sdk-dir, or pack the SDK with the function"
        )?,
    }
    writeln!(out, "\nTo use it, paste this (the key is in {}):\n", credentials.display())?;
    writeln!(out, "export AWS_ENDPOINT_URL=http://{}", house.address)?;
    writeln!(out, "export AWS_DEFAULT_REGION={}", options.region)?;
    let Ok(key) = read_credentials(&credentials) else {
        // Whoever has made keys of their own may throw the first one away.
        writeln!(out, "\nThe administrator's key is not there any more; use one of your own.\n")?;
        return Ok(out.flush()?);
    };
    writeln!(out, "export AWS_ACCESS_KEY_ID={}", key.access_key_id)?;
    // A terminal is the operator's own; a file or a pipe may be kept or shared, so the secret stays in its file.
    if std::io::stdout().is_terminal() {
        writeln!(out, "export AWS_SECRET_ACCESS_KEY={}\n", key.secret_access_key)?;
    } else {
        let path = std::fs::canonicalize(&credentials).unwrap_or(credentials);
        writeln!(
            out,
            "export AWS_SECRET_ACCESS_KEY=$(sed -n 's/^aws_secret_access_key = //p' {})\n",
            path.display()
        )?;
    }
    out.flush()?;
    Ok(())
}
