//! The wire types: what Metakocka's JSON looks like, before anything is made of it.
//!
//! A field is a span of the source. Every shape that is JSON can be read: a
//! list that came as one object, a number where text is usual, an unknown key,
//! a second value of the same key. Nothing is refused here and nothing is lost;
//! what does not fit shows when a value is converted (`convert`), with its path.
//! These types stay within the crate.

#![expect(clippy::struct_field_names, reason = "the names are the ERP's")]

#[macro_use]
mod declaration;

mod bank;
mod complaint;
mod document;
mod envelope;
mod index;
mod message;
mod order;
mod partner;
mod product;
mod record;
mod row;
mod rows;
mod search;
mod shop;
mod stock;
mod text;
mod unread;
mod workorder;

pub(crate) use bank::*;
pub(crate) use complaint::*;
pub(crate) use document::*;
pub(crate) use envelope::*;
pub(crate) use index::Index;
pub(crate) use message::*;
pub(crate) use order::*;
pub(crate) use partner::*;
pub(crate) use product::*;
pub(crate) use record::{Fields, Keyed, Rest, Value, present};
pub(crate) use row::*;
pub(crate) use rows::{Item, Rows, Texts};
pub(crate) use search::*;
pub(crate) use shop::*;
pub(crate) use stock::*;
pub(crate) use text::{Oddity, Text};
pub(crate) use unread::*;
pub(crate) use workorder::*;
