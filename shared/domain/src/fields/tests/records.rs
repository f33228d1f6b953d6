//! Records of every type for the tests: any, and with everything set.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use crate::contact::CategoryDiscount;
use crate::value::normal;
use crate::*;

/// Text as the ERP holds it: any, and often characters that names of pieces have a meaning for.
fn text() -> impl Strategy<Value = Text> {
    prop_oneof!["[ab/~1 ]{1,4}", "\\PC{1,8}", "[a-zčšž]{1,6}\n?[A-Z]{0,3}"]
        .prop_filter_map("nothing visible", |s| Text::new(&s).ok().flatten())
}

/// Few ids, so that entries of one list often have the same.
fn erp_id() -> impl Strategy<Value = ErpId> {
    prop_oneof![4 => 0_u64..12, 1 => Just(9_007_199_254_740_993)].prop_map(ErpId::new)
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (-3_000_i64..3_000, 0_u32..4).prop_map(|(n, scale)| normal(Decimal::new(n, scale)))
}

fn day() -> impl Strategy<Value = Date> {
    (2020_i16..2030, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| date(y, m, d))
}

fn currency() -> impl Strategy<Value = Currency> {
    "[A-Z]{3}".prop_map(|s| Currency::parse(&s).expect("three letters"))
}

fn country() -> impl Strategy<Value = Country> {
    select(Country::all().collect::<Vec<_>>())
}

fn phone() -> impl Strategy<Value = Option<Phone>> {
    "(\\+386 )?0?31 [0-9]{3} [0-9]{3}|[a-z0-9 ]{0,9}".prop_map(|s| Phone::new(&s, None).expect("short"))
}

fn maybe<S: Strategy>(of: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    prop::option::of(of)
}

fn list<S: Strategy>(of: S) -> impl Strategy<Value = Vec<S::Value>> {
    prop::collection::vec(of, 0..14)
}

fn by_name<S: Strategy>(of: S) -> impl Strategy<Value = BTreeMap<String, S::Value>> {
    prop::collection::btree_map("[a-z._]{1,8}|crm_id", of, 0..3)
}

fn address() -> impl Strategy<Value = Address> {
    use AddressKind::{Billing, Branch, Delivery, Other};
    let kind = prop_oneof![Just(Billing), Just(Delivery), Just(Branch), text().prop_map(Other)];
    let place = (maybe(text()), maybe(text()), maybe(text()), maybe(text()), maybe(country()));
    let terms = (maybe(any::<u32>()), maybe(text()), maybe(currency()));
    (maybe(erp_id()), kind, place, terms).prop_map(|(erp_id, kind, place, terms)| {
        let (street, post_code, city, province, country) = place;
        let (payment_due_days, language, currency) = terms;
        Address { erp_id, kind, street, post_code, city, province, country, payment_due_days, language, currency }
    })
}

fn person() -> impl Strategy<Value = Person> {
    let email = "[A-Za-z]{1,6}@[a-z]{1,6}\\.si".prop_map(|s| Email::parse(&s).expect("an address"));
    (maybe(erp_id()), maybe(erp_id()), maybe(text()), maybe(email), phone(), phone(), phone()).prop_map(
        |(erp_id, address, name, email, mobile, phone, fax)| Person {
            erp_id,
            address,
            name,
            email,
            mobile,
            phone,
            fax,
        },
    )
}

fn contact() -> impl Strategy<Value = Record> {
    let discount = (list(text()), decimal(), any::<bool>())
        .prop_map(|(categories, percent, overrides)| CategoryDiscount { categories, percent, overrides });
    let tax = "[A-Z0-9]{0,9}".prop_map(|s| TaxNumber::new(&s).expect("short"));
    let names = (maybe(text()), text(), tax, maybe(text()));
    let flags = (any::<bool>(), maybe(any::<bool>()), any::<bool>(), any::<bool>(), any::<bool>());
    (erp_id(), names, flags, list(address()), list(person()), list(discount)).prop_map(
        |(erp_id, names, flags, addresses, persons, discounts)| {
            let (number, name, tax_number, registration_number) = names;
            let (company, taxpayer, foreign, buyer, supplier) = flags;
            Record::Contact(Box::new(Contact {
                erp_id,
                number,
                name,
                company,
                taxpayer,
                foreign,
                tax_number,
                registration_number,
                buyer,
                supplier,
                addresses,
                persons,
                discounts,
            }))
        },
    )
}

