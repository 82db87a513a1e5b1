//! The names by which AWS's services appear as principals, like `s3.amazonaws.com`.

use std::sync::LazyLock;

use rolecall_arn::Region;

/// Sorted, comments left out.
static SERVICE_PRINCIPALS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/service-principals.txt").lines();
    let mut names: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    names.sort_unstable();
    names
});

/// All service principals that are known, sorted; without the forms that name a region.
pub fn service_principals() -> &'static [&'static str] {
    &SERVICE_PRINCIPALS
}

/// Whether this is a known service principal: `logs.amazonaws.com`, or with a region `logs.eu-west-1.amazonaws.com`.
/// Case matters. The list is long and not complete, because AWS publishes none.
pub fn is_service_principal(name: &str) -> bool {
    let known = |name: &str| SERVICE_PRINCIPALS.binary_search(&name).is_ok();
    known(name) || without_region(name).is_some_and(|name| known(&name))
}

/// `logs.amazonaws.com` for `logs.eu-west-1.amazonaws.com`.
fn without_region(name: &str) -> Option<String> {
    let (service, region) = name.strip_suffix(".amazonaws.com")?.rsplit_once('.')?;
    region.parse::<Region>().ok()?;
    Some(format!("{service}.amazonaws.com"))
}
