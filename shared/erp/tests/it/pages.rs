//! Pages: an odd row never fails its page, and a page that lacks rows is never taken for a whole one.

use domain::{DocumentKind, ErpId};
use erp::{
    Problem,
    client::{ProductQuery, SearchQuery, StockQuery},
};

use crate::server::{Reply, Server};

const GOOD: &str = r#"{"mk_id":"1","opr_code":"0","count_code":"PP-1","doc_date":"2024-01-15+02:00","currency_code":"EUR",
    "partner":{"mk_id":"7","customer":"Kos d.o.o."},"product_list":{"mk_id":"3","code":"a","amount":"2","price":"1.5"},
    "sum_basic":"3","sum_tax_ex4":"0.66","sum_all":"3.66"}"#;

async fn search(body: String) -> Result<erp::client::Page<domain::Document>, erp::ErpError> {
    let server = Server::start(vec![Reply::Json(body)]).await;
    server.client().search(&SearchQuery { limit: 3, ..SearchQuery::all(DocumentKind::SalesOrder) }).await
}

#[tokio::test]
async fn an_odd_row_is_an_error_of_its_own() {
    let odd = r#"{"mk_id":"2","count_code":"PP-2","product_list":[{"amount":"1"},{"amount":"abc"}]}"#;
    let page = search(format!(
        r#"{{"opr_code":"0","result_all_records":"3","result_count":"3","result":[{GOOD},{odd},"odder"]}}"#
    ));
    let page = page.await.expect("a page");
    assert_eq!(page.total, 3);
    let good = page.rows[0].as_ref().expect("it fits");
    assert_eq!((good.erp_id, good.lines.len()), (ErpId::new(1), 1));
    let row = page.rows[1].as_ref().expect_err("it does not fit");
    assert_eq!(
        (row.erp_id, row.path.as_str(), row.code()),
        (Some(ErpId::new(2)), "product_list[1].amount", "unreadable")
    );
    assert_eq!(row.to_string(), r#"product_list[1].amount: expected a decimal, found "abc""#);
    assert!(row.raw.contains("PP-2") && !format!("{row:?}").contains("PP-2"));
    let row = page.rows[2].as_ref().expect_err("it does not fit");
    assert_eq!((row.erp_id, &row.reason, row.raw.as_str()), (None, &Problem::Shape, "\"odder\""));
}

#[tokio::test]
async fn a_page_whose_counts_disagree_is_an_error_and_not_an_empty_page() {
    let bodies = [
        r#"{"opr_code":"0","result_all_records":"5","result_count":"0"}"#.to_owned(),
        r#"{"opr_code":"0","result_all_records":"5"}"#.to_owned(),
        r#"{"opr_code":"0","result_count":"0"}"#.to_owned(),
        r#"{"opr_code":"0","result_all_records":"x","result_count":"0"}"#.to_owned(),
        format!(r#"{{"opr_code":"0","result_all_records":"5","result_count":"3","result":[{GOOD}]}}"#),
        format!(r#"{{"opr_code":"0","result_all_records":"2","result_count":"1","result":{GOOD}}}"#),
        format!(r#"{{"opr_code":"0","result_all_records":"0","result_count":"1","result":{GOOD}}}"#),
    ];
    for body in bodies {
        let error = search(body.clone()).await.expect_err("the counts disagree");
        assert_eq!(error.code(), "erp_inconsistent", "{body}");
    }
}

#[tokio::test]
async fn a_page_behind_the_last_row_is_empty() {
    let server =
        Server::start(vec![Reply::json(r#"{"opr_code":"0","result_all_records":"5","result_count":"0"}"#)]).await;
    let query = SearchQuery { offset: 5, ..SearchQuery::all(DocumentKind::SalesOrder) };
    let page = server.client().search_short(&query).await.expect("a page");
    assert_eq!((page.total, page.rows.len()), (5, 0));
}

#[tokio::test]
async fn a_row_of_another_kind_than_was_asked_for_does_not_fit() {
    let body = r#"{"opr_code":"0","result_all_records":"1","result_count":"1","result":{"mk_id":"1","count_code":"1","doc_type":"sales_offer"}}"#;
    let page = search(body.to_owned()).await.expect("a page");
    assert_eq!(page.rows[0].as_ref().expect_err("another kind").path, "doc_type");
}

#[tokio::test]
async fn products_go_on_while_pages_are_full() {
    let product = |id: u32| format!(r#"{{"mk_id":"{id}","code":"c{id}","name":"N","unit":"kos","weight":"7,3"}}"#);
    let full = format!(r#"{{"opr_code":"0","product_list_count":"2","product_list":[{},{}]}}"#, product(1), product(2));
    let last = format!(r#"{{"opr_code":"0","product_list_count":"1","product_list":{}}}"#, product(3));
    let none = r#"{"opr_code":"0","product_list_count":"0"}"#;
    let server = Server::start(vec![
        Reply::Json(full),
        Reply::Json(last),
        Reply::json(none),
        Reply::json(r#"{"opr_code":"0"}"#),
    ])
    .await;
    let client = server.client();
    let query = ProductQuery { limit: Some(2), ..ProductQuery::default() };
    let page = client.products(&query).await.expect("a page");
    assert_eq!((page.rows.len(), page.next), (2, Some(2)));
    let page = client.products(&ProductQuery { offset: 2, ..query.clone() }).await.expect("a page");
    assert_eq!((page.rows.len(), page.next), (1, None));
    let page = client.products(&query).await.expect("an empty page");
    assert_eq!((page.rows.len(), page.next), (0, None));
    let error = client.products(&query).await.expect_err("it does not even say that there are none");
    assert_eq!(error.code(), "erp_inconsistent");
}

#[tokio::test]
async fn what_comes_in_is_sorted_by_day_and_one_a_day_and_warehouse() {
    let rows = r#"{"opr_code":"0","stock_list":[{"warehouse_id":"1","mk_id":"2","code":"a","amount":"4"}],
        "order_in_delivery":[
        {"mk_id":"2","expect_order_amount":"5"},
        {"mk_id":"2","expect_order_amount":"9","export_order_delivery_date":"2020-10-25","warehouse_id":"1"},
        {"mk_id":"2","expect_order_amount":"17","export_order_delivery_date":"2020-10-24","warehouse_id":"3","status":"Odprta"},
        {"mk_id":"2","expect_order_amount":"0,5","export_order_delivery_date":"2020-10-25","warehouse_id":"1"},
        {"mk_id":"2","expect_order_amount":"0","export_order_delivery_date":"2020-10-23"},
        {"mk_id":"7","expect_order_amount":"1"},
        {"mk_id":"8","expect_order_amount":"1","export_order_delivery_date":"soon"}]}"#;
    let one = r#"{"opr_code":"0","stock_list":[],"order_in_delivery":{"mk_id":"2","expect_order_amount":"5"}}"#;
    let server = Server::start(vec![Reply::json(rows), Reply::json(one)]).await;
    let page = server.client().stock(&StockQuery::default()).await.expect("a page");
    let odd: Vec<_> = page.incoming.iter().filter_map(|row| row.as_ref().err()).collect();
    assert_eq!(
        odd.iter().map(|e| (e.erp_id.map(domain::ErpId::get), e.path.as_str())).collect::<Vec<_>>(),
        [(Some(8), "export_order_delivery_date")]
    );
    let stock = erp::aggregate(page.rows.into_iter().flatten(), page.incoming.into_iter().flatten());
    let seen: Vec<String> = stock
        .iter()
        .flat_map(|stock| stock.incoming.iter().map(|i| (stock.erp_id, stock.levels.len(), i)))
        .map(|(id, levels, i)| {
            format!("{id} {levels} {:?} {:?} {}", i.date, i.warehouse.map(domain::ErpId::get), i.amount)
        })
        .collect();
    assert_eq!(
        seen,
        [
            "2 1 Some(2020-10-24) Some(3) 17",
            "2 1 Some(2020-10-25) Some(1) 9.5",
            "2 1 None None 5",
            // It never moved, and something of it comes.
            "7 0 None None 1",
        ]
    );
    let page = server.client().stock(&StockQuery::default()).await.expect("a page");
    assert_eq!(page.incoming.len(), 1, "one comes without a list around it");
    assert!(server.seen()[0].body.contains(r#""return_expect_order_delivery_date":"true""#));
}

#[tokio::test]
async fn stock_adds_up_over_places_and_counts_a_repeated_reservation_once() {
    let rows = r#"{"opr_code":"0","stock_list_count":"4","stock_list":[
        {"warehouse_id":"1","mk_id":"2","code":"a","amount":"863,75","reserved_amount":"6","free_amount":"857,75"},
        {"warehouse_id":"1","mk_id":"2","code":"a","amount":"-41","reserved_amount":"6","lot_number":"L"},
        {"warehouse_id":"3","mk_id":"2","code":"a","amount":"0,5"},
        {"warehouse_id":"1","mk_id":"9","amount":"1.895"}]}"#;
    let server = Server::start(vec![Reply::json(rows)]).await;
    let page = server.client().stock(&StockQuery::default()).await.expect("a page");
    assert_eq!(page.next, None);
    let (good, odd): (Vec<_>, Vec<_>) = page.rows.into_iter().partition(Result::is_ok);
    assert_eq!(odd[0].as_ref().expect_err("it can be read in two ways").code(), "ambiguous_number");
    let stock = erp::aggregate(good.into_iter().filter_map(Result::ok), []);
    assert_eq!(stock.len(), 1);
    let levels: Vec<String> = stock[0]
        .levels
        .iter()
        .map(|level| {
            format!("{} {} {:?} {}", level.warehouse, level.on_hand, level.reserved.map(|r| r.to_string()), level.free)
        })
        .collect();
    assert_eq!(levels, [r#"1 822.75 Some("6") 816.75"#, "3 0.5 None 0.5"]);
}
