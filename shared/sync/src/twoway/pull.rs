//! What a reading run does to a record that both sides know.
//!
//! Decides that a run takes only what the ERP alone has changed. Where the CRM
//! has something under way, the record is only made due: its visit reads both
//! sides itself, with the times that a list does not say.

use domain::change::ChangeKind;
use domain::{Fields, ObjectSettings};
use jiff::Timestamp;

use super::entry::{Change, Entry};
use super::merge::{Times, absorb, pending};
use super::removal::archive;

/// What becomes of the row.
#[derive(Clone, Debug, PartialEq)]
pub enum Pulled {
    /// It stays as it is: a visit is due anyway, or a person decides.
    Left,
    /// It is made due, and takes nothing.
    Due,
    /// It takes what the ERP has; the change is what the CRM is told.
    Taken(Option<Change>),
}

/// A run read `theirs`, the ERP's record, which is not as the row has it.
pub fn pull(entry: &mut Entry, theirs: &Fields, settings: &ObjectSettings, now: Timestamp) -> Pulled {
    // One that the CRM deleted and that was taken apart is the ERP's alone again.
    let deleting = entry.crm_deleted_at.is_some() && entry.crm_id.is_some();
    if entry.erp_id.is_none() || entry.hold.is_some() || entry.intent.is_some() || deleting {
        return Pulled::Left;
    }
    if entry.archived_at.take().is_some() {
        let fields = absorb(entry, theirs, settings, Times::default()).map(|c| c.fields).unwrap_or_default();
        entry.revision += u64::from(fields.is_empty());
        return Pulled::Taken(Some(Change { kind: ChangeKind::Found, ..Change::of_erp(fields) }));
    }
    if !pending(entry).is_empty() || !entry.conflicts.is_empty() {
        if entry.due.is_some_and(|due| due <= now) {
            return Pulled::Left;
        }
        entry.due = Some(now);
        return Pulled::Due;
    }
    Pulled::Taken(absorb(entry, theirs, settings, Times::default()))
}

/// A run proved that the ERP no longer has the record.
pub fn pull_gone(entry: &mut Entry, settings: &ObjectSettings, now: Timestamp) -> Option<Change> {
    if entry.erp_id.is_none() || entry.intent.is_some() || entry.crm_deleted_at.is_some() || !settings.archives_in_crm {
        return None;
    }
    archive(entry, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twoway::{Conflict, Intent, Op};
    use domain::{ErpId, Object, RecordId, TenantId};
    use serde_json::json;

    fn contact(name: &str) -> Fields {
        Fields::from_iter([("name", json!(name))])
    }

    fn linked() -> Entry {
        let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
        let erp_id = ErpId::new(7);
        let mut entry = Entry::of_erp(RecordId::for_erp(&tenant, Object::Contacts, erp_id), erp_id, contact("Ana"));
        entry.crm_id = Some("c1".to_owned());
        entry
    }

    fn pulled(entry: &mut Entry) -> Pulled {
        pull(entry, &contact("Ana d.o.o."), &ObjectSettings::standard(Object::Contacts), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_the_erp_alone_changed_is_taken_and_told() {
        let mut entry = linked();
        let Pulled::Taken(Some(change)) = pulled(&mut entry) else { panic!("not taken") };
        assert_eq!(change.fields["name"].after, Some(json!("Ana d.o.o.")));
        assert_eq!((entry.crm, entry.revision), (contact("Ana d.o.o."), 2));
    }

    #[test]
    fn a_record_that_the_crm_changed_as_well_is_made_due_and_takes_nothing() {
        let mut entry = linked();
        entry.crm = contact("Ana s.p.");
        let before = entry.clone();
        assert_eq!(pulled(&mut entry), Pulled::Due);
        assert_eq!(entry, Entry { due: Some(Timestamp::UNIX_EPOCH), ..before });
        assert_eq!(pulled(&mut entry), Pulled::Left, "it is due already");
    }

    #[test]
    fn a_record_with_a_write_under_way_or_a_person_to_ask_is_left() {
        let op = Op::Delete { erp_id: ErpId::new(7) };
        let mut writing = linked();
        writing.intent = Some(Intent::first(op, Timestamp::UNIX_EPOCH));
        let mut deleted = linked();
        deleted.crm_deleted_at = Some(Timestamp::UNIX_EPOCH);
        for mut entry in [writing, deleted] {
            let before = entry.clone();
            assert_eq!(pulled(&mut entry), Pulled::Left);
            assert_eq!(entry, before);
        }
        let mut parked = linked();
        parked.conflicts.insert("name".to_owned(), Conflict { base: None, crm: None, erp: None });
        assert_eq!(pulled(&mut parked), Pulled::Due);
    }

    #[test]
    fn a_record_that_was_archived_and_is_there_again_is_told_as_found() {
        let mut entry = linked();
        let settings = ObjectSettings::standard(Object::Contacts);
        let told = pull_gone(&mut entry, &settings, Timestamp::UNIX_EPOCH).expect("told");
        assert_eq!(told.kind, ChangeKind::Deleted);
        let Pulled::Taken(Some(change)) = pulled(&mut entry) else { panic!("not taken") };
        assert_eq!(change.kind, ChangeKind::Found);
        assert_eq!(entry.archived_at, None);
    }
}
