//! Carrying out reads of the ERP: each becomes one or a few calls, and a page for the machine.
//!
//! Only a whole, consistent answer becomes a page. Anything else is a failure
//! with a code; nothing here guesses what a missing row means.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cloud::{SecretsError, TenantSecrets};
use domain::{ContentHash, DocumentKind, ErpId, Object, Record};
use erp::client::{
    Direction, Filter as Condition, PartnerKey, ProductQuery, RetryPolicy, RowError, SearchQuery, StockQuery,
    UnreadPage, UnreadRow,
};
use erp::{Client, ClientConfig, ErpError, IncomingRow, StockRow};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use secrecy::ExposeSecret as _;
use store::{Connection, Tenant};
use sync::{Failure, Filter, LookupItem, Page, Read, Row, RowOutcome};

use crate::Services;
use crate::connect::ConnectError;

/// Rows of a full page of documents.
const DOCUMENT_PAGE: u64 = 100;
/// Rows of a full page of products.
const PRODUCT_PAGE: u64 = 1_000;
/// Lookups that run side by side. They take no search slot.
const LOOKUPS: usize = 2;
/// How often an answer that contradicts itself is asked for again: rows move while the ERP counts them.
const CONTRADICTIONS: usize = 2;

/// Goes into the hash of every row. Raise it when a conversion changes what a row means: every row is read anew then.
const FORM: &[u8] = b"3";

/// A row of the last page, to be read when the machine asks for it.
enum Kept {
    Product(UnreadRow),
    Document(DocumentKind, UnreadRow),
    Read(RowOutcome),
}

/// A page for the machine, and its rows.
#[derive(Default)]
struct Answer {
    page: Page,
    rows: BTreeMap<ErpId, Kept>,
}

/// What a read brought.
pub(crate) enum Fetched {
    Page(Page),
    Failed(Failure),
}

/// The way to one company.
pub(crate) struct Erp<'a> {
    services: &'a Services,
    tenant: &'a Tenant,
    connection: &'a Connection,
    secrets: Arc<TenantSecrets>,
    client: Client,
    lost_access: Option<&'static str>,
    rows: BTreeMap<ErpId, Kept>,
}

/// A client for a company, if its address is allowed.
pub(crate) fn client(
    services: &Services,
    base_url: &str,
    company_id: &str,
    secrets: &TenantSecrets,
) -> Result<Client, ConnectError> {
    client_with(services, base_url, company_id, secrets, services.erp.retry)
}

/// The same with retries of its own.
pub(crate) fn client_with(
    services: &Services,
    base_url: &str,
    company_id: &str,
    secrets: &TenantSecrets,
    retry: RetryPolicy,
) -> Result<Client, ConnectError> {
    if !services.erp.allows(base_url) {
        return Err(ConnectError::HostNotAllowed);
    }
    let mut config = ClientConfig::new(base_url, company_id, secrets.erp_key.clone());
    config.retry = retry;
    Ok(Client::new(config)?)
}

impl<'a> Erp<'a> {
    pub(crate) async fn new(
        services: &'a Services,
        tenant: &'a Tenant,
        connection: &'a Connection,
    ) -> Result<Self, ReadError> {
        let secrets = services.secrets.get(tenant.id()).await?;
        let client = client(services, &connection.base_url, &connection.company_id, &secrets)?;
        Ok(Self { services, tenant, connection, secrets, client, lost_access: None, rows: BTreeMap::new() })
    }

    /// The client.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Why the ERP no longer lets us in, if so.
    pub(crate) const fn lost_access(&self) -> Option<&'static str> {
        self.lost_access
    }

    /// Reads. A key that is refused is asked for anew once: it may have been rotated.
    pub(crate) async fn read(&mut self, read: Read) -> Result<Fetched, ReadError> {
        let mut answer = fetch(&self.client, &read).await;
        if matches!(answer, Err(ErpError::Auth { .. })) && self.renew_key().await? {
            answer = fetch(&self.client, &read).await;
        }
        Ok(match answer {
            Ok(answer) => {
                self.rows = answer.rows;
                Fetched::Page(answer.page)
            }
            Err(error) => {
                if matches!(error, ErpError::Auth { .. } | ErpError::IpDenied { .. }) {
                    self.lost_access = Some(error.code());
                }
                tracing::warn!(code = error.code(), "a read of the ERP failed");
                Fetched::Failed(failure(&error))
            }
        })
    }

    /// What rows of the last page are.
    pub(crate) fn read_rows(&mut self, ids: &[ErpId]) -> BTreeMap<ErpId, RowOutcome> {
        let read = |id: &ErpId| {
            let outcome = match self.rows.remove(id)? {
                Kept::Read(outcome) => outcome,
                Kept::Product(row) => outcome_of(row.product().map(|p| Record::Product(Box::new(p)))),
                Kept::Document(kind, row) => outcome_of(row.document(kind).map(|d| Record::Document(Box::new(d)))),
            };
            Some((*id, outcome))
        };
        ids.iter().filter_map(read).collect()
    }

    async fn renew_key(&mut self) -> Result<bool, ReadError> {
        let fresh = self.services.secrets.get_fresh(self.tenant.id()).await?;
        let is_new = fresh.erp_key.expose_secret() != self.secrets.erp_key.expose_secret();
        if is_new {
            let (url, company) = (&self.connection.base_url, &self.connection.company_id);
            self.client = client(self.services, url, company, &fresh)?.counting_with(&self.client);
            self.secrets = fresh;
        }
        Ok(is_new)
    }
}

