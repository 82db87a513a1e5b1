//! Wildcards: every place that knows `*` and `?` against a table of which beginnings match, which cannot be wrong in
//! the ways in which a matcher that looks ahead can be.
//!
//! An input is a pattern and a text with the byte 0x1E between them.

use rolecall_policy::{Context, Layers, Policy, PolicyKind, PolicySource, Principal, Request, decide};
use serde_json::{Value, json};

/// What an ARN begins with whose last component is the pattern.
const ARN: &str = "arn:aws:test:::";

pub(crate) fn check(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let Some((pattern, text)) = input.split_once('\u{1e}') else { return };
    if pattern.len() > 256 || text.len() > 256 {
        return;
    }
    let expected = fits(pattern, text);
    let like = json!({ "StringLike": { "test:Key": pattern } });
    assert_eq!(
        allows(&json!("*"), "*", &like, "a:B", "*", text),
        expected,
        "StringLike {pattern:?} {text:?}"
    );
    // The letter before both keeps the actions out that need no permission.
    let (action, asked) = (format!("t{pattern}"), format!("t{text}"));
    let folded = fits(&action.to_ascii_lowercase(), &asked.to_ascii_lowercase());
    assert_eq!(
        allows(&json!(action), "*", &json!({}), &asked, "*", ""),
        folded,
        "Action {action:?} {asked:?}"
    );
    let (pattern, text) = (format!("{ARN}{pattern}"), format!("{ARN}{text}"));
    assert_eq!(
        allows(&json!("*"), &pattern, &json!({}), "a:B", &text, ""),
        expected,
        "Resource {pattern:?} {text:?}"
    );
    let like = json!({ "ArnLike": { "test:Key": pattern } });
    assert_eq!(allows(&json!("*"), "*", &like, "a:B", "*", &text), expected, "ArnLike {pattern:?} {text:?}");
}

/// Whether a policy without variables, with one statement, allows.
fn allows(
    action: &Value,
    resource: &str,
    condition: &Value,
    asked: &str,
    asked_resource: &str,
    key: &str,
) -> bool {
    let document = json!({
        "Version": "2008-10-17",
        "Statement": { "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition },
    });
    let source = PolicySource::inline("identity");
    let policy = Policy::compile(PolicyKind::Identity, source, &document.to_string()).unwrap();
    let context: Context = [("test:Key", key)].into_iter().collect();
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAAAAAAAAAAAAAAAAA").unwrap();
    let request = Request {
        principal: &principal,
        action: asked,
        resource: asked_resource,
        resource_account: principal.account(),
        context: &context,
    };
    decide(&request, &Layers { identity: &[policy.into()], ..Layers::default() }).is_allowed()
}

/// Whether the text matches, by the table: `row[n]` says whether the pattern so far matches the first `n` units.
fn fits(pattern: &str, text: &str) -> bool {
    let text: Vec<u16> = text.encode_utf16().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for unit in pattern.encode_utf16() {
        let before = row.clone();
        row[0] = before[0] && unit == u16::from(b'*');
        for length in 1..row.len() {
            row[length] = match unit {
                0x2a => before[length] || row[length - 1],
                0x3f => before[length - 1],
                unit => before[length - 1] && text[length - 1] == unit,
            };
        }
    }
    row[text.len()]
}
