//! Running one event for a caller who wants the response as it comes.

use std::sync::Arc;

use bytes::Bytes;
use rolecall_runner::{ResponsePart, response_channel};
use rolecall_store::records::lambda::FunctionVersion;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use crate::error::LambdaError;
use crate::invoke::run::Event;
use crate::invoke::runner::Ran;
use crate::name::Key;
use crate::service::Lambda;

/// What the function did first.
pub(crate) enum Begun {
    /// It streams its response.
    Stream(Streamed),
    /// It answered as a whole, or failed before it began to answer.
    Whole(Box<Ran>),
}

/// A response on its way. Dropped before its end, the function runs on all the same.
pub(crate) struct Streamed {
    /// What the runtime says that the response is.
    pub(crate) content_type: Option<String>,
    parts: mpsc::Receiver<ResponsePart>,
    running: Option<JoinHandle<Result<Ran, LambdaError>>>,
    ended: Option<Result<Ran, LambdaError>>,
}

/// What comes next of a response.
pub(crate) enum Piece {
    /// Some of its bytes.
    Chunk(Bytes),
    /// Its end, once, with how the function ended.
    End(Result<Box<Ran>, LambdaError>),
}

impl Lambda {
    /// Runs the event until the function begins to answer. It goes on when the caller goes away.
    ///
    /// # Errors
    /// As of [`Lambda::run`](Lambda::run).
    pub(crate) async fn begin(
        &self,
        function: Key,
        record: Arc<FunctionVersion>,
        event: Event,
    ) -> Result<Begun, LambdaError> {
        let (sink, mut parts) = response_channel();
        let lambda = self.clone();
        let mut running =
            tokio::spawn(async move { lambda.run_to_end(&function, &record, event, Some(sink)).await });
        let (first, ended) = tokio::select! {
            biased;
            first = parts.recv() => (first, None),
            ended = &mut running => (parts.try_recv().ok(), Some(result_of(ended))),
        };
        match (first, ended) {
            (Some(ResponsePart::Begun { content_type }), ended) => {
                let running = ended.is_none().then_some(running);
                Ok(Begun::Stream(Streamed { content_type, parts, running, ended }))
            }
            (_, Some(ended)) => Ok(Begun::Whole(Box::new(ended?))),
            (_, None) => Ok(Begun::Whole(Box::new(result_of(running.await)?))),
        }
    }
}

impl Streamed {
    /// The next piece; none after the end.
    pub(crate) async fn next(&mut self) -> Option<Piece> {
        loop {
            let part = match &mut self.running {
                Some(running) => tokio::select! {
                    biased;
                    part = self.parts.recv() => part,
                    ended = running => {
                        // What is still on its way comes before the end.
                        self.parts.close();
                        self.running = None;
                        self.ended = Some(result_of(ended));
                        continue;
                    }
                },
                None => self.parts.recv().await,
            };
            match part {
                Some(ResponsePart::Chunk(bytes)) => return Some(Piece::Chunk(bytes)),
                Some(ResponsePart::Begun { .. }) => {}
                None => {
                    if let Some(running) = self.running.take() {
                        self.ended = Some(result_of(running.await));
                    }
                    return self.ended.take().map(|ended| Piece::End(ended.map(Box::new)));
                }
            }
        }
    }
}

fn result_of(joined: Result<Result<Ran, LambdaError>, JoinError>) -> Result<Ran, LambdaError> {
    joined.unwrap_or_else(|_| Err(LambdaError::CannotRun("The invocation was aborted.".to_owned())))
}
