//! Packed content hashes: what tells "unchanged" without reading a record.
//!
//! A page holds the entries of a range of ERP ids; ranges do not overlap, and
//! a page's key is its first id. Ids grow from one counter, so the gap from one to the next takes one or two bytes
//! (LEB128) and its hash eight: 80,000 records fit in 200 consistent read units.

use integer_encoding::VarInt as _;

use crate::{ContentHash, ErpId};

/// The most entries a page holds: under 4 KB with its key wherever the ids lie, one read unit.
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
    /// The packed bytes: of each entry the gap from the id before it (of the first: from the page's key) and the hash,
    /// big-endian.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.entries.len() * 10);
        let mut last = self.first.get();
        for e in &self.entries {
            let mut gap = [0; 10];
            let length = (e.erp_id.get() - last).encode_var(&mut gap);
            out.extend_from_slice(&gap[..length]);
            out.extend_from_slice(&e.hash.0.to_be_bytes());
            last = e.erp_id.get();
        }
        out
    }

    /// A page from packed bytes; `None` when they are no whole entries or not sorted.
    pub fn unpack(first: ErpId, mut bytes: &[u8]) -> Option<Self> {
        let mut entries: Vec<IndexEntry> = Vec::with_capacity(bytes.len() / 10);
        while !bytes.is_empty() {
            let (gap, length) = u64::decode_var(bytes)?;
            let (hash, rest) = bytes[length..].split_first_chunk()?;
            let last = entries.last().map_or(first, |e| e.erp_id);
            if gap == 0 && !entries.is_empty() {
                return None;
            }
            let erp_id = ErpId::new(last.get().checked_add(gap)?);
            entries.push(IndexEntry { erp_id, hash: ContentHash(u64::from_be_bytes(*hash)) });
            bytes = rest;
        }
        Some(Self { first, entries })
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
                prop_assert!(page.entries.is_sorted_by(|a, b| a.erp_id < b.erp_id));
                prop_assert_eq!(IndexPage::unpack(page.first, &page.pack()), Some(page));
            }
        }
    }

    #[test]
    fn a_full_page_of_ids_far_apart_fits_in_one_read_unit() {
        let gap = 1_600_000_000_000 / PAGE_ENTRIES as u64;
        let entry = |n: usize| IndexEntry { erp_id: ErpId::new(n as u64 * gap), hash: ContentHash(u64::MAX) };
        let page = IndexPage { first: ErpId::new(0), entries: (0..PAGE_ENTRIES).map(entry).collect() };
        assert!(page.pack().len() + 100 <= 4_096, "{}", page.pack().len());
    }
}
