//! Sets of ERP ids, and their packed form.
//!
//! Ids grow from one counter, so the gaps between sorted ids are small and a
//! gap takes one or two bytes (LEB128).

use std::collections::BTreeSet;

use domain::ErpId;
use integer_encoding::VarInt as _;

/// A sorted set of ERP ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSet(BTreeSet<u64>);

impl IdSet {
    /// Adds an id; whether it was new.
    pub fn insert(&mut self, id: ErpId) -> bool {
        self.0.insert(id.get())
    }

    /// Whether `id` is in it.
    pub fn contains(&self, id: ErpId) -> bool {
        self.0.contains(&id.get())
    }

    /// How many ids it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The largest id.
    pub fn last(&self) -> Option<ErpId> {
        self.0.last().copied().map(ErpId::new)
    }

    /// The ids in order.
    pub fn iter(&self) -> impl Iterator<Item = ErpId> + '_ {
        self.0.iter().copied().map(ErpId::new)
    }

    /// At most `limit` ids greater than `after`, in order.
    pub fn after(&self, after: Option<ErpId>, limit: usize) -> Vec<ErpId> {
        let from = after.map_or(0, |a| a.get().saturating_add(1));
        self.0.range(from..).take(limit).copied().map(ErpId::new).collect()
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The packed bytes: the first id and the gaps after it.
    pub fn pack(&self) -> Vec<u8> {
        let mut last = 0;
        let gaps = self.0.iter().flat_map(|id| (id - std::mem::replace(&mut last, *id)).encode_var_vec());
        gaps.collect()
    }

    /// A set from packed bytes; `None` when they are not one.
    pub fn unpack(mut bytes: &[u8]) -> Option<Self> {
        let mut out = BTreeSet::new();
        let mut last = 0u64;
        while !bytes.is_empty() {
            let (gap, length) = u64::decode_var(bytes)?;
            last = last.checked_add(gap)?;
            if !out.insert(last) {
                return None;
            }
            bytes = &bytes[length..];
        }
        Some(Self(out))
    }
}

impl FromIterator<ErpId> for IdSet {
    fn from_iter<T: IntoIterator<Item = ErpId>>(ids: T) -> Self {
        Self(ids.into_iter().map(ErpId::get).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_comes_back_as_it_was_packed(ids in proptest::collection::btree_set(any::<u64>(), 0..200)) {
            let set = IdSet(ids);
            prop_assert_eq!(IdSet::unpack(&set.pack()), Some(set));
        }

        #[test]
        fn bytes_that_are_no_set_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(set) = IdSet::unpack(&bytes) {
                prop_assert_eq!(IdSet::unpack(&set.pack()), Some(set));
            }
        }
    }

    #[test]
    fn ids_of_one_counter_take_a_byte_or_two_each() {
        let set: IdSet = (0..50_000).map(|n| ErpId::new(1_600_000_000 + n * 12)).collect();
        assert!(set.pack().len() < 50_000 + 8, "{}", set.pack().len());
    }
}
