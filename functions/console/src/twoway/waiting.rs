//! What waits for a person: records, and deletions that the guard holds back.

use app::twoway::oversight::Deletions;
use domain::change::Evidence;
use jiff::Timestamp;
use runtime::Permission;
use store::DeletionApproval;
use sync::{
    guard::{self, Verdict},
    twoway::{Candidate, Entry, HoldReason},
};

use super::{RecordLink, count};
use crate::{
    reader::{Reader, When},
    wording::{optional, piece},
};

/// So many records of a list of deletions are named.
const NAMED: usize = 10;

/// Why a record waits, and what to do.
pub(crate) struct Why {
    pub(crate) title: String,
    pub(crate) remedy: &'static str,
    /// The ERP's own code, for those who see logs.
    pub(crate) code: Option<String>,
    pub(crate) since: Option<When>,
    /// Whether the reader may let it be looked at again.
    pub(crate) can_look: bool,
}

/// A piece that both sides changed.
pub(crate) struct ConflictRow {
    pub(crate) piece: String,
    pub(crate) name: String,
    pub(crate) base: String,
    pub(crate) crm: String,
    pub(crate) erp: String,
}

/// A partner that a contact could be.
pub(crate) struct CandidateRow {
    pub(crate) erp_id: String,
    pub(crate) name: String,
    pub(crate) number: String,
    /// What speaks for it and against it, in words.
    pub(crate) evidence: String,
}

/// The partners that a contact could be, and what a person may say about them.
pub(crate) struct Candidates {
    pub(crate) rows: Vec<CandidateRow>,
    /// The revision that is shown, as forms name it.
    pub(crate) revision: u64,
    /// All of them, as forms name them.
    pub(crate) none_of: String,
    /// None of them is another contact's already.
    pub(crate) can_link: bool,
    /// None of them has the same tax number.
    pub(crate) can_make: bool,
}

/// A record that waits.
pub(crate) struct WaitingRow {
    pub(crate) record: RecordLink,
    pub(crate) crm_id: Option<String>,
    pub(crate) erp_id: Option<String>,
    pub(crate) why: Option<Why>,
    pub(crate) candidates: Option<Candidates>,
    pub(crate) conflicts: Vec<ConflictRow>,
}

/// Deletions of an object type.
pub(crate) struct DeletionList {
    /// As forms name it.
    pub(crate) object: &'static str,
    pub(crate) title: &'static str,
    pub(crate) count: String,
    pub(crate) records: Vec<RecordLink>,
    pub(crate) more: Option<String>,
    pub(crate) reason: &'static str,
    pub(crate) list: String,
    pub(crate) can_approve: bool,
}

/// Why a record waits for a person; `None` when it does not.
pub(crate) fn why(entry: &Entry, reader: &Reader<'_>) -> Option<Why> {
    let Some(hold) = &entry.hold else {
        let advice = reader.phrases().conflict();
        return (!entry.conflicts.is_empty()).then(|| Why {
            title: advice.title,
            remedy: advice.remedy,
            code: None,
            since: entry.crm_edited_at.map(|at| reader.when(at)),
            can_look: false,
        });
    };
    let advice = match hold.reason {
        HoldReason::Ambiguous { .. } | HoldReason::Different { .. } if !hold.candidates.is_empty() => {
            reader.phrases().candidates()
        }
        _ => reader.phrases().hold(&hold.reason),
    };
    let code = match &hold.reason {
        HoldReason::Rejected { code } => Some(code.clone()).filter(|_| reader.may(Permission::LogsView)),
        _ => None,
    };
    Some(Why {
        title: advice.title,
        remedy: advice.remedy,
        code,
        since: Some(reader.when(hold.since)),
        can_look: reader.may(Permission::LogsResolve),
    })
}

