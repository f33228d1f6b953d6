//! The index of one object type during a run: what we last wrote of each ERP record.
//!
//! Decides whether a record is new, changed or as before, and which packed
//! pages a write touches. Holds hashes only, never content.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ContentHash, ErpId, IndexEntry, IndexPage, PAGE_ENTRIES};

/// What the index knows of an ERP record.
///
/// Packed into the 64 bits of an entry: zero is missing, odd is parked, even is
/// known. One bit of the hash is given up for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// We have a record with this content.
    Known(ContentHash),
    /// The ERP's record, whose raw text has this hash, could not be understood.
    Parked(ContentHash),
    /// We have a record that the ERP no longer has.
    Missing,
}

impl Mark {
    /// The mark of content with hash `h`.
    pub fn known(h: ContentHash) -> Self {
        Self::Known(ContentHash((h.0 & !1).max(2)))
    }

    /// The mark of a parked record whose raw text has hash `h`.
    pub const fn parked(h: ContentHash) -> Self {
        Self::Parked(ContentHash(h.0 | 1))
    }

    const fn pack(self) -> ContentHash {
        match self {
            Self::Known(h) | Self::Parked(h) => h,
            Self::Missing => ContentHash(0),
        }
    }

    const fn unpack(h: ContentHash) -> Self {
        match h.0 {
            0 => Self::Missing,
            n if n & 1 == 1 => Self::Parked(h),
            _ => Self::Known(h),
        }
    }
}

/// The pages of one object type that are in memory.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pages: BTreeMap<u64, BTreeMap<u64, Mark>>,
    /// Ids whose page was looked for: `None` stands for "no page covers it".
    whole: bool,
    asked: BTreeSet<u64>,
}

impl Index {
    /// The whole index, from all its pages.
    pub fn whole(pages: Vec<IndexPage>) -> Self {
        let mut index = Self { whole: true, ..Self::default() };
        index.add(pages);
        index
    }

    /// Adds the pages that cover `ids`; ids without a page are known to be absent.
    pub fn add_for(&mut self, ids: &[ErpId], pages: Vec<IndexPage>) {
        self.add(pages);
        self.asked.extend(ids.iter().map(|i| i.get()));
    }

    fn add(&mut self, pages: Vec<IndexPage>) {
        for page in pages {
            let entries = page.entries.iter().map(|e| (e.erp_id.get(), Mark::unpack(e.hash))).collect();
            // A page that is here already may hold marks that are newer than the table's.
            self.pages.entry(page.first.get()).or_insert(entries);
        }
    }

    /// Whether the whole index is in memory.
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Which of `ids` cannot be judged before their page is loaded.
    pub fn unknown_of(&self, ids: impl Iterator<Item = ErpId>) -> Vec<ErpId> {
        if self.whole {
            return Vec::new();
        }
        ids.filter(|i| !self.asked.contains(&i.get())).collect()
    }

    /// What is known of `id`.
    pub fn get(&self, id: ErpId) -> Option<Mark> {
        let (_, page) = self.pages.range(..=id.get()).next_back()?;
        page.get(&id.get()).copied()
    }

