//! Condition values: every operator with values that the fuzzer writes, on both sides.
//!
//! An input is a byte for the operator, a byte of flags, the values of the policy, the byte 0x1E, and the values of the
//! request. Values have the byte 0x1F between them.

use rolecall_policy::{Context, ContextValue, Principal};
use serde_json::{Value, json};

use crate::agreement::{assert_agreement, is_askable};
use crate::scenario::Asked;
use crate::words::{self, Family};

/// What the operators compare; `Null`, which compares nothing, comes beside them.
const FAMILIES: [Family; 7] =
    [Family::Text, Family::Number, Family::Date, Family::Bool, Family::Bytes, Family::Address, Family::Arn];

pub(crate) fn check(input: &[u8]) {
    let [operator, flags, values @ ..] = input else { return };
    let values = String::from_utf8_lossy(values);
    let (written, requested) = values.split_once('\u{1e}').unwrap_or((&values, ""));
    let document = document(&operator_name(*operator, *flags), *flags, &list(written));
    let requested = list(requested);
    if !is_askable(&document) || requested.iter().any(|value| value.len() > 300) {
        return;
    }
    let allow_all = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let is_deny = document["Statement"]["Effect"] == "Deny";
    let identity = if is_deny { json!([allow_all, document]) } else { json!([document]) };
    assert_agreement(&json!({ "identityPolicies": identity }), &asked(*flags, requested));
}

/// The values of one side.
fn list(text: &str) -> Vec<String> {
    text.split('\u{1f}').map(str::to_owned).collect()
}

fn operator_name(operator: u8, flags: u8) -> String {
    let names: Vec<&str> =
        FAMILIES.iter().flat_map(|family| words::operators(*family)).copied().chain(["Null"]).collect();
    let base = names[usize::from(operator) % names.len()];
    let set = ["", "", "ForAllValues:", "ForAnyValue:"][usize::from(flags & 3)];
    let suffix = if flags & 4 != 0 && base != "Null" { "IfExists" } else { "" };
    format!("{set}{base}{suffix}")
}

fn document(operator: &str, flags: u8, values: &[String]) -> Value {
    let effect = if flags & 8 != 0 { "Deny" } else { "Allow" };
    let version = if flags & 16 != 0 { "2008-10-17" } else { "2012-10-17" };
    json!({
        "Version": version,
        "Statement": {
            "Effect": effect,
            "Action": "*",
            "Resource": "*",
            "Condition": { operator: { "test:Key": values } },
        },
    })
}

/// A user with a tag that looks like a pattern and with the key that is asked about, or without it.
fn asked(flags: u8, requested: Vec<String>) -> Asked {
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAAAAAAAAAAAAAAAAA").unwrap();
    let mut context: Context = [("aws:PrincipalTag/team", "r*d")].into_iter().collect();
    context.set("aws:TagKeys", vec!["team".to_owned()]);
    principal.add_context_keys(&mut context);
    match (flags & 32 != 0, requested) {
        (true, values) => context.set("test:Key", ContextValue::Many(values)),
        (false, mut values) if values.len() == 1 => context.set("test:Key", values.remove(0)),
        // More than one value for a key with one: the key is not there.
        _ => {}
    }
    Asked {
        principal,
        action: "lambda:InvokeFunction".to_owned(),
        resource: "arn:aws:lambda:us-east-1:111122223333:function:orders".to_owned(),
        resource_account: None,
        context,
    }
}
