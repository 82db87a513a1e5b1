//! `rolecall invoke FUNCTION`.

use std::io::{IsTerminal, Read, Write};

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use http::Method;
use serde_json::{Value, json};

use crate::cli::{InvocationKind, InvokeOptions, Output};
use crate::client::{Answer, Client};
use crate::denial;
use crate::event;
use crate::exit::Exit;
use crate::server_access;
use crate::why::printable;

/// Invokes a function and prints what it answers.
pub(crate) fn run(options: &InvokeOptions) -> Result<Exit> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(invoke(options))
}

async fn invoke(options: &InvokeOptions) -> Result<Exit> {
    let client = server_access::client(&options.server, "lambda")?;
    let payload = payload(options, client.region())?;
    let answer = send(&client, options, payload).await?;
    if !answer.status.is_success() {
        return denial::tell(&client, &answer).await;
    }
    let log = answer.header("x-amz-log-result").and_then(|log| BASE64.decode(log.as_bytes()).ok());
    let log = log.map(|log| String::from_utf8_lossy(&log).into_owned());
    let mut out = std::io::stdout().lock();
    match options.output {
        Output::Json => writeln!(out, "{:#}", whole(&answer, log.as_deref()))?,
        Output::Text => {
            if let Some(log) = log {
                eprintln!("{}", printable(log.trim_end()));
            }
            // The bytes as they came: what the function answered is the result, and may go into a file.
            out.write_all(&answer.body)?;
            if !answer.body.is_empty() {
                writeln!(out)?;
            }
        }
    }
    match answer.header("x-amz-function-error") {
        Some(kind) => {
            eprintln!("rolecall: the function failed ({kind}); its answer is the error");
            Ok(Exit::FunctionFailed)
        }
        None => Ok(Exit::Done),
    }
}

async fn send(client: &Client, options: &InvokeOptions, payload: Vec<u8>) -> Result<Answer> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut target = format!("/2015-03-31/functions/{}/invocations", encoded(&options.function));
    if let Some(qualifier) = &options.qualifier {
        target.push_str(&format!("?Qualifier={}", encoded(qualifier)));
    }
    let kind = match options.kind {
        InvocationKind::RequestResponse => "RequestResponse",
        InvocationKind::Event => "Event",
        InvocationKind::DryRun => "DryRun",
    };
    let mut headers = vec![("content-type", "application/json"), ("x-amz-invocation-type", kind)];
    if options.log {
        headers.push(("x-amz-log-type", "Tail"));
    }
    let context = options.client_context.as_ref().map(|context| BASE64.encode(context.as_bytes()));
    if let Some(context) = &context {
        headers.push(("x-amz-client-context", context));
    }
    client.send("lambda", Method::POST, &target, &headers, payload).await
}

/// The event: a sample, a file, or standard input; nothing where nothing was said.
fn payload(options: &InvokeOptions, region: &str) -> Result<Vec<u8>> {
    if let Some(name) = &options.event {
        return Ok(event::sample(name, region, &options.sample)?.to_string().into_bytes());
    }
    match options.payload.as_deref() {
        None => Ok(Vec::new()),
        Some(path) if path.as_os_str() == "-" => {
            let mut stdin = std::io::stdin();
            if stdin.is_terminal() {
                eprintln!("rolecall: reading the event from the terminal; end it with Ctrl-D");
            }
            let mut payload = Vec::new();
            stdin.read_to_end(&mut payload).context("cannot read standard input")?;
            Ok(payload)
        }
        Some(path) if path.is_dir() => bail!("{} is a directory; --payload wants a file", path.display()),
        Some(path) => std::fs::read(path).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The whole answer, for programs; a payload that is no JSON is a text.
fn whole(answer: &Answer, log: Option<&str>) -> Value {
    let payload = if answer.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&answer.body).unwrap_or_else(|_| answer.text().into())
    };
    json!({
        "StatusCode": answer.status.as_u16(),
        "ExecutedVersion": answer.header("x-amz-executed-version"),
        "FunctionError": answer.header("x-amz-function-error"),
        "RequestId": answer.header("x-amzn-requestid"),
        "Log": log,
        "Payload": payload,
    })
}
