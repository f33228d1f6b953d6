//! What must be true before anything is deleted: the evidence that a record is gone, and the guard against deleting many.
//!
//! The guard judges the whole list before the first delete; a list that it
//! does not believe waits for a person, whose approval is of exactly that
//! list. It must not delete, and cannot be asked about a part of a list.

use std::collections::BTreeSet;

use domain::{ContentHash, RecordId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Two sweeps that are closer than this may have met the same short illness of the ERP.
const APART: SignedDuration = SignedDuration::from_hours(1);
/// So many may always go.
const FEW: usize = 10;
/// More than this never go unasked, at once or in a day.
const MANY: usize = 500;
/// How long an approval is good.
const APPROVED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long an archived record can be brought back.
const ARCHIVED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is known of a record that sweeps of the ERP did not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// The first complete sweep without it.
    pub first_sweep: Timestamp,
    /// The last complete sweep without it.
    pub last_sweep: Timestamp,
    /// A direct lookup said that it is gone.
    pub lookup_gone: bool,
    /// The same lookup found a record that is there.
    pub control_passed: bool,
}

/// Why an absence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The lookup cannot be believed.
    #[error("the lookup did not find a record that is there either")]
    ControlFailed,
    /// The lookup did not say that it is gone.
    #[error("a direct lookup did not say that the record is gone")]
    LookupDidNotSayGone,
    /// One sweep, or two too close to each other.
    #[error("not two complete sweeps that are an hour apart")]
    SweepsTooClose,
}

/// Whether the record is gone from the ERP: two complete sweeps an hour apart, the lookup and its control.
pub fn proves(absence: &Absence) -> Result<(), Doubt> {
    if !absence.control_passed {
        Err(Doubt::ControlFailed)
    } else if !absence.lookup_gone {
        Err(Doubt::LookupDidNotSayGone)
    } else if absence.last_sweep.duration_since(absence.first_sweep) < APART {
        Err(Doubt::SweepsTooClose)
    } else {
        Ok(())
    }
}

/// Whether a list may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It may.
    Go,
    /// A person must approve it first.
    Ask {
        /// The hash of exactly this list.
        #[serde(with = "hash_text")]
        list: ContentHash,
        /// Why.
        reason: StopReason,
    },
}

/// Why a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// More than 500 at once.
    Many,
    /// More than 500 in 24 hours.
    ManyInADay,
    /// The number of live records fell by more than a fifth since the last complete sweep.
    LiveFell,
    /// More than ten that are more than a twentieth of the live records.
    LargeShare,
}

/// Judges the whole list of what is to be deleted of one object type of one tenant.
///
/// `live` is how many records of the type live on without the candidates,
/// `live_at_last_sweep` how many the last complete sweep before this one found.
pub fn judge(
    candidates: &BTreeSet<RecordId>,
    live: usize,
    live_at_last_sweep: Option<usize>,
    deleted_last_24h: usize,
) -> Verdict {
    let n = candidates.len();
    // Multiplied in 128 bits, where no count overflows.
    let more = |a: usize, times: u128, b: usize, by: u128| a as u128 * times > b as u128 * by;
    let fell = live_at_last_sweep.is_some_and(|last| more(last, 4, live, 5));
    let reason = match n {
        0 => None,
        _ if n > MANY => Some(StopReason::Many),
        _ if deleted_last_24h.saturating_add(n) > MANY => Some(StopReason::ManyInADay),
        _ if n > FEW && fell => Some(StopReason::LiveFell),
        _ if n > FEW && more(n, 20, live, 1) => Some(StopReason::LargeShare),
        _ => None,
    };
    reason.map_or(Verdict::Go, |reason| Verdict::Ask { list: list_hash(candidates), reason })
}

