//! ReceiveMessage, with long polling. A receive that finds nothing writes nothing.

use std::time::Duration;

use rolecall_authority::{Authorized, Call};
use rolecall_wire::{ServiceError, sqs as wire};
use tokio::time::Instant;

use super::shown::Wanted;
use super::take::{Next, Taken, Taking, next, take};
use super::visibility::check_timeout;
use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::{Key, QueueName};

/// What a receive asks for.
struct Request {
    queue: Key,
    count: usize,
    visibility_s: Option<i32>,
    wait_s: Option<i32>,
}

impl Sqs {
    /// ReceiveMessage.
    pub(crate) async fn receive_message(
        &self,
        call: &Call,
        input: wire::ReceiveMessageRequest,
    ) -> Result<wire::ReceiveMessageResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:ReceiveMessage", &queue, &self.platform.store.read())?;
        let request = read(queue.key(), &input)?;
        let wanted = Wanted::read(input)?;
        let taken = self.receive(&proof, &request).await?;
        let messages = taken.map(|taken| {
            let shown =
                taken.messages.iter().map(|(number, message)| wanted.show(&taken.queue, *number, message));
            shown.collect()
        });
        Ok(wire::ReceiveMessageResult { messages })
    }

    /// Waits until there are messages to take, as long as was asked for.
    async fn receive(&self, proof: &Authorized, request: &Request) -> Result<Option<Taken>, ServiceError> {
        let began = Instant::now();
        let bell = self.arrivals.bell(&request.queue);
        loop {
            // The bell is listened to before looking, so that nothing comes in unheard between.
            let rung = bell.notified();
            tokio::pin!(rung);
            rung.as_mut().enable();
            let state = self.platform.store.read();
            let wait_s = match request.wait_s {
                Some(wait_s) => i64::from(wait_s),
                None => state.queues.get(&request.queue).ok_or(SqsError::NoQueue)?.receive_wait_s,
            };
            let now_ms = self.platform.now_ms();
            let due_ms = match next(&state, &request.queue, now_ms)? {
                Next::Now => {
                    let taken = self.take(proof, request, now_ms).await?;
                    if !taken.messages.is_empty() {
                        return Ok(Some(taken));
                    }
                    // All were taken by others, or went to the dead-letter queue.
                    now_ms
                }
                Next::At(at_ms) => at_ms,
                Next::Unknown => i64::MAX,
            };
            drop(state);
            let left = Duration::from_secs(wait_s.unsigned_abs()).saturating_sub(began.elapsed());
            if left.is_zero() || self.arrivals.is_closed() {
                return Ok(None);
            }
            let due = Duration::from_millis(due_ms.saturating_sub(now_ms).unsigned_abs());
            tokio::select! {
                () = &mut rung => {}
                () = tokio::time::sleep(left.min(due)) => {}
            }
        }
    }

    async fn take(&self, _proof: &Authorized, request: &Request, now_ms: i64) -> Result<Taken, ServiceError> {
        let receipts = (0..request.count).map(|_| self.platform.entropy().uuid()).collect();
        let taking = Taking { now_ms, visibility_s: request.visibility_s, receipts };
        let key = request.queue.clone();
        let written = self.platform.store.write(move |state| take(state, &key, taking));
        let taken = written.await.map_err(write_failed)?;
        if let Some(target) = &taken.moved_to {
            self.arrivals.ring(target);
        }
        Ok(taken)
    }
}

fn read(queue: Key, input: &wire::ReceiveMessageRequest) -> Result<Request, SqsError> {
    let count = input.max_number_of_messages.unwrap_or(1);
    let count = usize::try_from(count).ok().filter(|count| (1..=10).contains(count)).ok_or_else(|| {
        SqsError::value(count, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    })?;
    if let Some(wait) = input.wait_time_seconds.filter(|wait| !(0..=20).contains(wait)) {
        let reason = "Must be >= 0 and <= 20, if provided.";
        return Err(SqsError::value(wait, "WaitTimeSeconds", reason));
    }
    input.visibility_timeout.map_or(Ok(()), check_timeout)?;
    Ok(Request { queue, count, visibility_s: input.visibility_timeout, wait_s: input.wait_time_seconds })
}
