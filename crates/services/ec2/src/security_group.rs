//! Security groups: making, removing and listing them.

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::ec2::{RulePeer, SecurityGroup};
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, group_check, vpc_check};
use crate::error::Ec2Error;
use crate::filter::Filters;
use crate::interface::interfaces_of;
use crate::page::{page, refuse_ids_in_pages};
use crate::rule::everything_may_leave;
use crate::rule_view::{permissions, rule_fact};
use crate::tag_specification::{new_tags, shown};
use crate::vpc::find_vpc;

/// The name of the group that every VPC has.
pub(crate) const DEFAULT: &str = "default";

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.ipv6-cidr",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "owner-id",
    "vpc-id",
];

impl Ec2 {
    /// CreateSecurityGroup: a group out of which everything may go, and into which nothing comes.
    pub(crate) async fn create_security_group(
        &self,
        call: &Call,
        input: wire::CreateSecurityGroupRequest,
    ) -> Result<wire::CreateSecurityGroupResult, ServiceError> {
        let place = Place::of(call)?;
        let tags = new_tags(input.tag_specifications.as_deref(), "security-group")?;
        let action = "ec2:CreateSecurityGroup";
        let state = self.platform.store.read();
        let of_vpc = input.vpc_id.as_deref().map(|vpc| vpc_check(&place, action, vpc, &state));
        let proof = self.allow(
            call,
            input.dry_run,
            place.check_new(action, "security-group", &tags),
            of_vpc.into_iter().chain(place.check_new_tags("CreateSecurityGroup", "security-group", &tags)),
        )?;
        check_texts(&input)?;
        let vpc_id = input.vpc_id.ok_or(Ec2Error::NoDefaultVpc)?;
        let group = SecurityGroup {
            account: place.account,
            region: place.region.clone(),
            id: self.new_id("sg"),
            vpc_id,
            name: input.group_name,
            description: input.description,
            rules: vec![everything_may_leave(self.new_id("sgr"))],
            tags,
        };
        let answer = wire::CreateSecurityGroupResult {
            group_id: Some(group.id.clone()),
            tags: (!group.tags.is_empty()).then(|| shown(&group.tags)),
            security_group_arn: Some(place.arn("security-group", &group.id).to_string()),
        };
        self.write(proof, move |state| insert(state, &place, group)).await?;
        Ok(answer)
    }

