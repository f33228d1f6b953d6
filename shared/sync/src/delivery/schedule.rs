//! When a failed send is tried again.

use jiff::{SignedDuration, Timestamp};

/// The waits between the attempts of an event, in seconds: three days and some hours in all.
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How often an event is tried before it is given up.
pub const ATTEMPTS: u32 = 10;

/// The longest wait that an endpoint may ask for.
pub const LONGEST_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The wait after so many attempts; after the last one of the schedule, the longest. `jitter`, of thousandths, makes it
/// up to a tenth longer, so that events that failed together do not come together.
pub fn delay(attempts: u32, jitter: u16) -> SignedDuration {
    let n = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    let millis = WAITS[n] * 1_000;
    SignedDuration::from_millis(millis + millis * i64::from(jitter.min(1_000)) / 10_000)
}

/// The wait that a `Retry-After` asks for: seconds, or a date. Nothing when it is neither, or past.
pub fn retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    wait.is_positive().then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_ten_times_over_three_days() {
        let waits: Vec<i64> = (1..ATTEMPTS).map(|n| delay(n, 0).as_secs()).collect();
        assert_eq!(waits, WAITS);
        assert!((72 * 3_600..80 * 3_600).contains(&waits.iter().sum::<i64>()));
        assert_eq!(delay(99, 0), delay(9, 0));
        assert_eq!(delay(2, 1_000), SignedDuration::from_secs(330));
        assert_eq!(delay(2, u16::MAX), delay(2, 1_000));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().expect("a time");
        for (text, wait) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Tue, 24 Nov 2026 08:05:00 GMT", Some(300)),
            ("Tue, 24 Nov 2026 07:05:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(retry_after(text, now).map(|w| w.as_secs()), wait, "{text}");
        }
    }
}
