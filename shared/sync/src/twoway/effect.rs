//! What a visit asks for and what it is told: plain data, carried out by `app` and by the fault model.

use domain::{ErpId, Fields, RecordId};
use jiff::Timestamp;

use super::entry::{Entry, Save};
use super::intent::{Key, Op, Outcome};

/// One side of a record as it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// The reading failed or was not whole: it says nothing.
    Unknown,
    /// A direct lookup says that it is not there.
    Absent,
    /// It is there.
    Present {
        /// Its content.
        fields: Fields,
        /// When it was last changed, if the ERP says so.
        changed_at: Option<Timestamp>,
        /// Whether the ERP's API lets it be changed or deleted (an issued invoice, a shipped order: no).
        locked: bool,
    },
}

/// A record that a search brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Its id.
    pub erp_id: ErpId,
    /// Its content.
    pub fields: Fields,
}

/// What a search said.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// It failed, or its counts do not fit together: it says nothing.
    CannotTell,
    /// It answered.
    Answered {
        /// What it brought, near matches included.
        found: Vec<Match>,
        /// The same search found a record that is known to be there.
        control: bool,
    },
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Load a row, consistently.
    Load(RecordId),
    /// Read the ERP's record now.
    Read(ErpId),
    /// Search the ERP by these keys, and for a record that is known to be there.
    Probe(Vec<Key>),
    /// Write the row if it is still at the expected version and the lease is still held.
    Save(Box<Save>),
    /// Send the write, if the window since `since` is open by both clocks; else answer `NotSent`.
    Send {
        /// What.
        op: Op,
        /// When it was allowed.
        since: Timestamp,
    },
    /// The visit is over.
    Done(Report),
}

/// What the visit is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin.
    Begin,
    /// The row that was asked for.
    Loaded(Option<Box<Entry>>),
    /// The ERP's record.
    Side(Side),
    /// What the search said.
    Probed(Probed),
    /// The row is written.
    Saved,
    /// The row is at another version; nothing was written.
    Moved,
    /// How the send ended.
    Sent(Outcome),
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Nothing to do.
    Same,
    /// The row took what the ERP has.
    Taken,
    /// The ERP took what the CRM has.
    Written,
    /// Two records are one from now on.
    Linked,
    /// It waits: for time, for the ERP, for its partner.
    Waits,
    /// It waits for a person.
    Parked,
    /// Somebody else wrote the row: look again.
    Moved,
    /// The ERP refuses everything at present.
    NoAccess,
    /// It is deleted in the ERP.
    Deleted,
}

/// What a visit did, and why not more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub ended: Ended,
    /// When to look again, when the row does not say.
    pub again: Option<Timestamp>,
}
