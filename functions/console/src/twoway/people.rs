//! A contact as people arrange it: what can be done, a merge before it is made, the blacklist.
//!
//! Decides which of the forms a contact has; whether they may be done is for the
//! use cases to say.

use app::twoway::{
    blacklist::{Asked, Look, Standing},
    people::{PeopleError, Preview},
};
use domain::{Object, RecordId, TenantId};
use runtime::Permission;
use std::collections::BTreeSet;
use sync::contacts::{ApartError, Built, Refused};
use sync::twoway::{Entry, Refusal as Engine};

use super::RecordLink;
use crate::{
    reader::{Badge, Reader, When},
    wording::{PeopleTexts, optional, piece},
};
use app::twoway::edit::EditError;

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Merge,
    Unmerge,
    Unlink,
    Link,
}

/// A form that came back.
pub(crate) struct Returned {
    pub(crate) which: Which,
    pub(crate) sent: String,
    pub(crate) fault: String,
}

/// Someone who went into this contact.
pub(crate) struct AbsorbedRow {
    pub(crate) crm_id: String,
    pub(crate) record: String,
}

/// What the ERP's blacklist says.
pub(crate) struct BlacklistView {
    pub(crate) badge: Badge,
    /// By what it is listed, and why.
    pub(crate) hits: Vec<(&'static str, String, Option<String>)>,
    pub(crate) remedy: Option<&'static str>,
    /// When the ERP was asked, if it was.
    pub(crate) at: Option<When>,
}

/// What can be done with a contact, as its page shows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a form that the page has or has not")]
pub(crate) struct PeopleView {
    pub(crate) can_change: bool,
    pub(crate) revision: u64,
    /// The contact that it went into.
    pub(crate) merged_into: Option<RecordLink>,
    /// Its own id in the CRM, for the form that takes a merge back.
    pub(crate) crm_id: Option<String>,
    pub(crate) absorbed: Vec<AbsorbedRow>,
    pub(crate) can_merge: bool,
    pub(crate) can_unlink: bool,
    /// It has no partner and may get one.
    pub(crate) can_link: bool,
    /// It is a partner that is nobody's.
    pub(crate) can_claim: bool,
    pub(crate) returned: Option<Returned>,
    pub(crate) blacklist: Option<BlacklistView>,
    /// Why the blacklist cannot be told.
    pub(crate) blacklist_fault: Option<String>,
}

impl PeopleView {
    /// What `reader` may do with a contact. `survivor` is the one that it went into.
    pub(crate) fn of(entry: &Entry, survivor: Option<&Entry>, tenant: &TenantId, reader: &Reader<'_>) -> Self {
        let is_here = entry.merged.is_none() && entry.crm_deleted_at.is_none() && entry.archived_at.is_none();
        let (crm, erp) = (entry.crm_id.is_some(), entry.erp_id.is_some());
        let absorbed = |crm_id: &String| AbsorbedRow {
            record: RecordId::for_crm(tenant, Object::Contacts, crm_id).to_string(),
            crm_id: crm_id.clone(),
        };
        Self {
            can_change: reader.may(Permission::Sync),
            revision: entry.revision,
            merged_into: survivor.map(|survivor| RecordLink::of_entry(survivor, reader)),
            crm_id: entry.crm_id.clone(),
            absorbed: entry.absorbed.keys().map(absorbed).collect(),
            can_merge: is_here && crm,
            can_unlink: is_here && crm && erp,
            can_link: is_here && crm && !erp,
            can_claim: is_here && !crm && erp,
            returned: None,
            blacklist: None,
            blacklist_fault: None,
        }
    }

    fn returned(&self, which: Which) -> Option<&Returned> {
        self.returned.as_ref().filter(|returned| returned.which == which)
    }

    /// What is wrong with the form for a merge.
    pub(crate) fn merge_fault(&self) -> Option<&Returned> {
        self.returned(Which::Merge)
    }

    /// Why a merge is not taken back.
    pub(crate) fn unmerge_fault(&self) -> Option<&Returned> {
        self.returned(Which::Unmerge)
    }

    /// Why the two are not taken apart.
    pub(crate) fn unlink_fault(&self) -> Option<&Returned> {
        self.returned(Which::Unlink)
    }

