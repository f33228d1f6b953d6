//! What is tried again, and when.

use backon::{BackoffBuilder, Retryable};
use rand::RngExt;
use std::time::Duration;

use super::{
    ErpError,
    call::{Call, Class},
};

/// How reads are tried again: after a random part of a delay that doubles (full jitter). Writes never are.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Tries in all.
    pub tries: usize,
    /// The longest first delay.
    pub delay: Duration,
    /// The longest delay at all.
    pub longest: Duration,
    /// What is waited in addition when the ERP wants fewer calls.
    pub quota_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 3,
            delay: Duration::from_millis(500),
            longest: Duration::from_secs(8),
            quota_delay: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// One try and no more.
    pub const fn never() -> Self {
        Self { tries: 1, delay: Duration::ZERO, longest: Duration::ZERO, quota_delay: Duration::ZERO }
    }

    /// Three tries without a pause, for tests.
    pub const fn at_once() -> Self {
        Self { tries: 3, ..Self::never() }
    }

    /// Runs `once`, and again while that can help.
    pub(super) async fn run<T, F>(&self, call: &'static Call, once: impl FnMut() -> F) -> Result<T, ErpError>
    where
        F: Future<Output = Result<T, ErpError>>,
    {
        once.retry(*self)
            .sleep(tokio::time::sleep)
            .when(|error| call.class() == Class::Read && error.is_transient())
            .adjust(|error, delay| match error {
                ErpError::Quota { .. } => delay.map(|delay| delay + self.quota_delay),
                _ => delay,
            })
            .notify(|error, delay| {
                tracing::warn!(call = call.name(), code = error.code(), ?delay, "a call to the ERP is tried again");
            })
            .await
    }
}

impl BackoffBuilder for RetryPolicy {
    type Backoff = Delays;
    fn build(self) -> Delays {
        Delays { left: self.tries.saturating_sub(1), ceiling: self.delay, longest: self.longest }
    }
}

/// The delays between the tries.
#[derive(Debug)]
pub struct Delays {
    left: usize,
    ceiling: Duration,
    longest: Duration,
}

impl Iterator for Delays {
    type Item = Duration;
    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let ceiling = self.ceiling.min(self.longest);
        self.ceiling = ceiling.saturating_mul(2);
        Some(ceiling.mul_f64(rand::rng().random::<f64>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_below_a_ceiling_that_doubles_to_its_limit() {
        let policy = RetryPolicy { tries: 6, ..RetryPolicy::default() };
        let ceilings = [500, 1000, 2000, 4000, 8000].map(Duration::from_millis);
        for _ in 0..50 {
            let delays: Vec<Duration> = policy.build().collect();
            assert_eq!(delays.len(), ceilings.len());
            assert!(delays.iter().zip(ceilings).all(|(delay, ceiling)| *delay <= ceiling));
        }
        assert_eq!(RetryPolicy::never().build().count(), 0);
        assert_eq!(RetryPolicy::at_once().build().collect::<Vec<_>>(), [Duration::ZERO; 2]);
    }
}
