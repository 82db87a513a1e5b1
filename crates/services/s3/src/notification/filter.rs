//! Which events of which keys a configuration is about, and whether two are about the same.

use rolecall_store::records::s3::FunctionNotification;

/// Whether a configured event, such as `s3:ObjectCreated:*`, covers one that happens, such as `ObjectCreated:Put`.
fn covers(configured: &str, name: &str) -> bool {
    let configured = configured.strip_prefix("s3:").unwrap_or(configured);
    match configured.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => configured == name,
    }
}

/// The value of a filter rule, `prefix` or `suffix`; empty where there is none.
fn rule<'n>(notification: &'n FunctionNotification, name: &str) -> &'n str {
    let found = notification.filter_rules.iter().find(|(rule, _)| rule == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// Whether the configuration is about the event of the key.
pub(super) fn wants(notification: &FunctionNotification, event: &str, key: &str) -> bool {
    notification.events.iter().any(|configured| covers(configured, event))
        && key.starts_with(rule(notification, "prefix"))
        && key.ends_with(rule(notification, "suffix"))
}

/// Whether the two configurations have an event in common.
pub(super) fn share_event(one: &FunctionNotification, other: &FunctionNotification) -> bool {
    let bare = |event: &str| event.trim_start_matches("s3:").to_owned();
    one.events.iter().any(|a| other.events.iter().any(|b| covers(a, &bare(b)) || covers(b, &bare(a))))
}

/// Whether there can be a key that both are about.
pub(super) fn overlap(one: &FunctionNotification, other: &FunctionNotification) -> bool {
    let (a, b) = (rule(one, "prefix"), rule(other, "prefix"));
    let (c, d) = (rule(one, "suffix"), rule(other, "suffix"));
    (a.starts_with(b) || b.starts_with(a)) && (c.ends_with(d) || d.ends_with(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(event: &str, prefix: &str, suffix: &str) -> FunctionNotification {
        let rules = [("prefix", prefix), ("suffix", suffix)];
        let rules = rules.iter().filter(|(_, value)| !value.is_empty());
        FunctionNotification {
            id: "id".to_owned(),
            function_arn: "arn".to_owned(),
            events: vec![event.to_owned()],
            filter_rules: rules.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn a_configuration_wants_its_events_of_its_keys() {
        let images = notification("s3:ObjectCreated:*", "images/", ".jpg");
        for (event, key, expected) in [
            ("ObjectCreated:Put", "images/a.jpg", true),
            ("ObjectCreated:Copy", "images/a.jpg", true),
            ("ObjectRemoved:Delete", "images/a.jpg", false),
            ("ObjectCreated:Put", "images/a.png", false),
            ("ObjectCreated:Put", "other/a.jpg", false),
        ] {
            assert_eq!(wants(&images, event, key), expected, "{event} {key}");
        }
        assert!(!wants(&notification("s3:ObjectCreated:Put", "", ""), "ObjectCreated:PutX", "k"));
    }

    #[test]
    fn two_overlap_when_a_key_and_an_event_can_be_of_both() {
        let base = notification("s3:ObjectCreated:*", "images/", ".jpg");
        for (event, prefix, suffix, expected) in [
            ("s3:ObjectCreated:Put", "images/2026/", ".jpg", true),
            ("s3:ObjectCreated:Put", "", "", true),
            ("s3:ObjectCreated:Put", "images/", ".png", false),
            ("s3:ObjectCreated:Put", "text/", ".jpg", false),
            ("s3:ObjectRemoved:*", "images/", ".jpg", false),
        ] {
            let other = notification(event, prefix, suffix);
            assert_eq!(
                share_event(&base, &other) && overlap(&base, &other),
                expected,
                "{event} {prefix} {suffix}"
            );
            assert_eq!(
                share_event(&other, &base) && overlap(&other, &base),
                expected,
                "{event} {prefix} {suffix}"
            );
        }
    }
}
