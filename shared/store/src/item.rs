//! Values to attributes and back.
//!
//! Decides the format of packed values and which sizes are refused. What it
//! cannot read is an error that names the attribute, never its content.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

use crate::error::StoreError;
use crate::key::Key;

/// The attributes of an item, as the SDK has them.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// The largest value that is packed, before compression. A packed value that claims more is corrupt.
pub(crate) const MAX_VALUE: usize = 1 << 20;

/// The largest item: the service's 400 KB, less room for keys and names.
pub(crate) const MAX_ITEM: usize = 390 * 1024;

/// Below this, compression saves no write unit.
const COMPRESS_FROM: usize = 400;

const PLAIN: u8 = 0;
const LZ4_1: u8 = 1;

/// What short records share: names of fields and common values. LZ4 finds little in one record alone, and
/// half of all orders would cost two write units instead of one.
///
/// Values packed with it need it for ever, so it never changes. Another one gets another tag.
const DICTIONARY_1: &[u8] = include_bytes!("dictionary-1.txt");

/// Bytes with a tag that says how they are packed.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.len() > MAX_VALUE {
        return Err(StoreError::TooLarge);
    }
    if bytes.len() > COMPRESS_FROM {
        let small = lz4_flex::block::compress_prepend_size_with_dict(bytes, DICTIONARY_1);
        if small.len() < bytes.len() {
            return Ok(tagged(LZ4_1, &small));
        }
    }
    Ok(tagged(PLAIN, bytes))
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    out.push(tag);
    out.extend_from_slice(bytes);
    out
}

/// The bytes that [`pack`] was given.
pub(crate) fn unpack(packed: &[u8], what: &'static str) -> Result<Vec<u8>, StoreError> {
    let corrupt = StoreError::Corrupt { what };
    match packed.split_first() {
        Some((&PLAIN, bytes)) => Ok(bytes.to_vec()),
        Some((&LZ4_1, bytes)) => {
            let Ok((size, rest)) = lz4_flex::block::uncompressed_size(bytes) else {
                return Err(corrupt);
            };
            if size > MAX_VALUE {
                return Err(corrupt);
            }
            match lz4_flex::block::decompress_with_dict(rest, size, DICTIONARY_1) {
                Ok(out) if out.len() == size => Ok(out),
                _ => Err(corrupt),
            }
        }
        _ => Err(corrupt),
    }
}

/// JSON, packed.
pub(crate) fn pack_json(value: &impl Serialize, what: &'static str) -> Result<Vec<u8>, StoreError> {
    pack(&serde_json::to_vec(value).map_err(|_| StoreError::Corrupt { what })?)
}

/// The value that [`pack_json`] was given.
pub(crate) fn unpack_json<T: DeserializeOwned>(packed: &[u8], what: &'static str) -> Result<T, StoreError> {
    serde_json::from_slice(&unpack(packed, what)?).map_err(|_| StoreError::Corrupt { what })
}

/// A string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number<N: Copy + ToString>(value: N) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A binary attribute.
pub(crate) fn binary(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// A time attribute: milliseconds.
pub(crate) fn time(value: Timestamp) -> AttributeValue {
    number(value.as_millisecond())
}

/// An item in the making.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) key: Key,
    attributes: Attributes,
}

impl Draft {
    pub(crate) fn new(key: Key) -> Self {
        let attributes = key_attributes(&key);
        Self { key, attributes }
    }

    pub(crate) fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn with_some(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The table removes the item some time after `expires`.
    pub(crate) fn expiring(self, expires: Timestamp) -> Self {
        self.with("ttl", number(expires.as_second()))
    }

    /// The attributes, if the table takes an item so large.
    pub(crate) fn finish(self) -> Result<Attributes, StoreError> {
        if size(&self.attributes) > MAX_ITEM {
            return Err(StoreError::TooLarge);
        }
        Ok(self.attributes)
    }
}

/// The two key attributes.
pub(crate) fn key_attributes(key: &Key) -> Attributes {
    HashMap::from([("pk".to_owned(), text(key.pk.as_str())), ("sk".to_owned(), text(key.sk.as_str()))])
}

/// About the size that the service counts.
pub(crate) fn size(attributes: &Attributes) -> usize {
    attributes
        .iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    AttributeValue::S(s) => s.len(),
                    AttributeValue::N(n) => n.len(),
                    AttributeValue::B(b) => b.as_ref().len(),
                    _ => 1,
                }
        })
        .sum()
}

/// An item as read; `what` names the entity in errors.
#[derive(Debug)]
pub(crate) struct Fields {
    attributes: Attributes,
    what: &'static str,
}

impl Fields {
    pub(crate) const fn new(attributes: Attributes, what: &'static str) -> Self {
        Self { attributes, what }
    }

    pub(crate) const fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { what: self.what }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, StoreError> {
        match self.attributes.get(name) {
            Some(AttributeValue::S(s)) => Ok(s),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        match self.attributes.get(name) {
            Some(AttributeValue::N(n)) => n.parse().map_err(|_| self.corrupt()),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn binary(&self, name: &str) -> Result<&[u8], StoreError> {
        match self.attributes.get(name) {
            Some(AttributeValue::B(b)) => Ok(b.as_ref()),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        Timestamp::from_millisecond(self.number(name)?).map_err(|_| self.corrupt())
    }

    pub(crate) fn time_if_any(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        if self.has(name) { self.time(name).map(Some) } else { Ok(None) }
    }

    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|_| self.corrupt())
    }

    pub(crate) fn unpacked(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        unpack(self.binary(name)?, self.what)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        unpack_json(self.binary(name)?, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_value_comes_back(bytes in proptest::collection::vec(0u8..8, 0..3000)) {
            let packed = pack(&bytes).expect("small enough");
            prop_assert!(packed.len() <= bytes.len() + 1);
            prop_assert_eq!(unpack(&packed, "value"), Ok(bytes));
        }

        #[test]
        fn bytes_that_were_never_packed_are_an_error_or_a_value_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes, "value");
        }
    }

    #[test]
    fn a_claimed_size_beyond_the_cap_is_refused_before_memory_is_taken() {
        let mut packed = vec![LZ4_1];
        packed.extend_from_slice(&u32::MAX.to_le_bytes());
        packed.extend_from_slice(&[0; 16]);
        assert_eq!(unpack(&packed, "value"), Err(StoreError::Corrupt { what: "value" }));
    }

    #[test]
    fn what_could_not_be_read_back_is_not_packed() {
        assert_eq!(pack(&vec![0; MAX_VALUE + 1]), Err(StoreError::TooLarge));
        assert!(pack(&vec![0; MAX_VALUE]).is_ok());
    }

    #[test]
    fn the_dictionary_is_the_one_that_stored_values_were_packed_with() {
        let frozen = "0881eeb41ffa0ea4387294b4faef98c241061c5360e627b453f45780f02f669d";
        assert_eq!(blake3::hash(DICTIONARY_1).to_hex().as_str(), frozen);
    }

    #[test]
    fn short_values_stay_readable() {
        assert_eq!(pack(b"{\"a\":1}").expect("small"), b"\0{\"a\":1}");
    }
}
