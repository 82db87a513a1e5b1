//! The AWS endpoint of one environment: connections that its function opens are handed on, within bounds.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::host::{EndpointConnection, EndpointHandler};
use crate::spec::EnvironmentId;

/// How many connections an environment has at once; AWS's SDKs keep up to 50. More wait in the listener's queue, where
/// they cost the server no descriptor.
const CONNECTIONS: usize = 64;

/// How long nothing is accepted after that failed.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// How many bytes of an environment's requests are in memory at once: the largest request is as large.
const ROOM: usize = 256 << 20;

/// Accepts connections until the task is aborted. Those that are open then go on until they are served.
pub(super) async fn serve(
    listener: TcpListener,
    handler: Arc<dyn EndpointHandler>,
    environment: EnvironmentId,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let room = Arc::new(Semaphore::new(ROOM));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely; give others time to end.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let connection =
            EndpointConnection { stream, environment: environment.clone(), room: Arc::clone(&room) };
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            handler.serve(connection).await;
            drop(place);
        });
    }
}
