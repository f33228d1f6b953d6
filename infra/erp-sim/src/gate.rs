//! Every call to the ERP passes here: method and path, faults, the key, the queue, the
//! handler under the company's lock, the journal. What an endpoint does is not known here.

use crate::api::fields::{Fields, scalar};
use crate::api::{self, Call, Class, Done, Endpoint, Refusal};
use crate::clock::Stopwatch;
use crate::fault::{Fault, FaultKind};
use crate::journal::Entry;
use crate::pages;
use crate::server::Connection;
use crate::sim::{Cell, Sim, hold};
use crate::wire::json::{Obj, object};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use rand::RngExt;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The largest body that is read.
pub(crate) const MAX_BODY: usize = 64 * 1024 * 1024;
/// How long a call that is never answered keeps its socket.
const NEVER: Duration = Duration::from_hours(1);

/// What a call is, once its body is read.
struct Asked {
    endpoint: &'static Endpoint,
    body: Value,
    company: String,
    doc_type: Option<String>,
    group: usize,
    base: String,
    peer: Option<std::net::IpAddr>,
}

/// Answers any request that is not the control plane's.
pub(crate) async fn handle(State(sim): State<Sim>, request: Request) -> Response {
    sim.start_pump();
    let connection = request.extensions().get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        return crate::downloads::serve(&sim, &path, request.uri().query());
    }
    let Some(endpoint) = api::find(&path) else {
        sim.note(&path, None, "http 404");
        return pages::not_found();
    };
    if request.method() != Method::POST {
        sim.note(endpoint.name, None, "http 405");
        return pages::html(StatusCode::METHOD_NOT_ALLOWED, "MetaKocka");
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else {
        sim.note(endpoint.name, None, "http 413");
        return pages::html(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let Ok(body) = serde_json::from_slice::<Value>(&bytes) else {
        sim.note(endpoint.name, None, "opr_code 2");
        let refusal = Refusal::invalid("Request is not valid JSON");
        return json_answer(refusal_text(endpoint, &refusal, 1));
    };
    let asked = Asked {
        endpoint,
        company: body.get("company_id").and_then(scalar).unwrap_or_default(),
        doc_type: body.get("doc_type").and_then(scalar),
        group: header_number(&parts.headers, "searchgroup"),
        base: format!("http://{}", host(&parts.headers)),
        peer: connection.as_ref().and_then(|connection| connection.peer).map(|peer| peer.ip()),
        body,
    };
    answer(&sim, asked, connection.as_ref()).await
}

async fn answer(sim: &Sim, asked: Asked, connection: Option<&Connection>) -> Response {
    let seq = hold(&sim.inner.journal).open(Entry {
        seq: 0,
        at: sim.inner.clock.now(),
        endpoint: asked.endpoint.name.to_owned(),
        company: Some(asked.company.clone()).filter(|company| !company.is_empty()),
        doc_type: asked.doc_type.clone(),
        offset: Fields(&asked.body).number("offset").and_then(|offset| u64::try_from(offset).ok()),
        outcome: "pending".to_owned(),
        fault: None,
        waited_ms: 0,
    });
    let close = |outcome: &str, fault: Option<&Fault>, waited: u64| {
        let fault = fault.map(|fault| fault.kind.name());
        hold(&sim.inner.journal).close(seq, outcome.to_owned(), fault, waited);
    };
    if hold(&sim.inner.faults).maintenance(&asked.company, sim.inner.clock.now()) {
        hold(&sim.inner.journal).close(seq, "http 503".to_owned(), Some("maintenance".to_owned()), 0);
        let text = sim.cell(&asked.company).map(|cell| cell.lock().settings.maintenance_page.clone());
        return pages::html(StatusCode::SERVICE_UNAVAILABLE, &text.unwrap_or_else(|| "MetaKocka".to_owned()));
    }
    let fault = hold(&sim.inner.faults).pick(&asked.company, asked.endpoint.name, asked.doc_type.as_deref());
    let fault = fault.as_ref();
    let kind = fault.map(|fault| fault.kind);
    match kind {
        Some(FaultKind::ConnectionReset) => {
            close("lost", fault, 0);
            return lose(connection);
        }
        Some(FaultKind::TimeoutBefore) => {
            close("lost", fault, 0);
            tokio::time::sleep(NEVER).await;
            return lose(connection);
        }
        _ => {}
    }
    if let Some((response, outcome)) = instead(sim, &asked, fault) {
        close(&outcome, fault, 0);
        return response;
    }
    let cell = match admit(sim, &asked) {
        Ok(cell) => cell,
        Err(refusal) => {
            close(&format!("opr_code {}", refusal.code), fault, 0);
            return json_answer(refusal_text(asked.endpoint, &refusal, 2));
        }
    };
    let (answer, outcome, waited) = run(sim, &asked, &cell, fault).await;
    let lost = kind == Some(FaultKind::CommitThenLoseAnswer);
    close(if lost { "lost" } else { &outcome }, fault, waited);
    if lost {
        if fault.is_some_and(|fault| fault.hang) {
            tokio::time::sleep(NEVER).await;
        }
        return lose(connection);
    }
    deliver(answer, fault)
}

/// What a fault answers in the place of the handler.
fn instead(sim: &Sim, asked: &Asked, fault: Option<&Fault>) -> Option<(Response, String)> {
    let fault = fault?;
    let refuse = |code: u8, text: &str| {
        let refusal = Refusal::new(code, text);
        Some((json_answer(refusal_text(asked.endpoint, &refusal, 3)), format!("opr_code {code}")))
    };
    match fault.kind {
        FaultKind::HttpStatus => {
            let status = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
            let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
            let text = status.canonical_reason().unwrap_or("Error");
            Some((pages::html(status, text), format!("http {}", status.as_u16())))
        }
        FaultKind::Html200 => {
            let page = if fault.page.as_deref() == Some("login") {
                pages::login()
            } else {
                let text = sim.cell(&asked.company).map(|cell| cell.lock().settings.maintenance_page.clone());
                pages::html(StatusCode::OK, text.as_deref().unwrap_or("MetaKocka"))
            };
            Some((page, "http 200 html".to_owned()))
        }
        FaultKind::EmptyBody => Some((json_answer(String::new()), "empty".to_owned())),
        FaultKind::OprCode1 => refuse(1, "java.lang.NullPointerException"),
        FaultKind::Quota => refuse(5, "Quote exceeds"),
        FaultKind::Auth => refuse(3, "Invalid secret_key / company_id"),
        FaultKind::Ip => refuse(4, "IP not allowed for company"),
        _ => None,
    }
}

/// Checks company, key and address.
fn admit(sim: &Sim, asked: &Asked) -> Result<Arc<Cell>, Refusal> {
    let key = asked.body.get("secret_key").and_then(scalar).unwrap_or_default();
    let cell = sim.cell(&asked.company).filter(|cell| cell.key == key);
    let cell = cell.ok_or_else(|| Refusal::new(3, "Invalid secret_key / company_id"))?;
    let allowed = {
        let company = cell.lock();
        let list = &company.settings.ip_allow;
        list.is_empty() || asked.peer.is_none_or(|peer| list.contains(&peer.to_string()))
    };
    if allowed { Ok(cell) } else { Err(Refusal::new(4, "IP not allowed for company")) }
}

/// What a handler made: text, or bytes with a content type.
enum Answer {
    Json(String),
    Whole(&'static str, Vec<u8>),
}

async fn run(sim: &Sim, asked: &Asked, cell: &Arc<Cell>, fault: Option<&Fault>) -> (Answer, String, u64) {
    let (queued, group, scale) = {
        let company = cell.lock();
        let queued = match asked.endpoint.class {
            Class::Search => true,
            Class::Slow => company.settings.slow_class_in_lock,
            Class::Free => false,
        };
        let groups = usize::try_from(company.settings.search_groups).unwrap_or(0);
        (queued, if asked.group <= groups { asked.group } else { 0 }, company.settings.latency_scale)
    };
    let drawn = latency(sim, asked.endpoint.latency);
    let (_entered, _permit, waited) = if queued {
        let entered = cell.gauge.enter();
        let watch = Stopwatch::start();
        let lock = cell.search_lock(group);
        if lock.available_permits() == 0 {
            cell.gauge.waited.fetch_add(1, Ordering::SeqCst);
        }
        let permit = lock.acquire_owned().await.ok();
        (Some(entered), permit, u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX))
    } else {
        (None, None, 0)
    };
    if let Some(slow) = fault.filter(|fault| fault.kind == FaultKind::Slow) {
        tokio::time::sleep(Duration::from_millis(slow.ms.unwrap_or(1000))).await;
    }
    if scale > 0.0 {
        tokio::time::sleep(Duration::from_millis(drawn).mul_f64(scale.min(100.0))).await;
    }
    let target = fault
        .filter(|fault| fault.kind == FaultKind::WrongCompany)
        .and_then(|fault| other_company(sim, cell, fault))
        .unwrap_or_else(|| Arc::clone(cell));
    let (answer, outcome) = work(sim, asked, &target, fault, waited + drawn, drawn);
    (answer, outcome, waited)
}

fn other_company(sim: &Sim, cell: &Cell, fault: &Fault) -> Option<Arc<Cell>> {
    match &fault.as_company {
        Some(id) => sim.cell(id),
        None => sim.cells().into_iter().find(|other| other.id != cell.id),
    }
}

/// Runs the handler under the company's lock.
fn work(sim: &Sim, asked: &Asked, cell: &Cell, fault: Option<&Fault>, time: u64, unlocked: u64) -> (Answer, String) {
    let mut company = cell.lock();
    let with_code = !asked.endpoint.bare || company.settings.partner_opr_code;
    let mut handed = Call {
        company: &mut company,
        body: Fields(&asked.body),
        now: sim.inner.clock.now(),
        base: &asked.base,
        seem_empty: fault.is_some_and(|fault| fault.kind == FaultKind::SearchEmpty),
        drop_rows: fault.filter(|fault| fault.kind == FaultKind::ShortPage).map_or(0, |fault| fault.rows.unwrap_or(1)),
        whole: None,
    };
    let mut result: Done = Ok(());
    let text = object(|obj| {
        if with_code {
            obj.text("opr_code", "0");
            write_times(obj, asked.endpoint, time, unlocked);
        }
        result = (asked.endpoint.handler)(&mut handed, obj);
    });
    let whole = handed.whole.take();
    sim.send_events(&mut company);
    match (result, whole) {
        (Err(refusal), _) => {
            (Answer::Json(refusal_text(asked.endpoint, &refusal, time)), format!("opr_code {}", refusal.code))
        }
        (Ok(()), Some((kind, bytes))) => (Answer::Whole(kind, bytes), "ok".to_owned()),
        (Ok(()), None) => (Answer::Json(text), "ok".to_owned()),
    }
}

fn write_times(obj: &mut Obj<'_>, endpoint: &Endpoint, time: u64, unlocked: u64) {
    obj.show("opr_time_ms", time);
    if endpoint.newer {
        obj.show("opr_time_no_lock_ms", unlocked);
    }
}

/// The envelope of a refusal.
fn refusal_text(endpoint: &Endpoint, refusal: &Refusal, time: u64) -> String {
    object(|obj| {
        obj.show("opr_code", refusal.code);
        if let Some(app) = refusal.app {
            obj.show("opr_code_app", app);
            obj.text("opr_desc_app", &refusal.text);
        } else if endpoint.name == "accounting_export" {
            obj.text("error_desc", &refusal.text);
        } else {
            obj.text("opr_desc", &refusal.text);
        }
        write_times(obj, endpoint, time, time);
        for (key, json) in &refusal.extra {
            obj.raw(key, json);
        }
    })
}

/// A time from a log-normal distribution with a long tail.
fn latency(sim: &Sim, middle: u32) -> u64 {
    let mut rng = hold(&sim.inner.latency);
    let normal: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let drawn = Duration::from_millis(u64::from(middle)).mul_f64((normal * 0.7).exp());
    u64::try_from(drawn.as_millis()).unwrap_or(u64::MAX)
}

fn deliver(answer: Answer, fault: Option<&Fault>) -> Response {
    let (kind, mut bytes) = match answer {
        Answer::Json(text) => (JSON_TYPE, text.into_bytes()),
        Answer::Whole(kind, _) if fault.is_some_and(|fault| fault.kind == FaultKind::PageAsFile) => {
            (kind, b"<!DOCTYPE html>\n<html><body>Prijava</body></html>\n".to_vec())
        }
        Answer::Whole(kind, bytes) => (kind, bytes),
    };
    match fault.map(|fault| fault.kind) {
        Some(FaultKind::TruncatedJson) => bytes.truncate(bytes.len() * 2 / 3),
        Some(FaultKind::NotUtf8) => {
            let middle = bytes.len() / 2;
            bytes.splice(middle..middle, [0xff, 0xfe, 0xc3]);
        }
        Some(FaultKind::SlowDrip) => {
            let pause = Duration::from_millis(fault.and_then(|fault| fault.ms).unwrap_or(50));
            return respond(StatusCode::OK, kind, drip(Bytes::from(bytes), pause));
        }
        _ => {}
    }
    respond(StatusCode::OK, kind, Body::from(bytes))
}

/// Sixteen pieces with a pause before each.
fn drip(bytes: Bytes, pause: Duration) -> Body {
    let piece = (bytes.len() / 16).max(1);
    let pieces = futures::stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, std::io::Error>(next), rest))
    });
    Body::from_stream(pieces)
}

