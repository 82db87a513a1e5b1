//! Wildcard patterns. `*` stands for any run, also an empty one, and `?` for exactly one UTF-16 unit, as AWS counts
//! them (reference iam.md 1.7, 2.2).
//!
//! A pattern is kept as UTF-8 in which two bytes that UTF-8 never has stand for the wildcards. So a literal `*` and a
//! wildcard `*` can stand side by side, and a pattern takes no more room than its text.

/// One element of a pattern that is looked at unit by unit: a UTF-16 code unit, or one of the two wildcards, which lie
/// beyond all code units.
pub(crate) type Unit = u32;
/// Any run of units.
pub(crate) const STAR: Unit = 0x1_0000;
/// Any one unit.
pub(crate) const QUESTION: Unit = 0x1_0001;

/// [`STAR`] in the bytes of a pattern.
pub(crate) const STAR_BYTE: u8 = 0xff;
/// [`QUESTION`] in the bytes of a pattern.
pub(crate) const QUESTION_BYTE: u8 = 0xfe;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    shape: Shape,
    bytes: Box<[u8]>,
}

/// The common shapes, told apart so that they cost a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `*`.
    Any,
    /// No wildcard.
    Exact,
    /// One `*`, at the end.
    Prefix,
    /// Everything else.
    Glob,
}

impl Shape {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes.iter().position(|byte| *byte >= QUESTION_BYTE) {
            None => Shape::Exact,
            Some(0) if bytes == [STAR_BYTE] => Shape::Any,
            Some(first) if first + 1 == bytes.len() && bytes.last() == Some(&STAR_BYTE) => Shape::Prefix,
            Some(_) => Shape::Glob,
        }
    }

    pub(crate) fn matches(self, bytes: &[u8], text: &[u8]) -> bool {
        match self {
            Shape::Any => true,
            Shape::Exact => bytes == text,
            Shape::Prefix => bytes.split_last().is_some_and(|(_, start)| text.starts_with(start)),
            Shape::Glob => glob(bytes, text),
        }
    }
}

impl Pattern {
    /// Reads `*` and `?` as wildcards and everything else as itself.
    pub(crate) fn parse(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        encode(text, true, &mut bytes);
        Self::from_bytes(bytes.into())
    }

    pub(crate) fn from_bytes(bytes: Box<[u8]>) -> Self {
        Pattern { shape: Shape::of(&bytes), bytes }
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.shape.matches(&self.bytes, text.as_bytes())
    }
}

/// Several patterns in one piece of memory.
#[derive(Debug)]
pub(crate) struct Patterns {
    bytes: Box<[u8]>,
    /// Where each pattern ends, and its shape.
    ends: Box<[(u32, Shape)]>,
}

impl Patterns {
    /// Reads texts with wildcards, whose case says nothing.
    pub(crate) fn parse_folded<'t>(texts: impl ExactSizeIterator<Item = &'t str> + Clone) -> Self {
        let mut bytes = Vec::with_capacity(texts.clone().map(str::len).sum());
        let mut ends = Vec::with_capacity(texts.len());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            // A document is shorter than four gigabytes (`Policy::compile`).
            ends.push((u32::try_from(bytes.len()).unwrap_or(u32::MAX), Shape::Exact));
        }
        for byte in &mut bytes {
            *byte = encoded(*byte, true).to_ascii_lowercase();
        }
        let mut patterns = Patterns { bytes: bytes.into(), ends: ends.into() };
        if has_wildcard(&patterns.bytes) {
            patterns.find_shapes();
        }
        patterns
    }

    fn find_shapes(&mut self) {
        let mut start = 0;
        for (end, shape) in &mut self.ends {
            *shape = Shape::of(self.bytes.get(start..*end as usize).unwrap_or_default());
            start = *end as usize;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The pattern with this number, as shape and bytes.
    pub(crate) fn get(&self, number: usize) -> Option<(Shape, &[u8])> {
        let start = match number.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before)?.0,
        };
        let (end, shape) = *self.ends.get(number)?;
        Some((shape, self.bytes.get(start as usize..end as usize)?))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Shape, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(end, shape)| {
            let bytes = self.bytes.get(start..*end as usize).unwrap_or_default();
            start = *end as usize;
            (*shape, bytes)
        })
    }
}

/// Appends a text; with `wildcards`, `*` and `?` become wildcards.
pub(crate) fn encode(text: &str, wildcards: bool, into: &mut Vec<u8>) {
    into.extend(text.bytes().map(|byte| encoded(byte, wildcards)));
}

/// Most patterns have none, and a maximum is found faster than a place.
fn has_wildcard(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |most, byte| most.max(*byte)) >= QUESTION_BYTE
}

fn encoded(byte: u8, wildcards: bool) -> u8 {
    match byte {
        b'*' if wildcards => STAR_BYTE,
        b'?' if wildcards => QUESTION_BYTE,
        byte => byte,
    }
}

