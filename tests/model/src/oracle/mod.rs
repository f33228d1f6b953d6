//! What must be true when everything is quiet, judged from the ERP's and the CRM's own records.

mod bounds;
mod deeds;
mod edits;
pub mod equal;
mod once;
mod people;

use crate::world::World;

macro_rules! breaches {
    ($($name:ident = $text:literal: $doc:literal),* $(,)?) => {
        /// What went wrong, by promise.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Breaches { $(#[doc = $doc] pub $name: u64),* }

        impl Breaches {
            /// Adds those of another schedule.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            /// Each promise by name, and how often it was broken.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$(($text, self.$name)),*]
            }
        }
    };
}

breaches! {
    lost = "lost": "Edits that are nowhere and of which nobody was told.",
    duplicated = "duplicated": "Records of one side that exist twice on the other.",
    crossed = "crossed": "Values of another tenant, or of another record.",
    diverged = "diverged": "Sides that are not equal although nothing waits.",
    false_deletes = "false deletes": "Deletions that nobody asked for or let pass.",
    writes_when_quiet = "writes after quiescence": "Writes when there is nothing to do.",
    too_many_rounds = "more than two rounds": "Both sides were not equal after two rounds.",
    over_written = "more writes than edits": "Writes to the ERP beyond one for each edit of the CRM.",
    over_rate = "more calls than the rate": "More calls than the rate and one burst.",
    probes = "two probes at once": "An ERP that did not answer was tried by several callers at once.",
    stale_rules = "stale settings": "A rule decided that was not in force.",
    while_paused = "work while paused": "Calls or writes for a tenant that is paused.",
    leaked = "erased and there": "Values of a person who was erased.",
    late_sends = "sent too late": "Writes that were sent later than ten seconds after they were decided.",
    broken_locks = "issued and changed": "Changes of records that must not change.",
    open_deeds = "actions without an end": "Actions that are neither done, nor refused, nor for a person.",
    undone = "undone unseen": "Changes of the ERP's users that an action undid although a look showed them.",
    taken_apart = "apart and touched": "Writes or values that passed between a contact and a partner that a person took apart.",
    held = "held without a reason": "Records that wait for a person although nothing happened.",
}

impl Breaches {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// Breaches, and a line for each.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many.
    pub breaches: Breaches,
    /// What each is.
    pub lines: Vec<String>,
}

impl Found {
    /// Notes `n` breaches.
    pub fn hit(&mut self, of: fn(&mut Breaches) -> &mut u64, n: u64, line: impl FnOnce() -> String) {
        *of(&mut self.breaches) += n;
        if n > 0 {
            self.lines.push(line());
        }
    }
}

/// Judges a schedule in which everything has happened.
pub fn judge(world: &mut World) {
    let mut found = std::mem::take(&mut world.found);
    for t in 0..world.tenants.len() {
        equal::judge(world, t, &mut found);
        once::judge(world, t, &mut found);
        edits::judge(world, t, &mut found);
        bounds::judge(world, t, &mut found);
        deeds::judge(world, t, &mut found);
        people::judge(world, t, &mut found);
    }
    bounds::probes(world, &mut found);
    world.found = found;
}
