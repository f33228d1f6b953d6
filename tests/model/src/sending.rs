//! One write to the ERP, with everything that can happen to it on the way, there and back.

use domain::{ErpId, Object};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sync::breaker::FailureKind;
use sync::twoway::{Op, Outcome, gate_open};

use crate::bad::Bad;
use crate::erp::{Executed, For};
use crate::visiting::{Reach, VisitJob};
use crate::worker::Invocation;
use crate::world::{World, at};

/// So long after it was decided a write may be sent.
const LATEST: i64 = 10_000;
/// How long the client waits for the answer to a write.
pub(crate) const PATIENCE: i64 = 120_000;

impl World {
    /// Sends, if the window is still open by both clocks.
    pub fn send(
        &mut self,
        w: usize,
        on: &mut Invocation,
        job: &VisitJob,
        op: &Op,
        since: Timestamp,
        is_closed: bool,
    ) -> (Outcome, i64) {
        let wall = at(self.wall(w));
        let elapsed = match self.bad {
            // Only the wall clock is asked, and that may have been set back.
            Some(Bad::TrustWall) => SignedDuration::ZERO,
            _ => SignedDuration::from_millis(self.now - job.decided_at),
        };
        if is_closed || self.bad != Some(Bad::NoGate) && !gate_open(since, wall, elapsed, &self.timing(on.t, job.id)) {
            return (Outcome::NotSent, 1);
        }
        let mut op = op.clone();
        if let (Some(Bad::WholeRecord), Op::Update { set, .. }) = (self.bad, &mut op) {
            let crm = self.tenants[on.t].table.entry(job.id).map(|e| e.crm.clone()).unwrap_or_default();
            let shared = |k: &str| domain::fields::owner(job.id.object(), k) == domain::Owner::Both;
            let all = crm.iter().filter(|(k, _)| shared(k) && !k.starts_with("lines/") && *k != "partner");
            set.extend(all.map(|(k, v)| (k.to_owned(), Some(v.clone()))));
        }
        // When it was decided by a clock that is right: what the ERP's users did before it had been read.
        let decided = job.decided_at;
        let (outcome, took) = self.call(w, on, job, &op, decided);
        match (self.bad, &outcome) {
            (Some(Bad::UnknownIsFailed), Outcome::Unknown) => (Outcome::NotSent, took),
            (Some(Bad::SendTwice), Outcome::Unknown) => self.call(w, on, job, &op, decided),
            (Some(Bad::AnyAnswerIsDone), Outcome::Unknown) => (Outcome::Done { erp_id: ErpId::new(1) }, took),
            (Some(Bad::RefusalIsRejection), Outcome::NoAccess) => (Outcome::Rejected { code: "3".to_owned() }, took),
            _ => (outcome, took),
        }
    }

    /// Counts a write that is sent.
    pub fn note_send(&mut self, t: usize, decided_at: i64, what: impl FnOnce() -> String) {
        self.sends += 1;
        if self.now - decided_at > LATEST {
            self.breach(|b| &mut b.late_sends, || format!("sent long after it was decided: {}", what()));
        }
        if self.tenants[t].paused_since.is_some_and(|since| self.now > since + 15_000) {
            self.breach(|b| &mut b.while_paused, || "a write was sent while the tenant was paused".to_owned());
        }
    }

    /// What keeps a write from being executed, if anything does, and is known to.
    pub fn kept_from(&mut self, w: usize, on: &mut Invocation) -> Option<(Outcome, i64)> {
        let t = on.t;
        match self.reach(w, on, false) {
            Reach::Yes => {}
            Reach::NoAnswer(took) => return Some((Outcome::NotSent, took)),
            Reach::Refused => return Some((Outcome::NoAccess, 200)),
        }
        if self.fault(20, 15) {
            self.answered = Err(FailureKind::Connect);
            return Some((Outcome::NotSent, 1_000));
        }
        if self.fault(30, 15) {
            let (bucket, version) = &self.tenants[t].bucket;
            self.tenants[t].bucket = (bucket.slowed(), version + 1);
            return Some((Outcome::NotSent, 200));
        }
        if self.fault(28, 4) || self.fault(29, 3) {
            self.tenants[t].no_access_until = self.now + 600_000;
            return Some((Outcome::NoAccess, 200));
        }
        None
    }

