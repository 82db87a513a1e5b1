//! The checks of this service: which action on which ARN, with which condition keys.
//!
//! What EC2 makes has no id before it is made, so a policy sees `vpc/*` then, and the tags that it shall get. What
//! exists is seen by its id, with `aws:ResourceTag` and EC2's older `ec2:ResourceTag` for its tags. Operations that
//! describe have no resource at all (Service Authorization Reference, Amazon EC2).

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_authority::{Authorized, Call, Check};
use rolecall_service::{denied, store_failed};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_wire::ServiceError;

use crate::Ec2;
use crate::error::{Ec2Error, SERVICE};

/// Where a call acts: the caller's account and the region that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Place {
    /// The caller's.
    pub(crate) fn of(call: &Call) -> Result<Self, Ec2Error> {
        let account = call.caller.account().ok_or(Ec2Error::NoAccount)?;
        Ok(Place { account, region: call.region.clone() })
    }

    /// The key of a record.
    pub(crate) fn key(&self, id: &str) -> (AccountId, Region, String) {
        (self.account, self.region.clone(), id.to_owned())
    }

    /// `arn:aws:ec2:REGION:ACCOUNT:KIND/ID`
    pub(crate) fn arn(&self, kind: &str, id: &str) -> Arn {
        Arn::regional("ec2", &self.region, self.account, &format!("{kind}/{id}"))
    }

    /// A check on something that exists, or may exist.
    pub(crate) fn check<'a>(&self, action: &'a str, kind: &str, id: &str) -> Check<'a> {
        Check::on(action, &self.arn(kind, id), self.account).key("ec2:Region", self.region.as_str())
    }

    /// A check on something that is to be made.
    pub(crate) fn check_new<'a>(&self, action: &'a str, kind: &str, tags: &[Tag]) -> Check<'a> {
        let pairs = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        self.check(action, kind, "*").request_tags(pairs)
    }

    /// Where something is made with tags, `ec2:CreateTags` is needed as well.
    pub(crate) fn check_new_tags<'a>(&self, operation: &str, kind: &str, tags: &[Tag]) -> Option<Check<'a>> {
        let check = || self.check_new("ec2:CreateTags", kind, tags).key("ec2:CreateAction", operation);
        (!tags.is_empty()).then(check)
    }
}

/// Adds a resource's tags under both names.
pub(crate) fn with_tags<'a>(check: Check<'a>, tags: &[Tag]) -> Check<'a> {
    let add = |check: Check<'a>, tag: &Tag| check.key(&format!("ec2:ResourceTag/{}", tag.key), &*tag.value);
    tags.iter().fold(check.resource_tags(tags), add)
}

/// A check on a VPC, with its tags where it exists.
pub(crate) fn vpc_check<'a>(place: &Place, action: &'a str, id: &str, state: &State) -> Check<'a> {
    let check = place.check(action, "vpc", id).key("ec2:VpcID", id);
    match state.vpcs.get(&place.key(id)) {
        Some(vpc) => with_tags(check, &vpc.tags).key("ec2:Tenancy", &*vpc.tenancy),
        None => check,
    }
}

/// A check on a subnet, with its VPC and tags where it exists.
pub(crate) fn subnet_check<'a>(place: &Place, action: &'a str, id: &str, state: &State) -> Check<'a> {
    let check = place.check(action, "subnet", id).key("ec2:SubnetID", id);
    match state.subnets.get(&place.key(id)) {
        Some(subnet) => with_tags(check, &subnet.tags)
            .key("ec2:Vpc", place.arn("vpc", &subnet.vpc_id).as_str())
            .key("ec2:AvailabilityZone", &*subnet.zone),
        None => check,
    }
}

/// A check on a security group, with its VPC and tags where it exists.
pub(crate) fn group_check<'a>(place: &Place, action: &'a str, id: &str, state: &State) -> Check<'a> {
    let check = place.check(action, "security-group", id).key("ec2:SecurityGroupID", id);
    match state.security_groups.get(&place.key(id)) {
        Some(group) => with_tags(check, &group.tags).key("ec2:Vpc", place.arn("vpc", &group.vpc_id).as_str()),
        None => check,
    }
}

/// A check on a network interface, with its subnet, VPC and tags where it exists.
pub(crate) fn interface_check<'a>(place: &Place, action: &'a str, id: &str, state: &State) -> Check<'a> {
    let check = place.check(action, "network-interface", id).key("ec2:NetworkInterfaceID", id);
    match state.network_interfaces.get(&place.key(id)) {
        Some(interface) => with_tags(check, &interface.tags)
            .key("ec2:Subnet", place.arn("subnet", &interface.subnet_id).as_str())
            .key("ec2:Vpc", place.arn("vpc", &interface.vpc_id).as_str()),
        None => check,
    }
}

impl Ec2 {
    /// All checks of an operation must be allowed; then one that was only to be tried ends.
    pub(crate) fn allow<'a>(
        &self,
        call: &Call,
        dry_run: Option<bool>,
        first: Check<'a>,
        further: impl IntoIterator<Item = Check<'a>>,
    ) -> Result<Authorized, ServiceError> {
        let authorize = |check: Check<'a>| {
            let check = check.encoding_denial();
            self.platform.authority.authorize(call, check).map_err(|refused| denied(SERVICE, &refused))
        };
        let proof = authorize(first)?;
        for check in further {
            authorize(check)?;
        }
        match dry_run {
            Some(true) => Err(Ec2Error::DryRun.into()),
            _ => Ok(proof),
        }
    }

    /// The check of an operation that describes.
    pub(crate) fn allow_describe(
        &self,
        call: &Call,
        dry_run: Option<bool>,
        action: &str,
    ) -> Result<Place, ServiceError> {
        let check = Check::on_all(action).key("ec2:Region", call.region.as_str());
        self.allow(call, dry_run, check, [])?;
        Ok(Place::of(call)?)
    }

    /// Changes records on the strength of a proof, which is used up by it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        _proof: Authorized,
        change: impl FnOnce(&mut State) -> Result<T, Ec2Error> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let change = move |state: &mut State| change(state).map_err(ServiceError::from);
        self.platform.store.write(change).await.map_err(|failure| store_failed(SERVICE, failure))
    }
}
