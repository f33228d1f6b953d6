//! What the URLs in answers lead to: reports, exports, stickers and attachments, while they are valid.

use crate::gate::respond;
use crate::pages;
use crate::sim::Sim;
use axum::body::Body;
use axum::response::Response;
use http::StatusCode;

/// Where attached files are.
pub(crate) const FILES: &str = "/download/file/";

/// An address that holds until a second.
pub(crate) fn signed(url: &str, until: i64) -> String {
    format!("{url}?Expires={until}&Signature={}", signature(until))
}

/// It stands for a signature: it only has to change with the time.
fn signature(until: i64) -> String {
    format!("{:016x}", until.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Answers a GET: a file that is ready and not expired, else a page.
pub(crate) fn serve(sim: &Sim, path: &str, query: Option<&str>) -> Response {
    let Some(token) = path.strip_prefix("/download/").and_then(|rest| rest.rsplit('/').next()) else {
        return if path == "/" || crate::api::find(path).is_some() { pages::login() } else { pages::not_found() };
    };
    let (answer, outcome) = find(sim, token, query.unwrap_or_default());
    sim.note("download", None, outcome);
    answer
}

fn find(sim: &Sim, token: &str, query: &str) -> (Response, &'static str) {
    let now = sim.inner.clock.now();
    for cell in sim.cells() {
        let company = cell.lock();
        if let Some(job) = company.extras.jobs.get(token) {
            if job.done_at <= now && now < job.expires_at {
                return (respond(StatusCode::OK, job.content_type, Body::from(job.file.clone())), "ok");
            }
            break;
        }
        if let Some(file) = company.extras.files.get(token) {
            if company.settings.attachment_seconds > 0 && !holds(query, now.as_second()) {
                let error = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>";
                return (respond(StatusCode::FORBIDDEN, "application/xml", Body::from(error)), "http 403");
            }
            return (respond(StatusCode::OK, "application/octet-stream", Body::from(file.clone())), "ok");
        }
    }
    (pages::not_found(), "http 404")
}

/// Whether what is behind an address says that it still holds.
fn holds(query: &str, now: i64) -> bool {
    let value = |name: &str| query.split('&').filter_map(|part| part.split_once('=')).find(|(n, _)| *n == name);
    let until = value("Expires").and_then(|(_, until)| until.parse::<i64>().ok());
    let signed = value("Signature").map(|(_, signature)| signature);
    until.is_some_and(|until| now < until && signed == Some(signature(until).as_str()))
}
