//! The way to the ERP: the key, the breaker, the bucket. Makes no choices: `sync` does, and each choice is written on the
//! condition that nobody changed the row in between.

use std::collections::BTreeMap;

use sync::breaker::{Admission, Breaker, FailureKind};
use sync::bucket::{CALL, Lane};

use crate::bad::Bad;
use crate::world::{Event, World, at, ms};

/// A kept key is read again after this.
const KEY_FOR: i64 = 300_000;
/// A key that cannot be read again is good for this long.
const STALE_FOR: i64 = 3_600_000;
/// A refused key is read again at most so often.
const FORCED_EVERY: i64 = 60_000;
/// How long a call from a screen takes.
const SCREEN: i64 = 400;

/// A key of a tenant's ERP in a worker's memory.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    value: u32,
    fetched: i64,
    forced: i64,
}

/// Keys by tenant.
pub type Keys = BTreeMap<usize, Key>;

/// Whether a call may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It may. Under this name, when it is the only one to.
    Go(Option<String>),
    /// Ask again then.
    Later(i64),
    /// Not before somebody has found the ERP to answer.
    Closed(i64),
}

/// How a call was answered, for the breaker.
pub type Answered = Result<(), FailureKind>;

impl World {
    /// Whether a worker may call the ERP of a tenant now.
    pub fn admit(&mut self, w: usize, t: usize, lane: Lane) -> Admitted {
        let wall = at(self.wall(w));
        let plain = matches!(self.breaker.0, Breaker::Closed { .. });
        let who = if plain { String::new() } else { format!("{w}-{}", self.now) };
        let probe = match self.breaker.0.admit(&who, wall) {
            Admission::Refuse { until } => {
                self.refuse();
                return Admitted::Closed(ms(until));
            }
            Admission::Go(_) => None,
            // A probe only reads.
            Admission::Probe(_) if lane == Lane::Write => return Admitted::Closed(self.now),
            Admission::Probe(next) => Some(next),
        };
        let tenant = &mut self.tenants[t];
        if let Some(back) = tenant.bucket.0.set_back(wall) {
            tenant.bucket = (back, tenant.bucket.1 + 1);
            tenant.set_back += 1;
        }
        let host = match self.host.as_ref().map(|(host, _)| host.take(wall, CALL, Lane::Interactive)) {
            Some(Err(wait)) => return Admitted::Later(self.now + (ms(wait.until) - ms(wall)).clamp(1, 60_000)),
            Some(Ok(next)) => Some(next),
            None => None,
        };
        match tenant.bucket.0.recovered(wall).take(wall, CALL, lane) {
            Ok(next) => tenant.bucket = (next, tenant.bucket.1 + 1),
            Err(_) if self.bad == Some(Bad::NoBucket) => {}
            Err(wait) => {
                let wait = ms(wait.until) - self.wall(w);
                return Admitted::Later(self.now + wait.clamp(1, 60_000));
            }
        }
        if let (Some(next), Some((_, version))) = (host, self.host.as_ref()) {
            self.host = Some((next, version + 1));
        }
        let tenant = &mut self.tenants[t];
        tenant.admitted.push(self.now);
        let is_probe = probe.is_some();
        if let Some(next) = probe
            && self.bad != Some(Bad::ThunderingHalfOpen)
        {
            self.breaker = (next, self.breaker.1 + 1);
        }
        Admitted::Go(is_probe.then_some(who))
    }

    /// A caller is refused: counted when somebody else's probe is out.
    fn refuse(&mut self) {
        if matches!(self.breaker.0, Breaker::HalfOpen { .. }) {
            self.fire(81);
        }
    }

    /// Tells the breaker how a call ended. `wall` is the time of the caller's clock.
    pub fn told(&mut self, wall: i64, who: Option<&str>, (began, ended): (i64, i64), answered: Answered) {
        if who.is_some() {
            self.probes.push((began, ended, answered.is_err()));
        }
        let who = who.unwrap_or_default();
        let next = match answered {
            Ok(()) => self.breaker.0.succeeded(who, at(wall)),
            Err(kind) => self.breaker.0.failed(who, kind, at(wall)),
        };
        if let (Breaker::Open { until, .. }, true) = (&next, self.chance(200)) {
            // Many people look at the moment when one may try.
            let when = ms(*until) - 3_000;
            let t = usize::from(self.dice.hit(500));
            self.queue(when, Event::Crowd(t));
        }
        self.breaker = (next, self.breaker.1 + 1);
    }

