//! IP addresses and networks, with AWS's leniencies and its strictness (reference iam.md 2.4).

use smallvec::SmallVec;

/// An address with its family; the number is right-aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    V4(u32),
    V6(u128),
}

/// The address of a request. A CIDR is not an address; an IPv4 address inside IPv6 counts as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestAddress(Address);

/// A network of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    V4 { network: u32, prefix: u32 },
    V6 { network: u128, prefix: u32 },
}

impl RequestAddress {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let address = match parse_v4(text) {
            Some(v4) => Address::V4(v4),
            None => Address::V6(parse_v6(text, true)?),
        };
        Some(RequestAddress(match address {
            Address::V6(v6) if v6 >> 32 == 0xffff => Address::V4((v6 & 0xffff_ffff) as u32),
            other => other,
        }))
    }
}

impl Network {
    /// Reads an address or CIDR. Host bits of IPv4 are cut off; an IPv6 network with host bits is malformed, as is one
    /// with a dotted part.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(parse_prefix(prefix)?)),
            None => (text, None),
        };
        if let Some(v4) = parse_v4(address) {
            let prefix = prefix.unwrap_or(32);
            return (prefix <= 32).then(|| Network::V4 { network: v4 & mask_v4(prefix), prefix });
        }
        let v6 = parse_v6(address, false)?;
        let prefix = prefix.unwrap_or(128);
        (prefix <= 128 && v6 & !mask_v6(prefix) == 0).then_some(Network::V6 { network: v6, prefix })
    }

    pub(crate) fn contains(&self, address: RequestAddress) -> bool {
        match (*self, address.0) {
            (Network::V4 { network, prefix }, Address::V4(v4)) => v4 & mask_v4(prefix) == network,
            (Network::V6 { network, prefix }, Address::V6(v6)) => v6 & mask_v6(prefix) == network,
            _ => false,
        }
    }
}

fn mask_v4(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0)
}

fn mask_v6(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)
}

/// Leading zeros and one `+` are accepted.
fn parse_prefix(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Four decimal octets; leading zeros do not make them octal.
fn parse_v4(text: &str) -> Option<u32> {
    let (mut address, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < 3 => {
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && dots < 3 && octet <= 255 => {
                address = address << 8 | octet;
                (octet, digits, dots) = (0, 0, dots + 1);
            }
            _ => return None,
        }
    }
    (digits > 0 && dots == 3 && octet <= 255).then_some(address << 8 | octet)
}

/// The groups of an IPv6 address, at most eight.
type Groups = SmallVec<[u16; 8]>;

/// Longer than any spelling of an IPv6 address.
const TOO_LONG: usize = 64;

/// Standard IPv6, and the odd spellings that AWS takes: a trailing colon, one empty first group, one `:::`.
fn parse_v6(text: &str, dotted: bool) -> Option<u128> {
    if !text.contains(':') || text.contains("::::") || text.len() > TOO_LONG {
        return None;
    }
    let single_run = shorten_run(text);
    let single_run = std::str::from_utf8(&single_run).ok()?;
    let trimmed = match single_run.strip_suffix(':') {
        Some(rest) if !rest.ends_with(':') => rest,
        _ => single_run,
    };
    let groups = match trimmed.split_once("::") {
        None => parse_groups(trimmed, dotted)?,
        Some((_, tail)) if tail.contains("::") || tail.starts_with(':') => return None,
        Some((head, tail)) => {
            let (mut groups, tail) = (parse_groups(head, false)?, parse_groups(tail, dotted)?);
            let missing = 8_usize.checked_sub(groups.len() + tail.len()).filter(|missing| *missing > 0)?;
            groups.resize(groups.len() + missing, 0);
            groups.extend(tail);
            groups
        }
    };
    (groups.len() == 8).then(|| groups.iter().fold(0, |address, group| address << 16 | u128::from(*group)))
}

/// Makes `::` of the first `:::`.
fn shorten_run(text: &str) -> SmallVec<[u8; TOO_LONG]> {
    match text.split_once(":::") {
        None => SmallVec::from_slice(text.as_bytes()),
        Some((head, tail)) => [head, "::", tail].iter().flat_map(|part| part.bytes()).collect(),
    }
}

fn parse_groups(text: &str, dotted: bool) -> Option<Groups> {
    let mut groups = Groups::new();
    if text.is_empty() {
        return Some(groups);
    }
    let last = text.split(':').count() - 1;
    if last >= 8 {
        return None;
    }
    for (at, group) in text.split(':').enumerate() {
        if at == last && group.contains('.') {
            let v4 = if dotted { parse_v4(group)? } else { return None };
            groups.extend([(v4 >> 16) as u16, (v4 & 0xffff) as u16]);
        } else if at == 0 && group.is_empty() {
            groups.push(0);
        } else {
            groups.push(parse_group(group)?);
        }
    }
    Some(groups)
}

fn parse_group(group: &str) -> Option<u16> {
    let legal = (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    if legal { u16::from_str_radix(group, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_in_the_networks_that_aws_says() {
        let cases = [
            ("192.0.2.0/24", "192.0.2.77", true),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.000.2.1", "192.0.2.1", true),
            ("192.0.2.0/+024", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("0.0.0.0/0", "192.0.2.2", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::4/127", "2001:db8::5", true),
            ("2001:db8::4/127", "2001:db8::6", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:c000:201", "192.0.2.1", false),
            ("::ffff:c000:201", "::ffff:192.0.2.1", false),
            ("2001:db8::1", "2001:db8:0:0:0:0:0:1:", true),
            ("2001:db8::1", "2001:db8:::1", true),
            (":1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7", true),
        ];
        for (network, address, expected) in cases {
            let (network, address) =
                (Network::parse(network).unwrap(), RequestAddress::parse(address).unwrap());
            assert_eq!(network.contains(address), expected, "{network:?} {address:?}");
        }
    }

    #[test]
    fn malformed_spellings_are_refused() {
        for text in [
            "",
            "not-an-ip",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.1/33",
            "192.0.2.1/",
            "192.0.2.1/-1",
            "2001:db8::5/64",
            "::ffff:192.0.2.1",
            "1::2::3",
            "1:2:3:4:5:6:7:8:9",
            "::1/129",
            "::::",
            "g::",
        ] {
            assert!(Network::parse(text).is_none(), "{text}");
        }
        for text in
            ["", "192.0.2.1/32", "2001:db8::/64", "1::2::3", "fe80::1%eth0", "192.0.2.1.", " 192.0.2.1"]
        {
            assert!(RequestAddress::parse(text).is_none(), "{text}");
        }
    }
}
