//! The calls.
//!
//! Decides how a request is sent, how long an answer may take and how large it
//! may be, what is tried again, and what an answer means as a whole. Knows no
//! order of calls and no pace: who calls, and how often, is the caller's.

mod answer;
mod blacklist;
mod body;
mod call;
mod complaints;
mod config;
mod documents;
mod error;
mod fault_text;
mod files;
mod outcomes;
mod page;
mod partners;
mod payments;
mod products;
mod retry;
mod rewrite;
mod search;
mod stock;
mod transport;
mod unread;

pub use blacklist::{BlacklistKey, Listing};
pub use complaints::{Complaint, ComplaintDraft};
pub use config::{ClientConfig, ConfigError, Timeouts};
pub use documents::{DocumentDraft, LineDraft, OrderChange, PartyDraft, PaymentMark, PutAnswer, RowChange};
pub use error::{Effect, ErpError};
pub use files::{AttachmentDraft, Content, ReportProgress, ReportQuery};
pub use outcomes::{Ended, Outcomes};
pub use page::{Page, RowError};
pub use partners::{AddedPartner, AddressDraft, PartnerChange, PartnerDraft, PartnerKey, PersonDraft};
pub use payments::{PaymentDraft, PaymentMode};
pub use products::{PriceDraft, ProductChange, ProductKey, ProductPage, ProductQuery, ProductText};
pub use retry::RetryPolicy;
pub use rewrite::{RewriteBase, RowBase};
pub use search::{Direction, Filter, QueryType, SearchQuery, ShortRow};
pub use stock::{StockPage, StockQuery};
pub use unread::{UnreadPage, UnreadRow};

use domain::ErpId;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

use self::{
    answer::Answer,
    body::Object,
    call::Call,
    transport::{Transport, read_answer},
};
use crate::{Refusal, convert::Field, wire::Fields};

/// A client of one company in Metakocka. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
    company_id: String,
    secret_key: SecretString,
    retry: RetryPolicy,
    counter: outcomes::Counter,
}

// The key is redacted by its own type; the address and the company say which client it is.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.transport.base_url().as_str())
            .field("company_id", &self.company_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for one company.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        let company_id = config.company_id.trim().to_owned();
        if company_id.is_empty() || config.secret_key.expose_secret().trim().is_empty() {
            return Err(ConfigError::NoAccount);
        }
        Ok(Self {
            transport: Transport::new(&config.base_url, config.timeouts)?,
            company_id,
            secret_key: config.secret_key,
            retry: config.retry,
            counter: outcomes::Counter::default(),
        })
    }

    /// The same client, counting where `other` counts.
    #[must_use]
    pub fn counting_with(self, other: &Self) -> Self {
        Self { counter: other.counter.clone(), ..self }
    }

    /// What became of the calls of this client and its clones so far.
    pub fn outcomes(&self) -> Outcomes {
        self.counter.read()
    }

    /// The same, and the counts begin again.
    pub fn take_outcomes(&self) -> Outcomes {
        self.counter.take()
    }

    /// A request of this company with what `fill` puts into it.
    fn body(&self, fill: impl FnOnce(&mut Object<'_>)) -> String {
        body::object(|object| {
            object.text("secret_key", self.secret_key.expose_secret());
            object.text("company_id", &self.company_id);
            fill(object);
        })
    }

    /// Sends a request and makes something of the answer; a read is tried again where that can help.
    async fn call<T>(
        &self,
        call: &'static Call,
        body: String,
        understand: impl Fn(&[u8]) -> Result<T, ErpError> + Send + Sync,
    ) -> Result<T, ErpError> {
        let send = || async {
            let bytes = self.transport.send(call, body.clone()).await?;
            if !call.is_file() {
                transport::check_first_byte(call, &bytes)?;
            }
            understand(&bytes)
        };
        let once = || async {
            let result = send().await;
            self.counter.count(&result);
            result
        };
        let scrub = |error: ErpError| error.without(self.secret_key.expose_secret());
        self.retry.run(call, once).await.map_err(scrub)
    }

    /// Sends a request whose answer is an object of type `T` of the wire.
    async fn ask<R>(
        &self,
        call: &'static Call,
        body: String,
        understand: impl for<'a> Fn(&AnswerOf<'a>) -> Result<R, ErpError> + Send + Sync,
    ) -> Result<R, ErpError> {
        self.call(call, body, |bytes| understand(&AnswerOf { call, bytes })).await
    }
}

/// The bytes of an answer that are JSON at first sight.
struct AnswerOf<'a> {
    call: &'static Call,
    bytes: &'a [u8],
}

impl<'a> AnswerOf<'a> {
    /// Reads the answer into a type of the wire; an answer that reports an error is one.
    fn read<T: Fields<'a> + Answer<'a>>(&self) -> Result<Box<T>, ErpError> {
        read_answer(self.call, self.bytes)
    }

    /// The id that the answer must name.
    fn id(&self, field: Field<'_, '_>) -> Result<ErpId, ErpError> {
        let id = field.id().map_err(|refusal| self.refused(refusal))?;
        id.ok_or_else(|| self.inconsistent("it names no id"))
    }

    /// A record in the answer that does not fit.
    fn refused(&self, refusal: Refusal) -> ErpError {
        ErpError::Refused { call: self.call.name(), source: refusal }
    }

    /// An answer that contradicts itself.
    fn inconsistent(&self, what: &'static str) -> ErpError {
        ErpError::Inconsistent { call: self.call.name(), what }
    }
}
