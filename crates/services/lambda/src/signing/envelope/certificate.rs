//! X.509 certificates, as far as the signatures of code need them (RFC 5280).

use p384::ecdsa::signature::Verifier;
use p384::ecdsa::{Signature, VerifyingKey};

use crate::signing::envelope::ber::{
    BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, context, only,
};
use crate::signing::envelope::{Malformed, oid, time};

/// A certificate with a P-384 key, signed with ECDSA and SHA-384.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    raw: Vec<u8>,
    signed_part: Vec<u8>,
    signature: Vec<u8>,
    key: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) serial: Vec<u8>,
    not_before_ms: i64,
    not_after_ms: i64,
    extensions: Extensions,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Extensions {
    is_authority: bool,
    /// How many authorities may stand between this one and the signer.
    path_length: Option<u64>,
    may_sign_data: bool,
    may_sign_certificates: bool,
    may_sign_code: bool,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`Malformed`] where it is none, or one with another kind of key, or with a critical extension that is not known.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut certificate = only(der, SEQUENCE)?.inside();
        let signed_part = certificate.expect(SEQUENCE)?;
        require_algorithm(&mut certificate, oid::ECDSA_WITH_SHA384)?;
        let signature = bits(&mut certificate)?.to_vec();
        certificate.end()?;

        let mut inside = signed_part.inside();
        inside.optional(context(0))?;
        let serial = inside.expect(INTEGER)?.content.to_vec();
        require_algorithm(&mut inside, oid::ECDSA_WITH_SHA384)?;
        let issuer = inside.expect(SEQUENCE)?.raw.to_vec();
        let mut validity = inside.expect(SEQUENCE)?.inside();
        let (not_before_ms, not_after_ms) =
            (time::epoch_ms(&validity.any()?)?, time::epoch_ms(&validity.any()?)?);
        let subject = inside.expect(SEQUENCE)?.raw.to_vec();
        let key = public_key(&mut inside.expect(SEQUENCE)?.inside())?;
        // Unique identifiers of issuer and subject, which nobody writes.
        inside.optional(0x81)?;
        inside.optional(0x82)?;
        let extensions = match inside.optional(context(3))? {
            Some(list) => Extensions::read(only(list.content, SEQUENCE)?.inside())?,
            None => Extensions::default(),
        };
        inside.end()?;
        Ok(Certificate {
            raw: der.to_vec(),
            signed_part: signed_part.raw.to_vec(),
            signature,
            key,
            issuer,
            subject,
            serial,
            not_before_ms,
            not_after_ms,
            extensions,
        })
    }

    /// Whether the two are the same certificate.
    pub(super) fn is(&self, other: &Certificate) -> bool {
        self.raw == other.raw
    }

    /// Whether it was good at the time, in epoch milliseconds.
    pub(super) fn is_valid_at(&self, time_ms: i64) -> bool {
        (self.not_before_ms..=self.not_after_ms).contains(&time_ms)
    }

    /// Whether its key may sign code.
    pub(super) fn may_sign_code(&self) -> bool {
        let uses = &self.extensions;
        !uses.is_authority && uses.may_sign_data && uses.may_sign_code
    }

    /// Whether its key may vouch for others, with so many authorities between it and the signer.
    pub(super) fn may_vouch(&self, authorities_below: u64) -> bool {
        let uses = &self.extensions;
        let is_near = uses.path_length.is_none_or(|most| authorities_below <= most);
        uses.is_authority && uses.may_sign_certificates && is_near
    }

    /// Whether it was signed with the other's key.
    pub(super) fn is_signed_by(&self, issuer: &Certificate) -> bool {
        self.issuer == issuer.subject && issuer.verifies(&self.signed_part, &self.signature)
    }

    /// Whether the signature over the message was made with its key.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = VerifyingKey::from_sec1_bytes(&self.key);
        let (Ok(key), Ok(signature)) = (key, Signature::from_der(signature)) else { return false };
        key.verify(message, &signature).is_ok()
    }
}

impl Extensions {
    fn read(mut list: Reader<'_>) -> Result<Self, Malformed> {
        let mut found = Extensions::default();
        while !list.is_empty() {
            let mut extension = list.expect(SEQUENCE)?.inside();
            let name = extension.expect(OID)?.content;
            let critical = extension.optional(BOOLEAN)?.is_some_and(|flag| flag.content != [0]);
            let value = extension.expect(OCTET_STRING)?.content;
            extension.end()?;
            found.note(name, critical, value)?;
        }
        Ok(found)
    }

    fn note(&mut self, name: &[u8], critical: bool, value: &[u8]) -> Result<(), Malformed> {
        match name {
            oid::BASIC_CONSTRAINTS => {
                let mut constraints = only(value, SEQUENCE)?.inside();
                self.is_authority = constraints.optional(BOOLEAN)?.is_some_and(|flag| flag.content != [0]);
                let length = constraints.optional(INTEGER)?;
                self.path_length = length
                    .map(|length| length.content.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
            }
            oid::KEY_USAGE => {
                // The first byte says how many of the last bits are not used; digitalSignature is the first bit,
                // keyCertSign the sixth.
                let uses = only(value, BIT_STRING)?.content.get(1).copied().unwrap_or_default();
                self.may_sign_data = uses & 0x80 != 0;
                self.may_sign_certificates = uses & 0x04 != 0;
            }
            oid::EXTENDED_KEY_USAGE => {
                let mut uses = only(value, SEQUENCE)?.inside();
                while !uses.is_empty() {
                    self.may_sign_code |= uses.expect(OID)?.content == oid::CODE_SIGNING;
                }
            }
            _ if critical => {
                return Err(Malformed("a certificate has a critical extension that is not known"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The next element must name the algorithm.
pub(super) fn require_algorithm(reader: &mut Reader<'_>, wanted: &[u8]) -> Result<(), Malformed> {
    let name = reader.expect(SEQUENCE)?.inside().expect(OID)?.content;
    if name == wanted { Ok(()) } else { Err(Malformed("another algorithm than AWS Signer's is used")) }
}

fn public_key(reader: &mut Reader<'_>) -> Result<Vec<u8>, Malformed> {
    let mut algorithm = reader.expect(SEQUENCE)?.inside();
    let names = (algorithm.expect(OID)?.content, algorithm.expect(OID)?.content);
    if names != (oid::EC_PUBLIC_KEY, oid::P384) {
        return Err(Malformed("a key is not one of the curve P-384"));
    }
    let key = bits(reader)?.to_vec();
    Ok(key)
}

/// The bytes of a bit string, which must be whole ones.
fn bits<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    match reader.expect(BIT_STRING)?.content {
        [0, bytes @ ..] => Ok(bytes),
        _ => Err(Malformed("a bit string does not end with a byte")),
    }
}
