//! The command line, as one table.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rolecall_arn::{AccountId, Region};

use crate::policy::PolicyCommand;

/// AWS Lambda with its whole permission system, in one program that you run yourself.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the AWS API until interrupted.
    Serve(ServeOptions),
    /// Play the permission story against a server in a temporary directory, and tell every step.
    Demo(DemoOptions),
    /// Explain a decision by the id in an answer's x-rolecall-decision header.
    Why(WhyOptions),
    /// Decide and test policies offline, without a server.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// List the interpreters that functions can run on.
    Runtimes(RuntimesOptions),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeOptions {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4566", env = "ROLECALL_LISTEN")]
    pub listen: SocketAddr,
    /// Where everything is kept; made at the first start.
    #[arg(long, value_name = "DIR", default_value = ".rolecall", env = "ROLECALL_DATA_DIR")]
    pub data_dir: PathBuf,
    /// The region of requests that name none, and of the printed settings.
    #[arg(long, default_value = "us-east-1", env = "ROLECALL_REGION")]
    pub region: Region,
    /// The account that the first start makes; twelve digits.
    #[arg(long, default_value = "000000000000", env = "ROLECALL_ACCOUNT")]
    pub account: AccountId,
    /// How requests and events are logged, on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What functions run in.
    #[arg(long, value_enum, default_value_t = Sandbox::Namespaces)]
    pub sandbox: Sandbox,
    /// A directory with the AWS SDKs that functions can import: python/ and nodejs/node_modules/.
    #[arg(long, value_name = "DIR", env = "ROLECALL_SDK_DIR")]
    pub sdk_dir: Option<PathBuf>,
    /// How long an idle execution environment stays warm, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub idle_timeout: Duration,
    /// How long a shutdown waits for invocations that are running, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub drain: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sandbox {
    /// Own namespaces, no capabilities, a seccomp filter, cgroup limits.
    Namespaces,
    /// None: a function is an ordinary process of this user. Only for functions that you would run yourself.
    None,
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Show each step as one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhyOptions {
    /// The id from the x-rolecall-decision header.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566", env = "AWS_ENDPOINT_URL")]
    pub endpoint: String,
    /// Sign with the administrator's key of this data directory, where the environment has no AWS credentials.
    #[arg(long, value_name = "DIR", default_value = ".rolecall", env = "ROLECALL_DATA_DIR")]
    pub data_dir: PathBuf,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct RuntimesOptions {
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|_| format!("'{text}' is not a whole number of seconds"))
}
