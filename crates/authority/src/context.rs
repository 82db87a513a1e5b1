//! The condition keys that every request has, whatever service it is for (reference iam.md 4.1 to 4.4).

use rolecall_arn::AccountId;
use rolecall_policy::Context;
use rolecall_store::records::Tag;

use crate::call::{Call, Origin};
use crate::organization::OrganizationPlace;
use crate::session::SessionHolder;

/// Hardly any request has more keys of its own and global ones.
pub(crate) const USUAL_KEYS: usize = 32;

/// What the call itself does not say about those who take part in it.
pub(crate) struct Parties<'a> {
    /// The caller's tags.
    pub tags: &'a [Tag],
    /// The account that owns the resource.
    pub owner: Option<AccountId>,
    /// The places of the caller's account, the owner and the account in whose behalf a service calls.
    pub caller_place: Option<&'a OrganizationPlace>,
    pub owner_place: Option<&'a OrganizationPlace>,
    pub source_place: Option<&'a OrganizationPlace>,
}

/// Adds the global keys to the keys that the operation brought.
pub(crate) fn add_global_keys(context: &mut Context, call: &Call, parties: &Parties<'_>) {
    call.caller.principal.add_context_keys(context);
    for tag in parties.tags {
        context.set(&["aws:PrincipalTag/", &tag.key].concat(), tag.value.as_str());
    }
    add_place(context, parties.caller_place, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths");
    add_session_keys(context, call);
    add_origin_keys(context, call);
    add_place(context, parties.source_place, "aws:SourceOrgID", "aws:SourceOrgPaths");
    if let Some(owner) = parties.owner {
        context.set_known("aws:ResourceAccount", owner.as_str());
        add_place(context, parties.owner_place, "aws:ResourceOrgID", "aws:ResourceOrgPaths");
    }
    add_time_keys(context, call);
    context.set_known("aws:RequestedRegion", call.region.as_str());
    context.set_known("aws:ViaAWSService", "false");
}

fn add_place(
    context: &mut Context,
    place: Option<&OrganizationPlace>,
    id_key: &'static str,
    paths_key: &'static str,
) {
    let Some(place) = place else { return };
    context.set_known(id_key, place.id.as_str());
    if let Some(path) = &place.path {
        context.set_known(paths_key, vec![path.clone()]);
    }
}

fn add_session_keys(context: &mut Context, call: &Call) {
    let Some(session) = &call.caller.session else { return };
    context.set_known("aws:TokenIssueTime", iso8601(session.issued_ms));
    // No multi-factor device exists here, so no session was made with one.
    context.set_known("aws:MultiFactorAuthPresent", "false");
    if let SessionHolder::Role { source_identity, source_function_arn, .. } = &session.holder {
        if let Some(source_identity) = source_identity {
            context.set_known("aws:SourceIdentity", source_identity.as_str());
        }
        if let Some(function_arn) = source_function_arn {
            context.set_known("lambda:SourceFunctionArn", function_arn.as_str());
        }
    }
}

fn add_origin_keys(context: &mut Context, call: &Call) {
    match &call.origin {
        Origin::Http { source_ip, user_agent, referer, secure_transport } => {
            if let Some(address) = source_ip {
                context.set_known("aws:SourceIp", address.to_canonical().to_string());
            }
            context.set_known("aws:UserAgent", user_agent.as_str());
            if let Some(referer) = referer {
                context.set_known("aws:referer", referer.as_str());
            }
            context.set_known("aws:SecureTransport", if *secure_transport { "true" } else { "false" });
        }
        Origin::Service { source_arn, source_account } => {
            // A call inside the program never crosses a network.
            context.set_known("aws:SecureTransport", "true");
            if let Some(source_arn) = source_arn {
                context.set_known("aws:SourceArn", source_arn.as_str());
            }
            if let Some(source_account) = source_account {
                context.set_known("aws:SourceAccount", source_account.as_str());
            }
        }
    }
    if let Some(function_arn) = &call.source_function_arn {
        context.set_known("lambda:SourceFunctionArn", function_arn.as_str());
    }
}

fn add_time_keys(context: &mut Context, call: &Call) {
    context.set_known("aws:CurrentTime", iso8601(call.time_ms));
    context.set_known("aws:EpochTime", call.time_ms.div_euclid(1000).to_string());
}

/// The time as ISO 8601 in UTC, to the second.
fn iso8601(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    let mut text = String::with_capacity("2026-01-01T00:00:00Z".len());
    let parts = [
        (time.month(), '-'),
        (time.day(), '-'),
        (time.hour(), 'T'),
        (time.minute(), ':'),
        (time.second(), ':'),
    ];
    text.push_str(&format!("{:04}", time.year()));
    for (value, before) in parts {
        text.push(before);
        // Each has two digits.
        text.extend([value / 10, value % 10].map(|digit| char::from(b'0' + digit.unsigned_abs())));
    }
    text.push('Z');
    text
}

#[cfg(test)]
mod tests {
    use super::iso8601;

    #[test]
    fn a_time_is_written_to_the_second() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso8601(1_796_000_405_999), "2026-11-30T01:00:05Z");
    }
}
