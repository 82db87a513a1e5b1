//! What AWS publishes, as data: managed policies, of accounts and of organizations, the actions of the services that
//! this program serves, Lambda's operations with the permissions that they ask for, and the names of AWS's services as
//! principals.
//!
//! The data is compiled in and read once, on first use. It is a catalog and decides nothing: an action that is not
//! in it is for the policy engine to judge. Where each file comes from is in `data/README.md`.

mod action;
mod dataset;
mod lambda_operation;
mod managed_policy;
mod organization_policy;
mod service_principal;

pub use action::{Action, ResourceType, action, actions};
pub use lambda_operation::{
    AdditionalAction, LambdaOperation, ResourceRule, lambda_operation, lambda_operations,
};
pub use managed_policy::{ManagedPolicy, PolicyVersion, find_managed_policy, managed_policies};
pub use organization_policy::{OrganizationPolicy, organization_policies, organization_policy};
pub use service_principal::{is_service_principal, service_principals};
