//! Subnets.

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::ec2::Subnet;
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, subnet_check, vpc_check};
use crate::cidr::{has_allowed_size, overlap, parse_block, usable};
use crate::error::Ec2Error;
use crate::filter::Filters;
use crate::interface::interfaces_of;
use crate::page::{page, refuse_ids_in_pages};
use crate::tag_specification::{new_tags, shown};
use crate::vpc::find_vpc;
use crate::zone::{choose, zone_id};

const FILTERS: &[&str] = &[
    "availability-zone",
    "availabilityZone",
    "availability-zone-id",
    "availabilityZoneId",
    "available-ip-address-count",
    "cidr-block",
    "cidr",
    "cidrBlock",
    "default-for-az",
    "defaultForAz",
    "map-public-ip-on-launch",
    "owner-id",
    "state",
    "subnet-arn",
    "subnet-id",
    "vpc-id",
];

impl Ec2 {
    /// CreateSubnet.
    pub(crate) async fn create_subnet(
        &self,
        call: &Call,
        input: wire::CreateSubnetRequest,
    ) -> Result<wire::CreateSubnetResult, ServiceError> {
        let place = Place::of(call)?;
        let tags = new_tags(input.tag_specifications.as_deref(), "subnet")?;
        let action = "ec2:CreateSubnet";
        let vpc = place.arn("vpc", &input.vpc_id);
        let of_vpc = vpc_check(&place, action, &input.vpc_id, &self.platform.store.read());
        let proof = self.allow(
            call,
            input.dry_run,
            place.check_new(action, "subnet", &tags).key("ec2:Vpc", vpc.as_str()),
            [of_vpc].into_iter().chain(place.check_new_tags("CreateSubnet", "subnet", &tags)),
        )?;
        refuse_what_is_not_built(&input)?;
        find_vpc(&self.platform.store.read(), &place, &input.vpc_id)?;
        let cidr = input.cidr_block.as_deref().ok_or(Ec2Error::MissingParameter("cidrBlock"))?;
        let block = parse_block(cidr)?;
        if !has_allowed_size(&block) {
            return Err(Ec2Error::SubnetRange(cidr.to_owned()).into());
        }
        let zone =
            choose(&place.region, input.availability_zone.as_deref(), input.availability_zone_id.as_deref())?;
        let subnet = Subnet {
            account: place.account,
            region: place.region.clone(),
            id: self.new_id("subnet"),
            vpc_id: input.vpc_id,
            cidr: block.to_string(),
            zone: zone.name,
            tags,
        };
        let answer = self.write(proof, move |state| insert(state, &place, subnet)).await?;
        Ok(wire::CreateSubnetResult { subnet: Some(answer) })
    }

    /// DescribeSubnets.
    pub(crate) fn describe_subnets(
        &self,
        call: &Call,
        input: wire::DescribeSubnetsRequest,
    ) -> Result<wire::DescribeSubnetsResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeSubnets")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        refuse_ids_in_pages(input.subnet_ids.as_deref(), input.max_results)?;
        let state = self.platform.store.read();
        let ids = input.subnet_ids.unwrap_or_default();
        for id in &ids {
            find_subnet(&state, &place, id)?;
        }
        let wanted = subnets_of(&state, &place)
            .filter(|subnet| ids.is_empty() || ids.contains(&subnet.id))
            .filter(|subnet| filters.pass(&subnet.tags, |name| fact(&state, &place, subnet, name)));
        let shown = wanted.map(|subnet| (subnet.id.clone(), show(&state, &place, subnet)));
        let (subnets, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeSubnetsResult { next_token, subnets: Some(subnets) })
    }

    /// DeleteSubnet.
    pub(crate) async fn delete_subnet(
        &self,
        call: &Call,
        input: wire::DeleteSubnetRequest,
    ) -> Result<wire::DeleteSubnetResponse, ServiceError> {
        let place = Place::of(call)?;
        let id = input.subnet_id;
        let check = subnet_check(&place, "ec2:DeleteSubnet", &id, &self.platform.store.read());
        let proof = self.allow(call, input.dry_run, check, [])?;
        self.write(proof, move |state| {
            find_subnet(state, &place, &id)?;
            if interfaces_of(state, &place).any(|interface| interface.subnet_id == id) {
                return Err(Ec2Error::SubnetInUse(id));
            }
            state.subnets.remove(&place.key(&id));
            Ok(())
        })
        .await?;
        Ok(wire::DeleteSubnetResponse)
    }
}

