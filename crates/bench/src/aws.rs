//! The server under measurement, and requests signed for it.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rolecall_sigv4::{Credentials, Head, Rules, SecretKey, Signer};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::{Answer, once};
use crate::process::Process;

/// The region of all requests.
pub(crate) const REGION: &str = "us-east-1";
/// The account of all servers of ours.
const ACCOUNT: &str = "111122223333";
/// The name of the data directory.
pub(crate) const DATA: &str = "data";
/// The role that all functions have.
const ROLE: &str = "bench";

/// Somebody who sends signed requests to one server.
pub(crate) struct Client {
    pub port: u16,
    /// The account, as part of ARNs.
    pub account: &'static str,
    credentials: Credentials,
}

/// A server with the default log, whose log goes nowhere.
pub(crate) struct Server {
    pub process: Process,
    client: Client,
    directory: TempDir,
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Server {
    /// Starts a server on a fresh data directory.
    pub(crate) fn start(binaries: &Path) -> Result<Self> {
        Self::start_in(binaries, tempfile::tempdir()?)
    }

    /// Starts a server on the data directory `data` in the directory.
    pub(crate) fn start_in(binaries: &Path, directory: TempDir) -> Result<Self> {
        let data_dir = directory.path().join(DATA);
        let mut command = Command::new(binaries.join("rolecall"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--account", ACCOUNT, "--data-dir"]).arg(&data_dir);
        let mut process = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let mut lines = process.lines()?;
        let line = lines
            .find_map(|line| line.ok().filter(|line| line.contains("listens on")))
            .context("no server")?;
        let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).context("no port")?;
        // The rest of the greeting has to be read, or the server would wait for it.
        std::thread::spawn(move || lines.for_each(drop));
        let client = Client { port, account: ACCOUNT, credentials: read_credentials(&data_dir)? };
        Ok(Server { process, client, directory })
    }

    /// Ends the server as a crash would, and hands its directory back: what was acknowledged is in it.
    pub(crate) fn crash(self) -> TempDir {
        drop(self.process);
        self.directory
    }

    /// The directory that the data directory is in.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where the server keeps the bootstraps of its runtimes.
    pub(crate) fn bootstraps(&self) -> PathBuf {
        self.directory.path().join("data/runner/runtime")
    }
}

impl Client {
    /// A client of a server that takes whoever calls for an administrator.
    pub(crate) fn anybody(port: u16, account: &'static str) -> Self {
        let secret = SecretKey::new("nobody checks this secret");
        let access_key_id = "AKIAIOSFODNN7EXAMPLE".to_owned();
        Client { port, account, credentials: Credentials { access_key_id, secret, session_token: None } }
    }

    /// The bytes of a signed request; they are good for fifteen minutes.
    pub(crate) fn signed(
        &self,
        service: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<u8>> {
        let host = format!("127.0.0.1:{}", self.port);
        let mut all: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let signer =
            Signer { credentials: &self.credentials, region: REGION, service, rules: Rules::General };
        let added = signer.sign_headers(
            &Head { method, path, query, headers: &all },
            body,
            jiff::Timestamp::now().as_second(),
        )?;
        let mut text = format!("{method} {target} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in all.iter().map(|(name, value)| (*name, String::from_utf8_lossy(value))) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        for (name, value) in added {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        Ok([text.as_bytes(), body].concat())
    }

    /// An IAM operation, which has to succeed.
    pub(crate) fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Answer> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("Action", action).append_pair("Version", "2010-05-08").extend_pairs(parameters);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let request = self.signed("iam", "POST", "/", &headers, body.finish().as_bytes())?;
        succeeded(action, once(self.port, &request)?)
    }

    /// A Lambda operation, which has to succeed; its JSON answer.
    pub(crate) fn lambda(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let request = self.lambda_request(method, path, body)?;
        let answer = succeeded(path, once(self.port, &request)?)?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// Makes the role that all functions have.
    pub(crate) fn create_role(&self) -> Result<()> {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let trust = trust.to_string();
        self.iam("CreateRole", &[("RoleName", ROLE), ("AssumeRolePolicyDocument", &trust)]).map(drop)
    }

    /// The input of CreateFunction for a function that is not run.
    pub(crate) fn function(&self, name: &str, zip: &[u8]) -> Value {
        json!({
            "FunctionName": name, "Role": format!("arn:aws:iam::{}:role/{ROLE}", self.account),
            "Runtime": "python3.13", "Handler": "main.handler",
            "Code": {"ZipFile": data_encoding::BASE64.encode(zip)},
        })
    }

    /// The input of AddPermission for a statement of the usual length.
    pub(crate) fn permission(&self, statement: &str) -> Value {
        json!({
            "StatementId": statement, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
            "SourceArn": format!("arn:aws:s3:::bucket-of-{statement}"), "SourceAccount": self.account,
        })
    }

    /// The bytes of a signed request to Lambda, with a JSON body.
    pub(crate) fn lambda_request(&self, method: &str, path: &str, body: &Value) -> Result<Vec<u8>> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.signed("lambda", method, &format!("/2015-03-31/{path}"), &[], body.as_bytes())
    }

    /// Waits until the function is active and not being updated.
    pub(crate) fn wait_until_active(&self, function: &str) -> Result<()> {
        for _ in 0..500 {
            let answer = self.lambda("GET", &format!("functions/{function}/configuration"), &Value::Null)?;
            let is = |member: &str, value: &str| answer.get(member).and_then(Value::as_str) == Some(value);
            if is("State", "Active") && !is("LastUpdateStatus", "InProgress") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("{function} did not become active")
    }
}

fn succeeded(what: &str, answer: Answer) -> Result<Answer> {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!((200..300).contains(&answer.status), "{what}: {} {text}", answer.status);
    Ok(answer)
}

fn read_credentials(data_dir: &Path) -> Result<Credentials> {
    let text = std::fs::read_to_string(data_dir.join("credentials"))?;
    let value = |name: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(" = "));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).context("no credentials")
    };
    Ok(Credentials {
        access_key_id: value("aws_access_key_id")?,
        secret: SecretKey::new(value("aws_secret_access_key")?),
        session_token: None,
    })
}
