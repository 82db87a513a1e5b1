//! Reading ASN.1: tags, lengths and contents, with the indefinite lengths of BER, which AWS Signer's envelopes have.

use crate::signing::envelope::Malformed;

/// Elements inside each other; a signature has fewer than ten.
const MAX_DEPTH: usize = 24;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0]` and so on, constructed.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// Tag, length and content as they were written.
    pub(super) raw: &'a [u8],
    /// The content, without the end mark of an indefinite length.
    pub(super) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads what is inside.
    pub(super) fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content }
    }
}

/// What is still to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, whatever it is.
    pub(super) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let (element, rest) = split(self.rest, 0)?;
        self.rest = rest;
        Ok(element)
    }

    /// The next element, which must have the tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.any()?;
        if element.tag == tag { Ok(element) } else { Err(Malformed("another element was expected")) }
    }

    /// The next element, where it has the tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Refuses anything that is left.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed("something follows that does not belong here")) }
    }
}

/// The only element in the bytes.
pub(super) fn only(bytes: &[u8], tag: u8) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.end()?;
    Ok(element)
}

fn split(bytes: &[u8], depth: usize) -> Result<(Element<'_>, &[u8]), Malformed> {
    const CUT: Malformed = Malformed("an element is cut off");
    if depth > MAX_DEPTH {
        return Err(Malformed("elements are nested too deeply"));
    }
    let [tag, length, after @ ..] = bytes else { return Err(CUT) };
    if tag & 0x1f == 0x1f {
        return Err(Malformed("an element has a long tag"));
    }
    if *length == 0x80 {
        if tag & 0x20 == 0 {
            return Err(Malformed("a value has no length"));
        }
        let size = size_to_end_mark(after, depth)?;
        let content = after.get(..size).ok_or(CUT)?;
        return cut(bytes, *tag, content, 2 + size + 2).ok_or(CUT);
    }
    let (size, header) = match *length {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let digits = usize::from(long & 0x7f);
            let written = after.get(..digits).filter(|_| digits <= 4).ok_or(CUT)?;
            (written.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)), 2 + digits)
        }
    };
    let content = bytes.get(header..header.saturating_add(size)).ok_or(CUT)?;
    cut(bytes, *tag, content, header + size).ok_or(CUT)
}

fn cut<'a>(bytes: &'a [u8], tag: u8, content: &'a [u8], length: usize) -> Option<(Element<'a>, &'a [u8])> {
    let (raw, rest) = bytes.split_at_checked(length)?;
    Some((Element { tag, raw, content }, rest))
}

/// How many bytes of elements stand before the two zero bytes that end an indefinite length.
fn size_to_end_mark(bytes: &[u8], depth: usize) -> Result<usize, Malformed> {
    let mut rest = bytes;
    while !rest.starts_with(&[0, 0]) {
        (_, rest) = split(rest, depth + 1)?;
    }
    Ok(bytes.len() - rest.len())
}

/// The same element written in DER with another tag: signed attributes are signed as a SET.
pub(super) fn rewrite(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![tag];
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    match digits.as_slice() {
        [] => written.push(0),
        [short] if *short < 0x80 => written.push(*short),
        long => {
            written.push(0x80 | u8::try_from(long.len()).unwrap_or(0x7f));
            written.extend_from_slice(long);
        }
    }
    written.extend_from_slice(content);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_and_indefinite_lengths_are_read() {
        let bytes = [0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0, 0, 0x04, 0x01, 0xff];
        let mut reader = Reader::new(&bytes);
        let outer = reader.expect(SEQUENCE).unwrap();
        let inner = only(outer.content, SEQUENCE).unwrap();
        assert_eq!(only(inner.content, INTEGER).unwrap().content, [5]);
        assert_eq!(reader.expect(OCTET_STRING).unwrap().raw, [0x04, 0x01, 0xff]);
        assert!(reader.end().is_ok());
        let long = rewrite(OCTET_STRING, &[7; 300]);
        assert_eq!(long[..4], [0x04, 0x82, 0x01, 0x2c]);
        assert_eq!(only(&long, OCTET_STRING).unwrap().content.len(), 300);
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x02, 0x05],
            &[0x30, 0x80, 0x02],
            &[0x04, 0x80, 0, 0],
            &[0x1f, 0x01, 0],
        ] {
            assert!(Reader::new(bytes).any().is_err(), "{bytes:?}");
        }
        let deep = [0x30, 0x80].repeat(2000);
        assert!(Reader::new(&deep).any().is_err());
        assert!(Reader::new(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]).any().is_err());
    }
}
