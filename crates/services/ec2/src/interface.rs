//! Network interfaces: making and removing them.
//!
//! An AWS service that makes one for itself calls CreateNetworkInterface like anybody, with a role that must be allowed
//! to; only the type `lambda` is for such calls alone, and what has it is in use until the service removes it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use rolecall_authority::{Call, Check, Origin};
use rolecall_store::State;
use rolecall_store::records::ec2::{NetworkInterface, ServiceAttachment};
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, group_check, interface_check, subnet_check};
use crate::cidr::{free, is_usable, parse_block};
use crate::error::Ec2Error;
use crate::interface_view::show;
use crate::security_group::{DEFAULT, find_group, groups_of};
use crate::subnet::find_subnet;
use crate::tag_specification::new_tags;

/// The type of the interfaces by which Lambda connects functions.
pub(crate) const LAMBDA: &str = "lambda";
/// How many security groups an interface may have.
const MAX_GROUPS: usize = 5;

/// The addresses of a new interface.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Those that the request names, the primary one first.
    pub(crate) named: Vec<String>,
    /// How many more.
    pub(crate) more: usize,
}

impl Ec2 {
    /// CreateNetworkInterface.
    pub(crate) async fn create_network_interface(
        &self,
        call: &Call,
        input: wire::CreateNetworkInterfaceRequest,
    ) -> Result<wire::CreateNetworkInterfaceResult, ServiceError> {
        let place = Place::of(call)?;
        let tags = new_tags(input.tag_specifications.as_deref(), "network-interface")?;
        let action = "ec2:CreateNetworkInterface";
        let state = self.platform.store.read();
        let subnet = input.subnet_id.clone();
        let own = place.check_new(action, "network-interface", &tags);
        let own = own.key("ec2:Subnet", place.arn("subnet", &subnet).as_str());
        let groups: Vec<String> = input.groups.clone().unwrap_or_default();
        let of_groups = groups.iter().map(|group| group_check(&place, action, group, &state));
        let further: Vec<Check<'_>> = [subnet_check(&place, action, &subnet, &state)]
            .into_iter()
            .chain(of_groups)
            .chain(place.check_new_tags("CreateNetworkInterface", "network-interface", &tags))
            .collect();
        let proof = self.allow(call, input.dry_run, own, further)?;
        refuse_what_is_not_built(&input)?;
        let interface_type = input.interface_type.clone().unwrap_or_else(|| "interface".to_owned());
        let of_service = matches!(call.origin, Origin::Service { .. });
        if interface_type == LAMBDA && !of_service {
            let why = "An interface of this type is made by AWS Lambda only.";
            return Err(Ec2Error::value(LAMBDA, "interfaceType", why).into());
        }
        let wanted = wanted(&input)?;
        let attachment = of_service.then(|| ServiceAttachment { id: self.new_id("ela-attach") });
        let interface = NetworkInterface {
            account: place.account,
            region: place.region.clone(),
            id: self.new_id("eni"),
            subnet_id: subnet,
            vpc_id: String::new(),
            description: input.description.unwrap_or_default(),
            interface_type,
            group_ids: groups,
            addresses: Vec::new(),
            mac_address: self.new_mac_address(),
            requester_id: Some(call.caller.user_id()),
            attachment,
            created_ms: self.platform.now_ms(),
            tags,
        };
        let made = self.write(proof, move |state| insert(state, &place, interface, &wanted)).await?;
        Ok(wire::CreateNetworkInterfaceResult {
            network_interface: Some(made),
            client_token: input.client_token,
        })
    }

    /// DeleteNetworkInterface.
    pub(crate) async fn delete_network_interface(
        &self,
        call: &Call,
        input: wire::DeleteNetworkInterfaceRequest,
    ) -> Result<wire::DeleteNetworkInterfaceResponse, ServiceError> {
        let place = Place::of(call)?;
        let id = input.network_interface_id;
        let state = self.platform.store.read();
        let check = interface_check(&place, "ec2:DeleteNetworkInterface", &id, &state);
        let proof = self.allow(call, input.dry_run, check, [])?;
        let of_service = matches!(call.origin, Origin::Service { .. });
        self.write(proof, move |state| {
            if find_interface(state, &place, &id)?.attachment.is_some() && !of_service {
                return Err(Ec2Error::InterfaceInUse(id));
            }
            state.network_interfaces.remove(&place.key(&id));
            Ok(())
        })
        .await?;
        Ok(wire::DeleteNetworkInterfaceResponse)
    }
}

