//! The door to a host: who goes through, what is written and what is not, and how many calls there are while it comes back.

use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use sync::breaker::{Breaker, FailureKind};
use sync::door::{Admission, Caller, Door, Outcomes, Taken, burst_of, share_of, slow_down};

const RATE: u32 = 20;

fn s(n: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + n).expect("in range")
}

const fn worker(share: u32) -> Caller {
    Caller { share, interactive: false }
}

const fn person(share: u32) -> Caller {
    Caller { share, interactive: true }
}

const fn outcomes(calls: u32, failed: u32, straight: u32) -> Outcomes {
    Outcomes { calls, failed, straight }
}

/// A door that two slices without any answer shut at `s(0)`.
fn shut() -> Door {
    shut_again(&Door::default(), s(0))
}

/// The same after a probe at `s(30)` got an answer.
fn back() -> Door {
    let Admission::Probe(half) = shut().admit("p", worker(50), s(30)) else { panic!("a probe") };
    half.probed("p", Ok(()), RATE, s(30)).expect("it closes")
}

#[test]
fn in_fair_weather_nothing_is_written() {
    let door = Door::default();
    assert_eq!(door.admit("a", worker(99), s(0)), Admission::Open);
    assert_eq!(door.take(10, worker(99), s(0)), Taken::Free);
    assert_eq!(door.told(outcomes(500, 0, 0), 1, s(0)), None);
    assert_eq!(door.told(Outcomes::default(), 1, s(0)), None);
    assert_eq!(door.away_until(s(0)), None);
}

#[test]
fn good_news_is_written_only_while_the_row_tells_of_failures() {
    let one = Door::default().told(outcomes(30, 1, 0), 1, s(0)).expect("a failure is written");
    assert!(one.told(outcomes(30, 0, 0), 1, s(10)).is_some());
    assert_eq!(one.told(outcomes(30, 0, 0), 1, s(75)), None, "the failure is old");
    let unanswered = Door::default().told(outcomes(3, 3, 3), 1, s(0)).expect("a failure is written");
    let cleared = unanswered.told(outcomes(1, 0, 0), 1, s(3_600)).expect("an answer ends the row of failures");
    assert_eq!(cleared.told(outcomes(1, 0, 0), 1, s(3_601)), None);
    let back = back();
    assert!(back.told(outcomes(5, 0, 0), 1, s(60)).is_some(), "it is coming back");
    assert_eq!(back.told(outcomes(5, 0, 0), 1, s(30 + 601)), None, "everybody is back");
}

#[test]
fn one_tenant_alone_shuts_nobody_out_and_a_few_do() {
    for bad in [outcomes(300, 300, 300), outcomes(300, 300, 0), outcomes(7, 7, 7), outcomes(19, 19, 0)] {
        let one = Door::default().told(bad, 1, s(0)).expect("a failure is written");
        assert_eq!(one.admit("b", worker(0), s(0)), Admission::Open, "{bad:?}");
        let same = one.told(bad, 1, s(50)).unwrap_or_else(|| one.clone());
        assert_eq!(same.admit("b", worker(0), s(50)), Admission::Open, "the same tenant again: {bad:?}");
        let few = (2..=3).fold(one, |door, share| door.told(bad, share, s(1)).unwrap_or(door));
        assert!(matches!(few.admit("b", worker(0), s(1)), Admission::Shut { away: true, .. }), "{bad:?}");
    }
}

#[test]
fn a_company_that_is_broken_alone_shuts_nobody_out() {
    for (every, bad) in
        [(1, outcomes(30, 30, 0)), (10, outcomes(12, 12, 3)), (30, outcomes(300, 250, 2)), (121, outcomes(3, 3, 3))]
    {
        let mut door = Door::default();
        for n in 0..100 {
            door = door.told(bad, 1, s(n * every)).unwrap_or(door);
            assert_eq!(door.admit("b", worker(0), s(n * every)), Admission::Open, "{bad:?} {n}");
            // Another company is answered once in two minutes.
            if n * every % 120 < every {
                door = door.told(outcomes(9, 0, 0), 2, s(n * every)).unwrap_or(door);
            }
        }
    }
}

#[test]
fn an_answer_in_between_ends_the_row_of_failures() {
    let four = Door::default().told(outcomes(4, 4, 4), 1, s(0)).expect("a failure is written");
    let mixed = four.told(outcomes(4, 3, 3), 2, s(0)).expect("a failure is written");
    assert!(matches!(&mixed.breaker, Breaker::Closed { straight: 3, .. }), "{mixed:?}");
}

#[test]
fn while_it_is_away_everybody_waits_and_one_probes_when_the_wait_is_over() {
    let door = shut();
    assert_eq!(door.admit("a", person(7), s(29)), Admission::Shut { until: s(30), away: true });
    assert_eq!(door.admit("a", worker(7), s(29)), Admission::Shut { until: s(37), away: true }, "not all at once");
    assert_eq!(door.told(outcomes(9, 0, 0), 1, s(29)), None, "what began before says nothing");
    assert!(matches!(door.take(1, worker(7), s(29)), Taken::Wait { .. }));
    let Admission::Probe(half) = door.admit("a", worker(7), s(30)) else { panic!("a probe") };
    assert!(matches!(half.admit("b", person(7), s(31)), Admission::Shut { away: true, .. }));
    assert_eq!(half.probed("b", Ok(()), RATE, s(31)), None, "not its probe");
    let again = half.probed("a", Err(FailureKind::Html), RATE, s(31)).expect("it is written");
    assert_eq!(again.away_until(s(32)), Some(s(91)), "the wait has doubled");
}

