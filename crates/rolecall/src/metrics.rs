//! The metrics of a server, at an address of their own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use rolecall_lambda::Lambda;
use rolecall_metrics::Present;
use rolecall_runner::Runner;
use rolecall_service::Platform;
use tokio::net::TcpListener;

/// Begins to count, and answers scrapes at the address until the program ends. Returns where.
///
/// # Errors
/// One sentence for the operator, where the address cannot be had.
pub(crate) async fn serve(
    address: SocketAddr,
    platform: &Arc<Platform>,
    lambda: &Arc<Lambda>,
    runner: &Arc<Runner>,
) -> Result<SocketAddr> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address}; choose another address with --metrics-address")
    })?;
    let address = listener.local_addr()?;
    platform.authority.metrics().switch_on();
    let (platform, lambda, runner) = (Arc::clone(platform), Arc::clone(lambda), Arc::clone(runner));
    let render = move || {
        let queue = lambda.queue_state();
        platform.authority.metrics().render(&Present {
            environments: runner.environment_counts(),
            waiting_events: queue.events,
            oldest_event_age: queue.oldest_age,
        })
    };
    tokio::spawn(rolecall_gateway::serve_metrics(listener, Arc::new(render)));
    Ok(address)
}
