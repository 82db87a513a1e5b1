//! A small function for `provided.al2023`: speaks the Runtime API over one plain connection and answers each event
//! with the event. It is what is measured, so it does as little as a real one can.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").context("AWS_LAMBDA_RUNTIME_API")?;
    let stream = TcpStream::connect(&api)?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        write!(writer, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n")?;
        let (request_id, event) = read_answer(&mut reader)?;
        let request_id = request_id.context("an event has a request id")?;
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\r\nhost: {api}\r\n\
             content-length: {}\r\n\r\n",
            event.len()
        );
        writer.write_all(&[head.as_bytes(), &event].concat())?;
        read_answer(&mut reader)?;
    }
}

/// Reads one answer: the request id in its headers, and its body.
fn read_answer(reader: &mut impl BufRead) -> Result<(Option<String>, Vec<u8>)> {
    let (mut request_id, mut length) = (None, 0);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            // The Runtime API is gone: so is the environment.
            std::process::exit(0);
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "lambda-runtime-aws-request-id" => request_id = Some(value.trim().to_owned()),
                "content-length" => length = value.trim().parse()?,
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((request_id, body))
}
