//! Rows of work orders: what is made, of which materials, by which work.
//!
//! Decides which of the amounts and prices on a row counts. A plan has what was
//! done of it below it; what was done without a plan stands beside the plans.

use domain::{Input, Line, Making, Text as Canonical};
use rust_decimal::Decimal;

use super::{At, Refusal, Style, field::each};
use crate::wire::{self, Text};

/// The key under which work orders have what they make.
pub(super) const MADE_LINES: &str = "create_product_realization_list";

type Row<'a> = wire::PlanRow<'a>;
type Rows<'a> = wire::Rows<'a, Row<'a>>;

/// A list by its key.
type Listed<'r, 'a> = (&'static str, &'r Rows<'a>);

/// What a work order makes: as much as is planned, or as was made where nothing is.
pub(super) fn made(row: &Row<'_>, at: At<'_>) -> Result<Line, Refusal> {
    let done = done(row, ("product_realization_list", &row.product_realization_list), at)?;
    let planned = first(at, [("amount_plan", row.amount_plan), ("amount", row.amount)])?;
    let amount = at.field("amount_plan", row.amount_plan).required(planned.or(done))?;
    let materials = inputs(
        ("material_plan_list", &row.material_plan_list),
        ("material_realization_list", &row.material_realization_list),
        |plan| &plan.material_realization_list,
        at,
    )?;
    let work = inputs(
        ("work_plan_list", &row.work_plan_list),
        ("work_realization_list", &row.work_realization_list),
        |plan| &plan.work_realization_list,
        at,
    )?;
    Ok(Line {
        erp_id: at.field("mk_id", row.mk_id).id()?,
        product: at.field("product_mk_id", row.product_mk_id).id()?,
        code: code(row, at)?,
        name: name(row, at)?,
        description: at.field("notes", row.notes).text()?,
        unit: at.field("unit", row.unit).text()?,
        amount,
        price: first(at, [("price_sales", row.price_sales), ("price", row.price)])?,
        price_with_tax: None,
        discounts: at.field("discount_sales", row.discount_sales).discounts()?,
        tax: at.field("tax", row.tax).text()?,
        making: Making { done, materials, work },
    })
}

/// What is planned, each with what `below` it was done, and what was done without a plan.
fn inputs<'a>(
    plans: Listed<'_, 'a>,
    unplanned: Listed<'_, 'a>,
    below: impl for<'r> Fn(&'r Row<'a>) -> &'r Rows<'a>,
    at: At<'_>,
) -> Result<Vec<Input>, Refusal> {
    let input = |row: &Row<'a>, at: At<'_>| input(row, (unplanned.0, below(row)), at);
    let mut all = each(plans.1, at, plans.0, input)?;
    all.extend(each(unplanned.1, at, unplanned.0, input)?);
    Ok(all)
}

fn input<'a>(row: &Row<'a>, below: Listed<'_, 'a>, at: At<'_>) -> Result<Input, Refusal> {
    let used = |row: &Row<'a>, at: At<'_>| {
        first(at, [("price_purchase", row.price_purchase), ("purchase_price", row.purchase_price)])
    };
    let planned = at.field("price_purchase_plan", row.price_purchase_plan).decimal(Style::Either)?;
    let below_it = each(below.1, at, below.0, used)?.into_iter().flatten().next();
    Ok(Input {
        erp_id: at.field("mk_id", row.mk_id).id()?,
        product: at.field("product_mk_id", row.product_mk_id).id()?,
        code: code(row, at)?,
        name: name(row, at)?,
        unit: at.field("unit", row.unit).text()?,
        planned: at.field("amount_plan", row.amount_plan).decimal(Style::Either)?,
        done: done(row, below, at)?,
        cost: planned.or(used(row, at)?).or(below_it),
    })
}

/// How much of a row was done: what it says itself, or what the rows below it say together.
fn done<'a>(row: &Row<'a>, (key, below): Listed<'_, 'a>, at: At<'_>) -> Result<Option<Decimal>, Refusal> {
    let own = |row: &Row<'a>, at: At<'_>| at.field("amount_realization", row.amount_realization).decimal(Style::Either);
    let parts = each(below, at, key, own)?;
    let sum = parts.into_iter().flatten().reduce(Decimal::saturating_add);
    Ok(own(row, at)?.or(sum))
}

/// The first of these numbers that is there.
fn first(at: At<'_>, keys: [(&'static str, Text<'_>); 2]) -> Result<Option<Decimal>, Refusal> {
    keys.into_iter().find_map(|(key, text)| at.field(key, text).decimal(Style::Either).transpose()).transpose()
}

fn code(row: &Row<'_>, at: At<'_>) -> Result<Option<Canonical>, Refusal> {
    Ok(at.field("product_code", row.product_code).text()?.or(at.field("code", row.code).text()?))
}

fn name(row: &Row<'_>, at: At<'_>) -> Result<Option<Canonical>, Refusal> {
    let titled = at.field("product_title", row.product_title).text()?;
    Ok(titled.or(at.field("product_name", row.product_name).text()?).or(at.field("name", row.name).text()?))
}

#[cfg(test)]
mod tests {
    use domain::{Document, DocumentKind};

    use super::*;
    use crate::{
        convert::document,
        json::Reader,
        wire::{Rows, Value as _},
    };

