//! What a function prints, as log events: two pipes, one list in the order of reading.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::unix::pipe::Receiver;

use crate::spec::LogLine;

/// The longest log event that CloudWatch Logs takes, in bytes.
const EVENT_MAX: usize = 262_144 - 26;

/// The most output kept for one invocation, in bytes. A function that prints without end must not fill the server.
const KEPT_MAX: usize = 16 << 20;

/// How much is read from a pipe at once, and how many times before others get their turn.
const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 64;

/// The log of one environment since it was last taken.
pub(crate) struct Output {
    collected: Mutex<Collected>,
    pipes: [Receiver; 2],
}

#[derive(Default)]
struct Collected {
    lines: Vec<LogLine>,
    kept: usize,
    discarded: usize,
    partial: [Vec<u8>; 2],
}

/// What stopped the reading of a pipe, other than its being empty.
enum Read {
    Ended,
    More,
}

impl Output {
    /// Takes over the reading ends of standard output and standard error.
    pub(crate) fn new(stdout: OwnedFd, stderr: OwnedFd) -> io::Result<Arc<Self>> {
        let pipes = [Receiver::from_owned_fd(stdout)?, Receiver::from_owned_fd(stderr)?];
        Ok(Arc::new(Self { collected: Mutex::new(Collected::default()), pipes }))
    }

    /// Reads both pipes until their last writer is gone.
    pub(crate) async fn follow(&self) {
        tokio::join!(self.follow_one(0), self.follow_one(1));
    }

    async fn follow_one(&self, index: usize) {
        let Some(pipe) = self.pipes.get(index) else { return };
        while pipe.readable().await.is_ok() {
            // An empty pipe answers WouldBlock, from which tokio learns to wait for more.
            match pipe.try_io(|| self.lock().read(index, pipe)) {
                Ok(Read::Ended) => return,
                Ok(Read::More) => tokio::task::yield_now().await,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// Reads whatever is in the pipes at this moment. A line printed before a response was sent is in its pipe when
    /// the response arrives, so nothing is lost by looking once.
    pub(crate) fn drain(&self) {
        let mut collected = self.lock();
        for (index, pipe) in self.pipes.iter().enumerate() {
            // Empty, ended or full of more: whichever it is, the following task goes on from here.
            drop(collected.read(index, pipe));
        }
    }

    /// Adds a line of the platform's own.
    pub(crate) fn platform(&self, text: String) {
        let mut collected = self.lock();
        collected.flush();
        collected.push(text);
    }

    /// Takes everything so far; unfinished lines count as finished.
    pub(crate) fn take(&self) -> Vec<LogLine> {
        let mut collected = self.lock();
        collected.flush();
        collected.kept = 0;
        std::mem::take(&mut collected.lines)
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collected {
    /// Reads what is there, up to a limit; an empty pipe is `WouldBlock`.
    fn read(&mut self, index: usize, pipe: impl AsFd) -> io::Result<Read> {
        let mut chunk = vec![0; CHUNK];
        for _ in 0..CHUNKS {
            match rustix::io::read(&pipe, chunk.as_mut_slice()) {
                Ok(0) => return Ok(Read::Ended),
                Ok(length) => self.add(index, chunk.get(..length).unwrap_or_default()),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Read::More)
    }

    /// Splits what was printed into lines.
    fn add(&mut self, index: usize, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.extend(index, line);
            self.finish(index);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.extend(index, bytes);
    }

    fn extend(&mut self, index: usize, bytes: &[u8]) {
        let Some(partial) = self.partial.get_mut(index) else { return };
        let mut bytes = bytes;
        while partial.len() + bytes.len() > EVENT_MAX {
            let (now, later) = bytes.split_at(EVENT_MAX.saturating_sub(partial.len()));
            partial.extend_from_slice(now);
            let full = std::mem::take(partial);
            keep(&mut self.lines, &mut self.kept, &mut self.discarded, &full);
            bytes = later;
        }
        partial.extend_from_slice(bytes);
    }

    fn finish(&mut self, index: usize) {
        let Some(partial) = self.partial.get_mut(index) else { return };
        let line = std::mem::take(partial);
        keep(&mut self.lines, &mut self.kept, &mut self.discarded, &line);
    }

    /// Ends unfinished lines.
    fn flush(&mut self) {
        for index in 0..self.partial.len() {
            if self.partial.get(index).is_some_and(|partial| !partial.is_empty()) {
                self.finish(index);
            }
        }
        if self.discarded > 0 {
            let discarded = std::mem::take(&mut self.discarded);
            self.push(format!(
                "[WARN] {discarded} bytes of output were discarded: more than {KEPT_MAX} bytes."
            ));
        }
    }

    fn push(&mut self, text: String) {
        self.lines.push(LogLine { time_ms: now_ms(), text });
    }
}

fn keep(lines: &mut Vec<LogLine>, kept: &mut usize, discarded: &mut usize, line: &[u8]) {
    // Even an empty line costs memory.
    let cost = line.len() + size_of::<LogLine>();
    if *kept + cost > KEPT_MAX {
        *discarded += line.len() + 1;
        return;
    }
    *kept += cost;
    lines.push(LogLine { time_ms: now_ms(), text: text_of(line) });
}

/// A lone carriage return is how a record of several lines comes through a pipe as one event, as on AWS.
fn text_of(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).replace('\r', "\n")
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(chunks: &[(usize, &[u8])]) -> Vec<String> {
        let mut collected = Collected::default();
        for (index, bytes) in chunks {
            collected.add(*index, bytes);
        }
        collected.flush();
        collected.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_of_both_streams_do_not_mix() {
        assert_eq!(texts(&[(0, b"on"), (1, b"err\n"), (0, b"e\ntwo")]), ["err", "one", "two"]);
    }

    #[test]
    fn a_carriage_return_inside_a_line_makes_one_event_of_several_lines() {
        assert_eq!(texts(&[(0, b"a\rb\r\nc\n")]), ["a\nb", "c"]);
    }

    #[test]
    fn an_endless_line_becomes_several_events() {
        let lengths: Vec<usize> =
            texts(&[(0, &vec![b'x'; EVENT_MAX * 2 + 1])]).iter().map(String::len).collect();
        assert_eq!(lengths, [EVENT_MAX, EVENT_MAX, 1]);
    }

    #[test]
    fn too_much_output_is_discarded_and_said() {
        let lines = texts(&[(0, &b"0123456789abcdef\n".repeat(1 << 20))]);
        let last = lines.last().expect("there is a notice");
        assert!(last.contains("bytes of output were discarded"), "{last}");
        assert!(lines.len() < 1 << 20);
    }
}
