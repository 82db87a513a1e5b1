//! Work that goes on when nobody waits for it any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A future that whoever awaits it drives, without a task of its own: on the path of an invocation every task more is a
/// thread that may be woken. Dropped before its end, it goes on as a task.
///
/// It has to be awaited within a Tokio runtime.
#[must_use = "it does nothing until it is awaited"]
pub struct Carried<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> Carried<T> {
    /// Carries the work to its end.
    pub fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Carried(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Carried<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Outside while it is polled: work that panics is over, and must not be taken up again when this is dropped.
        let Some(mut work) = self.0.take() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.0 = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Carried<T> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_goes_on() {
        let (begin, begun) = oneshot::channel::<()>();
        let (finish, finished) = oneshot::channel();
        let work = Carried::new(async move {
            begun.await.expect("somebody lets it go on");
            finish.send(7).expect("somebody listens");
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err(), "it waits");
        begin.send(()).expect("it goes on");
        assert_eq!(finished.await, Ok(7));
    }

    #[tokio::test]
    async fn work_that_is_done_is_handed_over() {
        assert_eq!(Carried::new(async { 7 }).await, 7);
    }
}
