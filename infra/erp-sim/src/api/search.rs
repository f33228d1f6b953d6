//! search, its discovery, and the search for a tracking code.

use super::documents::read_view;
use super::fields::Fields;
use super::filters::{Conditions, known};
use super::{Call, Done, Refusal};
use crate::model::{DocType, Document, Id, Product};
use crate::state::company::Company;
use crate::state::doctype::ALL;
use crate::wire::document;
use crate::wire::json::{Obj, Shape};
use crate::wire::product::{self, ProductView};
use std::collections::BTreeSet;

/// Most rows on a page.
const PAGE: usize = 100;

/// One page of hits, ordered by id.
pub(crate) fn search(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let name = body.text("doc_type").ok_or_else(|| Refusal::invalid("Polje doc_type je obvezno."))?;
    let limit = body.number("limit");
    let offset = body.number("offset").unwrap_or(0);
    let page = Page { offset, limit: limit.unwrap_or(PAGE).min(PAGE), asked: limit };
    if name == "purchase_product" || name == "sales_product" {
        return products(call, obj, &name, &page);
    }
    let kind = DocType::parse(&name).ok_or_else(|| Refusal::invalid(format!("Unknown document type : {name}")))?;
    let conditions = Conditions::read(call.company, kind, &body.list("query_advance"))?;
    let query = body.text("query").map(|query| query.trim().to_lowercase()).filter(|query| !query.is_empty());
    let newest_first = match body.text("order_direction").as_deref() {
        Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(Refusal::invalid(format!("Paramether 'order_direction' has invalid value : {other}")));
        }
        None => kind.newest_first(),
    };
    let (ids, total) = find(call.company, kind, &conditions, query.as_deref(), &page, newest_first);
    let (ids, total) = if call.seem_empty { (Vec::new(), 0) } else { (call.cut_page(ids), total) };
    if kind == DocType::Complaint && total == 0 {
        return Err(Refusal::application("No complaints found"));
    }
    if kind != DocType::Complaint {
        obj.show("result_all_records", total);
    }
    obj.show("result_count", ids.len());
    obj.show("offset", page.offset);
    obj.show("limit", page.asked.map_or(ids.len(), |limit| limit.min(PAGE)));
    let company = &*call.company;
    let docs: Vec<&Document> = ids.iter().filter_map(|id| company.documents.get(id)).collect();
    if body.text("result_type").as_deref() == Some("doc") {
        let view = read_view(body);
        obj.list("result", company.plain_list(), docs, |obj, doc| document::write(obj, company, doc, view));
    } else {
        let status = body.is_on("show_status_code");
        obj.list("result", company.plain_list(), docs, |obj, doc| {
            obj.show("mk_id", doc.mk_id);
            obj.text("opr_code", "0");
            obj.text("count_code", &doc.count_code);
            if let Some(key) = doc.status.as_deref().filter(|_| status) {
                obj.text("status_code", document::label(company, kind, key));
                obj.text("status_desc", key);
            }
        });
    }
    Ok(())
}

struct Page {
    offset: usize,
    limit: usize,
    asked: Option<usize>,
}

/// The ids of a page and how many hits there are in all.
fn find(
    company: &mut Company,
    kind: DocType,
    conditions: &Conditions,
    query: Option<&str>,
    page: &Page,
    newest_first: bool,
) -> (Vec<Id>, usize) {
    if conditions.are_none() && query.is_none() {
        let ids = company.indexes.of_type(kind);
        let total = ids.len();
        let ids = take(ids, page, newest_first);
        company.rows_touched += ids.len() as u64;
        return (ids, total);
    }
    let key = format!("{} {query:?}", conditions.key());
    let hits = company.hits(&key, |company, touched| {
        let words = query.map(|query| matching(company, query));
        let candidates = match (conditions.candidates(company), words) {
            (None, None) => company.indexes.of_type(kind).iter().copied().collect(),
            (Some(ids), None) | (None, Some(ids)) => ids,
            (Some(ids), Some(words)) => ids.intersection(&words).copied().collect(),
        };
        *touched += candidates.len() as u64;
        let holds = |id: &Id| company.documents.get(id).is_some_and(|doc| conditions.hold(company, doc));
        candidates.into_iter().filter(holds).collect()
    });
    (take(&hits, page, newest_first), hits.len())
}

