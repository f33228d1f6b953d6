//! Documents come, change and go: the one place that keeps indexes, stock and the change log in step.

use super::company::Company;
use super::stock::Effects;
use crate::model::{DocType, Document, Id, LogEntry};
use jiff::Timestamp;

/// Who changes something, when, and what the change log should say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author<'a> {
    pub(crate) user: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) notes: Option<&'a str>,
}

impl Author<'_> {
    fn entry(&self, operation: &str, previous: Option<String>, new: Option<String>) -> LogEntry {
        LogEntry {
            user_email: self.user.to_owned(),
            operation: operation.to_owned(),
            previous,
            new,
            at: self.now,
            notes: self.notes.map(str::to_owned),
        }
    }
}

impl Company {
    /// Takes a seeded document over: its stock movements are in the seeded stock already.
    pub(crate) fn load_document(&mut self, doc: Document) {
        self.note_number(&doc.count_code);
        let reserves = Effects { reserves: self.effects(&doc).reserves, ..Effects::default() };
        self.replace_effects(&Effects::default(), &reserves);
        let facts = self.facts(&doc);
        self.indexes.add(&doc, facts);
        self.documents.insert(doc.mk_id, doc);
    }

    /// Enters a new document.
    pub(crate) fn insert_document(&mut self, mut doc: Document, author: Author<'_>) -> Id {
        let id = doc.mk_id;
        doc.created = author.now;
        doc.last_change = author.now;
        author.user.clone_into(&mut doc.last_change_user);
        doc.log.push(author.entry("NEW", None, None));
        if let Some(status) = doc.status.clone() {
            doc.log.push(author.entry("DOCUMENT_STATUS_CHANGE", None, Some(status)));
        }
        self.note_number(&doc.count_code);
        let after = self.effects(&doc);
        self.replace_effects(&Effects::default(), &after);
        let facts = self.facts(&doc);
        self.indexes.add(&doc, facts);
        self.documents.insert(id, doc);
        self.revision += 1;
        id
    }

    /// Changes a document. Nothing happens when nothing is different; otherwise the
    /// change time, the log, the indexes, stock and reservations follow.
    pub(crate) fn edit_document(&mut self, id: Id, author: Author<'_>, change: impl FnOnce(&mut Document)) -> bool {
        let Some(before) = self.documents.remove(&id) else {
            return false;
        };
        let mut doc = before.clone();
        change(&mut doc);
        if doc == before {
            self.documents.insert(id, before);
            return true;
        }
        self.indexes.remove(&before);
        let only_status = {
            let mut other = doc.clone();
            other.status.clone_from(&before.status);
            other == before
        };
        if !only_status {
            doc.log.push(author.entry("CHANGE", None, None));
        }
        if doc.status != before.status {
            doc.log.push(author.entry("DOCUMENT_STATUS_CHANGE", before.status.clone(), doc.status.clone()));
        }
        doc.last_change = author.now;
        author.user.clone_into(&mut doc.last_change_user);
        let (old, new) = (self.effects(&before), self.effects(&doc));
        self.replace_effects(&old, &new);
        let facts = self.facts(&doc);
        self.indexes.add(&doc, facts);
        self.documents.insert(id, doc);
        self.revision += 1;
        true
    }

    /// Takes a document away for good: no trace in search or feeds.
    pub(crate) fn remove_document(&mut self, id: Id) -> Option<Document> {
        let doc = self.documents.remove(&id)?;
        self.indexes.remove(&doc);
        let before = self.effects(&doc);
        self.replace_effects(&before, &Effects::default());
        for linked in &doc.links {
            if let Some(other) = self.documents.get_mut(linked) {
                other.links.retain(|link| *link != id);
            }
        }
        self.revision += 1;
        Some(doc)
    }

    /// Links two documents both ways, without a trace in their change times.
    pub(crate) fn link(&mut self, one: Id, other: Id) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(doc) = self.documents.get_mut(&from)
                && !doc.links.contains(&to)
            {
                doc.links.push(to);
            }
        }
        self.revision += 1;
    }

    /// The newest document of a kind with this number: the last one wins, as in the ERP.
    pub(crate) fn by_count_code(&self, kind: DocType, code: &str) -> Option<Id> {
        self.indexes.with_count_code(code).filter(|id| self.is_kind(*id, kind)).last()
    }

    /// The newest document of a kind with this customer's order number.
    pub(crate) fn by_buyer_order(&self, kind: DocType, order: &str) -> Option<Id> {
        self.indexes.with_buyer_order(order).filter(|id| self.is_kind(*id, kind)).last()
    }

    fn is_kind(&self, id: Id, kind: DocType) -> bool {
        self.documents.get(&id).is_some_and(|doc| doc.doc_type == kind)
    }

    /// A document of a kind with nothing on it, with its id taken.
    pub(crate) fn blank_document(&mut self, kind: DocType, author: Author<'_>) -> Document {
        let mk_id = self.next_id();
        Document::blank(mk_id, kind, author)
    }
}

impl Document {
    /// A document with nothing on it.
    pub(crate) fn blank(mk_id: Id, kind: DocType, author: Author<'_>) -> Self {
        Self {
            mk_id,
            doc_type: kind,
            count_code: String::new(),
            doc_date: crate::wire::time::day(author.now),
            title: None,
            notes: None,
            partner: None,
            partner_address: None,
            receiver: None,
            buyer_order: None,
            currency: "EUR".to_owned(),
            status: None,
            warehouse: None,
            delivery_type: None,
            method_of_payment: None,
            due_date: None,
            service_from: None,
            service_to: None,
            valid_to: None,
            discount_percent: None,
            rows: Vec::new(),
            payments: Vec::new(),
            extra_column: Vec::new(),
            meta_data: Vec::new(),
            links: Vec::new(),
            attachments: Vec::new(),
            published: None,
            created: author.now,
            last_change: author.now,
            last_change_user: author.user.to_owned(),
            log: Vec::new(),
            delivery_events: Vec::new(),
            other: std::collections::BTreeMap::new(),
        }
    }
}
