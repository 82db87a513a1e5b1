//! Emits how an operation is recognised in a request.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::emit::{literal, option};

/// The `Route` expression of an operation.
pub fn route(operation: &Value) -> Result<String> {
    let method = operation["http"]["method"].as_str().context("no method")?;
    let uri = operation["http"]["requestUri"].as_str().context("no requestUri")?;
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let segments = path.trim_matches('/').split('/').filter(|segment| !segment.is_empty()).map(segment);
    let segments = segments.collect::<Result<Vec<_>>>()?.join(", ");
    let keys: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(key).collect();
    let mut text = format!("Route::new({}, &[{segments}])", literal(method));
    if !keys.is_empty() {
        text += &format!(".keys(&[{}])", keys.join(", "));
    }
    let required = names(operation, "query");
    if !required.is_empty() {
        text += &format!(
            ".requires(&[{}])",
            required.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ")
        );
    }
    // Of all required headers this one tells operations apart; the others are the caller's mistake when they lack.
    if names(operation, "headers").contains(&"x-amz-copy-source") {
        text += ".copies()";
    }
    if operation["deprecated"] == true {
        text += ".deprecated()";
    }
    Ok(text)
}

fn names<'a>(operation: &'a Value, place: &str) -> Vec<&'a str> {
    operation["requires"][place].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn segment(text: &str) -> Result<String> {
    Ok(match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(label) => match label.strip_suffix('+') {
            Some(greedy) => format!("Segment::Rest({})", literal(greedy)),
            None => format!("Segment::Label({})", literal(label)),
        },
        None if text.contains(['{', '}']) => bail!("a label inside the segment {text}"),
        None => format!("Segment::Literal({})", literal(text)),
    })
}

fn key(pair: &str) -> String {
    let (key, value) = pair.split_once('=').map_or((pair, None), |(key, value)| (key, Some(value)));
    format!("({}, {})", literal(key), option(value))
}
