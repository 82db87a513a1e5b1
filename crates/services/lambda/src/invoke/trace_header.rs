//! `X-Amzn-Trace-Id`: the trace that a call belongs to, who called, whether it is recorded, and by which way it came.

use rolecall_authority::Entropy;

/// What is in the header; what is not of AWS's form is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TraceHeader {
    /// The trace.
    pub(crate) root: Option<String>,
    /// The segment that called.
    pub(crate) parent: Option<String>,
    /// Whether it is recorded; none where that is to be decided.
    pub(crate) sampled: Option<bool>,
    /// `PASSES:FUNCTION:COUNT|..` (reference lambda.md 3.7).
    pub(crate) lineage: Option<String>,
}

impl TraceHeader {
    /// Reads a header.
    pub(crate) fn parse(header: &str) -> Self {
        let owned = str::to_owned;
        TraceHeader {
            root: part(header, "Root").filter(|root| is_root(root)).map(owned),
            parent: part(header, "Parent").filter(|parent| is_hex(parent, 16)).map(owned),
            sampled: match part(header, "Sampled") {
                Some("1") => Some(true),
                Some("0") => Some(false),
                _ => None,
            },
            lineage: part(header, "Lineage").map(owned),
        }
    }

    /// The header with what AWS always says: an empty part is left out, an undecided one is not recorded.
    pub(crate) fn to_text(&self) -> String {
        let sampled = if self.sampled == Some(true) { "1" } else { "0" };
        let parts = [
            ("Root", self.root.as_deref()),
            ("Parent", self.parent.as_deref()),
            ("Sampled", Some(sampled)),
            ("Lineage", self.lineage.as_deref()),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        parts.collect::<Vec<_>>().join(";")
    }

    /// Whether it is recorded.
    pub(crate) fn is_sampled(&self) -> bool {
        self.sampled == Some(true)
    }
}

/// A new id of a segment.
pub(crate) fn segment_id(entropy: &dyn Entropy) -> String {
    entropy.text(b"0123456789abcdef", 16)
}

/// A new trace that began at the time.
pub(crate) fn trace_id(entropy: &dyn Entropy, now_ms: i64) -> String {
    format!("1-{:08x}-{}", now_ms.div_euclid(1000), entropy.text(b"0123456789abcdef", 24))
}

fn part<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}

fn is_root(text: &str) -> bool {
    let mut parts = text.split('-');
    let shape = (parts.next(), parts.next(), parts.next(), parts.next());
    matches!(shape, (Some("1"), Some(time), Some(id), None) if is_hex(time, 8) && is_hex(id, 24))
}

/// Whether the text is so many hexadecimal digits.
pub(crate) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_again() {
        let text =
            "Root=1-6aba3a9c-0ad723aa6f28be0c1799046b;Parent=4bc416e7d2fef21a;Sampled=1;Lineage=1:0123abcd:0";
        assert_eq!(TraceHeader::parse(text).to_text(), text);
    }

    #[test]
    fn what_is_not_of_the_form_is_left_out() {
        let header = TraceHeader::parse("Root=1-x;Parent=4bc4\r\n;Sampled=?;Self=1-2-3");
        assert_eq!(header, TraceHeader::default());
        assert_eq!(header.to_text(), "Sampled=0");
    }
}
