//! Ids: newtypes with prefixes, parsed at the edge, strings on every wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};
use uuid::Uuid;

use crate::{Object, ValueError};

/// A tenant of the CRM: `t_` and 20 characters of `[a-z0-9]`. The fixed length means that no id is a prefix of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

/// The id in a webhook's address: `whe_` and 32 characters of `[a-z0-9]`, unguessable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(String);

/// An internal id of the ERP (`mk_id`): a string of at most 19 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErpId(u64);

/// A record of ours: its object type's prefix and a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    object: Object,
    uuid: Uuid,
}

/// A run: `run_` and a UUID v7, so that ids sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Uuid);

/// An action on a document: `act_` and a UUID v7, so that ids sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(Uuid);

/// An endpoint of the CRM that is told of changes: `evt_` and a UUID v7, so that ids sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventEndpointId(Uuid);

fn suffix<'a>(s: &'a str, prefix: &str, len: usize) -> Option<&'a str> {
    let rest = s.strip_prefix(prefix)?;
    (rest.len() == len && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())).then_some(rest)
}

impl TenantId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EndpointId {
    /// The id as text. It is a capability: keep it out of logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// The id alone lets anyone reach the endpoint, so it stays out of Debug.
impl fmt::Debug for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointId(whe_...)")
    }
}

impl ErpId {
    /// From the number that the digits mean.
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The digits as a number, for packed indexes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl RecordId {
    /// The id of the record that is pulled from the ERP's `erp_id`.
    ///
    /// Deterministic, so that a load that was killed and is repeated meets its
    /// own records again instead of making second ones (UUID version 8 over
    /// BLAKE3 of tenant, object type and id).
    pub fn for_erp(tenant: &TenantId, object: Object, erp_id: ErpId) -> Self {
        let mut h = blake3::Hasher::new();
        for part in [tenant.as_str(), object.name(), &erp_id.to_string()] {
            h.update(part.as_bytes());
            h.update(&[0]);
        }
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&h.finalize().as_bytes()[..16]);
        Self { object, uuid: Uuid::new_v8(bytes) }
    }

    /// The id of the record that the CRM calls `crm_id`, until the ERP has it. Deterministic as [`Self::for_erp`].
    pub fn for_crm(tenant: &TenantId, object: Object, crm_id: &str) -> Self {
        let mut h = blake3::Hasher::new();
        for part in ["crm", tenant.as_str(), object.name(), crm_id] {
            h.update(part.as_bytes());
            h.update(&[0]);
        }
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&h.finalize().as_bytes()[..16]);
        Self { object, uuid: Uuid::new_v8(bytes) }
    }

    /// The object type it is of.
    pub const fn object(self) -> Object {
        self.object
    }
}

impl RunId {
    /// A run id from a UUID made by the caller (v7, so that runs sort by time).
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The lower half of the UUID, random in a v7, as a number for keys that belong to the run.
    pub fn low_bits(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

impl ActionId {
    /// An action id from a UUID made by the caller (v7, so that actions sort by time).
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The lower half of the UUID, random in a v7.
    pub fn low_bits(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "act_{}", self.0.simple())
    }
}

impl FromStr for ActionId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        suffix(s, "act_", 32)
            .and_then(|r| Uuid::try_parse(r).ok())
            .map(Self)
            .ok_or(ValueError::new("action id", "act_ and 32 hexadecimal digits"))
    }
}

impl EventEndpointId {
    /// An endpoint's id from a UUID made by the caller (v7, so that endpoints sort by time).
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for EventEndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}", self.0.simple())
    }
}

impl FromStr for EventEndpointId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        suffix(s, "evt_", 32)
            .and_then(|r| Uuid::try_parse(r).ok())
            .map(Self)
            .ok_or(ValueError::new("endpoint id", "evt_ and 32 hexadecimal digits"))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.object.prefix(), self.uuid.simple())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run_{}", self.0.simple())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ErpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TenantId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        suffix(s, "t_", 20)
            .map(|_| Self(s.to_owned()))
            .ok_or(ValueError::new("tenant id", "t_ and 20 characters of a-z and 0-9"))
    }
}

impl FromStr for EndpointId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        suffix(s, "whe_", 32)
            .map(|_| Self(s.to_owned()))
            .ok_or(ValueError::new("webhook endpoint id", "whe_ and 32 characters of a-z and 0-9"))
    }
}

impl FromStr for ErpId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        const RULE: ValueError = ValueError::new("ERP id", "1 to 19 digits without leading zeros");
        let digits = (1..=19).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        if !digits || (s.len() > 1 && s.starts_with('0')) {
            return Err(RULE);
        }
        s.parse().map(Self).map_err(|_| RULE)
    }
}

impl FromStr for RecordId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        const RULE: ValueError =
            ValueError::new("record id", "a three-letter prefix, an underscore and 32 hexadecimal digits");
        let (prefix, rest) = s.split_once('_').ok_or(RULE)?;
        let object = Object::from_prefix(prefix).ok_or(RULE)?;
        let uuid = suffix(rest, "", 32).and_then(|r| Uuid::try_parse(r).ok()).ok_or(RULE)?;
        Ok(Self { object, uuid })
    }
}

impl FromStr for RunId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        suffix(s, "run_", 32)
            .and_then(|r| Uuid::try_parse(r).ok())
            .map(Self)
            .ok_or(ValueError::new("run id", "run_ and 32 hexadecimal digits"))
    }
}

macro_rules! as_string {
    ($($t:ty),*) => {$(
        impl Serialize for $t {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}
as_string!(TenantId, EndpointId, ErpId, RecordId, RunId, ActionId, EventEndpointId);

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(n: u8) -> TenantId {
        format!("t_{n:0>20}").parse().expect("a valid tenant id")
    }

    #[test]
    fn a_record_id_is_the_same_for_the_same_erp_record_and_differs_otherwise() {
        let id = RecordId::for_erp(&tenant(1), Object::Orders, ErpId::new(7));
        assert_eq!(id, RecordId::for_erp(&tenant(1), Object::Orders, ErpId::new(7)));
        assert_ne!(id, RecordId::for_erp(&tenant(2), Object::Orders, ErpId::new(7)));
        assert_ne!(id, RecordId::for_erp(&tenant(1), Object::Offers, ErpId::new(7)));
        assert_eq!(id.to_string().parse::<RecordId>(), Ok(id));
    }

    #[test]
    fn tenant_ids_with_delimiters_or_another_length_are_refused() {
        for bad in ["t_1", "1", "t_0000000000000000000#", "t_000000000000000000000", "T_00000000000000000000", ""] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn erp_ids_keep_every_digit_and_refuse_what_would_not_come_back_equal() {
        for good in ["0", "19", "400000000159", "9007199254740993", "9999999999999999999"] {
            assert_eq!(good.parse::<ErpId>().expect("valid").to_string(), good);
        }
        for bad in ["", "007", "-1", "1.0", "99999999999999999999", "1 ", "１"] {
            assert!(bad.parse::<ErpId>().is_err(), "{bad}");
        }
    }
}
