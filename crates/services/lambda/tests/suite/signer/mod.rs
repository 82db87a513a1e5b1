//! A signer of zip files that does what AWS Signer does, with keys of its own that everybody can know.

use std::io::{Cursor, Read, Write};

use bytes::Bytes;
use data_encoding::BASE64;
use p384::ecdsa::signature::Signer as _;
use p384::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha384};

pub const SIGNATURE_FILE: &str = "META_INF/aws_signer_signature_v1.0.SF";
pub const PROFILE: &str = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/mine/0123456789";
pub const JOB: &str =
    "arn:aws:signer:us-east-1:111122223333:/signing-jobs/cf0489c1-3eb6-4ff0-989e-f651a4275d78";

const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// A root, an authority below it, and the key that signs code.
pub struct Signer {
    root: Certified,
    authority: Certified,
    leaf: Certified,
    /// What the signature says.
    pub profile: String,
    pub expires: String,
}

struct Certified {
    key: SigningKey,
    name: Vec<u8>,
    certificate: Vec<u8>,
}

impl Signer {
    /// A signer whose keys follow from the seed. Its certificates are good from 2020 to 2049.
    pub fn new(seed: u8) -> Self {
        let key = |number: u8| SigningKey::from_slice(&[seed ^ number; 48]).unwrap();
        let name =
            |text: &str| sequence(&[set(&[sequence(&[oid(&[0x55, 4, 3]), der(12, text.as_bytes())])])]);
        let (root_key, root_name) = (key(1), name("root"));
        let root = certificate(1, &root_key, &root_name, &root_name, &root_key, true);
        let (authority_key, authority_name) = (key(2), name("authority"));
        let authority = certificate(2, &authority_key, &authority_name, &root_name, &root_key, true);
        let (leaf_key, leaf_name) = (key(3), name("leaf"));
        let leaf = certificate(3, &leaf_key, &leaf_name, &authority_name, &authority_key, false);
        Signer {
            root: Certified { key: root_key, name: root_name, certificate: root },
            authority: Certified { key: authority_key, name: authority_name, certificate: authority },
            leaf: Certified { key: leaf_key, name: leaf_name, certificate: leaf },
            profile: PROFILE.to_owned(),
            expires: "20450101000000Z".to_owned(),
        }
    }

    /// The root certificate in PEM.
    pub fn root_pem(&self) -> String {
        pem("CERTIFICATE", &self.root.certificate)
    }

    /// The zip file with these files and a signature over them.
    pub fn sign(&self, files: &[(&str, &str)]) -> Bytes {
        let mut entries: Vec<(String, Vec<u8>)> =
            files.iter().map(|(name, body)| ((*name).to_owned(), body.as_bytes().to_vec())).collect();
        entries.push(("META_INF/".to_owned(), Vec::new()));
        let mut content = Sha384::new();
        for (name, body) in &entries {
            content.update(name.as_bytes());
            content.update(body);
        }
        let envelope = self.envelope(&Sha384::digest(content.finalize()));
        entries.push((SIGNATURE_FILE.to_owned(), pem("PKCS7", &envelope).into_bytes()));
        zip(&entries)
    }

    fn envelope(&self, digest: &[u8]) -> Vec<u8> {
        let attribute = |name: &[u8], value: Vec<u8>| sequence(&[oid(name), set(&[value])]);
        let pkcs9 = |last: u8| [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09][..], &[last]].concat();
        let own = |last: u8| [0x2b, 0x81, 0x3b, 0x81, 0x09, 0x01, last];
        let mut attributes = [
            attribute(&pkcs9(3), oid(DATA)),
            attribute(&pkcs9(4), der(4, digest)),
            attribute(&pkcs9(5), der(24, b"20260101000000.806Z")),
            attribute(&own(3), der(24, self.expires.as_bytes())),
            attribute(&own(2), der(12, JOB.as_bytes())),
            attribute(&own(4), der(12, self.profile.as_bytes())),
        ];
        attributes.sort();
        let attributes = attributes.concat();
        let signature: DerSignature = self.leaf.key.sign(&der(0x31, &attributes));
        let info = sequence(&[
            der(2, &[1]),
            sequence(&[self.authority.name.clone(), der(2, &[3])]),
            sequence(&[oid(SHA384)]),
            der(0xa0, &attributes),
            sequence(&[oid(ECDSA)]),
            der(4, signature.as_bytes()),
        ]);
        let certificates =
            [&self.leaf, &self.root, &self.authority].map(|certified| certified.certificate.clone()).concat();
        let data = sequence(&[
            der(2, &[1]),
            set(&[sequence(&[oid(SHA384)])]),
            sequence(&[oid(DATA)]),
            der(0xa0, &certificates),
            set(&[info]),
        ]);
        // AWS Signer writes the outer elements with indefinite lengths.
        [&[0x30, 0x80][..], &oid(SIGNED_DATA), &[0xa0, 0x80], &data, &[0, 0, 0, 0]].concat()
    }
}

fn certificate(
    serial: u8,
    key: &SigningKey,
    subject: &[u8],
    issuer: &[u8],
    issuer_key: &SigningKey,
    authority: bool,
) -> Vec<u8> {
    let algorithm = sequence(&[oid(ECDSA)]);
    let point = key.verifying_key().to_sec1_point(false);
    let curve = [oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]), oid(&[0x2b, 0x81, 4, 0, 0x22])].concat();
    let key = sequence(&[der(0x30, &curve), der(3, &[&[0][..], point.as_bytes()].concat())]);
    let extension = |name: &[u8], value: Vec<u8>| sequence(&[oid(name), der(1, &[0xff]), der(4, &value)]);
    let extensions = if authority {
        vec![
            extension(&[0x55, 0x1d, 0x13], sequence(&[der(1, &[0xff])])),
            extension(&[0x55, 0x1d, 0x0f], der(3, &[1, 0x06])),
        ]
    } else {
        vec![
            extension(&[0x55, 0x1d, 0x0f], der(3, &[7, 0x80])),
            extension(&[0x55, 0x1d, 0x25], sequence(&[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 3])])),
        ]
    };
    let signed = sequence(&[
        der(0xa0, &der(2, &[2])),
        der(2, &[serial]),
        algorithm.clone(),
        issuer.to_vec(),
        sequence(&[der(23, b"200101000000Z"), der(23, b"490101000000Z")]),
        subject.to_vec(),
        key,
        der(0xa3, &sequence(&extensions)),
    ]);
    let signature: DerSignature = issuer_key.sign(&signed);
    sequence(&[signed, algorithm, der(3, &[&[0][..], signature.as_bytes()].concat())])
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let header = if length < 0x80 { vec![tag, low] } else { vec![tag, 0x82, high, low] };
    [header, content.to_vec()].concat()
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x31, &parts.concat())
}

fn oid(content: &[u8]) -> Vec<u8> {
    der(6, content)
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The files of a zip file, in their order.
pub fn files_of(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let read = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut body = Vec::new();
        file.read_to_end(&mut body).unwrap();
        (file.name().unwrap().into_owned(), body)
    };
    (0..zip::ZipArchive::new(Cursor::new(zip)).unwrap().len()).map(read).collect()
}

/// A zip file of these files.
pub fn zip(files: &[(String, Vec<u8>)]) -> Bytes {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, body) in files {
        if name.ends_with('/') {
            writer.add_directory(name.as_str(), options).unwrap();
        } else {
            writer.start_file(name.as_str(), options).unwrap();
            writer.write_all(body).unwrap();
        }
    }
    Bytes::from(writer.finish().unwrap().into_inner())
}
