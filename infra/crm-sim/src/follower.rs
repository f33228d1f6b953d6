//! Follows the feed of changes.
//!
//! Decides when the cursor moves: after a page was applied. So a page comes at least once, and one that comes again
//! changes nothing.

use crate::books::Reply;
use crate::journal::What;
use crate::sim::{Inner, hold};
use crate::wire::{Object, Page};
use serde::Serialize;

/// What one look at the feed brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FollowReport {
    /// Changes on the page.
    pub changes: usize,
    /// Of these, those that were news for a record of the CRM.
    pub news: usize,
    /// There is more at once.
    pub more: bool,
    /// The product could not be asked.
    pub failed: bool,
}

/// One step: one page.
pub(crate) async fn follow(sim: &Inner) -> FollowReport {
    let _turn = sim.following.lock().await;
    let fault = hold(&sim.faults).next_look();
    let cursor = if fault.is_cursor_lost { None } else { hold(&sim.books).cursor.clone() };
    if fault.is_cursor_lost {
        hold(&sim.books).cursor = None;
    }
    let page = match sim.client.changes(cursor.as_deref(), sim.config.page).await {
        Reply::Taken(page) => page,
        Reply::Refused(problem) => {
            // A cursor that the product does not take (any more) is worth nothing; from the beginning, all comes again.
            if matches!(problem.status, 400 | 410) {
                hold(&sim.books).cursor = None;
            }
            let outcome = format!("refused: {} {} {}", problem.status, problem.code, problem.text);
            sim.enter(What::Changes, None, None, cursor.into(), outcome);
            return FollowReport { failed: true, ..FollowReport::default() };
        }
        Reply::Unknown(why) => {
            sim.enter(What::Changes, None, None, cursor.into(), format!("unknown: {why}"));
            return FollowReport { failed: true, ..FollowReport::default() };
        }
    };
    if let Some(wait) = fault.wait {
        tokio::time::sleep(wait).await;
    }
    let report = apply(sim, &page);
    if !fault.is_cursor_kept {
        hold(&sim.books).cursor = Some(page.cursor);
    }
    report
}

fn apply(sim: &Inner, page: &Page) -> FollowReport {
    hold(&sim.journal).count(What::Changes);
    let mut report = FollowReport { changes: page.told.len(), more: page.more, ..FollowReport::default() };
    for change in &page.told {
        let is_ours = sim.client.is_ours(change.event.as_deref());
        let is_news = hold(&sim.books).hear(change, is_ours);
        report.news += usize::from(is_news);
        let body = serde_json::to_value(change).unwrap_or_default();
        let what = if is_news { What::Told } else { What::Known };
        let outcome = format!("revision {}", change.revision);
        sim.enter(what, Object::parse(&change.object), change.crm_id.as_deref(), body, outcome);
    }
    report
}
