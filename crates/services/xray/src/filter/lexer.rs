//! From the text of a filter expression to its words.

use crate::error::XRayError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A keyword, with dots and with the key of an annotation in it: `http.url`, `annotation.key`.
    Word(String),
    Text(String),
    Number(f64),
    /// One of `= != < <= > >= ! ( ) { } [ ] : ,`.
    Sign(&'static str),
}

/// The longer of two signs that begin alike comes first.
const SIGNS: [&str; 14] = ["!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "{", "}", ":", ",", "["];

/// The words of an expression, in order.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, XRayError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, after) = next(rest)?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn next(rest: &str) -> Result<(Token, &str), XRayError> {
    if let Some(inner) = rest.strip_prefix('"') {
        let (text, after) = inner
            .split_once('"')
            .ok_or_else(|| XRayError::invalid("Invalid filter expression: unclosed string"))?;
        return Ok((Token::Text(text.to_owned()), after));
    }
    if let Some(key) = rest.strip_prefix(']') {
        return Ok((Token::Sign("]"), key));
    }
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Ok((Token::Sign(sign), rest.get(sign.len()..).unwrap_or_default()));
    }
    let is_part = |character: char| character.is_alphanumeric() || "._-$".contains(character);
    let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    if word.is_empty() {
        let unknown: String = rest.chars().take(1).flat_map(char::escape_default).collect();
        return Err(XRayError::invalid(format!("Invalid filter expression: unexpected '{unknown}'")));
    }
    let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
    Ok((number.map_or_else(|| Token::Word(word.to_owned()), Token::Number), after))
}
