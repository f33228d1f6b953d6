//! The frame around a router: limits, problems, trace, headers and the one log line of each request.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Path, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use bytes::{Bytes, BytesMut};
use cloud::Clock;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
        STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use http_body_util::BodyExt;
use tracing::Instrument;

use super::trace::{TRACEPARENT, TraceId};
use crate::{catalogue::Code, language::Language, problem::Problem};

/// How much of a body that is too large is still read, so that the sender hears why instead of a closed connection.
const DRAIN: usize = 32 * 1024 * 1024;

/// How a function is framed.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The clock that times requests.
    pub clock: Clock,
    /// The largest body that is accepted.
    pub body_limit: usize,
}

/// Put the frame around a router with all its routes.
pub fn frame(router: Router, settings: Frame) -> Router {
    router
        .route("/problems/{code}", get(describe))
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        // The frame has the one limit; the framework's own would be another.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(settings, carry))
}

/// The catalogue's entry that a problem's `type` leads to.
async fn describe(Path(code): Path<String>, headers: HeaderMap) -> Response {
    let code = Code::parse(&code.replace('-', "_"));
    let mut response = Problem::new(code.unwrap_or(Code::NotFound)).render(Language::of(&headers), None);
    if code.is_some() {
        *response.status_mut() = StatusCode::OK;
    }
    response
}

async fn carry(State(settings): State<Frame>, request: Request, next: Next) -> Response {
    let started = settings.clock.now();
    let trace = TraceId::of(request.headers());
    let language = Language::of(request.headers());
    let method = request.method().clone();
    // The route, not the path: a path may hold an address that is a secret, and the query anything.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", trace_id = trace.as_str(), method = method.as_str(), route);
    async {
        let response = match buffered(request, settings.body_limit).await {
            Ok(mut request) => {
                request.extensions_mut().insert(trace.clone());
                next.run(request).await
            }
            Err(problem) => axum::response::IntoResponse::into_response(problem),
        };
        let mut response = as_problem(response, language, &trace, &method);
        add_headers(response.headers_mut(), &trace);
        let elapsed = settings.clock.now().duration_since(started).as_millis();
        let status = response.status().as_u16();
        tracing::info!(status, elapsed_ms = i64::try_from(elapsed).unwrap_or(i64::MAX), "request");
        response
    }
    .instrument(span)
    .await
}

/// The request with its whole body in memory, as it is under Lambda anyway.
async fn buffered(request: Request, limit: usize) -> Result<Request, Problem> {
    let (parts, mut body) = request.into_parts();
    let said = parts.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let mut kept = BytesMut::new();
    let mut seen = 0_usize;
    let mut fits = said.is_none_or(|n| n <= limit);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(Code::InvalidRequest).at("body", "it broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        fits &= seen <= limit;
        if fits {
            kept.extend_from_slice(&data);
        } else {
            kept = BytesMut::new();
        }
        if seen > DRAIN {
            break;
        }
    }
    if fits {
        Ok(Request::from_parts(parts, Body::from(Bytes::from(kept))))
    } else {
        Err(Problem::new(Code::BodyTooLarge))
    }
}

/// Error answers in the caller's language and with the trace, those of the framework too.
fn as_problem(response: Response, language: Language, trace: &TraceId, method: &Method) -> Response {
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None if response.status().is_client_error() || response.status().is_server_error() => {
            let spoken = response.headers().get(CONTENT_TYPE).is_some_and(|t| {
                let t = t.as_bytes();
                t.starts_with(b"application/") || t.starts_with(b"text/html")
            });
            // An answer to HEAD has no body, and one of a handler's own form is its business.
            if spoken || method == Method::HEAD {
                return response;
            }
            Problem::new(code_of(response.status()))
        }
        None => return response,
    };
    let mut rendered = problem.render(language, Some(trace.as_str()));
    let limits = [ALLOW, RETRY_AFTER].into_iter().chain(crate::gate::HEADERS);
    for name in limits {
        if let Some(value) = response.headers().get(&name) {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered.headers_mut().append(VARY, HeaderValue::from_static("accept-language"));
    rendered
}

fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => Code::Unauthorized,
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => Code::Throttled,
        status if status.is_client_error() => Code::InvalidRequest,
        _ => Code::Internal,
    }
}

/// What every answer carries, unless the handler said otherwise.
fn add_headers(headers: &mut HeaderMap, trace: &TraceId) {
    const ALWAYS: [(HeaderName, &str); 6] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(TRACEPARENT, trace.traceparent());
}