fn price() -> impl Strategy<Value = Price> {
    let tier = (maybe(decimal()), maybe(decimal()), maybe(day()), maybe(day()));
    let of_list = (text(), maybe(text()), maybe(text()));
    let tax = (maybe(text()), maybe(decimal()));
    (of_list, any::<[bool; 2]>(), currency(), tier, decimal(), maybe(decimal()), tax).prop_map(
        |((list, list_title, buyer), [sales, with_tax], currency, tier, price, discount, (tax, tax_percent))| {
            let (amount_from, amount_to, valid_from, valid_to) = tier;
            Price {
                list,
                list_title,
                buyer,
                sales,
                currency,
                amount_from,
                amount_to,
                valid_from,
                valid_to,
                price,
                with_tax,
                discount,
                tax,
                tax_percent,
            }
        },
    )
}

fn product() -> impl Strategy<Value = Record> {
    let names = (maybe(text()), text(), text(), maybe(text()), text(), maybe(text()), maybe(text()));
    let maps = (by_name(text()), by_name(text()));
    let more = (maybe(decimal()), maybe(decimal()), list(text()), maybe(country()));
    (erp_id(), names, any::<[bool; 5]>(), list(price()), maps, more).prop_map(
        |(erp_id, names, flags, mut prices, (translations, extra), more)| {
            let (number, code, name, description, unit, barcode, customs_code) = names;
            let [service, sales, purchasing, active, webshop] = flags;
            let (weight, min_stock, categories, origin) = more;
            prices.extend(prices.first().cloned());
            prices.sort();
            Record::Product(Box::new(Product {
                erp_id,
                number,
                code,
                name,
                description,
                unit,
                barcode,
                service,
                sales,
                purchasing,
                active,
                webshop,
                weight,
                min_stock,
                categories,
                prices,
                translations,
                extra,
                customs_code,
                origin,
            }))
        },
    )
}

fn stock() -> impl Strategy<Value = Record> {
    let level = (erp_id(), decimal(), maybe(decimal()), decimal())
        .prop_map(|(warehouse, on_hand, reserved, free)| StockLevel { warehouse, on_hand, reserved, free });
    let coming = (maybe(erp_id()), maybe(day()), decimal()).prop_map(|(warehouse, date, amount)| Incoming {
        warehouse,
        date,
        amount,
    });
    (erp_id(), maybe(text()), maybe(text()), maybe(text()), list(level), list(coming)).prop_map(
        |(erp_id, code, name, unit, levels, incoming)| {
            Record::Stock(Box::new(Stock { erp_id, code, name, unit, levels, incoming }))
        },
    )
}

fn line() -> impl Strategy<Value = Line> {
    let texts = (maybe(text()), maybe(text()), maybe(text()), maybe(text()), maybe(text()));
    (maybe(erp_id()), maybe(erp_id()), texts, decimal(), maybe(decimal()), maybe(decimal()), list(decimal())).prop_map(
        |(erp_id, product, texts, amount, price, price_with_tax, discounts)| {
            let (code, name, description, unit, tax) = texts;
            let making = Making::default();
            Line {
                erp_id,
                product,
                code,
                name,
                description,
                unit,
                amount,
                price,
                price_with_tax,
                discounts,
                tax,
                making,
            }
        },
    )
}

