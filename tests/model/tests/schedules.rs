//! The short form of the campaign: what every test run shows.

use domain::DeedKind;
use model::arrange::KINDS;
use model::bad::Bad;
use model::fleet::{self, Size};
use model::{IDLE, schedule, schedules};

/// The fault rows of the matrix that the model fires.
const ROWS: &[usize] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
    34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 45, 46, 47, 48, 49, 50, 59, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73,
    74, 75, 76, 77, 78, 79, 81, 82,
];

#[test]
fn twenty_thousand_schedules_break_no_promise_and_fire_every_modelled_fault() {
    let sum = schedules(1..20_001, None, IDLE);
    assert_eq!(sum.schedules, 20_000);
    assert!(!sum.breaches.any(), "{:?}, first seed {:?}: run `--replay` with it", sum.breaches, sum.failed);
    // At least a thousand in a million.
    let rare: Vec<_> = ROWS.iter().filter(|row| sum.fired[**row] < 20).collect();
    assert!(rare.is_empty(), "fault rows that hardly fire: {rare:?}");
    let rare: Vec<_> = DeedKind::ALL.iter().zip(sum.deeds).filter(|(_, n)| *n < 80).collect();
    assert!(rare.is_empty(), "deeds that are hardly done: {rare:?}");
    assert!(sum.ended.iter().all(|n| *n >= 200), "done, refused, for a person: {:?}", sum.ended);
    let rare: Vec<_> = KINDS.iter().zip(sum.arranged).filter(|(_, n)| *n < 300).collect();
    assert!(rare.is_empty() && sum.refused_asks > 300, "contacts are hardly arranged: {rare:?}, {}", sum.refused_asks);
    assert!(sum.stored.iter().all(|n| *n >= 40), "made, transfers, lines with new names: {:?}", sum.stored);
    assert!(sum.creates > 100_000 && sum.edits > 200_000, "{} creates, {} edits", sum.creates, sum.edits);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..100 {
        assert_eq!(schedule(seed, None, IDLE), schedule(seed, None, IDLE), "seed {seed}");
    }
    assert_ne!(schedule(1, None, IDLE).trace, schedule(2, None, IDLE).trace);
}

#[test]
fn every_known_mistake_is_caught_where_the_engine_passes() {
    let breaks = |seed, bad| schedule(seed, bad, IDLE).breaches.any();
    let is_caught = |bad| (1..10_001).any(|seed| breaks(seed, Some(bad)) && !breaks(seed, None));
    let missed: Vec<_> = Bad::ALL.iter().filter(|bad| !is_caught(**bad)).map(|bad| bad.name()).collect();
    assert!(missed.is_empty(), "not caught: {missed:?}");
    assert!(Bad::ALL.len() >= 50);
}

#[test]
fn fifty_silent_rounds_write_nothing() {
    for seed in 1..20 {
        let sum = schedule(seed, None, 50);
        assert!(!sum.breaches.any(), "seed {seed}: {:?}", sum.lines);
    }
}

#[test]
fn a_small_fleet_catches_up_within_the_rate_and_only_with_a_bucket_for_the_host() {
    let size = Size { tenants: 100, workers: 8, outage_hours: 1, seed: 1, is_paced: true };
    let report = fleet::run(size);
    assert_eq!(report.breaches(), Vec::<&str>::new(), "{report:?}");
    assert!(!fleet::run(Size { is_paced: false, ..size }).breaches().is_empty());
}