/// The bytes before the first wildcard.
pub(crate) fn literal(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte >= QUESTION_BYTE).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

/// The text of bytes that have no wildcards.
pub(crate) fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The units of a text; with `wildcards`, `*` and `?` become wildcards.
pub(crate) fn units(text: &str, wildcards: bool) -> Vec<Unit> {
    text.encode_utf16()
        .map(|unit| match unit {
            0x2a if wildcards => STAR,
            0x3f if wildcards => QUESTION,
            unit => Unit::from(unit),
        })
        .collect()
}

/// Matches a whole UTF-8 text against the bytes of a pattern. Bytes will do unless a `?` meets a character that is longer
/// than one: a run of bytes begins and ends between characters wherever the literals around it do.
pub(crate) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    if text.is_ascii() || !pattern.contains(&QUESTION_BYTE) {
        run(Bytes(pattern), Bytes(text))
    } else {
        run(Wide::new(pattern), Wide::new(text))
    }
}

/// Gives the units of a pattern or text one by one.
trait Source: Copy {
    fn take(&mut self) -> Option<Unit>;
}

/// Takes bytes for units.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl Source for Bytes<'_> {
    fn take(&mut self) -> Option<Unit> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(unit_of(*first))
    }
}

fn unit_of(byte: u8) -> Unit {
    match byte {
        STAR_BYTE => STAR,
        QUESTION_BYTE => QUESTION,
        byte => Unit::from(byte),
    }
}

/// Decodes UTF-8 into UTF-16 units.
#[derive(Clone, Copy)]
struct Wide<'a> {
    rest: &'a [u8],
    /// The second half of a surrogate pair.
    pending: Option<u16>,
}

impl<'a> Wide<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Wide { rest, pending: None }
    }
}

impl Source for Wide<'_> {
    fn take(&mut self) -> Option<Unit> {
        if let Some(half) = self.pending.take() {
            return Some(Unit::from(half));
        }
        let first = *self.rest.first()?;
        let length = match first {
            0xf0..QUESTION_BYTE => 4,
            0xe0..0xf0 => 3,
            0xc0..0xe0 => 2,
            _ => 1,
        };
        let (character, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let Some(character) = text_of(character).chars().next() else { return Some(unit_of(first)) };
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        self.pending = units.get(1).copied();
        units.first().map(|unit| Unit::from(*unit))
    }
}

/// Walks pattern and text together; after a mismatch the last `*` takes one unit more. Linear for patterns with one
/// `*`, and never worse than the product of the two lengths.
fn run<S: Source>(mut pattern: S, mut text: S) -> bool {
    let mut retry: Option<(S, S)> = None;
    loop {
        let (mut pattern_ahead, mut text_ahead) = (pattern, text);
        let wanted = pattern_ahead.take();
        if wanted == Some(STAR) {
            pattern = pattern_ahead;
            retry = Some((pattern, text));
            continue;
        }
        let Some(unit) = text_ahead.take() else { return wanted.is_none() };
        if wanted.is_some_and(|wanted| wanted == unit || wanted == QUESTION) {
            (pattern, text) = (pattern_ahead, text_ahead);
            continue;
        }
        let Some((after_star, taken)) = &mut retry else { return false };
        taken.take();
        (pattern, text) = (*after_star, *taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_runs_and_single_units() {
        let cases = [
            ("*", "", true),
            ("a*c", "ac", true),
            ("a*c", "abcbc", true),
            ("a*c", "abcb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxaxb", true),
            ("foo", "foobar", false),
            ("foo*", "foobar", true),
            ("fo*o", "foobar", false),
            ("a*\n*", "a\nb", true),
            ("[ab]", "a", false),
            ("\\*", "\\x", true),
            ("?", "é", true),
            ("?", "€", true),
            ("??", "€", false),
            ("?", "😀", false),
            ("??", "😀", true),
            ("?*", "😀", true),
            ("*?", "😀", true),
            ("*??é", "😀é", true),
            ("*???é", "😀é", false),
            ("😀*é", "😀xé", true),
            ("*é", "xéxé", true),
            ("é?", "éx", true),
            ("ÿ?", "ÿÿ", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::parse(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_list_keeps_its_patterns_apart() {
        let list = Patterns::parse_folded(["s3:Get*", "*", "", "Lambda:InvokeFunction", "a*b"].into_iter());
        let read: Vec<_> = list.iter().map(|(shape, bytes)| (shape, bytes.len())).collect();
        let expected =
            [(Shape::Prefix, 7), (Shape::Any, 1), (Shape::Exact, 0), (Shape::Exact, 21), (Shape::Glob, 3)];
        assert_eq!(read, expected);
        assert_eq!(list.get(3), Some((Shape::Exact, b"lambda:invokefunction".as_slice())));
        assert_eq!((list.get(5), list.len()), (None, 5));
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = Pattern::parse(&"*a".repeat(1000));
        assert!(!pattern.matches(&"a".repeat(999)));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(2000))));
    }
}
