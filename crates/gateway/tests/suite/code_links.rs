//! Download links of code: who has the link has the code, and nobody else.

use std::io::{Cursor, Write};

use crate::message::Message;
use crate::server::Server;

fn zip() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("python/library.py", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(b"NAME = 'library'\n").unwrap();
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_download_link_gives_the_code_and_a_guess_gives_nothing() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let body = format!(r#"{{"Content":{{"ZipFile":"{}"}}}}"#, data_encoding::BASE64.encode(&zip()));
    let publish = Message::new("POST", "/2018-10-31/layers/library/versions", body);
    let reply = publish.signed(&admin, "lambda").send(server.address).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let (_, rest) = reply.body.split_once("/_rolecall/code/").unwrap();
    let token = rest.split('"').next().unwrap();

    let reply = Message::new("GET", &format!("/_rolecall/code/{token}"), "").send(server.address).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/zip")));
    assert!(reply.body.starts_with("PK"));
    let guesses = [
        "/_rolecall/code/".to_owned(),
        format!("/_rolecall/code/{}", &token[1..]),
        format!("/_rolecall/code/{token}/"),
        format!("/_rolecall/code/{}", token.to_uppercase()),
        "/_rolecall/code/..%2f..%2fsession-key".to_owned(),
        "/_rolecall/code/../../session-key".to_owned(),
    ];
    for guess in guesses {
        let reply = Message::new("GET", &guess, "").send(server.address).await;
        assert_eq!(reply.status, 404, "{guess}: {reply:?}");
    }
    // Only reading is open.
    let reply = Message::new("DELETE", &format!("/_rolecall/code/{token}"), "").send(server.address).await;
    assert_eq!(reply.status, 403, "{reply:?}");
}
