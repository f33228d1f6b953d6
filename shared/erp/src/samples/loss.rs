//! Compares two JSON texts value by value, with serde_json as the reader.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt};

use super::DecodeError;

/// How often each value stands at each path.
type Leaves = BTreeMap<(String, String), i64>;

/// Members in the order of the source, equal keys included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Self)
    }
}

/// Paths at which the two texts differ: a value that only one of them has. A list of one counts as its element.
pub(super) fn differences(source: &[u8], other: &[u8]) -> Result<Vec<String>, DecodeError> {
    let mut leaves = Leaves::new();
    collect(source, &mut String::new(), 1, &mut leaves)?;
    collect(other, &mut String::new(), -1, &mut leaves)?;
    Ok(leaves.into_iter().filter(|(_, count)| *count != 0).map(|((path, _), _)| path).collect())
}

fn collect(raw: &[u8], path: &mut String, step: i64, leaves: &mut Leaves) -> Result<(), DecodeError> {
    let bad = |path: &str| DecodeError::BadText { path: path.to_owned() };
    let leaf = match raw.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {
            let members: Members<'_> = serde_json::from_slice(raw).map_err(|_| bad(path))?;
            if !members.0.is_empty() {
                return members.0.iter().try_for_each(|(key, value)| {
                    within(path, &format!(".{key}"), |path| collect(value.get().as_bytes(), path, step, leaves))
                });
            }
            "{}".to_owned()
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_slice(raw).map_err(|_| bad(path))?;
            match elements.as_slice() {
                [] => "[]".to_owned(),
                [one] => return collect(one.get().as_bytes(), path, step, leaves),
                many => {
                    return many.iter().enumerate().try_for_each(|(index, value)| {
                        within(path, &format!("[{index}]"), |path| collect(value.get().as_bytes(), path, step, leaves))
                    });
                }
            }
        }
        Some(b'"') => {
            let text: String = serde_json::from_slice(raw).map_err(|_| bad(path))?;
            if text.contains('\0') {
                return Err(bad(path));
            }
            text
        }
        _ => String::from_utf8_lossy(raw).trim().to_owned(),
    };
    *leaves.entry((path.clone(), leaf)).or_default() += step;
    Ok(())
}

fn within<T>(path: &mut String, segment: &str, f: impl FnOnce(&mut String) -> T) -> T {
    let len = path.len();
    path.push_str(segment);
    let result = f(path);
    path.truncate(len);
    result
}
