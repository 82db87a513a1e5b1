//! A network with nothing in it but a loopback device and the sockets that the server holds.

use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};

use rustix::net::{AddressFamily, SocketType};

use super::{Failure, Stage as _};
use crate::plan::{RUNTIME_API_PORT, SOCKETS, TRACES_PORT};

/// Switches loopback on and makes the sockets of Runtime API, AWS endpoint and X-Ray daemon, in this order.
pub(super) fn listen(endpoint_port: u16) -> Result<[OwnedFd; SOCKETS], Failure> {
    loopback_up().stage("switching the loopback device on")?;
    let listen = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map(OwnedFd::from)
            .stage(format!("listening at port {port} of the sandbox"))
    };
    let traces = UdpSocket::bind((Ipv4Addr::LOCALHOST, TRACES_PORT))
        .stage(format!("receiving at port {TRACES_PORT} of the sandbox"))?;
    Ok([listen(RUNTIME_API_PORT)?, listen(endpoint_port)?, traces.into()])
}

fn loopback_up() -> io::Result<()> {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    #[expect(unsafe_code, reason = "ifreq is a C structure with a union")]
    // SAFETY: all-zero bytes are a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (slot, byte) in request.ifr_name.iter_mut().zip(*b"lo\0") {
        *slot = libc::c_char::from_ne_bytes([byte]);
    }
    request.ifr_ifru.ifru_flags =
        libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "there is no safe call for interface flags")]
    // SAFETY: SIOCSIFFLAGS reads one ifreq, which lives until the call returns.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