fn take(ids: &[Id], page: &Page, newest_first: bool) -> Vec<Id> {
    if newest_first {
        ids.iter().rev().skip(page.offset).take(page.limit).copied().collect()
    } else {
        ids.iter().skip(page.offset).take(page.limit).copied().collect()
    }
}

/// Free text finds numbers, customer's order numbers and partner names, not exactly:
/// the start of any part of a number is a hit.
fn matching(company: &Company, query: &str) -> BTreeSet<Id> {
    let mut ids: BTreeSet<Id> = company.indexes.with_word(query).collect();
    for partner in company.parties.with_name_part(query) {
        ids.extend(company.indexes.of_partner(partner));
    }
    ids
}

fn products(call: &mut Call<'_>, obj: &mut Obj<'_>, name: &str, page: &Page) -> Done {
    let mut shop = None;
    for item in call.body.list("query_advance") {
        match (item.text("type").as_deref(), item.flag("value")) {
            (Some("eshop_sync"), Some(flag)) => shop = Some(flag),
            (other, _) => {
                return Err(Refusal::invalid(format!("cannot get beQueryParam : {}", other.unwrap_or_default())));
            }
        }
    }
    let purchase = name == "purchase_product";
    let query = call.body.text("query").map(|query| query.to_lowercase());
    let key = format!("{name} {shop:?} {query:?}");
    let hits = call.company.hits(&key, |company, touched| {
        *touched += company.products.len() as u64;
        let fits = |product: &&Product| {
            (if purchase { product.purchasing } else { product.sales })
                && shop.is_none_or(|shop| shop == product.eshop_sync)
                && query.as_ref().is_none_or(|query| {
                    product.name.to_lowercase().contains(query) || product.code.to_lowercase().contains(query)
                })
        };
        company.products.values().filter(fits).map(|product| product.mk_id).collect()
    });
    let ids = call.cut_page(take(&hits, page, false));
    let company = &*call.company;
    let list: Vec<&Product> = ids.iter().filter_map(|id| company.products.get(id)).collect();
    obj.show("result_all_records", hits.len());
    obj.show("result_count", list.len());
    obj.show("offset", page.offset);
    obj.show("limit", page.asked.map_or(list.len(), |limit| limit.min(PAGE)));
    obj.list("result_product", company.plain_list(), list, |obj, item| {
        product::write(obj, company, item, ProductView::default());
    });
    Ok(())
}

/// The filters of this installation by kind of document.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn discovery(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let company = &*call.company;
    let asked = call.body.text("doc_type");
    for kind in ALL.iter().filter(|kind| asked.as_deref().is_none_or(|asked| asked == kind.name())) {
        let mut rows: Vec<(String, &str, &str)> =
            known(*kind).into_iter().map(|(name, label, desc)| (name.to_owned(), label, desc)).collect();
        for name in company.settings.extra_filters.get(kind.name()).into_iter().flatten() {
            rows.push((name.clone(), name, "Value"));
        }
        obj.list(kind.name(), Shape::List, rows, |obj, (name, label, desc)| {
            obj.text("value_desc", desc);
            obj.text("label", label);
            obj.text("type", &name);
        });
    }
    if asked.as_deref().is_none_or(|asked| asked == "purchase_product") {
        obj.list("purchase_product", Shape::List, ["eshop_sync"], |obj, name| {
            obj.text("value_desc", "'true' or 'false'");
            obj.text("label", "Izmenjava Spletna trg.");
            obj.text("type", name);
        });
    }
    Ok(())
}

/// The order of a tracking code.
pub(crate) fn tracking_code(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let code = |body: Fields<'_>| body.text("tracking_code").or_else(|| body.text("sticker_code"));
    let code = code(call.body).ok_or_else(|| Refusal::invalid("Polje tracking_code je obvezno."))?;
    let company = &*call.company;
    let doc = company.indexes.with_tracking_code(&code).find_map(|id| company.documents.get(&id));
    let doc = doc.ok_or_else(|| Refusal::application(format!("Tracking code {code} not found")))?;
    obj.show("mk_id", doc.mk_id);
    obj.text("count_code", &doc.count_code);
    obj.opt("buyer_order", doc.buyer_order.as_deref());
    for (key, column) in [("tracking_code", "tracking_number"), ("return_tracking_code", "return_tracking_code")] {
        let value = doc.extra_column.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_str());
        obj.opt(key, value);
    }
    Ok(())
}
