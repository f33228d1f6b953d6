//! The blacklist: whether a partner stands on it, by one key at a time.
//!
//! Decides what an answer means. The documentation shows none, so every form
//! that it may have is read, and one that says neither yes nor no is an error:
//! "not listed" is only what the ERP says.

use super::{
    AnswerOf, Client, ErpError,
    call::SEARCH_BLACKLIST,
    page::{check_count, count},
};
use crate::{
    convert::At,
    wire::{BlacklistAnswer, BlacklistEntry, Text},
};

/// What the blacklist is searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlacklistKey<'a> {
    /// An e-mail address.
    Email(&'a str),
    /// A phone number.
    Phone(&'a str),
    /// A name.
    Name(&'a str),
}

/// What the ERP says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It is on the blacklist.
    Listed {
        /// Why, as the ERP has it.
        reason: Option<String>,
    },
    /// It is not.
    NotListed,
    /// The company has no blacklist.
    NotAvailable,
}

impl Client {
    /// Whether a key is on the blacklist. `user` is the e-mail address of a user of the ERP, which it asks for.
    ///
    /// # Errors
    ///
    /// The ERP did not answer, or its answer says neither.
    pub async fn blacklisted(&self, user: &str, key: BlacklistKey<'_>) -> Result<Listing, ErpError> {
        let body = self.body(|object| {
            object.text("api_user_email", user);
            match key {
                BlacklistKey::Email(email) => object.text("partner_email", email),
                BlacklistKey::Phone(phone) => object.text("partner_phone_number", phone),
                BlacklistKey::Name(name) => object.text("partner_name", name),
            }
        });
        match self.ask(&SEARCH_BLACKLIST, body, |answer| listing(answer, key)).await {
            Err(ErpError::NotFound { .. }) => Ok(Listing::NotListed),
            // With the feature off the ERP answers as to a failure within.
            Err(ErpError::Server { erp_code, .. }) if erp_code == "1" => Ok(Listing::NotAvailable),
            other => other,
        }
    }
}

fn listing(answer: &AnswerOf<'_>, key: BlacklistKey<'_>) -> Result<Listing, ErpError> {
    let found = answer.read::<BlacklistAnswer<'_>>()?;
    let said = count(answer, found.partner_list_count)?;
    check_count(answer, said, found.partner_list.items().len())?;
    let entries = [&found.partner_list, &found.blacklist, &found.result];
    let hit = entries.iter().flat_map(|rows| rows.objects()).find(|entry| is_meant(entry, key));
    if let Some(entry) = hit {
        return Ok(Listing::Listed { reason: text(entry.reason) });
    }
    let flags = [found.is_on_blacklist, found.on_blacklist, found.blacklisted];
    let flags: Vec<bool> =
        flags.into_iter().filter_map(|flag| At::Root.field("on_blacklist", flag).flag().ok()?).collect();
    if flags.contains(&true) {
        return Ok(Listing::Listed { reason: None });
    }
    let has_rows = entries.iter().any(|rows| !rows.items().is_empty());
    if said.is_some() || has_rows || flags.contains(&false) {
        return Ok(Listing::NotListed);
    }
    Err(answer.inconsistent("it says neither that it is on the blacklist nor that it is not"))
}

/// Whether an entry is for the key: a search may bring what is only like it.
fn is_meant(entry: &BlacklistEntry<'_>, key: BlacklistKey<'_>) -> bool {
    let (wanted, said): (&str, Vec<Text<'_>>) = match key {
        BlacklistKey::Email(email) => (email, vec![entry.email]),
        BlacklistKey::Phone(phone) => (phone, vec![entry.phone, entry.gsm, entry.mobilephone]),
        BlacklistKey::Name(name) => (name, vec![entry.customer, entry.name]),
    };
    let said: Vec<String> = said.into_iter().filter_map(text).collect();
    said.is_empty() || said.iter().any(|own| folded(own) == folded(wanted))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn text(text: Text<'_>) -> Option<String> {
    text.decode().ok().flatten().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
