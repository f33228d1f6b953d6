//! What follows from a document, what happened to it, and the documents of a contact.

use app::story::{Documents, Story};
use domain::derived::{Delivery, Due, DueState, Paid, Validity};
use domain::{Derived, Document, DocumentKind, DocumentLink, Payment, Record, RecordId, Status, TenantId, Tracking};
use sync::timeline::{Event, Source, What, When as EventWhen};

use super::count;
use crate::{
    reader::{Badge, Reader, When},
    wording::{StoryTexts, field},
};

/// A state with the facts that it comes from.
pub(crate) struct Fact {
    pub(crate) label: &'static str,
    pub(crate) badge: Badge,
    pub(crate) detail: String,
    /// The carrier's page, when it is one of the web.
    pub(crate) link: Option<String>,
}

/// A document to which an entry leads.
pub(crate) struct OtherDocument {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
}

/// One thing that happened.
pub(crate) struct EventRow {
    pub(crate) what: &'static str,
    pub(crate) detail: String,
    pub(crate) other: Option<OtherDocument>,
    pub(crate) when: When,
    /// That the time is the one at which it was seen.
    pub(crate) seen: Option<&'static str>,
    pub(crate) source: &'static str,
}

/// A document's story as its page shows it.
pub(crate) struct StoryView {
    pub(crate) facts: Vec<Fact>,
    pub(crate) events: Vec<EventRow>,
    /// That the story goes on.
    pub(crate) more: Option<String>,
}

/// A document of a contact.
pub(crate) struct DocumentRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) kind: &'static str,
    pub(crate) date: String,
    pub(crate) sum: String,
    pub(crate) states: Vec<Badge>,
}

/// A contact's documents as its page shows them.
pub(crate) struct DocumentsView {
    pub(crate) rows: Vec<DocumentRow>,
    pub(crate) more: Option<String>,
}

impl StoryView {
    /// What `reader` sees of a story, at most `shown` events.
    pub(crate) fn of(story: &Story, tenant: &TenantId, shown: usize, reader: &Reader<'_>) -> Self {
        let s = StoryTexts::of(reader.language);
        let is_more = story.events.len() > shown;
        let cut = || if story.is_whole { None } else { Some(s.only_newest.to_owned()) };
        Self {
            facts: story.derived.iter().flat_map(|derived| facts(derived, reader)).collect(),
            events: story.events.iter().rev().take(shown).map(|event| event_row(event, tenant, reader)).collect(),
            more: if is_more { Some(reader.phrases().first_of_more(count(shown))) } else { cut() },
        }
    }
}

impl DocumentsView {
    /// What `reader` sees of a part of a contact's documents.
    pub(crate) fn of(found: &Documents, reader: &Reader<'_>) -> Self {
        let row = |(stored, derived): &(store::Stored, Derived)| match &stored.record {
            Record::Document(document) => Some(document_row(stored.id, document, derived, reader)),
            _ => None,
        };
        let rows: Vec<DocumentRow> = found.documents.iter().filter_map(row).collect();
        let more = found.next.map(|_| reader.phrases().first_of_more(count(rows.len())));
        Self { rows, more }
    }
}

fn document_row(id: RecordId, document: &Document, derived: &Derived, reader: &Reader<'_>) -> DocumentRow {
    let p = reader.phrases();
    let gross = document.sums.gross.unwrap_or_default();
    DocumentRow {
        id: id.to_string(),
        number: document.number.to_string(),
        kind: p.document_kind(document.kind),
        date: document.date.map_or_else(|| "\u{2013}".to_owned(), |date| p.day(date)),
        sum: p.sum(domain::value::normal(gross), document.currency),
        states: facts(derived, reader).into_iter().map(|fact| fact.badge).collect(),
    }
}

const fn paid_tone(paid: Paid) -> &'static str {
    match paid {
        Paid::Paid => "good",
        Paid::PartlyPaid => "busy",
        Paid::Unpaid => "idle",
        Paid::Overpaid => "warn",
    }
}

