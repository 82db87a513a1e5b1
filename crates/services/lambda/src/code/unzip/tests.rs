//! Zip files that lie, and honest ones.

use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

enum Part<'a> {
    File(&'a str, &'a [u8], u32),
    Link(&'a str, &'a str),
}

fn zipped(parts: &[Part<'_>]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        match part {
            Part::File(name, content, mode) => {
                writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
                writer.write_all(content).unwrap();
            }
            Part::Link(name, target) => {
                writer.add_symlink(*name, *target, SimpleFileOptions::default()).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn unzip_to_temporary(bytes: &[u8]) -> (tempfile::TempDir, Result<u64, UnzipError>) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    fs::create_dir(&root).unwrap();
    let result = unzip(bytes, &root);
    (directory, result)
}

#[test]
fn an_honest_file_is_unzipped_with_its_modes_and_links() {
    let bytes = zipped(&[
        Part::File("app/main.py", b"print(1)", 0o600),
        Part::File("bootstrap", b"#!/bin/sh", 0o755),
        Part::Link("bin/main", "../app/main.py"),
    ]);
    let (directory, size) = unzip_to_temporary(&bytes);
    assert_eq!(size.unwrap(), 17);
    let root = directory.path().join("root");
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("app/main.py"), mode("bootstrap"), mode("app")), (0o644, 0o755, 0o755));
    assert_eq!(fs::read(root.join("bin/main")).unwrap(), b"print(1)");
}

#[test]
fn nothing_is_written_outside_the_directory() {
    for parts in [
        vec![Part::File("../out", b"x", 0o644)],
        vec![Part::File("a/../../out", b"x", 0o644)],
        vec![Part::File("/out", b"x", 0o644)],
        vec![Part::Link("out", "..")],
        vec![Part::Link("out", "/etc")],
        vec![Part::Link("a/out", "../../x")],
        vec![Part::Link("dot", "."), Part::Link("out", "dot/..")],
        vec![Part::Link("here", "a"), Part::File("here/out", b"x", 0o644)],
    ] {
        let (directory, result) = unzip_to_temporary(&zipped(&parts));
        assert!(matches!(result, Err(UnzipError::Invalid(_))), "{result:?}");
        let outside: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
        assert_eq!(outside.len(), 1);
    }
}

#[test]
fn a_file_that_is_no_zip_or_damaged_or_empty_is_refused() {
    let invalid = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    assert_eq!(unzip_to_temporary(b"not a zip").1.unwrap_err().to_string(), invalid);
    let mut damaged = zipped(&[Part::File("f", &[7; 4000], 0o644)]);
    damaged[40] ^= 0xff;
    assert_eq!(unzip_to_temporary(&damaged).1.unwrap_err().to_string(), invalid);
    let empty = unzip_to_temporary(&zipped(&[])).1.unwrap_err();
    assert_eq!(empty.to_string(), "Uploaded file must be a non-empty zip");
}

#[test]
fn what_is_written_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let mut file = File::create(directory.path().join("f")).unwrap();
    let mut endless = io::repeat(0);
    let error = copy(&mut endless, &mut file, 1_000_000).unwrap_err();
    assert_eq!(error.to_string(), "Unzipped size must be smaller than 262144000 bytes");
    assert_eq!(copy(&mut io::repeat(0).take(9), &mut file, 10).unwrap(), 9);
}