fn making() -> impl Strategy<Value = Making> {
    let texts = (maybe(text()), maybe(text()), maybe(text()));
    let amounts = (maybe(decimal()), maybe(decimal()), maybe(decimal()));
    let input = (maybe(erp_id()), maybe(erp_id()), texts, amounts).prop_map(|(erp_id, product, texts, amounts)| {
        let ((code, name, unit), (planned, done, cost)) = (texts, amounts);
        Input { erp_id, product, code, name, unit, planned, done, cost }
    });
    let inputs = prop::collection::vec(input, 0..3).boxed();
    (maybe(decimal()), inputs.clone(), inputs).prop_map(|(done, materials, work)| Making { done, materials, work })
}

fn party() -> impl Strategy<Value = PartyRef> {
    (erp_id(), maybe(text()), maybe(erp_id())).prop_map(|(erp_id, name, address)| PartyRef { erp_id, name, address })
}

fn shipment() -> impl Strategy<Value = (Vec<Installment>, Tracking, Vec<DeliveryEvent>)> {
    let installment = (day(), decimal()).prop_map(|(due, amount)| Installment { due, amount });
    let tracking = (maybe(text()), maybe(text())).prop_map(|(number, url)| Tracking { number, url });
    let at = (0..4_000_000_000_i64).prop_map(|s| Timestamp::from_second(s).expect("in range"));
    let event = (day(), maybe(at), maybe(text()), maybe(text()), maybe(text()))
        .prop_map(|(date, at, code, text, place)| DeliveryEvent { date, at, code, text, place });
    (list(installment), tracking, list(event))
}

fn document() -> impl Strategy<Value = Record> {
    let payment = (maybe(text()), maybe(day()), maybe(decimal()), maybe(text()))
        .prop_map(|(kind, date, amount, notes)| Payment { kind, date, amount, notes });
    let link =
        (erp_id(), maybe(text()), text()).prop_map(|(erp_id, number, kind)| DocumentLink { erp_id, number, kind });
    let sum = || maybe(decimal());
    let by_code = || by_name(decimal());
    let sums = (sum(), sum(), by_code(), by_code(), sum(), sum())
        .prop_map(|(net, discount, taxes, rates, gross, paid)| Sums { net, discount, taxes, rates, gross, paid });
    let status = (maybe(text()), maybe(text())).prop_map(|(label, key)| Status { label, key });
    let head = (erp_id(), select(&DocumentKind::ALL[..]), text(), currency(), any::<bool>(), status);
    let days = (maybe(day()), maybe(day()), maybe(day()), maybe(day()), maybe(day()));
    let texts = prop::array::uniform6(maybe(text()));
    let lines = list((line(), making()));
    let lists = (lines, list(payment), list(link), by_name(text()), by_name(text()), by_name(text()));
    (head, days, texts, maybe(party()), maybe(party()), sum(), sums, lists, shipment()).prop_map(
        |(head, days, texts, partner, receiver, discount_percent, sums, lists, shipment)| {
            let (installments, tracking, delivery_events) = shipment;
            let (erp_id, kind, number, currency, issued, status) = head;
            let (date, due_date, valid_to, service_from, service_to) = days;
            let [title, notes, buyer_order, warehouse, delivery_type, payment_method] = texts;
            let (lines, payments, linked, extra, meta, particulars) = lists;
            let is_made = kind == DocumentKind::Workorder;
            let lines = lines.into_iter().map(|(line, making)| if is_made { Line { making, ..line } } else { line });
            let lines = lines.collect();
            Record::Document(Box::new(Document {
                erp_id,
                kind,
                number,
                date,
                title,
                notes,
                status,
                partner,
                receiver,
                buyer_order,
                currency,
                warehouse,
                delivery_type,
                payment_method,
                due_date,
                valid_to,
                service_from,
                service_to,
                issued,
                discount_percent,
                lines,
                sums,
                payments,
                links: linked,
                installments,
                tracking,
                delivery_events,
                extra,
                meta,
                particulars,
            }))
        },
    )
}

/// A record of any type.
pub(super) fn record() -> impl Strategy<Value = Record> {
    prop_oneof![contact(), product(), stock(), document()]
}

