//! VPCs.

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::ec2::{SecurityGroup, Vpc};
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, vpc_check};
use crate::cidr::{has_allowed_size, parse_block};
use crate::error::Ec2Error;
use crate::filter::Filters;
use crate::page::{page, refuse_ids_in_pages};
use crate::rule::default_rules;
use crate::security_group::DEFAULT;
use crate::tag_specification::{new_tags, shown};

/// The DHCP options of every VPC: EC2's word for none of its own.
const DHCP_OPTIONS: &str = "default";

const FILTERS: &[&str] = &[
    "cidr",
    "cidr-block-association.association-id",
    "cidr-block-association.cidr-block",
    "cidr-block-association.state",
    "dhcp-options-id",
    "is-default",
    "isDefault",
    "owner-id",
    "state",
    "vpc-id",
];

impl Ec2 {
    /// CreateVpc: the VPC, and in it the security group `default`.
    pub(crate) async fn create_vpc(
        &self,
        call: &Call,
        input: wire::CreateVpcRequest,
    ) -> Result<wire::CreateVpcResult, ServiceError> {
        let place = Place::of(call)?;
        let tags = new_tags(input.tag_specifications.as_deref(), "vpc")?;
        let proof = self.allow(
            call,
            input.dry_run,
            place.check_new("ec2:CreateVpc", "vpc", &tags),
            place.check_new_tags("CreateVpc", "vpc", &tags),
        )?;
        refuse_what_is_not_built(&input)?;
        let Some(cidr) = &input.cidr_block else {
            let text = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
            return Err(ServiceError::new(400, "MissingParameter", text));
        };
        let block = parse_block(cidr)?;
        if !has_allowed_size(&block) {
            return Err(Ec2Error::VpcRange(cidr.clone()).into());
        }
        let vpc = Vpc {
            account: place.account,
            region: place.region.clone(),
            id: self.new_id("vpc"),
            cidr: block.to_string(),
            cidr_association_id: self.new_id("vpc-cidr-assoc"),
            tenancy: input.instance_tenancy.unwrap_or_else(|| "default".to_owned()),
            tags,
        };
        let group = self.default_group(&place, &vpc.id);
        // EC2 answers while the VPC still comes into being.
        let mut answer = show(&vpc);
        answer.state = Some("pending".to_owned());
        self.write(proof, move |state| {
            state.security_groups.put(place.key(&group.id), group);
            state.vpcs.put(place.key(&vpc.id), vpc);
            Ok(())
        })
        .await?;
        Ok(wire::CreateVpcResult { vpc: Some(answer) })
    }

    fn default_group(&self, place: &Place, vpc_id: &str) -> SecurityGroup {
        let id = self.new_id("sg");
        SecurityGroup {
            account: place.account,
            region: place.region.clone(),
            vpc_id: vpc_id.to_owned(),
            name: DEFAULT.to_owned(),
            description: "default VPC security group".to_owned(),
            rules: default_rules(&id, [self.new_id("sgr"), self.new_id("sgr")]),
            id,
            tags: Vec::new(),
        }
    }

    /// DescribeVpcs.
    pub(crate) fn describe_vpcs(
        &self,
        call: &Call,
        input: wire::DescribeVpcsRequest,
    ) -> Result<wire::DescribeVpcsResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeVpcs")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        refuse_ids_in_pages(input.vpc_ids.as_deref(), input.max_results)?;
        let state = self.platform.store.read();
        let ids = input.vpc_ids.unwrap_or_default();
        for id in &ids {
            find_vpc(&state, &place, id)?;
        }
        let wanted = vpcs_of(&state, &place)
            .filter(|vpc| ids.is_empty() || ids.contains(&vpc.id))
            .filter(|vpc| filters.pass(&vpc.tags, |name| fact(vpc, name)));
        let shown = wanted.map(|vpc| (vpc.id.clone(), show(vpc)));
        let (vpcs, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeVpcsResult { next_token, vpcs: Some(vpcs) })
    }

    /// DeleteVpc: the VPC with its security group `default`.
    pub(crate) async fn delete_vpc(
        &self,
        call: &Call,
        input: wire::DeleteVpcRequest,
    ) -> Result<wire::DeleteVpcResponse, ServiceError> {
        let place = Place::of(call)?;
        let check = vpc_check(&place, "ec2:DeleteVpc", &input.vpc_id, &self.platform.store.read());
        let proof = self.allow(call, input.dry_run, check, [])?;
        self.write(proof, move |state| remove(state, &place, &input.vpc_id)).await?;
        Ok(wire::DeleteVpcResponse)
    }
}

