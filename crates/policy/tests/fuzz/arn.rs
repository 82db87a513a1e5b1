//! Names of things: what is read is printed as it was, and its parts make it again. The input is the text.

use rolecall_arn::{AccountId, Arn, PARTITION, Region, UniqueId};
use rolecall_policy::{Context, Principal};

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    prints_as_it_was::<AccountId>(text);
    prints_as_it_was::<Region>(text);
    prints_as_it_was::<UniqueId>(text);
    prints_as_it_was::<Arn>(text);
    if let Ok(arn) = text.parse::<Arn>() {
        check_parts(&arn, text);
    }
    // Nobody who calls is of another partition or has a region; what is taken for such a caller does not matter.
    let is_elsewhere =
        text.parse::<Arn>().is_ok_and(|arn| arn.partition() != PARTITION || !arn.region().is_empty());
    if let Ok(caller) = Principal::parse(text, "AIDAAAAAAAAAAAAAAAAA")
        && !is_elsewhere
    {
        check_caller(&caller, text);
    }
}

fn prints_as_it_was<T>(text: &str)
where
    T: std::str::FromStr + std::fmt::Display + PartialEq + std::fmt::Debug,
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let Ok(value) = text.parse::<T>() else {
        let quoted = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<T>(&quoted).is_err(), "{text:?} is read from JSON only");
        return;
    };
    assert_eq!(value.to_string(), text);
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, serde_json::to_string(text).unwrap());
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
}

fn check_parts(arn: &Arn, text: &str) {
    let parts = [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()];
    assert_eq!(format!("arn:{}", parts.join(":")), text);
    assert!(parts.iter().take(4).all(|part| !part.contains(':')), "{parts:?}");
    assert_eq!(
        arn.account_id().map(|account| account.to_string()),
        arn.account().parse::<AccountId>().ok().map(|account| account.to_string())
    );
    if arn.partition() == PARTITION && (arn.account().is_empty() || arn.account_id().is_some()) {
        let made = Arn::new(arn.service(), arn.region(), arn.account_id(), arn.resource());
        assert_eq!(&made, arn);
    }
}

/// A caller is called what it was read from. A role stands for a session of it, which has another name.
fn check_caller(caller: &Principal, text: &str) {
    if !matches!(caller, Principal::RoleSession { role_arn, .. } if role_arn.as_str() == text) {
        assert_eq!(caller.caller_arn(), text);
    }
    let mut context = Context::new();
    caller.add_context_keys(&mut context);
    let before = context.clone();
    caller.add_context_keys(&mut context);
    assert_eq!(context, before);
    assert!(!caller.short_name().is_empty());
}
