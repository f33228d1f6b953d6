//! Following the CRM's id of a record that was merged to the one that stays.
//!
//! Decides how far is followed and what a way that does not end means. Each
//! record that went names the one that it went into; a merge is only taken
//! between records that are nobody's alias, so ways never close.

use std::collections::BTreeMap;

use thiserror::Error;

use super::merge::Refused;
use crate::twoway::Entry;

/// The most steps from a record that went to the one that stays.
pub const FURTHEST: u8 = 8;

/// The ids met on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail(Vec<String>);

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This is the one that stays.
    Here,
    /// Look at this one.
    Next(String),
}

/// Why a way does not end. No merge makes one like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Lost {
    /// It leads back to where it was.
    #[error("the way leads in a circle")]
    Circle,
    /// It is longer than any that a merge makes.
    #[error("the way is longer than {FURTHEST} steps")]
    TooFar,
}

impl Trail {
    /// A way that begins at `crm_id`.
    pub fn from(crm_id: &str) -> Self {
        Self(vec![crm_id.to_owned()])
    }

    /// From the record at hand, which went into `merged_into` or stays.
    ///
    /// # Errors
    ///
    /// The way does not end.
    pub fn step(&mut self, merged_into: Option<&str>) -> Result<Step, Lost> {
        let Some(next) = merged_into else { return Ok(Step::Here) };
        if self.0.iter().any(|met| met == next) {
            return Err(Lost::Circle);
        }
        if self.0.len() > usize::from(FURTHEST) {
            return Err(Lost::TooFar);
        }
        self.0.push(next.to_owned());
        Ok(Step::Next(next.to_owned()))
    }

    /// The ids, in order.
    pub fn ids(&self) -> &[String] {
        &self.0
    }

    /// Whether a merge of `going` into the record where this way ends would close a circle.
    ///
    /// # Errors
    ///
    /// It would: [`Refused::Cyclic`] with the ids on the way.
    pub fn check(&self, going: &str) -> Result<(), Refused> {
        match self.0.iter().position(|met| met == going) {
            Some(at) => Err(Refused::Cyclic(self.0[..=at].to_vec())),
            None => Ok(()),
        }
    }
}

/// How long the longest way to a record is that `gone` goes into.
pub(super) fn way_through(gone: &Entry) -> u8 {
    1 + longest(&gone.absorbed)
}

fn longest(absorbed: &BTreeMap<String, u8>) -> u8 {
    absorbed.values().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(of: &BTreeMap<&str, &str>, from: &str) -> Result<String, Lost> {
        let (mut trail, mut at) = (Trail::from(from), from.to_owned());
        loop {
            match trail.step(of.get(at.as_str()).copied())? {
                Step::Here => return Ok(at),
                Step::Next(next) => at = next,
            }
        }
    }

    #[test]
    fn a_way_is_followed_to_its_end_and_one_without_an_end_is_told() {
        let of = BTreeMap::from([("a", "b"), ("b", "c"), ("x", "y"), ("y", "x")]);
        assert_eq!(walk(&of, "a"), Ok("c".to_owned()));
        assert_eq!(walk(&of, "c"), Ok("c".to_owned()));
        assert_eq!(walk(&of, "x"), Err(Lost::Circle));
        let names: Vec<String> = (0..=10).map(|n| format!("r{n}")).collect();
        let long: BTreeMap<&str, &str> = names.windows(2).map(|w| (w[0].as_str(), w[1].as_str())).collect();
        assert_eq!(walk(&long, "r2"), Ok("r10".to_owned()), "eight steps");
        assert_eq!(walk(&long, "r1"), Err(Lost::TooFar));
    }

    #[test]
    fn a_merge_that_would_close_a_circle_is_told_with_the_ids_on_the_way() {
        let mut trail = Trail::from("a");
        trail.step(Some("b")).expect("on");
        assert_eq!(trail.check("c"), Ok(()));
        assert_eq!(trail.check("b"), Err(Refused::Cyclic(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(trail.check("a"), Err(Refused::Cyclic(vec!["a".to_owned()])), "into itself");
    }
}