/// Why no read could be made at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The secrets could not be read.
    #[error("the secrets could not be read")]
    Secrets(#[from] SecretsError),
    /// The connection names an address that is not allowed (any more).
    #[error("the connection cannot be used")]
    Connection(#[source] Box<ConnectError>),
}

impl From<ConnectError> for ReadError {
    fn from(error: ConnectError) -> Self {
        Self::Connection(Box::new(error))
    }
}

fn failure(error: &ErpError) -> Failure {
    let ends_run = matches!(
        error,
        ErpError::Transport { .. }
            | ErpError::Unavailable { .. }
            | ErpError::Auth { .. }
            | ErpError::IpDenied { .. }
            | ErpError::Quota { .. }
            | ErpError::Misconfigured { .. }
    );
    let lost = matches!(error, ErpError::Auth { .. } | ErpError::IpDenied { .. } | ErpError::Misconfigured { .. });
    Failure { code: error.code().to_owned(), message: error.to_string(), retryable: !lost, ends_run }
}

async fn fetch(client: &Client, read: &Read) -> Result<Answer, ErpError> {
    let mut left = CONTRADICTIONS;
    loop {
        match fetch_once(client, read).await {
            Err(ErpError::Inconsistent { .. }) if left > 0 => left -= 1,
            answer => return answer,
        }
    }
}

async fn fetch_once(client: &Client, read: &Read) -> Result<Answer, ErpError> {
    match read {
        Read::Warehouses => {
            let rows = client.warehouses().await?;
            // A warehouse that does not fit is left out of the register; documents still name it by its mark.
            let page = Page { warehouses: rows.into_iter().filter_map(Result::ok).collect(), ..Page::default() };
            Ok(Answer { page, rows: BTreeMap::new() })
        }
        Read::Products { offset } => {
            let page = client.products_unread(&ProductQuery { offset: *offset, ..ProductQuery::default() }).await?;
            Ok(unread(page, PRODUCT_PAGE, Kept::Product))
        }
        Read::Documents { kind, filter, offset } => {
            let (filters, direction) = conditions(*filter);
            let query = SearchQuery { filters, direction, offset: *offset, ..SearchQuery::all(*kind) };
            let page = client.search_unread(&query).await?;
            Ok(unread(page, DOCUMENT_PAGE, |row| Kept::Document(*kind, row)))
        }
        Read::Stock { products } => stock(client, products).await,
        Read::Contacts { ids } => one_by_one(ids.clone(), |id| contact(client, id)).await,
        Read::Lookup { object, items } => one_by_one(items.clone(), |item| look_up(client, *object, item)).await,
    }
}

fn conditions(filter: Filter) -> (Vec<Condition>, Direction) {
    match filter {
        Filter::All => (Vec::new(), Direction::Ascending),
        Filter::Newest => (Vec::new(), Direction::Descending),
        Filter::Unpaid => (vec![Condition::Paid(false)], Direction::Ascending),
        Filter::Window { from, to } => {
            (vec![Condition::ChangedFrom(from), Condition::ChangedTo(to)], Direction::Ascending)
        }
    }
}

/// A page whose rows are read when the machine asks for them.
fn unread(page: UnreadPage, page_size: u64, keep: impl Fn(UnreadRow) -> Kept) -> Answer {
    let mut answer = Answer { page: Page { total: page.total, page_size, ..Page::default() }, rows: BTreeMap::new() };
    for row in page.rows {
        let text = ContentHash::of(&[FORM, row.text().as_bytes()]);
        answer.page.rows.push(Row { erp_id: row.erp_id, text, contacts: row.partners.clone() });
        answer.rows.insert(row.erp_id, keep(row));
    }
    answer
}

/// An outcome with its id; a row without one could be any record, so its page cannot be used.
fn identified(row: Result<Record, RowError>) -> Result<(ErpId, RowOutcome), ErpError> {
    match row {
        Ok(record) => Ok((record.erp_id(), RowOutcome::Record(record))),
        Err(odd) => {
            let erp_id = odd.erp_id.ok_or(ErpError::Inconsistent { call: "page", what: "a row without an id" })?;
            Ok((erp_id, outcome_of(Err(odd))))
        }
    }
}

fn outcome_of(row: Result<Record, RowError>) -> RowOutcome {
    match row {
        Ok(record) => RowOutcome::Record(record),
        Err(odd) => RowOutcome::Odd { reason: odd.reason.to_string(), path: odd.path },
    }
}

impl Answer {
    /// Adds a row that was read already.
    fn push(&mut self, erp_id: ErpId, outcome: RowOutcome) {
        let text = match &outcome {
            RowOutcome::Record(record) => ContentHash::of(&[FORM, &record.to_bytes()]),
            RowOutcome::Odd { path, reason } => ContentHash::of(&[FORM, path.as_bytes(), reason.as_bytes()]),
        };
        let contacts = match &outcome {
            RowOutcome::Record(Record::Document(d)) => d.partner.iter().chain(&d.receiver).map(|p| p.erp_id).collect(),
            _ => Vec::new(),
        };
        self.page.rows.push(Row { erp_id, text, contacts });
        self.rows.insert(erp_id, Kept::Read(outcome));
    }
}

/// The stock of some products, over all pages: a product's rows may lie on both sides of a page's end.
async fn stock(client: &Client, products: &[ErpId]) -> Result<Answer, ErpError> {
    let (mut good, mut odd): (Vec<StockRow>, Vec<RowError>) = Default::default();
    let mut coming = Coming::default();
    let mut offset = Some(0);
    while let Some(from) = offset {
        let query = StockQuery { products: products.to_vec(), offset: from, ..StockQuery::default() };
        let page = client.stock(&query).await?;
        for row in page.rows {
            match row {
                Ok(row) => good.push(row),
                Err(error) => odd.push(error),
            }
        }
        odd.extend(coming.add(page.incoming, products));
        offset = page.next;
    }
    let mut answer = Answer::default();
    for error in odd {
        let (erp_id, outcome) = identified(Err(error))?;
        // One row of a product that does not fit makes all its stock unknown.
        good.retain(|g| g.product != erp_id);
        coming.rows.retain(|c| c.product != erp_id);
        if !answer.rows.contains_key(&erp_id) {
            answer.push(erp_id, outcome);
        }
    }
    for stock in erp::aggregate(good, coming.rows) {
        answer.push(stock.erp_id, RowOutcome::Record(Record::Stock(Box::new(stock))));
    }
    Ok(answer)
}

/// What is on its way, of each product what the first page that names it says: another page says the same again.
#[derive(Default)]
struct Coming {
    rows: Vec<IncomingRow>,
    named: BTreeSet<ErpId>,
}

impl Coming {
    /// Takes what a page says of the products that were asked for, and gives back what does not fit.
    fn add(&mut self, page: Vec<Result<IncomingRow, RowError>>, asked: &[ErpId]) -> Vec<RowError> {
        let asked: BTreeSet<ErpId> = asked.iter().copied().collect();
        let mut odd = Vec::new();
        let mut named = BTreeSet::new();
        for row in page {
            match row {
                Ok(row) if asked.contains(&row.product) && !self.named.contains(&row.product) => {
                    named.insert(row.product);
                    self.rows.push(row);
                }
                // What names no product is of none: an order has lines of free text too.
                Err(error) if error.erp_id.is_some_and(|id| asked.contains(&id)) => odd.push(error),
                Ok(_) | Err(_) => {}
            }
        }
        self.named.extend(named);
        odd
    }
}

/// What one lookup found.
enum Found {
    Row(ErpId, RowOutcome),
    Gone(ErpId),
}

async fn one_by_one<T, F>(items: Vec<T>, look: impl Fn(T) -> F) -> Result<Answer, ErpError>
where
    F: Future<Output = Result<Found, ErpError>>,
{
    let found: Vec<Found> = stream::iter(items).map(look).buffered(LOOKUPS).try_collect().await?;
    let mut answer = Answer::default();
    for one in found {
        match one {
            Found::Row(id, outcome) => answer.push(id, outcome),
            Found::Gone(id) => answer.page.gone.push(id),
        }
    }
    Ok(answer)
}

async fn contact(client: &Client, id: ErpId) -> Result<Found, ErpError> {
    let found = client.partners(PartnerKey::Id(id)).await?;
    of_id(found, id, |c| Record::Contact(Box::new(c)))
}

async fn look_up(client: &Client, object: Object, item: LookupItem) -> Result<Found, ErpError> {
    match (object, item.kind) {
        (Object::Products, _) if item.number.is_some() || item.code.is_some() => {
            // The number is enough; a product without one is known by its code.
            let code = item.code.filter(|_| item.number.is_none());
            let query = ProductQuery { number: item.number, code, ..ProductQuery::default() };
            of_id(client.products(&query).await?.rows, item.erp_id, |p| Record::Product(Box::new(p)))
        }
        (_, Some(kind)) => match client.document(kind, item.erp_id).await {
            Ok(document) => Ok(Found::Row(document.erp_id, RowOutcome::Record(Record::Document(Box::new(document))))),
            Err(ErpError::NotFound { .. }) => Ok(Found::Gone(item.erp_id)),
            Err(error) => Err(error),
        },
        // Nothing to look it up by: it stays as it is.
        _ => Err(ErpError::Inconsistent { call: "lookup", what: "a record that nothing can be asked for by" }),
    }
}

/// The row with this id among those that a lookup found.
fn of_id<T>(found: Vec<Result<T, RowError>>, id: ErpId, record: impl Fn(T) -> Record) -> Result<Found, ErpError> {
    for row in found {
        let (erp_id, outcome) = identified(row.map(&record))?;
        if erp_id == id {
            return Ok(Found::Row(id, outcome));
        }
    }
    Ok(Found::Gone(id))
}
