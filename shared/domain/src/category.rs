//! Categories of products: the tree that the paths of the products make.
//!
//! Decides what names a category and which products are in it. There is no
//! register of categories: one is there while a product is in it.

use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

use crate::{ContentHash, Text, ValueError};

/// What names a category: the same for the same path, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(u64);

impl CategoryId {
    /// The category at the end of a path, outermost first.
    pub fn of(path: &[Text]) -> Self {
        // A text holds no control character but the end of a line, so no two paths read the same.
        let bytes: Vec<&[u8]> = path.iter().flat_map(|label| [label.as_str().as_bytes(), &b"\0"[..]]).collect();
        Self(ContentHash::of(&bytes).0)
    }

    /// Whether a product with this path is in the category or below it.
    pub fn holds(self, path: &[Text]) -> bool {
        (1..=path.len()).any(|n| Self::of(&path[..n]) == self)
    }
}

impl fmt::Display for CategoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cat_{:016x}", self.0)
    }
}

impl FromStr for CategoryId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        let is_hex =
            |hex: &&str| hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let hex = s.strip_prefix("cat_").filter(is_hex);
        hex.and_then(|hex| u64::from_str_radix(hex, 16).ok())
            .map(Self)
            .ok_or(ValueError::new("category id", "cat_ and 16 hexadecimal digits"))
    }
}

/// The categories that products are in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categories {
    counts: BTreeMap<Vec<Text>, u64>,
}

/// A category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category<'a> {
    /// Its path, outermost first; never empty.
    pub path: &'a [Text],
    /// How many products are in it or below it.
    pub products: u64,
}

impl Categories {
    /// Counts a product with this path in each category of it.
    pub fn count(&mut self, path: &[Text]) {
        for n in 1..=path.len() {
            *self.counts.entry(path[..n].to_vec()).or_default() += 1;
        }
    }

    /// All categories; each comes before those below it.
    pub fn iter(&self) -> impl Iterator<Item = Category<'_>> {
        self.counts.iter().map(|(path, products)| Category { path, products: *products })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(labels: &[&str]) -> Vec<Text> {
        labels.iter().map(|label| label.parse().expect("a text")).collect()
    }

    #[test]
    fn a_product_is_in_its_category_and_in_those_above() {
        let inner = path(&["Kava", "Zrnje"]);
        for (of, holds) in [
            (&["Kava"][..], true),
            (&["Kava", "Zrnje"], true),
            (&["Zrnje"], false),
            (&["Kava", "Zrnje", "Bio"], false),
            (&["KavaZrnje"], false),
            (&[], false),
        ] {
            assert_eq!(CategoryId::of(&path(of)).holds(&inner), holds, "{of:?}");
        }
        assert_ne!(CategoryId::of(&path(&["a", "bc"])), CategoryId::of(&path(&["ab", "c"])));
    }

    #[test]
    fn an_id_is_read_back_and_nothing_else_is_one() {
        let id = CategoryId::of(&path(&["Kava"]));
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in
            ["", "cat_", "Kava", "cat_0", "cat_00000000000000000", "cat_000000000000000G", "cat_00000000000000AB"]
        {
            assert!(bad.parse::<CategoryId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn each_category_is_counted_with_those_below_it_and_comes_before_them() {
        let mut all = Categories::default();
        for labels in [&["B", "x"][..], &["A"], &["B"], &["B", "x"], &[]] {
            all.count(&path(labels));
        }
        let seen: Vec<_> = all.iter().map(|c| (c.path.to_vec(), c.products)).collect();
        assert_eq!(seen, [(path(&["A"]), 1), (path(&["B"]), 3), (path(&["B", "x"]), 2)]);
    }
}
