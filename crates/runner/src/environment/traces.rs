//! The X-Ray daemon of one environment, as far as functions see it: what X-Ray's SDKs send over UDP.
//!
//! Each datagram is a line that names the protocol, and one segment document. Its socket is inside the environment, so
//! no other one can speak to it. The daemon's TCP port, where SDKs outside Lambda ask for sampling rules, is not there:
//! inside Lambda they take the decision that comes with the event.

use std::sync::Arc;

use tokio::net::UdpSocket;

use crate::host::EnvironmentHost;
use crate::spec::{EnvironmentId, FunctionSpec};

/// The largest datagram there is.
const DATAGRAM_MAX: usize = 65_535;

/// Hands documents on until the task is aborted.
pub(super) async fn serve(
    socket: UdpSocket,
    host: Arc<dyn EnvironmentHost>,
    spec: Arc<FunctionSpec>,
    environment: EnvironmentId,
) {
    while socket.readable().await.is_ok() {
        // Memory only for what has come: an environment that rests has none here.
        let mut datagram = Vec::with_capacity(DATAGRAM_MAX);
        if socket.try_recv_buf(&mut datagram).is_err() {
            continue;
        }
        match document(&datagram) {
            Some(document) => host.trace_document(&spec, &environment, document),
            None => tracing::debug!(%environment, "a datagram is not of X-Ray's protocol"),
        }
    }
}

/// The document of a datagram: none without the line `{"format":"json","version":1}` before it.
fn document(datagram: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(datagram).ok()?;
    let (head, document) = text.split_once('\n')?;
    let head: serde_json::Value = serde_json::from_str(head).ok()?;
    let is_known = head.get("format")? == "json" && head.get("version")? == 1;
    (is_known && !document.trim().is_empty()).then(|| document.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_the_protocol_is_a_document() {
        let sent = |text: &str| document(text.as_bytes());
        assert_eq!(sent("{\"format\": \"json\", \"version\": 1}\n{\"id\":1}"), Some("{\"id\":1}".to_owned()));
        for wrong in [
            "{\"id\":1}",
            "{\"format\":\"json\",\"version\":2}\n{}",
            "{\"format\":\"xml\",\"version\":1}\n{}",
            "{\"format\":\"json\",\"version\":1}\n",
            "\n{}",
            "",
        ] {
            assert_eq!(sent(wrong), None, "{wrong}");
        }
        assert_eq!(document(b"{\"format\":\"json\",\"version\":1}\n\xff"), None);
    }
}