/// Completes an interface with what its subnet decides, and puts it there.
fn insert(
    state: &mut State,
    place: &Place,
    mut interface: NetworkInterface,
    wanted: &Wanted,
) -> Result<wire::NetworkInterface, Ec2Error> {
    let subnet = find_subnet(state, place, &interface.subnet_id)?;
    interface.vpc_id = subnet.vpc_id.clone();
    if interface.group_ids.is_empty() {
        let is_default = |vpc: &str, name: &str| vpc == subnet.vpc_id && name == DEFAULT;
        let default = groups_of(state, place).find(|group| is_default(&group.vpc_id, &group.name));
        interface.group_ids = default.map(|group| group.id.clone()).into_iter().collect();
    }
    interface.group_ids.dedup();
    if interface.group_ids.len() > MAX_GROUPS {
        return Err(Ec2Error::TooManyGroups);
    }
    for group in &interface.group_ids {
        if find_group(state, place, group)?.vpc_id != subnet.vpc_id {
            let (group, subnet) = (group.clone(), subnet.id.clone());
            return Err(Ec2Error::DifferentNetworks { group, subnet });
        }
    }
    interface.addresses = take_addresses(state, place, &interface.subnet_id, wanted)?;
    let answer = show(state, place, &interface);
    state.network_interfaces.put(place.key(&interface.id), interface);
    Ok(answer)
}

/// Addresses in a subnet that are nobody's: those that are named, and the lowest free ones.
pub(crate) fn take_addresses(
    state: &State,
    place: &Place,
    subnet_id: &str,
    wanted: &Wanted,
) -> Result<Vec<String>, Ec2Error> {
    let block = parse_block(&find_subnet(state, place, subnet_id)?.cidr)?;
    let mut taken: BTreeSet<Ipv4Addr> = interfaces_of(state, place)
        .filter(|interface| interface.subnet_id == subnet_id)
        .flat_map(|interface| interface.addresses.iter().filter_map(|address| address.parse().ok()))
        .collect();
    let mut addresses = Vec::new();
    for text in &wanted.named {
        let address: Ipv4Addr = text.parse().map_err(|_| {
            Ec2Error::InvalidParameterValue(format!("invalid value for parameter address: {text}"))
        })?;
        if !is_usable(&block, address) {
            let text = format!("Address {text} does not fall within the subnet's address range");
            return Err(Ec2Error::InvalidParameterValue(text));
        }
        if !taken.insert(address) {
            return Err(Ec2Error::AddressInUse(text.clone()));
        }
        addresses.push(address);
    }
    addresses.extend(free(&block, &taken, wanted.more)?);
    Ok(addresses.iter().map(Ipv4Addr::to_string).collect())
}

/// The addresses that the request wants: the primary one by its own parameter or its mark, and secondary ones.
fn wanted(input: &wire::CreateNetworkInterfaceRequest) -> Result<Wanted, Ec2Error> {
    let mut named: Vec<String> = input.private_ip_address.iter().cloned().collect();
    for address in input.private_ip_addresses.iter().flatten() {
        let text =
            address.private_ip_address.clone().ok_or(Ec2Error::MissingParameter("privateIpAddress"))?;
        match (address.primary, &input.private_ip_address) {
            (Some(true), Some(_)) => {
                return Err(Ec2Error::InvalidParameterCombination(
                    "Only one primary private IP address can be specified.".to_owned(),
                ));
            }
            (Some(true), None) => named.insert(0, text),
            _ => named.push(text),
        }
    }
    let has_primary = input.private_ip_address.is_some()
        || input.private_ip_addresses.iter().flatten().any(|address| address.primary == Some(true));
    let secondary = usize::try_from(input.secondary_private_ip_address_count.unwrap_or(0)).unwrap_or(0);
    if !has_primary && !named.is_empty() {
        return Err(Ec2Error::Unsupported("secondary addresses without a primary one that is named"));
    }
    Ok(Wanted { named, more: secondary + usize::from(!has_primary) })
}

fn refuse_what_is_not_built(input: &wire::CreateNetworkInterfaceRequest) -> Result<(), Ec2Error> {
    let wants_ipv6 = input.ipv6_address_count.is_some_and(|count| count > 0)
        || input.ipv6_addresses.as_ref().is_some_and(|addresses| !addresses.is_empty())
        || input.ipv6_prefix_count.is_some_and(|count| count > 0)
        || input.ipv6_prefixes.is_some()
        || input.enable_primary_ipv6 == Some(true);
    if wants_ipv6 {
        return Err(Ec2Error::Unsupported("IPv6 addresses of a network interface"));
    }
    if input.ipv4_prefixes.is_some() || input.ipv4_prefix_count.is_some_and(|count| count > 0) {
        return Err(Ec2Error::Unsupported("prefixes of a network interface"));
    }
    if input.operator.is_some() {
        return Err(Ec2Error::Unsupported("managed resources"));
    }
    match input.connection_tracking_specification {
        Some(_) => Err(Ec2Error::Unsupported("connection tracking")),
        None => Ok(()),
    }
}

/// The network interfaces of a place, in the order of their ids.
pub(crate) fn interfaces_of<'s>(
    state: &'s State,
    place: &'s Place,
) -> impl Iterator<Item = &'s NetworkInterface> {
    let all = state.network_interfaces.range(place.key("")..).map(|(_, interface)| interface.as_ref());
    all.take_while(move |interface| interface.account == place.account && interface.region == place.region)
}

/// The network interface of an id.
pub(crate) fn find_interface<'s>(
    state: &'s State,
    place: &Place,
    id: &str,
) -> Result<&'s NetworkInterface, Ec2Error> {
    let found = state.network_interfaces.get(&place.key(id));
    found.map(AsRef::as_ref).ok_or_else(|| Ec2Error::NoInterface(id.to_owned()))
}