const fn due_tone(due: Due) -> &'static str {
    match due {
        Due::Overdue => "bad",
        Due::Undecided | Due::NoDueDate => "warn",
        Due::Settled => "good",
        Due::NotIssued | Due::Canceled | Due::NotYet => "idle",
    }
}

/// The states that are decided, and those that wait for a meaning.
fn facts(derived: &Derived, reader: &Reader<'_>) -> Vec<Fact> {
    let (p, s) = (reader.phrases(), StoryTexts::of(reader.language));
    let mut facts = Vec::new();
    let mut add =
        |label, tone, text, detail| facts.push(Fact { label, badge: Badge { tone, text }, detail, link: None });
    if let Some(status) = &derived.status {
        let tone = if status.meaning.is_some() { "idle" } else { "warn" };
        add(s.status_meaning, tone, p.meaning(status.meaning), status_text(&status.of));
    }
    if let Some(payment) = &derived.payment {
        let sum = |amount| p.sum(amount, payment.currency);
        let detail = format!("{} / {}; {}: {}", sum(payment.paid), sum(payment.gross), s.open_sum, sum(payment.open));
        add(s.payment, paid_tone(payment.state), p.paid(payment.state), detail);
    }
    if let Some(due) = &derived.due {
        let currency = derived.payment.map(|payment| payment.currency);
        let mut detail = due_text(due, reader);
        if let Some((late, currency)) = due.overdue.zip(currency) {
            detail = format!("{detail}; {}: {}", s.late_sum, p.sum(late, currency));
        }
        add(s.due, due_tone(due.state), p.due(due.state), detail);
    }
    if let Some(validity) = &derived.validity {
        let tone = if validity.state == Validity::Expired { "warn" } else { "good" };
        let detail = format!("{}, {}", p.day(validity.valid_to), p.days(validity.days));
        add(s.validity, tone, p.validity(validity.state), detail);
    }
    if let Some(delivery) = &derived.delivery {
        let tone = match delivery.state {
            Delivery::Delivered => "good",
            Delivery::Returned => "bad",
            Delivery::Announced | Delivery::OnItsWay => "busy",
        };
        let event = delivery.event.as_ref().map(|event| {
            let text = event.text.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{text}, {}", p.day(event.date))
        });
        let by_status = delivery.by_status.then(|| s.by_status.to_owned());
        let number = delivery.tracking.number.as_ref().map(ToString::to_string);
        let detail: Vec<String> = [event, by_status, number].into_iter().flatten().collect();
        add(s.delivery, tone, p.delivery(delivery.state), detail.join("; "));
        if let Some(fact) = facts.last_mut() {
            fact.link = page_of(&delivery.tracking);
        }
    }
    facts
}

/// The carrier's page, if its address is one that a browser may be led to.
fn page_of(tracking: &Tracking) -> Option<String> {
    let url = tracking.url.as_ref()?.to_string();
    let is_page = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    is_page.then_some(url)
}

fn due_text(due: &DueState, reader: &Reader<'_>) -> String {
    if due.state == Due::Undecided {
        return StoryTexts::of(reader.language).undecided_why.to_owned();
    }
    let p = reader.phrases();
    match (due.due_date, due.days) {
        (Some(day), Some(days)) => format!("{}, {}", p.day(day), p.days(days)),
        (Some(day), None) => p.day(day),
        _ => String::new(),
    }
}

fn status_text(status: &Status) -> String {
    // The key is for programs; people know a status by its label.
    status.label.as_ref().or(status.key.as_ref()).map(ToString::to_string).unwrap_or_default()
}

