//! Waiting for what another process does.

use std::time::Duration;

/// How often is looked.
const EVERY: Duration = Duration::from_millis(40);
/// How many looks in all: more than a minute, so that a busy machine fails nothing.
const LOOKS: u32 = 2_000;

/// Looks until there is something, and says what was waited for if it never comes.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(EVERY).await;
    }
    panic!("waited in vain: {what}");
}
