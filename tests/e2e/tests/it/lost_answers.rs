//! The ERP saves an order and its answer is lost, again and again: one document each.

use e2e::Product;
use e2e::lost_answers::lose_answers;

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_one_document_in_the_end() {
    let product = Product::start(&["--clock", "manual"]);
    let tally = lose_answers(&product, 120, 0.3).await;
    assert!(tally.is_good(), "{tally:#?}");
    assert!(tally.answers_lost > 15, "{tally:#?}");
}
