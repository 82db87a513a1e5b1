//! How network interfaces are shown, and DescribeNetworkInterfaces.

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::ec2::NetworkInterface;
use rolecall_wire::{ServiceError, Timestamp, ec2 as wire};

use crate::Ec2;
use crate::access::Place;
use crate::filter::Filters;
use crate::interface::{find_interface, interfaces_of};
use crate::page::{page, refuse_ids_in_pages};
use crate::tag_specification::shown;
use crate::zone::zone_id;

const FILTERS: &[&str] = &[
    "addresses.primary",
    "addresses.private-ip-address",
    "attachment.attachment-id",
    "attachment.instance-owner-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "mac-address",
    "network-interface-id",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "vpc-id",
];

impl Ec2 {
    /// DescribeNetworkInterfaces.
    pub(crate) fn describe_network_interfaces(
        &self,
        call: &Call,
        input: wire::DescribeNetworkInterfacesRequest,
    ) -> Result<wire::DescribeNetworkInterfacesResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeNetworkInterfaces")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        refuse_ids_in_pages(input.network_interface_ids.as_deref(), input.max_results)?;
        let state = self.platform.store.read();
        let ids = input.network_interface_ids.unwrap_or_default();
        for id in &ids {
            find_interface(&state, &place, id)?;
        }
        let wanted = interfaces_of(&state, &place)
            .filter(|interface| ids.is_empty() || ids.contains(&interface.id))
            .filter(|interface| filters.pass(&interface.tags, |name| fact(&state, &place, interface, name)));
        let shown = wanted.map(|interface| (interface.id.clone(), show(&state, &place, interface)));
        let (interfaces, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::DescribeNetworkInterfacesResult { network_interfaces: Some(interfaces), next_token })
    }
}

fn fact(state: &State, place: &Place, interface: &NetworkInterface, name: &str) -> Vec<String> {
    let shown = show(state, place, interface);
    let attachment = shown.attachment.unwrap_or_default();
    let value = match name {
        "addresses.primary" => {
            return (0..interface.addresses.len()).map(|at| (at == 0).to_string()).collect();
        }
        "addresses.private-ip-address" => return interface.addresses.clone(),
        "attachment.attachment-id" => attachment.attachment_id,
        "attachment.instance-owner-id" => attachment.instance_owner_id,
        "attachment.status" => attachment.status,
        "availability-zone" => shown.availability_zone,
        "availability-zone-id" => shown.availability_zone_id,
        "description" => Some(interface.description.clone()),
        "group-id" => return interface.group_ids.clone(),
        "group-name" => {
            return shown.groups.into_iter().flatten().filter_map(|group| group.group_name).collect();
        }
        "interface-type" => Some(interface.interface_type.clone()),
        "mac-address" => Some(interface.mac_address.clone()),
        "network-interface-id" => Some(interface.id.clone()),
        "owner-id" => Some(interface.account.to_string()),
        "private-dns-name" => shown.private_dns_name,
        "private-ip-address" => shown.private_ip_address,
        "requester-id" => interface.requester_id.clone(),
        "requester-managed" => shown.requester_managed.map(|managed| managed.to_string()),
        "source-dest-check" => Some("true".to_owned()),
        "status" => shown.status,
        "subnet-id" => Some(interface.subnet_id.clone()),
        "vpc-id" => Some(interface.vpc_id.clone()),
        _ => None,
    };
    value.into_iter().collect()
}

/// The interface as answers have it.
pub(crate) fn show(state: &State, place: &Place, interface: &NetworkInterface) -> wire::NetworkInterface {
    let zone = state.subnets.get(&place.key(&interface.subnet_id)).map(|subnet| subnet.zone.clone());
    let primary = interface.addresses.first().cloned();
    let dns = |address: &String| dns_name(place, address);
    let addresses =
        interface.addresses.iter().enumerate().map(|(at, address)| wire::NetworkInterfacePrivateIpAddress {
            association: None,
            primary: Some(at == 0),
            private_dns_name: Some(dns(address)),
            private_ip_address: Some(address.clone()),
        });
    let is_used = interface.attachment.is_some();
    wire::NetworkInterface {
        attachment: interface.attachment.as_ref().map(|attachment| wire::NetworkInterfaceAttachment {
            attach_time: Some(Timestamp(interface.created_ms)),
            attachment_id: Some(attachment.id.clone()),
            delete_on_termination: Some(false),
            device_index: Some(1),
            network_card_index: Some(0),
            instance_owner_id: Some("amazon-aws".to_owned()),
            status: Some("attached".to_owned()),
            ..Default::default()
        }),
        availability_zone_id: zone.as_deref().and_then(|zone| zone_id(&place.region, zone)),
        availability_zone: zone,
        description: Some(interface.description.clone()),
        groups: Some(groups(state, place, interface)),
        interface_type: Some(interface.interface_type.clone()),
        ipv6_addresses: Some(Vec::new()),
        mac_address: Some(interface.mac_address.clone()),
        network_interface_id: Some(interface.id.clone()),
        owner_id: Some(interface.account.to_string()),
        private_dns_name: primary.as_ref().map(dns),
        private_ip_address: primary,
        private_ip_addresses: Some(addresses.collect()),
        requester_id: interface.requester_id.clone(),
        requester_managed: Some(is_used),
        source_dest_check: Some(true),
        status: Some(if is_used { "in-use" } else { "available" }.to_owned()),
        subnet_id: Some(interface.subnet_id.clone()),
        tag_set: Some(shown(&interface.tags)),
        vpc_id: Some(interface.vpc_id.clone()),
        ..Default::default()
    }
}

fn groups(state: &State, place: &Place, interface: &NetworkInterface) -> Vec<wire::GroupIdentifier> {
    let name = |id: &String| state.security_groups.get(&place.key(id)).map(|group| group.name.clone());
    let shown = |id: &String| wire::GroupIdentifier { group_id: Some(id.clone()), group_name: name(id) };
    interface.group_ids.iter().map(shown).collect()
}

/// `ip-10-0-0-4.ec2.internal` in us-east-1, elsewhere with the region.
fn dns_name(place: &Place, address: &str) -> String {
    let host = format!("ip-{}", address.replace('.', "-"));
    match place.region.as_str() {
        "us-east-1" => format!("{host}.ec2.internal"),
        region => format!("{host}.{region}.compute.internal"),
    }
}
