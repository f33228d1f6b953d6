//! Row 12: how fast a search page of whole orders is read into the wire's types, beside `serde_json::Value`.

use std::io::Write as _;
use std::time::Instant;

use erp_sim::{Clock, Sim, SimConfig};
use serde_json::json;

const ROUNDS: usize = 5;
const PAGES: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(page())?;
    let mut ours = Vec::new();
    let mut values = Vec::new();
    // Interleaved, so that a change of the machine's load hits both.
    for _ in 0..ROUNDS {
        ours.push(gigabytes_a_second(&page, |bytes| erp::samples::read_search_page(bytes).is_ok()));
        values.push(gigabytes_a_second(&page, |bytes| serde_json::from_slice::<serde_json::Value>(bytes).is_ok()));
    }
    let (ours, values) = (median(ours), median(values));
    let row = json!({
        "row": 12,
        "what": "reading a page of 100 orders",
        "measured": format!("{ours:.2} GB/s ({} KB a page; serde_json::Value {values:.2} GB/s)", page.len() / 1_000),
        "budget": "0.5 GB/s",
        "within": ours >= 0.5,
    });
    Ok(writeln!(std::io::stdout(), "{row}")?)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time and asks the simulator itself")]
async fn page() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let config = SimConfig::demo(1, 1, Clock::system());
    let company = config.companies[0].clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/rest/eshop/v1/search", listener.local_addr()?);
    tokio::spawn(Sim::new(config).serve(listener));
    let body = json!({
        "secret_key": company.secret_key, "company_id": company.company_id, "doc_type": "sales_order",
        "result_type": "doc", "limit": "100", "offset": "0", "show_payment_detail": "true", "show_product_detail": "true",
    });
    Ok(reqwest::Client::new().post(url).json(&body).send().await?.bytes().await?.to_vec())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn gigabytes_a_second(page: &[u8], mut read: impl FnMut(&[u8]) -> bool) -> f64 {
    let start = Instant::now();
    for _ in 0..PAGES {
        assert!(read(std::hint::black_box(page)), "the page is readable");
    }
    (page.len() * PAGES) as f64 / 1e9 / start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