    /// Done, and nobody hears of it.
    pub fn lost_answer(&mut self) -> Option<(Outcome, i64)> {
        if self.fault(7, 45) {
            return Some((self.unknown(FailureKind::Fault), PATIENCE));
        }
        if self.fault(22, 8) {
            return Some((self.unknown(FailureKind::Html), 2_000));
        }
        self.fault(24, 12).then(|| (self.unknown(FailureKind::Fault), 2_000))
    }

    fn call(&mut self, w: usize, on: &mut Invocation, job: &VisitJob, op: &Op, since: i64) -> (Outcome, i64) {
        let t = on.t;
        self.note_send(t, job.decided_at, || job.id.to_string());
        if let Some(kept) = self.kept_from(w, on) {
            return kept;
        }
        if self.fault(27, 4) {
            self.tenants[t].heard.entry(job.id).or_default().rejected = true;
            return (Outcome::Rejected { code: "2".to_owned() }, 200);
        }
        if self.fault(21, 35) {
            // The request was lost on the way.
            return (self.unknown(FailureKind::Fault), PATIENCE);
        }
        if self.fault(33, 50) {
            let late = self.now + 41_000 + self.dice.ms(680_000);
            self.look_at_deletion(t, job, op);
            let by = self.made_for(t, job, since);
            self.tenants[t].erp.late.push((late, op.clone(), by));
            self.late_until = self.late_until.max(late);
            return (self.unknown(FailureKind::Fault), PATIENCE);
        }
        if self.fault(26, 15) {
            // An internal error: executed or not.
            if self.dice.hit(500) {
                self.execute(t, job, op, since);
            }
            return (self.unknown(FailureKind::Fault), 2_000);
        }
        if let Some(part) = part_of(op).filter(|_| self.chance(20)) {
            // It takes several calls, and only the first of them was executed: what follows makes it one write.
            let counted = self.tenants[t].erp.executed.clone();
            self.execute(t, job, &part, since);
            self.tenants[t].erp.executed = counted;
            self.erp_edits_added(t, &part);
            return (self.unknown(FailureKind::Fault), 2_000);
        }
        self.race(t, job, op);
        let outcome = self.execute(t, job, op, since);
        let (heard, took) = self.answer(t, job, outcome);
        if heard == Outcome::Unknown {
            self.erp_makes_newer(t, op, job.id.object());
            self.erp_edits_added(t, op);
        }
        (heard, took)
    }

    /// Done, and what comes back of it.
    fn answer(&mut self, t: usize, job: &VisitJob, outcome: Outcome) -> (Outcome, i64) {
        if let Some(lost) = self.lost_answer() {
            return lost;
        }
        if job.id.object() == Object::Contacts && self.chance(300) {
            // The partner calls answer without a code: with an id it is done, without one nobody knows.
            self.fire(25);
            if self.dice.hit(200) {
                return (self.unknown(FailureKind::Fault), 2_000);
            }
        }
        if self.chance(15) {
            self.erp_edits_after(t, &outcome);
        }
        (outcome, 900)
    }

    /// Nobody knows.
    pub const fn unknown(&mut self, kind: FailureKind) -> Outcome {
        self.answered = Err(kind);
        Outcome::Unknown
    }

    fn made_for(&self, t: usize, job: &VisitJob, since: i64) -> For {
        let crm_id = self.tenants[t].table.entry(job.id).and_then(|e| e.crm_id.clone());
        For { id: job.id, crm_id, since }
    }

