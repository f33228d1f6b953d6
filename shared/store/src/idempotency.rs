//! Answers kept for repeated requests with the same `Idempotency-Key`.
//!
//! Decides whether a request is new, still running, done, or another request
//! under a used key. Must not know what the requests do.

use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack, text, time};
use crate::tenant::Tenant;
use crate::write::Write;

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// After this a request that never ended may be taken over: no function runs longer for one.
const STALE: SignedDuration = SignedDuration::from_secs(60);

/// The right to answer a request.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyToken {
    tenant: TenantId,
    key_sha256: [u8; 32],
    nonce: String,
}

impl fmt::Debug for IdempotencyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyToken")
    }
}

/// How a request stands.
#[derive(Clone, PartialEq, Eq)]
pub enum Begun {
    /// New: do it, then finish or abandon it.
    Fresh {
        /// The right to answer.
        token: IdempotencyToken,
    },
    /// Being done by another invocation.
    Running,
    /// Done: this is the answer.
    Replay {
        /// HTTP status.
        status: u16,
        /// Media type.
        content_type: String,
        /// Body.
        body: Vec<u8>,
    },
    /// The key was used for a request with another body.
    OtherBody,
}

// The body is an answer of the API, with personal data.
impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh { .. } => f.write_str("Fresh"),
            Self::Running => f.write_str("Running"),
            Self::Replay { status, .. } => f.debug_tuple("Replay").field(status).finish(),
            Self::OtherBody => f.write_str("OtherBody"),
        }
    }
}

impl Tenant {
    /// Begins the request that `key` names and `body_sha256` fingerprints.
    pub async fn begin(&self, key: &str, body_sha256: &[u8; 32], now: Timestamp) -> Result<Begun, StoreError> {
        let token = IdempotencyToken {
            tenant: self.id().clone(),
            key_sha256: Sha256::digest(key.as_bytes()).into(),
            nonce: format!("{:032x}", rand::random::<u128>()),
        };
        let draft = Draft::new(self.keys.idempotency(&token.key_sha256))
            .with("h", binary(*body_sha256))
            .with("tk", text(token.nonce.as_str()))
            .with("sa", time(now))
            .expiring(now.saturating_add(KEPT).unwrap_or(Timestamp::MAX));
        let stale = now.saturating_sub(STALE).unwrap_or(Timestamp::MIN);
        // The table removes expired rows late, so an expired one counts as gone.
        let write = Write::put(draft)
            .when(
                "attribute_not_exists(pk) OR #ttl <= :now \
                 OR (attribute_not_exists(st) AND sa <= :stale AND h = :h)",
            )
            .value(":now", number(now.as_second()))
            .value(":stale", time(stale))
            .value(":h", binary(*body_sha256))
            .telling_old();
        match self.calls().write(write).await {
            Ok(_) => Ok(Begun::Fresh { token }),
            Err(WriteError::Condition(Some(item))) => begun(&Fields::new(item, "idempotency row"), token, body_sha256),
            Err(e) => Err(e.into()),
        }
    }

    /// Keeps the answer. [`StoreError::Conflict`] when another invocation has taken the request over.
    pub async fn finish(
        &self,
        token: &IdempotencyToken,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), StoreError> {
        self.own(&token.tenant)?;
        let packed = pack(body)?;
        if packed.len() > crate::item::MAX_ITEM {
            return Err(StoreError::TooLarge);
        }
        let key = self.keys.idempotency(&token.key_sha256);
        let write = Write::update(key, "SET st = :st, ct = :ct, b = :b")
            .when("tk = :tk")
            .value(":tk", text(token.nonce.as_str()))
            .value(":st", number(status))
            .value(":ct", text(content_type))
            .value(":b", binary(packed));
        self.calls().write(write).await?;
        Ok(())
    }

    /// Lets the key be used again at once: nothing was done.
    pub async fn abandon(&self, token: &IdempotencyToken) -> Result<(), StoreError> {
        self.own(&token.tenant)?;
        let write = Write::delete(self.keys.idempotency(&token.key_sha256))
            .when("tk = :tk AND attribute_not_exists(st)")
            .value(":tk", text(token.nonce.as_str()));
        match self.calls().write(write).await {
            Ok(_) | Err(WriteError::Condition(_)) => Ok(()),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}

fn begun(row: &Fields, token: IdempotencyToken, body_sha256: &[u8; 32]) -> Result<Begun, StoreError> {
    if row.binary("h")? != body_sha256 {
        Ok(Begun::OtherBody)
    } else if row.has("st") {
        Ok(Begun::Replay {
            status: row.number("st")?,
            content_type: row.text("ct")?.to_owned(),
            body: row.unpacked("b")?,
        })
    } else if row.text("tk")? == token.nonce {
        // Our own attempt, whose answer was lost before the SDK repeated it.
        Ok(Begun::Fresh { token })
    } else {
        Ok(Begun::Running)
    }
}
