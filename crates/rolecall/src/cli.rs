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
    /// Invoke a function and print its answer. Exit codes: 0, 1 when denied, 2 when it was not possible, 3 when the
    /// function failed.
    Invoke(InvokeOptions),
    /// Print a sample event of an AWS service; without a name, list them.
    Event(EventOptions),
    /// Show what functions have written to CloudWatch Logs.
    Logs(LogsOptions),
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
    /// Where Prometheus may scrape /metrics; nowhere, if not said.
    #[arg(long, value_name = "HOST:PORT", env = "ROLECALL_METRICS_ADDRESS")]
    pub metrics_address: Option<SocketAddr>,
    /// How requests and events are logged, on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What functions run in.
    #[arg(long, value_enum, default_value_t = Sandbox::Namespaces)]
    pub sandbox: Sandbox,
    /// A directory with the AWS SDKs that functions can import: python/ and nodejs/node_modules/.
    #[arg(long, value_name = "DIR", env = "ROLECALL_SDK_DIR")]
    pub sdk_dir: Option<PathBuf>,
    /// Which rights a request to a function URL needs.
    #[arg(long, value_enum, default_value_t = UrlAuth::Both, env = "ROLECALL_URL_AUTH")]
    pub url_auth: UrlAuth,
    /// To whom GetFunction shows a function's tags.
    #[arg(long, value_enum, default_value_t = FunctionTags::Permitted, env = "ROLECALL_FUNCTION_TAGS")]
    pub function_tags: FunctionTags,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UrlAuth {
    /// lambda:InvokeFunctionUrl and lambda:InvokeFunction, as for all URLs on AWS since October 2025.
    Both,
    /// lambda:InvokeFunctionUrl alone, as in AWS accounts that had URLs before.
    Legacy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FunctionTags {
    /// To whom may lambda:ListTags.
    Permitted,
    /// To all who may lambda:GetFunction.
    Always,
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
    #[command(flatten)]
    pub server: ServerOptions,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Which server, and as whom.
#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// The server [default: AWS_ENDPOINT_URL, the profile's endpoint_url, or http://127.0.0.1:4566].
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region [default: AWS_REGION, AWS_DEFAULT_REGION, the profile's region, or us-east-1].
    #[arg(long)]
    pub region: Option<Region>,
    /// Sign with the keys of this profile of the AWS CLI's files, before those in the environment.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Sign with the administrator's key of this data directory, where neither the environment nor a profile has keys.
    #[arg(long, value_name = "DIR", default_value = ".rolecall", env = "ROLECALL_DATA_DIR")]
    pub data_dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeOptions {
    /// The function's name or ARN.
    #[arg(value_name = "FUNCTION")]
    pub function: String,
    /// The event: a file, or - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "event")]
    pub payload: Option<PathBuf>,
    /// The event: a sample, by its name in the list of `rolecall event`.
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    #[command(flatten)]
    pub sample: SampleOptions,
    /// A version or an alias.
    #[arg(long)]
    pub qualifier: Option<String>,
    /// Whether to wait for the answer, to leave the event in the queue, or only to ask whether it is allowed.
    #[arg(long = "type", value_enum, default_value_t = InvocationKind::RequestResponse)]
    pub kind: InvocationKind,
    /// Show the end of the log on standard error.
    #[arg(long)]
    pub log: bool,
    /// The client context, JSON.
    #[arg(long, value_name = "JSON")]
    pub client_context: Option<String>,
    #[command(flatten)]
    pub server: ServerOptions,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Lambda's InvocationType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InvocationKind {
    /// Wait for the answer.
    RequestResponse,
    /// Leave the event in the queue.
    Event,
    /// Ask whether it is allowed.
    DryRun,
}

#[derive(Debug, Args)]
pub(crate) struct EventOptions {
    /// The sample's name.
    #[arg(value_name = "NAME")]
    pub event: Option<String>,
    /// The region in the event.
    #[arg(long, default_value = "us-east-1", env = "AWS_REGION")]
    pub region: Region,
    #[command(flatten)]
    pub sample: SampleOptions,
}

/// What a sample event is about.
#[derive(Debug, Args)]
pub(crate) struct SampleOptions {
    /// The account in a sample event.
    #[arg(long, default_value = "123456789012")]
    pub account: AccountId,
    /// The bucket in a sample event.
    #[arg(long, default_value = "sample-bucket")]
    pub bucket: String,
    /// The key, or the path, in a sample event.
    #[arg(long, default_value = "sample/key")]
    pub key: String,
    /// The name of the queue, topic, table, ... in a sample event.
    #[arg(long, default_value = "sample")]
    pub name: String,
    /// The content, body or message in a sample event.
    #[arg(long, default_value = "Hello from a sample event")]
    pub body: String,
}

#[derive(Debug, Args)]
pub(crate) struct LogsOptions {
    /// The function's name or ARN, or a log group, which begins with a slash; without one, all functions.
    #[arg(value_name = "FUNCTION")]
    pub function: Option<String>,
    /// Go on showing what is written.
    #[arg(short, long)]
    pub follow: bool,
    /// From when on: 30s, 10m, 2h, 1d or 1w ago, or a time like 2026-11-29T10:00:00Z.
    #[arg(long, default_value = "10m", value_parser = crate::logs::since)]
    pub since: jiff::Timestamp,
    /// Only what matches this filter pattern of CloudWatch Logs.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
    /// How a line is shown.
    #[arg(long, value_enum, default_value_t = LogsFormat::Detailed)]
    pub format: LogsFormat,
    #[command(flatten)]
    pub server: ServerOptions,
    /// The form of the answer; JSON is one object a line.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// How a log event is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogsFormat {
    /// Time, log stream and message.
    Detailed,
    /// Time and message.
    Short,
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
