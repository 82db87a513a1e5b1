//! CreateTags, DeleteTags and DescribeTags: one way to tag everything.

use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, group_check, interface_check, subnet_check, vpc_check, with_tags};
use crate::error::Ec2Error;
use crate::filter::Filters;
use crate::interface::interfaces_of;
use crate::page::page;
use crate::security_group::groups_of;
use crate::subnet::subnets_of;
use crate::tag_specification::{read_tags, require_room};
use crate::vpc::vpcs_of;

/// What can be tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Vpc,
    Subnet,
    Group,
    Rule,
    Interface,
}

/// The resource types, by the beginnings of their ids.
const KINDS: [(&str, Kind, &str); 5] = [
    ("vpc-", Kind::Vpc, "vpc"),
    ("subnet-", Kind::Subnet, "subnet"),
    ("sg-", Kind::Group, "security-group"),
    ("sgr-", Kind::Rule, "security-group-rule"),
    ("eni-", Kind::Interface, "network-interface"),
];

impl Ec2 {
    /// CreateTags.
    pub(crate) async fn create_tags(
        &self,
        call: &Call,
        input: wire::CreateTagsRequest,
    ) -> Result<wire::CreateTagsResponse, ServiceError> {
        let place = Place::of(call)?;
        let tags = read_tags(&input.tags)?;
        let pairs = || tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let add = |check: Check<'static>| check.request_tags(pairs());
        let proof =
            self.allow_tagging(call, input.dry_run, "ec2:CreateTags", &place, &input.resources, add)?;
        let change = move |old: &mut Vec<Tag>| {
            merge_tags(old, tags.iter().cloned(), |old, new| old == new);
            require_room(old)
        };
        self.write(proof, move |state| change_all(state, &place, &input.resources, change)).await?;
        Ok(wire::CreateTagsResponse)
    }

    /// DeleteTags: of a tag with a value only that value, and without tags all.
    pub(crate) async fn delete_tags(
        &self,
        call: &Call,
        input: wire::DeleteTagsRequest,
    ) -> Result<wire::DeleteTagsResponse, ServiceError> {
        let place = Place::of(call)?;
        let gone = input.tags.unwrap_or_default();
        let keys = || gone.iter().filter_map(|tag| tag.key.clone());
        let add = |check: Check<'static>| check.key_list("aws:TagKeys", keys());
        let proof =
            self.allow_tagging(call, input.dry_run, "ec2:DeleteTags", &place, &input.resources, add)?;
        let is_gone = move |tag: &Tag| {
            gone.is_empty()
                || gone.iter().any(|gone| {
                    gone.key.as_ref() == Some(&tag.key)
                        && gone.value.as_ref().is_none_or(|value| *value == tag.value)
                })
        };
        let change = move |old: &mut Vec<Tag>| {
            old.retain(|tag| !is_gone(tag));
            Ok(())
        };
        self.write(proof, move |state| change_all(state, &place, &input.resources, change)).await?;
        Ok(wire::DeleteTagsResponse)
    }

