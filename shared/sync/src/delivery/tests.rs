//! An endpoint with every fault: nothing is lost, nothing is sent while it rests, and it is turned off only for cause.

use super::*;
use proptest::prelude::*;

fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// What the endpoint does with the n-th send.
#[derive(Clone, Copy, Debug)]
enum Does {
    Takes,
    Fails,
    AsksFor(u16),
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![4 => Just(Does::Takes), 5 => Just(Does::Fails), 1 => (1_u16..2_000).prop_map(Does::AsksFor)]
}

/// A dispatcher and its endpoint in virtual time.
struct World {
    progress: Progress,
    now: Timestamp,
    newest: u64,
    taken: Vec<u64>,
    given_up: Vec<u64>,
    tried: BTreeMap<u64, u32>,
    off: Option<Off>,
}

impl World {
    fn new() -> Self {
        Self {
            progress: Progress::new(0),
            now: start(),
            newest: 0,
            taken: Vec::new(),
            given_up: Vec::new(),
            tried: BTreeMap::new(),
            off: None,
        }
    }

    fn send(&mut self, walk: Option<Walk>, number: u64, answer: Answer, jitter: u16) {
        *self.tried.entry(number).or_default() += 1;
        // Saved and read again between any two steps.
        let saved = serde_json::to_string(&self.progress).expect("text");
        self.progress = serde_json::from_str(&saved).expect("the same");
        let verdict = self.progress.sent(walk, number, answer, self.now, jitter);
        match verdict.event {
            Fate::Delivered => self.taken.push(number),
            Fate::GivenUp => self.given_up.push(number),
            Fate::Waiting { due } => {
                assert!(due > self.now || verdict.off.is_some());
                assert!(self.progress.is_waiting(number));
            }
        }
        self.off = self.off.or(verdict.off);
    }

    /// Works until there is nothing to do; changes whose number divides by five are left out.
    fn work(&mut self, mut answers: impl FnMut(u64) -> Answer, jitter: u16) -> usize {
        let mut sends = 0;
        while self.off.is_none() {
            match self.progress.next(self.now, self.newest) {
                Next::Rest => break,
                Next::Again(number) => self.send(None, number, answers(number), jitter),
                Next::Look(walk, number) if number.is_multiple_of(5) => {
                    self.progress.pass(walk, number);
                    continue;
                }
                Next::Look(walk, number) => self.send(Some(walk), number, answers(number), jitter),
            }
            sends += 1;
            assert!(sends < 1_000, "it never rests");
        }
        sends
    }

    fn missing(&self) -> Vec<u64> {
        let handled = |n: &u64| self.taken.contains(n) || self.given_up.contains(n) || self.progress.is_waiting(*n);
        (1..=self.progress.cursor()).filter(|n| !n.is_multiple_of(5)).filter(|n| !handled(n)).collect()
    }
}

fn answer(does: Does) -> Answer {
    match does {
        Does::Takes => Answer::Taken,
        Does::Fails => Answer::Failed(None),
        Does::AsksFor(seconds) => Answer::Failed(Some(SignedDuration::from_secs(seconds.into()))),
    }
}

