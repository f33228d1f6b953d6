//! One-time links and sessions of the console. Only hashes of their secrets are stored.
//!
//! Decides that a link works once and neither works after its time.

use jiff::Timestamp;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, text, time};
use crate::key::Key;
use crate::tenant::Tenant;
use crate::write::Write;

/// Whom a one-time link lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLink {
    /// Who.
    pub subject: String,
    /// As what.
    pub role: String,
    /// Until when it may be used.
    pub expires: Timestamp,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub subject: String,
    /// As what.
    pub role: String,
    /// Until when.
    pub expires: Timestamp,
}

fn draft(key: Key, subject: &str, role: &str, expires: Timestamp) -> Draft {
    Draft::new(key).with("su", text(subject)).with("ro", text(role)).with("ex", time(expires)).expiring(expires)
}

fn parts(item: Attributes) -> Result<(String, String, Timestamp), StoreError> {
    let fields = Fields::new(item, "console row");
    Ok((fields.text("su")?.to_owned(), fields.text("ro")?.to_owned(), fields.time("ex")?))
}

impl Tenant {
    /// Makes a link. [`StoreError::Conflict`] when there is one with this code.
    pub async fn create_link(&self, code_sha256: &[u8; 32], link: &ConsoleLink) -> Result<(), StoreError> {
        let key = self.keys.console_link(code_sha256);
        let draft = draft(key, &link.subject, &link.role, link.expires);
        self.calls().write(Write::put(draft).when_absent()).await?;
        Ok(())
    }

    /// Uses a link up. `None` when there is none, it was used, or its time is over.
    pub async fn redeem_link(&self, code_sha256: &[u8; 32], now: Timestamp) -> Result<Option<ConsoleLink>, StoreError> {
        let write = Write::delete(self.keys.console_link(code_sha256)).when("ex > :now").value(":now", time(now));
        match self.calls().write(write).await {
            Ok(Some(item)) => {
                let (subject, role, expires) = parts(item)?;
                Ok(Some(ConsoleLink { subject, role, expires }))
            }
            Ok(None) | Err(WriteError::Condition(_)) => Ok(None),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// Makes a session. [`StoreError::Conflict`] when there is one with this token.
    pub async fn create_session(&self, token_sha256: &[u8; 32], session: &Session) -> Result<(), StoreError> {
        let key = self.keys.console_session(token_sha256);
        let draft = draft(key, &session.subject, &session.role, session.expires);
        self.calls().write(Write::put(draft).when_absent()).await?;
        Ok(())
    }

    /// A session that is not over at `now`.
    pub async fn session(&self, token_sha256: &[u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError> {
        let Some(item) = self.calls().get(&self.keys.console_session(token_sha256)).await? else {
            return Ok(None);
        };
        let (subject, role, expires) = parts(item)?;
        Ok((expires > now).then_some(Session { subject, role, expires }))
    }

    /// Ends a session, if there is one.
    pub async fn delete_session(&self, token_sha256: &[u8; 32]) -> Result<(), StoreError> {
        let write = Write::delete(self.keys.console_session(token_sha256));
        self.calls().write(write).await?;
        Ok(())
    }
}
