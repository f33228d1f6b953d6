//! Whether both sides hold the same: counts, digests that no order changes, and the list of differences.
//!
//! Decides by content only and repairs nothing. A digest is the sum of
//! hashes, so a side keeps it up to date with every record that comes, goes or
//! changes. It tells accidents; it is no proof against somebody who chooses
//! records to make two sums equal.

use std::collections::BTreeMap;

use domain::ContentHash;
use serde::{Deserialize, Serialize};

/// The digest of a set of records: how many, and the sum of their 256-bit BLAKE3 hashes modulo 2^256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// How many records.
    pub count: u64,
    /// The sum, lowest byte first.
    pub sum: [u8; 32],
}

impl Digest {
    /// Adds the record `key` with `content`.
    pub fn add(&mut self, key: &[u8], content: &[u8]) {
        self.merge(&Self { count: 1, sum: hash(key, content) });
    }

    /// Takes off the record `key` with `content`, which was added before: the exact inverse of `add`.
    pub fn remove(&mut self, key: &[u8], content: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        let mut borrow = false;
        for (byte, off) in self.sum.iter_mut().zip(hash(key, content)) {
            let (first, a) = byte.overflowing_sub(off);
            let (rest, b) = first.overflowing_sub(u8::from(borrow));
            (*byte, borrow) = (rest, a || b);
        }
    }

    /// Adds all records of `other`, none of which may be in this one.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.wrapping_add(other.count);
        let mut carry = false;
        for (byte, more) in self.sum.iter_mut().zip(other.sum) {
            let (first, a) = byte.overflowing_add(more);
            let (sum, b) = first.overflowing_add(u8::from(carry));
            (*byte, carry) = (sum, a || b);
        }
    }
}

/// The hash of one record. The length of the key is part of it, so that key and content cannot be cut elsewhere.
fn hash(key: &[u8], content: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(content);
    *hasher.finalize().as_bytes()
}

/// How a record differs between the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The ERP does not have it.
    OnlyCrm,
    /// The CRM does not have it.
    OnlyErp,
    /// Both have it with different content.
    Differs,
}

/// A record that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// Its key.
    pub key: String,
    /// How.
    pub kind: DifferenceKind,
}

/// What a comparison of both sides found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The CRM's side.
    pub crm: Digest,
    /// The ERP's side.
    pub erp: Digest,
    /// The first differences by key.
    pub differences: Vec<Difference>,
    /// How many differences there are beyond those listed.
    pub more: u64,
    /// Both sides hold the same.
    pub equal: bool,
}

/// Compares both sides by key and lists at most `limit` differences.
pub fn compare(crm: &BTreeMap<String, ContentHash>, erp: &BTreeMap<String, ContentHash>, limit: usize) -> Certificate {
    let (mut differences, mut more) = (Vec::new(), 0_u64);
    let mut tell = |key: &str, kind| {
        if differences.len() < limit {
            differences.push(Difference { key: key.to_owned(), kind });
        } else {
            more += 1;
        }
    };
    let (mut ours, mut theirs) = (crm.iter().peekable(), erp.iter().peekable());
    loop {
        match (ours.peek().copied(), theirs.peek().copied()) {
            (None, None) => break,
            (Some((a, x)), Some((b, y))) if a == b => {
                if x != y {
                    tell(a, DifferenceKind::Differs);
                }
                ours.next();
                theirs.next();
            }
            (Some((a, _)), b) if b.is_none_or(|(b, _)| a < b) => {
                tell(a, DifferenceKind::OnlyCrm);
                ours.next();
            }
            (_, Some((b, _))) => {
                tell(b, DifferenceKind::OnlyErp);
                theirs.next();
            }
            (Some(_), None) => unreachable!("with nothing on the other side the arm before takes it"),
        }
    }
    let (crm, erp) = (digest(crm), digest(erp));
    let equal = differences.is_empty() && more == 0 && crm == erp;
    Certificate { crm, erp, differences, more, equal }
}