fn event_row(event: &Event, tenant: &TenantId, reader: &Reader<'_>) -> EventRow {
    let (p, s) = (reader.phrases(), StoryTexts::of(reader.language));
    let (when, seen) = match event.when {
        EventWhen::At(at) => (reader.when(at), None),
        EventWhen::On(day) => (When { iso: day.to_string(), text: p.day(day) }, None),
        EventWhen::Seen => (reader.when(event.seen_at), Some(s.seen)),
    };
    let (what, detail) = told(event, reader);
    let other = match &event.what {
        What::Linked(link) | What::Unlinked(link) => Some(other(link, tenant, reader)),
        _ => None,
    };
    let source = match event.source {
        Source::Erp => s.source_erp,
        Source::Crm => s.source_crm,
        Source::Us => s.source_us,
        Source::Carrier => s.source_carrier,
    };
    EventRow { what, detail, other, when, seen, source }
}

fn told(event: &Event, reader: &Reader<'_>) -> (&'static str, String) {
    let (p, s) = (reader.phrases(), StoryTexts::of(reader.language));
    let status = |of: &Option<Status>| of.as_ref().map(status_text).filter(|text| !text.is_empty());
    match &event.what {
        What::Created => (s.created, String::new()),
        What::Status { from, to } => {
            let arrow: Vec<String> = [status(from), status(to)].into_iter().flatten().collect();
            (s.status_changed, arrow.join(" \u{2192} "))
        }
        What::Issued => (s.issued, String::new()),
        What::Payment(payment) => (s.payment_came, payment_text(payment, reader)),
        What::PaymentGone(payment) => (s.payment_gone, payment_text(payment, reader)),
        What::Delivery(report) => {
            let parts = [report.text.as_ref(), report.place.as_ref()];
            let text: Vec<String> = parts.into_iter().flatten().map(ToString::to_string).collect();
            (s.delivery, text.join(", "))
        }
        What::Tracking(tracking) if tracking.is_empty() => (s.tracking_gone, String::new()),
        What::Tracking(tracking) => (s.tracking, tracking.number.as_ref().map(ToString::to_string).unwrap_or_default()),
        What::Linked(_) => (s.linked, String::new()),
        What::Unlinked(_) => (s.unlinked, String::new()),
        What::Lines { added, changed, removed } => (s.lines, p.lines(*added, *changed, *removed)),
        What::Fields(names) => {
            let names: Vec<&str> = names.iter().map(|name| field(reader.language, name)).collect();
            (s.fields, names.join(", "))
        }
        What::Joined => (s.joined, String::new()),
        What::Missing => (s.missing, String::new()),
        What::Found => (s.found, String::new()),
        What::Deleted => (s.deleted, String::new()),
        What::Restored => (s.restored, String::new()),
        What::Acted(acted) => (s.ended(acted.ended), s.deed(acted.deed.kind()).to_owned()),
    }
}

/// Notes without the tag by which a payment of ours is found again.
fn untagged(notes: &str) -> &str {
    let Some((before, tag)) = notes.rsplit_once("[A-") else { return notes };
    let is_tag = tag.strip_suffix(']').is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_tag { before.trim_end() } else { notes }
}

