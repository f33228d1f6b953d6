//! Cursors: opaque, signed, bound to a tenant and a filter.
//!
//! Decides that a cursor works only for the list it came from. A position names
//! rows of one tenant; the signature keeps anyone from making up another.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::TenantId;
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use std::fmt;

use crate::{catalogue::Code, key::SigningKey, problem::Problem};

/// The filter of the feed of changes: its positions are numbers of changes.
pub const FEED: &str = "changes";

const VERSION: u8 = 1;
const MAC_BYTES: usize = 16;
const MAX_TEXT: usize = 2048;

/// What signs cursors.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

/// A cursor that is not ours, or not of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct InvalidCursor;

impl From<InvalidCursor> for Problem {
    fn from(_: InvalidCursor) -> Self {
        Self::new(Code::InvalidCursor)
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey([redacted])")
    }
}

impl CursorKey {
    /// The key for cursors of a deployment.
    pub fn new(key: &SigningKey) -> Self {
        Self(key.mac("cursor"))
    }

    /// A cursor that stands behind `position` of the list that `tenant` asked for with `filter`.
    /// `filter` is everything that chooses the list: the route and its parameters, `limit` aside.
    pub fn seal<P: Serialize>(&self, tenant: &TenantId, filter: &str, position: &P) -> String {
        let position = serde_json::to_vec(position).expect("a position is plain data");
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.signature(tenant, filter, &position));
        bytes.extend_from_slice(&position);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position behind which a cursor stands.
    pub fn open<P: DeserializeOwned>(&self, tenant: &TenantId, filter: &str, cursor: &str) -> Result<P, InvalidCursor> {
        if cursor.len() > MAX_TEXT {
            return Err(InvalidCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
        let (version, rest) = bytes.split_first().ok_or(InvalidCursor)?;
        let (signature, position) = rest.split_at_checked(MAC_BYTES).ok_or(InvalidCursor)?;
        if *version != VERSION || self.mac(tenant, filter, position).verify_truncated_left(signature).is_err() {
            return Err(InvalidCursor);
        }
        serde_json::from_slice(position).map_err(|_| InvalidCursor)
    }

    fn mac(&self, tenant: &TenantId, filter: &str, position: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        // Each part with its length: no part can borrow from its neighbour.
        for part in [tenant.as_str().as_bytes(), filter.as_bytes(), position] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    fn signature(&self, tenant: &TenantId, filter: &str, position: &[u8]) -> [u8; MAC_BYTES] {
        let full = self.mac(tenant, filter, position).finalize().into_bytes();
        let mut cut = [0; MAC_BYTES];
        cut.copy_from_slice(&full[..MAC_BYTES]);
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> CursorKey {
        CursorKey::new(&SigningKey::new(vec![byte; 32]).expect("long enough"))
    }

    fn tenant() -> impl Strategy<Value = TenantId> {
        "t_[a-z0-9]{20}".prop_map(|t| t.parse().expect("a tenant id"))
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_for_its_own_list(t in tenant(), filter in ".{0,40}", position in ".{0,60}") {
            let cursor = key(1).seal(&t, &filter, &position);
            prop_assert_eq!(key(1).open::<String>(&t, &filter, &cursor), Ok(position));
            prop_assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        }

        #[test]
        fn a_cursor_of_another_tenant_filter_or_key_is_refused(
            t in tenant(), u in tenant(), filter in ".{0,40}", other in ".{0,40}", position in ".{0,60}",
        ) {
            prop_assume!(t != u && filter != other);
            let cursor = key(1).seal(&t, &filter, &position);
            prop_assert_eq!(key(1).open::<String>(&u, &filter, &cursor), Err(InvalidCursor));
            prop_assert_eq!(key(1).open::<String>(&t, &other, &cursor), Err(InvalidCursor));
            prop_assert_eq!(key(2).open::<String>(&t, &filter, &cursor), Err(InvalidCursor));
        }

        #[test]
        fn a_changed_cursor_is_refused(t in tenant(), position in ".{0,40}", at in any::<prop::sample::Index>(), flip in 1_u8..) {
            let cursor = key(1).seal(&t, "f", &position);
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).expect("our own");
            let n = at.index(bytes.len());
            bytes[n] ^= flip;
            prop_assert_eq!(key(1).open::<String>(&t, "f", &URL_SAFE_NO_PAD.encode(bytes)), Err(InvalidCursor));
        }

        #[test]
        fn any_text_is_refused_without_a_panic(t in tenant(), text in ".{0,200}") {
            prop_assert_eq!(key(1).open::<String>(&t, "f", &text), Err(InvalidCursor));
        }
    }

    #[test]
    fn a_filter_cannot_borrow_from_the_position() {
        let t: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let cursor = key(1).seal(&t, "ab", &1);
        assert_eq!(key(1).open::<i32>(&t, "a", &cursor), Err(InvalidCursor));
        assert_eq!(key(1).open::<i32>(&t, "ab", &cursor), Ok(1));
    }
}
