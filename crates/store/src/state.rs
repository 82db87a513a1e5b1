//! All tables, declared once: the list below makes the struct, the SQL tables, the loading and the saving.

use rolecall_arn::{AccountId, Region};

use crate::log_events::{LogChange, LogEvent, LogEventRemoval};
use crate::pending::Pending;
use crate::records::{
    capacity, ec2, event_source, function_config, function_url, iam, lambda, logs, organizations, s3,
    signing, sns, sqs,
};
use crate::table::{RowChange, Table};
use crate::trace_segments::TraceSegmentBatch;
use crate::weighed::WeighedTable;

/// The key of a record that belongs to an account and has a name: `(account, name)`. IAM's names are unique without
/// regard to case (reference iam.md 7.2), so their keys hold the lower-case name.
pub type Named = (AccountId, String);

/// The key of a record that belongs to a region of an account: `(account, region, name)`.
pub type Regional = (AccountId, Region, String);

/// The type of a table: the usual one where none is named.
macro_rules! table {
    ($key:ty, $record:ty) => { Table<$key, $record> };
    ($key:ty, $record:ty, $table:ident) => { $table<$key, $record> };
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $record:ty $(as $table:ident)?,)*) => {
        /// Everything that Rolecall remembers, but for the texts of log events and the bytes of code and objects.
        #[derive(Clone, Default)]
        pub struct State {
            $($(#[$doc])* pub $name: table!($key, $record $(, $table)?),)*
            /// Counts the commits that changed anything that decisions depend on; caches compare it.
            pub(crate) policy_generation: u64,
            /// What the running transaction writes beside the tables.
            pub(crate) pending: Pending,
        }

        /// The names of the SQL tables.
        pub(crate) const TABLES: &[&str] = &[$(stringify!($name)),*];

        impl State {
            /// Takes the changed rows of all tables.
            pub(crate) fn take_changes(&mut self) -> serde_json::Result<Vec<RowChange>> {
                let mut rows = Vec::new();
                $(self.$name.take_changes(stringify!($name), &mut rows)?;)*
                Ok(rows)
            }

            /// Takes in a row that the database holds.
            pub(crate) fn load(&mut self, table: &str, key: &str, body: &str) -> serde_json::Result<()> {
                match table {
                    $(stringify!($name) => self.$name.load(key, body),)*
                    _ => Ok(()),
                }
            }
        }
    };
}

tables! {
    /// The accounts of this server.
    accounts: AccountId => organizations::Account,
    /// The organizations, by their management account.
    organizations: AccountId => organizations::Organization,
    /// The root, the organizational units and the accounts of organizations: `(management account, id)`.
    organization_nodes: Named => organizations::Node,
    /// The policies that organizations wrote: `(management account, id)`.
    organization_policies: Named => organizations::Policy,
    /// The requests to make accounts, by their id `car-...`.
    create_account_requests: String => organizations::CreateAccountRequest,
    /// IAM users, by lower-case name.
    users: Named => iam::User,
    /// IAM groups, by lower-case name.
    groups: Named => iam::Group,
    /// IAM roles, by lower-case name.
    roles: Named => iam::Role,
    /// Customer managed policies, by lower-case name.
    policies: Named => iam::ManagedPolicy,
    /// Long-term access keys, by their id.
    access_keys: String => iam::AccessKey,
    /// When long-term access keys were last used, by their id.
    access_key_uses: String => iam::AccessKeyUse,
    /// Lambda functions.
    functions: Regional => lambda::Function,
    /// Versions of functions: `(function, version number)`; number 0 is `$LATEST`.
    function_versions: (Regional, u64) => lambda::FunctionVersion as WeighedTable,
    /// The number of the next version of functions that were deleted, as no number is given twice.
    next_versions: Regional => u64,
    /// Aliases: `(function, alias)`.
    aliases: (Regional, String) => lambda::Alias,
    /// Resource-based policies of functions: `(function, qualifier)`, the qualifier empty for the function itself.
    function_policies: (Regional, String) => lambda::ResourcePolicy,
    /// How asynchronous invocations are handled: `(function, qualifier)`, `$LATEST` for the function itself.
    event_invoke_configs: (Regional, String) => function_config::EventInvokeConfig,
    /// Provisioned concurrency: `(function, version or alias)`.
    provisioned_concurrency: (Regional, String) => function_config::ProvisionedConcurrency,
    /// When runtimes are updated, where it was said: `(function, version number)`.
    runtime_management: (Regional, u64) => function_config::RuntimeManagement,
    /// Function URLs: `(function, alias)`, the alias empty for the function itself.
    function_urls: (Regional, String) => function_url::FunctionUrl,
    /// Whose the URL with an id is.
    function_url_ids: String => function_url::FunctionUrlTarget,
    /// Functions for which Lambda is making network interfaces that no record names yet.
    interface_claims: Regional => lambda::InterfaceClaim,
    /// Lambda layers.
    layers: Regional => lambda::Layer,
    /// Layer versions: `(layer, version number)`.
    layer_versions: (Regional, u64) => lambda::LayerVersion as WeighedTable,
    /// Code signing configurations, by their id `csc-...`.
    code_signing_configs: Regional => signing::CodeSigningConfig,
    /// Lambda's capacity providers.
    capacity_providers: Regional => capacity::CapacityProvider,
    /// Asynchronous invocations that were accepted and have not ended, by request id.
    async_invocations: String => lambda::AsyncInvocation,
    /// CloudWatch log groups.
    log_groups: Regional => logs::LogGroup,
    /// Log streams: `(group, stream)`.
    log_streams: (Regional, String) => logs::LogStream,
    /// Lambda's event source mappings, by id.
    event_source_mappings: Regional => event_source::EventSourceMapping,
    /// VPCs, by id.
    vpcs: Regional => ec2::Vpc,
    /// Subnets, by id.
    subnets: Regional => ec2::Subnet,
    /// Security groups, by id.
    security_groups: Regional => ec2::SecurityGroup,
    /// Network interfaces, by id.
    network_interfaces: Regional => ec2::NetworkInterface,
    /// SQS's queues.
    queues: Regional => sqs::Queue,
    /// The messages of queues, in the order in which they came: `(queue, number)`.
    queue_messages: (Regional, u64) => sqs::Message,
    /// SNS's topics.
    topics: Regional => sns::Topic,
    /// The subscriptions to topics: `(topic, id)`.
    subscriptions: (Regional, String) => sns::Subscription,
    /// The deliveries of published messages that are not done, by id.
    sns_deliveries: String => sns::Delivery,
    /// S3 buckets, by name.
    buckets: String => s3::Bucket,
    /// S3 objects: `(bucket, key)`.
    objects: (String, String) => s3::Object,
    /// Events of S3 that functions are still to be told of, by id.
    notifications: String => s3::Notification,
}

impl State {
    /// A number that grows whenever something changes that a decision may depend on through a cache.
    pub fn policy_generation(&self) -> u64 {
        self.policy_generation
    }

    /// Appends events to log streams. They are durable when the transaction is.
    pub fn append_log_events(&mut self, events: impl IntoIterator<Item = LogEvent>) {
        self.pending.log_changes.push(LogChange::Append(events.into_iter().collect()));
    }

    /// Puts segments of traces, and removes what they displace.
    pub fn put_trace_segments(&mut self, batch: TraceSegmentBatch) {
        self.pending.trace_segments.push(batch);
    }

    /// Removes all events of a log stream, or of a whole group when no stream is named.
    pub fn remove_log_events(&mut self, group: Regional, stream: Option<String>) {
        self.remove(LogEventRemoval { group, stream, before_ms: None });
    }

    /// Removes the events of a log group that are older than the given time in epoch milliseconds.
    pub fn expire_log_events(&mut self, group: Regional, before_ms: i64) {
        self.remove(LogEventRemoval { group, stream: None, before_ms: Some(before_ms) });
    }

    fn remove(&mut self, removal: LogEventRemoval) {
        self.pending.log_changes.push(LogChange::Remove(removal));
    }

    /// Notes that the tables which decisions read through caches were changed, if they were.
    pub(crate) fn advance_generation(&mut self) {
        let changed = self.users.is_changed()
            || self.groups.is_changed()
            || self.roles.is_changed()
            || self.policies.is_changed()
            || self.accounts.is_changed()
            || self.organizations.is_changed()
            || self.organization_nodes.is_changed()
            || self.organization_policies.is_changed();
        if changed {
            self.policy_generation += 1;
        }
    }
}
