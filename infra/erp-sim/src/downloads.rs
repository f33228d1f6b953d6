//! What the URLs in answers lead to: reports, exports, stickers and attachments, while they are valid.

use crate::gate::respond;
use crate::pages;
use crate::sim::Sim;
use axum::body::Body;
use axum::response::Response;
use http::StatusCode;

/// Answers a GET: a file that is ready and not expired, else a page.
pub(crate) fn serve(sim: &Sim, path: &str) -> Response {
    let Some(token) = path.strip_prefix("/download/").and_then(|rest| rest.rsplit('/').next()) else {
        return if path == "/" || crate::api::find(path).is_some() { pages::login() } else { pages::not_found() };
    };
    let now = sim.inner.clock.now();
    for cell in sim.cells() {
        let company = cell.lock();
        if let Some(job) = company.extras.jobs.get(token) {
            if job.done_at <= now && now < job.expires_at {
                return respond(StatusCode::OK, job.content_type, Body::from(job.file.clone()));
            }
            break;
        }
        if let Some(file) = company.extras.files.get(token) {
            return respond(StatusCode::OK, "application/octet-stream", Body::from(file.clone()));
        }
    }
    pages::not_found()
}
