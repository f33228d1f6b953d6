//! The connection as people see it: to which company, whether it is used, and why not.

use runtime::{Permission, catalogue::describe};
use store::{Connection, ConnectionState};

use crate::reader::{Badge, Fault, Reader};

/// The connection.
pub(crate) struct ConnectionCard {
    pub(crate) badge: Badge,
    pub(crate) company: String,
    pub(crate) host: String,
    /// Where Metakocka sends webhooks: for those who enter it there. Whoever knows it can knock.
    pub(crate) webhook: Option<String>,
    pub(crate) version: u64,
    /// Why it is paused.
    pub(crate) pause: Option<Fault>,
    pub(crate) can_pause: bool,
    pub(crate) can_resume: bool,
}

pub(super) fn connection_card(connection: &Connection, reader: &Reader<'_>) -> ConnectionCard {
    let t = reader.texts();
    let pause = match &connection.state {
        ConnectionState::Connected => None,
        ConnectionState::Paused { code } => Some(why_paused(code, reader)),
    };
    let badge = match &pause {
        None => Badge { tone: "good", text: t.connected },
        Some(_) => Badge { tone: "warn", text: t.paused },
    };
    let may = reader.may(Permission::Configure);
    ConnectionCard {
        badge,
        company: connection.company_id.clone(),
        host: host_of(&connection.base_url).to_owned(),
        webhook: may.then(|| format!("{}/w/{}", reader.webhook_url, connection.endpoint_id.as_str())),
        version: connection.version,
        can_pause: may && pause.is_none(),
        can_resume: may && pause.is_some(),
        pause,
    }
}

fn why_paused(code: &str, reader: &Reader<'_>) -> Fault {
    let t = reader.texts();
    if code == app::connect::PAUSED_BY_PERSON {
        return Fault {
            title: t.paused_by_person_title.to_owned(),
            detail: t.paused_by_person_detail,
            remedy: t.paused_by_person_remedy,
            code: code.to_owned(),
            message: None,
        };
    }
    let text = describe(code, reader.language);
    Fault {
        title: text.map_or(t.why_paused, |t| t.title).to_owned(),
        detail: text.map_or("", |t| t.detail),
        remedy: text.map_or(t.unknown_error_report, |t| t.remedy),
        code: code.to_owned(),
        message: None,
    }
}

fn host_of(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{connected, reader};
    use super::*;
    use runtime::{Language, Role};

    fn card(role: Role, state: ConnectionState) -> ConnectionCard {
        let mut connection = connected().connection.expect("a connection");
        connection.state = state;
        connection_card(&connection, &reader(Language::En, role))
    }

    #[test]
    fn only_who_may_configure_sees_the_webhook_address_and_the_buttons() {
        for role in Role::ALL {
            let may = role == Role::Administrator;
            let card = card(role, ConnectionState::Connected);
            assert_eq!((card.webhook.is_some(), card.can_pause, card.can_resume), (may, may, false), "{role}");
        }
        let webhook = card(Role::Administrator, ConnectionState::Connected).webhook.expect("an address");
        assert!(webhook.starts_with("https://hooks.example/w/whe_"), "{webhook}");
    }

    #[test]
    fn a_pause_says_why_and_what_to_do_even_for_a_code_that_nobody_knows() {
        for code in [app::connect::PAUSED_BY_PERSON, "credentials_invalid", "no_such_code"] {
            let card = card(Role::Administrator, ConnectionState::Paused { code: code.to_owned() });
            let pause = card.pause.expect("a reason");
            assert!(!pause.title.is_empty() && !pause.remedy.is_empty(), "{code}");
            assert_eq!((pause.code.as_str(), card.can_pause, card.can_resume), (code, false, true));
        }
    }

    #[test]
    fn the_host_is_shown_without_scheme_and_path() {
        assert_eq!(host_of("https://main.metakocka.si"), "main.metakocka.si");
        assert_eq!(host_of("http://127.0.0.1:8081/rest"), "127.0.0.1:8081");
    }
}
