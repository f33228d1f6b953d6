//! Records that wait for a person.

use domain::Parked;
use runtime::Permission;

use super::reading::PARKED;
use crate::reader::{Reader, When};

/// The parked records.
pub(crate) struct ParkedList {
    /// How many, as far as they were counted: `50+` when there are more than were read.
    pub(crate) count: String,
    /// The count as a sentence.
    pub(crate) summary: String,
    /// Whether there is any.
    pub(crate) is_empty: bool,
    /// `None` for those who may not see logs.
    pub(crate) rows: Option<Vec<ParkedRow>>,
    /// That there are more.
    pub(crate) more: Option<String>,
}

/// A parked record.
pub(crate) struct ParkedRow {
    pub(crate) object: &'static str,
    pub(crate) erp_id: String,
    pub(crate) path: String,
    pub(crate) reason: String,
    pub(crate) since: When,
}

pub(super) fn parked_list(parked: &[Parked], reader: &Reader<'_>) -> ParkedList {
    let shown = &parked[..parked.len().min(PARKED)];
    let is_more = parked.len() > PARKED;
    let n = u64::try_from(shown.len()).unwrap_or_default();
    let may = reader.may(Permission::LogsView);
    let count = reader.number(n);
    ParkedList {
        count: if is_more { format!("{count}+") } else { count },
        summary: reader.phrases().waiting_records(n),
        is_empty: shown.is_empty(),
        rows: may.then(|| shown.iter().map(|p| parked_row(p, reader)).collect()),
        more: (is_more && may).then(|| reader.phrases().first_of_more(n)),
    }
}

fn parked_row(parked: &Parked, reader: &Reader<'_>) -> ParkedRow {
    ParkedRow {
        object: reader.phrases().object(parked.object),
        erp_id: parked.erp_id.to_string(),
        path: parked.path.clone(),
        reason: parked.reason.clone(),
        since: reader.when(parked.since),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, reader};
    use super::*;
    use domain::{ErpId, Object};
    use runtime::{Language, Role};

    fn many(n: u64) -> Vec<Parked> {
        let one = |i| Parked {
            object: Object::Orders,
            erp_id: ErpId::new(i),
            path: "product_list[0].amount".to_owned(),
            reason: "not a number".to_owned(),
            since: at(0),
        };
        (1..=n).map(one).collect()
    }

    #[test]
    fn the_list_ends_at_its_limit_and_says_that_there_are_more() {
        let list = parked_list(&many(51), &reader(Language::Sl, Role::Operator));
        assert_eq!((list.count.as_str(), list.rows.map(|r| r.len())), ("50+", Some(50)));
        assert_eq!(list.more.as_deref(), Some("Prikazanih je prvih 50; jih je še več."));
        let list = parked_list(&many(3), &reader(Language::Sl, Role::Operator));
        assert_eq!((list.summary.as_str(), list.more), ("3 zapisi čakajo na človeka", None));
    }

    #[test]
    fn who_may_not_see_logs_sees_the_number_only() {
        let list = parked_list(&many(2), &reader(Language::En, Role::Salesperson));
        assert!(list.rows.is_none() && !list.is_empty);
        assert_eq!(list.count, "2");
    }
}
