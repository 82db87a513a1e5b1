//! Documents that no policy is: elements that do not exist or are in the wrong case, and members written twice. Both
//! evaluators must refuse the same ones, and then deny.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Makes a statement that no policy has.
pub(crate) fn statement(random: &mut Random, statement: &mut Value) {
    match random.below(11) {
        0 => statement["Effect"] = "allow".into(),
        1 => statement["Actions"] = "*".into(),
        2 => (statement["Action"], statement["NotAction"]) = ("*".into(), "*".into()),
        3 => *statement = "Allow".into(),
        4 => statement["Condition"] = json!({ "StringEquals": ["aws:username", "ana"] }),
        5..=7 => rename(random, statement),
        8 => statement["Principal"] = json!({ random.pick(&["aws", "service", "Everyone"]).to_owned(): "*" }),
        9 => statement["Comment"] = Value::Null,
        // In a trust policy there is no room for it.
        _ => statement["Resource"] = "*".into(),
    }
}

/// Makes a document that is no policy. One with a member twice is a text, as a value cannot hold it.
pub(crate) fn document(random: &mut Random, mut document: Value) -> Value {
    match random.below(6) {
        0 => rename(random, &mut document),
        1 => document["Comment"] = "none".into(),
        2 => document["Version"] = "2012-10-18".into(),
        _ => {
            let mut nth = random.below(objects(&document));
            return written(&document, &mut nth).into();
        }
    }
    document
}

/// Writes one element in another case.
fn rename(random: &mut Random, value: &mut Value) {
    let Value::Object(members) = value else { return };
    let at = random.below(members.len());
    let lower = random.chance(50);
    let renamed = std::mem::take(members).into_iter().enumerate().map(|(number, (name, member))| {
        let other = if lower { name.to_ascii_lowercase() } else { name.to_ascii_uppercase() };
        (if number == at { other } else { name }, member)
    });
    *members = renamed.collect::<Map<_, _>>();
}

/// How many objects there are with a member that could be written twice.
fn objects(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            usize::from(!members.is_empty()) + members.values().map(objects).sum::<usize>()
        }
        Value::Array(elements) => elements.iter().map(objects).sum(),
        _ => 0,
    }
}

/// The value as text, with the first member of the `nth` object twice.
fn written(value: &Value, nth: &mut usize) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let is_it = *nth == 0;
            *nth = nth.wrapping_sub(1);
            let mut parts: Vec<String> = members
                .iter()
                .map(|(name, member)| format!("{}:{}", Value::from(name.as_str()), written(member, nth)))
                .collect();
            if is_it {
                parts.push(parts[0].clone());
            }
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(elements) => {
            let parts: Vec<String> = elements.iter().map(|element| written(element, nth)).collect();
            format!("[{}]", parts.join(","))
        }
        other => other.to_string(),
    }
}
