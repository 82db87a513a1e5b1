//! The policies of organizations that AWS manages. They let everything pass, so that an organization that enables a type
//! of policy goes on as before until an administrator writes one.

/// A policy of organizations that AWS manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationPolicy {
    /// The id, like `p-FullAWSAccess`.
    pub id: &'static str,
    /// The ARN.
    pub arn: &'static str,
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    pub policy_type: &'static str,
    /// The document.
    pub document: &'static str,
}

/// One of each type, from the AWS Organizations User Guide. The description of the second is our own: no source has it.
const POLICIES: [OrganizationPolicy; 2] = [
    OrganizationPolicy {
        id: "p-FullAWSAccess",
        arn: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        name: "FullAWSAccess",
        description: "Allows access to every operation",
        policy_type: "SERVICE_CONTROL_POLICY",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    OrganizationPolicy {
        id: "p-RCPFullAWSAccess",
        arn: "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",
        name: "RCPFullAWSAccess",
        description: "Allows access to every resource",
        policy_type: "RESOURCE_CONTROL_POLICY",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    },
];

/// All of them.
pub fn organization_policies() -> &'static [OrganizationPolicy] {
    &POLICIES
}

/// The policy with the id.
pub fn organization_policy(id: &str) -> Option<&'static OrganizationPolicy> {
    POLICIES.iter().find(|policy| policy.id == id)
}
