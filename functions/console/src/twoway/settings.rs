//! The settings as a form, and a form as settings.
//!
//! Decides which values a field of the form may have. Whether settings are whole
//! is for `domain::Settings` to say.

use domain::{Direction, Object, ObjectSettings, Rule, Settings, fields::shared_fields};
use runtime::Permission;
use std::collections::BTreeMap;

use crate::{
    reader::Reader,
    wording::{Phrases, SyncTexts, field},
};

const DIRECTIONS: [(Direction, &str); 3] =
    [(Direction::Both, "both"), (Direction::ToCrm, "to_crm"), (Direction::ToErp, "to_erp")];
const RULES: [(Rule, &str); 4] =
    [(Rule::Crm, "crm"), (Rule::Erp, "erp"), (Rule::Newest, "newest"), (Rule::Park, "park")];
const ANSWERS: [(bool, &str); 2] = [(true, "yes"), (false, "no")];

/// The fields of a form as they were sent.
pub(crate) type Sent = BTreeMap<String, String>;

/// A value that a field may have.
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) text: &'static str,
    pub(crate) is_chosen: bool,
}

/// A field of the form.
pub(crate) struct Select {
    /// As the form names it.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) choices: Vec<Choice>,
    /// The text of the present value, for those who change nothing.
    pub(crate) chosen: &'static str,
    /// It has none of the values.
    pub(crate) is_wrong: bool,
}

/// The settings of an object type.
pub(crate) struct ObjectForm {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The direction of a type that has only one.
    pub(crate) one_way: Option<&'static str>,
    pub(crate) general: Vec<Select>,
    pub(crate) rules: Vec<Select>,
}

/// What is wrong, and where.
pub(crate) struct WrongRow {
    pub(crate) field: String,
    pub(crate) text: String,
}

/// The settings as a page shows them.
pub(crate) struct SettingsView {
    pub(crate) version: u64,
    pub(crate) is_read_only: bool,
    pub(crate) can_change: bool,
    pub(crate) objects: Vec<ObjectForm>,
    pub(crate) wrong: Vec<WrongRow>,
}

/// The name of a field in the form.
fn named(object: Object, part: &str) -> String {
    format!("{}.{part}", object.name())
}

fn rule_name(object: Object, field: &str) -> String {
    named(object, &format!("rules.{field}"))
}

/// Types that can only be read have no direction to choose.
fn travels_both_ways(object: Object) -> bool {
    !shared_fields(object).is_empty()
}

impl SettingsView {
    /// The settings, with what was sent in the place of theirs where a form was refused.
    pub(crate) fn of(settings: &Settings, sent: Option<&Sent>, reader: &Reader<'_>) -> Self {
        let form = Form { sent, p: reader.phrases(), w: reader.sync_texts() };
        let objects: Vec<ObjectForm> =
            Object::ALL.into_iter().map(|object| form.object(object, &settings.of(object))).collect();
        let wrong = |of: &ObjectForm, select: &Select| WrongRow {
            field: select.name.clone(),
            text: format!("{}, {}: {}", of.title, select.label, form.w.choose_one),
        };
        let wrong = objects.iter().flat_map(|of| {
            of.general.iter().chain(&of.rules).filter(|select| select.is_wrong).map(move |select| wrong(of, select))
        });
        Self {
            version: settings.version,
            is_read_only: settings.read_only,
            can_change: reader.may(Permission::Configure),
            wrong: wrong.collect(),
            objects,
        }
    }
}

struct Form<'a> {
    sent: Option<&'a Sent>,
    p: Phrases,
    w: &'static SyncTexts,
}