/// The partners that a contact could be; `None` when nobody is asked about any.
pub(crate) fn candidates(entry: &Entry, reader: &Reader<'_>) -> Option<Candidates> {
    let hold = entry.hold.as_ref().filter(|hold| !hold.candidates.is_empty())?;
    let row = |candidate: &Candidate| CandidateRow {
        erp_id: candidate.erp_id.to_string(),
        name: candidate.name.clone(),
        number: candidate.number.clone().unwrap_or_else(|| "\u{2013}".to_owned()),
        evidence: reader.phrases().evidence_list(&candidate.evidence),
    };
    let ids: Vec<String> = hold.candidates.iter().map(|c| c.erp_id.to_string()).collect();
    Some(Candidates {
        rows: hold.candidates.iter().map(row).collect(),
        revision: entry.revision,
        none_of: ids.join(","),
        can_link: !matches!(hold.reason, HoldReason::LinkTaken { .. }),
        can_make: !hold.candidates.iter().any(|c| c.evidence.contains(&Evidence::TaxNumber)),
    })
}

/// The pieces that both sides changed.
pub(crate) fn conflicts(entry: &Entry, reader: &Reader<'_>) -> Vec<ConflictRow> {
    let language = reader.language;
    let row = |(name, conflict): (&String, &sync::twoway::Conflict)| ConflictRow {
        piece: name.clone(),
        name: piece(language, name),
        base: optional(language, conflict.base.as_ref()),
        crm: optional(language, conflict.crm.as_ref()),
        erp: optional(language, conflict.erp.as_ref()),
    };
    entry.conflicts.iter().map(row).collect()
}

/// A record that waits.
pub(crate) fn waiting_row(entry: &Entry, reader: &Reader<'_>) -> WaitingRow {
    WaitingRow {
        record: RecordLink::of_entry(entry, reader),
        crm_id: entry.crm_id.clone(),
        erp_id: entry.erp_id.map(|id| id.to_string()),
        why: why(entry, reader),
        candidates: candidates(entry, reader),
        conflicts: conflicts(entry, reader),
    }
}