    /// The key that a worker has for a tenant; none when it cannot be read and was read too long ago.
    pub fn key(&mut self, w: usize, t: usize) -> Option<u32> {
        let now = self.now;
        let is_down = (self.no_secrets.0..self.no_secrets.1).contains(&now);
        let kept = self.tenants[t].key_kept;
        let held = self.workers[w].keys.get(&t).copied();
        match held {
            Some(held) if now - held.fetched < KEY_FOR => Some(held.value),
            _ if !is_down => {
                let forced = held.map_or(i64::MIN / 2, |h| h.forced);
                self.workers[w].keys.insert(t, Key { value: kept, fetched: now, forced });
                Some(kept)
            }
            held => {
                self.fire(47);
                held.filter(|h| now - h.fetched < STALE_FOR).map(|h| h.value)
            }
        }
    }

    /// The ERP refused a key: it is read again, if that was not done just now. The new one, if it is another.
    pub fn refused(&mut self, w: usize, t: usize) -> Option<u32> {
        let now = self.now;
        let is_down = (self.no_secrets.0..self.no_secrets.1).contains(&now);
        let kept = self.tenants[t].key_kept;
        let held = self.workers[w].keys.get(&t).copied()?;
        if is_down || now - held.forced < FORCED_EVERY {
            return None;
        }
        self.workers[w].keys.insert(t, Key { value: kept, fetched: now, forced: now });
        (kept != held.value).then_some(kept)
    }

    /// Fifty callers want the ERP of one tenant at once. Each reads both rows, decides, and writes what it read on the
    /// condition that it is still so.
    pub fn crowd(&mut self, t: usize) {
        let began = self.now;
        let mut callers: Vec<Caller> = (0..50).map(|_| Caller::default()).collect();
        for _ in 0..400 {
            self.now += self.dice.ms(60);
            let Some(c) = usize::try_from(self.dice.below(50)).ok() else { continue };
            let mut caller = std::mem::take(&mut callers[c]);
            self.step_caller(t, c, &mut caller);
            callers[c] = caller;
        }
        for caller in callers {
            if let Some((who, is_probe, since)) = caller.calling {
                self.hang_up(&who, is_probe, since);
            }
        }
        // A crowd of a few seconds stands in nobody's way.
        self.now = began.max(self.now);
        if self.chance(300) {
            self.queue(self.now + 20_000, Event::Crowd(t));
        }
    }

    fn step_caller(&mut self, t: usize, c: usize, caller: &mut Caller) {
        if let Some((who, is_probe, since)) = caller.calling.clone() {
            if self.now - since >= SCREEN {
                self.hang_up(&who, is_probe, since);
                caller.calling = None;
            }
            return;
        }
        let Some(seen) = caller.seen.take() else {
            let breaker = self.breaker.clone();
            caller.seen = Some(Box::new(Seen { breaker, bucket: self.tenants[t].bucket.clone() }));
            return;
        };
        let now = at(self.now);
        let who = format!("c{c}-{}", self.now);
        let probe = match seen.breaker.0.admit(&who, now) {
            Admission::Refuse { .. } => return self.refuse(),
            Admission::Go(_) => None,
            Admission::Probe(next) => Some(next),
        };
        let thunders = self.bad == Some(Bad::ThunderingHalfOpen);
        if probe.is_some() && seen.breaker.1 != self.breaker.1 && !thunders {
            self.fire(81);
            return;
        }
        let ignores = self.bad == Some(Bad::NoBucket);
        let tenant = &mut self.tenants[t];
        match seen.bucket.0.take(now, CALL, Lane::Interactive) {
            Ok(next) if seen.bucket.1 == tenant.bucket.1 || ignores => tenant.bucket = (next, tenant.bucket.1 + 1),
            Err(_) if ignores => {}
            Ok(_) | Err(_) => {
                self.fire(82);
                return;
            }
        }
        tenant.admitted.push(self.now);
        let is_probe = probe.is_some();
        if let Some(next) = probe.filter(|_| !thunders) {
            self.breaker = (next, self.breaker.1 + 1);
        }
        caller.calling = Some((who, is_probe, self.now));
    }

    fn hang_up(&mut self, who: &str, is_probe: bool, since: i64) {
        let answered = if self.is_out() { Err(FailureKind::Connect) } else { Ok(()) };
        self.told(since + SCREEN, is_probe.then_some(who), (since, since + SCREEN), answered);
    }
}

/// What a caller read of the rows.
#[derive(Debug)]
struct Seen {
    breaker: (Breaker, u64),
    bucket: (sync::bucket::Bucket, u64),
}

/// Somebody at a screen.
#[derive(Debug, Default)]
struct Caller {
    seen: Option<Box<Seen>>,
    calling: Option<(String, bool, i64)>,
}
