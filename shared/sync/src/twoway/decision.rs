//! What a person says about a contact that could be one of several partners.
//!
//! Decides whether the word fits what waits by now: it names the revision and
//! the candidates that the person saw. Must not join or make anything: the next
//! visit looks at both sides and does what the word says.

use std::collections::BTreeSet;

use domain::ErpId;
use domain::change::{Evidence, Matched};
use jiff::Timestamp;
use thiserror::Error;

use super::entry::{Change, Entry, HoldReason, Winner};

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is this partner.
    Link {
        /// Which.
        erp_id: ErpId,
    },
    /// It is none of them: make a new one.
    New {
        /// The candidates that the person saw.
        none_of: BTreeSet<ErpId>,
    },
}

/// Why a decision was not taken. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotDecided {
    /// The record was changed since the person saw it.
    #[error("the record has another revision by now")]
    Moved,
    /// It does not wait for such a word.
    #[error("the record does not wait for a word about candidates")]
    NotAsked,
    /// It is no candidate.
    #[error("{0} is none of the candidates")]
    NoCandidate(ErpId),
    /// There are other candidates than the person saw.
    #[error("the candidates are others by now")]
    OthersByNow,
    /// This candidate has the same tax number.
    #[error("{0} has the same tax number")]
    SameTaxNumber(ErpId),
}

/// Takes a person's word about `entry`, as seen at `revision`, with the reason that the person gave. `Ok(None)` when it
/// was taken before.
///
/// # Errors
///
/// Why it is not taken.
pub fn decide(
    entry: &mut Entry,
    revision: u64,
    decision: &Decision,
    reason: Option<String>,
    now: Timestamp,
) -> Result<Option<Change>, NotDecided> {
    if entry.revision != revision {
        return Err(NotDecided::Moved);
    }
    let matched = match decision {
        Decision::Link { erp_id } => {
            if entry.hold.is_none() && entry.chosen == Some(*erp_id) {
                return Ok(None);
            }
            if !candidates(entry)?.contains(erp_id) {
                return Err(NotDecided::NoCandidate(*erp_id));
            }
            let evidence = evidence_of(entry, *erp_id);
            entry.rejected.remove(erp_id);
            entry.chosen = Some(*erp_id);
            Matched { erp_id: Some(*erp_id), evidence, reason, ..Matched::default() }
        }
        Decision::New { none_of } => {
            if entry.hold.is_none() && !none_of.is_empty() && none_of.is_subset(&entry.rejected) {
                return Ok(None);
            }
            if candidates(entry)? != *none_of {
                return Err(NotDecided::OthersByNow);
            }
            let has_tax = |erp_id: &&ErpId| evidence_of(entry, **erp_id).contains(&Evidence::TaxNumber);
            if let Some(erp_id) = none_of.iter().find(has_tax) {
                return Err(NotDecided::SameTaxNumber(*erp_id));
            }
            entry.rejected.extend(none_of);
            Matched { none_of: none_of.clone(), reason, ..Matched::default() }
        }
    };
    entry.hold = None;
    entry.due = Some(now);
    Ok(Some(Change { from: Winner::Crm, matched: Some(matched), ..Change::of_erp([].into()) }))
}

/// The partners that a person is asked about. Of a row from before candidates were kept, those that its reason names.
fn candidates(entry: &Entry) -> Result<BTreeSet<ErpId>, NotDecided> {
    let hold = entry.hold.as_ref().filter(|_| entry.erp_id.is_none()).ok_or(NotDecided::NotAsked)?;
    if !hold.candidates.is_empty() {
        return Ok(hold.candidates.iter().map(|c| c.erp_id).collect());
    }
    match &hold.reason {
        _ if entry.id.object() != domain::Object::Contacts => Err(NotDecided::NotAsked),
        HoldReason::Ambiguous { found } => Ok(found.iter().copied().collect()),
        HoldReason::Different { erp_id } => Ok([*erp_id].into()),
        _ => Err(NotDecided::NotAsked),
    }
}

fn evidence_of(entry: &Entry, erp_id: ErpId) -> Vec<Evidence> {
    let candidates = entry.hold.iter().flat_map(|hold| &hold.candidates);
    candidates.filter(|c| c.erp_id == erp_id).flat_map(|c| c.evidence.clone()).collect()
}