fn payment_text(payment: &Payment, reader: &Reader<'_>) -> String {
    let amount = payment.amount.map(|amount| reader.phrases().money(domain::value::normal(amount)));
    let kind = payment.kind.as_ref().map(ToString::to_string);
    let notes = payment.notes.as_ref().map(|notes| untagged(notes.as_str()).to_owned()).filter(|n| !n.is_empty());
    [amount, kind, notes].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn other(link: &DocumentLink, tenant: &TenantId, reader: &Reader<'_>) -> OtherDocument {
    let kind = DocumentKind::from_erp_name(link.kind.as_str());
    let number = link.number.as_ref().map_or_else(|| link.erp_id.to_string(), ToString::to_string);
    let name = kind.map_or_else(|| link.kind.to_string(), |kind| reader.phrases().document_kind(kind).to_owned());
    OtherDocument {
        id: kind.map(|kind| RecordId::for_erp(tenant, kind.object(), link.erp_id).to_string()),
        name: format!("{name} {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, reader};
    use super::*;
    use domain::registers::Meanings;
    use domain::{ErpId, derive};
    use jiff::civil::date;
    use runtime::{Language, Role};
    use serde_json::{Value, json};

    fn tenant() -> TenantId {
        format!("t_{:020}", 1).parse().expect("a tenant id")
    }

    fn derived(more: &Value) -> Derived {
        let mut value = json!({
            "erp_id": "1", "kind": "sales_bill_domestic", "number": "1", "currency": "EUR", "issued": true,
            "sums": { "gross": "100.5", "paid": "40" }, "due_date": "2026-03-08",
        });
        for (name, of) in more.as_object().expect("fields") {
            value[name] = of.clone();
        }
        let document: Document = serde_json::from_value(value).expect("a document");
        derive(&document, &Meanings::default(), date(2026, 3, 10))
    }

    fn lines(derived: &Derived, language: Language) -> Vec<String> {
        let all = facts(derived, &reader(language, Role::Support));
        all.iter().map(|fact| format!("{} {}: {}", fact.label, fact.badge.text, fact.detail)).collect()
    }

    #[test]
    fn each_state_is_told_with_its_facts() {
        assert_eq!(
            lines(&derived(&json!({})), Language::Sl),
            [
                "Plačilo Delno plačano: 40,00 EUR / 100,50 EUR; odprto: 60,50 EUR",
                "Zapadlost Zapadlo: 8. 3. 2026, 2 dneva; zapadlo: 60,50 EUR"
            ]
        );
        let unknown = derived(&json!({ "status": { "key": "caka", "label": "Čaka" } }));
        let told = lines(&unknown, Language::En);
        assert_eq!(told[0], "Status No meaning yet: Čaka");
        assert!(told[2].starts_with("Due Not decided: Its status has no meaning yet"), "{told:?}");
        let offer = derived(&json!({ "kind": "sales_offer", "valid_to": "2026-03-09" }));
        assert_eq!(lines(&offer, Language::En), ["Validity Expired: 9 Mar 2026, 1 day"]);
    }

    #[test]
    fn only_an_address_of_the_web_is_a_link() {
        let order = |url: &str| {
            let order = json!({ "kind": "sales_order", "tracking": { "number": "GLS1", "url": url } });
            facts(&derived(&order), &reader(Language::En, Role::Support)).pop().expect("the delivery").link
        };
        assert_eq!(order("https://gls.example/1").as_deref(), Some("https://gls.example/1"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "gls.example/1"] {
            assert_eq!(order(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_event_has_words_and_says_what_its_time_is() {
        let event = |when, what| Event {
            seq: 1,
            n: 0,
            source: Source::Carrier,
            when,
            seen_at: at(0),
            by: "sync".to_owned(),
            what,
        };
        let link =
            DocumentLink { erp_id: ErpId::new(5), number: None, kind: "sales_bill_domestic".parse().expect("text") };
        let other_kind = DocumentLink { kind: "abandoned_cart".parse().expect("text"), ..link.clone() };
        let row = |event: &Event| event_row(event, &tenant(), &reader(Language::En, Role::Support));
        let seen = row(&event(EventWhen::Seen, What::Lines { added: 1, changed: 0, removed: 2 }));
        assert_eq!((seen.what, seen.detail.as_str(), seen.seen), ("Lines changed", "1 new, 2 removed", Some("seen")));
        let on = row(&event(EventWhen::On(date(2026, 3, 8)), What::Linked(link)));
        assert_eq!((on.when.text.as_str(), on.seen), ("8 Mar 2026", None));
        let other = on.other.expect("a document");
        assert_eq!(other.name, "Domestic invoice 5");
        assert!(other.id.expect("it is read").starts_with("inv_"));
        let foreign = row(&event(EventWhen::Seen, What::Unlinked(other_kind))).other.expect("a document");
        assert_eq!((foreign.id, foreign.name.as_str()), (None, "abandoned_cart 5"));
        let status = |key: &str| Some(Status { label: None, key: Some(key.parse().expect("text")) });
        let moved = row(&event(EventWhen::Seen, What::Status { from: status("a"), to: status("b") }));
        assert_eq!(moved.detail, "a → b");
    }
}
