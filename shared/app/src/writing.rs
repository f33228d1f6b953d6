//! Writing to the ERP and searching it, for the two-way engine.
//!
//! Turns one operation into calls of the client and the end of the calls into an
//! outcome. What the ERP's API cannot carry is refused before anything is sent;
//! what failed in a way that leaves its effect open is unknown, and never sent
//! again from here. Makes no choices about values: the engine says what is
//! written and judges what a search brings.

mod acts;
mod contacts;
mod documents;
mod lines;
mod offers;
mod orders;
mod piece;
mod probe;
mod products;
mod side;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::fields::field_of;
use domain::{Delete, DocumentKind, ErpId, Object, Product, Put, Record, Update};
use erp::{Client, Effect, ErpError};
use serde_json::Value;
use sync::twoway::{Op, Outcome};

pub(crate) use probe::Control;
pub(crate) use side::Lookup;

/// The longest that an operation may take from its first read to its last answer. What is under way then is given up
/// with an unknown effect. The waits of the engine count on it.
pub(crate) const LONGEST: Duration = Duration::from_secs(150);
/// Reads that run side by side. They take no search slot.
const READS: usize = 2;
/// What stands for a product that could not be deleted and is out of use instead.
const DEACTIVATED: &str = "deactivated";

/// The way to write to one company.
pub(crate) struct Writer<'a> {
    client: &'a Client,
    products: BTreeMap<ErpId, Product>,
    kind: Option<DocumentKind>,
    floor: Option<ErpId>,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client, products: BTreeMap::new(), kind: None, floor: None }
    }

    /// The same, knowing products as they were read last. A line names a product by its id, and the ERP finds it by its
    /// code only: what is not known here is looked up by the code that the line itself has.
    pub(crate) fn with_products(mut self, products: impl IntoIterator<Item = Product>) -> Self {
        self.products.extend(products.into_iter().map(|product| (product.erp_id, product)));
        self
    }

    /// The same, searching from the newest document down to what was there before a sending.
    pub(crate) const fn down_to(mut self, floor: Option<ErpId>) -> Self {
        self.floor = floor;
        self
    }

    /// The same for a document of a kind. A new one says its kind itself.
    pub(crate) const fn of_kind(mut self, kind: Option<DocumentKind>) -> Self {
        self.kind = kind;
        self
    }

    /// Carries out one operation. `open` is asked immediately before the first byte of each call that writes: what it
    /// does not let through is not sent.
    pub(crate) async fn send(&self, object: Object, op: &Op, open: impl Fn() -> bool + Send + Sync) -> Outcome {
        // An update that is sent twice is the same; of a create, a part that was made cannot be taken back.
        let mut attempt =
            Attempt { open: &open, repeatable: !matches!(op, Op::Create { .. }), begun: false, done: false };
        let ended = tokio::time::timeout(LONGEST, self.carry_out(object, op, &mut attempt)).await;
        match ended {
            Ok(Ok(erp_id)) => Outcome::Done { erp_id },
            Ok(Err(outcome)) => outcome,
            Err(_) if attempt.begun => Outcome::Unknown,
            Err(_) => Outcome::NotSent,
        }
    }

    async fn carry_out(&self, object: Object, op: &Op, attempt: &mut Attempt<'_>) -> Result<ErpId, Outcome> {
        match (object, op) {
            (Object::Contacts, Op::Create { fields, .. }) => self.create_contact(fields, attempt).await,
            (Object::Contacts, Op::Update { erp_id, set }) => self.update_contact(*erp_id, set, attempt).await,
            (Object::Products, Op::Create { fields, marker }) => self.create_product(fields, marker, attempt).await,
            (Object::Products, Op::Update { erp_id, set }) => self.update_product(*erp_id, set, attempt).await,
            (Object::Products, Op::Delete { erp_id }) => self.delete_product(*erp_id, attempt).await,
            (object, op) if object.is_document() => self.carry_out_document(object, op, attempt).await,
            // Partners cannot be deleted, and stock is not ours to write.
            _ => Err(piece::Refused::not_in_api("").into()),
        }
    }

    /// What the API can do with a kind of document is in its entry.
    async fn carry_out_document(&self, object: Object, op: &Op, attempt: &mut Attempt<'_>) -> Result<ErpId, Outcome> {
        let only = || DocumentKind::of(object).next();
        let known = || self.kind.or_else(only).ok_or_else(|| piece::Refused::missing("kind"));
        match op {
            Op::Create { fields, marker } => {
                let kind = fields.kind(object).ok_or_else(|| piece::Refused::missing("kind"))?;
                match kind.entry().put {
                    Some(Put::Document | Put::Transfer | Put::WorkOrder) => {
                        self.create_document(kind, fields, marker, attempt).await
                    }
                    // A complaint is opened by an action: its call answers without an id.
                    Some(Put::Complaint) | None => Err(piece::Refused::not_in_api("").into()),
                }
            }
            Op::Update { erp_id, set } => {
                let kind = known()?;
                match kind.entry().update {
                    Update::Whole => self.rewrite(kind, *erp_id, set, attempt).await,
                    Update::Fields | Update::WorkOrder => self.update_fields(kind, *erp_id, set, attempt).await,
                    Update::Transfer => self.update_transfer(kind, *erp_id, set, attempt).await,
                    Update::Status | Update::Complaint => self.set_status(kind, *erp_id, set, attempt).await,
                }
            }
            Op::Delete { erp_id } => {
                let kind = known()?;
                match kind.entry().delete {
                    Delete::Document => self.delete_document(kind, *erp_id, attempt).await,
                    Delete::NotInApi | Delete::Never => Err(piece::Refused::not_in_api("").into()),
                }
            }
        }
    }
}

