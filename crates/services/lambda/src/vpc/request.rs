//! What a request says about a VPC, looked up as the caller (reference lambda.md 1.7, 1.8 and 4.3).
//!
//! `lambda:VpcIds` is the VPC of the subnets, which no request names: it has to be looked up before the caller is
//! authorised. That lookup is the caller's own call of EC2, so nobody learns by it what EC2 would not tell them; where
//! EC2 tells nothing the key is absent. What EC2 refused is answered only when Lambda itself has allowed the call.

use std::sync::Arc;

use rolecall_authority::{Call, Check};
use rolecall_service::internal;
use rolecall_store::records::lambda::VpcAttachment;
use rolecall_wire::ec2::{
    DescribeSecurityGroupsRequest, DescribeSubnetsRequest, DescribeVpcsRequest, Input, Output,
};
use rolecall_wire::lambda::VpcConfig;
use rolecall_wire::{AnyOutput, Fault, ServiceError};

use crate::error::{LambdaError, SERVICE};
use crate::service::Lambda;

/// What a request asks for.
pub(crate) struct AskedNetwork {
    /// The configuration; none where the request says nothing about it.
    config: Option<VpcConfig>,
    /// The VPC of the subnets.
    vpc_id: Option<String>,
    /// Why it cannot be as it is.
    refusal: Option<ServiceError>,
}

impl AskedNetwork {
    /// Adds the condition keys: those of the request, or of the function as it is where the request says nothing.
    /// Without a VPC they are absent.
    pub(crate) fn add_keys<'c>(&self, check: Check<'c>, stored: Option<&VpcAttachment>) -> Check<'c> {
        let empty = VpcAttachment::default();
        let asked = self.config.as_ref().map(|config| VpcAttachment {
            subnet_ids: config.subnet_ids.clone().unwrap_or_default(),
            security_group_ids: config.security_group_ids.clone().unwrap_or_default(),
            vpc_id: self.vpc_id.clone().unwrap_or_default(),
            interface_ids: Vec::new(),
        });
        let VpcAttachment { subnet_ids, security_group_ids, vpc_id, .. } =
            asked.unwrap_or_else(|| stored.unwrap_or(&empty).clone());
        check
            .key_list("lambda:SubnetIds", subnet_ids)
            .key_list("lambda:SecurityGroupIds", security_group_ids)
            .key_if("lambda:VpcIds", Some(vpc_id).filter(|id| !id.is_empty()))
    }

    /// Where the function shall be, without interfaces so far; none where the request says nothing.
    ///
    /// # Errors
    /// What EC2 said, in Lambda's words.
    pub(crate) fn attachment(self) -> Result<Option<VpcAttachment>, ServiceError> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        Ok(self.config.map(|config| VpcAttachment {
            subnet_ids: config.subnet_ids.unwrap_or_default(),
            security_group_ids: config.security_group_ids.unwrap_or_default(),
            vpc_id: self.vpc_id.unwrap_or_default(),
            interface_ids: Vec::new(),
        }))
    }
}

impl Lambda {
    /// Looks up, as the caller, what a request asks for.
    pub(crate) async fn ask_network(&self, call: &Arc<Call>, config: Option<&VpcConfig>) -> AskedNetwork {
        let mut asked = AskedNetwork { config: config.cloned(), vpc_id: None, refusal: None };
        let Some(config) = config else { return asked };
        let subnets = config.subnet_ids.clone().unwrap_or_default();
        let groups = config.security_group_ids.clone().unwrap_or_default();
        if subnets.is_empty() && groups.is_empty() {
            return asked;
        }
        if subnets.is_empty() || groups.is_empty() {
            let text = "SubnetIds and SecurityIds must coexist or be both empty list.";
            asked.refusal = Some(LambdaError::InvalidParameter(text.to_owned()).into());
            return asked;
        }
        match self.vpc_of_subnets(call, &subnets).await {
            Ok(vpc_id) => {
                asked.refusal = self.check_groups(call, &groups, &vpc_id).await.err();
                asked.vpc_id = Some(vpc_id);
            }
            Err(refusal) => asked.refusal = Some(refusal),
        }
        if config.ipv6_allowed_for_dual_stack == Some(true) && asked.refusal.is_none() {
            asked.refusal = Some(LambdaError::not_built("dual-stack subnets").into());
        }
        asked
    }

    async fn vpc_of_subnets(&self, call: &Arc<Call>, ids: &[String]) -> Result<String, ServiceError> {
        let request = DescribeSubnetsRequest { subnet_ids: Some(ids.to_vec()), ..Default::default() };
        let answer = self.platform.call(call, Input::DescribeSubnets(request)).await;
        let AnyOutput::Ec2(Output::DescribeSubnets(answer)) =
            answer.map_err(|error| refused_to_caller("DescribeSubnets", ids, error))?
        else {
            return Err(internal(SERVICE, "EC2 answered another operation"));
        };
        let mut vpcs = answer.subnets.unwrap_or_default().into_iter().filter_map(|subnet| subnet.vpc_id);
        let vpc = vpcs.next().ok_or_else(|| internal(SERVICE, "EC2 answered no subnet"))?;
        // The words of these two refusals are not recorded anywhere.
        if vpcs.any(|other| other != vpc) {
            let text = "Subnets are required to be in the same VPC.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        Ok(vpc)
    }

    async fn check_groups(&self, call: &Arc<Call>, ids: &[String], vpc_id: &str) -> Result<(), ServiceError> {
        let request = DescribeSecurityGroupsRequest { group_ids: Some(ids.to_vec()), ..Default::default() };
        let answer = self.platform.call(call, Input::DescribeSecurityGroups(request)).await;
        let AnyOutput::Ec2(Output::DescribeSecurityGroups(answer)) =
            answer.map_err(|error| refused_to_caller("DescribeSecurityGroups", ids, error))?
        else {
            return Err(internal(SERVICE, "EC2 answered another operation"));
        };
        let groups = answer.security_groups.unwrap_or_default();
        if groups.iter().any(|group| group.vpc_id.as_deref() != Some(vpc_id)) {
            let text = "Security Groups are required to be in the same VPC.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        let vpcs = [vpc_id.to_owned()];
        let request = DescribeVpcsRequest { vpc_ids: Some(vpcs.to_vec()), ..Default::default() };
        let answer = self.platform.call(call, Input::DescribeVpcs(request)).await;
        answer.map(drop).map_err(|error| refused_to_caller("DescribeVpcs", &vpcs, error))
    }
}

/// What EC2 refused to the caller, in Lambda's words.
fn refused_to_caller(operation: &str, ids: &[String], error: ServiceError) -> ServiceError {
    if error.code != "UnauthorizedOperation" {
        return refused(operation, error);
    }
    let first = ids.first().map(String::as_str).unwrap_or_default();
    LambdaError::AccessDenied(format!(
        "Your access has been denied by EC2, please make sure your request credentials have permission to {operation} \
         for {first}. EC2 Error Code: {}. EC2 Error Message: {}",
        error.code,
        error.message.unwrap_or_default()
    ))
    .into()
}

/// What EC2 refused for a reason other than a permission (recorded, reference lambda.md 4.3).
pub(super) fn refused(operation: &str, error: ServiceError) -> ServiceError {
    if error.fault == Fault::Receiver {
        return internal(SERVICE, error);
    }
    LambdaError::InvalidParameter(format!(
        "Error occurred while {operation}. EC2 Error Code: {}. EC2 Error Message: {}",
        error.code,
        error.message.unwrap_or_default()
    ))
    .into()
}
