//! Callers and names that the ARN of a case cannot tell: federated users with the user behind them, and canonical users
//! whose account is known.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use rolecall_arn::AccountId;
use rolecall_policy::{
    Context, Decision, LayerKind, Layers, Policy, PolicyKind, PolicySource, Principal, Request,
    ResourceLayer, decide,
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const USER: &str = "arn:aws:iam::111122223333:user/ana";

fn guest() -> Principal {
    Principal::FederatedUser {
        account: "111122223333".parse().unwrap(),
        arn: "arn:aws:sts::111122223333:federated-user/guest".parse().unwrap(),
        user_arn: USER.parse().unwrap(),
        user_id: "AIDAANA".to_owned(),
    }
}

fn resource_policy(effect: &str, principal: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":{principal},"Action":"*","Resource":"*"}}}}"#
    );
    Policy::compile(PolicyKind::Resource, PolicySource::inline("resource"), &text).unwrap()
}

fn holders(action: &str) -> [Arc<Policy>; 1] {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
    );
    [Arc::new(Policy::compile(PolicyKind::Identity, PolicySource::inline("p"), &text).unwrap())]
}

fn ask(principal: &Principal, layers: &Layers<'_>) -> Decision {
    let mut context = Context::new();
    principal.add_context_keys(&mut context);
    let request = Request {
        principal,
        action: "lambda:InvokeFunction",
        resource: FUNCTION,
        resource_account: None,
        context: &context,
    };
    decide(&request, layers)
}

#[test]
fn a_grant_to_the_user_behind_a_federated_session_is_limited_by_boundary_and_session_policy() {
    // The fifth row of the table in reference iam.md 5.3.
    let (all, other) = (holders("*"), holders("s3:*"));
    for named in [format!(r#"{{"AWS":"{USER}"}}"#), r#"{"AWS":"AIDAANA"}"#.to_owned()] {
        let policy = resource_policy("Allow", &named);
        let with = |boundary, session| Layers {
            resource: ResourceLayer::Policy(&policy),
            boundary,
            session,
            ..Layers::default()
        };
        let rows: [(Option<&[_]>, Option<&[_]>, Option<LayerKind>); 5] = [
            (None, Some(&all), None),
            (None, None, Some(LayerKind::Session)),
            (None, Some(&other), Some(LayerKind::Session)),
            (Some(&other), Some(&all), Some(LayerKind::Boundary)),
            (Some(&all), Some(&all), None),
        ];
        for (boundary, session, denied_by) in rows {
            let decision = ask(&guest(), &with(boundary, session));
            assert_eq!(decision.denied_by(), denied_by, "{named}");
        }
    }
}

#[test]
fn a_canonical_user_that_is_known_is_its_account() {
    let account_of = |id: &str| (id == "79a5").then(|| "111122223333".parse::<AccountId>().unwrap());
    let ana = Principal::parse(USER, "AIDAANA").unwrap();
    let ben = Principal::parse("arn:aws:iam::444455556666:user/ben", "AIDABEN").unwrap();
    let all = holders("*");
    for (id, denies_ana, denies_ben) in [("79a5", true, false), ("80b6", true, true)] {
        let deny = resource_policy("Deny", &format!(r#"{{"CanonicalUser":"{id}"}}"#));
        let deny = deny.with_canonical_users(account_of);
        let layers = Layers { identity: &all, resource: ResourceLayer::Policy(&deny), ..Layers::default() };
        let is_explicit = |caller| ask(caller, &layers).effect() == rolecall_policy::Effect::ExplicitlyDenied;
        assert_eq!((is_explicit(&ana), is_explicit(&ben)), (denies_ana, denies_ben), "{id}");
    }
    let allow = |id: &str| {
        resource_policy("Allow", &format!(r#"{{"CanonicalUser":"{id}"}}"#)).with_canonical_users(account_of)
    };
    for (id, denied_by) in [("79a5", None), ("80b6", Some(LayerKind::Resource))] {
        let policy = allow(id);
        let layers = Layers { identity: &all, resource: ResourceLayer::Policy(&policy), ..Layers::default() };
        let kms = Layers { resource: ResourceLayer::Required(&policy), ..layers };
        assert_eq!(ask(&ana, &kms).denied_by(), denied_by, "an account grants like its root ARN: {id}");
    }
}

#[test]
fn the_root_of_an_account_is_written_without_anything_behind_it() {
    assert!(Principal::parse("arn:aws:iam::111122223333:root", "111122223333").is_ok());
    for text in ["arn:aws:iam::111122223333:root/", "arn:aws:iam::111122223333:root/ana"] {
        assert!(Principal::parse(text, "111122223333").is_err(), "{text}");
    }
}
