//! The short form of the campaign: what every test run shows.

use model::bad::Bad;
use model::{schedule, schedules};

/// The fault rows of the matrix that the model fires.
const ROWS: &[usize] = &[
    4, 5, 6, 7, 8, 9, 11, 14, 15, 16, 18, 20, 21, 22, 23, 24, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36, 38, 39, 40, 41,
    43, 45, 49, 50, 64, 65, 70, 71, 75, 79,
];

#[test]
fn twenty_thousand_schedules_break_no_promise_and_fire_every_modelled_fault() {
    let sum = schedules(1..20_001, None);
    assert_eq!(sum.schedules, 20_000);
    assert!(!sum.breaches.any(), "{:?}, first seed {:?}: run `--replay` with it", sum.breaches, sum.failed);
    let silent: Vec<_> = ROWS.iter().filter(|row| sum.fired[**row] == 0).collect();
    assert!(silent.is_empty(), "fault rows that never fired: {silent:?}");
    assert!(sum.creates > 100_000 && sum.edits > 200_000, "{} creates, {} edits", sum.creates, sum.edits);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..200 {
        assert_eq!(schedule(seed, None), schedule(seed, None), "seed {seed}");
    }
    assert_ne!(schedule(1, None).trace, schedule(2, None).trace);
}

#[test]
fn every_known_mistake_is_caught() {
    let missed: Vec<_> = Bad::ALL
        .iter()
        .filter(|bad| !(1..10_001).any(|seed| schedule(seed, Some(**bad)).breaches.any()))
        .map(|bad| bad.name())
        .collect();
    assert!(missed.is_empty(), "not caught: {missed:?}");
    assert!(Bad::ALL.len() >= 20);
}
