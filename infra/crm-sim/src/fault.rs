//! What goes wrong between the CRM and the product, on order.
//!
//! Decides which of the next requests a fault hits: simply the next ones. Must not touch a record.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The push fails before it is sent.
    FailBeforeSend,
    /// The push is sent, and its answer is lost.
    LoseAnswer,
    /// The answer is taken only after `ms`.
    SlowAnswer,
    /// A page of the feed is applied only `ms` after it was read.
    DelayFeed,
    /// A page of the feed is applied, and the cursor is not kept.
    KeepCursor,
    /// The cursor is lost: the feed is followed from its beginning.
    LoseCursor,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::FailBeforeSend, Self::LoseAnswer, Self::SlowAnswer, Self::DelayFeed, Self::KeepCursor, Self::LoseCursor];
}

/// How many of the next requests each fault hits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Pushes that fail before they are sent.
    pub fail_before_send: u32,
    /// Pushes whose answer is lost.
    pub lose_answer: u32,
    /// Pushes whose answer is taken late.
    pub slow_answer: u32,
    /// Milliseconds of each of these.
    pub slow_answer_ms: u64,
    /// Pages of the feed that are applied late.
    pub delay_feed: u32,
    /// Milliseconds of each of these.
    pub delay_feed_ms: u64,
    /// Pages of the feed after which the cursor is not kept.
    pub keep_cursor: u32,
    /// Looks at the feed before which the cursor is lost.
    pub lose_cursor: u32,
}

/// What happens to one push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PushFault {
    pub(crate) is_lost_before: bool,
    pub(crate) is_answer_lost: bool,
    pub(crate) wait: Option<Duration>,
}

/// What happens to one look at the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FeedFault {
    pub(crate) is_cursor_lost: bool,
    pub(crate) is_cursor_kept: bool,
    pub(crate) wait: Option<Duration>,
}

fn hit(left: &mut u32) -> bool {
    let hits = *left > 0;
    *left = left.saturating_sub(1);
    hits
}

impl Faults {
    /// Orders a fault for the next `count` requests that it can hit, in place of what was ordered of its kind before.
    pub fn order(&mut self, kind: FaultKind, count: u32, ms: u64) {
        match kind {
            FaultKind::FailBeforeSend => self.fail_before_send = count,
            FaultKind::LoseAnswer => self.lose_answer = count,
            FaultKind::SlowAnswer => (self.slow_answer, self.slow_answer_ms) = (count, ms),
            FaultKind::DelayFeed => (self.delay_feed, self.delay_feed_ms) = (count, ms),
            FaultKind::KeepCursor => self.keep_cursor = count,
            FaultKind::LoseCursor => self.lose_cursor = count,
        }
    }

    pub(crate) fn next_push(&mut self) -> PushFault {
        if hit(&mut self.fail_before_send) {
            return PushFault { is_lost_before: true, ..PushFault::default() };
        }
        let wait = hit(&mut self.slow_answer).then(|| Duration::from_millis(self.slow_answer_ms));
        PushFault { is_lost_before: false, is_answer_lost: hit(&mut self.lose_answer), wait }
    }

    pub(crate) fn next_look(&mut self) -> FeedFault {
        let wait = hit(&mut self.delay_feed).then(|| Duration::from_millis(self.delay_feed_ms));
        FeedFault { is_cursor_lost: hit(&mut self.lose_cursor), is_cursor_kept: hit(&mut self.keep_cursor), wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_next_requests_and_no_more() {
        let mut faults = Faults::default();
        faults.order(FaultKind::FailBeforeSend, 1, 0);
        faults.order(FaultKind::LoseAnswer, 2, 0);
        let lost = |fault: PushFault| (fault.is_lost_before, fault.is_answer_lost);
        let met: Vec<_> = (0..4).map(|_| lost(faults.next_push())).collect();
        assert_eq!(met, [(true, false), (false, true), (false, true), (false, false)]);
        assert_eq!(faults, Faults::default());
    }
}