const JSON_TYPE: &str = "application/json;charset=UTF-8";

fn json_answer(text: String) -> Response {
    respond(StatusCode::OK, JSON_TYPE, Body::from(text))
}

/// A response with a content type.
pub(crate) fn respond(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

/// Closes the connection without an answer. Where the connection cannot be reached
/// (another server runs the router) the body breaks off instead.
fn lose(connection: Option<&Connection>) -> Response {
    if let Some(connection) = connection {
        connection.cut();
        return Response::new(Body::empty());
    }
    let broken =
        futures::stream::once(async { Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset)) });
    respond(StatusCode::OK, JSON_TYPE, Body::from_stream(broken))
}

fn host(headers: &HeaderMap) -> String {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1").to_owned()
}

fn header_number(headers: &HeaderMap, name: &str) -> usize {
    headers.get(name).and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

impl Sim {
    /// Notes a request that reached no company.
    pub(crate) fn note(&self, endpoint: &str, company: Option<String>, outcome: &str) {
        hold(&self.inner.journal).open(Entry {
            seq: 0,
            at: self.inner.clock.now(),
            endpoint: endpoint.to_owned(),
            company,
            doc_type: None,
            offset: None,
            outcome: outcome.to_owned(),
            fault: None,
            waited_ms: 0,
        });
    }
}
