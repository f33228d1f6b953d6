//! How a canonical value is read and written as a string.
//!
//! A value of another JSON type is refused without being quoted: serde's own
//! message would repeat it, and it may be personal. That takes asking the format
//! for any value: asked for a string, it answers with that message by itself.

use serde::de::{Error, Visitor};
use std::{fmt, marker::PhantomData, str::FromStr};

use crate::ValueError;

/// Reads a string and makes a `T` of it.
pub(super) struct StringVisitor<T>(PhantomData<T>);

impl<T> StringVisitor<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FromStr<Err = ValueError>> Visitor<'_> for StringVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, s: &str) -> Result<T, E> {
        s.parse().map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<T, E> {
        Err(E::custom("expected a string, found a boolean"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<T, E> {
        Err(E::custom("expected a string, found a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<T, E> {
        Err(E::custom("expected a string, found a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Err(E::custom("expected a string, found a number"))
    }
}

/// Gives a type with `FromStr` and `as_str`-like access its `Display`, `AsRef<str>` and serde forms.
macro_rules! as_string {
    ($t:ty, $get:ident) => {
        impl std::fmt::Display for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.$get())
            }
        }

        impl AsRef<str> for $t {
            fn as_ref(&self) -> &str {
                self.$get()
            }
        }

        impl serde::Serialize for $t {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.$get())
            }
        }

        impl<'de> serde::Deserialize<'de> for $t {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_any($crate::value::strings::StringVisitor::new())
            }
        }
    };
}

/// Keeps a personal value out of logs: `Debug` says its kind and its length.
macro_rules! redacted {
    ($t:ident, $get:ident) => {
        impl std::fmt::Debug for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}(*** {})", stringify!($t), self.$get().chars().count())
            }
        }
    };
}

pub(super) use {as_string, redacted};
