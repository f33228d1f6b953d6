//! The message that asks for work: what travels through the queue.
//!
//! Decides the form on the wire. A message is a hint, never a fact: it names a
//! tenant and a row, and whoever receives it checks it against the row
//! (`runtime::auth`) before anything is read for that tenant.

use domain::{RecordId, RunId, TenantId};
use serde::{Deserialize, Serialize};

use crate::error::QueueError;

/// The version of the envelope. A message of another version is refused, not guessed at.
const VERSION: u8 = 1;

/// The longest inbox key that is accepted.
const MAX_KEY: usize = 256;

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Go on with a run.
    Run(RunId),
    /// Look at the webhook that was kept under this key.
    Inbox(String),
    /// The tenant's schedule says that something is due.
    Due,
    /// Records are to be looked at on both sides.
    Push,
    /// Make or carry out a plan.
    Plan(String),
    /// Look at the files that the ERP has attached to a document.
    Files(RecordId),
}

impl Work {
    /// The kind as a word, for attributes and logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Inbox(_) => "inbox",
            Self::Due => "due",
            Self::Push => "push",
            Self::Plan(_) => "plan",
            Self::Files(_) => "files",
        }
    }
}

/// Work for one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkMessage {
    /// Whose work it is. Not to be trusted before it is checked.
    pub tenant: TenantId,
    /// What there is to do.
    pub work: Work,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u8,
    tenant: TenantId,
    work: Work,
}

/// The version alone, so that a newer envelope is named as such.
#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

impl WorkMessage {
    /// A message of `work` for `tenant`.
    pub const fn new(tenant: TenantId, work: Work) -> Self {
        Self { tenant, work }
    }

    /// The message as it travels: `{"v":1,"tenant":"t_...","work":...}`.
    pub fn encode(&self) -> String {
        let envelope = Envelope { v: VERSION, tenant: self.tenant.clone(), work: self.work.clone() };
        serde_json::to_string(&envelope).expect("strings and numbers always serialise")
    }

    /// The message that `body` says, if it is one of this version.
    pub fn decode(body: &str) -> Result<Self, QueueError> {
        let Versioned { v } =
            serde_json::from_str(body).map_err(|_| QueueError::Malformed("not an object with a version"))?;
        if v != VERSION {
            return Err(QueueError::Malformed("another version"));
        }
        let Envelope { tenant, work, .. } =
            serde_json::from_str(body).map_err(|_| QueueError::Malformed("tenant or work is wrong"))?;
        match &work {
            Work::Inbox(key) | Work::Plan(key) if key.is_empty() || key.len() > MAX_KEY => {
                Err(QueueError::Malformed("a key of that length"))
            }
            _ => Ok(Self { tenant, work }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "t_00000000000000000001";
    const RUN: &str = "run_0190a1b2c3d47e5f8091a2b3c4d5e6f7";

    const RECORD: &str = "ord_0190a1b2c3d47e5f8091a2b3c4d5e6f7";

    fn message(work: Work) -> WorkMessage {
        WorkMessage::new(TENANT.parse().expect("a tenant id"), work)
    }

    #[test]
    fn every_kind_of_work_has_its_form_on_the_wire_and_comes_back_equal() {
        let table = [
            (
                Work::Run(RUN.parse().expect("a run id")),
                format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"run":"{RUN}"}}}}"#),
            ),
            (
                Work::Inbox("71538876#ab".to_owned()),
                format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"inbox":"71538876#ab"}}}}"#),
            ),
            (
                Work::Files(RECORD.parse().expect("a record id")),
                format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"files":"{RECORD}"}}}}"#),
            ),
            (Work::Due, format!(r#"{{"v":1,"tenant":"{TENANT}","work":"due"}}"#)),
        ];
        for (work, wire) in table {
            let message = message(work);
            assert_eq!(message.encode(), wire);
            assert_eq!(WorkMessage::decode(&wire).expect("our own form"), message);
        }
    }

    #[test]
    fn what_is_no_message_of_this_version_is_refused() {
        let long = "k".repeat(MAX_KEY + 1);
        let table = [
            String::new(),
            "null".to_owned(),
            "{}".to_owned(),
            format!(r#"{{"v":2,"tenant":"{TENANT}","work":"due"}}"#),
            format!(r#"{{"tenant":"{TENANT}","work":"due"}}"#),
            r#"{"v":1,"tenant":"t_1","work":"due"}"#.to_owned(),
            format!(r#"{{"v":1,"tenant":"{TENANT}"}}"#),
            format!(r#"{{"v":1,"tenant":"{TENANT}","work":"done"}}"#),
            format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"run":"1"}}}}"#),
            format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"inbox":""}}}}"#),
            format!(r#"{{"v":1,"tenant":"{TENANT}","work":{{"inbox":"{long}"}}}}"#),
            format!(r#"{{"v":1,"tenant":"{TENANT}","work":"due"}} x"#),
        ];
        for body in table {
            let error = WorkMessage::decode(&body).expect_err(&body);
            assert_eq!(error.code(), "message_malformed");
            assert!(!error.to_string().contains(TENANT), "{error}");
        }
    }
}
