//! Connections: accepting them, serving them, ending them.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::gateway::Gateway;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an answer may lie unread, in milliseconds.
const UNREAD_TIMEOUT_MS: u32 = 120_000;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The peer's address.
    pub address: Option<IpAddr>,
    /// The bytes that may be in memory of what the peer sends, where that is bounded: an execution environment's
    /// connections share it.
    pub room: Option<Arc<Semaphore>>,
}

/// Serves connections, wherever they come from, until it is told to stop.
#[derive(Clone)]
pub struct Connections {
    gateway: Arc<Gateway>,
    stop: watch::Receiver<bool>,
}

impl Connections {
    /// Connections to the gateway. When `stop` becomes true, each ends after the request that it is busy with.
    pub fn new(gateway: Arc<Gateway>, stop: watch::Receiver<bool>) -> Self {
        Connections { gateway, stop }
    }

    /// Serves one connection to its end.
    pub async fn serve(&self, stream: TcpStream) {
        self.serve_peer(stream, None).await;
    }

    /// Serves one connection, of whose requests no more is read at once than there is room for. There must be room for
    /// the largest request.
    pub async fn serve_within(&self, stream: TcpStream, room: Arc<Semaphore>) {
        self.serve_peer(stream, Some(room)).await;
    }

    async fn serve_peer(&self, stream: TcpStream, room: Option<Arc<Semaphore>>) {
        let peer = Peer { address: stream.peer_addr().ok().map(|address| address.ip()), room };
        // Small answers must not wait for more; a failure only means that they may.
        let _ = stream.set_nodelay(true);
        // A client that does not read its answer must not hold it for ever; a failure only means that it may.
        let _ = set_tcp_user_timeout(&stream, UNREAD_TIMEOUT_MS);
        let service = service_fn(|request| {
            let (gateway, peer) = (Arc::clone(&self.gateway), peer.clone());
            async move { Ok::<_, Infallible>(gateway.answer(request, &peer).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_headers(200);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let mut stop = self.stop.clone();
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// Accepts connections until `stop` becomes true, then waits until those that are open have ended, at most for the
/// given time.
pub async fn serve(listener: TcpListener, connections: Connections, drain: Duration) {
    let mut stop = connections.stop.clone();
    let mut open = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connections = connections.clone();
                    open.spawn(async move { connections.serve(stream).await });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    // Out of file descriptors, most likely; give others time to end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = open.join_next() => {}
            () = stopped(&mut stop) => break,
        }
    }
    drop(listener);
    let all_ended = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, all_ended).await.is_err() {
        tracing::warn!("some connections were cut off: they were still busy after the time to drain");
    }
}

/// Returns when the server shall stop. A sender that is gone means the same.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
