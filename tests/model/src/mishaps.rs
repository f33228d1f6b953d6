//! What can happen to a worker between two effects: it is frozen, it dies, its time is over.

use sync::twoway::{Input, Outcome};

use crate::worker::{Carried, Invocation, Job};
use crate::world::World;

impl World {
    /// Frozen; it wakes later and goes on as if nothing was. Its clock may have been set back meanwhile.
    pub fn freeze(&mut self, w: usize, mut on: Box<Invocation>, job: Job) {
        let seconds = if self.dice.hit(500) { 5 + self.dice.ms(80) } else { self.dice.ms(1_800) };
        if is_send(&job) && seconds > 10 {
            self.fire(18);
        }
        let skew = self.dice.ms(300_000) - 150_000;
        if self.dice.hit(600) && self.workers[w].set_clock(skew) {
            self.fire(75);
        }
        // A frozen function does not run out of its time: it is thawed when somebody calls it.
        on.ends += seconds * 1_000;
        on.job = Some(job);
        self.go_on(w, on, self.now + seconds * 1_000);
    }

    /// The worker is gone: its message comes again, its lease runs out.
    pub fn die(&mut self, w: usize) {
        self.workers[w].die();
    }

    /// Whether it dies before its next effect.
    pub fn crashes_before(&mut self, job: &Job) -> bool {
        let row = match job {
            Job::Run(run) => match run.effect {
                sync::Effect::Read(_) | sync::Effect::ReadRows(_) | sync::Effect::Commit(_) => 12,
                _ => return false,
            },
            Job::Act(act) => match act.crash_point() {
                Some(row) => row,
                None => return self.chance(4),
            },
            Job::Visit(visit) => match Self::crash_point(visit) {
                Some(row) => row,
                None => return self.chance(4),
            },
        };
        let per_mille = if row == 15 || row == 14 { 60 } else { 12 };
        self.fault(row, per_mille)
    }

    /// Whether it dies before it hears what became of an effect.
    pub fn crashes_after(&mut self, carried: &Carried, job: &Job) -> bool {
        let row = match (carried, job) {
            _ if matches!(sent(carried), Some(Outcome::Done { .. })) => 8,
            _ if sent(carried) == Some(&Outcome::Unknown) => 6,
            (Carried::Act(sync::action::Input::Saved, _), _) => 9,
            (Carried::Visit(Input::Saved, _), Job::Visit(visit)) => {
                if visit.tells() {
                    10
                } else {
                    9
                }
            }
            (Carried::Run(sync::Input::Committed, _), _) => 13,
            _ => return false,
        };
        self.fault(row, 20)
    }
}

/// How a send ended, if it was one.
const fn sent(carried: &Carried) -> Option<&Outcome> {
    match carried {
        Carried::Visit(Input::Sent(outcome), _) | Carried::Act(sync::action::Input::Sent(outcome), _) => Some(outcome),
        _ => None,
    }
}

fn is_send(job: &Job) -> bool {
    match job {
        Job::Visit(visit) => matches!(visit.effect, sync::twoway::Effect::Send { .. }),
        Job::Act(act) => matches!(act.effect, sync::action::Effect::Send { .. }),
        Job::Run(_) => false,
    }
}