fn digest(side: &BTreeMap<String, ContentHash>) -> Digest {
    let mut out = Digest::default();
    for (key, content) in side {
        out.add(key.as_bytes(), &content.0.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    type Side = BTreeMap<String, ContentHash>;

    fn side(pairs: &[(&str, u64)]) -> Side {
        pairs.iter().map(|(k, h)| ((*k).to_owned(), ContentHash(*h))).collect()
    }

    fn any_side() -> impl Strategy<Value = Side> {
        prop::collection::btree_map("[a-e]{1,2}", (0_u64..3).prop_map(ContentHash), 0..12)
    }

    #[test]
    fn the_differences_are_told_by_key_up_to_the_limit() {
        let (crm, erp) = (side(&[("a", 1), ("b", 2), ("c", 3)]), side(&[("b", 2), ("c", 4), ("d", 5)]));
        let d = |key: &str, kind| Difference { key: key.to_owned(), kind };
        let c = compare(&crm, &erp, 2);
        assert_eq!(c.differences, [d("a", DifferenceKind::OnlyCrm), d("c", DifferenceKind::Differs)]);
        assert_eq!((c.more, c.equal, c.crm.count, c.erp.count), (1, false, 3, 3));
        assert_eq!(compare(&crm, &erp, 3).differences[2], d("d", DifferenceKind::OnlyErp));
        assert_eq!((compare(&crm, &erp, 0).more, compare(&crm, &erp, 0).equal), (3, false));
    }

    #[test]
    fn key_and_content_cannot_be_cut_elsewhere() {
        let (mut a, mut b) = (Digest::default(), Digest::default());
        a.add(b"ab", b"c");
        b.add(b"a", b"bc");
        assert_ne!(a, b);
    }

    #[test]
    fn sums_carry_over_every_byte() {
        let mut d = Digest { count: 0, sum: [0xff; 32] };
        d.merge(&Digest { count: 1, sum: std::array::from_fn(|i| u8::from(i == 0)) });
        assert_eq!(d, Digest { count: 1, sum: [0; 32] });
    }

    #[test]
    fn a_certificate_comes_back_equal_from_json() {
        let c = compare(&side(&[("a", 1)]), &side(&[("b", 2)]), 9);
        let json = serde_json::to_string(&c).expect("plain");
        assert_eq!(serde_json::from_str::<Certificate>(&json).expect("a certificate"), c);
    }

    proptest! {
        #[test]
        fn no_order_and_no_division_changes_a_digest(
            (records, other) in prop::collection::vec((any::<[u8; 3]>(), any::<[u8; 2]>()), 0..20)
                .prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
            cut in 0_usize..20,
        ) {
            let sum = |of: &[([u8; 3], [u8; 2])]| {
                let mut d = Digest::default();
                for (k, c) in of {
                    d.add(k, c);
                }
                d
            };
            let (first, rest) = other.split_at(cut.min(other.len()));
            let mut parts = sum(rest);
            parts.merge(&sum(first));
            prop_assert_eq!(parts, sum(&records));
        }

        #[test]
        fn adding_and_removing_is_nothing(start in any::<[u8; 32]>(), count in any::<u64>(), k in any::<[u8; 4]>(), c in any::<[u8; 4]>()) {
            let before = Digest { count, sum: start };
            let (mut d, mut e) = (before, before);
            d.add(&k, &c);
            prop_assert_ne!(d, before);
            d.remove(&k, &c);
            e.remove(&k, &c);
            e.add(&k, &c);
            prop_assert_eq!((d, e), (before, before));
        }

        #[test]
        fn digests_are_equal_when_and_only_when_the_sides_are(a in any_side(), b in any_side()) {
            let c = compare(&a, &b, 100);
            prop_assert_eq!(c.crm == c.erp, a == b);
            prop_assert_eq!(c.equal, a == b);
            prop_assert!(compare(&a, &a, 0).equal);
        }

        #[test]
        fn the_differences_are_exact(a in any_side(), b in any_side(), limit in 0_usize..10) {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let all: Vec<Difference> = keys.into_iter().filter_map(|key| {
                let kind = match (a.get(key), b.get(key)) {
                    (Some(_), None) => DifferenceKind::OnlyCrm,
                    (None, Some(_)) => DifferenceKind::OnlyErp,
                    (x, y) if x != y => DifferenceKind::Differs,
                    _ => return None,
                };
                Some(Difference { key: key.clone(), kind })
            }).collect();
            let c = compare(&a, &b, limit);
            prop_assert_eq!(c.more, all.len().saturating_sub(limit) as u64);
            prop_assert_eq!(&c.differences[..], &all[..all.len().min(limit)]);
        }
    }
}
