//! What a command says when the server refuses: a denial with its explanation, anything else as it came.

use anyhow::{Result, bail};
use http::StatusCode;

use crate::client::{Answer, Client};
use crate::exit::Exit;
use crate::why::{fetch, printable};

/// Says on standard error why the server refused. That a request is denied is an answer; everything else is a failure.
///
/// # Errors
/// The server's own words, where it is not a denial.
pub(crate) async fn tell(client: &Client, answer: &Answer) -> Result<Exit> {
    let body = answer.json();
    let member = ["message", "Message", "errorMessage"].iter().find_map(|name| body.get(name)?.as_str());
    let message = member.map_or_else(|| format!("the server answered {}", answer.status), str::to_owned);
    let code = answer.header("x-amzn-errortype").or_else(|| body.get("__type")?.as_str());
    let is_denied =
        answer.status == StatusCode::FORBIDDEN || code.is_some_and(|code| code.contains("AccessDenied"));
    if !is_denied {
        match code {
            Some(code) => bail!("{}: {}", printable(code), printable(&message)),
            None => bail!("{}", printable(&message)),
        }
    }
    eprintln!("rolecall: {}", printable(&message));
    for id in &answer.decisions {
        // Who may not ask for the explanation is told who can.
        match fetch(client, id).await {
            Ok(record) => eprintln!("\n{}", printable(&record.explanation.to_string())),
            Err(_) => eprintln!("An administrator can say why: rolecall why {id}"),
        }
    }
    Ok(Exit::Denied)
}
