//! How many and how long things may be (reference iam.md 1.9, 7.5).

/// Users of an account.
pub(crate) const USERS: usize = 5000;
/// Groups of an account.
pub(crate) const GROUPS: usize = 300;
/// Roles of an account.
pub(crate) const ROLES: usize = 1000;
/// Customer managed policies of an account.
pub(crate) const POLICIES: usize = 1500;
/// Managed policies attached to a user.
pub(crate) const POLICIES_PER_USER: usize = 10;
/// Managed policies attached to a group.
pub(crate) const POLICIES_PER_GROUP: usize = 10;
/// Managed policies attached to a role; the newest of the published defaults (reference iam.md 8).
pub(crate) const POLICIES_PER_ROLE: usize = 20;
/// Groups that a user is in.
pub(crate) const GROUPS_PER_USER: usize = 10;
/// Access keys of a user, or of an account's root user.
pub(crate) const ACCESS_KEYS_PER_USER: usize = 2;
/// Versions of a managed policy.
pub(crate) const VERSIONS_PER_POLICY: usize = 5;
/// Tags of a user, role or policy.
pub(crate) const TAGS: usize = 50;
/// Characters of a managed policy that are not white space.
pub(crate) const POLICY_SIZE: usize = 6144;
/// Characters of a trust policy that are not white space.
pub(crate) const TRUST_POLICY_SIZE: usize = 2048;
/// Characters of all inline policies of a user that are not white space.
pub(crate) const USER_INLINE_SIZE: usize = 2048;
/// Characters of all inline policies of a group that are not white space.
pub(crate) const GROUP_INLINE_SIZE: usize = 5120;
/// Characters of all inline policies of a role that are not white space.
pub(crate) const ROLE_INLINE_SIZE: usize = 10_240;
