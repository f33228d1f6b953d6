//! The keys that all tenants share, and the busiest key of one: what a thousand tenants would write to them.
//!
//! From counted writes: the tenants are few, their load is that of the budget for costs.

use e2e::webhook::{EVENT, ID, SIGNATURE, STOCK, body_of, sign};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::metering::{Entity, Tally};

use crate::inside::{Inside, company, webhook_secret};

/// How many tenants are run here.
const TENANTS: usize = 12;
/// How many they stand for.
const STOOD_FOR: f64 = 1_000.0;
/// The load of one tenant: a run every 15 minutes, and so many changes.
const RUNS_A_DAY: f64 = 96.0;
const CHANGES_A_DAY: f64 = 850.0;
const SECONDS_A_DAY: f64 = 86_400.0;
/// One twentieth of what a partition takes.
const MOST_UNITS_A_SECOND: f64 = 50.0;
/// Rows whose keys do not begin with a tenant.
const SHARED: [Entity; 4] = [Entity::Endpoint, Entity::Due, Entity::Tick, Entity::Door];

/// What one phase wrote, by tenant and occasion.
struct Phase {
    what: &'static str,
    tally: Tally,
    times: f64,
}

impl Phase {
    fn units(&self) -> f64 {
        self.tally.write_units / self.times
    }

    fn shared(&self) -> u64 {
        SHARED.iter().map(|e| self.tally.written(*e)).sum()
    }
}

/// Each tenant's products in the ERP.
async fn fill(world: &Inside) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for n in 0..TENANTS {
        let mut products = Vec::new();
        for i in 0..10 {
            let product =
                json!({"code": format!("A-{i}"), "name": format!("Izdelek {i}"), "unit": "kos", "sales": "true"});
            let id = world.edit(n, &json!({"op": "product.create", "product": product})).await;
            world.edit(n, &json!({"op": "stock.set", "product": id, "warehouse": "LJ", "amount": "10"})).await;
            products.push(id);
        }
        let partner =
            json!({"customer": "Podjetje d.o.o.", "business_entity": "true", "buyer": "true", "country": "Slovenija"});
        let partner = world.edit(n, &json!({"op": "partner.create", "partner": partner})).await;
        for _ in 0..10 {
            let row = json!({"code": "A-1", "amount": "1", "price": "10", "tax": "EX4"});
            let order = json!({"partner": {"mk_id": partner}, "product_list": [row], "buyer_order": "N"});
            world.edit(n, &json!({"op": "document.create", "doc_type": "sales_order", "document": order})).await;
        }
        all.push(products);
    }
    all
}

/// Every tenant's turn of the schedule: so many minutes pass, each with its tick.
async fn quarter_of_an_hour(world: &Inside) {
    for _ in 0..15 {
        world.clock.advance(SignedDuration::from_mins(1));
        world.tick().await;
        world.work(TENANTS * 2).await;
    }
}

