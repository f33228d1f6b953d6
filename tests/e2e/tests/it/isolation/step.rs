//! What may happen next, as data, so that a failing interleaving can be made shorter.

use proptest::prelude::*;
use proptest::sample::Index;

use super::page::Page;

/// Which parts of a request are the other tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lent {
    /// The id in the path, or the company in the body.
    pub(crate) id: bool,
    /// The cursor, or the secret key in the body.
    pub(crate) cursor: bool,
    /// The version that is known, or the token of a form.
    pub(crate) tag: bool,
}

impl Lent {
    pub(crate) const NOTHING: Self = Self { id: false, cursor: false, tag: false };
    pub(crate) const EVERYTHING: Self = Self { id: true, cursor: true, tag: true };
}

/// A step. Tenants are 0 and 1.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Someone calls the API.
    Call { who: usize, role: &'static str, operation: Index, lent: Lent, pick: usize },
    /// Someone looks at the console.
    Visit { who: usize, page: Page, lent: Lent },
    /// A link to the console is asked for.
    Link { who: usize },
    /// A webhook: to whose address, signed with whose secret, naming whose product.
    Webhook { to: usize, signed_by: usize, naming: usize, id: u8, pick: usize },
    /// The worker takes messages.
    Work { messages: usize },
    /// A message that says it is of one tenant and names a run of the other's.
    Stray { who: usize, pick: usize },
    /// The schedule ticks after so many minutes.
    Tick { minutes: i64 },
    /// Someone changes something in a tenant's company.
    Edit { who: usize, pick: usize },
}

fn lent() -> impl Strategy<Value = Lent> {
    any::<[bool; 3]>().prop_map(|[id, cursor, tag]| Lent { id, cursor, tag })
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop::sample::select(vec!["administrator", "administrator", "operator", "salesperson"]);
    let pick = 0..1_000_usize;
    prop_oneof![
        10 => (0..2_usize, role, any::<Index>(), lent(), pick.clone())
            .prop_map(|(who, role, operation, lent, pick)| Step::Call { who, role, operation, lent, pick }),
        4 => (0..2_usize, prop::sample::select(Page::ALL.to_vec()), lent()).prop_map(|(who, page, lent)| Step::Visit { who, page, lent }),
        1 => (0..2_usize).prop_map(|who| Step::Link { who }),
        3 => (0..2_usize, 0..2_usize, 0..2_usize, 0..4_u8, pick.clone())
            .prop_map(|(to, signed_by, naming, id, pick)| Step::Webhook { to, signed_by, naming, id, pick }),
        4 => (1..4_usize).prop_map(|messages| Step::Work { messages }),
        1 => (0..2_usize, pick.clone()).prop_map(|(who, pick)| Step::Stray { who, pick }),
        1 => (1..20_i64).prop_map(|minutes| Step::Tick { minutes }),
        2 => (0..2_usize, pick).prop_map(|(who, pick)| Step::Edit { who, pick }),
    ]
}

/// An interleaving.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 20..30)
}
