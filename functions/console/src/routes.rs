//! The routes: decode, call the use case, encode.

pub(crate) mod certificates;
pub(crate) mod connection;
pub(crate) mod deeds;
pub(crate) mod entry;
pub(crate) mod files;
pub(crate) mod find;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod plans;
pub(crate) mod records;
pub(crate) mod registers;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod undo;
pub(crate) mod waiting;

mod offering;
mod record_page;

use app::twoway::edit;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::LOCATION};
use runtime::{Code, Permission};
use store::Tenant;

use crate::{page::Chrome, place::Place, refusal::Refusal, session::Session, visit::Visit};

/// The overview's address.
const OVERVIEW: &str = Place::Overview.address();

/// `GET /console`: with a slash it is the page.
pub(crate) async fn to_overview() -> Response {
    redirect(StatusCode::PERMANENT_REDIRECT, OVERVIEW)
}

/// The browser is to show `address` now, with GET.
fn see_other(address: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, address)
}

fn redirect(status: StatusCode, address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (status, [(LOCATION, address)]).into_response(),
        Err(_) => Refusal::from(Code::Internal).into_response(),
    }
}

/// A page of someone who may see records.
struct Seen<'a> {
    session: &'a Session,
    visit: &'a Visit,
    tenant: &'a Tenant,
}

impl Seen<'_> {
    /// Its frame. `query` is escaped already.
    async fn chrome(&self, place: Place, path: &str, query: &str) -> Result<Chrome, Refusal> {
        self.session.require(Permission::View)?;
        // Without a connection there is nothing to make a plan of.
        let (connection, settings) = tokio::try_join!(self.tenant.connection(), edit::settings(self.tenant))?;
        let is_read_only = connection.is_some() && settings.read_only;
        let chrome = Chrome::new(self.visit, path, query);
        Ok(chrome.signed_in(self.session, self.visit.language, place, is_read_only))
    }
}
