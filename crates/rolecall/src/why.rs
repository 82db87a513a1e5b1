//! `rolecall why ID`.

use anyhow::{Context, Result, bail};
use http::Method;
use rolecall_authority::DecisionRecord;

use crate::cli::{Output, WhyOptions};
use crate::client::Client;
use crate::exit::Exit;
use crate::server_access;
use crate::stdout;

/// Asks the server for a decision and prints its explanation.
pub(crate) fn run(options: &WhyOptions) -> Result<Exit> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(why(options))
}

async fn why(options: &WhyOptions) -> Result<Exit> {
    let client = server_access::client(&options.server, "rolecall")?;
    let record = fetch(&client, &options.id).await?;
    match options.output {
        Output::Json => stdout::write_json(&record)?,
        Output::Text => {
            let time = jiff::Timestamp::from_millisecond(record.time_ms).unwrap_or_default();
            let head = format!("Decision {} of request {} at {time}", record.id, record.request_id);
            stdout::write(&format!("{head}\n\n{}\n", printable(&record.explanation.to_string())))?;
        }
    }
    Ok(Exit::Done)
}

/// The text without anything that a terminal would obey: names in it come from whoever made the request.
pub(crate) fn printable(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' => character.to_string(),
        control if control.is_control() => control.escape_default().to_string(),
        other => other.to_string(),
    };
    text.chars().map(shown).collect()
}

/// The decision with this id.
pub(crate) async fn fetch(client: &Client, id: &str) -> Result<DecisionRecord> {
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        bail!("'{id}' is not the id of a decision; copy it from the x-rolecall-decision header of an answer");
    }
    let target = format!("/_rolecall/decisions/{id}");
    let answer = client.send("rolecall", Method::GET, &target, &[], "").await?;
    if !answer.status.is_success() {
        let problem = answer.json();
        let message =
            ["message", "Message"].iter().find_map(|member| problem.get(member)?.as_str().map(str::to_owned));
        bail!(
            "{}",
            message.unwrap_or_else(|| format!("the server answered {}: {}", answer.status, answer.text()))
        );
    }
    serde_json::from_slice(&answer.body).context("the server's answer cannot be read; is it another version?")
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn an_explanation_gives_the_terminal_no_orders() {
        assert_eq!(printable("a\u{1b}[2Jb\r\u{9b}c\nd"), "a\\u{1b}[2Jb\\r\\u{9b}c\nd");
    }
}
