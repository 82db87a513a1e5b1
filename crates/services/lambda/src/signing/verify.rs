//! Checking the signature of a zip file.
//!
//! AWS Signer adds the directory `META_INF/` and in it one file with the signature. Signed is the SHA-384 of the
//! SHA-384 over the name and the content of every other entry, directories too, in the order of the file. How entries
//! are compressed and when they were made does not count: on AWS a signed file that was packed again is good, one with
//! an entry renamed, changed or moved is not (recorded).

use std::io::{self, Cursor, Read, Write};

use rolecall_store::records::signing::CodeSignature;
use sha2::{Digest, Sha384};
use zip::ZipArchive;

use crate::signing::TrustedRoots;
use crate::signing::configuration::is_profile_version;
use crate::signing::envelope::{SignedData, is_trusted};

/// Where the signature stands in a zip file.
const SIGNATURE_FILE: &str = "META_INF/aws_signer_signature_v1.0.SF";
/// More than any signature has, in bytes.
const MAX_SIGNATURE_BYTES: u64 = 1 << 20;

/// What the signature of a zip file is worth. The file has been unzipped before, so that its size is known to be
/// bounded. `now_ms` is epoch milliseconds.
pub(crate) fn signature_of(zip: &[u8], roots: &TrustedRoots, now_ms: i64) -> CodeSignature {
    // The name stands in the directory of a signed file as it is; most files are not signed, and cost no more.
    if memchr::memmem::find(zip, SIGNATURE_FILE.as_bytes()).is_none() {
        return CodeSignature::Unsigned;
    }
    match check(zip, roots, now_ms) {
        Ok(signature) => signature,
        Err(reason) => {
            tracing::info!(%reason, "the signature of a zip file does not fit");
            CodeSignature::Broken
        }
    }
}

fn check(zip: &[u8], roots: &TrustedRoots, now_ms: i64) -> Result<CodeSignature, io::Error> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let Some(envelope) = signature_file(&mut archive)? else { return Ok(CodeSignature::Unsigned) };
    let data = SignedData::parse(&envelope).map_err(io::Error::other)?;
    if digest(&mut archive)? != data.digest {
        return Err(io::Error::other("the files are not those that were signed"));
    }
    if data.signed_ms > now_ms {
        return Err(io::Error::other("the time of signing has not come"));
    }
    if !is_trusted(&data.signer, &data.others, &roots.read(), data.signed_ms) {
        return Ok(CodeSignature::Untrusted);
    }
    if !is_profile_version(&data.profile_version_arn) || data.expires_ms <= data.signed_ms {
        return Err(io::Error::other("the signature names no signing profile or no time"));
    }
    Ok(CodeSignature::Signed {
        profile_version_arn: data.profile_version_arn,
        job_arn: data.job_arn,
        expires_ms: data.expires_ms,
    })
}

fn signature_file(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Option<Vec<u8>>, io::Error> {
    let Some(index) = archive.index_for_name(SIGNATURE_FILE) else { return Ok(None) };
    let mut envelope = Vec::new();
    archive.by_index(index)?.take(MAX_SIGNATURE_BYTES + 1).read_to_end(&mut envelope)?;
    if envelope.len() as u64 > MAX_SIGNATURE_BYTES {
        return Err(io::Error::other("the signature is too large"));
    }
    Ok(Some(envelope))
}

fn digest(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<u8>, io::Error> {
    let mut hash = Hashing(Sha384::new());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name_raw().to_vec();
        if name != SIGNATURE_FILE.as_bytes() {
            hash.write_all(&name)?;
            io::copy(&mut entry, &mut hash)?;
        }
    }
    Ok(Sha384::digest(hash.0.finalize()).to_vec())
}

/// A hash that bytes are written to.
struct Hashing(Sha384);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
