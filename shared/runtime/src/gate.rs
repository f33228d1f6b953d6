//! The gate: what every request of a signed-in caller passes before its handler.
//!
//! Decides the order: who calls, whether that is too often, then whether the
//! same request was answered before. Must not decide what the caller may do;
//! that is said by the handler.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cloud::Clock;
use http::{HeaderName, HeaderValue};
use std::fmt::Display;
use store::Table;

use crate::{
    auth::Callers,
    catalogue::Code,
    idempotency,
    problem::Problem,
    rate::{Granted, Rates},
};

// The names and forms of the IETF's draft `ratelimit-headers`.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The headers of the gate.
pub(crate) const HEADERS: [HeaderName; 2] = [POLICY, LIMIT];

/// What the gate needs.
#[derive(Clone)]
pub struct Gate {
    /// What tells who is asking.
    pub callers: Callers,
    /// How many requests there may be.
    pub rates: Rates,
    /// Where answers are kept for repeated requests.
    pub table: Table,
    /// The present time.
    pub clock: Clock,
}

/// Lets a request pass to its handler, which finds the caller in it.
pub async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    gate.carry(request, next).await.unwrap_or_else(IntoResponse::into_response)
}

impl Gate {
    async fn carry(&self, mut request: Request, next: Next) -> Result<Response, Problem> {
        let caller = self.callers.find(request.headers()).await?;
        let tenant = self.table.tenant(caller.tenant());
        let key = caller.key().map(|key| key.to_string());
        let left = match self.rates.grant(&tenant, key.as_deref()).await? {
            Granted::Yes { left } => left,
            Granted::No { seconds } => return Ok(self.refuse(seconds)),
        };
        request.extensions_mut().insert(caller.clone());
        let mut response = if idempotency::is_keyed(request.method()) {
            let answer = async |request| next.run(request).await;
            let once = idempotency::once(&tenant, caller.subject(), self.clock.now(), request, answer);
            Box::pin(once).await.unwrap_or_else(IntoResponse::into_response)
        } else {
            next.run(request).await
        };
        self.tell(&mut response, format_args!("\"tenant\";r={left}"));
        Ok(response)
    }

    fn refuse(&self, seconds: u32) -> Response {
        let mut response = Problem::new(Code::Throttled).retry_after(seconds).into_response();
        self.tell(&mut response, format_args!("\"tenant\";r=0;t={seconds}"));
        response
    }

    /// Tells the caller how many requests there may be, and how many are left.
    fn tell(&self, response: &mut Response, left: impl Display) {
        for (name, value) in [(POLICY, self.rates.policy()), (LIMIT, left.to_string())] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
}
