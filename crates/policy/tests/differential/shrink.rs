//! Takes away from a case what its difference does not need, so that a person can read what is left.

use serde_json::Value;

use crate::scenario::{Asked, Prepared};

/// The smallest case with a difference that taking away one thing after the other leads to.
pub(crate) fn shrink(policies: &Value, asked: &Asked) -> (Value, Asked) {
    let (mut policies, mut asked) = (policies.clone(), asked.clone());
    let original = Prepared::new(&policies, &asked);
    let (outcomes, unusable) = (original.answers(&asked).outcomes(), original.unusable());
    // The same difference has to be left, and not another one that taking away made.
    let differs = |policies: &Value, asked: &Asked| {
        let smaller = Prepared::new(policies, asked);
        let answers = smaller.answers(asked);
        !answers.agree() && answers.outcomes() == outcomes && smaller.unusable() <= unusable
    };
    loop {
        let smaller = without_one_part(&policies).into_iter().find(|smaller| differs(smaller, &asked));
        if let Some(smaller) = smaller {
            policies = smaller;
            continue;
        }
        let smaller = without_one_key(&asked).into_iter().find(|smaller| differs(&policies, smaller));
        match smaller {
            Some(smaller) => asked = smaller,
            None => return (policies, asked),
        }
    }
}

/// All values that come from taking one element or member away, biggest parts first.
fn without_one_part(value: &Value) -> Vec<Value> {
    let mut smaller = Vec::new();
    match value {
        Value::Array(elements) => {
            for at in 0..elements.len() {
                let mut fewer = elements.clone();
                fewer.remove(at);
                smaller.push(Value::Array(fewer));
            }
            for (at, element) in elements.iter().enumerate() {
                for part in without_one_part(element) {
                    let mut changed = elements.clone();
                    changed[at] = part;
                    smaller.push(Value::Array(changed));
                }
            }
        }
        Value::Object(members) => {
            for name in members.keys() {
                let mut fewer = members.clone();
                fewer.remove(name);
                smaller.push(Value::Object(fewer));
            }
            for (name, member) in members {
                for part in without_one_part(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), part);
                    smaller.push(Value::Object(changed));
                }
            }
        }
        _ => {}
    }
    smaller
}

fn without_one_key(asked: &Asked) -> Vec<Asked> {
    let keys: Vec<String> = asked.context.iter().map(|(key, _)| key.to_owned()).collect();
    keys.iter()
        .map(|key| {
            let mut smaller = asked.clone();
            smaller.context.remove(key);
            smaller
        })
        .collect()
}