#[tokio::test]
async fn no_run_and_no_webhook_writes_a_key_that_tenants_share_and_no_key_is_busy() {
    let world = Inside::new(TENANTS).await;
    let products = fill(&world).await;
    for n in 0..TENANTS {
        world.connect(n).await;
    }
    while world.work(TENANTS).await > 0 {}
    // Beyond the overlap of the windows, so that what was there at first is read no more.
    world.clock.advance(SignedDuration::from_mins(20));
    quarter_of_an_hour(&world).await;
    let times = f64::from(u32::try_from(TENANTS).expect("a few"));
    let take = |what, times| Phase { what, tally: world.meter.take(), times };

    world.meter.take();
    quarter_of_an_hour(&world).await;
    let idle = take("a run in which nothing changed", times);
    assert_eq!(
        (idle.tally.written(Entity::Tick), idle.shared()),
        (15, 15),
        "the ticks and nothing else: {:?}",
        idle.tally
    );
    assert_eq!(idle.tally.written(Entity::Record), 0, "{:?}", idle.tally);
    assert!(idle.tally.written(Entity::Run) >= TENANTS as u64, "every tenant had its run: {:?}", idle.tally);

    for (n, products) in products.iter().enumerate() {
        change_stock(&world, n, &products[0]).await;
    }
    let received = take("a webhook taken in", times);
    assert_eq!(received.tally.written(Entity::Inbox), TENANTS as u64);
    world.work(TENANTS * 2).await;
    let followed = take("the run that follows a webhook up", times);
    assert_eq!(followed.tally.written(Entity::Record), TENANTS as u64, "{:?}", followed.tally);

    for n in 0..TENANTS {
        let edits = json!({"count": 9, "seed": n, "kinds": ["status.set", "row.change"]});
        world.control("POST", &format!("/companies/{}/random-edits", company(n).0), &edits).await;
    }
    quarter_of_an_hour(&world).await;
    let changed = take("a run that finds nine edits", times);
    assert!(changed.tally.written(Entity::Record) >= TENANTS as u64, "{:?}", changed.tally);
    assert_eq!(changed.shared(), 15, "{:?}", changed.tally);

    for phase in [&received, &followed] {
        assert_eq!(phase.shared(), 0, "{}: {:?}", phase.what, phase.tally);
    }
    let figures = Figures::of([&idle, &received, &followed, &changed]);
    println!("{}", figures.text);
    assert!(figures.rates.iter().all(|rate| *rate < MOST_UNITS_A_SECOND), "{}", figures.text);
}

/// Write units a second at the load of a thousand tenants.
struct Figures {
    /// Those of keys that may be one: of the tick, and of all that one tenant writes.
    rates: [f64; 3],
    text: String,
}

impl Figures {
    /// A tenant's busiest key cannot take more than all that the tenant writes; were every change to
    /// come alone, each with a webhook and a run of its own.
    fn of(phases: [&Phase; 4]) -> Self {
        let [idle, received, followed, changed] = phases;
        let tick = 1.0 / 60.0;
        let apart = (RUNS_A_DAY * idle.units() + CHANGES_A_DAY * (received.units() + followed.units())) / SECONDS_A_DAY;
        let together = RUNS_A_DAY * changed.units() / SECONDS_A_DAY;
        let mut lines = vec![format!("write units a tenant and occasion, from {TENANTS} tenants:")];
        lines.extend(phases.map(|p| format!("  {:<36}{:>8.1}   items {:?}", p.what, p.units(), p.tally.items_written)));
        lines.push(format!(
            "a second at {STOOD_FOR} tenants, {RUNS_A_DAY} runs and {CHANGES_A_DAY} changes a day each:"
        ));
        for (what, rate) in [
            ("SYS#TICK, the one shared key", tick),
            ("all keys of a tenant, changes apart", apart),
            ("all keys of a tenant, nine a run", together),
        ] {
            lines.push(format!("  {what:<36}{rate:>8.3}   budget {MOST_UNITS_A_SECOND}"));
        }
        lines.push(format!("  {:<36}{:>8.1}", "all keys of all tenants", STOOD_FOR * apart.max(together)));
        Self { rates: [tick, apart, together], text: lines.join("\n") }
    }
}

/// Someone counts a product in the warehouse, and the ERP tells it.
async fn change_stock(world: &Inside, n: usize, product: &str) {
    world.edit(n, &json!({"op": "stock.set", "product": product, "warehouse": "LJ", "amount": "77"})).await;
    let url =
        world.send_json(n, "administrator", "GET", "/v1/connection", &[], &Value::Null).await.json()["webhook_url"]
            .take();
    let url = url.as_str().expect("an address");
    let (body, path) = (body_of(product), &url[url.find("/w/").expect("a path")..]);
    let signature = sign(&webhook_secret(n), &body);
    let reply = world.send("POST", path, &[(EVENT, STOCK), (ID, "1"), (SIGNATURE, &signature)], &body).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text);
}
