//! Where the seed's chance comes from: integer draws of a fixed generator, so that one
//! seed gives the same company on every machine.
//!
//! Decides how the streams of one company are kept apart. Must not read a clock or use
//! floating point: rounding differs between platforms and would change the bytes.

use super::SeedSpec;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The part of the seed a generator serves; a draw more in one does not move the others.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    /// Products and prices.
    Products = 1,
    /// Partners and their habits.
    Partners,
    /// Who buys when.
    History,
    /// What stands on the documents.
    Documents,
    /// Gaps in the id counter.
    Ids,
    /// What lies in the warehouses.
    Stock,
    /// What the back office writes.
    BackOffice,
}

/// A seeded source of draws.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The generator of one company and stream.
    pub(super) fn new(spec: &SeedSpec, stream: Stream) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&spec.seed.to_le_bytes());
        key[8..12].copy_from_slice(&spec.company_no.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream as u64);
        Self(rng)
    }

    /// A number below `n`; `n` must not be 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// A number of days from `low` to `high`, both included.
    pub(super) fn days(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..=high)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.0.random_ratio(percent, 100)
    }

    /// True in `permille` of a thousand cases.
    pub(super) fn permille(&mut self, permille: u32) -> bool {
        self.0.random_ratio(permille, 1000)
    }

    /// One of `all`, each as likely; `all` must not be empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// One of these numbers, each as likely.
    pub(super) fn pick_number(&mut self, all: &[usize]) -> usize {
        all[self.below(all.len())]
    }

    /// A place in `weights`, as likely as its weight.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.0.random_range(0..total.max(1));
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// A fraction of 2^32.
    pub(super) fn fraction(&mut self) -> u64 {
        u64::from(self.0.next_u32())
    }

    /// Puts `all` in random order.
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// Numbers of a fixed width that look random and never repeat before all were given.
pub(super) struct Scatter {
    base: i64,
    span: i64,
    step: i64,
    at: i64,
}

impl Scatter {
    /// Numbers of `digits` digits, none of which starts with 0.
    pub(super) fn new(digits: u32, dice: &mut Dice) -> Self {
        let base = 10_i64.pow(digits.saturating_sub(1));
        let span = 9 * base;
        // `span` has no prime factor but 2, 3 and 5; a step of 30k + 7 has none of them,
        // so that the walk meets every number once.
        let step = 30 * dice.between(span / 100, span / 40) + 7;
        Self { base, span, step, at: dice.between(0, span - 1) }
    }
}

impl Iterator for Scatter {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.at = (self.at + self.step) % self.span;
        Some(self.base + self.at)
    }
}
