//! Who is calling, and for which tenant.
//!
//! The only module of the product that vouches for a tenant, and only for six
//! proofs: a token signed by the CRM ([`TokenVerifier`]), a key whose hash the
//! tenant's row knows ([`Callers`]), a webhook signed with
//! the tenant's secret ([`WebhookVerifier`]), a queue envelope that was checked
//! against its row ([`verify_envelope`]), a session or link of the console
//! ([`ConsoleDoor`]), our own row that a tenant has endpoints ([`subscribers`]). Must not decide what a caller may do: that is `permission`.

mod api_key;
mod caller;
mod callers;
mod console;
mod endpoints;
mod envelope;
mod jwks;
mod subscriber;
mod token;
mod webhook;

pub use api_key::new_api_key;
pub use caller::{
    Caller, CanAutomate, CanConfigure, CanReport, CanResolveLogs, CanSync, CanView, CanViewLogs, Grant, Permitted,
};
pub use callers::Callers;
pub use console::{
    ConsoleDoor, ConsoleError, Entered, SESSION_COOKIE, SignedIn, clear_session_cookie, read_session_cookie,
    session_cookie,
};
pub use envelope::{EnvelopeError, verify_envelope};
pub use subscriber::{subscribers, verify_subscriber};
pub use token::{TokenError, TokenSettings, TokenVerifier};
pub use webhook::{WebhookCall, WebhookError, WebhookVerifier};
