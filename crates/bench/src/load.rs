//! A closed loop of requests over kept connections.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::process::Process;

/// Connections at a time. Two cores are shared with the server, so more only wait.
const CONNECTIONS: usize = 4;
/// How long a round lasts.
const ROUND: Duration = Duration::from_secs(2);

/// Whom a round is run against.
pub(crate) struct Target<'a> {
    pub port: u16,
    pub process: &'a Process,
    pub request: &'a [u8],
}

/// What a round came to.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub requests_per_second: f64,
    /// The server's CPU time for one request, in microseconds.
    pub cpu_us: f64,
}

/// An answer.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn body_contains(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}

/// A kept connection.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Connection {
    pub(crate) fn open(port: u16) -> Result<Self> {
        let writer = TcpStream::connect(("127.0.0.1", port)).context("cannot connect")?;
        writer.set_nodelay(true)?;
        writer.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Connection { reader: BufReader::new(writer.try_clone()?), writer })
    }

    /// Sends the request's bytes and reads the answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.writer.write_all(request)?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status =
            line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status line")?;
        let mut length = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(Answer { status, body })
    }
}

/// Sends the request once.
pub(crate) fn once(port: u16, request: &[u8]) -> Result<Answer> {
    Connection::open(port)?.send(request)
}

/// Sends the request over and over for one round, and checks every answer's status and length.
pub(crate) fn run(target: &Target<'_>) -> Result<Round> {
    let expected = once(target.port, target.request)?;
    ensure!(expected.status == 200, "the answer is {}", expected.status);
    let stop = AtomicBool::new(false);
    let cpu_before = target.process.cpu_ns()?;
    let began = Instant::now();
    let requests: Result<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(|| send_until(target, &expected, &stop))).collect();
        std::thread::sleep(ROUND);
        stop.store(true, Ordering::Relaxed);
        let counts = threads.into_iter().map(|thread| thread.join().ok().context("a client broke")?);
        counts.sum()
    });
    let (requests, elapsed) = (requests?, began.elapsed());
    let cpu_ns = target.process.cpu_ns()? - cpu_before;
    Ok(Round {
        requests_per_second: requests as f64 / elapsed.as_secs_f64(),
        cpu_us: cpu_ns as f64 / 1000.0 / requests as f64,
    })
}

fn send_until(target: &Target<'_>, expected: &Answer, stop: &AtomicBool) -> Result<u64> {
    let mut connection = Connection::open(target.port)?;
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = connection.send(target.request)?;
        ensure!(
            answer.status == expected.status && answer.body.len() == expected.body.len(),
            "a wrong answer"
        );
        count += 1;
    }
    Ok(count)
}