    /// The ERP's own example of a work order, read under the key that answers have.
    const EXAMPLE: &str = r#"[{
        "product_code":"cp1","amount_plan":"1","price_sales":"1","discount_sales":"1","notes":"create_product_1",
        "material_plan_list":[
            {"product_code":"mp11","amount_plan":"11","price_purchase_plan":"11","notes":"material_plan_1_1",
             "warehouse_code":"WHNaslov","when":"2015-11-22+02:00","material_realization_list":[
                {"product_code":"mp11","amount_realization":"6","price_purchase":"1,1","when":"2015-11-22+02:00"}]},
            {"product_code":"mp12","amount_plan":"12","price_purchase_plan":"12"}],
        "work_plan_list":[
            {"product_code":"wpl11","amount_plan":"11","price_purchase_plan":"11","when":"2015-11-22+02:00",
             "performer_name_list":[{"count_code":"Janez Novak"}],"work_realization_list":[
                {"product_code":"wpl11","amount_realization":"7","price_purchase":"10"}]}]},
        {"product_code":"cp2","amount_plan":"2","price_sales":"2","discount_sales":"2"}]"#;

    fn read(rest: &str) -> Result<Document, Refusal> {
        let body = format!(r#"{{"mk_id":"5","count_code":"DN-1","doc_type":"workorder"{rest}}}"#);
        let rows = Rows::<wire::Document<'_>>::read(&mut Reader::of(&body)).expect("well-formed");
        document(rows.objects().next().expect("an object"), Some(DocumentKind::Workorder), At::Root)
    }

    fn lines(rows: &str) -> Vec<Line> {
        read(&format!(r#","{MADE_LINES}":{rows}"#)).expect("it fits").lines
    }

    fn told(inputs: &[Input]) -> Vec<String> {
        let said = |of: Option<Decimal>| of.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let code = |input: &Input| input.code.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        inputs.iter().map(|i| [code(i), said(i.planned), said(i.done), said(i.cost)].join(" ")).collect()
    }

    #[test]
    fn a_work_order_tells_what_it_makes_of_what_and_by_which_work() {
        let lines = lines(EXAMPLE);
        let heads: Vec<_> =
            lines.iter().map(|l| (l.code.as_ref().expect("a code").as_str(), l.amount, l.price)).collect();
        let (one, two) = (Decimal::ONE, Decimal::TWO);
        assert_eq!(heads, [("cp1", one, Some(one)), ("cp2", two, Some(two))]);
        assert_eq!(lines[0].discounts, [one]);
        assert_eq!(lines[0].description.as_ref().expect("notes").as_str(), "create_product_1");
        assert_eq!(told(&lines[0].making.materials), ["mp11 11 6 11", "mp12 12 - 12"]);
        assert_eq!(told(&lines[0].making.work), ["wpl11 11 7 11"]);
        assert!(lines[1].making.is_empty());
    }

    #[test]
    fn what_was_done_without_a_plan_stands_beside_the_plans() {
        let lines = lines(
            r#"{"mk_id":"7","product_mk_id":"8","amount_realization":"3","material_realization_list":[
            {"mk_id":"9","product_code":"m1","amount_realization":"1,1","price_purchase":"2.5","when":"28.11.2016, 09:32"},
            {"product_code":"m2","performer_name_list":"Jan Zgled"}],
            "material_plan_list":{"product_code":"m0","amount_plan":"4","material_realization_list":[
            {"amount_realization":"1.25","purchase_price":"0,75"},{"amount_realization":"2"}]},
            "work_realization_list":{"product_code":"w1","amount_realization":"0.5"}}"#,
        );
        let line = &lines[0];
        assert_eq!((line.erp_id, line.product), (Some(domain::ErpId::new(7)), Some(domain::ErpId::new(8))));
        assert_eq!((line.amount, line.making.done), (Decimal::from(3), Some(Decimal::from(3))));
        assert_eq!(told(&line.making.materials), ["m0 4 3.25 0.75", "m1 - 1.1 2.5", "m2 - - -"]);
        assert_eq!(told(&line.making.work), ["w1 - 0.5 -"]);
        assert_eq!(line.making.materials[1].erp_id, Some(domain::ErpId::new(9)));
    }

    #[test]
    fn a_number_is_decimal_with_a_point_and_with_a_comma() {
        let price = |text: &str| {
            let row = format!(r#"{{"amount_plan":"1","price_sales":"{text}"}}"#);
            lines(&row)[0].price.expect("a price").to_string()
        };
        assert_eq!(
            [price("1.234"), price("1,234"), price("1.895,01"), price("12")],
            ["1.234", "1.234", "1895.01", "12"]
        );
    }

    #[test]
    fn a_work_order_without_rows_makes_nothing() {
        assert_eq!(read("").expect("it fits").lines, []);
        assert_eq!(lines("[]"), []);
        assert_eq!(read(r#","product_list":[{"amount":"1"}]"#).expect("it fits").lines, [], "it has none of these");
    }

    #[test]
    fn a_row_that_does_not_fit_is_named_by_its_path() {
        let cases = [
            (r#"{"product_code":"a"}"#, "amount_plan", "missing"),
            (r#"{"amount_plan":"1.234.567"}"#, "amount_plan", "unreadable"),
            (r#"{"amount_plan":"1","price_sales":"1,234.5"}"#, "price_sales", "unreadable"),
            (
                r#"{"amount_plan":"1","material_plan_list":{"material_realization_list":[{"amount_realization":"x"}]}}"#,
                "material_plan_list[0].material_realization_list[0].amount_realization",
                "unreadable",
            ),
            (r#"{"amount_plan":"1","work_plan_list":"x"}"#, "work_plan_list[0]", "unexpected_shape"),
        ];
        for (row, path, code) in cases {
            let refusal = read(&format!(r#","{MADE_LINES}":[{row}]"#)).expect_err("it does not fit");
            assert_eq!((refusal.path.as_str(), refusal.code()), (format!("{MADE_LINES}[0].{path}").as_str(), code));
        }
    }
}
