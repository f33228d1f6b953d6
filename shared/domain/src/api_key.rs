//! Keys with which programs call the API: what is known of each, and how one is added, renewed and taken away.
//!
//! Decides when a secret is accepted. Holds hashes of secrets only, and does not
//! know which permissions there are: a scope is a name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};
use uuid::Uuid;

use crate::ValueError;

/// The most keys that a tenant has.
pub const MAX_KEYS: usize = 20;

/// A key's id: `key_` and a UUID v7. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKeyId(Uuid);

impl ApiKeyId {
    /// An id from a UUID made by the caller (v7, so that keys sort by time).
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key_{}", self.0.simple())
    }
}

impl FromStr for ApiKeyId {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        let digits = s.strip_prefix("key_").filter(|d| d.len() == 32 && !d.bytes().any(|b| b.is_ascii_uppercase()));
        let uuid = digits.and_then(|d| Uuid::try_parse(d).ok());
        uuid.map(Self).ok_or(ValueError::new("key id", "key_ and 32 hexadecimal digits"))
    }
}

impl Serialize for ApiKeyId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApiKeyId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A secret of a key: its hash, and until when it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySecret {
    /// SHA-256 of the secret.
    pub sha256: [u8; 32],
    /// Until when it is accepted after a renewal; the current one has no end of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_until: Option<Timestamp>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// The permissions that it has, by name.
    pub scopes: BTreeSet<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, in the words of the CRM.
    pub created_by: String,
    /// When it was renewed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// From when on it is not accepted any more; without it, it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Its secrets, the current one last.
    pub secrets: Vec<KeySecret>,
}

impl ApiKey {
    /// The hashes of secrets that are accepted at `now`.
    pub fn accepted(&self, now: Timestamp) -> impl Iterator<Item = &[u8; 32]> {
        let is_live = self.expires_at.is_none_or(|end| now < end);
        let secrets = self.secrets.iter().filter(move |s| is_live && s.accepted_until.is_none_or(|end| now < end));
        secrets.map(|s| &s.sha256)
    }

    /// Until when the secret before the current one is still accepted, if it is.
    pub fn previous_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.secrets.iter().filter_map(|s| s.accepted_until).filter(|end| now < *end).max()
    }
}

/// All keys of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeys {
    /// Grows by one with every change; zero before the first.
    pub version: u64,
    /// The keys, the oldest first.
    pub keys: Vec<ApiKey>,
}

/// A tenant has [`MAX_KEYS`] keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {MAX_KEYS} keys")]
pub struct TooManyKeys;

impl ApiKeys {
    /// The key with an id.
    pub fn get(&self, id: ApiKeyId) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// With another key. Keys that are over make room.
    pub fn with(mut self, key: ApiKey) -> Result<Self, TooManyKeys> {
        self.keys.retain(|k| k.expires_at.is_none_or(|end| key.created_at < end));
        if self.keys.len() >= MAX_KEYS {
            return Err(TooManyKeys);
        }
        self.keys.push(key);
        Ok(self.next())
    }

    /// With a new secret of a key; the one before is accepted until `overlap_ends`, older ones no more. `None` without such a key.
    pub fn rotated(mut self, id: ApiKeyId, sha256: [u8; 32], now: Timestamp, overlap_ends: Timestamp) -> Option<Self> {
        let key = self.keys.iter_mut().find(|key| key.id == id)?;
        key.secrets.retain(|s| s.accepted_until.is_none());
        for secret in &mut key.secrets {
            secret.accepted_until = Some(overlap_ends);
        }
        key.secrets.push(KeySecret { sha256, accepted_until: None });
        key.rotated_at = Some(now);
        Some(self.next())
    }

    /// Without a key. `None` without such a key.
    pub fn without(mut self, id: ApiKeyId) -> Option<Self> {
        let before = self.keys.len();
        self.keys.retain(|key| key.id != id);
        (self.keys.len() < before).then(|| self.next())
    }

    fn next(mut self) -> Self {
        self.version += 1;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).expect("in range")
    }

    fn key(n: u128, expires_at: Option<Timestamp>) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(Uuid::from_u128(n)),
            name: "nightly".to_owned(),
            scopes: BTreeSet::from(["view".to_owned()]),
            created_at: at(n.try_into().expect("small")),
            created_by: "user-1".to_owned(),
            rotated_at: None,
            expires_at,
            secrets: vec![KeySecret { sha256: [1; 32], accepted_until: None }],
        }
    }

    #[test]
    fn after_a_renewal_the_old_secret_is_accepted_until_the_overlap_ends_and_the_one_before_it_no_more() {
        let keys = ApiKeys::default().with(key(1, None)).expect("room");
        let id = keys.keys[0].id;
        let keys = keys.rotated(id, [2; 32], at(10), at(20)).expect("there");
        let accepted = |keys: &ApiKeys, now| keys.keys[0].accepted(at(now)).copied().collect::<Vec<_>>();
        assert_eq!(accepted(&keys, 19), [[1; 32], [2; 32]]);
        assert_eq!(accepted(&keys, 20), [[2; 32]]);
        assert_eq!(keys.keys[0].previous_until(at(19)), Some(at(20)));
        assert_eq!(keys.keys[0].previous_until(at(20)), None);
        let keys = keys.rotated(id, [3; 32], at(15), at(30)).expect("there");
        assert_eq!(accepted(&keys, 16), [[2; 32], [3; 32]]);
        assert_eq!(keys.version, 3);
    }

    #[test]
    fn a_key_that_is_over_is_not_accepted_and_makes_room() {
        let mut keys = ApiKeys::default();
        for n in 1..=20 {
            keys = keys.with(key(n, (n == 1).then(|| at(50)))).expect("room");
        }
        assert_eq!(keys.keys[0].accepted(at(49)).count(), 1);
        assert_eq!(keys.keys[0].accepted(at(50)).count(), 0);
        assert_eq!(keys.clone().with(key(49, None)), Err(TooManyKeys));
        let keys = keys.with(key(50, None)).expect("room of the one that is over");
        assert_eq!(keys.keys.len(), 20);
    }

    #[test]
    fn a_key_that_is_taken_away_is_gone_with_all_its_secrets() {
        let keys = ApiKeys::default().with(key(1, None)).expect("room");
        let id = keys.keys[0].id;
        assert_eq!(keys.clone().without(ApiKeyId::new(Uuid::from_u128(9))), None);
        assert!(keys.without(id).expect("there").keys.is_empty());
    }

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = ApiKeyId::new(Uuid::from_u128(0xabc));
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "key_", "key_ABCDEF00000000000000000000000000", "run_00000000000000000000000000000abc"] {
            assert!(bad.parse::<ApiKeyId>().is_err(), "{bad}");
        }
    }
}
