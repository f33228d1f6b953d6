//! A future that is not polled any more when its time is over, by clocks that are asked before each poll.
//!
//! A time-out alone does not do: whoever was frozen and thaws polls the call
//! first and the timer afterwards, and the call sends what it had in hand.

use std::pin::Pin;
use std::task::{Context, Poll};

/// `inner` for as long as `alive` holds.
pub(crate) struct Bound<'a, T> {
    inner: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
    alive: &'a (dyn Fn() -> bool + Send + Sync),
}

impl<'a, T> Bound<'a, T> {
    pub(crate) fn new(inner: impl Future<Output = T> + Send + 'a, alive: &'a (dyn Fn() -> bool + Send + Sync)) -> Self {
        Self { inner: Box::pin(inner), alive }
    }
}

impl<T> Future for Bound<'_, T> {
    /// `None` when its time was over first.
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !(self.alive)() {
            return Poll::Ready(None);
        }
        self.inner.as_mut().poll(cx).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    #[tokio::test]
    async fn what_thaws_too_late_is_not_polled_once_more() {
        let (is_alive, polls) = (AtomicBool::new(true), AtomicUsize::new(0));
        let inner = std::future::poll_fn(|cx| {
            polls.fetch_add(1, Ordering::SeqCst);
            is_alive.store(false, Ordering::SeqCst);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let alive = || is_alive.load(Ordering::SeqCst);
        assert_eq!(Bound::new(inner, &alive).await, None);
        assert_eq!(polls.load(Ordering::SeqCst), 1);
    }
}
