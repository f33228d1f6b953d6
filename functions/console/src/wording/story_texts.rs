//! The texts about documents: what follows from one, what happened to it, and the registers.

use domain::action::{ActionEnd, DeedKind};

use super::pairs::texts;

texts! { /// What the pages say about documents and registers, in one language.
StoryTexts {
    // Kinds of documents

    // What statuses mean
    draft: "Draft", "Osnutek";
    open: "Open", "Odprto";
    confirmed: "Confirmed", "Potrjeno";
    in_work: "In work", "V delu";
    shipped: "Shipped", "Odpremljeno";
    delivered: "Delivered", "Dostavljeno";
    completed: "Completed", "Zaključeno";
    canceled: "Canceled", "Preklicano";
    problem: "Problem", "Težava";
    unknown: "No meaning yet", "Še brez pomena";

    // What follows from a document
    derived_title: "Where it stands", "Trenutno stanje dokumenta";
    status_meaning: "Status", "Stanje";
    payment: "Payment", "Plačilo";
    paid: "Paid", "Plačano";
    partly_paid: "Partly paid", "Delno plačano";
    unpaid: "Unpaid", "Neplačano";
    overpaid: "Overpaid", "Preplačano";
    due: "Due", "Zapadlost";
    not_issued: "Not issued", "Ni izdan";
    settled: "Nothing open", "Nič odprtega";
    no_due_date: "No due date", "Brez roka";
    not_yet: "Not yet due", "Še ni zapadlo";
    overdue: "Overdue", "Zapadlo";
    undecided: "Not decided", "Ni odločeno";
    undecided_why: "Its status has no meaning yet, so it may be canceled. Say what it means under Registers.", "Stanje še nima pomena, zato je račun morda preklican. Pomen določite pod Šifranti.";
    validity: "Validity", "Veljavnost";
    valid: "Valid", "Velja";
    expired: "Expired", "Potekla";
    delivery: "Delivery", "Dostava";
    announced: "Announced", "Najavljeno";
    on_its_way: "On its way", "Na poti";
    is_delivered: "Delivered", "Dostavljeno";
    returned: "Returned", "Vrnjeno";
    by_status: "by its status", "po stanju";
    follow: "Follow the parcel", "Sledi paketu";
    open_sum: "open", "odprto";
    late_sum: "late", "zapadlo";

    // What happened
    timeline_title: "What happened", "Kaj se je zgodilo";
    timeline_lead: "The newest first. An entry never disappears, even when Metakocka no longer shows it.", "Najnovejše je prvo. Vnos nikoli ne izgine, tudi ko ga Metakocka ne kaže več.";
    no_events: "Nothing is known yet.", "Še nič ni znano.";
    only_newest: "Older changes than the newest 500 are not told here.", "Sprememb, starejših od najnovejših 500, tu ni.";
    seen: "seen", "opaženo";
    source_erp: "Metakocka", "iz Metakocke";
    source_crm: "CRM", "iz CRM";
    source_us: "synchronisation", "sinhronizacija";
    source_carrier: "carrier", "prevoznik";
    created: "Created", "Nastanek";
    status_changed: "Status", "Sprememba stanja";
    issued: "Issued", "Izdan";
    payment_came: "Payment", "Prejeto plačilo";
    payment_gone: "A payment is gone", "Plačila ni več";
    tracking: "Tracking number", "Številka za sledenje";
    tracking_gone: "Tracking number removed", "Številka za sledenje odstranjena";
    linked: "Linked document", "Povezan dokument";
    unlinked: "No longer linked", "Ni več povezan";
    lines: "Lines changed", "Spremenjene postavke";
    lines_added: "new", "nove";
    lines_changed: "changed", "spremenjene";
    lines_removed: "removed", "odstranjene";
    fields: "Changed", "Spremenjeno";
    joined: "Linked with the CRM's record", "Povezan z zapisom v CRM";
    missing: "Missing in Metakocka", "Manjka v Metakocki";
    found: "Found again", "Spet najden";
    deleted: "Deleted or archived", "Izbrisan ali arhiviran";
    restored: "Taken back", "Obnovljen";
    acted_done: "Done as asked", "Narejeno na zahtevo";
    acted_rejected: "Not done: refused", "Ni narejeno: zavrnjeno";
    acted_needs_person: "Needs a person: it is not known whether it was done", "Potrebuje človeka: ni znano, ali je narejeno";
    deed_payment: "payment", "plačilo";
    deed_status: "change of status", "sprememba stanja";
    deed_cancel: "cancellation", "preklic";
    deed_ship: "shipped", "odprema";
    deed_order_from_offer: "order from the offer", "naročilo iz ponudbe";
    deed_complaint: "complaint", "reklamacija";
    deed_attachment: "attachment", "priponka";

    // Documents of a contact
    documents_title: "Documents", "Dokumenti";
    no_documents: "No document names this contact.", "Noben dokument ne navaja tega stika.";
    document: "Document", "Dokument";
    kind: "Kind", "Vrsta";
    date: "Date", "Datum";
    sum: "Total", "Znesek";
    states: "States", "Stanja";

    // Registers
    registers_title: "Registers", "Šifranti";
    registers_lead: "Metakocka does not list these; they are what was met on products and documents. What was met stays.", "Metakocka jih ne našteje; to je, kar se je pojavilo na izdelkih in dokumentih. Kar se je pojavilo, ostane.";
    registers_version: "Version", "Različica";
    statuses: "Statuses", "Stanja dokumentov";
    statuses_lead: "What a status means decides whether an invoice counts and where an order is. What has no meaning decides nothing.", "Pomen stanja odloča, ali račun šteje in kje je naročilo. Kar nima pomena, ne odloča o ničemer.";
    no_statuses: "No status was met yet.", "Nobeno stanje se še ni pojavilo.";
    labels: "Label in Metakocka", "Napis v Metakocki";
    meaning: "Meaning", "Pomen";
    by_documentation: "as documented", "po dokumentaciji";
    said_by_person: "chosen", "izbrano";
    no_choice: "not chosen", "ni izbrano";
    save_meanings: "Save the meanings", "Shrani pomene";
    notice_meanings: "The meanings are saved and hold from now on.", "Pomeni so shranjeni in veljajo od zdaj.";
    units: "Units", "Enote";
    taxes: "Tax codes", "Davčne oznake";
    tax_code: "Code", "Oznaka";
    rate: "Rate", "Stopnja";
    delivery_types: "Delivery types", "Načini dostave";
    payment_types: "Payment types", "Vrste plačil";
    payment_methods: "Payment methods", "Načini plačila";
    warehouses: "Warehouses", "Skladišča";
    nothing_met: "Nothing was met yet.", "Nič se še ni pojavilo.";
    unmapped_title: "Statuses without a meaning", "Stanja brez pomena";
    unmapped_lead: "Nothing that depends on them is decided until a person says what they mean.", "Dokler človek ne določi pomena, se o ničemer, kar je odvisno od njih, ne odloča.";
    unmapped_link: "Say what they mean", "Določi pomen";
}}

impl StoryTexts {
    /// How an action ended.
    pub(crate) const fn ended(&self, end: ActionEnd) -> &'static str {
        match end {
            ActionEnd::Done => self.acted_done,
            ActionEnd::Rejected => self.acted_rejected,
            ActionEnd::NeedsPerson => self.acted_needs_person,
        }
    }

    /// What an action does.
    pub(crate) const fn deed(&self, deed: DeedKind) -> &'static str {
        match deed {
            DeedKind::Payment => self.deed_payment,
            DeedKind::Status => self.deed_status,
            DeedKind::Cancel => self.deed_cancel,
            DeedKind::Ship => self.deed_ship,
            DeedKind::OrderFromOffer => self.deed_order_from_offer,
            DeedKind::Complaint => self.deed_complaint,
            DeedKind::Attachment => self.deed_attachment,
        }
    }
}
