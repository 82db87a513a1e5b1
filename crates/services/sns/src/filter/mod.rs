//! Filter policies: which messages a subscription wants, by their attributes (subscription filter policies in the SNS
//! developer guide).
//!
//! A message passes if for every name in the policy one of its conditions holds. Refusals are in AWS's words without
//! the place in the text, which AWS's JSON parser adds.

mod condition;
mod numeric;

use std::collections::BTreeMap;

use rolecall_store::records::sqs::{AttributeValue, MessageAttribute};
use serde_json::Value;

use crate::error::SnsError;
use crate::filter::condition::Condition;

/// How many names a policy has at most.
const MAX_NAMES: usize = 5;
/// How many conditions a policy combines at most, multiplied over its names.
const MAX_COMBINATIONS: usize = 150;
/// The most bytes of a policy.
const MAX_BYTES: usize = 256 * 1024;

/// A filter policy, read.
#[derive(Debug)]
pub(crate) struct Filter(Vec<(String, Vec<Condition>)>);

impl Filter {
    /// Reads a policy.
    pub(crate) fn parse(text: &str) -> Result<Self, SnsError> {
        if text.len() > MAX_BYTES {
            return Err(invalid("Filter policy is too complex"));
        }
        let policy: Value = serde_json::from_str(text).map_err(|_| invalid("failed to parse JSON."))?;
        let policy = policy.as_object().ok_or_else(|| invalid("failed to parse JSON."))?;
        if policy.contains_key("$or") {
            return Err(SnsError::NotBuilt("The filter policy operator $or".to_owned()));
        }
        if policy.len() > MAX_NAMES {
            return Err(invalid("Filter policy can not have more than 5 keys"));
        }
        let names: Vec<_> = policy.iter().map(read_name).collect::<Result<_, _>>()?;
        let counts = names.iter().map(|(_, conditions)| conditions.len());
        if counts.fold(1, usize::saturating_mul) > MAX_COMBINATIONS {
            return Err(invalid("Filter policy is too complex"));
        }
        Ok(Filter(names))
    }

    /// Whether a message with these attributes passes.
    pub(crate) fn passes(&self, attributes: &BTreeMap<String, MessageAttribute>) -> bool {
        self.0.iter().all(|(name, conditions)| match attributes.get(name).and_then(values) {
            Some(values) => conditions.iter().any(|condition| condition.holds(&values)),
            None => conditions.iter().any(|condition| condition.holds_without(!attributes.is_empty())),
        })
    }
}

fn read_name((name, conditions): (&String, &Value)) -> Result<(String, Vec<Condition>), SnsError> {
    let no_list = |name: &str| invalid(&format!("\"{name}\" must be an object or an array"));
    let conditions = match conditions {
        Value::Array(conditions) if !conditions.is_empty() => conditions,
        Value::Array(_) => return Err(invalid("Empty arrays are not allowed")),
        // AWS reads what is nested before it says that it takes nothing nested here.
        Value::Object(nested) => {
            let plain = nested.iter().find(|(_, value)| !value.is_object() && !value.is_array());
            return Err(plain.map_or_else(nested_policy, |(name, _)| no_list(name)));
        }
        _ => return Err(no_list(name)),
    };
    Ok((name.clone(), conditions.iter().map(Condition::read).collect::<Result<_, _>>()?))
}

fn nested_policy() -> SnsError {
    SnsError::parameter("Filter policy scope MessageAttributes does not support nested filter policy")
}

/// `Invalid parameter: FilterPolicy: REASON`
fn invalid(reason: &str) -> SnsError {
    SnsError::parameter(format!("FilterPolicy: {reason}"))
}

