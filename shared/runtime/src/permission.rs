//! Who may do what: one table, role by permission. Nothing else in the product decides it.

use std::{fmt, str::FromStr};

/// A role that a token may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the tenant's connection.
    Administrator,
    /// Works with customers.
    Salesperson,
    /// Answers customers.
    Support,
    /// Warehouse and fulfilment.
    Operations,
    /// Owner or accountant.
    Accountant,
    /// Builds on the API.
    Developer,
    /// Runs the bundle for all tenants.
    Operator,
}

/// Something that a role may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See records.
    View,
    /// Change connection, mapping, rules of conflict.
    Configure,
    /// Start and stop runs.
    Sync,
    /// See errors and runs in detail.
    LogsView,
    /// Settle errors and conflicts.
    LogsResolve,
    /// See and export reports.
    Reports,
    /// Write rules.
    Automations,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Administrator,
        Self::Salesperson,
        Self::Support,
        Self::Operations,
        Self::Accountant,
        Self::Developer,
        Self::Operator,
    ];

    /// The role as tokens name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Salesperson => "salesperson",
            Self::Support => "support",
            Self::Operations => "operations",
            Self::Accountant => "accountant",
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 7] =
        [Self::View, Self::Configure, Self::Sync, Self::LogsView, Self::LogsResolve, Self::Reports, Self::Automations];

    /// The permission as the product names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Configure => "configure",
            Self::Sync => "sync",
            Self::LogsView => "logs.view",
            Self::LogsResolve => "logs.resolve",
            Self::Reports => "reports",
            Self::Automations => "automations",
        }
    }
}

/// What each role may do.
const fn permissions(role: Role) -> &'static [Permission] {
    use Permission::{Automations, Configure, LogsResolve, LogsView, Reports, Sync, View};
    match role {
        Role::Administrator => &[View, Configure, Sync, LogsView, LogsResolve, Reports, Automations],
        Role::Salesperson | Role::Support => &[View],
        Role::Operations => &[View, Sync, LogsView],
        Role::Accountant => &[View, Reports],
        Role::Developer => &[View, Sync, LogsView, Automations],
        Role::Operator => &[View, Sync, LogsView, LogsResolve],
    }
}

/// Whether `role` may do `permission`.
pub fn allows(role: Role, permission: Permission) -> bool {
    permissions(role).contains(&permission)
}

/// A role that does not exist. The text lists those that do; what was given is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the roles {}", Roles)]
pub struct UnknownRole;

struct Roles;

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Role::ALL.map(Role::name).join(", "))
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(s: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|r| r.name() == s).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let columns = ["view", "configure", "sync", "logs.view", "logs.resolve", "reports", "automations"];
        let rows = [
            ("administrator", "x x x x x x x"),
            ("salesperson", "x - - - - - -"),
            ("support", "x - - - - - -"),
            ("operations", "x - x x - - -"),
            ("accountant", "x - - - - x -"),
            ("developer", "x - x x - - x"),
            ("operator", "x - x x x - -"),
        ];
        assert_eq!(Permission::ALL.map(Permission::name), columns);
        assert_eq!(Role::ALL.map(Role::name).to_vec(), rows.map(|(r, _)| r).to_vec());
        for (role, cells) in rows {
            let role: Role = role.parse().expect("a role");
            let got = Permission::ALL.map(|p| if allows(role, p) { "x" } else { "-" }).join(" ");
            assert_eq!(got, cells, "{role}");
        }
    }

    #[test]
    fn an_unknown_role_is_refused_with_the_list_of_roles() {
        for bad in ["", "Administrator", "admin", "operator "] {
            let error = bad.parse::<Role>().expect_err(bad);
            for role in Role::ALL {
                assert!(error.to_string().contains(role.name()), "{error}");
            }
        }
    }
}
