//! What the CRM had been told at an earlier revision.
//!
//! Decides by the record's history alone: going back, each change is taken
//! off the present state.

use std::collections::BTreeSet;

use domain::change::ChangeKind;
use domain::{Fields, Rule};
use store::{Change, Side};

/// The furthest that an edit may look back, in changes of its record.
pub(crate) const FURTHEST: usize = 200;

/// What was seen, and what the CRM was told since.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) fields: Fields,
    pub(crate) told_since: BTreeSet<String>,
}

/// Why it cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// More changes ago than are looked at.
    TooOld,
    /// The record never had this revision.
    Never,
}

/// What the CRM had seen at `revision` of a record that is at `present` and `at` now. Without a revision, the answer to
/// its first request was lost: what that one said. `history` is the newest first, and whole if it is shorter than
/// [`FURTHEST`]. `crm_id` is whose record it is: what it was as another one's is nothing that this one saw.
pub(crate) fn seen(
    crm_id: Option<&str>,
    present: &Fields,
    at: u64,
    revision: Option<u64>,
    history: &[Change],
) -> Result<Seen, Unseen> {
    let is_others = |c: &Change| crm_id.is_some() && c.crm_id.as_deref().is_some_and(|of| Some(of) != crm_id);
    let own = || history.iter().take_while(|c| !is_others(c));
    let revision = match revision {
        Some(revision) if revision > at => return Err(Unseen::Never),
        Some(revision) => revision,
        None if history.len() >= FURTHEST => return Err(Unseen::TooOld),
        // A link by the CRM is told as the ERP's: what it said itself is what was there before.
        None => own().filter(|c| c.crm_id.is_some()).last().map_or(at, |c| c.revision - u64::from(c.side == Side::Erp)),
    };
    let (mut fields, mut told_since) = (present.clone(), BTreeSet::new());
    for change in history {
        if change.revision <= revision {
            return Ok(Seen { fields, told_since });
        }
        if is_others(change) {
            return Err(Unseen::TooOld);
        }
        for (piece, field) in &change.fields {
            fields.put(piece, field.before.as_ref());
            if change.side == Side::Erp {
                told_since.insert(piece.clone());
            }
        }
        if matches!(change.kind, ChangeKind::Linked | ChangeKind::Merged) {
            // What the CRM itself said of a piece that the ERP won.
            for (piece, decided) in change.decided.iter().filter(|(_, d)| d.rule == Rule::Erp) {
                fields.put(piece, decided.lost.as_ref());
            }
        }
    }
    if history.len() >= FURTHEST { Err(Unseen::TooOld) } else { Ok(Seen { fields, told_since }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::change::FieldChange;
    use domain::{Object, RecordId, TenantId};
    use jiff::Timestamp;
    use serde_json::json;

    fn change(revision: u64, side: Side, piece: &str, before: Option<u8>, after: u8) -> Change {
        let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
        let fields = [(piece.to_owned(), FieldChange { before: before.map(|b| json!(b)), after: Some(json!(after)) })];
        Change {
            seq: revision,
            at: Timestamp::UNIX_EPOCH,
            run: None,
            actor: "a".to_owned(),
            side,
            kind: ChangeKind::Updated,
            record: RecordId::for_crm(&tenant, Object::Contacts, "c1"),
            erp_id: None,
            crm_id: Some("c1".to_owned()),
            version: revision,
            revision,
            prev: None,
            joined: None,
            decided: [].into(),
            event: None,
            matched: None,
            action: None,
            fields: fields.into(),
        }
    }

    fn history() -> Vec<Change> {
        vec![
            change(3, Side::Erp, "b", Some(1), 2),
            change(2, Side::Crm, "a", Some(1), 2),
            change(1, Side::Crm, "a", None, 1),
        ]
    }

    fn pieces(a: Option<u8>, b: Option<u8>) -> Fields {
        [("a", a), ("b", b)].into_iter().filter_map(|(k, v)| Some((k, json!(v?)))).collect()
    }

    #[test]
    fn an_earlier_revision_is_the_present_one_without_what_came_since() {
        let now = pieces(Some(2), Some(2));
        let at = |r| {
            seen(Some("c1"), &now, 3, r, &history()).map(|s| (s.fields, s.told_since.into_iter().collect::<Vec<_>>()))
        };
        assert_eq!(at(Some(3)), Ok((now.clone(), vec![])));
        assert_eq!(at(Some(2)), Ok((pieces(Some(2), Some(1)), vec!["b".to_owned()])));
        assert_eq!(at(Some(1)), Ok((pieces(Some(1), Some(1)), vec!["b".to_owned()])));
        assert_eq!(at(None), at(Some(1)), "what the first request said");
    }

    #[test]
    fn a_revision_that_never_was_or_is_too_long_ago_is_refused() {
        let now = pieces(Some(2), Some(2));
        assert_eq!(seen(Some("c1"), &now, 3, Some(4), &history()), Err(Unseen::Never));
        let other: Vec<_> = history().into_iter().map(|c| Change { crm_id: Some("c2".to_owned()), ..c }).collect();
        assert_eq!(seen(Some("c1"), &now, 3, Some(2), &other), Err(Unseen::TooOld), "it was another one's then");
        assert_eq!(seen(Some("c1"), &now, 3, None, &other).map(|s| s.fields), Ok(now.clone()));
        let long: Vec<_> = (0..FURTHEST as u64).rev().map(|n| change(n + 10, Side::Crm, "a", Some(1), 2)).collect();
        assert_eq!(seen(Some("c1"), &now, 500, Some(1), &long), Err(Unseen::TooOld));
        assert_eq!(seen(Some("c1"), &now, 500, None, &long), Err(Unseen::TooOld));
    }
}