proptest! {
    #[test]
    fn whatever_an_endpoint_does_no_event_is_lost_and_the_state_stays_small(
        steps in prop::collection::vec((0_u64..8, 0_i64..400, 0_u16..=1_000), 1..60),
        fates in prop::collection::vec(does(), 1..40),
    ) {
        let mut world = World::new();
        let mut n = 0;
        for (more, wait, jitter) in steps {
            world.newest += more;
            world.now = world.now.saturating_add(minutes(wait)).expect("in range");
            world.work(|_| { n += 1; answer(fates[n % fates.len()]) }, jitter);
            prop_assert_eq!(world.missing(), Vec::<u64>::new());
            prop_assert!(world.progress.waiting() <= MOST_WAITING);
            for number in &world.given_up {
                prop_assert!(world.tried[number] >= ATTEMPTS);
            }
        }
        if let Some(off) = world.off {
            prop_assert_eq!(off, Off::Failing);
            let since = world.progress.failing_since().expect("it fails");
            prop_assert!(world.now.duration_since(since) >= OFF_AFTER);
            world.off = None;
            world.progress.revive(world.now);
        }
        // Once it takes everything, everything arrives.
        for _ in 0..8 {
            world.now = world.now.saturating_add(SignedDuration::from_hours(25)).expect("in range");
            world.work(|_| Answer::Taken, 0);
        }
        prop_assert_eq!(world.progress.cursor(), world.newest);
        prop_assert_eq!(world.progress.waiting(), 0);
        prop_assert_eq!(world.missing(), Vec::<u64>::new());
    }

    #[test]
    fn an_endpoint_that_is_down_is_asked_once_at_a_time_and_ever_more_rarely(changes in 1_u64..500, jitter in 0_u16..=1_000) {
        let mut world = World::new();
        world.newest = changes;
        let mut asked = Vec::new();
        for minute in 0..6 * 24 * 60 {
            world.now = start().saturating_add(minutes(minute)).expect("in range");
            let sends = world.work(|_| Answer::Failed(None), jitter);
            prop_assert!(minute < 6 || sends <= 1, "{sends} in minute {minute}");
            if sends > 0 {
                asked.push(minute);
            }
        }
        prop_assert!(world.progress.waiting() <= 4);
        prop_assert!(asked.len() <= 14, "{asked:?}");
        let waits: Vec<i64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        prop_assert!(waits.iter().skip(1).is_sorted(), "{waits:?}");
        if changes > 0 {
            prop_assert_eq!(world.off, Some(Off::Failing));
            prop_assert!(world.now.duration_since(start()) >= OFF_AFTER);
        }
        prop_assert_eq!(world.missing(), Vec::<u64>::new());
    }
}

#[test]
fn events_come_once_and_in_order() {
    let mut world = World::new();
    world.newest = 9;
    assert_eq!(world.work(|_| Answer::Taken, 0), 8);
    assert_eq!(world.taken, [1, 2, 3, 4, 6, 7, 8, 9]);
    assert_eq!(world.work(|_| Answer::Taken, 0), 0);
}

#[test]
fn an_event_that_alone_fails_is_given_up_after_ten_attempts_and_holds_nobody_up() {
    let mut world = World::new();
    let mut last = start();
    for hour in 0..100 {
        world.now = start().saturating_add(SignedDuration::from_hours(hour)).expect("in range");
        world.newest += 1;
        for minute in 0..60 {
            world.now = world.now.saturating_add(minutes(i64::from(minute > 0))).expect("in range");
            let before = world.tried.get(&1).copied();
            world.work(|n| if n == 1 { Answer::Failed(None) } else { Answer::Taken }, 0);
            if world.tried.get(&1).copied() != before {
                last = world.now;
            }
        }
    }
    assert_eq!((world.given_up.as_slice(), world.off), ([1].as_slice(), None));
    // Three of them in a row within an hour are for the endpoint, which nothing else was sent meanwhile.
    assert!((ATTEMPTS..ATTEMPTS + 4).contains(&world.tried[&1]), "{}", world.tried[&1]);
    let span = last.duration_since(start()).as_hours();
    assert!((72..=84).contains(&span), "{span} hours");
    assert_eq!(world.progress.cursor(), world.newest);
}

#[test]
fn an_endpoint_that_comes_back_is_told_all_that_happened_meanwhile() {
    let mut world = World::new();
    world.newest = 3;
    for minute in 0..60 {
        world.now = start().saturating_add(minutes(minute)).expect("in range");
        world.newest += 1;
        world.work(|_| Answer::Failed(None), 0);
    }
    assert!(world.progress.is_down());
    assert!(world.progress.cursor() < 8, "the walk stands");
    world.now = world.progress.due().expect("a probe");
    world.work(|_| Answer::Taken, 0);
    world.now = world.now.saturating_add(minutes(60)).expect("in range");
    world.work(|_| Answer::Taken, 0);
    world.taken.sort_unstable();
    assert_eq!(world.taken, (1..=63).filter(|n| n % 5 != 0).collect::<Vec<_>>());
}

