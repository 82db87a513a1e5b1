//! What the log says, and what it must never say.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::message::Message;
use crate::server::{Server, with_secret};
use crate::sessions::{add_role, assume};
use rolecall_testkit::ACCOUNT;

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_holds_no_secret_and_no_forged_line_mistake_22() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    // For all threads: what other tests do meanwhile may be in the log, too, and must tell no more.
    tracing_subscriber::util::SubscriberInitExt::init(subscriber);
    let server = Server::start().await;
    let admin = server.admin().await;
    add_role(&server).await;
    let session = assume(&server, &admin, None).await;
    let ana = server.user(ACCOUNT, "ana", None).await;
    let list = || Message::new("GET", "/2015-03-31/functions", "");
    let mut secrets = vec![admin.secret.expose().to_owned(), session.secret.expose().to_owned()];
    secrets.push(session.session_token.as_ref().unwrap().expose().to_owned());
    let signed = [
        list().signed(&admin, "lambda"),
        list().signed(&ana, "lambda"),
        list().signed(&session, "lambda"),
        list().signed(&with_secret(&admin, "wrong"), "lambda"),
        Message::new("GET", "/", "").presigned(&session, "s3", 60),
        Message::new("GET", "/", "").presigned(&with_secret(&admin, "wrong"), "s3", 60),
    ];
    for message in signed {
        message.send(server.address).await;
        let carried = message.headers.iter().find(|(name, _)| name == "authorization");
        let carried = carried.map_or(message.query.as_str(), |(_, value)| value.as_str());
        secrets.push(carried.rsplit_once("Signature=").unwrap().1.to_owned());
    }
    Message::new("GET", "/_rolecall/code/a-token-that-opens-something", "").send(server.address).await;
    secrets.push("a-token-that-opens-something".to_owned());

    Message::new("PUT", "/bucket", "").signed(&admin, "s3").send(server.address).await;
    let forged = "/?X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fx%0AFORGED%20line%2Faws4_request";
    Message::new("GET", forged, "").send(server.address).await;
    // The key of an object that is denied is the caller's own text.
    Message::new("GET", "/bucket/a%0AFORGED%20line", "").signed(&ana, "s3").send(server.address).await;
    Message::new("GET", "/bucket/a%0AFORGED%20line", "").send(server.address).await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for said in [" denied ", "not authenticated", "operation=ListFunctions", "/_rolecall/code/", "FORGED"] {
        assert!(text.contains(said), "the log does not hold {said}: {text}");
    }
    for secret in secrets {
        assert!(!text.contains(&secret), "the log holds {secret}");
    }
    assert!(!text.lines().any(|line| line.starts_with("FORGED")), "{text}");
}
