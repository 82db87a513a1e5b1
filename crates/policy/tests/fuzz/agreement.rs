//! The engine with and without index against the reference evaluator, on one request.

use serde_json::Value;

use crate::scenario::{Asked, Prepared, as_case};
use crate::shrink::shrink;

/// The reference tries every split of a text at each `*`; beyond this many in one pattern it does not come to an end.
const STARS: usize = 4;

/// Longer texts are left out for the same reason.
const LENGTH: usize = 400;

/// Whether the reference can be asked and answers in reasonable time.
pub(crate) fn is_askable(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let stars = text.bytes().filter(|byte| *byte == b'*').count();
            text.len() <= LENGTH && stars <= STARS
        }
        Value::Array(elements) => elements.iter().all(is_askable),
        Value::Object(members) => members.values().all(is_askable),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Fails with the case, taken down to what its difference needs, when the three answers are not one.
pub(crate) fn assert_agreement(policies: &Value, asked: &Asked) {
    let prepared = Prepared::new(policies, asked);
    prepared.tell(asked);
    if prepared.answers(asked).agree() {
        return;
    }
    let (policies, asked) = shrink(policies, asked);
    let answers = Prepared::new(&policies, &asked).answers(&asked);
    assert!(
        answers.agree(),
        "the evaluators differ\nreference: {:?}\nengine: {:?}\nwithout index: {:?}\n{}",
        answers.reference,
        answers.engine,
        answers.engine_without_index,
        as_case(&policies, &asked, &answers.reference)
    );
}
