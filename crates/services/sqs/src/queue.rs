//! Queues: making, removing, finding, listing and emptying them.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::sqs::Queue;
use rolecall_wire::{ServiceError, sqs as wire};

use crate::Sqs;
use crate::attributes::{Changes, different_attribute};
use crate::error::{SqsError, write_failed};
use crate::name::{Key, QueueName, no_account};
use crate::tags::check_tags;

/// How many queues one answer lists at most.
const MAX_PAGE: usize = 1000;
/// How long a queue cannot be purged again, in milliseconds.
const PURGE_INTERVAL_MS: i64 = 60_000;

impl Sqs {
    /// CreateQueue. A queue that is there with the same attributes is answered as if it had just been made.
    pub(crate) async fn create_queue(
        &self,
        call: &Call,
        input: wire::CreateQueueRequest,
    ) -> Result<wire::CreateQueueResult, ServiceError> {
        let attributes = input.attributes.unwrap_or_default();
        refuse_fifo(&input.queue_name, &attributes)?;
        let queue = QueueName::of_call(call, &input.queue_name)?;
        let tags = input.tags.unwrap_or_default();
        let proof = self.authorize(call, of_new("sqs:CreateQueue", &queue, &tags))?;
        if !tags.is_empty() {
            self.authorize(call, of_new("sqs:TagQueue", &queue, &tags))?;
        }
        check_tags(&tags)?;
        let changes = Changes::read(&attributes, &queue)?;
        let url = queue.url(&self.platform.settings.endpoint);
        self.insert_queue(proof, queue, changes, tags).await?;
        Ok(wire::CreateQueueResult { queue_url: Some(url) })
    }

    async fn insert_queue(
        &self,
        _proof: Authorized,
        queue: QueueName,
        changes: Changes,
        tags: BTreeMap<String, String>,
    ) -> Result<(), ServiceError> {
        let (id, now_ms) = (self.platform.entropy().uuid(), self.platform.now_ms());
        let written = self.platform.store.write(move |state| {
            let key = queue.key();
            if let Some(existing) = state.queues.get(&key) {
                let different = different_attribute(existing, &changes);
                return different.map_or(Ok(()), |name| Err(SqsError::QueueExists(name)));
            }
            let mut record = new_queue(queue, id, now_ms);
            record.tags = tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
            changes.apply(&mut record, state)?;
            state.queues.put(key, record);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DeleteQueue: the queue with all its messages.
    pub(crate) async fn delete_queue(
        &self,
        call: &Call,
        input: wire::DeleteQueueRequest,
    ) -> Result<wire::DeleteQueueResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_owner(call, "sqs:DeleteQueue", &queue, &state, |check| check)?;
        self.remove_queue(proof, queue.key()).await?;
        Ok(wire::DeleteQueueResponse)
    }

    async fn remove_queue(&self, _proof: Authorized, key: Key) -> Result<(), ServiceError> {
        let bell = key.clone();
        let written = self.platform.store.write(move |state| {
            if !state.queues.remove(&key) {
                return Err(SqsError::NoQueue);
            }
            remove_messages(state, &key);
            Ok(())
        });
        written.await.map_err(write_failed)?;
        self.arrivals.ring(&bell);
        Ok(())
    }

    /// PurgeQueue: all messages go, at once.
    pub(crate) async fn purge_queue(
        &self,
        call: &Call,
        input: wire::PurgeQueueRequest,
    ) -> Result<wire::PurgeQueueResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:PurgeQueue", &queue, &self.platform.store.read())?;
        self.empty_queue(proof, queue).await?;
        Ok(wire::PurgeQueueResponse)
    }

    async fn empty_queue(&self, _proof: Authorized, queue: QueueName) -> Result<(), ServiceError> {
        let now_ms = self.platform.now_ms();
        let written = self.platform.store.write(move |state| {
            let key = queue.key();
            let record = state.queues.get(&key).ok_or(SqsError::NoQueue)?;
            if record.purged_ms.is_some_and(|purged| now_ms - purged < PURGE_INTERVAL_MS) {
                return Err(SqsError::PurgeInProgress(queue.name));
            }
            state.queues.update(&key, |record| record.purged_ms = Some(now_ms));
            remove_messages(state, &key);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// GetQueueUrl.
    pub(crate) fn get_queue_url(
        &self,
        call: &Call,
        input: wire::GetQueueUrlRequest,
    ) -> Result<wire::GetQueueUrlResult, ServiceError> {
        let queue = match input.queue_owner_aws_account_id.as_deref() {
            None => QueueName::of_call(call, &input.queue_name)?,
            Some(owner) => {
                let invalid = || SqsError::value(owner, "QueueOwnerAWSAccountId", "Must be an account id.");
                QueueName::of_account(call, owner.parse().map_err(|_| invalid())?, &input.queue_name)?
            }
        };
        let state = self.platform.store.read();
        self.authorize_queue(call, "sqs:GetQueueUrl", &queue, &state)?;
        state.queues.get(&queue.key()).ok_or(SqsError::NoQueue)?;
        Ok(wire::GetQueueUrlResult { queue_url: Some(queue.url(&self.platform.settings.endpoint)) })
    }

    /// ListQueues: those of the caller's account.
    pub(crate) fn list_queues(
        &self,
        call: &Call,
        input: wire::ListQueuesRequest,
    ) -> Result<wire::ListQueuesResult, ServiceError> {
        self.authorize(call, Check::on_all("sqs:ListQueues"))?;
        let prefix = input.queue_name_prefix.unwrap_or_default();
        let state = self.platform.store.read();
        let names = queues_of(&state, call)?.filter(|queue| queue.name.starts_with(&prefix));
        let page = Page::of(input.max_results, input.next_token.as_deref())?;
        let (urls, next_token) = page.cut(names, &self.platform.settings.endpoint);
        Ok(wire::ListQueuesResult { queue_urls: (!urls.is_empty()).then_some(urls), next_token })
    }

    /// ListDeadLetterSourceQueues: the queues whose redrive policy names this one.
    pub(crate) fn list_dead_letter_source_queues(
        &self,
        call: &Call,
        input: wire::ListDeadLetterSourceQueuesRequest,
    ) -> Result<wire::ListDeadLetterSourceQueuesResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        self.authorize_queue(call, "sqs:ListDeadLetterSourceQueues", &queue, &state)?;
        state.queues.get(&queue.key()).ok_or(SqsError::NoQueue)?;
        let arn = queue.arn();
        let sources = queues_from(&state, (queue.account, queue.region, String::new())).filter(|source| {
            source.redrive.as_ref().is_some_and(|redrive| redrive.target_arn == arn.as_str())
        });
        let page = Page::of(input.max_results, input.next_token.as_deref())?;
        let (queue_urls, next_token) = page.cut(sources, &self.platform.settings.endpoint);
        Ok(wire::ListDeadLetterSourceQueuesResult { queue_urls: Some(queue_urls), next_token })
    }
}

/// A check on a queue that is to be made: it has neither policy nor tags yet.
fn of_new<'a>(action: &'a str, queue: &QueueName, tags: &BTreeMap<String, String>) -> Check<'a> {
    let tags = tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Check::on(action, &queue.arn(), queue.account).request_tags(tags)
}

fn refuse_fifo(name: &str, attributes: &BTreeMap<String, String>) -> Result<(), SqsError> {
    match attributes.get("FifoQueue").map(String::as_str) {
        Some("true") => Err(SqsError::NotBuilt("A FIFO queue".to_owned())),
        // Only a FIFO queue has the attribute, and only its name may have a dot.
        Some(_) => Err(SqsError::AttributeName("Unknown Attribute FifoQueue.".to_owned())),
        None if name.ends_with(".fifo") => Err(SqsError::NotBuilt("A FIFO queue".to_owned())),
        None => Ok(()),
    }
}

/// A queue with the attributes that AWS gives where none are said.
fn new_queue(queue: QueueName, id: String, now_ms: i64) -> Queue {
    Queue {
        account: queue.account,
        region: queue.region,
        name: queue.name,
        id,
        created_ms: now_ms,
        modified_ms: now_ms,
        purged_ms: None,
        next_number: 0,
        visibility_timeout_s: 30,
        maximum_message_size: 1_048_576,
        retention_s: 345_600,
        delay_s: 0,
        receive_wait_s: 0,
        redrive: None,
        redrive_allow: None,
        policy: None,
        bound_principals: BTreeMap::new(),
        tags: Vec::new(),
    }
}

fn remove_messages(state: &mut State, queue: &Key) {
    let numbers: Vec<_> = crate::message::messages_of(state, queue).map(|(key, _)| key.clone()).collect();
    for key in &numbers {
        state.queue_messages.remove(key);
    }
}

fn queues_of<'s>(
    state: &'s State,
    call: &Call,
) -> Result<impl Iterator<Item = &'s Queue> + use<'s>, SqsError> {
    let account = call.caller.account().ok_or_else(|| no_account(call))?;
    Ok(queues_from(state, (account, call.region.clone(), String::new())))
}