/// Puts a subnet into its VPC, where its addresses must lie and be nobody's yet.
fn insert(state: &mut State, place: &Place, subnet: Subnet) -> Result<wire::Subnet, Ec2Error> {
    let vpc = parse_block(&find_vpc(state, place, &subnet.vpc_id)?.cidr)?;
    let block = parse_block(&subnet.cidr)?;
    if !vpc.contains(&block) {
        return Err(Ec2Error::SubnetRange(subnet.cidr));
    }
    for other in subnets_of(state, place).filter(|other| other.vpc_id == subnet.vpc_id) {
        if overlap(&parse_block(&other.cidr)?, &block) {
            return Err(Ec2Error::SubnetConflict(subnet.cidr));
        }
    }
    let answer = show(state, place, &subnet);
    state.subnets.put(place.key(&subnet.id), subnet);
    Ok(answer)
}

/// The subnets of a place, in the order of their ids.
pub(crate) fn subnets_of<'s>(state: &'s State, place: &'s Place) -> impl Iterator<Item = &'s Subnet> {
    let all = state.subnets.range(place.key("")..).map(|(_, subnet)| subnet.as_ref());
    all.take_while(move |subnet| subnet.account == place.account && subnet.region == place.region)
}

/// The subnet of an id.
pub(crate) fn find_subnet<'s>(state: &'s State, place: &Place, id: &str) -> Result<&'s Subnet, Ec2Error> {
    state.subnets.get(&place.key(id)).map(AsRef::as_ref).ok_or_else(|| Ec2Error::NoSubnet(id.to_owned()))
}

fn refuse_what_is_not_built(input: &wire::CreateSubnetRequest) -> Result<(), Ec2Error> {
    if input.ipv6_cidr_block.is_some()
        || input.ipv6_native == Some(true)
        || input.ipv6_ipam_pool_id.is_some()
        || input.ipv6_netmask_length.is_some()
    {
        return Err(Ec2Error::Unsupported("IPv6 addresses of a subnet"));
    }
    if input.ipv4_ipam_pool_id.is_some() || input.ipv4_netmask_length.is_some() {
        return Err(Ec2Error::Unsupported("IPAM pools"));
    }
    match input.outpost_arn {
        Some(_) => Err(Ec2Error::Unsupported("Outposts")),
        None => Ok(()),
    }
}

/// How many addresses of a subnet nobody has.
fn available(state: &State, place: &Place, subnet: &Subnet) -> i32 {
    let all = parse_block(&subnet.cidr).map(|block| usable(&block)).unwrap_or_default();
    let taken: usize = interfaces_of(state, place)
        .filter(|interface| interface.subnet_id == subnet.id)
        .map(|interface| interface.addresses.len())
        .sum();
    i32::try_from(all.saturating_sub(taken as u64)).unwrap_or(i32::MAX)
}

fn fact(state: &State, place: &Place, subnet: &Subnet, name: &str) -> Vec<String> {
    let value = match name {
        "availability-zone" | "availabilityZone" => subnet.zone.clone(),
        "availability-zone-id" | "availabilityZoneId" => {
            return zone_id(&subnet.region, &subnet.zone).into_iter().collect();
        }
        "available-ip-address-count" => available(state, place, subnet).to_string(),
        "cidr-block" | "cidr" | "cidrBlock" => subnet.cidr.clone(),
        "default-for-az" | "defaultForAz" | "map-public-ip-on-launch" => "false".to_owned(),
        "owner-id" => subnet.account.to_string(),
        "state" => "available".to_owned(),
        "subnet-arn" => place.arn("subnet", &subnet.id).to_string(),
        "subnet-id" => subnet.id.clone(),
        "vpc-id" => subnet.vpc_id.clone(),
        _ => return Vec::new(),
    };
    vec![value]
}

fn show(state: &State, place: &Place, subnet: &Subnet) -> wire::Subnet {
    wire::Subnet {
        availability_zone_id: zone_id(&subnet.region, &subnet.zone),
        map_customer_owned_ip_on_launch: Some(false),
        owner_id: Some(subnet.account.to_string()),
        assign_ipv6_address_on_creation: Some(false),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        tags: Some(shown(&subnet.tags)),
        subnet_arn: Some(place.arn("subnet", &subnet.id).to_string()),
        enable_dns64: Some(false),
        ipv6_native: Some(false),
        private_dns_name_options_on_launch: Some(wire::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some("ip-name".to_owned()),
            enable_resource_name_dns_a_record: Some(false),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        subnet_id: Some(subnet.id.clone()),
        state: Some("available".to_owned()),
        vpc_id: Some(subnet.vpc_id.clone()),
        cidr_block: Some(subnet.cidr.clone()),
        available_ip_address_count: Some(available(state, place, subnet)),
        availability_zone: Some(subnet.zone.clone()),
        default_for_az: Some(false),
        map_public_ip_on_launch: Some(false),
        ..Default::default()
    }
}
