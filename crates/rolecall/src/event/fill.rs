//! Fills the places of a sample event.
//!
//! A place is `{{NAME}}` or `{{NAME|FORM}}` in a text or in the name of a member. Where a text is one place and nothing
//! else, and its form is a number, it becomes a number.

use std::io::Write;

use anyhow::{Context, Result, bail};
use data_encoding::{BASE64, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

/// What the places are filled with.
pub(super) struct Facts {
    /// The facts that are texts, by name.
    pub texts: Vec<(&'static str, String)>,
    /// When it happened.
    pub time: jiff::Timestamp,
}

/// The value with all places filled.
///
/// # Errors
/// Where the template has a place that is unknown.
pub(super) fn fill(value: Value, facts: &Facts) -> Result<Value> {
    Ok(match value {
        Value::String(text) => fill_text(&text, facts)?,
        Value::Array(values) => {
            values.into_iter().map(|value| fill(value, facts)).collect::<Result<Vec<_>>>()?.into()
        }
        Value::Object(members) => {
            let filled = members
                .into_iter()
                .map(|(name, value)| Ok((texted(fill_text(&name, facts)?), fill(value, facts)?)));
            Value::Object(filled.collect::<Result<Map<_, _>>>()?)
        }
        other => other,
    })
}

fn fill_text(text: &str, facts: &Facts) -> Result<Value> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (place, behind) = after.split_once("}}").context("a place has no end")?;
        let value = fact(place, facts)?;
        if before.is_empty() && behind.is_empty() && filled.is_empty() {
            return Ok(value);
        }
        filled.push_str(before);
        filled.push_str(&texted(value));
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled.into())
}

fn texted(value: Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What stands in a place.
fn fact(place: &str, facts: &Facts) -> Result<Value> {
    let (name, form) = place.split_once('|').unwrap_or((place, ""));
    if name == "time" {
        return time(facts.time, form);
    }
    let text = |name| facts.texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    let value = text(name).with_context(|| format!("nothing is called '{name}'"))?;
    Ok(match form {
        "" => value.into(),
        "size" => value.len().into(),
        "size-text" => value.len().to_string().into(),
        "md5" => HEXLOWER.encode(&Md5::digest(value.as_bytes())).into(),
        "base64" => BASE64.encode(value.as_bytes()).into(),
        "url" => {
            form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace("%2F", "/").into()
        }
        "awslogs" => awslogs(facts.time, text("account"), text("name"), value)?.into(),
        other => bail!("nothing has the form '{other}'"),
    })
}

fn time(time: jiff::Timestamp, form: &str) -> Result<Value> {
    Ok(match form {
        "iso" => format!("{time:.3}").into(),
        "iso-s" => format!("{:.0}", jiff::Timestamp::from_second(time.as_second())?).into(),
        "ms" => time.as_millisecond().into(),
        "ms-text" => time.as_millisecond().to_string().into(),
        "s" => time.as_second().into(),
        // Three digits behind the point, so that the sum is exact.
        "s-fraction" => {
            json!(time.as_millisecond().rem_euclid(1000) as f64 / 1000.0 + time.as_second() as f64)
        }
        "clf" => time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string().into(),
        other => bail!("no time has the form '{other}'"),
    })
}

/// The message of a subscription of CloudWatch Logs: gzip in base64.
fn awslogs(time: jiff::Timestamp, account: Option<&str>, group: Option<&str>, line: &str) -> Result<String> {
    let message = json!({
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": group,
        "logStream": "sample-stream",
        "subscriptionFilters": ["sample-filter"],
        "logEvents": [{
            "id": "38215674021983456120934871203984561029384756102938475610",
            "timestamp": time.as_millisecond(),
            "message": line,
        }],
    });
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(message.to_string().as_bytes())?;
    Ok(BASE64.encode(&encoder.finish()?))
}
