//! Why something waits or is not done, in words, and what a person can do about it.

use domain::{
    Direction, Rule,
    change::{ChangeKind, Evidence, Matched},
};
use runtime::Language;
use sync::{
    guard::StopReason,
    twoway::{HoldReason, Winner},
    undo::{Instead, Refused},
};

use super::{Phrases, SyncTexts, plural::Noun};

const DIFFERENCES: Noun = Noun { en: ["difference", "differences"], sl: ["razlika", "razliki", "razlike", "razlik"] };

const PIECES: Noun = Noun { en: ["piece", "pieces"], sl: ["podatek", "podatka", "podatki", "podatkov"] };

/// What happened and what to do.
pub(crate) struct Advice {
    pub(crate) title: String,
    pub(crate) remedy: &'static str,
}

/// A side by its name, which is the same in both languages.
pub(crate) const fn side(side: Winner) -> &'static str {
    match side {
        Winner::Crm => "CRM",
        Winner::Erp => "Metakocka",
    }
}

impl Phrases {
    pub(super) const fn say(self, en: &'static str, sl: &'static str) -> &'static str {
        match self.0 {
            Language::En => en,
            Language::Sl => sl,
        }
    }

    fn sync_texts(self) -> &'static SyncTexts {
        SyncTexts::of(self.0)
    }

    /// Why a record waits for a person, and what to do.
    pub(crate) fn hold(self, reason: &HoldReason) -> Advice {
        Advice { title: self.hold_title(reason), remedy: self.hold_remedy(reason) }
    }

    /// Why a contact waits that could be one of several partners, and what to do.
    pub(crate) fn candidates(self) -> Advice {
        Advice {
            title: self
                .say(
                    "Metakocka has partners that this contact could be",
                    "V Metakocki so partnerji, ki so lahko ta stik",
                )
                .to_owned(),
            remedy: self.say(
                "Say which one it is, or that it is none of them: then a new partner is made.",
                "Povejte, kateri je, ali da ni nobeden od njih: tedaj nastane nov partner.",
            ),
        }
    }

    /// What speaks for or against a partner.
    pub(crate) const fn evidence(self, evidence: Evidence) -> &'static str {
        match evidence {
            Evidence::Sent => self.say(
                "has what we sent in a write whose answer was lost",
                "ima vse, kar smo poslali v zapisu, katerega odgovor se je izgubil",
            ),
            Evidence::TaxNumber => self.say("same tax number", "enaka davčna številka"),
            Evidence::TaxDigits => self.say(
                "same digits of the tax number, one without its country",
                "enake števke davčne številke, ena je brez države",
            ),
            Evidence::Email => self.say("same e-mail address", "enak e-poštni naslov"),
            Evidence::Name => self.say("same or similar name", "enako ali podobno ime"),
            Evidence::Address => self.say("same address", "enak naslov"),
            Evidence::DifferentName => self.say("different name", "drugačno ime"),
        }
    }

    /// All that speaks for and against a partner.
    pub(crate) fn evidence_list(self, evidence: &[Evidence]) -> String {
        evidence.iter().map(|e| self.evidence(*e)).collect::<Vec<_>>().join(", ")
    }

    /// By what a contact was found to be a partner, or what a person said about it.
    pub(crate) fn matched(self, matched: &Matched) -> String {
        let mut said = Vec::new();
        if let Some(erp_id) = matched.erp_id {
            let evidence = self.evidence_list(&matched.evidence);
            said.push(if evidence.is_empty() {
                format!("Metakocka {erp_id}")
            } else {
                format!("Metakocka {erp_id}: {evidence}")
            });
        }
        if !matched.none_of.is_empty() {
            let ids: Vec<String> = matched.none_of.iter().map(ToString::to_string).collect();
            said.push(format!("{} {}", self.say("none of", "nobeden od"), ids.join(", ")));
        }
        said.extend(matched.reason.as_ref().map(|reason| format!("{}: {reason}", self.say("reason", "razlog"))));
        said.join("; ")
    }

    fn hold_title(self, reason: &HoldReason) -> String {
        let ids = |found: &[domain::ErpId]| found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match reason {
            HoldReason::Rejected { .. } => {
                self.say("Metakocka refused the write", "Metakocka je zapis zavrnila").into()
            }
            HoldReason::Ambiguous { found } => format!(
                "{}: {}",
                self.say("Several records in Metakocka could be this one", "V Metakocki je lahko to več zapisov"),
                ids(found)
            ),
            HoldReason::Different { erp_id } => format!(
                "{}: {erp_id}",
                self.say(
                    "Metakocka has a record with the same key and other content",
                    "Metakocka ima zapis z istim ključem in drugačno vsebino"
                )
            ),
            HoldReason::LinkTaken { crm_id } => format!(
                "{}: {crm_id}",
                self.say(
                    "Metakocka's record is linked to another record of the CRM",
                    "Zapis v Metakocki je povezan z drugim zapisom v CRM"
                )
            ),
            HoldReason::GivenUp => self
                .say(
                    "It was sent as often as is allowed and never found",
                    "Poslan je bil največkrat, kot je dovoljeno, a ni bil najden",
                )
                .into(),
            HoldReason::EditAgainstDelete => self
                .say("One side deleted it, the other changed it", "Ena stran ga je izbrisala, druga spremenila")
                .into(),
            HoldReason::GoneInErp => self
                .say(
                    "Metakocka no longer has it, and the CRM changed it",
                    "Metakocka ga nima več, CRM pa ga je spremenil",
                )
                .into(),
            HoldReason::NotInApi => {
                self.say("Metakocka's interface cannot do this", "Vmesnik Metakocke tega ne zmore").into()
            }
            HoldReason::OneWay => {
                self.say("Records of this type travel to the CRM only", "Zapisi te vrste potujejo samo v CRM").into()
            }
            HoldReason::Unlinked { by, erp_id } => format!(
                "{}: {by}, {erp_id}",
                self.say(
                    "A person took it and Metakocka's record apart",
                    "Človek je ta zapis in zapis v Metakocki ločil"
                )
            ),
        }
    }

    const fn hold_remedy(self, reason: &HoldReason) -> &'static str {
        match reason {
            HoldReason::Rejected { .. } => self.say(
                "Correct the record in the CRM; an edit lets it go on. If the cause is in Metakocka, correct it there and press \u{201c}Look again\u{201d}.",
                "Popravite zapis v CRM; s popravkom se nadaljuje. Če je vzrok v Metakocki, ga odpravite tam in pritisnite »Preglej znova«.",
            ),
            HoldReason::Ambiguous { .. } => self.say(
                "Find out which one it is. Link it in the CRM, or remove the double in Metakocka, then press \u{201c}Look again\u{201d}.",
                "Ugotovite, kateri je pravi. Povežite ga v CRM ali v Metakocki odstranite dvojnika, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::Different { .. } => self.say(
                "Compare the two. If they are the same, link them in the CRM; if not, change the key of one, then press \u{201c}Look again\u{201d}.",
                "Primerjajte zapisa. Če je isti, ju povežite v CRM; če ni, enemu spremenite ključ, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::LinkTaken { .. } => self.say(
                "Join the two records in the CRM, or delete the one that should not be linked, then press \u{201c}Look again\u{201d}.",
                "V CRM združite oba zapisa ali izbrišite tistega, ki ne sme biti povezan, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::GivenUp => self.say(
                "Look in Metakocka whether the record is there. Then press \u{201c}Look again\u{201d}: it is searched for before anything is sent.",
                "V Metakocki preverite, ali zapis obstaja. Nato pritisnite »Preglej znova«: pred pošiljanjem se zapis najprej poišče.",
            ),
            HoldReason::EditAgainstDelete => self.say(
                "To keep the change, take the record back. To delete it, delete it on the other side too, then press \u{201c}Look again\u{201d}.",
                "Če naj sprememba ostane, zapis obnovite. Če naj bo izbrisan, ga izbrišite še na drugi strani, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::GoneInErp => self.say(
                "Delete it in the CRM too, or make it anew in Metakocka, then press \u{201c}Look again\u{201d}.",
                "Izbrišite ga tudi v CRM ali ga v Metakocki naredite znova, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::NotInApi => self.say(
                "Do it in Metakocka by hand, then press \u{201c}Look again\u{201d}.",
                "Naredite to ročno v Metakocki, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::OneWay => self.say(
                "Take the change back in the CRM, or change the direction in the settings, then press \u{201c}Look again\u{201d}.",
                "Spremembo v CRM prekličite ali v nastavitvah spremenite smer, nato pritisnite »Preglej znova«.",
            ),
            HoldReason::Unlinked { .. } => self.say(
                "Link it with a record in Metakocka, or press \u{201c}Look again\u{201d}: it is searched for there and made if it is not found.",
                "Povežite ga z zapisom v Metakocki ali pritisnite »Preglej znova«: tam se poišče in, če ga ni, naredi.",
            ),
        }
    }

    /// Why a record with conflicts waits, and what to do.
    pub(crate) fn conflict(self) -> Advice {
        Advice {
            title: self.say("Both sides changed the same", "Obe strani sta spremenili isto").to_owned(),
            remedy: self.say(
                "Decide for each piece whose value stays; the other side is set to it.",
                "Za vsak podatek se odločite, katera vrednost ostane; druga stran jo prevzame.",
            ),
        }
    }

    /// Why deletions wait for a person.
    pub(crate) const fn stop(self, reason: StopReason) -> &'static str {
        match reason {
            StopReason::Many => self.say("More than 500 at once.", "Več kot 500 naenkrat."),
            StopReason::ManyInADay => self.say("More than 500 in 24 hours.", "Več kot 500 v 24 urah."),
            StopReason::LiveFell => self.say(
                "The number of records fell by more than a fifth since the last complete reading.",
                "Število zapisov se je od zadnjega popolnega branja zmanjšalo za več kot petino.",
            ),
            StopReason::LargeShare => self.say(
                "More than ten, and more than a twentieth of all records.",
                "Več kot deset in več kot dvajsetina vseh zapisov.",
            ),
        }
    }

    /// Why something is not taken back.
    pub(crate) const fn refused(self, why: Refused) -> &'static str {
        match why {
            Refused::Deleted => self.say("the record is deleted or archived", "zapis je izbrisan ali arhiviran"),
            Refused::Added => self.say("the run met the record for the first time", "zagon je zapis prvič srečal"),
            Refused::Linked => self.say("the run linked the two sides", "zagon je povezal obe strani"),
            Refused::DeletedInRun => self.say("the run deleted or archived it", "zagon ga je izbrisal ali arhiviral"),
            Refused::RestoredInRun => self.say("the run took it back from deletion", "zagon ga je obnovil"),
            Refused::OwnedByErp => self.say("the value is Metakocka's own", "vrednost določa samo Metakocka"),
            Refused::SetAtCreation => {
                self.say("it is set when the record is made, and stays", "določi se ob nastanku zapisa in ostane")
            }
            Refused::Direction => self.say("this type travels to the CRM only", "ta vrsta potuje samo v CRM"),
            Refused::Conflict => self.say("both sides changed it", "spremenili sta ga obe strani"),
        }
    }

    /// What can be done instead of taking something back.
    pub(crate) const fn instead(self, what: Instead) -> &'static str {
        match what {
            Instead::Restore => self.say(
                "Take the record back, then undo the run again.",
                "Obnovite zapis in nato zagon znova razveljavite.",
            ),
            Instead::DeleteInCrm => self.say(
                "Delete the record in the CRM if it should not be there.",
                "Če zapisa ne sme biti, ga izbrišite v CRM.",
            ),
            Instead::ChangeInErp => self.say("Change it in Metakocka.", "Spremenite ga v Metakocki."),
            Instead::Settle => self.say("Settle the conflict.", "Razrešite spor."),
        }
    }

    /// Who wins when both sides changed a field.
    pub(crate) fn rule(self, rule: Rule) -> &'static str {
        let t = self.sync_texts();
        match rule {
            Rule::Crm => t.rule_crm,
            Rule::Erp => t.rule_erp,
            Rule::Newest => t.rule_newest,
            Rule::Park => t.rule_park,
        }
    }

    /// Which way an object type travels.
    pub(crate) fn direction(self, direction: Direction) -> &'static str {
        let t = self.sync_texts();
        match direction {
            Direction::Both => t.both_ways,
            Direction::ToCrm => t.to_crm,
            Direction::ToErp => t.to_erp,
        }
    }

    /// What happened to a record.
    pub(crate) fn kind(self, kind: ChangeKind) -> &'static str {
        let t = self.sync_texts();
        match kind {
            ChangeKind::Added => t.kind_added,
            ChangeKind::Updated => t.kind_updated,
            ChangeKind::Missing => t.kind_missing,
            ChangeKind::Found => t.kind_found,
            ChangeKind::Linked => t.kind_linked,
            ChangeKind::Deleted => t.kind_deleted,
            ChangeKind::Restored => t.kind_restored,
            ChangeKind::Merged => t.kind_merged,
            ChangeKind::Unmerged => t.kind_unmerged,
            ChangeKind::Unlinked => t.kind_unlinked,
            ChangeKind::Acted => t.kind_acted,
        }
    }

    /// `3 differences`.
    pub(crate) fn differences(self, n: u64) -> String {
        DIFFERENCES.counted(self.0, n)
    }

    /// `3 pieces`.
    pub(crate) fn piece_count(self, n: u64) -> String {
        PIECES.counted(self.0, n)
    }

    /// Which part of a list is shown: `51–100 of 320`.
    pub(crate) fn part(self, from: u64, to: u64, all: u64) -> String {
        let n = |n| super::number(self.0, n);
        format!("{}\u{2013}{} {} {}", n(from), n(to), self.say("of", "od"), n(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErpId;

    const BOTH: [Phrases; 2] = [Phrases(Language::En), Phrases(Language::Sl)];

    #[test]
    fn every_reason_to_wait_says_what_happened_and_what_to_do() {
        let all = [
            HoldReason::Rejected { code: "2".to_owned() },
            HoldReason::Ambiguous { found: vec![ErpId::new(1), ErpId::new(2)] },
            HoldReason::Different { erp_id: ErpId::new(7) },
            HoldReason::LinkTaken { crm_id: "c-9".to_owned() },
            HoldReason::GivenUp,
            HoldReason::EditAgainstDelete,
            HoldReason::GoneInErp,
            HoldReason::NotInApi,
            HoldReason::OneWay,
            HoldReason::Unlinked { by: "ana".to_owned(), erp_id: ErpId::new(7) },
        ];
        for reason in &all {
            let [en, sl] = BOTH.map(|p| p.hold(reason));
            assert!(en.remedy.ends_with('.') && sl.remedy.ends_with('.'), "{reason:?}");
            assert!(en.title != sl.title && en.remedy != sl.remedy, "{reason:?}");
        }
        assert!(BOTH[0].hold(&all[1]).title.ends_with(": 1, 2"));
        assert!(BOTH[1].hold(&all[3]).title.ends_with(": c-9"));
    }

    #[test]
    fn words_of_the_engine_differ_from_each_other_in_each_language() {
        for p in BOTH {
            let rules = [Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park].map(|r| p.rule(r)).to_vec();
            let ways = [Direction::Both, Direction::ToCrm, Direction::ToErp].map(|d| p.direction(d)).to_vec();
            let stops = [StopReason::Many, StopReason::ManyInADay, StopReason::LiveFell, StopReason::LargeShare];
            let instead = [Instead::Restore, Instead::DeleteInCrm, Instead::ChangeInErp, Instead::Settle];
            let stops = stops.map(|s| p.stop(s)).to_vec();
            let instead = instead.map(|i| p.instead(i)).to_vec();
            for words in [rules, ways, stops, instead] {
                let distinct: std::collections::BTreeSet<_> = words.iter().collect();
                assert_eq!(distinct.len(), words.len(), "{words:?}");
            }
        }
    }

    #[test]
    fn each_evidence_has_words_of_its_own_and_a_word_about_candidates_is_told_whole() {
        use Evidence::{Address, DifferentName, Email, Name, Sent, TaxDigits, TaxNumber};
        for p in BOTH {
            let words = [Sent, TaxNumber, TaxDigits, Email, Name, Address, DifferentName].map(|e| p.evidence(e));
            assert_eq!(words.iter().collect::<std::collections::BTreeSet<_>>().len(), words.len());
        }
        let link = Matched { erp_id: Some(ErpId::new(7)), evidence: vec![Email, Name], ..Matched::default() };
        assert_eq!(BOTH[0].matched(&link), "Metakocka 7: same e-mail address, same or similar name");
        let none_of = [ErpId::new(7), ErpId::new(8)].into();
        let new = Matched { none_of, reason: Some("po telefonu".to_owned()), ..Matched::default() };
        assert_eq!(BOTH[1].matched(&new), "nobeden od 7, 8; razlog: po telefonu");
    }

    #[test]
    fn numbers_agree_with_their_words() {
        assert_eq!(BOTH[1].differences(2), "2 razliki");
        assert_eq!(BOTH[1].piece_count(5), "5 podatkov");
        assert_eq!(BOTH[0].part(51, 100, 1_320), "51\u{2013}100 of 1,320");
    }
}
