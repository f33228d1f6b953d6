//! Why something is written, or not: the same words in the plan, the report and the log.
//!
//! The codes are stable: clients have texts for them. Must not decide.

use domain::{Direction, ErpId, Rule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::twoway::{HoldReason, Winner};

/// Why something is written, or not. Pieces are by the CRM's names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The CRM made it, and the ERP has nothing like it.
    NewInCrm,
    /// A search of the ERP found it.
    FoundInErp {
        /// As what.
        erp_id: ErpId,
    },
    /// The CRM changed these pieces, or is the only one that has them.
    CrmChanged {
        /// Which.
        pieces: Vec<String>,
    },
    /// The ERP changed these pieces, or is the only one that has them.
    ErpChanged {
        /// Which.
        pieces: Vec<String>,
    },
    /// The CRM deleted it.
    CrmDeleted,
    /// Both sides changed these pieces, and the rule says who wins.
    Decided {
        /// Which.
        pieces: Vec<String>,
        /// The rule.
        rule: Rule,
        /// Who wins.
        winner: Winner,
    },
    /// Both sides changed these pieces, and the rule asks a person.
    ConflictParked {
        /// Which.
        pieces: Vec<String>,
        /// The rule.
        rule: Rule,
    },
    /// Both sides have the same.
    Equal,
    /// The ERP already has what an earlier write set.
    WriteConfirmed,
    /// It names records of the CRM that the ERP does not have yet.
    WaitsFor {
        /// The CRM's ids of them.
        crm_ids: Vec<String>,
    },
    /// An earlier write may still appear in the ERP.
    WriteUnderWay {
        /// When it is looked for again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The ERP's record could not be read.
    CannotRead,
    /// The ERP could not be searched, or the search did not find what is known to be there.
    CannotSearch,
    /// A person must decide about the record first.
    Held {
        /// Why.
        why: HoldReason,
    },
    /// The ERP's API does not let the record be changed or deleted.
    Locked {
        /// The pieces that wait; none for a deletion.
        pieces: Vec<String>,
    },
    /// These pieces differ and are the ERP's.
    OwnedByErp {
        /// Which.
        pieces: Vec<String>,
    },
    /// These pieces differ and the object type travels one way: to the CRM, so that the ERP keeps its values; or to
    /// the ERP, so that the CRM's are written over them.
    Direction {
        /// Which.
        pieces: Vec<String>,
        /// The way.
        direction: Direction,
    },
    /// The object type is paused.
    Paused,
    /// The CRM deleted it, and deletions are not carried to the ERP: the two are only taken apart.
    DeletionsStayInCrm,
    /// The CRM deleted it, and the ERP cannot delete it: the two are only taken apart.
    TakenApart,
    /// The CRM deleted it before it was made in the ERP.
    NeverMade,
    /// Neither side has it any more.
    GoneOnBothSides,
    /// It is archived: restore it first.
    Archived,
    /// The ERP does not have it by one lookup; that it is gone is for a sweep to prove.
    NotInErp,
    /// The visit could not be followed to its end.
    Unclear,
}
