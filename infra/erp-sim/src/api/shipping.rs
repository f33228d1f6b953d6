//! Orders on their way: marking as shipped, stickers, proof of delivery, group expedition, price lists of carriers.

use super::{Call, Done, Refusal, author};
use crate::model::{DocType, Id};
use crate::pdf;
use crate::state::extras::Sticker;
use crate::wire::country;
use crate::wire::json::{Obj, Shape};
use jiff::SignedDuration;

/// How long a sticker's URL leads anywhere.
const STICKER_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

fn order_ids(call: &Call<'_>, id_key: &str) -> Vec<(String, Option<Id>)> {
    let company = &*call.company;
    let mut ids: Vec<(String, Option<Id>)> = Vec::new();
    for text in call.body.texts(id_key) {
        let id = text.parse().ok();
        let id = id.filter(|id| company.documents.get(id).is_some_and(|doc| doc.doc_type == DocType::SalesOrder));
        ids.push((text, id));
    }
    for order in call.body.texts("customer_order_list") {
        let id = company.by_buyer_order(DocType::SalesOrder, &order);
        ids.push((order, id));
    }
    ids
}

/// Marks orders as shipped: by ids, by customer's numbers, or all of a country and status.
pub(crate) fn mark_shipped(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let sent = ["sales_order_id_list", "customer_order_list", "status_code"].iter().filter(|key| body.has(key)).count();
    if sent != 1 {
        return Err(Refusal::invalid(
            "Exactly one of sales_order_id_list, customer_order_list, status_code must be set",
        ));
    }
    let ids: Vec<Id> = if let Some(status) = body.text("status_code") {
        let wanted = body.text("country").and_then(|name| country::find(&name));
        let wanted = wanted.ok_or_else(|| Refusal::invalid("Polje country je obvezno."))?;
        let company = &*call.company;
        let in_country = |id: &Id| {
            let doc = company.documents.get(id);
            let partner = doc.and_then(|doc| doc.partner).and_then(|id| company.partners.get(&id));
            let own = partner.and_then(|partner| partner.addresses.first());
            own.and_then(|address| country::find(&address.country)) == Some(wanted)
        };
        company.indexes.with_status(DocType::SalesOrder, &status).filter(in_country).collect()
    } else {
        let found = order_ids(call, "sales_order_id_list");
        if let Some((asked, _)) = found.iter().find(|(_, id)| id.is_none()) {
            return Err(Refusal::invalid(format!("Sales order {asked} not found")));
        }
        found.into_iter().filter_map(|(_, id)| id).collect()
    };
    let user = call.user();
    for id in ids {
        call.company.edit_document(id, author(&user, call.now, None), |doc| {
            doc.status = Some("shipped".to_owned());
        });
    }
    Ok(())
}

/// Registers parcels at the carrier, again with every call.
pub(crate) fn stickers(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let orders = order_ids(call, "order_id_list");
    if orders.is_empty() {
        return Err(Refusal::invalid("order_id_list or customer_order_list must be set"));
    }
    let user = call.user();
    let mut rows: Vec<(String, Option<Id>, Option<&str>)> = Vec::new();
    for (asked, id) in orders {
        let Some(id) = id else {
            rows.push((asked, None, Some("Sales order not found")));
            continue;
        };
        let carried = call.company.documents.get(&id).is_some_and(|doc| doc.delivery_type.is_some());
        if !carried {
            rows.push((asked, Some(id), Some("Delivery type is not set")));
            continue;
        }
        let code = format!("{:013}", call.company.next_id());
        let sticker = new_sticker(call, code.clone());
        call.company.extras.stickers.insert(id, sticker);
        let today = crate::wire::time::day(call.now).to_datetime(jiff::civil::Time::midnight());
        call.company.edit_document(id, author(&user, call.now, None), |doc| {
            doc.extra_column.retain(|(name, _)| name != "tracking_number");
            doc.extra_column.push(("tracking_number".to_owned(), code.clone()));
            doc.delivery_events.push(("-1".to_owned(), today, format!("Dodana koda za sledenje: {code}")));
        });
        rows.push((asked, Some(id), None));
    }
    let company = &*call.company;
    obj.list("sticker_list", company.plain_list(), rows, |obj, (asked, id, error)| {
        obj.text("opr_code", if error.is_some() { "6" } else { "0" });
        obj.show_opt("mk_id", id);
        obj.opt("error_desc", error);
        match id.filter(|_| error.is_none()).and_then(|id| company.extras.stickers.get(&id)) {
            Some(sticker) => {
                obj.text("tracking_code", &sticker.tracking_code);
                obj.text("carrier_tracking_code", &sticker.tracking_code);
                obj.text("sticker_public_url", &sticker.url);
            }
            None => obj.text("order", &asked),
        }
    });
    Ok(())
}

