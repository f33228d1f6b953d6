//! Two-way synchronisation of one record: what both sides have, what is to be written, and writing it once.
//!
//! Decides every merge, every write to the ERP and every state that a write can
//! be in. A visit looks at the present state of both sides; it never resumes an
//! old plan. Does no I/O: `app` and the fault model carry the effects out.

pub mod accept;
pub mod decision;
pub mod effect;
pub mod entry;
pub mod intent;
pub mod merge;
pub mod pull;
pub mod removal;
pub mod visit;

mod confirm;
mod judge;

pub use accept::{CrmEdit, Refusal, accept};
pub use confirm::claim;
pub(crate) use confirm::{claim_as, is_form_of};
pub use decision::{Decision, NotDecided, decide};
pub use effect::{Effect, Ended, Input, Match, Probed, Report, Side};
pub use entry::{Candidate, Change, Conflict, Entry, Hold, HoldReason, MOST_CANDIDATES, Merged, Save, Winner};
pub use intent::{Intent, Key, Op, Outcome, Timing, gate_open, keys_of, search_keys};
pub use judge::{found_for, is_left_to_a_create};
pub use merge::{Times, absorb, pending, settle_conflict};
pub use pull::{Pulled, pull, pull_gone};
pub use removal::{archive, delete_by_crm, restore};
pub use visit::Visit;
