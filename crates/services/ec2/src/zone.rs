//! Availability zones: three in every region.

use rolecall_arn::Region;
use rolecall_authority::Call;
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::error::Ec2Error;
use crate::filter::Filters;

/// The zones of every region.
const LETTERS: [char; 3] = ['a', 'b', 'c'];

/// The filters of DescribeAvailabilityZones.
const FILTERS: &[&str] = &[
    "group-name",
    "message",
    "opt-in-status",
    "parent-zone-id",
    "parent-zone-name",
    "region-name",
    "state",
    "zone-id",
    "zone-name",
    "zone-type",
];

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    /// `us-east-1a`
    pub(crate) name: String,
    /// `use1-az1`
    pub(crate) id: String,
}

/// The zones of a region.
pub(crate) fn zones(region: &Region) -> Vec<Zone> {
    let short = short_name(region.as_str());
    let zone = |(at, letter): (usize, &char)| Zone {
        name: format!("{region}{letter}"),
        id: format!("{short}-az{}", at + 1),
    };
    LETTERS.iter().enumerate().map(zone).collect()
}

/// The zone that a subnet shall be in: by its name or id, or the first.
pub(crate) fn choose(region: &Region, name: Option<&str>, id: Option<&str>) -> Result<Zone, Ec2Error> {
    let zones = zones(region);
    let names: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let (value, parameter) = match (name, id) {
        (Some(name), _) => (name, "availabilityZone"),
        (None, Some(id)) => (id, "availabilityZoneId"),
        (None, None) => (names.first().copied().unwrap_or_default(), "availabilityZone"),
    };
    let why = format!(
        "Subnets can currently only be created in the following availability zones: {}.",
        names.join(", ")
    );
    let refusal = Ec2Error::value(value, parameter, &why);
    let is_it =
        |zone: &&Zone| if parameter == "availabilityZone" { zone.name == value } else { zone.id == value };
    zones.iter().find(is_it).cloned().ok_or(refusal)
}

/// The id of a zone by its name.
pub(crate) fn zone_id(region: &Region, name: &str) -> Option<String> {
    zones(region).into_iter().find(|zone| zone.name == name).map(|zone| zone.id)
}

/// `ap-southeast-2` → `apse2`: each word but the first by its initials.
fn short_name(region: &str) -> String {
    let mut short = String::new();
    for (at, word) in region.split('-').enumerate() {
        match word {
            _ if at == 0 => short += word,
            "northeast" => short += "ne",
            "northwest" => short += "nw",
            "southeast" => short += "se",
            "southwest" => short += "sw",
            _ => short.extend(word.chars().next()),
        }
    }
    short
}

impl Ec2 {
    /// DescribeAvailabilityZones.
    pub(crate) fn describe_availability_zones(
        &self,
        call: &Call,
        input: wire::DescribeAvailabilityZonesRequest,
    ) -> Result<wire::DescribeAvailabilityZonesResult, ServiceError> {
        let place = self.allow_describe(call, input.dry_run, "ec2:DescribeAvailabilityZones")?;
        let filters = Filters::read(input.filters, FILTERS)?;
        let known = zones(&place.region);
        let (names, ids) = (input.zone_names.unwrap_or_default(), input.zone_ids.unwrap_or_default());
        let unknown = names.iter().find(|name| !known.iter().any(|zone| zone.name == **name));
        let unknown = unknown.or_else(|| ids.iter().find(|id| !known.iter().any(|zone| zone.id == **id)));
        if let Some(unknown) = unknown {
            let text = format!("Invalid availability zone: [{unknown}]");
            return Err(Ec2Error::InvalidParameterValue(text).into());
        }
        let wanted = known.iter().filter(|zone| {
            (names.is_empty() || names.contains(&zone.name)) && (ids.is_empty() || ids.contains(&zone.id))
        });
        let passing = wanted.filter(|zone| filters.pass(&[], |name| fact(zone, &place.region, name)));
        let zones = passing.map(|zone| show(zone, &place.region)).collect();
        Ok(wire::DescribeAvailabilityZonesResult { availability_zones: Some(zones) })
    }
}

fn fact(zone: &Zone, region: &Region, name: &str) -> Vec<String> {
    let value = match name {
        "group-name" | "region-name" => region.to_string(),
        "opt-in-status" => "opt-in-not-required".to_owned(),
        "state" => "available".to_owned(),
        "zone-id" => zone.id.clone(),
        "zone-name" => zone.name.clone(),
        "zone-type" => "availability-zone".to_owned(),
        _ => return Vec::new(),
    };
    vec![value]
}

fn show(zone: &Zone, region: &Region) -> wire::AvailabilityZone {
    wire::AvailabilityZone {
        state: Some("available".to_owned()),
        opt_in_status: Some("opt-in-not-required".to_owned()),
        messages: Some(Vec::new()),
        region_name: Some(region.to_string()),
        zone_name: Some(zone.name.clone()),
        zone_id: Some(zone.id.clone()),
        group_name: Some(region.to_string()),
        network_border_group: Some(region.to_string()),
        zone_type: Some("availability-zone".to_owned()),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn zone_ids_begin_with_the_short_name_of_their_region() {
        for (region, short) in [
            ("us-east-1", "use1"),
            ("eu-central-1", "euc1"),
            ("ap-southeast-2", "apse2"),
            ("us-gov-west-1", "usgw1"),
        ] {
            assert_eq!(short_name(region), short);
        }
    }
}
