//! The `aws-chunked` framing of S3 uploads: `SIZE[;chunk-signature=SIG]`, the data, at last a chunk of size zero and
//! trailers. Each signature covers the one before it, so a chunk can neither be changed nor moved nor left out.

use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::crypto::{Hash, hex, sha256_hex, unhex};
use crate::payload::PayloadHash;
use crate::verify::Chain;

/// The content of a body, and what came after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedBody {
    /// The content without framing.
    pub bytes: Vec<u8>,
    /// Names in lower case, and values, of the trailers in order of arrival; without the trailer signature. Whether
    /// a checksum among them is right is for the service to say.
    pub trailers: Vec<(String, String)>,
}

/// Why a chunked body is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ChunkError {
    /// The body ends within the framing.
    #[error("the body ends before its last chunk does")]
    Incomplete,
    /// The framing is not what the payload mode asks for.
    #[error("the framing of a chunk is malformed")]
    Malformed,
    /// Something follows the end of the body.
    #[error("something follows the last chunk")]
    Excess,
    /// The content is not as long as `x-amz-decoded-content-length` says.
    #[error("the content does not have the promised length")]
    WrongLength,
    /// The trailers are not the ones that `x-amz-trailer` names, each once.
    #[error("the trailers are not the promised ones")]
    WrongTrailers,
    /// A chunk or the trailers are not signed as they should be.
    #[error("the signature of a chunk or trailer does not match")]
    SignatureMismatch,
}

/// SHA-256 of nothing, which stands in each chunk's string to sign.
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The longest line of framing that is read, in bytes: no honest one comes near.
const MAX_LINE_BYTES: usize = 4096;

/// Takes a chunked body apart and checks every signature in it.
pub(crate) fn decode(mode: PayloadHash, chain: &Chain, body: &[u8]) -> Result<DecodedBody, ChunkError> {
    let (signed, has_trailers) = match mode {
        PayloadHash::SignedChunks => (true, false),
        PayloadHash::SignedChunksAndTrailer => (true, true),
        PayloadHash::UnsignedChunksAndTrailer => (false, true),
        PayloadHash::Body | PayloadHash::Stated(_) | PayloadHash::Unsigned => {
            return Err(ChunkError::Malformed);
        }
    };
    let mut reader = Reader { rest: body };
    let mut link = Link { chain, previous: chain.seed };
    let bytes = read_chunks(&mut reader, signed.then_some(&mut link), chain.promised.decoded_length)?;
    let trailers = match has_trailers {
        true => read_trailers(&mut reader, signed.then_some(&link), &chain.promised.trailers)?,
        false => {
            reader.expect(b"\r\n")?;
            Vec::new()
        }
    };
    if !reader.rest.is_empty() {
        return Err(ChunkError::Excess);
    }
    Ok(DecodedBody { bytes, trailers })
}

/// Reads up to and including the line of the chunk of size zero.
fn read_chunks(
    reader: &mut Reader,
    mut link: Option<&mut Link>,
    promised_length: u64,
) -> Result<Vec<u8>, ChunkError> {
    let mut content = Vec::new();
    loop {
        let (size, signature) = read_chunk_line(reader.line()?, link.is_some())?;
        let data = reader.take(size)?;
        if let (Some(link), Some(signature)) = (link.as_deref_mut(), signature) {
            link.check_chunk(data, signature)?;
        }
        content.extend_from_slice(data);
        if size == 0 {
            break;
        }
        reader.expect(b"\r\n")?;
    }
    match u64::try_from(content.len()) {
        Ok(length) if length == promised_length => Ok(content),
        _ => Err(ChunkError::WrongLength),
    }
}

/// Reads `SIZE` or `SIZE;chunk-signature=SIG`, whichever the mode demands.
fn read_chunk_line(line: &str, signed: bool) -> Result<(usize, Option<Hash>), ChunkError> {
    let (size, signature) = match (line.split_once(';'), signed) {
        (None, false) => (line, None),
        (Some((size, extension)), true) => {
            let text = extension.strip_prefix("chunk-signature=").ok_or(ChunkError::Malformed)?;
            (size, Some(unhex(text).ok_or(ChunkError::SignatureMismatch)?))
        }
        // A signed mode without a signature is the hole of mistake 1.
        (None, true) => return Err(ChunkError::SignatureMismatch),
        (Some(_), false) => return Err(ChunkError::Malformed),
    };
    let digits = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = digits.then(|| usize::from_str_radix(size, 16).ok()).flatten().ok_or(ChunkError::Malformed)?;
    Ok((size, signature))
}

/// Reads the trailers up to the empty line, and checks that they are the promised ones and signed if they have to be.
fn read_trailers(
    reader: &mut Reader,
    link: Option<&Link>,
    promised: &[String],
) -> Result<Vec<(String, String)>, ChunkError> {
    let mut trailers: Vec<(String, String)> = Vec::new();
    loop {
        let line = reader.line()?.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(ChunkError::Malformed)?;
        trailers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if let Some(link) = link {
        let (name, signature) = trailers.pop().ok_or(ChunkError::SignatureMismatch)?;
        if name != "x-amz-trailer-signature" {
            return Err(ChunkError::SignatureMismatch);
        }
        link.check_trailers(&trailers, unhex(&signature).ok_or(ChunkError::SignatureMismatch)?)?;
    }
    let mut names: Vec<&String> = trailers.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.into_iter().eq(promised) { Ok(trailers) } else { Err(ChunkError::WrongTrailers) }
}

/// The chain of signatures, at the link before the next one.
struct Link<'a> {
    chain: &'a Chain,
    previous: Hash,
}

impl Link<'_> {
    fn check_chunk(&mut self, data: &[u8], presented: Hash) -> Result<(), ChunkError> {
        let text = format!("{EMPTY_HASH}\n{}", sha256_hex(data));
        self.previous = self.check("AWS4-HMAC-SHA256-PAYLOAD", &text, presented)?;
        Ok(())
    }

    fn check_trailers(&self, trailers: &[(String, String)], presented: Hash) -> Result<(), ChunkError> {
        let lines: String = trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        self.check("AWS4-HMAC-SHA256-TRAILER", &sha256_hex(lines.as_bytes()), presented).map(drop)
    }

    fn check(&self, algorithm: &str, hashes: &str, presented: Hash) -> Result<Hash, ChunkError> {
        let Chain { key, timestamp, scope, .. } = self.chain;
        let text = format!("{algorithm}\n{timestamp}\n{scope}\n{}\n{hashes}", hex(&self.previous));
        let computed = key.code(text.as_bytes());
        if computed.ct_eq(&presented).into() { Ok(computed) } else { Err(ChunkError::SignatureMismatch) }
    }
}

/// What is left of the body.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next line, without its CRLF.
    fn line(&mut self) -> Result<&'a str, ChunkError> {
        let window = self.rest.get(..MAX_LINE_BYTES).unwrap_or(self.rest);
        let end = window.windows(2).position(|pair| pair == b"\r\n").ok_or(match window.len() {
            MAX_LINE_BYTES => ChunkError::Malformed,
            _ => ChunkError::Incomplete,
        })?;
        let line = self.take(end)?;
        self.expect(b"\r\n")?;
        std::str::from_utf8(line).map_err(|_| ChunkError::Malformed)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ChunkError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ChunkError::Incomplete)?;
        self.rest = rest;
        Ok(taken)
    }

    fn expect(&mut self, bytes: &[u8]) -> Result<(), ChunkError> {
        match self.take(bytes.len())? {
            found if found == bytes => Ok(()),
            _ => Err(ChunkError::Malformed),
        }
    }
}
