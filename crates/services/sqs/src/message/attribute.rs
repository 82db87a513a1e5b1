//! Message attributes: what is taken for one, and the digest by which clients see that none was changed.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use md5::{Digest, Md5};
use rolecall_store::records::sqs::{AttributeValue, MessageAttribute};
use rolecall_wire::sqs::MessageAttributeValue;

use crate::error::SqsError;

/// How many attributes a message has at most.
const MAX_ATTRIBUTES: usize = 10;
/// The longest name.
const MAX_NAME: usize = 256;
/// The types, of which each may have a label after a dot.
const TYPES: [&str; 3] = ["String", "Number", "Binary"];

/// Reads the attributes of a message.
pub(crate) fn read(
    given: BTreeMap<String, MessageAttributeValue>,
) -> Result<BTreeMap<String, MessageAttribute>, SqsError> {
    if given.len() > MAX_ATTRIBUTES {
        return Err(SqsError::Parameter(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MAX_ATTRIBUTES}].",
            given.len()
        )));
    }
    let read = |(name, value): (String, MessageAttributeValue)| {
        check_name(&name)?;
        let attribute = read_one(&name, value)?;
        Ok((name, attribute))
    };
    given.into_iter().map(read).collect()
}

fn check_name(name: &str) -> Result<(), SqsError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let lower = name.to_ascii_lowercase();
    let is_free = !["aws.", "amazon."].iter().any(|reserved| lower.starts_with(reserved));
    let is_well_dotted = !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    if (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal) && is_free && is_well_dotted {
        return Ok(());
    }
    Err(SqsError::Parameter(format!("The message attribute name '{name}' is invalid.")))
}

fn read_one(name: &str, given: MessageAttributeValue) -> Result<MessageAttribute, SqsError> {
    let data_type = given.data_type;
    let kind = data_type.split('.').next().unwrap_or_default();
    if !TYPES.contains(&kind) || data_type.len() > MAX_NAME {
        return Err(SqsError::Parameter(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes \
             is Binary, Number, and String."
        )));
    }
    let empty = || {
        SqsError::Parameter(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{kind}'."
        ))
    };
    let value = if kind == "Binary" {
        let bytes = given.binary_value.filter(|bytes| !bytes.is_empty()).ok_or_else(empty)?;
        AttributeValue::Binary(BASE64.encode(&bytes))
    } else {
        let text = given.string_value.filter(|text| !text.is_empty()).ok_or_else(empty)?;
        if kind == "Number" && text.parse::<f64>().is_err() {
            let words = format!("Can't cast the value of message (user) attribute '{name}' to a number.");
            return Err(SqsError::Parameter(words));
        }
        super::outgoing::check_characters(&text)?;
        AttributeValue::Text(text)
    };
    Ok(MessageAttribute { data_type, value })
}

/// The bytes that the attribute counts in the size of its message.
pub(crate) fn size((name, attribute): (&String, &MessageAttribute)) -> usize {
    name.len() + attribute.data_type.len() + bytes(&attribute.value).len()
}

/// The value's bytes.
fn bytes(value: &AttributeValue) -> Vec<u8> {
    match value {
        AttributeValue::Text(text) => text.as_bytes().to_vec(),
        AttributeValue::Binary(base64) => BASE64.decode(base64.as_bytes()).unwrap_or_default(),
    }
}

/// The attribute as a receiver sees it.
pub(crate) fn shown(attribute: &MessageAttribute) -> MessageAttributeValue {
    let mut shown =
        MessageAttributeValue { data_type: attribute.data_type.clone(), ..MessageAttributeValue::default() };
    match &attribute.value {
        AttributeValue::Text(text) => shown.string_value = Some(text.clone()),
        binary @ AttributeValue::Binary(_) => shown.binary_value = Some(bytes(binary).into()),
    }
    shown
}

/// The digest of a text as SQS writes it.
pub(crate) fn md5_of_text(text: &str) -> String {
    HEXLOWER.encode(&Md5::digest(text))
}

/// The digest of attributes (message metadata in the SQS developer guide): of each, in the order of their names, the
/// name, the type, a byte for the kind of value, and the value, each but the byte after its length. None where there
/// are no attributes.
pub(crate) fn md5<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a MessageAttribute)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    for (name, attribute) in attributes {
        any = true;
        add(&mut digest, name.as_bytes());
        add(&mut digest, attribute.data_type.as_bytes());
        digest.update(match attribute.value {
            AttributeValue::Text(_) => [1_u8],
            AttributeValue::Binary(_) => [2],
        });
        add(&mut digest, &bytes(&attribute.value));
    }
    any.then(|| HEXLOWER.encode(&digest.finalize()))
}

fn add(digest: &mut Md5, part: &[u8]) {
    digest.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> MessageAttributeValue {
        MessageAttributeValue {
            data_type: data_type.to_owned(),
            string_value: Some(value.to_owned()),
            ..MessageAttributeValue::default()
        }
    }

    /// The digests are AWS's own answers.
    #[test]
    fn the_digest_is_the_one_that_aws_answers() {
        let pairs = [("General", "Kenobi"), ("Hello", "There"), ("Help.Me", "Me")];
        let given = pairs.map(|(name, value)| (name.to_owned(), text("String", value)));
        let attributes = read(given.into()).unwrap();
        assert_eq!(md5(&attributes).as_deref(), Some("4c360f3fdafd970e05fae2f149d997f5"));
        let two = attributes.iter().filter(|(name, _)| *name != "Help.Me");
        assert_eq!(md5(two).as_deref(), Some("fca026605781cb4126a1e9044df24232"));
        assert_eq!(md5(&BTreeMap::new()), None);
        let parent = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let binary = MessageAttributeValue {
            data_type: "Binary".to_owned(),
            binary_value: Some(parent.to_vec().into()),
            ..MessageAttributeValue::default()
        };
        let attributes = read([("attr1".to_owned(), binary)].into()).unwrap();
        assert_eq!(md5(&attributes).as_deref(), Some("8cbe4db156db8a94db8b801b7addb984"));
    }

    #[test]
    fn what_is_no_attribute_is_refused_by_name() {
        for (name, attribute, words) in [
            ("a b", text("String", "x"), "The message attribute name 'a b' is invalid."),
            ("AWS.x", text("String", "x"), "The message attribute name 'AWS.x' is invalid."),
            (
                "a",
                text("Text", "x"),
                "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes \
                 is Binary, Number, and String.",
            ),
            (
                "a",
                text("String.label", ""),
                "The message attribute 'a' must contain non-empty message attribute value for message attribute type \
                 'String'.",
            ),
            ("a", text("Number", "x"), "Can't cast the value of message (user) attribute 'a' to a number."),
        ] {
            let refused = read([(name.to_owned(), attribute)].into()).unwrap_err();
            assert_eq!(refused.to_string(), words);
        }
    }
}
