//! The server's end of the control channel to a sandbox, and the spawning of its helper.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use crate::options::HelperCommand;
use crate::plan::{DESCRIPTORS_MAX, MESSAGE_MAX, Plan, Report, SOCKETS};

/// A stream of reports from a helper, and of a plan and commands to it. Dropping it ends the sandbox.
pub(crate) struct Channel {
    socket: UnixStream,
    received: Vec<u8>,
    descriptors: Vec<OwnedFd>,
}

/// A helper process and what connects it with the server.
pub(crate) struct Helper {
    pub(crate) child: Child,
    pub(crate) channel: Channel,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
}

/// Starts the helper without forking this process: nothing but standard streams is set up, so that the standard library
/// can use `posix_spawn`.
///
/// It is not killed when its handle is dropped: its supervisor would die with it before it could thaw the function, and
/// a frozen process of a dead namespace stays for ever. The end of the channel ends everything in order.
pub(crate) fn spawn(helper: &HelperCommand) -> io::Result<Helper> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    let (stdout, stdout_write) = io::pipe()?;
    let (stderr, stderr_write) = io::pipe()?;
    let child = Command::new(&helper.program)
        .args(&helper.args)
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(stdout_write)
        .stderr(stderr_write)
        .spawn()?;
    ours.set_nonblocking(true)?;
    let socket = UnixStream::from_std(ours)?;
    let channel = Channel { socket, received: Vec::new(), descriptors: Vec::new() };
    Ok(Helper { child, channel, stdout: stdout.into(), stderr: stderr.into() })
}

impl Channel {
    /// Tells the helper what to build.
    pub(crate) async fn send_plan(&mut self, plan: &Plan) -> io::Result<()> {
        let body = serde_json::to_vec(plan)?;
        if body.len() > MESSAGE_MAX {
            return Err(io::Error::other("the plan is too long"));
        }
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        self.socket.write_all(&length.to_le_bytes()).await?;
        self.socket.write_all(&body).await
    }

    /// Sends one of [`crate::plan::command`]'s bytes if there is room, which there is unless the supervisor hangs.
    pub(crate) fn command(&self, byte: u8) -> io::Result<()> {
        self.socket.try_write(&[byte]).map(drop)
    }

    /// The next report; `None` when the supervisor has ended.
    pub(crate) async fn receive(&mut self) -> io::Result<Option<Report>> {
        loop {
            if let Some(report) = self.complete()? {
                return Ok(Some(report));
            }
            self.socket.ready(Interest::READABLE).await?;
            match self.read_some() {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The helper was killed with unread bytes in its socket: for us that is its end as well.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// The sockets that came with `Listening` (Runtime API, AWS endpoint, X-Ray daemon), and the ends of the extensions'
    /// output.
    pub(crate) fn take_listeners(&mut self) -> io::Result<([OwnedFd; SOCKETS], Vec<OwnedFd>)> {
        let mut sockets = std::mem::take(&mut self.descriptors);
        let outputs = sockets.split_off(sockets.len().min(SOCKETS));
        match sockets.try_into() {
            Ok(sockets) => Ok((sockets, outputs)),
            Err(_) => Err(io::Error::other("the helper sent no listening sockets")),
        }
    }

    /// The socket that came with `Socket`.
    pub(crate) fn take_socket(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop()
    }

    fn complete(&mut self) -> io::Result<Option<Report>> {
        let Some((length, rest)) = self.received.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_le_bytes(*length) as usize;
        if length > MESSAGE_MAX {
            return Err(io::Error::other("the report is too long"));
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let report = serde_json::from_slice(body)?;
        self.received.drain(..4 + length);
        Ok(Some(report))
    }

    fn read_some(&mut self) -> io::Result<usize> {
        let Self { socket, received, descriptors } = self;
        socket.try_io(Interest::READABLE, || {
            let mut bytes = [0; 4096];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let message = rustix::net::recvmsg(
                socket.as_fd(),
                &mut [IoSliceMut::new(&mut bytes)],
                &mut ancillary,
                RecvFlags::CMSG_CLOEXEC,
            )?;
            for ancillary in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(sent) = ancillary {
                    descriptors.extend(sent);
                }
            }
            received.extend(bytes.iter().take(message.bytes));
            Ok(message.bytes)
        })
    }
}
