//! The one documented webhook: the stock of a product was recalculated.
//!
//! Decides which products a body names. Its amounts are not read: a webhook has
//! no company, time or order, so it is a hint and never the truth.

use std::collections::BTreeMap;

use domain::ErpId;

use crate::Refusal;
use crate::convert::{At, Problem};
use crate::json::Reader;
use crate::wire::{Item, Rows, StockAnswer, Value as _};

/// A product that a webhook names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedProduct {
    /// Its id.
    pub erp_id: ErpId,
    /// Its visible number, if the webhook says it.
    pub number: Option<String>,
}

/// The products that the body of a stock webhook names, each once, by id. A body without any names none.
pub fn webhook_products(body: &[u8]) -> Result<Vec<NamedProduct>, Refusal> {
    let read = || {
        let mut reader = Reader::new(body)?;
        let root = Rows::<'_, StockAnswer<'_>>::read(&mut reader)?;
        reader.finish()?;
        Ok::<_, Box<crate::Malformed>>(root)
    };
    let not_an_object = || Refusal { path: "body".to_owned(), problem: Problem::Shape };
    let Ok(Rows::One(Item::Object(answer))) = read() else { return Err(not_an_object()) };
    let mut products = BTreeMap::new();
    for row in answer.stock_list.objects() {
        let at = At::Root;
        let id = at.field("mk_id", row.mk_id);
        let number = at.field("count_code", row.count_code).text()?.map(|n| n.to_string());
        products.insert(id.required(id.id()?)?, number);
    }
    Ok(products.into_iter().map(|(erp_id, number)| NamedProduct { erp_id, number }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_each_product_once_whatever_its_warehouses() {
        let body = br#"{"opr_code":"0","stock_list":[
            {"warehouse_id":"1","mk_id":"7","count_code":"PA-7","amount":"1"},
            {"warehouse_id":"2","mk_id":"7","count_code":"PA-7","amount":"863,75"},
            {"warehouse_id":"1","mk_id":"8","amount":"x"}]}"#;
        let products = webhook_products(body).expect("a stock webhook");
        let named = |id, number: Option<&str>| NamedProduct { erp_id: ErpId::new(id), number: number.map(Into::into) };
        assert_eq!(products, vec![named(7, Some("PA-7")), named(8, None)]);
    }

    #[test]
    fn one_row_as_an_object_and_no_row_at_all_are_understood() {
        let one = webhook_products(br#"{"stock_list":{"mk_id":"7"}}"#).expect("one row");
        assert_eq!(one.len(), 1);
        assert_eq!(webhook_products(br#"{"event":"something_new"}"#), Ok(vec![]));
    }

    #[test]
    fn what_is_no_stock_webhook_is_refused_and_never_panics() {
        for body in [&b""[..], b"[]", b"{", b"<html>", b"\xff\xfe", br#"{"stock_list":[{"mk_id":"x"}]}"#] {
            assert!(webhook_products(body).is_err(), "{body:?}");
        }
    }
}
