//! The filters of operations that describe: all of them must hold, and of each any of its values, `*` and `?` included.

use rolecall_store::records::Tag;
use rolecall_wire::ec2::Filter;

use crate::error::Ec2Error;

/// The filters of one request.
pub(crate) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// The filters, whose names must be among those that the operation knows; every operation knows those for tags.
    pub(crate) fn read(filters: Option<Vec<Filter>>, known: &[&str]) -> Result<Self, Ec2Error> {
        let mut read = Vec::new();
        for filter in filters.unwrap_or_default() {
            let name = filter.name.unwrap_or_default();
            if !known.contains(&name.as_str()) && name != "tag-key" && !name.starts_with("tag:") {
                return Err(Ec2Error::InvalidParameterValue(format!("The filter '{name}' is invalid")));
            }
            read.push((name, filter.values.unwrap_or_default()));
        }
        Ok(Filters(read))
    }

    /// Whether a record passes: `facts` gives its values for a filter's name.
    pub(crate) fn pass(&self, tags: &[Tag], facts: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let found = match name.strip_prefix("tag:") {
                Some(key) => tags.iter().filter(|tag| tag.key == key).map(|tag| tag.value.clone()).collect(),
                None if name == "tag-key" => tags.iter().map(|tag| tag.key.clone()).collect(),
                None => facts(name),
            };
            found
                .iter()
                .any(|value| wanted.iter().any(|pattern| is_like(pattern.as_bytes(), value.as_bytes())))
        })
    }
}

/// Whether the text is like the pattern, in which `*` stands for anything, `?` for one character, and a backslash takes
/// either of them literally.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from, mut retry) = (0, 0, None);
    while from < text.len() {
        match (pattern.get(at), pattern.get(at + 1)) {
            (Some(b'*'), _) => {
                retry = Some((at, from));
                at += 1;
            }
            (Some(b'\\'), Some(literal)) if text.get(from) == Some(literal) => {
                (at, from) = (at + 2, from + 1)
            }
            (Some(b'?'), _) => (at, from) = (at + 1, from + 1),
            (Some(byte), _) if *byte != b'\\' && text.get(from) == Some(byte) => {
                (at, from) = (at + 1, from + 1)
            }
            _ => match retry {
                // The last star takes one character more.
                Some((star, start)) => {
                    retry = Some((star, start + 1));
                    (at, from) = (star + 1, start + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn patterns_match_whole_values() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("AWS Lambda VPC ENI*", "AWS Lambda VPC ENI-f-1", true),
            ("*b*d", "abcbd", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("*", "", true),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(is_like(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