fn remove(state: &mut State, place: &Place, id: &str) -> Result<(), Ec2Error> {
    find_vpc(state, place, id)?;
    let has_subnet = crate::subnet::subnets_of(state, place).any(|subnet| subnet.vpc_id == id);
    let groups: Vec<_> = crate::security_group::groups_of(state, place)
        .filter(|group| group.vpc_id == id)
        .map(|group| (group.id.clone(), group.name.clone()))
        .collect();
    if has_subnet || groups.iter().any(|(_, name)| name != DEFAULT) {
        return Err(Ec2Error::VpcInUse(id.to_owned()));
    }
    for (group, _) in groups {
        state.security_groups.remove(&place.key(&group));
    }
    state.vpcs.remove(&place.key(id));
    Ok(())
}

/// The VPCs of a place, in the order of their ids.
pub(crate) fn vpcs_of<'s>(state: &'s State, place: &'s Place) -> impl Iterator<Item = &'s Vpc> {
    let all = state.vpcs.range(place.key("")..).map(|(_, vpc)| vpc.as_ref());
    all.take_while(move |vpc| vpc.account == place.account && vpc.region == place.region)
}

/// The VPC of an id.
pub(crate) fn find_vpc<'s>(state: &'s State, place: &Place, id: &str) -> Result<&'s Vpc, Ec2Error> {
    state.vpcs.get(&place.key(id)).map(AsRef::as_ref).ok_or_else(|| Ec2Error::NoVpc(id.to_owned()))
}

fn refuse_what_is_not_built(input: &wire::CreateVpcRequest) -> Result<(), Ec2Error> {
    let wants_ipv6 = input.amazon_provided_ipv6_cidr_block == Some(true)
        || input.ipv6_cidr_block.is_some()
        || input.ipv6_pool.is_some()
        || input.ipv6_ipam_pool_id.is_some()
        || input.ipv6_cidr_block_network_border_group.is_some()
        || input.ipv6_netmask_length.is_some();
    if wants_ipv6 {
        return Err(Ec2Error::Unsupported("IPv6 addresses of a VPC"));
    }
    if input.ipv4_ipam_pool_id.is_some() || input.ipv4_netmask_length.is_some() {
        return Err(Ec2Error::Unsupported("IPAM pools"));
    }
    match input.vpc_encryption_control {
        Some(_) => Err(Ec2Error::Unsupported("VPC encryption controls")),
        None => Ok(()),
    }
}

fn fact(vpc: &Vpc, name: &str) -> Vec<String> {
    let value = match name {
        "cidr" | "cidr-block-association.cidr-block" => vpc.cidr.clone(),
        "cidr-block-association.association-id" => vpc.cidr_association_id.clone(),
        "cidr-block-association.state" => "associated".to_owned(),
        "dhcp-options-id" => DHCP_OPTIONS.to_owned(),
        "is-default" | "isDefault" => "false".to_owned(),
        "owner-id" => vpc.account.to_string(),
        "state" => "available".to_owned(),
        "vpc-id" => vpc.id.clone(),
        _ => return Vec::new(),
    };
    vec![value]
}

fn show(vpc: &Vpc) -> wire::Vpc {
    let associated = wire::VpcCidrBlockState { state: Some("associated".to_owned()), ..Default::default() };
    wire::Vpc {
        owner_id: Some(vpc.account.to_string()),
        instance_tenancy: Some(vpc.tenancy.clone()),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        cidr_block_association_set: Some(vec![wire::VpcCidrBlockAssociation {
            association_id: Some(vpc.cidr_association_id.clone()),
            cidr_block: Some(vpc.cidr.clone()),
            cidr_block_state: Some(associated),
        }]),
        is_default: Some(false),
        tags: Some(shown(&vpc.tags)),
        vpc_id: Some(vpc.id.clone()),
        state: Some("available".to_owned()),
        cidr_block: Some(vpc.cidr.clone()),
        dhcp_options_id: Some(DHCP_OPTIONS.to_owned()),
        ..Default::default()
    }
}
