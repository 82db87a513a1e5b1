//! The network interfaces by which functions are connected: made, shared and removed with execution roles.
//!
//! All functions with the same subnet and the same security groups share one interface. It is made with the role of the
//! first and goes with the role of the last. Lambda's own calls carry no `lambda:SourceFunctionArn`, so a policy can
//! keep function code from what it leaves to Lambda (reference lambda.md 4.5 and 6.21).

use std::collections::BTreeSet;
use std::sync::Arc;

use rolecall_authority::{Call, Caller, Origin};
use rolecall_service::internal;
use rolecall_store::records::lambda::VpcAttachment;
use rolecall_wire::ec2::{
    CreateNetworkInterfaceRequest, DeleteNetworkInterfaceRequest, DescribeNetworkInterfacesRequest, Filter,
    Input, NetworkInterface, Output,
};
use rolecall_wire::{AnyOutput, ServiceError};
use tokio::sync::MutexGuard;

use crate::error::{LambdaError, SERVICE};
use crate::name::Key;
use crate::role::delivery_caller;
use crate::service::Lambda;
use crate::vpc::request::refused;

/// The type of interfaces that are Lambda's own.
const LAMBDA: &str = "lambda";

/// A function's place in a VPC. While it is held no interface is removed, so it must outlive the write of the record.
pub(crate) struct Connection<'l> {
    /// The place with its interfaces; none where nothing was asked for.
    pub(crate) attachment: Option<VpcAttachment>,
    _held: Option<MutexGuard<'l, ()>>,
}

