//! A connection to a subscriber inside an environment.
//!
//! The environment has a network of its own. A socket belongs to the network that it was made in, so the supervisor
//! inside makes one for us and we connect it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::subscription::Destination;

/// Asks for a socket.
pub(crate) type Dial = oneshot::Sender<OwnedFd>;

/// Makes connections to the loopback device that the environment sees.
#[derive(Clone)]
pub(crate) struct Dialer(Option<mpsc::UnboundedSender<Dial>>);

impl Dialer {
    /// A dialer, and whom it asks for sockets when the environment is a sandbox.
    pub(super) fn new(sandboxed: bool) -> (Self, mpsc::UnboundedReceiver<Dial>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sandboxed.then_some(sender)), receiver)
    }

    async fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let socket = match &self.0 {
            None => TcpSocket::new_v4()?,
            Some(dials) => {
                let (dial, answer) = oneshot::channel();
                let gone = || io::Error::other("the environment has ended");
                dials.send(dial).map_err(|_| gone())?;
                TcpSocket::from_std_stream(answer.await.map_err(|_| gone())?.into())
            }
        };
        let stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// A connection that is made anew whenever it has broken.
pub(super) struct Connection {
    destination: Destination,
    dialer: Dialer,
    open: Option<Open>,
}

enum Open {
    Http(SendRequest<Full<Bytes>>),
    Tcp(TcpStream),
}

impl Connection {
    pub(super) fn new(destination: Destination, dialer: Dialer) -> Self {
        Self { destination, dialer, open: None }
    }

    /// Sends a batch, on a new connection where the last one is of no use any more.
    pub(super) async fn send(&mut self, batch: &[Arc<str>]) -> io::Result<()> {
        let result = self.send_once(batch).await;
        if result.is_err() {
            self.open = None;
        }
        result
    }

    async fn send_once(&mut self, batch: &[Arc<str>]) -> io::Result<()> {
        if matches!(&self.open, Some(Open::Http(sender)) if sender.is_closed()) {
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(connect(&self.destination, &self.dialer).await?),
        };
        match (open, &self.destination) {
            (Open::Tcp(stream), _) => {
                let lines: String = batch.iter().flat_map(|event| [event, "\n"]).collect();
                stream.write_all(lines.as_bytes()).await
            }
            (Open::Http(sender), Destination::Http { method, host, port, path }) => {
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header(header::HOST, format!("{host}:{port}"))
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(Full::new(Bytes::from(format!("[{}]", batch.join(",")))))
                    .map_err(io::Error::other)?;
                sender.ready().await.map_err(io::Error::other)?;
                let response = sender.send_request(request).await.map_err(io::Error::other)?;
                let status = response.status();
                response.into_body().collect().await.map_err(io::Error::other)?;
                match status.as_u16() {
                    ..400 => Ok(()),
                    status => Err(io::Error::other(format!("the subscriber answered {status}"))),
                }
            }
            (Open::Http(..), Destination::Tcp { .. }) => Err(io::Error::other("the protocols differ")),
        }
    }
}

async fn connect(destination: &Destination, dialer: &Dialer) -> io::Result<Open> {
    let stream = dialer.connect(destination.port()).await?;
    if matches!(destination, Destination::Tcp { .. }) {
        return Ok(Open::Tcp(stream));
    }
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // It ends when its sender is dropped.
    tokio::spawn(async move { drop(connection.await) });
    Ok(Open::Http(sender))
}