    /// Every resource must be allowed.
    fn allow_tagging(
        &self,
        call: &Call,
        dry_run: Option<bool>,
        action: &'static str,
        place: &Place,
        ids: &[String],
        add_keys: impl Fn(Check<'static>) -> Check<'static>,
    ) -> Result<Authorized, ServiceError> {
        let state = self.platform.store.read();
        let mut checks = Vec::new();
        for id in ids {
            let (kind, name) = kind_of(id)?;
            checks.push(add_keys(match kind {
                Kind::Vpc => vpc_check(place, action, id, &state),
                Kind::Subnet => subnet_check(place, action, id, &state),
                Kind::Group => group_check(place, action, id, &state),
                Kind::Interface => interface_check(place, action, id, &state),
                Kind::Rule => {
                    let mut rules = groups_of(&state, place).flat_map(|group| &group.rules);
                    let check = place.check(action, name, id);
                    match rules.find(|rule| rule.id == *id) {
                        Some(rule) => with_tags(check, &rule.tags),
                        None => check,
                    }
                }
            }));
        }
        let mut checks = checks.into_iter();
        let first = checks.next().ok_or(Ec2Error::MissingParameter("resourceIdSet"))?;
        self.allow(call, dry_run, first, checks)
    }

    /// DescribeTags.
    pub(crate) fn describe_tags(
        &self,
        call: &Call,
        input: wire::DescribeTagsRequest,
    ) -> Result<wire::DescribeTagsResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeTags")?;
        let filters = Filters::read(input.filters, &["key", "resource-id", "resource-type", "value"])?;
        let state = self.platform.store.read();
        let mut found = Vec::new();
        for (id, tags) in all_tags(&state, &place) {
            let (_, kind) = kind_of(id)?;
            let passing = tags.iter().filter(|tag| {
                filters.pass(std::slice::from_ref(tag), |name| {
                    let value = match name {
                        "key" => &tag.key,
                        "value" => &tag.value,
                        "resource-id" => id,
                        _ => return vec![kind.to_owned()],
                    };
                    vec![value.clone()]
                })
            });
            found.extend(passing.map(|tag| (format!("{id} {}", tag.key), show(id, kind, tag))));
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (tags, next_token) = page(found, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeTagsResult { next_token, tags: Some(tags) })
    }
}

fn show(id: &str, kind: &str, tag: &Tag) -> wire::TagDescription {
    wire::TagDescription {
        key: Some(tag.key.clone()),
        resource_id: Some(id.to_owned()),
        resource_type: Some(kind.to_owned()),
        value: Some(tag.value.clone()),
    }
}

fn kind_of(id: &str) -> Result<(Kind, &'static str), Ec2Error> {
    let found = KINDS.iter().find(|(start, _, _)| id.starts_with(start));
    found.map(|(_, kind, name)| (*kind, *name)).ok_or_else(|| Ec2Error::NoTaggable(id.to_owned()))
}

/// Everything of a place that has tags.
fn all_tags<'s>(state: &'s State, place: &'s Place) -> Vec<(&'s String, &'s [Tag])> {
    let mut all: Vec<(&String, &[Tag])> = Vec::new();
    all.extend(vpcs_of(state, place).map(|vpc| (&vpc.id, &*vpc.tags)));
    all.extend(subnets_of(state, place).map(|subnet| (&subnet.id, &*subnet.tags)));
    for group in groups_of(state, place) {
        all.push((&group.id, &group.tags));
        all.extend(group.rules.iter().map(|rule| (&rule.id, &*rule.tags)));
    }
    all.extend(interfaces_of(state, place).map(|interface| (&interface.id, &*interface.tags)));
    all
}

/// Changes the tags of all resources, or of none.
fn change_all(
    state: &mut State,
    place: &Place,
    ids: &[String],
    change: impl Fn(&mut Vec<Tag>) -> Result<(), Ec2Error>,
) -> Result<(), Ec2Error> {
    ids.iter().try_for_each(|id| change_one(state, place, id, &change))
}

fn change_one(
    state: &mut State,
    place: &Place,
    id: &str,
    change: &impl Fn(&mut Vec<Tag>) -> Result<(), Ec2Error>,
) -> Result<(), Ec2Error> {
    let key = place.key(id);
    let mut result = Ok(());
    let found = match kind_of(id)?.0 {
        Kind::Vpc => state.vpcs.update(&key, |vpc| result = change(&mut vpc.tags)),
        Kind::Subnet => state.subnets.update(&key, |subnet| result = change(&mut subnet.tags)),
        Kind::Group => state.security_groups.update(&key, |group| result = change(&mut group.tags)),
        Kind::Interface => {
            state.network_interfaces.update(&key, |interface| result = change(&mut interface.tags))
        }
        Kind::Rule => {
            let owner = groups_of(state, place)
                .find(|group| group.rules.iter().any(|rule| rule.id == id))
                .map(|group| place.key(&group.id));
            owner.is_some_and(|owner| {
                state.security_groups.update(&owner, |group| {
                    for rule in group.rules.iter_mut().filter(|rule| rule.id == id) {
                        result = change(&mut rule.tags);
                    }
                })
            })
        }
    };
    if found { result } else { Err(missing(id)) }
}

fn missing(id: &str) -> Ec2Error {
    let id = id.to_owned();
    match kind_of(&id) {
        Ok((Kind::Vpc, _)) => Ec2Error::NoVpc(id),
        Ok((Kind::Subnet, _)) => Ec2Error::NoSubnet(id),
        Ok((Kind::Group, _)) => Ec2Error::NoGroup(id),
        Ok((Kind::Rule, _)) => Ec2Error::NoRule(id),
        Ok((Kind::Interface, _)) => Ec2Error::NoInterface(id),
        Err(error) => error,
    }
}
