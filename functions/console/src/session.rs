//! Who is signed in, as an extractor: a handler that names it has the proof in its hands.

use app::twoway::edit::By;
use axum::extract::FromRequestParts;
use http::request::Parts;
use runtime::{Caller, Permission, Role, auth::SignedIn};
use std::sync::Arc;
use store::Tenant;

use crate::{Shared, csrf, reader::Reader, refusal::Refusal, visit::Visit};

/// A person who is signed in.
pub(crate) struct Session {
    pub(crate) caller: Caller,
    /// As what they are signed in.
    pub(crate) role: Role,
    /// The token that the forms of this session carry.
    pub(crate) csrf: String,
    headers: http::HeaderMap,
}

impl Session {
    /// The rows of the person's tenant.
    pub(crate) fn tenant(&self, shared: &Shared) -> Tenant {
        shared.console.services.table.tenant(self.caller.tenant())
    }

    /// Refuse a role that does not have the permission.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.caller.may(permission) { Ok(()) } else { Err(Refusal::NotAllowed(self.role, permission)) }
    }

    /// Refuse a form that is not of this session, and a role that does not have the permission.
    pub(crate) fn authorise(&self, token: &str, permission: Permission) -> Result<(), Refusal> {
        self.require(permission)?;
        self.authenticate(token)
    }

    /// The person behind a page.
    pub(crate) fn reader<'a>(&'a self, shared: &'a Shared, visit: &Visit) -> Reader<'a> {
        Reader {
            language: visit.language,
            role: self.role,
            csrf: &self.csrf,
            webhook_url: &shared.console.webhook_url,
            is_live: false,
        }
    }

    /// Who asks, for the history.
    pub(crate) fn by<'a>(&'a self, visit: &'a Visit) -> By<'a> {
        By { actor: self.caller.subject(), request: visit.trace.as_deref() }
    }

    /// Refuse a form that is not of this session.
    pub(crate) fn authenticate(&self, token: &str) -> Result<(), Refusal> {
        if csrf::is_genuine(&self.headers, token) { Ok(()) } else { Err(Refusal::Forged) }
    }
}

impl FromRequestParts<Arc<Shared>> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let SignedIn { caller, role } = shared.console.door.verify(&parts.headers).await?;
        let csrf = csrf::token(&parts.headers).ok_or(Refusal::SignedOut)?;
        Ok(Self { caller, role, csrf, headers: parts.headers.clone() })
    }
}
