//! The arithmetic of addresses: which blocks a VPC and a subnet may have, and which addresses in them are free.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::error::Ec2Error;

/// The first four addresses of a subnet and its last are EC2's.
const RESERVED_AT_START: u32 = 4;
/// All that EC2 keeps for itself.
const RESERVED: u64 = 5;

/// The block of a request, without the bits of a host.
pub(crate) fn parse_block(text: &str) -> Result<Ipv4Net, Ec2Error> {
    let block: Ipv4Net =
        text.parse().map_err(|_| Ec2Error::value(text, "cidrBlock", "This is not a valid CIDR block."))?;
    Ok(block.trunc())
}

/// Whether the block has a size that VPCs and subnets may have.
pub(crate) fn has_allowed_size(block: &Ipv4Net) -> bool {
    (16..=28).contains(&block.prefix_len())
}

/// Whether two blocks have an address in common.
pub(crate) fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// How many addresses of a block can be given to interfaces.
pub(crate) fn usable(block: &Ipv4Net) -> u64 {
    (1_u64 << (32 - u32::from(block.prefix_len()))).saturating_sub(RESERVED)
}

/// Whether the address is one that an interface in the block may have.
pub(crate) fn is_usable(block: &Ipv4Net, address: Ipv4Addr) -> bool {
    let offset = u32::from(address).wrapping_sub(u32::from(block.network()));
    block.contains(&address) && offset >= RESERVED_AT_START && address != block.broadcast()
}

/// The lowest addresses that are free.
pub(crate) fn free(
    block: &Ipv4Net,
    taken: &BTreeSet<Ipv4Addr>,
    count: usize,
) -> Result<Vec<Ipv4Addr>, Ec2Error> {
    let (first, last) = (u32::from(block.network()), u32::from(block.broadcast()));
    let usable = first.saturating_add(RESERVED_AT_START)..last;
    let found: Vec<Ipv4Addr> =
        usable.map(Ipv4Addr::from).filter(|address| !taken.contains(address)).take(count).collect();
    if found.len() == count { Ok(found) } else { Err(Ec2Error::NoFreeAddress) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    #[test]
    fn ec2_keeps_five_addresses_of_every_subnet() {
        let subnet = block("10.0.0.0/28");
        assert_eq!(usable(&subnet), 11);
        let all = free(&subnet, &BTreeSet::new(), 11).unwrap();
        assert_eq!(
            (all.first().unwrap().to_string(), all.last().unwrap().to_string()),
            ("10.0.0.4".into(), "10.0.0.14".into())
        );
        assert_eq!(free(&subnet, &BTreeSet::new(), 12), Err(Ec2Error::NoFreeAddress));
        assert!(
            !is_usable(&subnet, "10.0.0.3".parse().unwrap())
                && !is_usable(&subnet, "10.0.0.15".parse().unwrap())
        );
        assert!(is_usable(&subnet, "10.0.0.4".parse().unwrap()));
    }

    #[test]
    fn blocks_overlap_where_one_holds_the_other() {
        assert!(overlap(&block("10.0.0.0/16"), &block("10.0.3.0/24")));
        assert!(overlap(&block("10.0.3.0/24"), &block("10.0.0.0/16")));
        assert!(!overlap(&block("10.0.0.0/24"), &block("10.0.1.0/24")));
    }

    #[test]
    fn the_bits_of_a_host_are_dropped() {
        assert_eq!(parse_block("10.0.0.77/16").unwrap().to_string(), "10.0.0.0/16");
        for wrong in ["10.0.0.0", "10.0.0.0/33", "x", "::/64", ""] {
            assert!(parse_block(wrong).is_err(), "{wrong}");
        }
    }
}
