//! Whole decisions: the generator of the differential test, with the fuzzer as its chance, and some of the texts
//! replaced by what the fuzzer writes.

use rolecall_policy::ContextValue;
use serde_json::Value;

use crate::agreement::{assert_agreement, is_askable};
use crate::choices::Random;
use crate::generate;
use crate::scenario::{Asked, Prepared};

/// Requests to each set of policies, as long as the input has bytes to draw them from.
const REQUESTS: usize = 20;

/// The longest text that the fuzzer writes, in bytes.
const TEXT: usize = 32;

pub(crate) fn check(input: &[u8]) {
    let mut random = Random::new(input);
    let edits: Vec<(usize, String)> =
        (0..random.below(4)).map(|_| (usize::from(random.byte()), random.text(TEXT))).collect();
    let base = generate::asked(&mut random);
    let mut policies = generate::policies(&mut random, &base);
    let mut asked = base.clone();
    for (at, text) in edits {
        overwrite(&mut policies, &mut asked, at, &text);
    }
    if !is_askable(&policies) {
        return;
    }
    let prepared = Prepared::new(&policies, &asked);
    for _ in 0..REQUESTS {
        if !prepared.answers(&asked).agree() {
            assert_agreement(&policies, &asked);
        }
        if random.is_empty() {
            return;
        }
        asked = generate::asked_near(&mut random, &base);
    }
}

/// Replaces one of the texts of the case: those of the policies first, then those of the context.
fn overwrite(policies: &mut Value, asked: &mut Asked, at: usize, text: &str) {
    let count = texts(policies).len();
    let keys: Vec<String> = asked.context.iter().map(|(key, _)| key.to_owned()).collect();
    let at = at % (count + keys.len());
    if at < count {
        *texts(policies).swap_remove(at) = text.to_owned();
    } else if let Some(key) = keys.get(at - count) {
        let value = match asked.context.get(key) {
            Some(ContextValue::Many(_)) => ContextValue::Many(vec![text.to_owned()]),
            _ => ContextValue::One(text.to_owned()),
        };
        asked.context.set(key, value);
    }
}

/// All texts in a value, in their order. `Version` and `Effect` stay: a policy without them is nothing to decide by.
fn texts(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter_mut().flat_map(texts).collect(),
        Value::Object(members) => {
            let members =
                members.iter_mut().filter(|(name, _)| !["Version", "Effect", "id"].contains(&name.as_str()));
            members.flat_map(|(_, member)| texts(member)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
