//! Secondary private addresses: giving them to network interfaces and taking them back.

use rolecall_authority::Call;
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, interface_check};
use crate::error::Ec2Error;
use crate::interface::{Wanted, find_interface, take_addresses};

impl Ec2 {
    /// AssignPrivateIpAddresses.
    pub(crate) async fn assign_private_ip_addresses(
        &self,
        call: &Call,
        input: wire::AssignPrivateIpAddressesRequest,
    ) -> Result<wire::AssignPrivateIpAddressesResult, ServiceError> {
        let place = Place::of(call)?;
        let id = input.network_interface_id;
        let state = self.platform.store.read();
        let check = interface_check(&place, "ec2:AssignPrivateIpAddresses", &id, &state);
        let proof = self.allow(call, None, check, [])?;
        if input.ipv4_prefix_count.is_some() || input.ipv4_prefixes.is_some() {
            return Err(Ec2Error::Unsupported("prefixes of a network interface").into());
        }
        let named = input.private_ip_addresses.unwrap_or_default();
        let more = usize::try_from(input.secondary_private_ip_address_count.unwrap_or(0)).unwrap_or(0);
        if named.is_empty() == (more == 0) {
            let text =
                "You must specify either the private IP addresses or the secondary private IP address count";
            return Err(Ec2Error::InvalidParameterCombination(text.to_owned()).into());
        }
        let key = place.key(&id);
        let interface_id = id.clone();
        let assigned = self.write(proof, move |state| {
            let subnet = find_interface(state, &place, &interface_id)?.subnet_id.clone();
            let addresses = take_addresses(state, &place, &subnet, &Wanted { named, more })?;
            let new = addresses.clone();
            state.network_interfaces.update(&key, |interface| interface.addresses.extend(new));
            Ok(addresses)
        });
        let assigned = assigned.await?.into_iter();
        let shown =
            assigned.map(|address| wire::AssignedPrivateIpAddress { private_ip_address: Some(address) });
        Ok(wire::AssignPrivateIpAddressesResult {
            network_interface_id: Some(id),
            assigned_private_ip_addresses: Some(shown.collect()),
            assigned_ipv4_prefixes: None,
        })
    }

    /// UnassignPrivateIpAddresses.
    pub(crate) async fn unassign_private_ip_addresses(
        &self,
        call: &Call,
        input: wire::UnassignPrivateIpAddressesRequest,
    ) -> Result<wire::UnassignPrivateIpAddressesResponse, ServiceError> {
        let place = Place::of(call)?;
        let id = input.network_interface_id;
        let state = self.platform.store.read();
        let check = interface_check(&place, "ec2:UnassignPrivateIpAddresses", &id, &state);
        let proof = self.allow(call, None, check, [])?;
        if input.ipv4_prefixes.is_some() {
            return Err(Ec2Error::Unsupported("prefixes of a network interface").into());
        }
        let gone = input.private_ip_addresses.unwrap_or_default();
        if gone.is_empty() {
            return Err(Ec2Error::MissingParameter("privateIpAddress").into());
        }
        self.write(proof, move |state| {
            let interface = find_interface(state, &place, &id)?;
            let secondary = interface.addresses.get(1..).unwrap_or_default();
            if let Some(missing) = gone.iter().find(|address| !secondary.contains(address)) {
                let text =
                    format!("Some of the specified addresses are not assigned to interface {id}: {missing}");
                return Err(Ec2Error::InvalidParameterValue(text));
            }
            state.network_interfaces.update(&place.key(&id), |interface| {
                interface.addresses.retain(|address| !gone.contains(address));
            });
            Ok(())
        })
        .await?;
        Ok(wire::UnassignPrivateIpAddressesResponse)
    }
}
