//! Checksums of objects: those that the caller states are verified, and one is always kept.

use std::collections::BTreeMap;

use crc_fast::CrcAlgorithm;
use data_encoding::BASE64;
use md5::Md5;
use rolecall_wire::s3 as wire;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::S3Error;

/// The algorithms that this server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Algorithm; 5] =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256];

    /// The algorithm that S3 uses where the caller states none (S3 user guide, "Checking object integrity").
    pub(crate) const DEFAULT: Algorithm = Algorithm::Crc64Nvme;

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The checksum in base64.
    pub(crate) fn of(self, bytes: &[u8]) -> String {
        let crc = |algorithm: CrcAlgorithm| crc_fast::checksum(algorithm, bytes);
        match self {
            Algorithm::Crc32 => four_bytes(crc(CrcAlgorithm::Crc32IsoHdlc)),
            Algorithm::Crc32c => four_bytes(crc(CrcAlgorithm::Crc32Iscsi)),
            Algorithm::Crc64Nvme => BASE64.encode(&crc(CrcAlgorithm::Crc64Nvme).to_be_bytes()),
            Algorithm::Sha1 => BASE64.encode(&Sha1::digest(bytes)),
            Algorithm::Sha256 => BASE64.encode(&Sha256::digest(bytes)),
        }
    }

    fn length(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }
}

/// A CRC of 32 bits, which the library gives in the lower half of its answer.
fn four_bytes(crc: u64) -> String {
    let [_, _, _, _, bytes @ ..] = crc.to_be_bytes();
    BASE64.encode(&bytes)
}

/// What the caller states about the bytes of an upload.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    /// The value of Content-MD5.
    md5: Option<String>,
    checksum: Option<(Algorithm, String)>,
}

impl Stated {
    /// Reads what a PutObject states.
    pub(crate) fn of(input: &wire::PutObjectRequest) -> Result<Self, S3Error> {
        let given = [
            (Algorithm::Crc32, &input.checksum_crc32),
            (Algorithm::Crc32c, &input.checksum_crc32c),
            (Algorithm::Crc64Nvme, &input.checksum_crc64nvme),
            (Algorithm::Sha1, &input.checksum_sha1),
            (Algorithm::Sha256, &input.checksum_sha256),
        ];
        let mut given = given.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value.clone()?)));
        let checksum = given.next();
        if given.next().is_some() {
            let words = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(S3Error::InvalidRequest(words.to_owned()));
        }
        if let Some((algorithm, value)) = &checksum {
            check_form(*algorithm, value)?;
        }
        if checksum.is_none() && input.checksum_algorithm.is_some() {
            let words = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
                         x-amz-trailer headers were found.";
            return Err(S3Error::InvalidRequest(words.to_owned()));
        }
        Ok(Stated { md5: input.content_md5.clone(), checksum })
    }
}

fn check_form(algorithm: Algorithm, value: &str) -> Result<(), S3Error> {
    let decoded = BASE64.decode(value.as_bytes());
    if decoded.is_ok_and(|bytes| bytes.len() == algorithm.length()) {
        return Ok(());
    }
    let header = algorithm.name().to_lowercase();
    Err(S3Error::InvalidRequest(format!("Value for x-amz-checksum-{header} header is invalid.")))
}

/// What is known of the bytes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digests {
    /// The entity tag without quotes: the MD5 in hexadecimal.
    pub(crate) etag: String,
    /// The checksums to keep, by name.
    pub(crate) checksums: BTreeMap<String, String>,
}

impl Digests {
    /// Computes the digests and compares them with what was stated. It takes time; run it where blocking is allowed.
    pub(crate) fn verified(bytes: &[u8], stated: &Stated) -> Result<Self, S3Error> {
        let md5 = Md5::digest(bytes);
        check_md5(&md5, stated.md5.as_deref())?;
        let algorithm = stated.checksum.as_ref().map_or(Algorithm::DEFAULT, |(algorithm, _)| *algorithm);
        let checksum = algorithm.of(bytes);
        if stated.checksum.as_ref().is_some_and(|(_, expected)| *expected != checksum) {
            return Err(S3Error::BadChecksum(algorithm.name()));
        }
        let checksums = [(algorithm.name().to_owned(), checksum)].into();
        Ok(Digests { etag: data_encoding::HEXLOWER.encode(&md5), checksums })
    }
}

/// Compares the bytes with a Content-MD5, where one is given.
pub(crate) fn check_content_md5(bytes: &[u8], stated: Option<&str>) -> Result<(), S3Error> {
    check_md5(&Md5::digest(bytes), stated)
}

fn check_md5(md5: &[u8], stated: Option<&str>) -> Result<(), S3Error> {
    let Some(stated) = stated else { return Ok(()) };
    let expected = BASE64.decode(stated.trim().as_bytes()).ok().filter(|bytes| bytes.len() == md5.len());
    let expected = expected.ok_or_else(|| S3Error::InvalidDigest(stated.to_owned()))?;
    if expected == md5 {
        return Ok(());
    }
    let calculated = BASE64.encode(md5);
    Err(S3Error::BadContentMd5 { expected: data_encoding::HEXLOWER.encode(&expected), calculated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_gives_its_published_check_value() {
        // The check values of the CRC catalogue, and the digests of FIPS 180, all over `123456789`.
        let cases = [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ];
        for (algorithm, hex) in cases {
            let expected = BASE64.encode(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap());
            assert_eq!(algorithm.of(b"123456789"), expected, "{}", algorithm.name());
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        }
    }

    #[test]
    fn a_wrong_or_unreadable_checksum_is_refused() {
        let wrong = Stated { checksum: Some((Algorithm::Crc32, "AAAAAA==".to_owned())), md5: None };
        let error = Digests::verified(b"hello", &wrong).unwrap_err();
        assert_eq!(error.to_string(), "The CRC32 you specified did not match the calculated checksum.");
        let input = wire::PutObjectRequest { checksum_sha256: Some("AAAA".to_owned()), ..Default::default() };
        let error = Stated::of(&input).unwrap_err();
        assert_eq!(error.to_string(), "Value for x-amz-checksum-sha256 header is invalid.");
        assert!(check_content_md5(b"hello", Some("XUFAKrxLKna5cZ2REBfFkg==")).is_ok());
        assert!(matches!(
            check_content_md5(b"x", Some("XUFAKrxLKna5cZ2REBfFkg==")),
            Err(S3Error::BadContentMd5 { .. })
        ));
        assert!(matches!(check_content_md5(b"x", Some("short")), Err(S3Error::InvalidDigest(_))));
    }
}
