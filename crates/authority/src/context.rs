//! The condition keys that every request has, whatever service it is for (reference iam.md 4.1 to 4.4).

use rolecall_arn::AccountId;
use rolecall_policy::{Context, ContextValue};
use rolecall_store::State;
use rolecall_store::records::Tag;

use crate::call::{Call, Origin};
use crate::organization::organization_path;
use crate::session::SessionHolder;

/// Adds the global keys to the keys that the operation brought. `tags` are the caller's.
pub(crate) fn add_global_keys(
    context: &mut Context,
    call: &Call,
    state: &State,
    tags: &[Tag],
    resource_account: Option<AccountId>,
) {
    call.caller.principal.add_context_keys(context);
    for tag in tags {
        context.set(&format!("aws:PrincipalTag/{}", tag.key), one(&tag.value));
    }
    add_organization(context, state, call.caller.account(), "aws:PrincipalOrgID", "aws:PrincipalOrgPaths");
    add_session_keys(context, call);
    add_origin_keys(context, call, state);
    add_resource_keys(context, state, resource_account);
    add_time_keys(context, call);
    context.set("aws:RequestedRegion", one(call.region.as_str()));
    context.set("aws:ViaAWSService", one("false"));
}

fn add_organization(
    context: &mut Context,
    state: &State,
    account: Option<AccountId>,
    id_key: &str,
    paths_key: &str,
) {
    let Some(account) = account else { return };
    let management = state.accounts.get(&account).and_then(|record| record.organization);
    let Some(organization) = management.and_then(|management| state.organizations.get(&management)) else {
        return;
    };
    context.set(id_key, one(&organization.id));
    let way = management.and_then(|management| state.organization_path(management, account.as_str()));
    if let Some(way) = way {
        context.set(paths_key, ContextValue::Many(vec![organization_path(&organization.id, way)]));
    }
}

fn add_session_keys(context: &mut Context, call: &Call) {
    let Some(session) = &call.caller.session else { return };
    context.set("aws:TokenIssueTime", one(&iso8601(session.issued_ms)));
    // No multi-factor device exists here, so no session was made with one.
    context.set("aws:MultiFactorAuthPresent", one("false"));
    if let SessionHolder::Role { source_identity, source_function_arn, .. } = &session.holder {
        if let Some(source_identity) = source_identity {
            context.set("aws:SourceIdentity", one(source_identity));
        }
        if let Some(function_arn) = source_function_arn {
            context.set("lambda:SourceFunctionArn", one(function_arn));
        }
    }
}

fn add_origin_keys(context: &mut Context, call: &Call, state: &State) {
    match &call.origin {
        Origin::Http { source_ip, user_agent, referer, secure_transport } => {
            if let Some(address) = source_ip {
                context.set("aws:SourceIp", one(&address.to_canonical().to_string()));
            }
            context.set("aws:UserAgent", one(user_agent));
            if let Some(referer) = referer {
                context.set("aws:referer", one(referer));
            }
            context.set("aws:SecureTransport", one(if *secure_transport { "true" } else { "false" }));
        }
        Origin::Service { source_arn, source_account } => {
            // A call inside the program never crosses a network.
            context.set("aws:SecureTransport", one("true"));
            if let Some(source_arn) = source_arn {
                context.set("aws:SourceArn", one(source_arn));
            }
            if let Some(source_account) = source_account {
                context.set("aws:SourceAccount", one(source_account.as_str()));
                add_organization(
                    context,
                    state,
                    Some(*source_account),
                    "aws:SourceOrgID",
                    "aws:SourceOrgPaths",
                );
            }
        }
    }
    if let Some(function_arn) = &call.source_function_arn {
        context.set("lambda:SourceFunctionArn", one(function_arn));
    }
}

fn add_resource_keys(context: &mut Context, state: &State, account: Option<AccountId>) {
    let Some(account) = account else { return };
    context.set("aws:ResourceAccount", one(account.as_str()));
    add_organization(context, state, Some(account), "aws:ResourceOrgID", "aws:ResourceOrgPaths");
}

fn add_time_keys(context: &mut Context, call: &Call) {
    context.set("aws:CurrentTime", one(&iso8601(call.time_ms)));
    context.set("aws:EpochTime", one(&call.time_ms.div_euclid(1000).to_string()));
}

/// The time as ISO 8601 in UTC, to the second.
fn iso8601(epoch_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn one(text: &str) -> ContextValue {
    ContextValue::One(text.to_owned())
}
