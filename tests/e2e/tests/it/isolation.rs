//! Two tenants, interleaved at random over every route, webhook, page and run: neither ever sees
//! anything of the other's, and an id of the other's leads nowhere.
//!
//! The routes come from the API's own description, so a new one without a step here fails.

mod operation;
mod page;
mod play;
mod side;
mod step;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use operation::Operation;
use page::Page;
use play::Play;
use step::{Lent, Step, steps};

#[test]
fn every_operation_of_the_description_has_a_step() {
    let without: Vec<_> = Operation::all().into_iter().filter(|o| o.kind.is_none()).map(|o| o.name).collect();
    assert_eq!(without, Vec::<String>::new(), "say in isolation/operation.rs what these are asked with");
}

#[test]
fn two_tenants_interleaved_at_random_never_see_each_other() {
    let config = Config { cases: 24, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(Box::pin(play(&steps)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// A world of its own, the steps, every route once more by each tenant with its own things and with the
/// other's, and the proof that what is kept is apart.
async fn play(steps: &[Step]) {
    let mut play = Play::begin().await;
    for step in steps {
        play.step(step).await;
    }
    for lent in [Lent::NOTHING, Lent::EVERYTHING] {
        for who in 0..2 {
            for operation in 0..play.operations.len() {
                play.call(who, "administrator", operation, lent, steps.len()).await;
            }
            for page in Page::ALL {
                play.visit(who, page, lent).await;
            }
        }
    }
    play.finish().await;
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    /// The check itself: it finds a name wherever it stands, in a cursor too.
    #[test]
    fn what_is_looked_for_is_found_wherever_it_stands(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
        let secrets = ["Mlakarica".to_owned()].into();
        let found = |text: &str| side::found(text, &secrets).is_some();
        let (with, without) = (format!("{before}Mlakarica{after}"), format!("{before}{after}"));
        prop_assert!(found(&with) && !found(&without));
        let sealed = |text: &str| side::cursor_of(text.as_bytes());
        let page = |cursor: &str| format!("{{\"data\":[],\"next_cursor\":\"{cursor}\"}}");
        prop_assert!(found(&page(&sealed(&with))) && !found(&page(&sealed(&without))));
    }
}