/// Deletions that wait, with the last word about them.
pub(crate) fn deletion_list(
    of: &Deletions,
    word: Option<&DeletionApproval>,
    now: Timestamp,
    reader: &Reader<'_>,
) -> DeletionList {
    let list = format!("{:016x}", of.list.0);
    let w = reader.sync_texts();
    let good = word.filter(|word| word.list == list);
    let approval = good.map(|word| guard::Approval { list: of.list, at: word.at, by: word.by.clone() });
    let is_approved = approval.is_some_and(|a| guard::approve(&of.verdict, &a, now).is_ok());
    let reason = match &of.verdict {
        Verdict::Go => w.deletions_go,
        Verdict::Ask { .. } if is_approved => w.deletions_approved,
        Verdict::Ask { reason, .. } => reader.phrases().stop(*reason),
    };
    let asks = matches!(of.verdict, Verdict::Ask { .. }) && !is_approved;
    DeletionList {
        object: of.object.name(),
        title: reader.phrases().object(of.object),
        count: reader.number(count(of.records.len())),
        records: of.records.iter().take(NAMED).map(|id| RecordLink::of_id(*id, None, reader)).collect(),
        more: (of.records.len() > NAMED).then(|| reader.phrases().first_of_more(count(NAMED))),
        reason,
        list,
        can_approve: asks && reader.may(Permission::LogsResolve),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, contact, id, reader};
    use super::*;
    use domain::{ErpId, Object};
    use runtime::{Language, Role};
    use serde_json::json;
    use std::collections::BTreeSet;
    use sync::twoway::{Conflict, Hold};

    #[test]
    fn a_held_record_says_why_and_only_who_may_settle_can_let_it_go_on() {
        let mut entry = contact("Ana");
        entry.hold =
            Some(Hold { reason: HoldReason::Rejected { code: "2".to_owned() }, since: at(0), candidates: Vec::new() });
        let seen = |role| waiting_row(&entry, &reader(Language::Sl, role)).why.expect("it waits");
        assert_eq!(seen(Role::Operator).title, "Metakocka je zapis zavrnila");
        let of = |role| (seen(role).can_look, seen(role).code.is_some());
        assert_eq!(of(Role::Operator), (true, true));
        assert_eq!(of(Role::Developer), (false, true));
        assert_eq!(of(Role::Salesperson), (false, false));
    }

    #[test]
    fn candidates_are_told_in_words_and_a_second_partner_is_not_offered_for_one_tax_number() {
        let shown = |evidence: &[Evidence], reason: HoldReason, language| {
            let erp_id = ErpId::new(7);
            let one = Candidate { erp_id, name: "Ana".to_owned(), number: None, evidence: evidence.to_vec() };
            let two = Candidate { erp_id: ErpId::new(8), evidence: vec![Evidence::Name], ..one.clone() };
            let hold = Hold { reason, since: at(0), candidates: vec![one, two] };
            let entry = Entry { hold: Some(hold), ..contact("Ana") };
            let row = waiting_row(&entry, &reader(language, Role::Operator));
            (row.candidates.expect("candidates"), row.why.expect("it waits"))
        };
        let several = || HoldReason::Ambiguous { found: vec![ErpId::new(7), ErpId::new(8)] };
        let (en, why) = shown(&[Evidence::Email, Evidence::DifferentName], several(), Language::En);
        assert_eq!(en.rows[0].evidence, "same e-mail address, different name");
        assert_eq!((en.none_of.as_str(), en.can_link, en.can_make), ("7,8", true, true));
        assert_eq!(why.title, "Metakocka has partners that this contact could be");
        let (sl, _) = shown(&[Evidence::TaxNumber, Evidence::Name], several(), Language::Sl);
        assert_eq!(
            (sl.rows[0].evidence.as_str(), sl.can_make),
            ("enaka davčna številka, enako ali podobno ime", false)
        );
        let taken = HoldReason::LinkTaken { crm_id: "c-9".to_owned() };
        let (taken, why) = shown(&[Evidence::Email], taken, Language::En);
        assert!(!taken.can_link && taken.can_make && why.title.ends_with(": c-9"));
        assert!(candidates(&contact("Ana"), &reader(Language::En, Role::Operator)).is_none());
    }

    #[test]
    fn a_conflict_is_told_with_the_values_of_both_sides_and_what_both_had() {
        let mut entry = contact("Ana");
        let conflict = Conflict { base: None, crm: Some(json!("Ana")), erp: Some(json!("Anica")) };
        entry.conflicts.insert("name".to_owned(), conflict);
        let row = waiting_row(&entry, &reader(Language::En, Role::Operator));
        let of = &row.conflicts[0];
        let told = [&of.piece, &of.name, &of.base, &of.crm, &of.erp].map(String::as_str);
        assert_eq!(told, ["name", "Name", "\u{2013}", "Ana", "Anica"]);
        assert!(!row.why.expect("it waits").can_look, "a conflict is settled piece by piece");
        assert!(why(&contact("Ana"), &reader(Language::En, Role::Operator)).is_none());
    }

    #[test]
    fn a_list_is_approved_as_it_is_and_for_a_day_only() {
        let records: BTreeSet<_> = (1..=12).map(|n| id(Object::Contacts, n)).collect();
        let verdict = guard::judge(&records, 20, None, 0);
        let list = guard::list_hash(&records);
        let of = Deletions { object: Object::Contacts, records, verdict, list };
        let reader = reader(Language::En, Role::Operator);
        let shown = deletion_list(&of, None, at(0), &reader);
        assert_eq!((shown.count.as_str(), shown.records.len(), shown.can_approve), ("12", 10, true));
        assert_eq!(shown.reason, "More than ten, and more than a twentieth of all records.");
        let word = |list: &str| DeletionApproval { list: list.to_owned(), by: "ana".to_owned(), at: at(0) };
        let can = |word: &DeletionApproval, now| deletion_list(&of, Some(word), now, &reader).can_approve;
        assert!(!can(&word(&shown.list), at(60)));
        assert!(can(&word(&shown.list), at(90_000)), "the word is a day old");
        assert!(can(&word("0000000000000000"), at(60)), "it was of another list");
        let few = Deletions { verdict: Verdict::Go, ..of };
        assert!(!deletion_list(&few, None, at(0), &reader).can_approve);
    }
}
