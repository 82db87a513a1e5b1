//! A network with nothing in it but a loopback device and the two listening sockets that the server holds.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsRawFd as _;

use rustix::net::{AddressFamily, SocketType};

use super::{Failure, Stage as _};
use crate::plan::RUNTIME_API_PORT;

/// Switches loopback on and listens for Runtime API and AWS endpoint, in this order.
pub(super) fn listen(endpoint_port: u16) -> Result<[TcpListener; 2], Failure> {
    loopback_up().stage("switching the loopback device on")?;
    let listen = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .stage(format!("listening at port {port} of the sandbox"))
    };
    Ok([listen(RUNTIME_API_PORT)?, listen(endpoint_port)?])
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
