//! How the body takes part in the signature. The list of ways is closed on purpose: upload modes that one handler
//! knew and another did not are how other servers came to accept unsigned writes (mistakes 1 and 2).

use crate::authorization::{Carrier, Rules};
use crate::crypto::{Hash, hex, unhex};
use crate::failure::{AuthFailure, Echo};
use crate::head::Head;
use crate::query::Query;

/// The last line of the canonical request, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadHash {
    /// The SHA-256 of the body that was received; the client repeated it nowhere.
    Body,
    /// The SHA-256 that the client states in `x-amz-content-sha256`; the body must have it.
    Stated(Hash),
    /// `UNSIGNED-PAYLOAD`: the body takes no part. S3 only.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk is signed. S3 only.
    SignedChunks,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: each chunk and the trailers are signed. S3 only.
    SignedChunksAndTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks without signatures, then a checksum. S3 only.
    UnsignedChunksAndTrailer,
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const SIGNED_CHUNKS: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_CHUNKS_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_CHUNKS_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

impl PayloadHash {
    /// Reads the value of `x-amz-content-sha256`.
    ///
    /// # Errors
    /// A value that is neither one of the four literals nor 64 lower-case hexadecimal digits.
    pub fn from_header(value: &str) -> Result<Self, AuthFailure> {
        match value {
            UNSIGNED => Ok(Self::Unsigned),
            SIGNED_CHUNKS => Ok(Self::SignedChunks),
            SIGNED_CHUNKS_TRAILER => Ok(Self::SignedChunksAndTrailer),
            UNSIGNED_CHUNKS_TRAILER => Ok(Self::UnsignedChunksAndTrailer),
            _ => unhex(value)
                .map(Self::Stated)
                .ok_or_else(|| AuthFailure::UnknownPayloadHash { value: Echo(value.to_owned()) }),
        }
    }

    /// The text for the canonical request; `body` is asked for the body's hash only where it is needed.
    pub(crate) fn canonical(self, body: impl FnOnce() -> Hash) -> String {
        match self {
            Self::Body => hex(&body()),
            Self::Stated(hash) => hex(&hash),
            Self::Unsigned => UNSIGNED.to_owned(),
            Self::SignedChunks => SIGNED_CHUNKS.to_owned(),
            Self::SignedChunksAndTrailer => SIGNED_CHUNKS_TRAILER.to_owned(),
            Self::UnsignedChunksAndTrailer => UNSIGNED_CHUNKS_TRAILER.to_owned(),
        }
    }

    /// Whether the body is in `aws-chunked` framing.
    pub fn is_streaming(self) -> bool {
        match self {
            Self::SignedChunks | Self::SignedChunksAndTrailer | Self::UnsignedChunksAndTrailer => true,
            Self::Body | Self::Stated(_) | Self::Unsigned => false,
        }
    }

    /// Finds out how the body of this request is signed, by the rules of the service that it is meant for.
    pub(crate) fn of(
        head: &Head,
        query: &Query,
        rules: Rules,
        carrier: Carrier,
    ) -> Result<Self, AuthFailure> {
        let header = head.only_text("x-amz-content-sha256")?;
        match rules {
            Rules::General => Self::for_general(header),
            Rules::S3 => Self::for_s3(header, query, carrier),
        }
    }

    /// Everywhere but in S3 the real hash counts; a stated one is accepted if it is the same.
    fn for_general(header: Option<String>) -> Result<Self, AuthFailure> {
        let Some(value) = header else { return Ok(Self::Body) };
        match Self::from_header(&value)? {
            stated @ Self::Stated(_) => Ok(stated),
            Self::Body
            | Self::Unsigned
            | Self::SignedChunks
            | Self::SignedChunksAndTrailer
            | Self::UnsignedChunksAndTrailer => Err(AuthFailure::PayloadModeRefused { value: Echo(value) }),
        }
    }

    /// S3 insists on the header, but for presigned URLs, whose body is unsigned unless they say otherwise. A
    /// chunked upload needs the header form: AWS describes no presigned one.
    fn for_s3(header: Option<String>, query: &Query, carrier: Carrier) -> Result<Self, AuthFailure> {
        match (carrier, header) {
            (Carrier::Header, None) => Err(AuthFailure::MissingPayloadHash),
            (Carrier::Header, Some(value)) => Self::from_header(&value),
            (Carrier::Query { .. }, header) => {
                let parameter = query.only_in_any_case("X-Amz-Content-Sha256")?;
                let Some(value) = header.or(parameter) else { return Ok(Self::Unsigned) };
                let hash = Self::from_header(&value)?;
                if hash.is_streaming() {
                    Err(AuthFailure::PayloadModeRefused { value: Echo(value) })
                } else {
                    Ok(hash)
                }
            }
        }
    }
}

/// What the headers promise about a chunked body.
#[derive(Clone, Debug)]
pub(crate) struct Streaming {
    /// The length of the content without the framing, in bytes.
    pub decoded_length: u64,
    /// The names of the trailers to come: lower case, sorted, each once.
    pub trailers: Vec<String>,
}

impl Streaming {
    /// Reads `x-amz-decoded-content-length` and `x-amz-trailer` if the body is chunked.
    pub(crate) fn of(head: &Head, payload: PayloadHash) -> Result<Option<Self>, AuthFailure> {
        if !payload.is_streaming() {
            return Ok(None);
        }
        let length = head.only_text("x-amz-decoded-content-length")?;
        let decoded_length = length
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .ok_or(AuthFailure::MissingDecodedLength)?;
        let mut trailers: Vec<String> = match head.only_text("x-amz-trailer")? {
            Some(names) => names.split(',').map(|name| name.trim().to_ascii_lowercase()).collect(),
            None => Vec::new(),
        };
        trailers.sort_unstable();
        if let Some(name) = unacceptable_trailer(&trailers, payload) {
            return Err(AuthFailure::UnacceptableTrailer { name });
        }
        Ok(Some(Self { decoded_length, trailers }))
    }
}

/// Only checksums travel as trailers, each once, and only in the modes that have trailers at all.
fn unacceptable_trailer(sorted: &[String], payload: PayloadHash) -> Option<String> {
    let repeated = sorted.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[String]>::first);
    let unknown = sorted.iter().find(|name| !name.starts_with("x-amz-checksum-"));
    let unexpected = sorted.first().filter(|_| payload == PayloadHash::SignedChunks);
    repeated.or(unknown).or(unexpected).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_reads_back_as_itself() {
        for text in [UNSIGNED, SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER, UNSIGNED_CHUNKS_TRAILER] {
            let mode = PayloadHash::from_header(text).unwrap();
            assert_eq!(mode.canonical(|| panic!("the body is not asked for")), text);
        }
    }

    #[test]
    fn an_unknown_mode_is_refused_and_not_taken_for_a_known_one() {
        for text in [
            "",
            "unsigned-payload",
            "UNSIGNED-PAYLOAD-TRAILER",
            "STREAMING-UNSIGNED-PAYLOAD",
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
        ] {
            assert!(
                matches!(PayloadHash::from_header(text), Err(AuthFailure::UnknownPayloadHash { .. })),
                "{text}"
            );
        }
    }
}