    /// What is wrong with the form for a link.
    pub(crate) fn link_fault(&self) -> Option<&Returned> {
        self.returned(Which::Link)
    }
}

/// A piece of two contacts, and of the one that would come of them.
pub(crate) struct PreviewRow {
    pub(crate) name: String,
    pub(crate) going: String,
    pub(crate) staying: String,
    pub(crate) result: String,
    pub(crate) is_new: bool,
    /// What the one that goes has is nowhere in the result.
    pub(crate) is_lost: bool,
}

/// A merge before it is made.
pub(crate) struct PreviewView {
    pub(crate) going: RecordLink,
    pub(crate) going_crm: String,
    pub(crate) going_partner: Option<String>,
    pub(crate) staying: RecordLink,
    pub(crate) staying_crm: String,
    pub(crate) staying_partner: Option<String>,
    pub(crate) partner: Option<String>,
    pub(crate) revision: u64,
    pub(crate) rows: Vec<PreviewRow>,
}

impl PreviewView {
    /// Both records and what comes of them.
    pub(crate) fn of(preview: &Preview, reader: &Reader<'_>) -> Self {
        let Preview { gone, survivor, merged } = preview;
        let pieces = |entry: &Entry| entry.crm.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        let names: BTreeSet<String> = [gone, survivor, merged].into_iter().flat_map(pieces).collect();
        let language = reader.language;
        let row = |name: &String| PreviewRow {
            name: piece(language, name),
            going: optional(language, gone.crm.get(name)),
            staying: optional(language, survivor.crm.get(name)),
            result: optional(language, merged.crm.get(name)),
            is_lost: gone.crm.get(name).is_some_and(|value| !merged.crm.iter().any(|(_, kept)| kept == value)),
            is_new: merged.crm.get(name) != survivor.crm.get(name),
        };
        let partner = |entry: &Entry| entry.erp_id.map(|id| id.to_string());
        Self {
            going: RecordLink::of_entry(gone, reader),
            going_crm: gone.crm_id.clone().unwrap_or_default(),
            going_partner: partner(gone),
            staying: RecordLink::of_entry(survivor, reader),
            staying_crm: survivor.crm_id.clone().unwrap_or_default(),
            staying_partner: partner(survivor),
            partner: partner(merged),
            revision: gone.revision,
            rows: names.iter().map(row).collect(),
        }
    }
}

/// What the blacklist says, in words.
pub(crate) fn blacklist(look: &Look, reader: &Reader<'_>) -> BlacklistView {
    let p = PeopleTexts::of(reader.language);
    let (tone, text) = match &look.standing {
        Standing::Listed(_) => ("bad", p.listed),
        Standing::NotListed => ("good", p.not_listed),
        Standing::NotAvailable => ("idle", p.not_available),
        Standing::NoUser => ("warn", p.no_user),
        Standing::TooMany => ("warn", p.too_many),
    };
    let hits = match &look.standing {
        Standing::Listed(hits) => hits.as_slice(),
        _ => &[],
    };
    let hit = |hit: &app::twoway::blacklist::Hit| {
        let (by, value) = match &hit.asked {
            Asked::Email(value) => (p.by_email, value),
            Asked::Phone(value) => (p.by_phone, value),
            Asked::Name(value) => (p.by_name, value),
        };
        (by, value.clone(), hit.reason.clone())
    };
    BlacklistView {
        badge: Badge { tone, text },
        hits: hits.iter().map(hit).collect(),
        remedy: matches!(look.standing, Standing::NoUser).then_some(p.no_user_remedy),
        at: (!matches!(look.standing, Standing::NoUser)).then(|| reader.when(look.at)),
    }
}

/// Why contacts stay as they are, in words; `None` when it is no answer to the form but a failure.
pub(crate) fn why(error: &PeopleError, p: &'static PeopleTexts) -> Option<&'static str> {
    Some(match error {
        PeopleError::Unknown(_) => p.unknown,
        PeopleError::Moved => p.moved,
        PeopleError::Merge(refused) => match refused {
            Refused::Cyclic(_) => p.same,
            Refused::BothLinked { .. } => p.two_partners,
            Refused::Busy(_) => p.busy,
            Refused::Deleted(_) => p.deleted,
            Refused::TooDeep(_) => p.too_deep,
            Refused::NotOfCrm => p.not_of_crm,
        },
        PeopleError::Built(built) => match built {
            Built::NotMerged => p.not_merged,
            Built::Busy(_) => p.busy,
            Built::Changed(_) | Built::Written(_) | Built::WentOn(..) => p.built_on,
        },
        PeopleError::Apart(apart) => match apart {
            ApartError::NotLinked => p.not_linked,
            ApartError::Busy => p.busy,
            ApartError::Deleted => p.deleted,
        },
        PeopleError::Edit(error) => match error {
            EditError::LinkTaken { .. } | EditError::LinkedElsewhere => p.link_taken,
            EditError::Merged { .. } => p.already_merged,
            EditError::Busy => p.busy,
            EditError::Refused(Engine::Deleted) => p.deleted,
            EditError::NotFound => p.unknown_partner,
            EditError::Contended => p.again,
            _ => return None,
        },
    })
}
