//! Message attributes: what is taken for one. The refusals are AWS's words.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use rolecall_store::records::sqs::{AttributeValue, MessageAttribute};
use rolecall_wire::sns::MessageAttributeValue;

use crate::error::SnsError;

/// The longest name in bytes.
const MAX_NAME: usize = 256;

/// Reads the attributes of a message.
pub(crate) fn read(
    given: BTreeMap<String, MessageAttributeValue>,
) -> Result<BTreeMap<String, MessageAttribute>, SnsError> {
    let read = |(name, value): (String, MessageAttributeValue)| {
        check_name(&name)?;
        let attribute = read_one(&name, value)?;
        Ok((name, attribute))
    };
    given.into_iter().map(read).collect()
}

fn check_name(name: &str) -> Result<(), SnsError> {
    let refuse = |words: String| Err(SnsError::Value(words));
    if name.is_empty() || name.len() > MAX_NAME {
        return refuse(format!("Length of message attribute name must be less than {MAX_NAME} bytes."));
    }
    let is_legal = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if let Some(character) = name.chars().find(|character| !is_legal(*character)) {
        return refuse(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(character)
        ));
    }
    for (is_wrong, place) in [(name.starts_with('.'), "starting"), (name.ends_with('.'), "ending")] {
        if is_wrong {
            return refuse(format!("Invalid message attribute name {place} with character '.' was found."));
        }
    }
    if name.contains("..") {
        return refuse("Message attribute name can not have successive '.' character.".to_owned());
    }
    Ok(())
}

fn read_one(name: &str, given: MessageAttributeValue) -> Result<MessageAttribute, SnsError> {
    let MessageAttributeValue { data_type, string_value, binary_value } = given;
    let kind = data_type.split('.').next().unwrap_or_default();
    let text = string_value.filter(|text| !text.is_empty());
    let bytes = binary_value.filter(|bytes| !bytes.is_empty());
    let value = match (kind, text, bytes) {
        ("Binary", None, Some(bytes)) => AttributeValue::Binary(BASE64.encode(&bytes)),
        ("String" | "Number", Some(text), None) => AttributeValue::Text(text),
        ("Binary" | "String" | "Number", None, None) => {
            return Err(SnsError::Value(format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
                 type '{kind}'."
            )));
        }
        ("Binary" | "String" | "Number", ..) => {
            let field = if kind == "Binary" { "Binary" } else { "String" };
            return Err(SnsError::Value(format!(
                "The message attribute '{name}' with type '{kind}' must use field '{field}'."
            )));
        }
        _ => {
            return Err(SnsError::Value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            )));
        }
    };
    Ok(MessageAttribute { data_type, value })
}

/// The bytes that the attribute counts in the size of its message: its name, its type and its value.
pub(crate) fn size((name, attribute): (&String, &MessageAttribute)) -> usize {
    let value = match &attribute.value {
        AttributeValue::Text(text) => text.len(),
        AttributeValue::Binary(base64) => {
            base64.len() / 4 * 3 - base64.bytes().filter(|byte| *byte == b'=').count()
        }
    };
    name.len() + attribute.data_type.len() + value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(data_type: &str, text: Option<&str>, bytes: Option<&[u8]>) -> MessageAttributeValue {
        MessageAttributeValue {
            data_type: data_type.to_owned(),
            string_value: text.map(str::to_owned),
            binary_value: bytes.map(|bytes| bytes.to_vec().into()),
        }
    }

    /// The words were recorded from AWS.
    #[test]
    fn what_is_no_attribute_is_refused_in_awss_words() {
        let long = "a".repeat(257);
        let text = || value("String", Some("x"), None);
        for (name, given, words) in [
            (long.as_str(), text(), "Length of message attribute name must be less than 256 bytes."),
            (
                "a^b",
                text(),
                "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include \
                 alphanumeric characters, hyphens, underscores, or dots.",
            ),
            (".a", text(), "Invalid message attribute name starting with character '.' was found."),
            ("a.", text(), "Invalid message attribute name ending with character '.' was found."),
            ("a..b", text(), "Message attribute name can not have successive '.' character."),
            (
                "a",
                value("String", Some(""), None),
                "The message attribute 'a' must contain non-empty message attribute value for message attribute type \
                 'String'.",
            ),
            (
                "a",
                value("Number", None, Some(b"1")),
                "The message attribute 'a' with type 'Number' must use field 'String'.",
            ),
            (
                "a",
                value("Binary", Some("x"), None),
                "The message attribute 'a' with type 'Binary' must use field 'Binary'.",
            ),
            (
                "a",
                value("Stringprefixed", Some("x"), None),
                "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes \
                 is Binary, Number, and String.",
            ),
        ] {
            let refused = read([(name.to_owned(), given)].into()).unwrap_err();
            assert_eq!(refused, SnsError::Value(words.to_owned()));
        }
    }

    #[test]
    fn an_attribute_counts_its_name_its_type_and_its_value() {
        for (given, bytes) in [
            (value("String.label", Some("grün"), None), 1 + 12 + 5),
            (value("Binary", None, Some(b"1")), 1 + 6 + 1),
            (value("Binary", None, Some(b"12345")), 1 + 6 + 5),
        ] {
            let attributes = read([("a".to_owned(), given)].into()).unwrap();
            assert_eq!(attributes.iter().map(size).sum::<usize>(), bytes);
        }
    }
}
