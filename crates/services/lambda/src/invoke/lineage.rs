//! The way by which an event has come, as `X-Amzn-Trace-Id` carries it, and the loops that are found in it
//! (reference lambda.md 3.7).
//!
//! A function's SDK sends the header of the event that it works on with every call, and services hand it on with what
//! they make of the call. So each pass through a function can be counted:
//! `Lineage=PASSES:FUNCTION:COUNT|FUNCTION:COUNT`, all passes first, then for each function a hash of its ARN and how
//! often it was passed before.

use data_encoding::HEXLOWER;
use rolecall_arn::Arn;
use rolecall_authority::Entropy;
use sha2::{Digest, Sha256};

use crate::invoke::trace_header::{TraceHeader, is_hex, segment_id, trace_id};

/// A function is run so often in one chain and no more (recorded: 16 executions of a loop).
const MOST_PASSES: u32 = 16;
/// How many functions a header names at most, so that it stays a header; the oldest are forgotten first.
const MOST_FUNCTIONS: usize = 32;

/// The trace of one pass through a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The header at the function's door.
    pub(crate) header: TraceHeader,
    /// The segment that called, where the call named one.
    pub(crate) upstream: Option<String>,
    /// How often this function was passed before.
    passes: u32,
}

impl Trace {
    /// The pass of an event through a function, which came with this header. What is not a trace begins a new one, and
    /// what is not decided is decided here: whether the invocation is recorded.
    pub(crate) fn enter(
        header: Option<&str>,
        function: &Arn,
        entropy: &dyn Entropy,
        now_ms: i64,
        samples: impl FnOnce() -> bool,
    ) -> Self {
        let given = TraceHeader::parse(header.unwrap_or_default());
        let mut lineage = given.lineage.as_deref().and_then(Lineage::parse).unwrap_or_default();
        let passes = lineage.pass(hash(function));
        let root = given.root.unwrap_or_else(|| trace_id(entropy, now_ms));
        let parent = given.parent.clone().unwrap_or_else(|| segment_id(entropy));
        let header = TraceHeader {
            root: Some(root),
            parent: Some(parent),
            sampled: Some(given.sampled.unwrap_or_else(samples)),
            lineage: Some(lineage.to_text()),
        };
        Trace { header, upstream: given.parent, passes }
    }

    /// Whether it is one pass too many.
    pub(crate) fn is_loop(&self) -> bool {
        self.passes >= MOST_PASSES
    }
}

#[derive(Debug, Default)]
struct Lineage {
    passes: u32,
    functions: Vec<(String, u32)>,
}

impl Lineage {
    fn parse(text: &str) -> Option<Self> {
        let (passes, functions) = text.split_once(':')?;
        let functions = functions.split('|').map(|entry| {
            let (hash, count) = entry.split_once(':')?;
            is_hex(hash, 8).then_some((hash.to_owned(), count.parse().ok()?))
        });
        Some(Lineage { passes: passes.parse().ok()?, functions: functions.collect::<Option<_>>()? })
    }

    /// Counts a pass, and says how many of the function there were before.
    fn pass(&mut self, hash: String) -> u32 {
        self.passes = self.passes.saturating_add(1);
        if let Some((_, count)) = self.functions.iter_mut().find(|(known, _)| *known == hash) {
            *count = count.saturating_add(1);
            return *count;
        }
        let too_many = (self.functions.len() + 1).saturating_sub(MOST_FUNCTIONS);
        self.functions.drain(..too_many.min(self.functions.len()));
        self.functions.push((hash, 0));
        0
    }

    fn to_text(&self) -> String {
        let functions: Vec<String> =
            self.functions.iter().map(|(hash, count)| format!("{hash}:{count}")).collect();
        format!("{}:{}", self.passes, functions.join("|"))
    }
}

/// The same for all versions and aliases of a function.
fn hash(function: &Arn) -> String {
    let digest = Sha256::digest(function.as_str().as_bytes());
    HEXLOWER.encode(digest.get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Randomness that is none.
    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn arn(name: &str) -> Arn {
        format!("arn:aws:lambda:us-east-1:111122223333:function:{name}").parse().unwrap()
    }

    fn enter(header: Option<&str>, name: &str) -> Trace {
        Trace::enter(header, &arn(name), &Zeros, 1_795_411_140_000, || false)
    }

    #[test]
    fn a_new_chain_begins_with_one_pass() {
        let first = enter(None, "f");
        let hash = hash(&arn("f"));
        let header = first.header.to_text();
        assert!(header.starts_with("Root=1-6b03ccc4-"), "{header}");
        assert!(header.ends_with(&format!(";Sampled=0;Lineage=1:{hash}:0")), "{header}");
        assert_eq!(first.upstream, None);
        let same = enter(Some("Root=nonsense;Lineage=x"), "f");
        assert_eq!(same, first);
    }

    #[test]
    fn the_root_stays_and_the_passes_are_counted_for_each_function() {
        let given = "Root=1-6aba3a9c-0ad723aa6f28be0c1799046b;Parent=4bc416e7d2fef21a;Sampled=0";
        let one = enter(Some(given), "f");
        let two = enter(Some(&one.header.to_text()), "g");
        let three = enter(Some(&two.header.to_text()), "f");
        let (f, g) = (hash(&arn("f")), hash(&arn("g")));
        assert_eq!(three.header.to_text(), format!("{given};Lineage=3:{f}:1|{g}:0"));
    }

    #[test]
    fn sixteen_passes_run_and_the_next_is_a_loop() {
        let mut trace = enter(None, "f");
        for pass in 1..16 {
            assert!(!trace.is_loop(), "{pass}");
            trace = enter(Some(&trace.header.to_text()), "f");
        }
        assert!(!trace.is_loop());
        assert!(enter(Some(&trace.header.to_text()), "f").is_loop());
    }

    #[test]
    fn the_caller_decides_what_is_recorded_and_only_then_lambda() {
        let sampled = |header| Trace::enter(header, &arn("f"), &Zeros, 0, || true).header.is_sampled();
        assert!(sampled(None) && sampled(Some("Sampled=?")) && sampled(Some("Sampled=1")));
        assert!(!sampled(Some("Sampled=0")));
        assert!(enter(Some("Sampled=1"), "f").header.is_sampled());
        assert!(!enter(None, "f").header.is_sampled());
    }

    #[test]
    fn a_long_chain_stays_a_short_header() {
        let mut trace = enter(None, "f");
        for index in 0..100 {
            trace = enter(Some(&trace.header.to_text()), &format!("f{index}"));
        }
        let length = trace.header.to_text().len();
        assert!(length < 600, "{length}");
    }
}