    /// All ids with their marks, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ErpId, Mark)> + '_ {
        self.pages.values().flatten().map(|(i, m)| (ErpId::new(*i), *m))
    }

    /// The key of the page that a mark for `id` goes to.
    pub fn page_of(&self, id: ErpId) -> u64 {
        self.pages.range(..=id.get()).next_back().map_or(0, |(k, _)| *k)
    }

    /// Sets marks and answers with the pages to write. A page that grew over its limit is split.
    pub fn set(&mut self, marks: &[(ErpId, Mark)]) -> Vec<IndexPage> {
        let mut touched = BTreeSet::new();
        for (id, mark) in marks {
            let key = self.page_of(*id);
            self.pages.entry(key).or_default().insert(id.get(), *mark);
            self.asked.insert(id.get());
            touched.insert(key);
            if let Some(new) = self.split(key) {
                touched.insert(new);
            }
        }
        touched.into_iter().filter_map(|key| self.page(key)).collect()
    }

    /// Moves the upper part of a page that is over its limit to a page of its own.
    ///
    /// Ids mostly arrive in order, so the last page keeps all but one entry and
    /// pages end full; inside, the page is halved.
    fn split(&mut self, key: u64) -> Option<u64> {
        let is_last = self.pages.range(key..).nth(1).is_none();
        let page = self.pages.get_mut(&key)?;
        if page.len() <= PAGE_ENTRIES {
            return None;
        }
        let at = if is_last { PAGE_ENTRIES } else { PAGE_ENTRIES / 2 };
        let first = *page.keys().nth(at)?;
        let upper = page.split_off(&first);
        self.pages.insert(first, upper);
        Some(first)
    }

    /// The pages to write so that `id`, which another than a reading run met, is known: `page` is the one that covers
    /// it, if there is one. Its text counts as unread, so that the next run looks at it once.
    pub fn with_unread(page: Option<IndexPage>, id: ErpId) -> Vec<IndexPage> {
        let mut index = Self::default();
        index.add(page.into_iter().collect());
        match index.get(id) {
            Some(Mark::Known(_)) => Vec::new(),
            _ => index.set(&[(id, Mark::known(ContentHash(0)))]),
        }
    }

    fn page(&self, key: u64) -> Option<IndexPage> {
        let entries = self.pages.get(&key)?;
        Some(IndexPage {
            first: ErpId::new(key),
            entries: entries.iter().map(|(i, m)| IndexEntry { erp_id: ErpId::new(*i), hash: m.pack() }).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u64) -> ErpId {
        ErpId::new(n)
    }

    proptest! {
        #[test]
        fn an_index_written_page_by_page_reads_back_equal(
            writes in proptest::collection::vec((0..5_000u64, any::<u64>()), 1..900),
            chunk in 1..60usize,
        ) {
            let (mut index, mut table, mut model) = (Index::whole(vec![]), BTreeMap::new(), BTreeMap::new());
            for part in writes.chunks(chunk) {
                let marks: Vec<_> = part.iter().map(|(i, h)| (id(*i), Mark::known(ContentHash(*h)))).collect();
                model.extend(marks.iter().map(|(i, m)| (*i, *m)));
                for page in index.set(&marks) {
                    prop_assert!(page.entries.len() <= PAGE_ENTRIES);
                    table.insert(page.first, page);
                }
            }
            let again = Index::whole(table.into_values().collect());
            prop_assert_eq!(again.iter().collect::<BTreeMap<_, _>>(), model);
        }
    }

    #[test]
    fn a_record_that_no_run_met_is_known_and_unread_afterwards() {
        let pages = Index::with_unread(None, id(7));
        assert_eq!(pages.len(), 1);
        assert_eq!(Index::whole(pages.clone()).get(id(7)), Some(Mark::known(ContentHash(0))));
        assert_eq!(Index::with_unread(pages.into_iter().next(), id(7)), [], "it is known already");
    }

    #[test]
    fn pages_that_grow_at_the_end_end_full() {
        let mut index = Index::whole(vec![]);
        let marks: Vec<_> = (1..=1_000).map(|n| (id(n * 7), Mark::known(ContentHash(n)))).collect();
        let pages: BTreeSet<_> = marks.chunks(40).flat_map(|m| index.set(m)).map(|p| p.first).collect();
        assert_eq!(pages.len(), 4);
    }

    #[test]
    fn marks_keep_apart_what_is_known_parked_and_missing() {
        for h in [0, 1, 2, 3, u64::MAX] {
            let (known, parked) = (Mark::known(ContentHash(h)), Mark::parked(ContentHash(h)));
            assert_eq!(Mark::unpack(known.pack()), known);
            assert_eq!(Mark::unpack(parked.pack()), parked);
            assert_ne!(known.pack(), Mark::Missing.pack());
        }
    }
}