/// The values of an attribute, of which `String.Array` has many. Policies do not see binary ones at all.
fn values(attribute: &MessageAttribute) -> Option<Vec<Value>> {
    let AttributeValue::Text(text) = &attribute.value else { return None };
    Some(match attribute.data_type.as_str() {
        "String.Array" => serde_json::from_str(text).unwrap_or_default(),
        kind if kind.starts_with("Number") => serde_json::from_str(text).into_iter().collect(),
        _ => vec![Value::String(text.clone())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(data_type: &str, value: &str) -> MessageAttribute {
        MessageAttribute { data_type: data_type.to_owned(), value: AttributeValue::Text(value.to_owned()) }
    }

    /// The conditions on `a`, the attribute `a` as type and value, and whether the message passes. Another attribute is
    /// always there.
    #[test]
    fn each_condition_takes_what_it_says() {
        for (conditions, given, expected) in [
            (r#"["red"]"#, Some(("String", "red")), true),
            (r#"["red"]"#, Some(("String", "Red")), false),
            (r#"["red"]"#, None, false),
            (r#"["blue","red"]"#, Some(("String", "red")), true),
            (r#"[{"prefix":"re"}]"#, Some(("String", "red")), true),
            (r#"[{"prefix":"re"}]"#, Some(("String", "bred")), false),
            (r#"[{"suffix":"ed"}]"#, Some(("String", "red")), true),
            (r#"[{"suffix":"ed"}]"#, Some(("String", "reds")), false),
            (r#"[{"equals-ignore-case":"RED"}]"#, Some(("String", "red")), true),
            (r#"[{"equals-ignore-case":"RED"}]"#, Some(("String", "reds")), false),
            (r#"[{"anything-but":["red","blue"]}]"#, Some(("String", "green")), true),
            (r#"[{"anything-but":"red"}]"#, Some(("String", "red")), false),
            (r#"[{"anything-but":"red"}]"#, None, false),
            (r#"[{"anything-but":[100,500]}]"#, Some(("Number", "101")), true),
            (r#"[{"anything-but":[100,500]}]"#, Some(("Number", "100")), false),
            (r#"[{"anything-but":{"prefix":"r"}}]"#, Some(("String", "red")), false),
            (r#"[{"anything-but":{"prefix":"r"}}]"#, Some(("String", "blue")), true),
            (r#"[100]"#, Some(("Number", "100.0")), true),
            (r#"["100"]"#, Some(("Number", "100")), false),
            (r#"[{"numeric":[">",0,"<=",100]}]"#, Some(("Number", "100")), true),
            (r#"[{"numeric":[">",0,"<=",100]}]"#, Some(("Number", "0")), false),
            (r#"[{"numeric":["=",1]}]"#, Some(("String", "1")), false),
            (r#"[{"exists":true}]"#, Some(("String", "red")), true),
            (r#"[{"exists":true}]"#, None, false),
            (r#"[{"exists":false}]"#, None, true),
            (r#"[{"exists":false}]"#, Some(("String", "red")), false),
            (r#"[null]"#, None, true),
            (r#"["b"]"#, Some(("String.Array", r#"["a","b"]"#)), true),
            (r#"[true]"#, Some(("String.Array", r#"[true]"#)), true),
            // One value that is none of those is enough.
            (r#"[{"anything-but":"b"}]"#, Some(("String.Array", r#"["a","b"]"#)), true),
            (r#"[{"anything-but":"b"}]"#, Some(("String.Array", r#"["b"]"#)), false),
        ] {
            let filter = Filter::parse(&format!(r#"{{"a":{conditions}}}"#)).unwrap();
            let mut attributes = BTreeMap::from([("other".to_owned(), attribute("String", "x"))]);
            attributes.extend(given.map(|(kind, value)| ("a".to_owned(), attribute(kind, value))));
            assert_eq!(filter.passes(&attributes), expected, "{conditions} {given:?}");
        }
    }

    #[test]
    fn a_binary_attribute_is_not_seen_and_absence_needs_another_attribute() {
        let binary = MessageAttribute {
            data_type: "Binary".to_owned(),
            value: AttributeValue::Binary("AA==".to_owned()),
        };
        let with_binary = BTreeMap::from([("a".to_owned(), binary)]);
        assert!(!Filter::parse(r#"{"a":[{"exists":true}]}"#).unwrap().passes(&with_binary));
        let absent = Filter::parse(r#"{"a":[{"exists":false}]}"#).unwrap();
        assert!(absent.passes(&with_binary));
        assert!(!absent.passes(&BTreeMap::new()));
    }

    #[test]
    fn every_name_has_to_pass() {
        let filter = Filter::parse(r#"{"a":["x"],"b":["y"]}"#).unwrap();
        let both =
            [("a", "x"), ("b", "y")].map(|(name, value)| (name.to_owned(), attribute("String", value)));
        assert!(filter.passes(&both.clone().into()));
        assert!(!filter.passes(&both.into_iter().take(1).collect()));
    }

    #[test]
    fn what_is_no_policy_is_refused_in_awss_words() {
        let many = |count: usize| vec!["1"; count].join(",");
        for (policy, words) in [
            ("[]", "FilterPolicy: failed to parse JSON."),
            ("{invalid}", "FilterPolicy: failed to parse JSON."),
            (r#"{"key":"x"}"#, r#"FilterPolicy: "key" must be an object or an array"#),
            (r#"{"key":{"suffix":"value"}}"#, r#"FilterPolicy: "suffix" must be an object or an array"#),
            (
                r#"{"object":{"key":[{"prefix":"auto-"}]}}"#,
                "Filter policy scope MessageAttributes does not support nested filter policy",
            ),
            (
                r#"{"key":[["value"]]}"#,
                "FilterPolicy: Match value must be String, number, true, false, or null",
            ),
            (r#"{"key":[{"wrong":true}]}"#, "FilterPolicy: Unrecognized match type wrong"),
            (
                r#"{"key":[{"suffix":"a","prefix":"b"}]}"#,
                "FilterPolicy: Only one key allowed in match expression",
            ),
            (r#"{"key":[{"suffix":100}]}"#, "FilterPolicy: suffix match pattern must be a string"),
            (
                r#"{"key":[{"exists":"no"}]}"#,
                "FilterPolicy: exists match pattern must be either true or false.",
            ),
            (
                r#"{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}"#,
                "FilterPolicy: Filter policy can not have more than 5 keys",
            ),
            (&format!(r#"{{"a":[{}]}}"#, many(151)), "FilterPolicy: Filter policy is too complex"),
            (
                &format!(r#"{{"a":[{}],"b":[{}]}}"#, many(15), many(11)),
                "FilterPolicy: Filter policy is too complex",
            ),
            (
                r#"{"a":[{"cidr":"10.0.0.0/8"}]}"#,
                "The filter policy operator cidr is not supported by this server.",
            ),
            (
                r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#,
                "The filter policy operator $or is not supported by this server.",
            ),
        ] {
            let refused = Filter::parse(policy).unwrap_err().to_string();
            assert_eq!(refused, format!("Invalid parameter: {words}"), "{policy}");
        }
        assert!(Filter::parse(&format!(r#"{{"a":[{}]}}"#, many(150))).is_ok());
    }
}