/// The hash of a list of records, whatever the order in which it was gathered.
pub fn list_hash(list: &BTreeSet<RecordId>) -> ContentHash {
    let ids: Vec<String> = list.iter().map(ToString::to_string).collect();
    // Ids have no comma, so no two lists are written alike.
    ContentHash::of(&[ids.join(",").as_bytes()])
}

/// A person's word that a list may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The hash of the list that was shown.
    #[serde(with = "hash_text")]
    pub list: ContentHash,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
}

/// Why an approval releases nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalError {
    /// The list has changed since it was shown.
    #[error("the approval is of another list")]
    AnotherList,
    /// It was not given in the last 24 hours, or by a clock that is that far ahead.
    #[error("the approval is older than 24 hours")]
    TooOld,
}

/// Whether `approval` releases what `verdict` holds back. A list that may go needs none.
pub fn approve(verdict: &Verdict, approval: &Approval, now: Timestamp) -> Result<(), ApprovalError> {
    match verdict {
        Verdict::Ask { list, .. } if *list != approval.list => Err(ApprovalError::AnotherList),
        Verdict::Ask { .. } if now.duration_since(approval.at).abs() > APPROVED_FOR => Err(ApprovalError::TooOld),
        Verdict::Go | Verdict::Ask { .. } => Ok(()),
    }
}

/// Why an archived record does not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreError {
    /// Its time is over.
    #[error("the record was archived more than 30 days ago")]
    TooLate,
}

/// Whether a record that was archived at `archived_at` may be brought back.
pub fn restore(archived_at: Timestamp, now: Timestamp) -> Result<(), RestoreError> {
    if now.duration_since(archived_at) > ARCHIVED_FOR { Err(RestoreError::TooLate) } else { Ok(()) }
}

