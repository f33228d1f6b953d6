//! Brings everything to rest: pushes and follows until nothing is left on this side.
//!
//! Decides when that is: nothing waits to be sent, and a look at the feed after that brought nothing. What the
//! product still has to do with the ERP is not seen from here. It does not ask whether somebody paused the loops.

use crate::clock::moment;
use crate::sim::{Inner, hold};
use crate::{follower, pusher};
use serde::Serialize;
use std::time::Duration;

/// The longest wait between two rounds.
const PATIENCE: Duration = Duration::from_millis(50);

/// How it came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Nothing is left. When not, the time was over first.
    pub settled: bool,
    /// How often it pushed and followed.
    pub rounds: usize,
    /// Records that something is left to be sent of.
    pub left: usize,
    /// Records that the product refused, and that wait for a person.
    pub problems: usize,
}

/// Pushes and follows for `limit` at most.
pub(crate) async fn settle(sim: &Inner, limit: Duration) -> Settled {
    let until = moment() + limit;
    let mut rounds = 0;
    loop {
        rounds += 1;
        let pushed = pusher::push(sim).await;
        let followed = follower::follow(sim).await;
        let (left, problems, next) = {
            let books = hold(&sim.books);
            (books.left(), books.all().filter(|r| r.problem.is_some()).count(), books.next_due(moment()))
        };
        let is_quiet = left == 0 && pushed.records == 0 && followed.changes == 0 && !followed.failed;
        let now = moment();
        if is_quiet || now >= until {
            return Settled { settled: is_quiet, rounds, left, problems };
        }
        if pushed.taken == 0 && followed.changes == 0 {
            let wait = next.map_or(Duration::ZERO, |next| next.saturating_duration_since(now));
            tokio::time::sleep(wait.clamp(Duration::from_millis(1), PATIENCE)).await;
        }
    }
}
