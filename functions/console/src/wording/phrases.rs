//! The sentences with a number or a name in them.

use domain::{Mode, Object, RunState, Trigger};
use runtime::{Language, Permission, Role};

use super::{Texts, number, plural::Noun};

const WAITS: Noun = Noun {
    en: ["record waits for a person", "records wait for a person"],
    sl: ["zapis čaka na človeka", "zapisa čakata na človeka", "zapisi čakajo na človeka", "zapisov čaka na človeka"],
};

/// Sentences of one language.
#[derive(Clone, Copy)]
pub(crate) struct Phrases(pub(crate) Language);

impl Phrases {
    fn texts(self) -> &'static Texts {
        Texts::of(self.0)
    }

    /// The name of an object type.
    pub(crate) fn object(self, object: Object) -> &'static str {
        match self.0 {
            Language::Sl => object.entry().sl,
            Language::En => object.entry().en,
        }
    }

    /// One record of an object type.
    pub(crate) fn one(self, object: Object) -> &'static str {
        match object {
            Object::Contacts => self.say("Contact", "Stik"),
            Object::Products => self.say("Product", "Izdelek"),
            other => self.object(other),
        }
    }

    /// Where a run is.
    pub(crate) fn state(self, state: RunState) -> &'static str {
        let t = self.texts();
        match state {
            RunState::Queued => t.state_queued,
            RunState::Running => t.state_running,
            RunState::Succeeded => t.state_succeeded,
            RunState::Failed => t.state_failed,
        }
    }

    /// Why a run was started, and how far it looks: `Schedule: changes`.
    pub(crate) fn reason(self, trigger: Trigger, mode: Mode) -> String {
        let t = self.texts();
        let why = match trigger {
            Trigger::Connected => t.trigger_connected,
            Trigger::Schedule => t.trigger_schedule,
            Trigger::Request => t.trigger_request,
            Trigger::Webhook => t.trigger_webhook,
        };
        let what = match mode {
            Mode::Full => t.mode_full,
            Mode::Changes => t.mode_changes,
            Mode::Hints => t.mode_hints,
            Mode::Undo => t.mode_undo,
        };
        format!("{why}: {what}")
    }

    /// The name of a role.
    pub(crate) fn role(self, role: Role) -> &'static str {
        let t = self.texts();
        match role {
            Role::Administrator => t.role_administrator,
            Role::Salesperson => t.role_salesperson,
            Role::Support => t.role_support,
            Role::Operations => t.role_operations,
            Role::Accountant => t.role_accountant,
            Role::Developer => t.role_developer,
            Role::Operator => t.role_operator,
        }
    }

    /// `3 records wait for a person`.
    pub(crate) fn waiting_records(self, n: u64) -> String {
        WAITS.counted(self.0, n)
    }

    /// That there are more than the list shows.
    pub(crate) fn first_of_more(self, shown: u64) -> String {
        let shown = number(self.0, shown);
        match self.0 {
            Language::En => format!("The first {shown} are shown; there are more."),
            Language::Sl => format!("Prikazanih je prvih {shown}; jih je še več."),
        }
    }

    /// How far the current run is, as it is read out: only its large steps, so that it does not speak all the time.
    pub(crate) fn running(self, object: Option<&str>, done: u64, all: u64) -> String {
        let (done, all) = (number(self.0, done), number(self.0, all));
        let what = object.map(|o| format!(": {o}")).unwrap_or_default();
        match self.0 {
            Language::En => format!("Sync is running{what}. Object types done: {done} of {all}."),
            Language::Sl => format!("Sinhronizacija poteka{what}. Končane vrste zapisov: {done} od {all}."),
        }
    }

    /// That a run waits.
    pub(crate) const fn queued(self) -> &'static str {
        match self.0 {
            Language::En => "A sync waits for its turn.",
            Language::Sl => "Sinhronizacija čaka, da pride na vrsto.",
        }
    }

    /// That no run is going on.
    pub(crate) const fn idle(self) -> &'static str {
        match self.0 {
            Language::En => "No sync is running.",
            Language::Sl => "Nobena sinhronizacija ne poteka.",
        }
    }

    /// What a role may not do.
    pub(crate) fn not_allowed(self, role: Role, permission: Permission) -> String {
        let role = self.role(role);
        match self.0 {
            Language::En => format!("This needs the permission {permission}, which your role ({role}) does not have."),
            Language::Sl => format!("Za to je potrebno dovoljenje {permission}, ki ga vaša vloga ({role}) nima."),
        }
    }

    /// Whom to ask for a permission.
    pub(crate) const fn ask_for_permission(self) -> &'static str {
        match self.0 {
            Language::En => "Ask an administrator to do it, or for a role that may. Trying again does not help.",
            Language::Sl => {
                "Prosite skrbnika, naj to naredi ali vam dodeli vlogo, ki to sme. Ponovni poskus ne pomaga."
            }
        }
    }

    /// The name of a progress bar.
    pub(crate) fn progress(self, object: &str) -> String {
        match self.0 {
            Language::En => format!("Progress: {object}"),
            Language::Sl => format!("Napredek: {object}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_agree_with_their_numbers() {
        let (en, sl) = (Phrases(Language::En), Phrases(Language::Sl));
        assert_eq!(en.waiting_records(1), "1 record waits for a person");
        assert_eq!(sl.waiting_records(2), "2 zapisa čakata na človeka");
        assert_eq!(sl.waiting_records(1_005), "1.005 zapisov čaka na človeka");
        assert_eq!(
            sl.running(Some("Naročila"), 3, 7),
            "Sinhronizacija poteka: Naročila. Končane vrste zapisov: 3 od 7."
        );
        assert_eq!(en.running(None, 0, 1), "Sync is running. Object types done: 0 of 1.");
        assert_eq!(sl.reason(Trigger::Request, Mode::Full), "Na zahtevo: vse");
    }

    #[test]
    fn every_word_of_the_product_has_a_name_in_both_languages() {
        for language in [Language::En, Language::Sl] {
            let p = Phrases(language);
            let objects = Object::ALL.map(|o| p.object(o)).to_vec();
            let roles = Role::ALL.map(|r| p.role(r)).to_vec();
            for names in [objects, roles] {
                let distinct: std::collections::BTreeSet<_> = names.iter().collect();
                assert_eq!(distinct.len(), names.len());
            }
            assert!(p.not_allowed(Role::Support, Permission::Sync).contains("sync"));
        }
    }
}
