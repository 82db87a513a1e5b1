//! The helper's end of the control channel, which is its standard input. Blocking on purpose: the helper has no runtime.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::plan::{DESCRIPTORS_MAX, MESSAGE_MAX, Report};

/// A stream of messages to and from the server.
pub(super) struct Control {
    socket: File,
}

impl Control {
    /// Takes over standard input, which must be a socket, and puts `/dev/null` in its place.
    pub(super) fn from_stdin() -> io::Result<Self> {
        let stdin = io::stdin();
        rustix::net::sockopt::socket_type(&stdin)?;
        let socket: OwnedFd = stdin.as_fd().try_clone_to_owned()?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
        Ok(Self { socket: File::from(socket) })
    }

    /// Lets go of output pipes and control channel, so that their ends tell the server about the supervisor alone.
    pub(super) fn release_all(&mut self) -> io::Result<()> {
        self.socket = release_output()?;
        Ok(())
    }

    pub(super) fn receive<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        let mut length = [0; 4];
        self.socket.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MESSAGE_MAX {
            return Err(io::Error::other("the message is too long"));
        }
        let mut body = vec![0; length];
        self.socket.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }

    pub(super) fn send(&mut self, report: &Report) -> io::Result<()> {
        self.socket.write_all(&frame(report)?)
    }

    /// Sends a report together with descriptors.
    pub(super) fn send_with(&mut self, report: &Report, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        send_with(&mut self.socket, report, descriptors)
    }

    /// A second handle for the supervisor's listening thread.
    pub(super) fn reader(&self) -> io::Result<File> {
        self.socket.try_clone()
    }

    /// The number of the descriptor, for closing every other one.
    pub(super) fn descriptor(&self) -> i32 {
        self.socket.as_raw_fd()
    }
}

/// Sends a report together with descriptors. A report is far shorter than a socket's buffer, so that those of two threads
/// never mix.
pub(super) fn send_with(
    socket: &mut File,
    report: &Report,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("no room for so many descriptors"));
    }
    let message = frame(report)?;
    let sent =
        rustix::net::sendmsg(&*socket, &[IoSlice::new(&message)], &mut ancillary, SendFlags::NOSIGNAL)?;
    socket.write_all(message.get(sent..).unwrap_or_default())
}

fn frame<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    Ok([length.to_le_bytes().as_slice(), &body].concat())
}

/// Lets go of the output pipes, which are the function's.
pub(super) fn release_output() -> io::Result<File> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(null)
}
