//! `cargo run --release -p e2e --example lost_answers -- [orders] [percent]`: puts that many orders (5,000) through the
//! running product while the ERP saves each create and loses its answer with that probability (30), and prints what
//! came of it. Ends with an error unless each is one document.
#![expect(clippy::print_stdout, reason = "it tells what came of it")]

use e2e::Product;
use e2e::lost_answers::lose_answers;

#[tokio::main]
async fn main() {
    let arguments: Vec<u32> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let orders = arguments.first().copied().unwrap_or(5_000) as usize;
    let percent = arguments.get(1).copied().unwrap_or(30);
    let product = Product::start(&["--clock", "manual"]);
    let tally = lose_answers(&product, orders, f64::from(percent) / 100.0).await;
    println!("{tally:#?}");
    if !tally.is_good() {
        std::process::exit(1);
    }
}
