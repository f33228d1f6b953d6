//! Actions on documents in words: what is done, with what, and why it cannot be.

use domain::action::DeedKind;
use domain::transition::Barred;

use super::{DeedTexts, Phrases};

/// Why an input is refused, as `domain::transition` says it, in English and in Slovenian.
const REASONS: &[(&str, &str, &str)] = &[
    ("a path or a control character in it", "A name has no slashes in it.", "V imenu ne sme biti poševnic."),
    ("a product that the order does not have", "This product is not on the order.", "Tega izdelka na naročilu ni."),
    ("above a thousand million", "This is too large.", "To je preveč."),
    ("empty or larger than 4 MiB", "The file is empty or larger than 4 MB.", "Datoteka je prazna ali večja od 4 MB."),
    ("longer than 100 characters", "At most 100 characters.", "Največ 100 znakov."),
    ("longer than 1000 characters", "At most 1,000 characters.", "Največ 1.000 znakov."),
    ("longer than 75 characters", "At most 75 characters.", "Največ 75 znakov."),
    ("more than two decimals", "At most two decimal places.", "Največ dve decimalni mesti."),
    ("no e-mail address", "This is no e-mail address.", "To ni e-poštni naslov."),
    ("not 1 to 100", "A complaint has 1 to 100 lines.", "Reklamacija ima 1 do 100 postavk."),
    ("not above zero", "It must be above zero.", "Biti mora več kot nič."),
    (
        "not between 2000 and tomorrow",
        "The day must be between 2000 and tomorrow.",
        "Dan mora biti med letom 2000 in jutrišnjim dnem.",
    ),
    (
        "not possible for this kind of document",
        "This is not possible for this kind of document.",
        "Pri tej vrsti dokumenta to ni mogoče.",
    ),
    (
        "the offer has no partner or no lines",
        "The offer has no customer or no lines.",
        "Ponudba nima kupca ali nima postavk.",
    ),
];

impl Phrases {
    /// The texts about actions.
    pub(crate) fn deeds(self) -> &'static DeedTexts {
        DeedTexts::of(self.0)
    }

    /// An action as a command.
    pub(crate) fn command(self, deed: DeedKind) -> &'static str {
        let d = self.deeds();
        match deed {
            DeedKind::Payment => d.do_payment,
            DeedKind::Status => d.do_status,
            DeedKind::Cancel => d.do_cancel,
            DeedKind::Ship => d.do_ship,
            DeedKind::OrderFromOffer => d.do_order,
            DeedKind::Complaint => d.do_complaint,
            DeedKind::Attachment => d.do_attachment,
        }
    }

    /// What an action does.
    pub(crate) fn about(self, deed: DeedKind) -> &'static str {
        let d = self.deeds();
        match deed {
            DeedKind::Payment => d.about_payment,
            DeedKind::Status => d.about_status,
            DeedKind::Cancel => d.about_cancel,
            DeedKind::Ship => d.about_ship,
            DeedKind::OrderFromOffer => d.about_order,
            DeedKind::Complaint => d.about_complaint,
            DeedKind::Attachment => d.about_attachment,
        }
    }

    /// What an input is called, and what helps to fill it in.
    pub(crate) fn input(self, name: &str) -> (&'static str, Option<&'static str>) {
        let d = self.deeds();
        match name {
            "mode" => (d.mode, None),
            "payment_type" => (d.payment_type, None),
            "date" => (d.date, None),
            "amount" => (d.amount, None),
            "notes" => (d.notes, Some(d.notes_hint)),
            "over" => (d.over, None),
            "key" => (d.key, None),
            "on" => (d.on, None),
            "buyer_order" => (d.buyer_order, Some(d.buyer_order_hint)),
            "claim" => (d.claim, None),
            "user_email" => (d.user_email, Some(d.user_email_hint)),
            "reason" => (d.reason, None),
            "lines" => (d.goods, Some(d.goods_hint)),
            "file_name" => (d.file_name, Some(d.file_name_hint)),
            "content" => (d.content, None),
            _ => (d.description, None),
        }
    }

    /// A choice of an input.
    pub(crate) fn choice(self, input: &str, value: &'static str) -> &'static str {
        let d = self.deeds();
        match (input, value) {
            ("mode", "payment") => d.mode_payment,
            ("mode", "prepayment") => d.mode_prepayment,
            ("mode", "return") => d.mode_return,
            ("claim", "reclamation") => d.claim_reclamation,
            ("claim", "return") => d.claim_return,
            ("claim", "replacement") => d.claim_replacement,
            (_, other) => other,
        }
    }

    /// Why an input is refused.
    pub(crate) fn barred(self, barred: &Barred) -> &'static str {
        let d = self.deeds();
        if barred.code == "amount_over_open" {
            return d.wrong_over;
        }
        let known = REASONS.iter().find(|(reason, ..)| *reason == barred.reason);
        match known {
            Some((_, en, sl)) => self.say(en, sl),
            None if barred.input.is_none() => d.moved_on,
            None => d.wrong_value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::transition;
    use runtime::Language;

    #[test]
    fn every_input_of_every_action_has_a_name_of_its_own_in_both_languages() {
        for p in [Phrases(Language::En), Phrases(Language::Sl)] {
            for deed in DeedKind::ALL {
                let names: std::collections::BTreeSet<_> =
                    transition::inputs(deed).iter().map(|field| p.input(field.name).0).collect();
                assert_eq!(names.len(), transition::inputs(deed).len(), "{deed}");
                for field in transition::inputs(deed) {
                    assert!(
                        field.choices.iter().all(|choice| p.choice(field.name, choice) != *choice),
                        "{deed} {}",
                        field.name
                    );
                }
            }
        }
    }

    #[test]
    fn reasons_are_sorted_and_translated() {
        assert!(REASONS.is_sorted_by(|(a, ..), (b, ..)| a < b));
        assert!(REASONS.iter().all(|(_, en, sl)| en != sl && en.ends_with('.') && sl.ends_with('.')));
    }
}
