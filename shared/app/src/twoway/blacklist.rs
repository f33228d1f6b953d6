//! Whether a contact stands on the ERP's blacklist: asked when a person looks.
//!
//! Decides by which of a contact's values it is asked and for how long an
//! answer is good. That a company has no blacklist, and that it cannot be
//! asked, are answers of their own: only the ERP says "not listed".

use std::collections::BTreeSet;

use domain::{Fields, Object, RecordId};
use erp::client::{BlacklistKey, ErpError, Listing};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{StoreError, Tenant};
use thiserror::Error;

use crate::Services;
use crate::connect::ConnectError;
use crate::pacing;

/// The kind of look, in the table.
const WHAT: &str = "BLACKLIST";
/// The most values of a contact that are asked for.
const MOST: usize = 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "by", content = "value", rename_all = "snake_case")]
pub enum Asked {
    /// An e-mail address.
    Email(String),
    /// A phone number.
    Phone(String),
    /// The name.
    Name(String),
}

/// A value of the contact that is on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The value.
    pub asked: Asked,
    /// Why, as the ERP has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a contact stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// By these values.
    Listed(Vec<Hit>),
    /// By none.
    NotListed,
    /// The company has no blacklist in the ERP.
    NotAvailable,
    /// The connection names no user of the ERP in whose name it could be asked.
    NoUser,
    /// It has more values than are asked for, and none of those asked for is on the blacklist.
    TooMany,
}

/// What a look found, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// How the contact stands.
    pub standing: Standing,
    /// When the ERP was asked.
    pub at: Timestamp,
}

/// Why it cannot be said.
#[derive(Debug, Error)]
pub enum LookError {
    /// There is no such contact.
    #[error("there is no such contact")]
    NotFound,
    /// No company is connected.
    #[error("no company is connected")]
    NoConnection,
    /// The ERP could not be asked.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a contact stands on the ERP's blacklist. An answer of the last few minutes is good.
pub async fn look(services: &Services, tenant: &Tenant, id: RecordId) -> Result<Look, LookError> {
    let now = services.clock.now();
    let row = if id.object() == Object::Contacts { tenant.row(id).await? } else { None };
    let entry = super::rows::entry_of_row(&row.ok_or(LookError::NotFound)?)?;
    let connection = tenant.connection().await?.ok_or(LookError::NoConnection)?;
    let secrets = services.secrets.get(tenant.id()).await.map_err(ConnectError::from)?;
    let Some(user) = secrets.erp_user.clone() else {
        return Ok(Look { standing: Standing::NoUser, at: now });
    };
    if let Some(kept) = tenant.kept_look(WHAT, id, entry.revision, now).await? {
        return serde_json::from_slice(&kept).map_err(|_| StoreError::Corrupt { what: "look" }.into());
    }
    let client = crate::reading::client(services, &connection.base_url, &connection.company_id, &secrets)?;
    let who = services.one_time_name();
    pacing::claim(tenant, &services.clock, &who).await.map_err(ConnectError::from)?;
    let standing = ask(&client, &user, &entry.crm).await;
    tenant.release_search(&who).await?;
    let look = Look { standing: standing.map_err(ConnectError::from)?, at: now };
    let bytes = serde_json::to_vec(&look).map_err(|_| StoreError::Corrupt { what: "look" })?;
    tenant.keep_look(WHAT, id, entry.revision, &bytes, now).await?;
    Ok(look)
}

async fn ask(client: &erp::Client, user: &str, fields: &Fields) -> Result<Standing, ErpError> {
    let asked = values(fields);
    let mut hits = Vec::new();
    for value in asked.iter().take(MOST) {
        let key = match value {
            Asked::Email(email) => BlacklistKey::Email(email),
            Asked::Phone(phone) => BlacklistKey::Phone(phone),
            Asked::Name(name) => BlacklistKey::Name(name),
        };
        match client.blacklisted(user, key).await? {
            Listing::Listed { reason } => hits.push(Hit { asked: value.clone(), reason }),
            Listing::NotListed => {}
            Listing::NotAvailable => return Ok(Standing::NotAvailable),
        }
    }
    Ok(match (hits.is_empty(), asked.len() > MOST) {
        (false, _) => Standing::Listed(hits),
        (true, true) => Standing::TooMany,
        (true, false) => Standing::NotListed,
    })
}

/// The values of a contact that may be on the blacklist. A Slovenian number may stand there with its country or without.
fn values(fields: &Fields) -> BTreeSet<Asked> {
    let mut out = BTreeSet::new();
    for (_, person) in fields.iter().filter(|(piece, _)| piece.starts_with("persons/")) {
        let text = |key: &str| person.get(key).and_then(Value::as_str).map(str::to_owned);
        out.extend(text("email").map(Asked::Email));
        for phone in ["mobile", "phone"].into_iter().filter_map(text) {
            out.extend(phone.strip_prefix("+386").map(|rest| Asked::Phone(format!("0{rest}"))));
            out.insert(Asked::Phone(phone));
        }
    }
    out.extend(fields.get("name").and_then(Value::as_str).map(|name| Asked::Name(name.to_owned())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_contact_is_asked_for_by_its_mailboxes_its_numbers_and_its_name() {
        let fields = Fields::from_iter([
            ("name", json!("Ana d.o.o.")),
            ("persons/1", json!({ "email": "ana@ana.si", "mobile": "+38640111222" })),
            ("persons/2", json!({ "email": "ana@ana.si", "phone": "+4315550000", "fax": "+38615550000" })),
        ]);
        let text = |s: &str| s.to_owned();
        let expected = [
            Asked::Email(text("ana@ana.si")),
            Asked::Phone(text("+38640111222")),
            Asked::Phone(text("+4315550000")),
            Asked::Phone(text("040111222")),
            Asked::Name(text("Ana d.o.o.")),
        ];
        assert_eq!(values(&fields).into_iter().collect::<Vec<_>>(), expected);
    }
}
