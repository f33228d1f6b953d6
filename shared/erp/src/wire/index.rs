//! Finds a field by its name: a hash table that the compiler builds.
//!
//! A document has almost two hundred fields and its members come in any order,
//! so comparing name by name would cost more than reading the value.

/// Slots of a table; a few times as many as the largest type has fields, so that a search ends at once.
const SLOTS: usize = 512;

/// An empty slot.
const EMPTY: u8 = u8::MAX;

/// Where the fields of a type are.
pub(crate) struct Index {
    names: &'static [&'static str],
    slots: [u8; SLOTS],
}

impl Index {
    /// The table of `names`, made when the program is compiled.
    pub(crate) const fn of(names: &'static [&'static str]) -> Self {
        assert!(names.len() < EMPTY as usize, "too many fields for one type");
        let mut slots = [EMPTY; SLOTS];
        let mut field = 0_u8;
        while (field as usize) < names.len() {
            let mut slot = slot(names[field as usize].as_bytes());
            while slots[slot] != EMPTY {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = field;
            field += 1;
        }
        Self { names, slots }
    }

    /// The field called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let mut slot = slot(name.as_bytes());
        loop {
            match self.slots[slot] {
                EMPTY => return None,
                field if self.names[usize::from(field)] == name => return Some(usize::from(field)),
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }
}

/// The slot to look at first. A few bytes tell names of fields apart well enough.
const fn slot(name: &[u8]) -> usize {
    let len = name.len();
    if len == 0 {
        return 0;
    }
    let bytes = [name[0], name[len / 4], name[len / 2], name[len * 3 / 4], name[len - 1]];
    let mut hash = len as u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash << 7) ^ bytes[at] as u64;
        at += 1;
    }
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Document, Fields, Row};

    #[test]
    fn every_field_is_found_and_nothing_else() {
        for (index, names) in [(Document::INDEX, Document::NAMES), (Row::INDEX, Row::NAMES)] {
            for (field, name) in names.iter().enumerate() {
                assert_eq!(index.find(name), Some(field), "{name}");
                assert_eq!(index.find(&format!("{name} ")), None);
            }
            assert_eq!(index.find(""), None);
            assert_eq!(index.find("č"), None);
        }
    }

    #[test]
    fn a_search_looks_at_few_slots() {
        let names = Document::NAMES;
        let mut longest = 0;
        for (field, name) in names.iter().enumerate() {
            let start = slot(name.as_bytes());
            let found = (0..SLOTS).position(|step| usize::from(Document::INDEX.slots[(start + step) % SLOTS]) == field);
            longest = longest.max(found.expect("it is in the table"));
        }
        assert!(longest <= 6, "{longest}");
    }
}