impl Lambda {
    /// Connects a function with its role, where a place is wanted.
    ///
    /// # Errors
    /// What the role lacks, or what EC2 refuses.
    pub(crate) async fn connect_if(
        &self,
        role: &str,
        function: &Key,
        wanted: Option<VpcAttachment>,
    ) -> Result<Connection<'_>, ServiceError> {
        match wanted {
            Some(wanted) if !wanted.subnet_ids.is_empty() => {
                let held = Some(self.parts.interfaces.lock().await);
                let attachment = Some(self.connect(role, function, wanted).await?);
                Ok(Connection { attachment, _held: held })
            }
            attachment => Ok(Connection { attachment, _held: None }),
        }
    }

    /// Finds or makes an interface in each subnet.
    async fn connect(
        &self,
        role: &str,
        function: &Key,
        mut wanted: VpcAttachment,
    ) -> Result<VpcAttachment, ServiceError> {
        let caller = delivery_caller(&self.platform, role, function).await?;
        self.require_interface_rights(&caller, function, &wanted).await?;
        let made = self.find_or_make_interfaces(&caller, role, function, &wanted).await;
        // Of several, the first may have been made and the second refused.
        wanted.interface_ids = made.inspect_err(|_| self.release_claimed_soon(function.clone()))?;
        Ok(wanted)
    }

    async fn find_or_make_interfaces(
        &self,
        caller: &Caller,
        role: &str,
        function: &Key,
        wanted: &VpcAttachment,
    ) -> Result<Vec<String>, ServiceError> {
        let subnets: BTreeSet<&String> = wanted.subnet_ids.iter().collect();
        let mut interfaces = Vec::new();
        for subnet in subnets {
            let found = self.find_interface(caller, function, subnet, &wanted.security_group_ids).await?;
            let interface = match found {
                Some(interface) => interface,
                None => {
                    self.claim_interfaces(role, function).await?;
                    self.make_interface(caller, function, subnet, &wanted.security_group_ids).await?
                }
            };
            interfaces.push(interface);
        }
        Ok(interfaces)
    }

    /// Lambda does not begin what it could not undo: the role must be allowed to make, to find and to remove interfaces
    /// (reference lambda.md 4.3). Each is asked of EC2 itself, as a trial.
    async fn require_interface_rights(
        &self,
        caller: &Caller,
        function: &Key,
        wanted: &VpcAttachment,
    ) -> Result<(), ServiceError> {
        let subnet_id = wanted.subnet_ids.first().cloned().unwrap_or_default();
        let dry_run = Some(true);
        let groups = Some(wanted.security_group_ids.clone());
        let create = CreateNetworkInterfaceRequest { subnet_id, groups, dry_run, ..Default::default() };
        let describe = DescribeNetworkInterfacesRequest { dry_run, ..Default::default() };
        let delete = DeleteNetworkInterfaceRequest { network_interface_id: "*".to_owned(), dry_run };
        for trial in [
            Input::CreateNetworkInterface(create),
            Input::DescribeNetworkInterfaces(describe),
            Input::DeleteNetworkInterface(delete),
        ] {
            let operation = trial.operation().name();
            match self.as_role(caller, function, trial).await {
                Err(error) if error.code != "DryRunOperation" => {
                    return Err(refused_to_role(operation, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The interface in the subnet with exactly these groups, where there is one.
    async fn find_interface(
        &self,
        caller: &Caller,
        function: &Key,
        subnet: &str,
        groups: &[String],
    ) -> Result<Option<String>, ServiceError> {
        let in_subnet = filter("subnet-id", subnet);
        let interfaces = self.lambda_interfaces(caller, function, Some(in_subnet)).await?;
        let wanted: BTreeSet<&String> = groups.iter().collect();
        let has_groups = |interface: &NetworkInterface| {
            let groups = interface.groups.iter().flatten();
            groups.filter_map(|group| group.group_id.as_ref()).collect::<BTreeSet<_>>() == wanted
        };
        let mut found = interfaces.into_iter().filter(has_groups);
        Ok(found.next().and_then(|interface| interface.network_interface_id))
    }

    /// Lambda's interfaces in the function's account and region that the filter lets through.
    pub(super) async fn lambda_interfaces(
        &self,
        caller: &Caller,
        function: &Key,
        further: Option<Filter>,
    ) -> Result<Vec<NetworkInterface>, ServiceError> {
        let filters = further.into_iter().chain([filter("interface-type", LAMBDA)]).collect();
        let request = DescribeNetworkInterfacesRequest { filters: Some(filters), ..Default::default() };
        let answer = self.as_role(caller, function, Input::DescribeNetworkInterfaces(request)).await;
        match answer.map_err(|error| refused_to_role("DescribeNetworkInterfaces", error))? {
            Output::DescribeNetworkInterfaces(answer) => Ok(answer.network_interfaces.unwrap_or_default()),
            _ => Err(internal(SERVICE, "EC2 answered another operation")),
        }
    }

    async fn make_interface(
        &self,
        caller: &Caller,
        function: &Key,
        subnet: &str,
        groups: &[String],
    ) -> Result<String, ServiceError> {
        let request = CreateNetworkInterfaceRequest {
            subnet_id: subnet.to_owned(),
            groups: Some(groups.to_vec()),
            interface_type: Some(LAMBDA.to_owned()),
            description: Some(format!(
                "AWS Lambda VPC ENI-{}-{}",
                function.2,
                self.platform.entropy().uuid()
            )),
            ..Default::default()
        };
        let answer = self.as_role(caller, function, Input::CreateNetworkInterface(request)).await;
        match answer.map_err(|error| refused_to_role("CreateNetworkInterface", error))? {
            Output::CreateNetworkInterface(answer) => answer
                .network_interface
                .and_then(|interface| interface.network_interface_id)
                .ok_or_else(|| internal(SERVICE, "EC2 answered no network interface")),
            _ => Err(internal(SERVICE, "EC2 answered another operation")),
        }
    }

    /// Removes, soon, those of the interfaces that no function uses any more. As on AWS one stays where the role has
    /// lost the right to remove it, and then its subnet and groups cannot be deleted.
    pub(crate) fn release_soon(&self, role: String, function: Key, interfaces: Vec<String>) {
        if interfaces.is_empty() {
            return;
        }
        let lambda = self.clone();
        tokio::spawn(async move { lambda.release(&role, &function, interfaces).await });
    }

    async fn release(&self, role: &str, function: &Key, interfaces: Vec<String>) {
        let _connecting = self.parts.interfaces.lock().await;
        self.release_now(role, function, interfaces).await;
        self.release_claimed(function).await;
    }

    /// Removes the interfaces that no function uses, while nobody else finds or makes some.
    pub(super) async fn release_now(&self, role: &str, function: &Key, interfaces: Vec<String>) {
        let used = self.used_interfaces(function);
        for interface in interfaces.into_iter().filter(|interface| !used.contains(interface)) {
            let removed = match delivery_caller(&self.platform, role, function).await {
                Ok(caller) => {
                    let network_interface_id = interface.clone();
                    let request = DeleteNetworkInterfaceRequest { network_interface_id, dry_run: None };
                    self.as_role(&caller, function, Input::DeleteNetworkInterface(request)).await.map(drop)
                }
                Err(error) => Err(error),
            };
            if let Err(error) = removed {
                tracing::warn!(interface, %error, "a network interface that no function uses could not be removed");
            }
        }
    }

    /// The interfaces that functions of the account and region use, published versions included.
    fn used_interfaces(&self, (account, region, _): &Key) -> BTreeSet<String> {
        let state = self.platform.store.read();
        let from = ((*account, region.clone(), String::new()), 0);
        let versions = state.function_versions.range(from..);
        versions
            .take_while(|((key, _), _)| key.0 == *account && key.1 == *region)
            .filter_map(|(_, version)| version.vpc.as_ref())
            .flat_map(|vpc| vpc.interface_ids.iter().cloned())
            .collect()
    }

    /// Lambda's own call of EC2 with an execution role.
    async fn as_role(&self, caller: &Caller, function: &Key, input: Input) -> Result<Output, ServiceError> {
        let origin = Origin::Service { source_arn: None, source_account: None };
        let call: Call = self.platform.service_call(caller.clone(), function.1.clone(), origin);
        match self.platform.call(&Arc::new(call), input).await? {
            AnyOutput::Ec2(output) => Ok(output),
            _ => Err(internal(SERVICE, "another service answered for EC2")),
        }
    }
}

fn filter(name: &str, value: &str) -> Filter {
    Filter { name: Some(name.to_owned()), values: Some(vec![value.to_owned()]) }
}

/// What EC2 refused to the execution role, in Lambda's words.
fn refused_to_role(operation: &str, error: ServiceError) -> ServiceError {
    if error.code != "UnauthorizedOperation" {
        return refused(operation, error);
    }
    LambdaError::InvalidParameter(format!(
        "The provided execution role does not have permissions to call {operation} on EC2"
    ))
    .into()
}
