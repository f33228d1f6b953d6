//! Endpoints and deliveries as the API shows them.

use app::events::{Delivery, Endpoint, sign::PREFIX};
use domain::change::ChangeKind;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use store::DeliveryKey;
use sync::delivery::{Fate, Filter, Off};

use crate::contract::{self, DisabledReason, EventHealth, EventState, ObjectName};
use crate::twoway_view::kind;

/// An endpoint.
pub(crate) fn endpoint(endpoint: &Endpoint) -> contract::EventEndpoint {
    let (settings, progress) = (&endpoint.settings, &endpoint.progress);
    let health = match progress.failing_since() {
        None => EventHealth::Well,
        Some(_) if progress.is_down() => EventHealth::Down,
        Some(_) => EventHealth::Failing,
    };
    contract::EventEndpoint {
        id: contract::EventEndpointId(endpoint.id.to_string()),
        version: endpoint.version,
        url: settings.url.clone(),
        description: settings.description.clone(),
        filter: filter(&settings.filter),
        enabled: settings.off.is_none(),
        disabled_reason: settings.off.map(|off| match off.why {
            Off::Person => DisabledReason::Person,
            Off::Gone => DisabledReason::Gone,
            Off::Failing => DisabledReason::Failing,
        }),
        disabled_at: settings.off.map(|off| time(off.at)),
        health,
        failing_since: progress.failing_since().map(time),
        waiting: progress.waiting() as u64,
        next_attempt_at: progress.due().filter(|_| settings.off.is_none()).map(time),
        created_at: time(settings.created_at),
        updated_at: time(settings.updated_at),
    }
}

/// An endpoint and its secret, if it is to be shown.
pub(crate) fn with_secret(of: &Endpoint, secret: Option<&SecretString>) -> contract::SecretEndpoint {
    let secret = secret.map(|secret| format!("{PREFIX}{}", secret.expose_secret()));
    contract::SecretEndpoint { endpoint: endpoint(of), secret }
}

/// A delivery.
pub(crate) fn delivery(key: DeliveryKey, delivery: &Delivery) -> contract::EventDelivery {
    let (state, due) = match delivery.fate {
        Fate::Delivered => (EventState::Delivered, None),
        Fate::Waiting { due } => (EventState::Waiting, Some(due)),
        Fate::GivenUp => (EventState::GivenUp, None),
    };
    let attempts = delivery.attempts.iter().map(|attempt| contract::EventAttempt {
        at: time(attempt.at),
        status: attempt.status,
        code: attempt.code.clone(),
        duration_ms: attempt.ms,
    });
    contract::EventDelivery {
        id: delivery_id(key),
        message_id: delivery.message.clone(),
        event: delivery.event.clone(),
        record: delivery.record.map(|id| contract::RecordId(id.to_string())),
        state,
        next_attempt_at: due.map(time),
        attempts: attempts.collect(),
    }
}

/// The id of a delivery.
pub(crate) fn delivery_id(key: DeliveryKey) -> contract::DeliveryId {
    contract::DeliveryId(format!("dlv_{:014}_{}", key.at.as_millisecond(), key.number))
}

/// The delivery that an id names.
pub(crate) fn of_delivery_id(id: &str) -> Option<DeliveryKey> {
    let (at, number) = id.strip_prefix("dlv_")?.split_once('_')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    let key = DeliveryKey { at, number: number.parse().ok()? };
    (delivery_id(key).0 == id).then_some(key)
}

/// The filter that was sent.
pub(crate) fn of_filter(filter: &contract::EventFilter) -> Filter {
    let is_named = |k: &ChangeKind| filter.kinds.contains(&kind(*k));
    Filter {
        objects: filter.objects.iter().map(|name| name.0).collect(),
        kinds: ChangeKind::ALL.into_iter().filter(is_named).collect(),
    }
}

fn filter(filter: &Filter) -> contract::EventFilter {
    contract::EventFilter {
        objects: filter.objects.iter().copied().map(ObjectName).collect(),
        kinds: filter.kinds.iter().copied().map(kind).collect(),
    }
}

fn time(at: Timestamp) -> contract::Timestamp {
    contract::Timestamp(at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_delivery_leads_back_and_no_other_text_does() {
        let at = Timestamp::from_millisecond(1_790_000_000_000).expect("a time");
        let key = DeliveryKey { at, number: 42 };
        assert_eq!(delivery_id(key).0, "dlv_01790000000000_42");
        assert_eq!(of_delivery_id("dlv_01790000000000_42"), Some(key));
        for bad in
            ["dlv_1790000000000_42", "dlv_01790000000000_042", "dlv_01790000000000_", "01790000000000_42", "dlv_x_1"]
        {
            assert_eq!(of_delivery_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_filter_comes_back_as_it_was_sent() {
        for kinds in [vec![], ChangeKind::ALL.map(kind).to_vec()] {
            let objects = domain::Object::ALL.map(ObjectName).to_vec();
            let sent = contract::EventFilter { objects, kinds };
            assert_eq!(filter(&of_filter(&sent)), sent);
        }
    }
}