#[test]
fn quiet_that_is_asked_for_is_kept_for_a_day_at_most() {
    for (asked, quiet) in [(60, 60), (7_200, 7_200), (900_000, 86_400)] {
        let mut world = World::new();
        world.newest = 2;
        let wait = SignedDuration::from_secs(asked);
        assert_eq!(world.work(|_| Answer::Failed(Some(wait)), 0), 1, "the second one waits with it");
        world.now = start() + SignedDuration::from_secs(quiet - 1);
        assert_eq!(world.work(|_| Answer::Taken, 0), 0);
        world.now = start() + SignedDuration::from_secs(quiet);
        assert_eq!(world.work(|_| Answer::Taken, 0), 2);
    }
}

#[test]
fn an_endpoint_that_is_gone_is_turned_off_and_keeps_its_event() {
    let mut world = World::new();
    world.newest = 2;
    assert_eq!(world.work(|_| Answer::Gone, 0), 1);
    assert_eq!((world.off, world.progress.cursor(), world.progress.waiting()), (Some(Off::Gone), 1, 1));
    world.off = None;
    world.progress.revive(world.now);
    world.work(|_| Answer::Taken, 0);
    assert_eq!(world.taken, [1, 2]);
}

#[test]
fn what_was_told_is_told_once_more_when_it_is_asked_for() {
    let mut world = World::new();
    world.newest = 6;
    world.work(|_| Answer::Taken, 0);
    world.taken.clear();
    world.progress.again(2, world.now).expect("room");
    world.work(|_| Answer::Taken, 0);
    assert_eq!(world.taken, [2]);
    world.taken.clear();
    world.progress.again_since(3);
    world.newest = 7;
    world.work(|_| Answer::Taken, 0);
    assert_eq!(world.taken, [7, 4, 6], "what is new goes first");
    world.progress.again_since(99);
    assert_eq!(world.progress.next(world.now, world.newest), Next::Rest);
    for n in 0..2 * MOST_WAITING as u64 {
        world.progress.again(n, world.now).expect("room");
    }
    assert_eq!(world.progress.again(1_000, world.now), Err(TooMany));
    assert_eq!(world.progress.again(1, world.now), Ok(()));
}

#[test]
fn one_dispatcher_at_a_time_has_an_endpoint() {
    let mut progress = Progress::new(0);
    assert!(progress.hold("a", start()));
    assert!(!progress.hold("b", start() + SignedDuration::from_secs(59)));
    assert!(progress.is_held_for(start(), HELD_FOR) && !progress.is_held_for(start() + minutes(1), minutes(1)));
    assert!(progress.hold("a", start() + SignedDuration::from_secs(30)));
    assert!(progress.hold("b", start() + SignedDuration::from_secs(90)), "who says nothing loses it");
    assert!(progress.is_held_by("b") && !progress.is_held_by("a"));
    progress.release();
    assert!(progress.hold("c", start()));
}

#[test]
fn a_filter_leaves_out_what_it_does_not_name() {
    let takes = |objects: &[Object], kinds: &[ChangeKind]| {
        let filter = Filter { objects: objects.iter().copied().collect(), kinds: kinds.iter().copied().collect() };
        let back: Filter = serde_json::from_str(&serde_json::to_string(&filter).expect("text")).expect("the same");
        assert_eq!(back, filter);
        filter.takes(Object::Contacts, ChangeKind::Updated)
    };
    assert!(takes(&[], &[]));
    assert!(takes(&[Object::Contacts, Object::Stock], &[ChangeKind::Updated]));
    assert!(!takes(&[Object::Stock], &[]));
    assert!(!takes(&[Object::Contacts], &[ChangeKind::Added]));
}
