//! The tags that something new gets: `TagSpecifications`.

use rolecall_store::records::Tag;
use rolecall_wire::ec2::{self as wire, TagSpecification};

use crate::error::Ec2Error;

/// How many tags a resource may have.
const MAX_TAGS: usize = 50;

/// The tags for a new resource of the kind; a specification for another kind is refused.
pub(crate) fn new_tags(
    specifications: Option<&[TagSpecification]>,
    kind: &str,
) -> Result<Vec<Tag>, Ec2Error> {
    let mut tags = Vec::new();
    for specification in specifications.unwrap_or_default() {
        let given = specification.resource_type.as_deref().unwrap_or_default();
        if given != kind {
            let text = format!("'{given}' is not a valid taggable resource type for this operation.");
            return Err(Ec2Error::InvalidParameterValue(text));
        }
        tags.extend(read_tags(specification.tags.as_deref().unwrap_or_default())?);
    }
    let repeated = tags.iter().enumerate().find(|(at, tag)| tags.iter().take(*at).any(|t| t.key == tag.key));
    if let Some((_, tag)) = repeated {
        let text = format!("Duplicate tag key '{}' specified.", tag.key);
        return Err(Ec2Error::InvalidParameterValue(text));
    }
    require_room(&tags)?;
    Ok(tags)
}

/// The tags of a request.
pub(crate) fn read_tags(tags: &[wire::Tag]) -> Result<Vec<Tag>, Ec2Error> {
    tags.iter().map(read_tag).collect()
}

fn read_tag(tag: &wire::Tag) -> Result<Tag, Ec2Error> {
    let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
    let invalid = |text: &str| Err(Ec2Error::InvalidParameterValue(text.to_owned()));
    if key.is_empty() {
        return invalid("Tag key cannot be null or empty");
    }
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return invalid("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if key.chars().count() > 127 {
        return invalid("Tag key exceeds the maximum length of 127 characters");
    }
    if value.chars().count() > 255 {
        return invalid("Tag value exceeds the maximum length of 255 characters");
    }
    Ok(Tag { key, value })
}

/// Refuses more tags than a resource may have.
pub(crate) fn require_room(tags: &[Tag]) -> Result<(), Ec2Error> {
    if tags.len() > MAX_TAGS { Err(Ec2Error::TooManyTags) } else { Ok(()) }
}

/// Tags as answers have them; none where there are none.
pub(crate) fn shown(tags: &[Tag]) -> Vec<wire::Tag> {
    tags.iter().map(|tag| wire::Tag { key: Some(tag.key.clone()), value: Some(tag.value.clone()) }).collect()
}