/// A hash as 16 hexadecimal digits: a number of 64 bits does not survive every reader of JSON.
mod hash_text {
    use domain::ContentHash;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(hash: &ContentHash, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{:016x}", hash.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<ContentHash, D::Error> {
        let text = String::deserialize(d)?;
        let hex = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| hex);
        number.map(ContentHash).ok_or_else(|| D::Error::custom("not a hash of 16 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ErpId, Object};
    use proptest::prelude::*;

    fn s(n: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + n).expect("in range")
    }

    fn id(n: u64) -> RecordId {
        let tenant = "t_00000000000000000001".parse().expect("a tenant");
        RecordId::for_erp(&tenant, Object::Orders, ErpId::new(n))
    }

    fn list(n: u64) -> BTreeSet<RecordId> {
        (0..n).map(id).collect()
    }

    fn reason(v: &Verdict) -> Option<StopReason> {
        match v {
            Verdict::Go => None,
            Verdict::Ask { reason, .. } => Some(*reason),
        }
    }

    #[test]
    fn an_absence_is_proved_by_all_four_and_by_nothing_less() {
        let whole = Absence { first_sweep: s(0), last_sweep: s(3_600), lookup_gone: true, control_passed: true };
        assert_eq!(proves(&whole), Ok(()));
        for (part, doubt) in [
            (Absence { last_sweep: s(3_599), ..whole.clone() }, Doubt::SweepsTooClose),
            (Absence { last_sweep: s(-7_200), ..whole.clone() }, Doubt::SweepsTooClose),
            (Absence { lookup_gone: false, ..whole.clone() }, Doubt::LookupDidNotSayGone),
            (Absence { control_passed: false, ..whole.clone() }, Doubt::ControlFailed),
        ] {
            assert_eq!(proves(&part), Err(doubt));
        }
    }

    #[test]
    fn the_limits_are_as_they_are_written() {
        for (candidates, live, before, deleted, expected) in [
            (0, 0, Some(1_000), 501, None),
            (10, 0, Some(1_000), 0, None),
            (11, 220, None, 0, None),
            (11, 219, None, 0, Some(StopReason::LargeShare)),
            (11, 800, Some(1_000), 0, None),
            (11, 799, Some(1_000), 0, Some(StopReason::LiveFell)),
            (500, 100_000, Some(100_000), 0, None),
            (501, 100_000, Some(100_000), 0, Some(StopReason::Many)),
            (1, 100_000, None, 499, None),
            (1, 100_000, None, 500, Some(StopReason::ManyInADay)),
            (1, 100_000, None, usize::MAX, Some(StopReason::ManyInADay)),
            (11, usize::MAX, Some(usize::MAX), 0, None),
        ] {
            let verdict = judge(&list(candidates), live, before, deleted);
            assert_eq!(reason(&verdict), expected, "{candidates} {live} {before:?} {deleted}");
        }
    }

    #[test]
    fn an_approval_is_good_for_a_day_and_an_archived_record_for_thirty() {
        let verdict = judge(&list(600), 10_000, None, 0);
        let approval = Approval { list: list_hash(&list(600)), at: s(0), by: "Ana".to_owned() };
        assert_eq!(approve(&verdict, &approval, s(86_400)), Ok(()));
        assert_eq!(approve(&verdict, &approval, s(86_401)), Err(ApprovalError::TooOld));
        assert_eq!(approve(&verdict, &approval, s(-86_401)), Err(ApprovalError::TooOld));
        assert_eq!(approve(&Verdict::Go, &approval, s(86_401)), Ok(()));
        assert_eq!(restore(s(0), s(30 * 86_400)), Ok(()));
        assert_eq!(restore(s(0), s(30 * 86_400 + 1)), Err(RestoreError::TooLate));
    }

    #[test]
    fn verdict_and_approval_come_back_equal_from_json() {
        for n in [0, 600] {
            let verdict = judge(&list(n), 10_000, None, 0);
            let json = serde_json::to_string(&verdict).expect("plain");
            assert_eq!(serde_json::from_str::<Verdict>(&json).expect("a verdict"), verdict);
        }
        let approval = Approval { list: ContentHash(7), at: s(0), by: "Ana".to_owned() };
        let json = serde_json::to_string(&approval).expect("plain");
        assert!(json.contains("\"0000000000000007\""), "{json}");
        assert_eq!(serde_json::from_str::<Approval>(&json).expect("an approval"), approval);
        assert!(serde_json::from_str::<Approval>(&json.replace("0000000000000007", "+000000000000007")).is_err());
    }

    proptest! {
        #[test]
        fn what_goes_unasked_is_little_by_every_measure(
            n in 0_u64..700, live in 0_usize..20_000, before in prop::option::of(0_usize..20_000), deleted in 0_usize..600,
        ) {
            let candidates = list(n);
            let n = candidates.len();
            let few = n <= 10 || (20 * n <= live && before.is_none_or(|b| 5 * live >= 4 * b));
            let go = n == 0 || (few && n <= 500 && n + deleted <= 500);
            prop_assert_eq!(judge(&candidates, live, before, deleted) == Verdict::Go, go);
        }

        #[test]
        fn an_approval_of_one_list_never_releases_another(
            a in prop::collection::btree_set(0_u64..40, 1..30), b in prop::collection::btree_set(0_u64..40, 1..30),
        ) {
            let ids = |set: &BTreeSet<u64>| set.iter().copied().map(id).collect::<BTreeSet<_>>();
            let approval = Approval { list: list_hash(&ids(&a)), at: s(0), by: String::new() };
            let verdict = judge(&ids(&b), 0, None, 500);
            let expected = if a == b { Ok(()) } else { Err(ApprovalError::AnotherList) };
            prop_assert_eq!(approve(&verdict, &approval, s(1)), expected);
        }

        #[test]
        fn the_order_of_gathering_does_not_matter(ids in Just((0_u64..20).collect::<Vec<_>>()).prop_shuffle()) {
            let gathered: BTreeSet<RecordId> = ids.into_iter().map(id).collect();
            prop_assert_eq!(judge(&gathered, 0, None, 0), judge(&list(20), 0, None, 0));
        }
    }
}
