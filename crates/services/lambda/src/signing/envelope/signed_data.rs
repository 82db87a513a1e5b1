//! The signature itself: what it says, and whether its signer said so.

use data_encoding::BASE64;

use crate::signing::envelope::ber::{
    INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET, UTF8_STRING, context, only, rewrite,
};
use crate::signing::envelope::certificate::require_algorithm;
use crate::signing::envelope::{Certificate, Malformed, oid, time};

const BEGIN: &str = "-----BEGIN PKCS7-----";
const END: &str = "-----END PKCS7-----";

/// A signature whose signer's certificate is in the envelope and fits it. Whether the signer is to be trusted is
/// another question: [`is_trusted`](super::is_trusted).
#[derive(Debug)]
pub(crate) struct SignedData {
    /// The digest over the signed content.
    pub(crate) digest: Vec<u8>,
    /// When it was signed, in epoch milliseconds.
    pub(crate) signed_ms: i64,
    /// Until when the signature is good, in epoch milliseconds.
    pub(crate) expires_ms: i64,
    /// The signing job.
    pub(crate) job_arn: String,
    /// The version of the signing profile.
    pub(crate) profile_version_arn: String,
    /// The signer's certificate.
    pub(crate) signer: Certificate,
    /// The other certificates of the envelope.
    pub(crate) others: Vec<Certificate>,
}

impl SignedData {
    /// Reads an envelope as it stands in a zip file: PEM with the label `PKCS7`.
    ///
    /// # Errors
    /// [`Malformed`] where it is not what AWS Signer writes, or its signature is wrong.
    pub(crate) fn parse(pem: &[u8]) -> Result<Self, Malformed> {
        let der = decode_pem(pem).ok_or(Malformed("the signature is not in PEM"))?;
        let mut outer = only(&der, SEQUENCE)?.inside();
        if outer.expect(OID)?.content != oid::SIGNED_DATA {
            return Err(Malformed("the signature is not SignedData"));
        }
        let content = outer.expect(context(0))?;
        outer.end()?;
        let mut data = only(content.content, SEQUENCE)?.inside();
        data.expect(INTEGER)?;
        data.expect(SET)?;
        require_detached(&mut data)?;
        let certificates = certificates(data.expect(context(0))?.inside())?;
        data.optional(context(1))?;
        let signers = data.expect(SET)?;
        data.end()?;
        Self::of_signer(only(signers.content, SEQUENCE)?.inside(), certificates)
    }

    fn of_signer(mut info: Reader<'_>, mut certificates: Vec<Certificate>) -> Result<Self, Malformed> {
        info.expect(INTEGER)?;
        let mut identity = info.expect(SEQUENCE)?.inside();
        let (issuer, serial) = (identity.expect(SEQUENCE)?.raw, identity.expect(INTEGER)?.content);
        require_algorithm(&mut info, oid::SHA384)?;
        let attributes = info.expect(context(0))?.content;
        require_algorithm(&mut info, oid::ECDSA_WITH_SHA384)?;
        let signature = info.expect(OCTET_STRING)?.content;
        let is_signer = |other: &Certificate| other.issuer == issuer && other.serial == serial;
        let index = certificates.iter().position(is_signer);
        let index = index.ok_or(Malformed("the signer's certificate is not in the envelope"))?;
        let signer = certificates.swap_remove(index);
        if !signer.verifies(&rewrite(SET, attributes), signature) {
            return Err(Malformed("the signature is not the signer's"));
        }
        Self::of_attributes(&Attributes::read(Reader::new(attributes))?, signer, certificates)
    }

    fn of_attributes(
        attributes: &Attributes<'_>,
        signer: Certificate,
        others: Vec<Certificate>,
    ) -> Result<Self, Malformed> {
        if only(attributes.get(oid::CONTENT_TYPE)?, OID)?.content != oid::DATA {
            return Err(Malformed("something else than data was signed"));
        }
        let text = |name: &[u8]| -> Result<String, Malformed> {
            let content = only(attributes.get(name)?, UTF8_STRING)?.content;
            String::from_utf8(content.to_vec()).map_err(|_| Malformed("an ARN cannot be read"))
        };
        let moment = |name: &[u8]| time::epoch_ms(&Reader::new(attributes.get(name)?).any()?);
        Ok(SignedData {
            digest: only(attributes.get(oid::MESSAGE_DIGEST)?, OCTET_STRING)?.content.to_vec(),
            signed_ms: moment(oid::SIGNING_TIME)?,
            expires_ms: moment(oid::EXPIRY)?,
            job_arn: text(oid::SIGNING_JOB)?,
            profile_version_arn: text(oid::SIGNING_PROFILE)?,
            signer,
            others,
        })
    }
}

/// The signed attributes: name and value.
struct Attributes<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Attributes<'a> {
    fn read(mut list: Reader<'a>) -> Result<Self, Malformed> {
        let mut found: Vec<(&[u8], &[u8])> = Vec::new();
        while !list.is_empty() {
            let mut attribute = list.expect(SEQUENCE)?.inside();
            let name = attribute.expect(OID)?.content;
            let value = attribute.expect(SET)?.content;
            attribute.end()?;
            if found.iter().any(|(known, _)| *known == name) {
                return Err(Malformed("an attribute stands twice"));
            }
            found.push((name, value));
        }
        Ok(Attributes(found))
    }

    fn get(&self, name: &[u8]) -> Result<&'a [u8], Malformed> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).ok_or(Malformed("the signature lacks an attribute"))
    }
}

/// The signed content must be outside of the envelope.
fn require_detached(data: &mut Reader<'_>) -> Result<(), Malformed> {
    let mut content = data.expect(SEQUENCE)?.inside();
    if content.expect(OID)?.content != oid::DATA {
        return Err(Malformed("something else than data was signed"));
    }
    content.end()
}

fn certificates(mut list: Reader<'_>) -> Result<Vec<Certificate>, Malformed> {
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push(Certificate::parse(list.any()?.raw)?);
    }
    Ok(found)
}

fn decode_pem(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?.trim();
    let body = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let body: String = body.split_ascii_whitespace().collect();
    BASE64.decode(body.as_bytes()).ok()
}