    /// DescribeSecurityGroups.
    pub(crate) fn describe_security_groups(
        &self,
        call: &Call,
        input: wire::DescribeSecurityGroupsRequest,
    ) -> Result<wire::DescribeSecurityGroupsResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeSecurityGroups")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        refuse_ids_in_pages(input.group_ids.as_deref(), input.max_results)?;
        let state = self.platform.store.read();
        let ids = input.group_ids.unwrap_or_default();
        for id in &ids {
            find_group(&state, &place, id)?;
        }
        // Groups are named only where they are in a default VPC, and there is none here.
        if let Some(name) = input.group_names.unwrap_or_default().into_iter().next() {
            return Err(Ec2Error::NoGroup(name).into());
        }
        let wanted = groups_of(&state, &place)
            .filter(|group| ids.is_empty() || ids.contains(&group.id))
            .filter(|group| filters.pass(&group.tags, |name| fact(group, name)));
        let shown = wanted.map(|group| (group.id.clone(), show(&place, group)));
        let (groups, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeSecurityGroupsResult { next_token, security_groups: Some(groups) })
    }

    /// GetSecurityGroupsForVpc: the groups that what is in a VPC may have.
    pub(crate) fn get_security_groups_for_vpc(
        &self,
        call: &Call,
        input: wire::GetSecurityGroupsForVpcRequest,
    ) -> Result<wire::GetSecurityGroupsForVpcResult, ServiceError> {
        let place = Place::of(call)?;
        let state = self.platform.store.read();
        let check = vpc_check(&place, "ec2:GetSecurityGroupsForVpc", &input.vpc_id, &state);
        self.allow(call, input.dry_run, check, [])?;
        let known = ["group-id", "description", "group-name", "owner-id", "primary-vpc-id"];
        let filters = Filters::read(input.filters, &known)?;
        find_vpc(&state, &place, &input.vpc_id)?;
        let fact = |group: &SecurityGroup, name: &str| match name {
            "primary-vpc-id" => vec![group.vpc_id.clone()],
            name => fact(group, name),
        };
        let wanted = groups_of(&state, &place)
            .filter(|group| group.vpc_id == input.vpc_id)
            .filter(|group| filters.pass(&group.tags, |name| fact(group, name)));
        let shown = wanted.map(|group| {
            let found = wire::SecurityGroupForVpc {
                description: Some(group.description.clone()),
                group_name: Some(group.name.clone()),
                owner_id: Some(group.account.to_string()),
                group_id: Some(group.id.clone()),
                tags: Some(shown(&group.tags)),
                primary_vpc_id: Some(group.vpc_id.clone()),
            };
            (group.id.clone(), found)
        });
        let (groups, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::GetSecurityGroupsForVpcResult { next_token, security_group_for_vpcs: Some(groups) })
    }

    /// DeleteSecurityGroup.
    pub(crate) async fn delete_security_group(
        &self,
        call: &Call,
        input: wire::DeleteSecurityGroupRequest,
    ) -> Result<wire::DeleteSecurityGroupResult, ServiceError> {
        let place = Place::of(call)?;
        let id = group_id(input.group_id, input.group_name)?;
        let check = group_check(&place, "ec2:DeleteSecurityGroup", &id, &self.platform.store.read());
        let proof = self.allow(call, input.dry_run, check, [])?;
        let group = id.clone();
        self.write(proof, move |state| remove(state, &place, group)).await?;
        Ok(wire::DeleteSecurityGroupResult { r#return: Some(true), group_id: Some(id) })
    }
}

/// The group that a request names. By its name only a group of a default VPC can be meant, and there is none here.
pub(crate) fn group_id(id: Option<String>, name: Option<String>) -> Result<String, Ec2Error> {
    match (id, name) {
        (Some(_), Some(_)) => Err(Ec2Error::InvalidParameterCombination(
            "The parameters groupId and groupName may not be used together".to_owned(),
        )),
        (Some(id), None) => Ok(id),
        (None, Some(name)) => Err(Ec2Error::NoGroup(name)),
        (None, None) => Err(Ec2Error::MissingParameter("groupName or groupId")),
    }
}

fn check_texts(input: &wire::CreateSecurityGroupRequest) -> Result<(), Ec2Error> {
    let legal = |text: &str| {
        text.chars().count() <= 255
            && text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
    };
    let set = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";
    let invalid = |text: String| Err(Ec2Error::InvalidParameterValue(text));
    if input.group_name == DEFAULT {
        return invalid("Cannot use reserved security group name: default".to_owned());
    }
    if input.group_name.starts_with("sg-") {
        let why = "Group names may not be in the format sg-*.";
        return Err(Ec2Error::value(&input.group_name, "GroupName", why));
    }
    if input.group_name.trim().is_empty() || !legal(&input.group_name) {
        let why = format!(
            "Character sets beyond ASCII are not supported, and names are strings of up to 255 characters from the following set: {set}"
        );
        return Err(Ec2Error::value(&input.group_name, "GroupName", &why));
    }
    if input.description.is_empty() || !legal(&input.description) {
        return invalid(format!(
            "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  {set}"
        ));
    }
    Ok(())
}

fn insert(state: &mut State, place: &Place, group: SecurityGroup) -> Result<(), Ec2Error> {
    find_vpc(state, place, &group.vpc_id)?;
    let taken = |other: &SecurityGroup| other.vpc_id == group.vpc_id && other.name == group.name;
    if groups_of(state, place).any(taken) {
        return Err(Ec2Error::DuplicateGroup { name: group.name, vpc: group.vpc_id });
    }
    state.security_groups.put(place.key(&group.id), group);
    Ok(())
}

fn remove(state: &mut State, place: &Place, id: String) -> Result<(), Ec2Error> {
    if find_group(state, place, &id)?.name == DEFAULT {
        return Err(Ec2Error::DefaultGroup(id));
    }
    let refers = |group: &SecurityGroup| {
        group.id != id && group.rules.iter().any(|rule| rule.peer == RulePeer::Group(id.clone()))
    };
    let is_used = interfaces_of(state, place).any(|interface| interface.group_ids.contains(&id))
        || groups_of(state, place).any(refers);
    if is_used {
        return Err(Ec2Error::GroupInUse(id));
    }
    state.security_groups.remove(&place.key(&id));
    Ok(())
}

/// The security groups of a place, in the order of their ids.
pub(crate) fn groups_of<'s>(state: &'s State, place: &'s Place) -> impl Iterator<Item = &'s SecurityGroup> {
    let all = state.security_groups.range(place.key("")..).map(|(_, group)| group.as_ref());
    all.take_while(move |group| group.account == place.account && group.region == place.region)
}

/// The security group of an id.
pub(crate) fn find_group<'s>(
    state: &'s State,
    place: &Place,
    id: &str,
) -> Result<&'s SecurityGroup, Ec2Error> {
    if !id.starts_with("sg-") {
        return Err(Ec2Error::MalformedGroupId { id: id.to_owned() });
    }
    state
        .security_groups
        .get(&place.key(id))
        .map(AsRef::as_ref)
        .ok_or_else(|| Ec2Error::NoGroup(id.to_owned()))
}

fn fact(group: &SecurityGroup, name: &str) -> Vec<String> {
    let value = match name {
        "description" => group.description.clone(),
        "group-id" => group.id.clone(),
        "group-name" => group.name.clone(),
        "owner-id" => group.account.to_string(),
        "vpc-id" => group.vpc_id.clone(),
        name => {
            let of_egress = name.strip_prefix("egress.ip-permission.");
            let Some(part) = of_egress.or_else(|| name.strip_prefix("ip-permission.")) else {
                return Vec::new();
            };
            let rules = group.rules.iter().filter(|rule| rule.egress == of_egress.is_some());
            return rules.filter_map(|rule| rule_fact(rule, part)).collect();
        }
    };
    vec![value]
}

fn show(place: &Place, group: &SecurityGroup) -> wire::SecurityGroup {
    wire::SecurityGroup {
        group_id: Some(group.id.clone()),
        ip_permissions_egress: Some(permissions(group, true)),
        tags: Some(shown(&group.tags)),
        vpc_id: Some(group.vpc_id.clone()),
        security_group_arn: Some(place.arn("security-group", &group.id).to_string()),
        owner_id: Some(group.account.to_string()),
        group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
        ip_permissions: Some(permissions(group, false)),
    }
}
