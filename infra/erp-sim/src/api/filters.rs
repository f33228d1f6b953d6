//! The `query_advance` filters: which exist for a kind of document, how they are read,
//! where their hits are found and how a document is checked against them.

use super::Refusal;
use super::fields::{Fields, split};
use crate::model::{DocType, Document, Id, Partner};
use crate::state::company::Company;
use crate::wire::{country, time};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// A filter as discovery shows it: type, label, description of the value.
pub(crate) type Shown = (&'static str, &'static str, &'static str);

const DATES: &[Shown] = &[
    ("doc_date_from", "Datum dokumenta od", "Date (for example : 2018-10-05+02:00)"),
    ("doc_date_to", "Datum dokumenta do", "Date (for example : 2018-10-05+02:00)"),
];
const PARTNER: &[Shown] = &[
    ("partner_mk_id", "Partner", "Partner mk_id (for example : 1600002312)"),
    ("partner_code", "Partner", "Partner code (for example : 100)"),
    ("partner_query", "Partner", "Subquery search over Item name (for example : Ferrari)"),
    ("partner_tax_num", "Partner", "Partner Tax number (for example : SI100200300)"),
];
const CHANGED: &[Shown] = &[
    ("last_change_from", "Zadnja sprememba od", "Datetime (for example : 2019-12-17T14:28:54+02:00)"),
    ("last_change_to", "Zadnja sprememba do", "Datetime (for example : 2019-12-17T14:28:54+02:00)"),
];
const BILL: &[Shown] = &[
    ("status_id_list", "Status", "Status ids, -2 = without status"),
    ("payment_status", "Plačano", "'true' or 'false'"),
];
const ORDER: &[Shown] = &[
    ("status_change_from", "Sprememba statusa od", "Datetime"),
    ("status_change_to", "Sprememba statusa do", "Datetime"),
    ("status_change_list", "Sprememba statusa", "Status keys, comma separated"),
    ("tracking_last_event_date_from", "Zadnji dogodek dostave od", "Datetime"),
    ("tracking_last_event_date_to", "Zadnji dogodek dostave do", "Datetime"),
    ("status_list", "Status", "Status keys, comma separated"),
    ("partner_country", "Država", "Country name"),
    ("partner_recipient_name", "Prejemnik", "Name"),
    ("partner_recipient_email", "Prejemnik", "E-mail"),
    ("partner_recipient_phone", "Prejemnik", "Phone"),
    ("customer_order", "Naročilo kupca", "Customer order"),
    ("delivery_type", "Način dostave", "Delivery type"),
    ("profit_center", "Stroškovno mesto", "Profit center description"),
    ("product_id_list", "Artikli", "Product mk_ids, comma separated"),
    ("product_code_list", "Artikli", "Product codes, comma separated"),
];
const OPEN: &[Shown] = &[("show_only_open", "Status", "Show only open/active warehouse docs ('true' or 'false')")];
const STATUS: &[Shown] = &[("status_list", "Status", "Status keys, comma separated")];
const WRITE_OFF: &[Shown] = &[("write_off", "Odpis", "'true' or 'false'")];
const REAL: &[Shown] = &[("show_only_real_acceptance_note", "Pravi prevzem", "true")];
const TRANSFER: &[Shown] = &[
    ("product_code", "Artikel", "Product code"),
    ("warehouse_from", "Iz skladišča", "Warehouse mark"),
    ("warehouse_to", "V skladišče", "Warehouse mark"),
    ("product_lot_number", "Lot", "Lot number"),
    ("product_exp_date", "Rok", "Date"),
    ("product_serial_number", "Serijska", "Serial number"),
];

/// The filters of a kind, beyond those that the company's switch adds.
pub(crate) fn known(kind: DocType) -> Vec<Shown> {
    let groups: &[&[Shown]] = match kind {
        DocType::SalesOffer | DocType::PurchaseOrder => &[PARTNER],
        DocType::SalesOrder => &[CHANGED, DATES, PARTNER, ORDER],
        DocType::Complaint => &[CHANGED],
        DocType::TransferOrder => &[DATES, TRANSFER],
        DocType::Workorder => &[],
        DocType::WarehousePackingList => &[DATES, OPEN, STATUS, WRITE_OFF],
        DocType::WarehouseAcceptanceNote => &[DATES, OPEN, STATUS, REAL],
        kind if kind.is_warehouse() => &[DATES, OPEN],
        _ => &[DATES, PARTNER, BILL],
    };
    groups.concat()
}

/// The conditions of one search, all of which must hold.
pub(crate) struct Conditions {
    kind: DocType,
    values: BTreeMap<String, String>,
}

impl Conditions {
    /// Reads `query_advance`; unknown filters and unreadable values are refused.
    pub(crate) fn read(company: &Company, kind: DocType, list: &[Fields<'_>]) -> Result<Self, Refusal> {
        let extra = company.settings.extra_filters.get(kind.name());
        let mut values = BTreeMap::new();
        for item in list {
            let name = item.text("type").unwrap_or_default();
            let allowed = known(kind).iter().any(|(known, ..)| *known == name)
                || extra.is_some_and(|extra| extra.contains(&name));
            if !allowed {
                return Err(Refusal::invalid(format!("cannot get beQueryParam : {name}")));
            }
            let value = item.text("value").unwrap_or_default();
            if !readable(&name, &value) {
                return Err(Refusal::invalid(format!("Cannot find value {value} for condition {name}")));
            }
            values.insert(name, value);
        }
        let changes = ["status_change_from", "status_change_to", "status_change_list"];
        let sent = changes.iter().filter(|name| values.contains_key(**name)).count();
        if sent != 0 && sent != changes.len() {
            return Err(Refusal::invalid("status_change_from, status_change_to and status_change_list must be set"));
        }
        if values.contains_key("product_id_list") && values.contains_key("product_code_list") {
            return Err(Refusal::invalid("Only one of product_id_list and product_code_list can be set"));
        }
        Ok(Self { kind, values })
    }

    /// Whether every document of the kind is a hit.
    pub(crate) fn are_none(&self) -> bool {
        self.values.is_empty()
    }

    /// What tells this search from another.
    pub(crate) fn key(&self) -> String {
        format!("{:?} {:?}", self.kind, self.values)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    fn date(&self, name: &str) -> Option<Date> {
        time::parse_filter_date(self.value(name)?)
    }

    fn instant(&self, name: &str) -> Option<Timestamp> {
        time::parse_filter_time(self.value(name)?)
    }

    /// `_to` means the whole second that it names.
    fn until(&self, name: &str) -> Timestamp {
        let last = jiff::SignedDuration::from_nanos(999_999_999);
        self.instant(name).and_then(|to| to.checked_add(last).ok()).unwrap_or(Timestamp::MAX)
    }

    /// The ids to check, from the narrowest index that a condition opens; `None` means all of the kind.
    pub(crate) fn candidates(&self, company: &Company) -> Option<BTreeSet<Id>> {
        let indexes = &company.indexes;
        if let Some(order) = self.value("customer_order") {
            return Some(indexes.with_buyer_order(order).collect());
        }
        if let Some(partners) = self.partners(company) {
            return Some(partners.into_iter().flat_map(|id| indexes.of_partner(id)).collect());
        }
        if let Some(keys) = self.value("status_change_list") {
            let keys = split(keys);
            let from = self.instant("status_change_from").unwrap_or(Timestamp::MIN);
            let hits = indexes.status_changes(from, self.until("status_change_to"));
            return Some(hits.filter(|(_, key)| keys.iter().any(|wanted| wanted == key)).map(|(id, _)| id).collect());
        }
        if let Some(products) = self.products(company) {
            return Some(products.into_iter().flat_map(|id| indexes.with_product(id)).collect());
        }
        if self.value("last_change_from").is_some() || self.value("last_change_to").is_some() {
            let from = self.instant("last_change_from").unwrap_or(Timestamp::MIN);
            return Some(indexes.changed(self.kind, from, self.until("last_change_to")).collect());
        }
        if self.value("payment_status") == Some("false") {
            return Some(indexes.unpaid(self.kind).collect());
        }
        if self.value("tracking_last_event_date_from").is_some() || self.value("tracking_last_event_date_to").is_some()
        {
            let day = |name: &str, default| self.instant(name).map_or(default, time::day);
            let from = day("tracking_last_event_date_from", Date::MIN);
            return Some(indexes.tracked(from, day("tracking_last_event_date_to", Date::MAX)).collect());
        }
        if self.value("doc_date_from").is_some() || self.value("doc_date_to").is_some() {
            let from = self.date("doc_date_from").unwrap_or(Date::MIN);
            return Some(indexes.dated(self.kind, from, self.date("doc_date_to").unwrap_or(Date::MAX)).collect());
        }
        if let Some(keys) = self.value("status_list") {
            return Some(split(keys).iter().flat_map(|key| indexes.with_status(self.kind, key)).collect());
        }
        if self.value("status_id_list") == Some("-2") {
            return Some(indexes.with_status(self.kind, "").collect());
        }
        None
    }

    fn partners(&self, company: &Company) -> Option<BTreeSet<Id>> {
        let parties = &company.parties;
        let ids = if let Some(id) = self.value("partner_mk_id") {
            id.trim().parse().ok().into_iter().collect()
        } else if let Some(code) = self.value("partner_code") {
            parties.with_number(code)
        } else if let Some(tax) = self.value("partner_tax_num") {
            parties.with_tax(tax)
        } else if let Some(part) = self.value("partner_query") {
            parties.with_name_part(part)
        } else if let Some(email) = self.value("partner_recipient_email") {
            parties.with_email(email)
        } else if let Some(phone) = self.value("partner_recipient_phone") {
            parties.with_phone(phone)
        } else if let Some(name) = self.value("partner_recipient_name") {
            parties.with_name_part(name)
        } else {
            return None;
        };
        Some(ids.into_iter().collect())
    }

    fn products(&self, company: &Company) -> Option<BTreeSet<Id>> {
        if let Some(ids) = self.value("product_id_list") {
            return Some(split(ids).iter().filter_map(|id| id.parse().ok()).collect());
        }
        let codes = self.value("product_code_list").or_else(|| self.value("product_code"))?;
        Some(split(codes).iter().filter_map(|code| company.product_by_code(code)).collect())
    }

    /// Whether a document meets every condition.
    pub(crate) fn hold(&self, company: &Company, doc: &Document) -> bool {
        doc.doc_type == self.kind && self.values.iter().all(|(name, value)| self.holds(company, doc, name, value))
    }

    fn holds(&self, company: &Company, doc: &Document, name: &str, value: &str) -> bool {
        let partner = || doc.partner.and_then(|id| company.partners.get(&id));
        let on_partner = |test: &dyn Fn(&Partner) -> bool| partner().is_some_and(test);
        let recipient = || doc.receiver.or(doc.partner).and_then(|id| company.partners.get(&id));
        let detail = |key: &str| {
            let details = doc.other.get("row_details").and_then(|details| details.as_object());
            details.into_iter().flat_map(|rows| rows.values()).any(|row| row[key] == value)
        };
        match name {
            "last_change_from" => self.instant(name).is_none_or(|from| doc.last_change >= from),
            "last_change_to" => doc.last_change <= self.until(name),
            "doc_date_from" => self.date(name).is_none_or(|from| doc.doc_date >= from),
            "doc_date_to" => self.date(name).is_none_or(|to| doc.doc_date <= to),
            "payment_status" => company.indexes.is_unpaid(doc.doc_type, doc.mk_id) == (value == "false"),
            "status_list" => split(value).iter().any(|key| doc.status.as_deref() == Some(key)),
            "status_id_list" => split(value).iter().any(|id| has_status_id(company, doc, id)),
            "partner_mk_id" => doc.partner.is_some_and(|id| id.to_string() == value.trim()),
            "partner_code" => on_partner(&|partner| partner.count_code == value),
            "partner_tax_num" => doc.partner.is_some_and(|id| company.parties.with_tax(value).contains(&id)),
            "partner_query" => {
                let part = value.to_lowercase();
                on_partner(&|partner| partner.customer.to_lowercase().contains(&part))
            }
            "partner_country" => on_partner(&|partner| in_country(partner, value)),
            "partner_recipient_name" => {
                let part = value.to_lowercase();
                recipient().is_some_and(|partner| partner.customer.to_lowercase().contains(&part))
            }
            "partner_recipient_email" => {
                recipient().is_some_and(|partner| company.parties.with_email(value).contains(&partner.mk_id))
            }
            "partner_recipient_phone" => {
                recipient().is_some_and(|partner| company.parties.with_phone(value).contains(&partner.mk_id))
            }
            "customer_order" => {
                doc.buyer_order.as_ref().is_some_and(|order| order.to_lowercase() == value.to_lowercase())
            }
            "delivery_type" => doc.delivery_type.as_deref() == Some(value),
            "profit_center" => doc.other.get("profit_center").is_some_and(|center| center == value),
            "product_id_list" | "product_code_list" | "product_code" => {
                let wanted = self.products(company).unwrap_or_default();
                doc.rows.iter().any(|row| row.product.is_some_and(|id| wanted.contains(&id)))
            }
            "status_change_list" => {
                let (from, to) = (self.instant("status_change_from"), self.until("status_change_to"));
                let keys = split(value);
                doc.log.iter().any(|entry| {
                    entry.operation == "DOCUMENT_STATUS_CHANGE"
                        && from.is_none_or(|from| entry.at >= from)
                        && entry.at <= to
                        && entry.new.as_ref().is_some_and(|key| keys.contains(key))
                })
            }
            "show_only_open" => {
                let open = !matches!(doc.status.as_deref(), Some("finished" | "deleted" | "completed" | "canceled"));
                value != "true" || open
            }
            "write_off" => (value == "true") == doc.other.get("write_off").is_some_and(|flag| flag == "true"),
            "warehouse_from" => doc.warehouse == company.warehouse(value),
            "warehouse_to" => doc.other.get("warehouse_mark_to").is_some_and(|mark| mark == value),
            "product_lot_number" => detail("lot_number_value"),
            "product_exp_date" => detail("expiration_date_value"),
            "product_serial_number" => detail("serial_number_value"),
            "tracking_last_event_date_from" | "tracking_last_event_date_to" => {
                let last = doc.delivery_events.iter().map(|(_, at, _)| at.date()).max();
                let limit = self.instant(name).map(time::day);
                match (last, limit) {
                    (Some(last), Some(limit)) if name.ends_with("_from") => last >= limit,
                    (Some(last), Some(limit)) => last <= limit,
                    _ => false,
                }
            }
            _ => true,
        }
    }
}

fn in_country(partner: &Partner, value: &str) -> bool {
    let own = partner.addresses.first().map_or("", |address| address.country.as_str());
    match (country::find(own), country::find(value)) {
        (Some(own), Some(wanted)) => own == wanted,
        _ => own.to_lowercase() == value.to_lowercase(),
    }
}

/// Status ids are the places in the register, counted from 1; -2 is "without status".
fn has_status_id(company: &Company, doc: &Document, id: &str) -> bool {
    let Some(status) = &doc.status else {
        return id == "-2";
    };
    let register = crate::wire::document::register(company, doc.doc_type);
    let place = register.iter().position(|(key, _)| key == status);
    place.is_some_and(|place| (place + 1).to_string() == id)
}

fn readable(name: &str, value: &str) -> bool {
    if name.starts_with("doc_date") {
        return time::parse_filter_date(value).is_some();
    }
    let instant = name.starts_with("last_change")
        || name.starts_with("tracking_last_event_date")
        || matches!(name, "status_change_from" | "status_change_to");
    if instant {
        return time::parse_filter_time(value).is_some();
    }
    if matches!(
        name,
        "payment_status" | "write_off" | "show_only_open" | "show_only_real_acceptance_note" | "eshop_sync"
    ) {
        return matches!(value, "true" | "false");
    }
    !value.is_empty()
}
