//! The web pages that come where JSON was expected.

use crate::gate::respond;
use axum::body::Body;
use axum::response::Response;
use http::StatusCode;

/// A page with a text.
pub(crate) fn html(status: StatusCode, text: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"sl\"><head><meta charset=\"UTF-8\"><title>MetaKocka</title></head>\
         <body><h1>{text}</h1></body></html>\n"
    );
    respond(status, "text/html;charset=UTF-8", Body::from(page))
}

/// The page of a wrong path.
pub(crate) fn not_found() -> Response {
    html(StatusCode::NOT_FOUND, "HTTP Status 404 - Not Found")
}

/// The login page.
pub(crate) fn login() -> Response {
    html(StatusCode::OK, "<form action=\"/prijava\">Prijava v MetaKocko <input name=\"uporabnik\"></form>")
}
