//! When an object type is read next, as far as the schedule knows. It says; the planner in `sync` decides.

use domain::Object;
use jiff::{SignedDuration, Timestamp};
use sync::Cursor;

/// When something happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Next {
    /// The next tick of the schedule takes it.
    Now,
    /// Not before this time.
    At(Timestamp),
    /// The schedule leaves it out.
    Never,
}

/// When an object type is due that is looked at every `every_s` and read whole every `full_every_s` seconds.
pub(super) fn next(object: Object, cursor: Option<&Cursor>, every_s: u32, full_every_s: u32, now: Timestamp) -> Next {
    let cursor = cursor.copied().unwrap_or_default();
    let after = |last: Option<Timestamp>, seconds: u32| {
        let at = last?.saturating_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX);
        (at > now).then_some(at)
    };
    let Some(full) = after(cursor.full_at, full_every_s) else { return Next::Now };
    // The ERP has no list of changed products and stock: only a full read finds them.
    if matches!(object, Object::Products | Object::Stock) {
        return Next::At(full);
    }
    after(cursor.changes_at, every_s).map_or(Next::Now, |changes| Next::At(changes.min(full)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    #[test]
    fn what_is_due_first_counts_and_what_was_never_read_is_due_now() {
        let cursor = |full: i64, changes: i64| Cursor {
            full_at: Some(at(full)),
            changes_at: Some(at(changes)),
            ..Cursor::default()
        };
        for (object, cursor, now, expected) in [
            (Object::Orders, None, 0, Next::Now),
            (Object::Orders, Some(cursor(0, 0)), 100, Next::At(at(900))),
            (Object::Orders, Some(cursor(0, 3_000)), 3_100, Next::At(at(3_600))),
            (Object::Orders, Some(cursor(0, 0)), 900, Next::Now),
            (Object::Products, Some(cursor(0, 0)), 900, Next::At(at(3_600))),
            (Object::Products, Some(Cursor { full_at: Some(at(0)), ..Cursor::default() }), 10, Next::At(at(3_600))),
            (Object::Stock, Some(cursor(0, 0)), 3_600, Next::Now),
        ] {
            assert_eq!(next(object, cursor.as_ref(), 900, 3_600, at(now)), expected, "{object} at {now}");
        }
    }

    #[test]
    fn now_comes_before_any_time_and_never_comes_last() {
        assert!(Next::Now < Next::At(at(0)) && Next::At(Timestamp::MAX) < Next::Never);
    }
}