    fn execute(&mut self, t: usize, job: &VisitJob, op: &Op, since: i64) -> Outcome {
        let lag = if self.fault(34, 200) { self.dice.ms(60_000) } else { 0 };
        self.look_at_deletion(t, job, op);
        let (now, by) = (self.now, self.made_for(t, job, since));
        let tenant = &mut self.tenants[t];
        let (executed, twist) = tenant.erp.execute(op, &by, now, lag);
        if twist.reformed {
            self.fire(74);
        }
        if twist.dropped {
            self.fire(37);
        }
        if twist.overwrote {
            self.fire(68);
        }
        match executed {
            Executed::Done(erp_id) => {
                self.compare_sums(t, op, erp_id);
                self.measure_delay(t, job.id);
                Outcome::Done { erp_id }
            }
            Executed::Duplicate(found) => {
                let is_same = self.is_same_order(t, op, &found);
                self.fire(if is_same { 31 } else { 32 });
                let heard = self.tenants[t].heard.entry(job.id).or_default();
                heard.found = true;
                heard.several |= found.len() > 1;
                Outcome::Duplicate { found }
            }
            Executed::NotFound => {
                self.tenants[t].heard.entry(job.id).or_default().rejected = true;
                Outcome::Rejected { code: "2".to_owned() }
            }
        }
    }

    /// Deleting what a user has changed since we last took it over, and before we read it, is a breach.
    fn look_at_deletion(&mut self, t: usize, job: &VisitJob, op: &Op) {
        let Op::Delete { erp_id } = op else { return };
        let tenant = &self.tenants[t];
        let (Some(entry), Some(doc)) = (tenant.table.entry(job.id), tenant.erp.docs.get(erp_id)) else { return };
        let fields = entry.in_crm_names(doc.fields());
        let read = job.decided_at - crate::erp::READ;
        let early = |piece: &str| {
            let erp_name = entry.erp_name(piece).to_owned();
            tenant.erp.edited.get(&(*erp_id, erp_name)).is_some_and(|at| *at < read)
        };
        if fields.differing(&entry.erp).into_iter().any(early) {
            self.tenants[t].erp.deleted_edits += 1;
        }
    }

    /// The ERP adds up otherwise than the CRM (row 63).
    fn compare_sums(&mut self, t: usize, op: &Op, erp_id: ErpId) {
        let Op::Create { fields, .. } = op else { return };
        let Some(sums) = self.tenants[t].erp.docs.get(&erp_id).and_then(|d| d.fields().get("sums")?.get("net")) else {
            return;
        };
        let net = sums.as_str().map_or(0, crate::values::ten_thousandths);
        let ours: u64 = fields
            .iter()
            .filter(|(k, _)| k.starts_with("lines/"))
            .filter_map(|(_, l)| l.get("price").and_then(Value::as_str).map(crate::values::ten_thousandths))
            .sum();
        // More than one unit of the last place that people see.
        if net.abs_diff(ours) > 100 {
            self.fire(63);
        }
    }

    fn is_same_order(&self, t: usize, op: &Op, found: &[ErpId]) -> bool {
        let (Op::Create { fields, .. }, [one]) = (op, found) else { return false };
        let lines = |f: &domain::Fields| f.iter().filter(|(k, _)| k.starts_with("lines/")).count();
        let doc = self.tenants[t].erp.docs.get(one);
        doc.is_some_and(|d| lines(d.fields()) == lines(fields) && d.fields().get("partner") == fields.get("partner"))
    }

    /// A worker calls the ERP of a tenant that is paused: one call that was under way is let through.
    pub fn note_call(&mut self, on: &mut Invocation) {
        if self.tenants[on.t].paused_since.is_some_and(|since| self.now > since) {
            on.late_calls += 1;
            if on.late_calls > 1 {
                self.breach(|b| &mut b.while_paused, || "the ERP was called while the tenant was paused".to_owned());
            }
        }
    }
}

/// What the first of several calls carries.
fn part_of(op: &Op) -> Option<Op> {
    let Op::Update { erp_id, set } = op else { return None };
    let part = set.iter().take(set.len() / 2).map(|(piece, value)| (piece.clone(), value.clone())).collect();
    (set.len() > 1).then_some(Op::Update { erp_id: *erp_id, set: part })
}
