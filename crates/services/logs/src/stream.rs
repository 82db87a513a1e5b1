//! Log streams: making, removing and listing them.

use std::cmp::Ordering;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::logs::LogStream;
use rolecall_wire::{ServiceError, logs as wire};

use crate::Logs;
use crate::error::{LogsError, write_failed};
use crate::group::page_size;
use crate::name::{GroupName, checked_stream_name};

/// The key of a log group's record.
type GroupKey = (rolecall_arn::AccountId, rolecall_arn::Region, String);
/// The key of a log stream's record.
type StreamKey = (GroupKey, String);

/// The streams of a group by name.
pub(crate) fn streams_of<'s>(
    state: &'s State,
    group: &GroupKey,
) -> impl Iterator<Item = (&'s StreamKey, &'s LogStream)> + use<'s> {
    let group = group.clone();
    state
        .log_streams
        .range((group.clone(), String::new())..)
        .take_while(move |((of, _), _)| *of == group)
        .map(|(key, stream)| (key, stream.as_ref()))
}

impl Logs {
    /// CreateLogStream.
    pub(crate) async fn create_log_stream(
        &self,
        call: &Call,
        input: wire::CreateLogStreamRequest,
    ) -> Result<wire::CreateLogStreamResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let name = checked_stream_name(input.log_stream_name)?;
        let state = self.platform.store.read();
        let proof = self.authorize_stream(call, "logs:CreateLogStream", &group, &name, &state)?;
        self.insert_stream(proof, &group, name).await?;
        Ok(wire::CreateLogStreamResponse)
    }

    async fn insert_stream(
        &self,
        _proof: Authorized,
        group: &GroupName,
        name: String,
    ) -> Result<(), ServiceError> {
        let key = group.key();
        let stream = LogStream {
            name: name.clone(),
            created_ms: self.platform.now_ms(),
            first_event_ms: None,
            last_event_ms: None,
            last_ingestion_ms: None,
            upload_sequence_token: new_sequence_token(self),
            stored_bytes: 0,
        };
        let written = self.platform.store.write(move |state| {
            if !state.log_groups.contains(&key) {
                return Err(LogsError::NoGroup);
            }
            let key = (key, name);
            if state.log_streams.contains(&key) {
                return Err(LogsError::StreamExists);
            }
            state.log_streams.put(key, stream);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DeleteLogStream: the stream with all its events.
    pub(crate) async fn delete_log_stream(
        &self,
        call: &Call,
        input: wire::DeleteLogStreamRequest,
    ) -> Result<wire::DeleteLogStreamResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let name = checked_stream_name(input.log_stream_name)?;
        let state = self.platform.store.read();
        let proof = self.authorize_stream(call, "logs:DeleteLogStream", &group, &name, &state)?;
        self.remove_stream(proof, &group, name).await?;
        Ok(wire::DeleteLogStreamResponse)
    }

    async fn remove_stream(
        &self,
        _proof: Authorized,
        group: &GroupName,
        name: String,
    ) -> Result<(), ServiceError> {
        let group = group.key();
        let written = self.platform.store.write(move |state| {
            if !state.log_groups.contains(&group) {
                return Err(LogsError::NoGroup);
            }
            let key = (group, name);
            let bytes = state.log_streams.get(&key).ok_or(LogsError::NoStream)?.stored_bytes;
            state.log_streams.remove(&key);
            let (group, name) = key;
            state.log_groups.update(&group, |group| group.stored_bytes -= bytes);
            state.remove_log_events(group, Some(name));
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// DescribeLogStreams.
    pub(crate) fn describe_log_streams(
        &self,
        call: &Call,
        input: wire::DescribeLogStreamsRequest,
    ) -> Result<wire::DescribeLogStreamsResponse, ServiceError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        let group = GroupName::of_either(call, name, identifier)?;
        let state = self.platform.store.read();
        self.authorize_group(call, "logs:DescribeLogStreams", &group, &state)?;
        if !state.log_groups.contains(&group.key()) {
            return Err(LogsError::NoGroup.into());
        }
        let order = Order::of(&input)?;
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        let mut streams: Vec<&LogStream> = streams_of(&state, &group.key())
            .map(|(_, stream)| stream)
            .filter(|stream| stream.name.starts_with(prefix))
            .collect();
        streams.sort_by(|one, other| order.compare(order.place(one), order.place(other)));
        let after = input.next_token.as_deref().map(|token| order.parse_token(token)).transpose()?;
        let start = after.as_ref().map_or(0, |after| {
            streams.partition_point(|stream| {
                order.compare(order.place(stream), (after.0, &after.1)) != Ordering::Greater
            })
        });
        let limit = page_size(input.limit);
        let page: Vec<&LogStream> = streams.iter().skip(start).take(limit).copied().collect();
        let more = streams.len() > start + page.len();
        Ok(wire::DescribeLogStreamsResponse {
            next_token: page.last().filter(|_| more).map(|last| order.token(last)),
            log_streams: Some(page.into_iter().map(|stream| shown(&group, stream)).collect()),
        })
    }
}

/// In which order streams are listed.
#[derive(Clone, Copy)]
struct Order {
    by_time: bool,
    descending: bool,
}

/// A stream's place in the order: the time of its last event, where that orders, and its name.
type Place<'s> = (i64, &'s str);

impl Order {
    fn of(input: &wire::DescribeLogStreamsRequest) -> Result<Self, LogsError> {
        let by_time = input.order_by.as_deref() == Some("LastEventTime");
        if by_time && input.log_stream_name_prefix.is_some() {
            return Err(LogsError::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        Ok(Order { by_time, descending: input.descending == Some(true) })
    }

    fn place(self, stream: &LogStream) -> Place<'_> {
        let time = if self.by_time { stream.last_event_ms.unwrap_or(0) } else { 0 };
        (time, &stream.name)
    }

    fn compare(self, one: Place<'_>, other: Place<'_>) -> Ordering {
        if self.descending { other.cmp(&one) } else { one.cmp(&other) }
    }

    /// The place of the last stream of a page: its time and its name.
    fn token(self, stream: &LogStream) -> String {
        let (time, name) = self.place(stream);
        data_encoding::BASE64URL_NOPAD.encode(format!("{time}:{name}").as_bytes())
    }

    fn parse_token(self, token: &str) -> Result<(i64, String), LogsError> {
        let bytes =
            data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| LogsError::InvalidToken)?;
        let text = String::from_utf8(bytes).map_err(|_| LogsError::InvalidToken)?;
        let (time, name) = text.split_once(':').ok_or(LogsError::InvalidToken)?;
        Ok((time.parse().map_err(|_| LogsError::InvalidToken)?, name.to_owned()))
    }
}

fn shown(group: &GroupName, stream: &LogStream) -> wire::LogStream {
    wire::LogStream {
        log_stream_name: Some(stream.name.clone()),
        creation_time: Some(stream.created_ms),
        first_event_timestamp: stream.first_event_ms,
        last_event_timestamp: stream.last_event_ms,
        last_ingestion_time: stream.last_ingestion_ms,
        upload_sequence_token: Some(stream.upload_sequence_token.clone()),
        arn: Some(group.stream_resource(&stream.name).to_string()),
        // CloudWatch Logs shows no sizes of streams any more, only those of groups.
        stored_bytes: Some(0),
    }
}

/// A token in the form of AWS's: 56 digits. It is accepted again and ignored (PutLogEvents in the API reference).
pub(crate) fn new_sequence_token(logs: &Logs) -> String {
    logs.platform.entropy().text(b"0123456789", 56)
}