#[test]
fn after_closing_the_tenants_come_back_by_their_share_and_people_at_once() {
    let door = back();
    let admitted = |n: i64| (0..100).filter(|i| door.admit("a", worker(*i), s(30 + n)) == Admission::Open).count();
    let at = [0, 59, 60, 300, 540, 570, 600].map(admitted);
    assert_eq!(at, [5, 5, 15, 55, 95, 95, 100]);
    assert_eq!(door.admit("a", person(99), s(30)), Admission::Open);
    for share in 0..100 {
        if let Admission::Shut { until, away } = door.admit("a", worker(share), s(30)) {
            assert!(!away && until <= s(630));
            assert_eq!(door.admit("a", worker(share), until), Admission::Open, "{share}");
        }
    }
    let from_tomorrow = s(30 - 86_400);
    assert_eq!(
        door.admit("a", worker(99), from_tomorrow),
        Admission::Open,
        "a clock that was a day ahead holds nobody back"
    );
}

#[test]
fn calls_are_counted_for_an_hour_and_what_never_fits_waits_for_its_end() {
    let door = back();
    assert!(matches!(door.take(10, worker(0), s(30)), Taken::Granted(_)));
    let end = s(30 + 3_600);
    assert_eq!(door.take(5_000, worker(0), s(31)), Taken::Wait { until: end, set_back: None });
    assert_eq!(door.take(5_000, worker(0), end), Taken::Free);
}

#[test]
fn a_reopened_door_brings_no_second_burst() {
    let mut door = back();
    while let Taken::Granted(next) = door.take(10, person(0), s(30)) {
        door = next;
    }
    let open = shut_again(&door, s(30));
    let Admission::Probe(half) = open.admit("q", worker(0), s(90)) else { panic!("a probe: {open:?}") };
    let closed = half.probed("q", Ok(()), RATE, s(90)).expect("it closes");
    let tokens = |d: &Door| d.pace.as_ref().map_or(0, |p| p.bucket.tokens);
    assert_eq!(tokens(&closed), tokens(&door));
}

fn shut_again(door: &Door, now: Timestamp) -> Door {
    let one = door.told(outcomes(3, 3, 3), 1, now).expect("a failure is written");
    one.told(outcomes(3, 3, 3), 2, now).expect("a failure is written")
}

#[test]
fn a_company_without_quota_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour() {
    let mut waits = vec![slow_down(0)];
    for _ in 0..5 {
        waits.push(slow_down(waits[waits.len() - 1]));
    }
    assert_eq!(waits, [60, 120, 240, 480, 900, 900]);
}

#[test]
fn shares_are_spread_and_never_move() {
    let share = |n: u32| share_of(&format!("t_{n:020}").parse::<TenantId>().expect("a tenant id"));
    let first = (0..1_000).filter(|n| share(*n) < 5).count();
    assert!((30..=75).contains(&first), "{first}");
    assert_eq!([share(0), share(1), share(2)], [share(0), share(1), share(2)]);
    assert!((0..1_000).all(|n| share(n) < 100));
}

#[test]
fn a_door_comes_back_equal_from_json() {
    for door in [Door::default(), shut(), back()] {
        let json = serde_json::to_string(&door).expect("plain");
        assert_eq!(serde_json::from_str::<Door>(&json).expect("a door"), door);
    }
    assert_eq!(serde_json::from_str::<Door>("{}").expect("a door"), Door::default());
}

proptest! {
    /// Five workers that read the row and write it later, on the condition that nobody wrote it in between.
    #[test]
    fn while_it_comes_back_all_together_make_no_more_calls_than_the_rate_and_one_burst(
        rate in 1_u32..50,
        steps in prop::collection::vec((0_usize..5, any::<bool>(), 1_u32..20, 0_u32..6, 0_i64..4_000), 1..200),
    ) {
        let half = shut().admit("p", worker(0), s(30));
        let Admission::Probe(half) = half else { panic!("a probe") };
        let (mut row, mut version) = (half.probed("p", Ok(()), rate, s(30)).expect("it closes"), 0_u32);
        let mut read: [Option<(Door, u32)>; 5] = Default::default();
        let (mut granted, mut ms) = (0_u64, 0_i64);
        for (w, is_read, calls, failed, pause) in steps {
            ms += pause;
            let now = s(30) + SignedDuration::from_millis(ms);
            if is_read {
                read[w] = Some((row.clone(), version));
                continue;
            }
            let Some((seen, of)) = read[w].take() else { continue };
            let caller = Caller { share: 0, interactive: w == 0 };
            let next = match seen.take(calls, caller, now) {
                Taken::Granted(next) => {
                    if of == version {
                        granted += u64::from(calls);
                    }
                    Some(next)
                }
                Taken::Wait { until, set_back } => {
                    prop_assert!(until >= now && set_back.is_none());
                    // Some of them tell what became of their calls instead, and some of it is bad.
                    seen.told(outcomes(calls, failed.min(calls), 0), calls, now)
                }
                Taken::Free => return Err(TestCaseError::fail("it is paced")),
            };
            if let (Some(next), true) = (next, of == version) {
                (row, version) = (next, version + 1);
            }
        }
        let most = u64::from(rate) * ms.unsigned_abs() / 1_000 + u64::from(burst_of(rate)) + 1;
        prop_assert!(granted <= most, "{granted} > {most}");
    }
}
