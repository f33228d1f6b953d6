//! Packed content hashes: what tells "unchanged" without reading a record.
//!
//! A page holds the entries of a range of ERP ids; ranges do not overlap, and
//! a page's key is its first id. Sixteen bytes an entry, so that 70,000 records
//! fit in 280 consistent read units.

use crate::{ContentHash, ErpId};

/// The most entries a page holds: 4 KB with its key, one read unit.
pub const PAGE_ENTRIES: usize = 250;

/// The hash of one record's content when it was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The record's id in the ERP.
    pub erp_id: ErpId,
    /// Hash of its canonical bytes.
    pub hash: ContentHash,
}

/// Entries of a range of ids, sorted by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPage {
    /// The page's key: no entry has a smaller id. It stays when that entry goes.
    pub first: ErpId,
    /// Entries, sorted by id.
    pub entries: Vec<IndexEntry>,
}

impl IndexPage {
    /// The packed bytes: id and hash, big-endian, eight bytes each.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.entries.len() * 16);
        for e in &self.entries {
            out.extend_from_slice(&e.erp_id.get().to_be_bytes());
            out.extend_from_slice(&e.hash.0.to_be_bytes());
        }
        out
    }

    /// A page from packed bytes; `None` when they are no whole entries or not sorted.
    pub fn unpack(first: ErpId, bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<16>();
        if !rest.is_empty() {
            return None;
        }
        let number = |b: &[u8]| b.iter().fold(0u64, |n, x| (n << 8) | u64::from(*x));
        let entries: Vec<_> = chunks
            .iter()
            .map(|c| IndexEntry { erp_id: ErpId::new(number(&c[..8])), hash: ContentHash(number(&c[8..])) })
            .collect();
        let sorted = entries.windows(2).all(|w| w[0].erp_id < w[1].erp_id);
        let in_range = entries.first().is_none_or(|e| e.erp_id >= first);
        (sorted && in_range).then_some(Self { first, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_page_comes_back_as_it_was_packed(ids in proptest::collection::btree_map(any::<u64>(), any::<u64>(), 0..300)) {
            let first = ErpId::new(ids.keys().next().copied().unwrap_or(0));
            let entries = ids.into_iter().map(|(i, h)| IndexEntry { erp_id: ErpId::new(i), hash: ContentHash(h) }).collect();
            let page = IndexPage { first, entries };
            prop_assert_eq!(IndexPage::unpack(first, &page.pack()), Some(page));
        }

        #[test]
        fn bytes_that_are_no_page_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Some(page) = IndexPage::unpack(ErpId::new(0), &bytes) {
                prop_assert_eq!(page.pack(), bytes);
            }
        }
    }
}
