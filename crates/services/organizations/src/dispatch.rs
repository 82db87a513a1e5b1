//! The way of a call to its operation.

use rolecall_wire::ServiceError;
use rolecall_wire::organizations::{Input, Output};

use crate::request::Request;

impl Request<'_> {
    /// Runs the operation that the input is for.
    pub(crate) async fn dispatch(&self, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateOrganization(input) => {
                Output::CreateOrganization(self.create_organization(input).await?)
            }
            Input::DescribeOrganization(_) => Output::DescribeOrganization(self.describe_organization()?),
            Input::DeleteOrganization(_) => Output::DeleteOrganization(self.delete_organization().await?),
            Input::ListRoots(input) => Output::ListRoots(self.list_roots(&input)?),
            Input::CreateAccount(input) => Output::CreateAccount(self.create_account(input).await?),
            Input::DescribeCreateAccountStatus(input) => {
                Output::DescribeCreateAccountStatus(self.describe_create_account_status(&input)?)
            }
            Input::ListAccounts(input) => Output::ListAccounts(self.list_accounts(&input)?),
            Input::DescribeAccount(input) => Output::DescribeAccount(self.describe_account(&input)?),
            Input::CreateOrganizationalUnit(input) => {
                Output::CreateOrganizationalUnit(self.create_organizational_unit(input).await?)
            }
            Input::DescribeOrganizationalUnit(input) => {
                Output::DescribeOrganizationalUnit(self.describe_organizational_unit(&input)?)
            }
            Input::UpdateOrganizationalUnit(input) => {
                Output::UpdateOrganizationalUnit(self.update_organizational_unit(input).await?)
            }
            Input::DeleteOrganizationalUnit(input) => {
                Output::DeleteOrganizationalUnit(self.delete_organizational_unit(input).await?)
            }
            Input::ListOrganizationalUnitsForParent(input) => {
                Output::ListOrganizationalUnitsForParent(self.list_organizational_units_for_parent(&input)?)
            }
            Input::ListAccountsForParent(input) => {
                Output::ListAccountsForParent(self.list_accounts_for_parent(&input)?)
            }
            Input::ListChildren(input) => Output::ListChildren(self.list_children(&input)?),
            Input::ListParents(input) => Output::ListParents(self.list_parents(&input)?),
            Input::MoveAccount(input) => Output::MoveAccount(self.move_account(input).await?),
            Input::CreatePolicy(input) => Output::CreatePolicy(self.create_policy(input).await?),
            Input::DescribePolicy(input) => Output::DescribePolicy(self.describe_policy(&input)?),
            Input::UpdatePolicy(input) => Output::UpdatePolicy(self.update_policy(input).await?),
            Input::DeletePolicy(input) => Output::DeletePolicy(self.delete_policy(input).await?),
            Input::ListPolicies(input) => Output::ListPolicies(self.list_policies(&input)?),
            Input::AttachPolicy(input) => Output::AttachPolicy(self.attach_policy(input).await?),
            Input::DetachPolicy(input) => Output::DetachPolicy(self.detach_policy(input).await?),
            Input::ListPoliciesForTarget(input) => {
                Output::ListPoliciesForTarget(self.list_policies_for_target(&input)?)
            }
            Input::ListTargetsForPolicy(input) => {
                Output::ListTargetsForPolicy(self.list_targets_for_policy(&input)?)
            }
            Input::EnablePolicyType(input) => Output::EnablePolicyType(self.enable_policy_type(input).await?),
            Input::DisablePolicyType(input) => {
                Output::DisablePolicyType(self.disable_policy_type(input).await?)
            }
            Input::TagResource(input) => Output::TagResource(self.tag_resource(input).await?),
            Input::UntagResource(input) => Output::UntagResource(self.untag_resource(input).await?),
            Input::ListTagsForResource(input) => {
                Output::ListTagsForResource(self.list_tags_for_resource(&input)?)
            }
        })
    }
}
