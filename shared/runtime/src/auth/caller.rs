//! The caller of a request, as an axum extractor: a handler that names it has the proof in its hands.

use axum::extract::{FromRef, FromRequestParts};
use http::{header::AUTHORIZATION, request::Parts};
use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};
use store::VerifiedTenant;

use super::TokenVerifier;
use crate::{
    catalogue::Code,
    permission::{Permission, Role, allows},
    problem::Problem,
};

/// Who calls, for which tenant, as what. Only this module makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: VerifiedTenant,
    subject: String,
    role: Role,
}

impl Caller {
    pub(super) const fn new(tenant: VerifiedTenant, subject: String, role: Role) -> Self {
        Self { tenant, subject, role }
    }

    /// The tenant that the caller belongs to.
    pub const fn tenant(&self) -> &VerifiedTenant {
        &self.tenant
    }

    /// Who it is, in the words of the CRM: for the audit.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// As what.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Refuse unless the caller's role allows `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if allows(self.role, permission) {
            return Ok(());
        }
        let message = format!("the role {} does not have the permission {permission}", self.role);
        Err(Problem::new(Code::Forbidden).at("role", message))
    }
}

// The subject may be a person's address.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("role", &self.role).finish_non_exhaustive()
    }
}

/// The token of a request, if it is there in the one form that is accepted.
fn bearer(parts: &Parts) -> Option<&str> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else { return None };
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Arc<TokenVerifier>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Some(token) = bearer(parts) else {
            return Err(Problem::new(Code::Unauthorized).at("authorization", "expected one `Bearer` token"));
        };
        Ok(Arc::<TokenVerifier>::from_ref(state).verify(token).await?)
    }
}

/// A permission as a type, so that a route's signature says what it needs.
pub trait Grant: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! grants {
    ($($name:ident => $permission:ident,)*) => {$(
        #[doc = concat!("The permission [`Permission::", stringify!($permission), "`] as a type.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Grant for $name {
            const PERMISSION: Permission = Permission::$permission;
        }
    )*};
}

grants! {
    CanView => View,
    CanConfigure => Configure,
    CanSync => Sync,
    CanViewLogs => LogsView,
    CanResolveLogs => LogsResolve,
    CanReport => Reports,
    CanAutomate => Automations,
}

/// A caller whose role has the permission `P`.
#[derive(Clone, Debug)]
pub struct Permitted<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Deref for Permitted<P> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Grant> TryFrom<Caller> for Permitted<P> {
    type Error = Problem;
    fn try_from(caller: Caller) -> Result<Self, Problem> {
        caller.require(P::PERMISSION)?;
        Ok(Self { caller, permission: PhantomData })
    }
}

impl<P, S> FromRequestParts<S> for Permitted<P>
where
    P: Grant,
    S: Send + Sync,
    Arc<TokenVerifier>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Caller::from_request_parts(parts, state).await?.try_into()
    }
}
