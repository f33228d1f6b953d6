//! The reasons of a plan as sentences.

use runtime::Language;
use sync::plan::{Action, Reason};

use super::{Phrases, SyncTexts, moment, pieces, side};

impl Phrases {
    /// What would be done with a record.
    pub(crate) fn action(self, action: &Action) -> &'static str {
        self.action_named(action.name())
    }

    /// What would be done, by the name that a plan counts it by.
    pub(crate) fn action_named(self, name: &str) -> &'static str {
        let t = SyncTexts::of(self.0);
        match name {
            "create_in_erp" => t.action_create,
            "update_erp" => t.action_update,
            "delete_in_erp" => t.action_delete,
            "tell_crm" => t.action_tell,
            "link" => t.action_link,
            "wait" => t.action_wait,
            "park" => t.action_park,
            _ => t.action_nothing,
        }
    }

    /// Why something is written, or not.
    pub(crate) fn plan_reason(self, reason: &Reason) -> String {
        let about = |of: &[String], en, sl| format!("{}: {}.", self.say(en, sl), pieces(self.0, of));
        match reason {
            Reason::FoundInErp { erp_id } => {
                format!("{}: {erp_id}.", self.say("A search of Metakocka found it", "Iskanje v Metakocki ga je našlo"))
            }
            Reason::CrmChanged { pieces } => about(pieces, "The CRM changed", "CRM je spremenil"),
            Reason::ErpChanged { pieces } => about(pieces, "Metakocka changed", "Metakocka je spremenila"),
            Reason::Decided { pieces: of, rule, winner } => format!(
                "{}: {}; {}: {} ({}).",
                self.say("Both sides changed", "Obe strani sta spremenili"),
                pieces(self.0, of),
                self.say("the rule", "pravilo"),
                self.rule(*rule),
                side(*winner),
            ),
            Reason::ConflictParked { pieces, .. } => about(
                pieces,
                "Both sides changed this, and a person must say whose value stays",
                "To sta spremenili obe strani; o vrednosti mora odločiti človek",
            ),
            Reason::WaitsFor { crm_ids } => format!(
                "{}: {}.",
                self.say(
                    "It names records of the CRM that Metakocka does not have yet",
                    "Omenja zapise iz CRM, ki jih Metakocka še nima"
                ),
                crm_ids.join(", ")
            ),
            Reason::WriteUnderWay { until } => self.under_way(*until),
            Reason::Held { why } => format!("{}.", self.hold(why).title),
            Reason::Locked { pieces } if pieces.is_empty() => {
                self.say("Metakocka does not let it be deleted.", "Metakocka ga ne pusti izbrisati.").to_owned()
            }
            Reason::Locked { pieces } => {
                about(pieces, "Metakocka does not let this be changed", "Metakocka tega ne pusti spremeniti")
            }
            Reason::OwnedByErp { pieces } => {
                about(pieces, "This differs and is Metakocka's own", "To se razlikuje in ga določa samo Metakocka")
            }
            Reason::Direction { pieces: of, direction } => format!(
                "{}: {}; {}: {}.",
                self.say("This differs", "To se razlikuje"),
                pieces(self.0, of),
                self.say("the direction", "smer"),
                self.direction(*direction)
            ),
            plain => self.plain(plain).to_owned(),
        }
    }

    fn under_way(self, until: Option<jiff::Timestamp>) -> String {
        let sentence =
            self.say("An earlier write may still appear in Metakocka", "Prejšnji zapis se lahko v Metakocki še pokaže");
        match (self.0, until) {
            (_, None) => format!("{sentence}."),
            (Language::En, Some(at)) => format!("{sentence}; it is looked for again at {}.", moment(self.0, at)),
            (Language::Sl, Some(at)) => format!("{sentence}; znova se išče {}.", moment(self.0, at)),
        }
    }

    /// The reasons that name nothing.
    const fn plain(self, reason: &Reason) -> &'static str {
        match reason {
            Reason::NewInCrm => self
                .say("New in the CRM, and Metakocka has nothing like it.", "Nov v CRM, v Metakocki ni nič podobnega."),
            Reason::CrmDeleted => self.say("The CRM deleted it.", "CRM ga je izbrisal."),
            Reason::Equal => self.say("Both sides have the same.", "Obe strani imata enako."),
            Reason::WriteConfirmed => self.say(
                "Metakocka already has what an earlier write set.",
                "Metakocka že ima, kar je zapisal prejšnji zapis.",
            ),
            Reason::CannotRead => {
                self.say("Metakocka's record could not be read.", "Zapisa v Metakocki ni bilo mogoče prebrati.")
            }
            Reason::CannotSearch => self.say("Metakocka could not be searched.", "V Metakocki ni bilo mogoče iskati."),
            Reason::Paused => self.say("The object type is paused.", "Vrsta zapisov je ustavljena."),
            Reason::DeletionsStayInCrm => self.say(
                "The CRM deleted it, and deletions are not carried to Metakocka: the two are only taken apart.",
                "CRM ga je izbrisal, izbrisi pa se ne prenašajo v Metakocko: povezava se samo razdre.",
            ),
            Reason::TakenApart => self.say(
                "The CRM deleted it, and Metakocka cannot delete it: the two are only taken apart.",
                "CRM ga je izbrisal, Metakocka pa ga ne more: povezava se samo razdre.",
            ),
            Reason::NeverMade => self.say(
                "The CRM deleted it before it was made in Metakocka.",
                "CRM ga je izbrisal, preden je v Metakocki nastal.",
            ),
            Reason::GoneOnBothSides => self.say("Neither side has it any more.", "Nobena stran ga nima več."),
            Reason::Archived => self.say("It is archived: take it back first.", "Arhiviran je: najprej ga obnovite."),
            Reason::NotInErp => self.say(
                "One lookup did not find it in Metakocka; that it is gone is for a whole reading to prove.",
                "Eno iskanje ga v Metakocki ni našlo; da ga ni več, mora dokazati popolno branje.",
            ),
            _ => {
                self.say("What would be done could not be found out.", "Ni bilo mogoče ugotoviti, kaj bi se naredilo.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Direction, ErpId, Rule};
    use sync::twoway::{HoldReason, Winner};

    fn all() -> Vec<Reason> {
        let pieces = || vec!["name".to_owned(), "lines/l1".to_owned()];
        vec![
            Reason::NewInCrm,
            Reason::FoundInErp { erp_id: ErpId::new(7) },
            Reason::CrmChanged { pieces: pieces() },
            Reason::ErpChanged { pieces: pieces() },
            Reason::CrmDeleted,
            Reason::Decided { pieces: pieces(), rule: Rule::Newest, winner: Winner::Crm },
            Reason::ConflictParked { pieces: pieces(), rule: Rule::Park },
            Reason::Equal,
            Reason::WriteConfirmed,
            Reason::WaitsFor { crm_ids: vec!["c-1".to_owned()] },
            Reason::WriteUnderWay { until: None },
            Reason::WriteUnderWay { until: Some(jiff::Timestamp::UNIX_EPOCH) },
            Reason::CannotRead,
            Reason::CannotSearch,
            Reason::Held { why: HoldReason::GivenUp },
            Reason::Locked { pieces: pieces() },
            Reason::Locked { pieces: Vec::new() },
            Reason::OwnedByErp { pieces: pieces() },
            Reason::Direction { pieces: pieces(), direction: Direction::ToErp },
            Reason::Paused,
            Reason::DeletionsStayInCrm,
            Reason::TakenApart,
            Reason::NeverMade,
            Reason::GoneOnBothSides,
            Reason::Archived,
            Reason::NotInErp,
            Reason::Unclear,
        ]
    }

    #[test]
    fn every_reason_is_a_sentence_of_its_own_in_both_languages() {
        let mut seen = std::collections::BTreeSet::new();
        for reason in all() {
            let [en, sl] = [Language::En, Language::Sl].map(|l| Phrases(l).plan_reason(&reason));
            assert!(en.ends_with('.') && sl.ends_with('.') && en != sl, "{reason:?}: {en} / {sl}");
            assert!(seen.insert(en) && seen.insert(sl), "{reason:?} is said like another one");
        }
    }

    #[test]
    fn a_decision_names_the_pieces_the_rule_and_the_winner() {
        let reason = Reason::Decided { pieces: vec!["prices/a".to_owned()], rule: Rule::Erp, winner: Winner::Erp };
        assert_eq!(
            Phrases(Language::En).plan_reason(&reason),
            "Both sides changed: Price a; the rule: Metakocka wins (Metakocka)."
        );
    }
}
