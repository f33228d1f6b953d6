//! The ERP's endpoints: which path leads to which handler, and what a handler gets and gives.
//!
//! A handler works on one company under its lock, writes the fields of its answer and
//! knows nothing of HTTP, faults or locks.

pub(crate) mod attachments;
pub(crate) mod bank;
pub(crate) mod blacklist;
pub(crate) mod carts;
pub(crate) mod complaints;
pub(crate) mod documents;
pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod heads;
pub(crate) mod inventory;
pub(crate) mod matching;
pub(crate) mod messages;
pub(crate) mod partners;
pub(crate) mod payments;
pub(crate) mod products;
pub(crate) mod reports;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod shipping;
pub(crate) mod stock;
pub(crate) mod transfers;
pub(crate) mod updates;

use crate::model::Id;
use crate::state::company::Company;
use crate::state::documents::Author;
use crate::wire::json::{Obj, object};
use fields::Fields;
use jiff::Timestamp;

/// What a handler works on.
pub(crate) struct Call<'a> {
    pub(crate) company: &'a mut Company,
    pub(crate) body: Fields<'a>,
    pub(crate) now: Timestamp,
    /// Where this simulator is reached, for the URLs in answers.
    pub(crate) base: &'a str,
    /// A search that must look empty.
    pub(crate) seem_empty: bool,
    /// How many rows must be missing from the middle of the page.
    pub(crate) drop_rows: usize,
    /// An answer that is no object: bytes with their content type.
    pub(crate) whole: Option<(&'static str, Vec<u8>)>,
}

impl Call<'_> {
    /// Who makes the change and what the change log says.
    pub(crate) fn user(&self) -> String {
        self.body.text("api_user_email").unwrap_or_else(|| "api".to_owned())
    }

    /// The note for the change log, at most 50 characters.
    pub(crate) fn notes(&self) -> Result<Option<String>, Refusal> {
        let notes = self.body.text("document_change_log_notes");
        if notes.as_ref().is_some_and(|notes| notes.chars().count() > 50) {
            return Err(Refusal::invalid("document_change_log_notes is longer than 50 characters"));
        }
        Ok(notes)
    }

    /// A page of a list with the rows left out that a fault takes from its middle.
    pub(crate) fn cut_page<T>(&self, mut page: Vec<T>) -> Vec<T> {
        let drop = self.drop_rows.min(page.len());
        let from = (page.len() - drop) / 2;
        page.drain(from..from + drop);
        page
    }

    /// A token as the ERP makes them, different each time, the same for the same seed.
    pub(crate) fn token(&mut self) -> String {
        token(self.company)
    }
}

/// A token in the form of a UUID made from the company's counter.
pub(crate) fn token(company: &mut Company) -> String {
    let mut state = company.next_id() ^ 0x9e37_79b9_7f4a_7c15;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let (high, low) = (next(), next());
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// The author of a change made through the API.
pub(crate) fn author<'a>(user: &'a str, now: Timestamp, notes: Option<&'a str>) -> Author<'a> {
    Author { user, now, notes }
}

/// Why a call is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u8,
    pub(crate) app: Option<u8>,
    pub(crate) text: String,
    /// Further fields of the answer, as JSON.
    pub(crate) extra: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A code with its text.
    pub(crate) fn new(code: u8, text: impl Into<String>) -> Self {
        Self { code, app: None, text: text.into(), extra: Vec::new() }
    }

    /// Code 2: missing, of the wrong form, or not found.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(2, text)
    }

    /// Code 6: an application error.
    pub(crate) fn application(text: impl Into<String>) -> Self {
        Self::new(6, text)
    }

    /// Says which partner was used although the call failed.
    pub(crate) fn with_partner(mut self, partner: Option<Id>) -> Self {
        if let Some(id) = partner {
            self.extra.push(("partner", object(|obj| obj.show("mk_id", id))));
        }
        self
    }
}

/// A handler's result.
pub(crate) type Done = Result<(), Refusal>;

/// What answers a call.
pub(crate) type Handler = fn(&mut Call<'_>, &mut Obj<'_>) -> Done;

/// One endpoint.
pub(crate) struct Endpoint {
    /// The last part of the path.
    pub(crate) name: &'static str,
    /// The path families under which it is found.
    pub(crate) prefixes: &'static [&'static str],
    /// What queue it waits in.
    pub(crate) class: Class,
    /// Answers carry `opr_time_no_lock_ms`.
    pub(crate) newer: bool,
    /// Answers carry no `opr_code` unless the company's switch says so.
    pub(crate) bare: bool,
    /// The middle of its latencies in milliseconds.
    pub(crate) latency: u32,
    pub(crate) handler: Handler,
}

/// Which queue a call waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The company's search lock.
    Search,
    /// The search lock when the company's switch says so.
    Slow,
    /// None.
    Free,
}

/// The endpoint of a path.
pub(crate) fn find(path: &str) -> Option<&'static Endpoint> {
    let (prefix, name) = path.rsplit_once('/')?;
    routes::ENDPOINTS.iter().find(|endpoint| endpoint.name == name && endpoint.prefixes.contains(&prefix))
}