impl Form<'_> {
    fn object(&self, object: Object, now: &ObjectSettings) -> ObjectForm {
        let answer = |yes: bool| if yes { self.w.yes } else { self.w.no };
        let yes_no = |part: &str, label: &str, now: bool| {
            self.select(named(object, part), label.to_owned(), &ANSWERS, now, answer)
        };
        let mut general = Vec::new();
        if travels_both_ways(object) {
            let direction = |d| self.p.direction(d);
            let name = named(object, "direction");
            general.push(self.select(name, self.w.direction.to_owned(), &DIRECTIONS, now.direction, direction));
        }
        general.push(yes_no("paused", self.w.object_paused, now.paused));
        if travels_both_ways(object) {
            general.push(yes_no("deletes_in_erp", self.w.deletes_in_erp, now.deletes_in_erp));
            general.push(yes_no("archives_in_crm", self.w.archives_in_crm, now.archives_in_crm));
        }
        let rule = |name: &&str| {
            let label = field(self.p.0, name).to_owned();
            self.select(rule_name(object, name), label, &RULES, now.rule(name), |r| self.p.rule(r))
        };
        let rules = shared_fields(object).iter().map(rule).collect();
        ObjectForm {
            name: object.name(),
            title: self.p.object(object),
            one_way: (!travels_both_ways(object)).then(|| self.p.direction(Direction::ToCrm)),
            general,
            rules,
        }
    }

    fn select<T: Copy + PartialEq>(
        &self,
        name: String,
        label: String,
        values: &[(T, &'static str)],
        now: T,
        text: impl Fn(T) -> &'static str,
    ) -> Select {
        let is_chosen = |value: T, word: &str| match self.sent {
            Some(sent) => sent.get(&name).is_some_and(|chosen| chosen == word),
            None => value == now,
        };
        let choice = |&(value, word): &(T, &'static str)| Choice {
            value: word,
            text: text(value),
            is_chosen: is_chosen(value, word),
        };
        let choices: Vec<Choice> = values.iter().map(choice).collect();
        let is_wrong = !choices.iter().any(|c| c.is_chosen);
        Select { name, label, choices, chosen: text(now), is_wrong }
    }
}

/// The settings that a form says, from `now` on. `None` when a field has none of its values.
pub(crate) fn wanted(sent: &Sent, now: &Settings) -> Option<Settings> {
    let mut next = now.clone();
    for object in Object::ALL {
        let mut of = now.of(object);
        of.paused = chosen(sent, &named(object, "paused"), &ANSWERS)?;
        if travels_both_ways(object) {
            of.direction = chosen(sent, &named(object, "direction"), &DIRECTIONS)?;
            of.deletes_in_erp = chosen(sent, &named(object, "deletes_in_erp"), &ANSWERS)?;
            of.archives_in_crm = chosen(sent, &named(object, "archives_in_crm"), &ANSWERS)?;
        }
        for field in shared_fields(object) {
            of.rules.insert((*field).to_owned(), chosen(sent, &rule_name(object, field), &RULES)?);
        }
        next.objects.insert(object, of);
    }
    Some(next)
}

fn chosen<T: Copy>(sent: &Sent, name: &str, values: &[(T, &'static str)]) -> Option<T> {
    let word = sent.get(name)?;
    values.iter().find(|(_, known)| known == word).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::super::samples::reader;
    use super::*;
    use runtime::{Language, Role};

    fn settings() -> Settings {
        let mut settings = Settings::standard();
        let offers = settings.objects.get_mut(&Object::Offers).expect("there");
        offers.direction = Direction::ToErp;
        offers.paused = true;
        offers.rules.insert("title".to_owned(), Rule::Newest);
        settings
    }

    /// What a browser sends when nobody touches the form.
    fn untouched(settings: &Settings) -> Sent {
        let view = SettingsView::of(settings, None, &reader(Language::En, Role::Administrator));
        let selects = view.objects.into_iter().flat_map(|of| of.general.into_iter().chain(of.rules));
        selects
            .map(|select| {
                let chosen = select.choices.iter().find(|c| c.is_chosen).expect("a value");
                (select.name.clone(), chosen.value.to_owned())
            })
            .collect()
    }

    #[test]
    fn a_form_that_nobody_touched_says_the_settings_as_they_are() {
        let settings = settings();
        let said = wanted(&untouched(&settings), &settings).expect("whole");
        assert_eq!(said, settings);
        assert_eq!(said.check(), Ok(()));
    }

    #[test]
    fn what_is_chosen_is_taken() {
        let settings = settings();
        let mut sent = untouched(&settings);
        for (name, value) in [
            ("contacts.direction", "to_crm"),
            ("contacts.paused", "yes"),
            ("contacts.deletes_in_erp", "yes"),
            ("contacts.archives_in_crm", "no"),
            ("contacts.rules.name", "newest"),
            ("stock.paused", "yes"),
        ] {
            assert!(sent.insert(name.to_owned(), value.to_owned()).is_some(), "{name} is a field of the form");
        }
        let said = wanted(&sent, &settings).expect("whole");
        let contacts = said.of(Object::Contacts);
        assert_eq!((contacts.direction, contacts.rule("name")), (Direction::ToCrm, Rule::Newest));
        assert!(contacts.paused && contacts.deletes_in_erp && !contacts.archives_in_crm);
        assert!(said.of(Object::Stock).paused);
        assert_eq!(said.of(Object::Offers), settings.of(Object::Offers), "the others stay");
    }

    #[test]
    fn each_field_without_one_of_its_values_is_named() {
        let settings = settings();
        for name in untouched(&settings).keys() {
            for bad in [None, Some("<b>")] {
                let mut sent = untouched(&settings);
                match bad {
                    None => sent.remove(name),
                    Some(bad) => sent.insert(name.clone(), bad.to_owned()),
                };
                assert_eq!(wanted(&sent, &settings), None, "{name}");
                let view = SettingsView::of(&settings, Some(&sent), &reader(Language::Sl, Role::Administrator));
                assert_eq!(view.wrong.len(), 1, "{name}");
                assert_eq!(&view.wrong[0].field, name);
            }
        }
        let mut sent = untouched(&settings);
        sent.remove("orders.rules.lines");
        let view = SettingsView::of(&settings, Some(&sent), &reader(Language::En, Role::Administrator));
        assert_eq!(view.wrong[0].text, "Orders, Lines: choose one of the values");
    }
}
