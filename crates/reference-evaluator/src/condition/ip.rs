//! Addresses and networks (reference iam.md 2.4).

/// An address as its bits, with the family kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    V4(u32),
    V6(u128),
}

/// Reads the address of a request. An IPv4 address written as IPv6 is an IPv4 address.
pub(crate) fn read_address(text: &str) -> Option<Address> {
    if let Some(address) = read_v4(text) {
        return Some(Address::V4(address));
    }
    let address = read_v6(text)?;
    let is_mapped = address >> 32 == 0xffff;
    Some(if is_mapped {
        Address::V4(u32::try_from(address & 0xffff_ffff).ok()?)
    } else {
        Address::V6(address)
    })
}

/// Whether an address is in a written network. One that cannot be read has no addresses.
pub(crate) fn is_in(address: &Address, network: &str) -> bool {
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, Some(prefix)),
        None => (network, None),
    };
    match address {
        Address::V4(address) => {
            let (Some(base), Some(prefix)) = (read_v4(base), read_prefix(prefix, 32)) else { return false };
            // Bits of the host are masked off.
            base.checked_shr(32 - prefix).unwrap_or(0) == address.checked_shr(32 - prefix).unwrap_or(0)
        }
        Address::V6(address) => {
            // Dotted digits inside an IPv6 network are refused in policies (reference iam.md 1.11).
            if base.contains('.') {
                return false;
            }
            let (Some(base), Some(prefix)) = (read_v6(base), read_prefix(prefix, 128)) else { return false };
            let network_bits = |bits: u128| bits.checked_shr(128 - prefix).unwrap_or(0);
            let has_host_bits = prefix < 128 && base << prefix != 0;
            !has_host_bits && network_bits(base) == network_bits(*address)
        }
    }
}

/// Digits with leading zeros or a plus; all bits when it is not written.
fn read_prefix(text: Option<&str>, bits: u32) -> Option<u32> {
    let Some(text) = text else { return Some(bits) };
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|prefix| *prefix <= bits)
}

/// Four decimal octets, leading zeros allowed.
fn read_v4(text: &str) -> Option<u32> {
    let octets: Vec<&str> = text.split('.').collect();
    if octets.len() != 4 {
        return None;
    }
    let mut address = 0;
    for octet in octets {
        if octet.is_empty() || !octet.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        address = address << 8 | u32::from(octet.parse::<u8>().ok()?);
    }
    Some(address)
}

/// Eight groups. A last colon alone is ignored, an empty first group is zero, and one run of colons may be three.
fn read_v6(text: &str) -> Option<u128> {
    let text = match text.strip_suffix(':') {
        Some(shorter) if !shorter.ends_with(':') => shorter,
        _ => text,
    };
    let text = text.replacen(":::", "::", 1);
    let groups = match text.split_once("::") {
        Some((_, after)) if after.contains("::") || after.starts_with(':') => return None,
        Some((before, after)) => {
            let (before, after) = (read_groups(before)?, read_groups(after)?);
            let missing = 8_usize.checked_sub(before.len() + after.len()).filter(|missing| *missing > 0)?;
            [before, vec![0; missing], after].concat()
        }
        None => read_groups(&text)?,
    };
    if groups.len() != 8 {
        return None;
    }
    Some(groups.iter().fold(0, |address, group| address << 16 | u128::from(*group)))
}

/// Groups of up to four hexadecimal digits; the last may be an IPv4 address, which is two groups.
fn read_groups(text: &str) -> Option<Vec<u16>> {
    let mut groups = Vec::new();
    if text.is_empty() {
        return Some(groups);
    }
    let written: Vec<&str> = text.split(':').collect();
    for (at, group) in written.iter().enumerate() {
        if at + 1 == written.len() && group.contains('.') {
            let address = read_v4(group)?;
            groups.extend([u16::try_from(address >> 16).ok()?, u16::try_from(address & 0xffff).ok()?]);
        } else if at == 0 && group.is_empty() {
            groups.push(0);
        } else if (1..=4).contains(&group.len()) && group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            groups.push(u16::from_str_radix(group, 16).ok()?);
        } else {
            return None;
        }
    }
    Some(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captured_networks_have_the_captured_addresses() {
        for (address, network, expected) in [
            ("192.0.2.1", "192.0.2.77/24", true),
            ("192.0.2.1", "192.000.2.1/+032", true),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", false),
            ("2001:db8::5", "2001:db8::5/64", false),
            ("2001:db8::5", "2001:db8::4/127", true),
            ("2001:db8::5:", "2001:db8:::5", true),
        ] {
            assert_eq!(is_in(&read_address(address).unwrap(), network), expected, "{address} {network}");
        }
        for text in ["192.0.2.1/32", "1::2::3", "192.0.2", "", "not-an-ip"] {
            assert_eq!(read_address(text), None, "{text}");
        }
    }
}
