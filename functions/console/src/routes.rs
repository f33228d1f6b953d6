//! The routes: decode, call the use case, encode.

pub(crate) mod connection;
pub(crate) mod entry;
pub(crate) mod overview;
pub(crate) mod runs;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::LOCATION};

/// The overview's address.
const OVERVIEW: &str = "/console/";

/// `GET /console`: with a slash it is the page.
pub(crate) async fn to_overview() -> Response {
    redirect(StatusCode::PERMANENT_REDIRECT, OVERVIEW)
}

/// The browser is to show `address` now, with GET.
fn see_other(address: &'static str) -> Response {
    redirect(StatusCode::SEE_OTHER, address)
}

fn redirect(status: StatusCode, address: &'static str) -> Response {
    (status, [(LOCATION, HeaderValue::from_static(address))]).into_response()
}