/// The queues of the key's account and region, by name, from the key on.
fn queues_from(state: &State, from: Key) -> impl Iterator<Item = &Queue> + use<'_> {
    let (account, region) = (from.0, from.1.clone());
    state
        .queues
        .range(from..)
        .map(|(_, queue)| queue.as_ref())
        .take_while(move |queue| queue.account == account && queue.region == region)
}

/// A page of a list: its length, and after which name it begins.
struct Page {
    limit: usize,
    after: Option<String>,
    /// Whether the caller asked for pages: without, the rest of a long list is not shown.
    is_asked: bool,
}

impl Page {
    fn of(max_results: Option<i32>, token: Option<&str>) -> Result<Self, SqsError> {
        let limit = match max_results {
            None => MAX_PAGE,
            Some(wanted) => usize::try_from(wanted)
                .ok()
                .filter(|limit| (1..=MAX_PAGE).contains(limit))
                .ok_or_else(|| SqsError::value(wanted, "MaxResults", "Must be an integer from 1 to 1000."))?,
        };
        let after = token.map(read_token).transpose()?;
        Ok(Page { limit, after, is_asked: max_results.is_some() })
    }

    fn cut<'q>(
        self,
        queues: impl Iterator<Item = &'q Queue>,
        endpoint: &str,
    ) -> (Vec<String>, Option<String>) {
        let after = self.after;
        let mut rest = queues.filter(|queue| after.as_ref().is_none_or(|after| queue.name > *after));
        let page: Vec<&Queue> = rest.by_ref().take(self.limit).collect();
        let more = self.is_asked && rest.next().is_some();
        let next = page.last().filter(|_| more).map(|last| BASE64URL_NOPAD.encode(last.name.as_bytes()));
        (page.into_iter().map(|queue| QueueName::from(queue).url(endpoint)).collect(), next)
    }
}

fn read_token(token: &str) -> Result<String, SqsError> {
    let invalid = || SqsError::value(token, "NextToken", "Invalid NextToken.");
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}