/// Records in which everything is set, one a type, as their JSON.
pub(super) fn full() -> Vec<serde_json::Value> {
    let address = r#"{"erp_id":"7","kind":"billing","street":"a","post_code":"1","city":"b","province":"c",
        "country":"SI","payment_due_days":30,"language":"sl","currency":"EUR"}"#;
    let person = r#"{"erp_id":"8","address":"7","name":"Ana","email":"a@b.si","mobile":"+38631123456",
        "phone":"+38631123457","fax":"+38631123458"}"#;
    let contact = format!(
        r#"{{"type":"contact","erp_id":"1","number":"P1","name":"Ana","company":true,"taxpayer":true,"foreign":false,
        "tax_number":"SI12345678","registration_number":"5","buyer":true,"supplier":false,"addresses":[{address}],
        "persons":[{person}],"discounts":[{{"categories":["a"],"percent":"5","overrides":false}}]}}"#
    );
    let price = r#"{"list":"MP","list_title":"Maloprodaja","buyer":"Ana","sales":true,"currency":"EUR","amount_from":"1","amount_to":"2",
        "valid_from":"2026-01-01","valid_to":"2026-12-31","price":"9.9","with_tax":false,"discount":"1","tax":"EX4",
        "tax_percent":"22"}"#;
    let product = format!(
        r#"{{"type":"product","erp_id":"1","number":"1","code":"V","name":"Vijak","description":"d","unit":"kos",
        "barcode":"383","service":false,"sales":true,"purchasing":true,"active":true,"webshop":false,"weight":"1",
        "min_stock":"2","categories":["a"],"prices":[{price}],"translations":{{"en":"Bolt"}},"extra":{{"a":"b"}},
        "customs_code":"7318","origin":"SI"}}"#
    );
    let stock = r#"{"type":"stock","erp_id":"1","code":"V","name":"Vijak","unit":"kos",
        "levels":[{"warehouse":"5","on_hand":"3","reserved":"1","free":"2"}],
        "incoming":[{"warehouse":"5","date":"2026-02-01","amount":"4"}]}"#;
    let party = r#"{"erp_id":"2","name":"Ana","address":"7"}"#;
    let line = r#"{"erp_id":"3","product":"4","code":"V","name":"Vijak","description":"d","unit":"kos","amount":"2",
        "price":"1","price_with_tax":"1.22","discounts":["5"],"tax":"EX4",
        "making":{"done":"1","materials":[INPUT],"work":[INPUT]}}"#;
    let input =
        r#"{"erp_id":"5","product":"6","code":"M","name":"Matica","unit":"kos","planned":"3","done":"2","cost":"0.5"}"#;
    let line = line.replace("INPUT", input);
    let document = format!(
        r#"{{"type":"document","erp_id":"1","kind":"sales_order","number":"2026-1","date":"2026-01-01","title":"t",
        "notes":"n","status":{{"label":"l","key":"k"}},"partner":{party},"receiver":{party},"buyer_order":"b",
        "currency":"EUR","warehouse":"w","delivery_type":"d","payment_method":"p","due_date":"2026-01-02",
        "valid_to":"2026-01-03","service_from":"2026-01-04","service_to":"2026-01-05","issued":true,
        "discount_percent":"1","lines":[{line}],
        "sums":{{"net":"1","discount":"2","taxes":{{"ex4":"3"}},"rates":{{"ex4":"0.22"}},"gross":"4","paid":"5"}},
        "payments":[{{"kind":"k","date":"2026-01-06","amount":"1","notes":"n"}}],
        "links":[{{"erp_id":"9","number":"1","kind":"sales_offer"}}],
        "installments":[{{"due":"2026-02-01","amount":"2"}}],"tracking":{{"number":"CE1","url":"https://a.si"}},
        "delivery_events":[{{"date":"2026-01-07","at":"2026-01-07T09:00:00Z","code":"1","text":"t","place":"p"}}],
        "extra":{{"a":"b"}},"meta":{{"c":"d"}},"particulars":{{"e":"f"}}}}"#
    );
    [&contact, &product, stock, &document].map(|json| serde_json::from_str(json).expect("JSON")).into()
}
