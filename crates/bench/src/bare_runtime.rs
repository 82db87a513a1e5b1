//! A Runtime API that serves one event to one program started bare: no sandbox, no limits, no credentials. It is the
//! floor of a cold start, with the same handshake.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::functions::{Deployed, Kind, event, name};
use crate::process::Process;

/// How long the program takes from its start until its answer is there.
pub(crate) fn start_and_answer(function: &Deployed, bootstraps: &std::path::Path) -> Result<Duration> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let api = format!("127.0.0.1:{}", listener.local_addr()?.port());
    let mut command = Command::new(&function.program);
    match function.kind {
        Kind::Rust => {}
        Kind::Python => {
            command.args(["-S", "-s"]).arg(bootstraps.join("bootstrap.py"));
        }
        Kind::Node => {
            command.arg(bootstraps.join("bootstrap.cjs"));
        }
    }
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "en_US.UTF-8")
        .env("AWS_LAMBDA_RUNTIME_API", &api)
        .env("AWS_LAMBDA_FUNCTION_NAME", name(function.kind))
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("LAMBDA_TASK_ROOT", function.code.path())
        .env("_HANDLER", "main.handler")
        .env("_ROLECALL_OPT", "/nonexistent")
        .env("_ROLECALL_SDK_PYTHON", "/nonexistent")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = Instant::now();
    let process = Process::start(&mut command)?;
    let answer = serve_one_event(&listener)?;
    let elapsed = began.elapsed();
    drop(process);
    ensure!(
        serde_json::from_slice::<serde_json::Value>(&answer)? == event(),
        "the bare program answers otherwise"
    );
    Ok(elapsed)
}

/// Serves `next` and takes the response; a program may open a connection for each.
fn serve_one_event(listener: &TcpListener) -> Result<Vec<u8>> {
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        if let Some(answer) = serve_connection(stream)? {
            return Ok(answer);
        }
    }
}

fn serve_connection(stream: TcpStream) -> Result<Option<Vec<u8>>> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let path = line.split(' ').nth(1).context("a request line")?.to_owned();
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if path.ends_with("/next") {
            writer.write_all(next_event().as_bytes())?;
        } else {
            writer.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
            ensure!(
                path.ends_with("/response"),
                "the program called {path}: {}",
                String::from_utf8_lossy(&body)
            );
            return Ok(Some(body));
        }
    }
}

fn next_event() -> String {
    let event = event().to_string();
    let deadline_ms = jiff::Timestamp::now().as_millisecond() + 30_000;
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: bench\r\n\
         lambda-runtime-deadline-ms: {deadline_ms}\r\nlambda-runtime-invoked-function-arn: bench\r\n\
         content-length: {}\r\n\r\n{event}",
        event.len()
    )
}
