//! The caller of a request, as an axum extractor: a handler that names it has the proof in its hands.

use axum::extract::FromRequestParts;
use domain::ApiKeyId;
use http::request::Parts;
use std::{fmt, marker::PhantomData, ops::Deref};
use store::VerifiedTenant;

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
    standing: Standing,
}

/// As what somebody calls.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// A person in a role.
    Role(Role),
    /// A program with a key that has these permissions.
    Key(ApiKeyId, Vec<Permission>),
}

impl Caller {
    pub(super) const fn new(tenant: VerifiedTenant, subject: String, role: Role) -> Self {
        Self { tenant, subject, standing: Standing::Role(role) }
    }

    pub(super) fn of_key(tenant: VerifiedTenant, id: ApiKeyId, permissions: Vec<Permission>) -> Self {
        Self { tenant, subject: id.to_string(), standing: Standing::Key(id, permissions) }
    }

    /// The tenant that the caller belongs to.
    pub const fn tenant(&self) -> &VerifiedTenant {
        &self.tenant
    }

    /// Who it is, in the words of the CRM, or the id of a key: for the audit.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// In which role; none of a program.
    pub const fn role(&self) -> Option<Role> {
        match self.standing {
            Standing::Role(role) => Some(role),
            Standing::Key(..) => None,
        }
    }

    /// The key of a program.
    pub const fn key(&self) -> Option<ApiKeyId> {
        match self.standing {
            Standing::Role(_) => None,
            Standing::Key(id, _) => Some(id),
        }
    }

    /// Whether the caller may do `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.standing {
            Standing::Role(role) => allows(*role, permission),
            Standing::Key(_, permissions) => permissions.contains(&permission),
        }
    }

    /// Refuse unless the caller may do `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        let (at, message) = match &self.standing {
            Standing::Role(role) => ("role", format!("the role {role} does not have the permission {permission}")),
            Standing::Key(..) => ("authorization", format!("the key does not have the permission {permission}")),
        };
        Err(Problem::new(Code::Forbidden).at(at, message))
    }
}

// The subject may be a person's address.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("standing", &self.standing).finish_non_exhaustive()
    }
}

/// The caller whom the gate found. Without the gate there is none.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::new(Code::Unauthorized))
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

/// A caller who has the permission `P`.
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

impl<P: Grant, S: Send + Sync> FromRequestParts<S> for Permitted<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Caller::from_request_parts(parts, state).await?.try_into()
    }
}