/// The products that must be known for an operation: pass them to [`Writer::with_products`]. `record` is what the ERP has
/// of the record, as it was read last.
pub(crate) fn products_needed(object: Object, op: &Op, record: Option<&Record>) -> BTreeSet<ErpId> {
    let of_line = |value: &Value| value.get("product")?.as_str()?.parse().ok();
    let is_line = |piece: &str| field_of(piece) == "lines";
    let mut needed: BTreeSet<ErpId> = match op {
        Op::Create { fields, .. } => {
            fields.iter().filter(|(piece, _)| is_line(piece)).filter_map(|(_, value)| of_line(value)).collect()
        }
        Op::Update { erp_id, .. } if object == Object::Products => BTreeSet::from([*erp_id]),
        Op::Update { set, .. } => {
            set.iter().filter(|(piece, _)| is_line(piece)).filter_map(|(_, value)| of_line(value.as_ref()?)).collect()
        }
        Op::Delete { .. } => BTreeSet::new(),
    };
    // Some are written whole, the lines that stay as they are included.
    if let (Op::Update { .. }, Some(Record::Document(document))) = (op, record)
        && matches!(document.kind.entry().update, Update::Whole | Update::Transfer)
    {
        needed.extend(document.lines.iter().filter_map(|line| line.product));
    }
    needed
}

/// The calls of one operation that write.
struct Attempt<'a> {
    open: &'a (dyn Fn() -> bool + Send + Sync),
    /// Whether the calls may be made again after some of them.
    repeatable: bool,
    /// A call was begun.
    begun: bool,
    /// A call succeeded.
    done: bool,
}

/// Why a call that writes brought nothing.
enum Failed {
    /// It was not let through.
    Shut,
    /// It was, and failed.
    Erp(ErpError),
}

impl Attempt<'_> {
    /// Makes a call, if it is let through.
    async fn call<T>(&mut self, call: impl Future<Output = Result<T, ErpError>>) -> Result<T, Outcome> {
        self.try_call(call).await.map_err(|failed| self.outcome(&failed))
    }

    async fn try_call<T>(&mut self, call: impl Future<Output = Result<T, ErpError>>) -> Result<T, Failed> {
        if !(self.open)() {
            return Err(Failed::Shut);
        }
        self.begun = true;
        let answer = call.await.map_err(Failed::Erp)?;
        self.done = true;
        Ok(answer)
    }

    fn outcome(&self, failed: &Failed) -> Outcome {
        let outcome = match failed {
            Failed::Shut => Outcome::NotSent,
            Failed::Erp(error) => {
                tracing::warn!(code = error.code(), "a write to the ERP failed");
                outcome_of(error)
            }
        };
        if self.done && !self.repeatable { Outcome::Unknown } else { outcome }
    }
}

/// What a failed write means.
fn outcome_of(error: &ErpError) -> Outcome {
    if error.effect() == Effect::Unknown {
        return Outcome::Unknown;
    }
    match error {
        ErpError::Transport { .. } | ErpError::Quota { .. } => Outcome::NotSent,
        ErpError::Auth { .. } | ErpError::IpDenied { .. } | ErpError::Misconfigured { .. } => Outcome::NoAccess,
        ErpError::Duplicate { existing, .. } => Outcome::Duplicate { found: existing.clone() },
        ErpError::Invalid { .. } | ErpError::NotFound { .. } | ErpError::Application { .. } => {
            Outcome::Rejected { code: error.code().to_owned() }
        }
        _ => Outcome::Unknown,
    }
}

/// What a read that failed before anything was written means: the record is looked at again later.
fn unread(error: &ErpError) -> Outcome {
    tracing::warn!(code = error.code(), "a read before a write failed");
    match error {
        ErpError::Auth { .. } | ErpError::IpDenied { .. } | ErpError::Misconfigured { .. } => Outcome::NoAccess,
        _ => Outcome::NotSent,
    }
}