fn new_sticker(call: &mut Call<'_>, tracking_code: String) -> Sticker {
    let token = call.token();
    let valid_until = call.now.saturating_add(STICKER_LIFE).unwrap_or(call.now);
    let job = crate::state::extras::Job {
        done_at: call.now,
        expires_at: valid_until,
        progress_told: None,
        file: pdf::page(std::slice::from_ref(&tracking_code)),
        content_type: "application/pdf",
        label: tracking_code.clone(),
    };
    let url = format!("{}/download/sticker/{token}", call.base);
    call.company.extras.jobs.insert(token, job);
    Sticker { tracking_code, url, valid_until }
}

/// A sticker whose URL has run out gets a new one when it is asked for.
pub(crate) fn renew_sticker(call: &mut Call<'_>, order: Id) {
    let old = call.company.extras.stickers.get(&order).filter(|sticker| sticker.valid_until <= call.now);
    if let Some(code) = old.map(|sticker| sticker.tracking_code.clone()) {
        let sticker = new_sticker(call, code);
        call.company.extras.stickers.insert(order, sticker);
    }
}

/// A proof of delivery: the file itself, or an error.
pub(crate) fn proof(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let order = call.body.text("buyer_order").ok_or_else(|| Refusal::invalid("Polje buyer_order je obvezno."))?;
    let code = call.body.text("tracking_code").ok_or_else(|| Refusal::invalid("Polje tracking_code je obvezno."))?;
    let company = &*call.company;
    let id = company.by_buyer_order(DocType::SalesOrder, &order);
    let doc = id.and_then(|id| company.documents.get(&id));
    let doc = doc.ok_or_else(|| Refusal::application(format!("Cannot find sales order with buyer order '{order}'")))?;
    if !doc.extra_column.iter().any(|(name, value)| name == "tracking_number" && *value == code) {
        return Err(Refusal::application(format!("Tracking code {code} not found")));
    }
    let lines = [format!("Potrdilo o dostavi {}", doc.count_code), code];
    call.whole = Some(("application/pdf", pdf::page(&lines)));
    Ok(())
}

/// Prices of the carriers: the company keeps no list of its own.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn pricelist(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let types = &call.company.registers.delivery_types;
    obj.show("pricelist_list_count", types.len());
    obj.list("pricelist_list", Shape::List, types, |obj, kind| {
        obj.text("currency_code", "EUR");
        obj.text("delivery_type", kind);
        obj.list("pricelist_rows", Shape::List, [2_u32, 5, 10], |obj, weight| {
            obj.show("id", weight);
            obj.show("package_weight", weight);
            obj.show("package_delivery_cost", weight / 2 + 3);
            obj.text("cod_cost", "2");
            obj.text("return_cost", "4");
            obj.text("valid_from", "2025-01-01+02:00");
        });
    });
    Ok(())
}

/// A parent order that ships others together.
pub(crate) fn group(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let order = body.text("buyer_order").ok_or_else(|| Refusal::invalid("Polje buyer_order je obvezno."))?;
    let members = |key: &str| -> Vec<Id> {
        let company = &*call.company;
        let find = |item: super::fields::Fields<'_>| {
            let by_code = item.text("count_code").and_then(|code| company.by_count_code(DocType::SalesOrder, &code));
            by_code.or_else(|| item.text("buyer_order").and_then(|o| company.by_buyer_order(DocType::SalesOrder, &o)))
        };
        body.list(key).into_iter().filter_map(find).collect()
    };
    let (added, removed) = (members("sales_order_list"), members("remove_sales_order_list"));
    let user = call.user();
    let by = author(&user, call.now, None);
    let known = call.company.by_buyer_order(DocType::SalesOrder, &order);
    let parent = if let Some(parent) = known {
        parent
    } else {
        let partner = super::matching::resolve(call, "partner")?;
        let receiver = super::matching::resolve(call, "receiver")?;
        let partner = partner.ok_or_else(|| Refusal::invalid("Polje partner je obvezno."))?;
        let mut doc = call.company.blank_document(DocType::SalesOrder, by);
        doc.count_code = call.company.next_number(DocType::SalesOrder.series());
        doc.partner = Some(partner.id);
        doc.partner_address = partner.address;
        doc.receiver = receiver.map(|receiver| receiver.id);
        super::heads::set(call.company, &mut doc, body)?;
        doc.status = Some("group".to_owned());
        call.company.insert_document(doc, by)
    };
    for id in added {
        call.company.link(parent, id);
    }
    for id in removed {
        for (one, other) in [(parent, id), (id, parent)] {
            call.company.edit_document(one, by, |doc| doc.links.retain(|link| *link != other));
        }
    }
    obj.show("mk_id", parent);
    obj.opt("count_code", call.company.documents.get(&parent).map(|doc| doc.count_code.as_str()));
    Ok(())
}
