//! Webhooks: who is told, with what signature, how often; the queue and the attempts.
//!
//! Times are the simulated clock's. The queue decides what is due; `pump` sends it.

pub(crate) mod pump;

use crate::model::Id;
use crate::state::company::Company;
use crate::wire::stock::event_body;
use base64::Engine as _;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// The one event that the ERP documents.
pub(crate) const STOCK_EVENT: &str = "warehouse_product_stock_update";
/// Tries in all.
const TRIES: u32 = 3;
/// Between tries.
const BETWEEN: SignedDuration = SignedDuration::from_secs(60);
/// How many attempts are remembered.
const KEPT: usize = 20_000;

/// A receiver of events.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) password: Option<String>,
    /// "Respond status ok json": the answer must be the required JSON.
    #[serde(default)]
    pub(crate) require_ok: bool,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("url", &self.url).field("require_ok", &self.require_ok).finish_non_exhaustive()
    }
}

/// Whether an address is this machine; events go nowhere else.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// base64(HMAC-SHA1(secret, body)).
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// One event on its way to one receiver.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    pub(crate) company: String,
    pub(crate) hook: Webhook,
    pub(crate) product: Id,
    pub(crate) body: Bytes,
    pub(crate) signature: String,
    pub(crate) attempt: u32,
    pub(crate) planned: Timestamp,
    order: u64,
}

/// What became of one try.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Attempt {
    pub(crate) id: String,
    pub(crate) company: String,
    pub(crate) url: String,
    pub(crate) product: String,
    /// 1 to 3.
    #[serde(rename = "attempt")]
    pub(crate) number: u32,
    pub(crate) planned: Timestamp,
    pub(crate) at: Timestamp,
    /// `ok`, `refused: ...`, `lost`, `given up`.
    pub(crate) outcome: String,
}

/// What is to be sent and what was.
#[derive(Debug)]
pub(crate) struct HookQueue {
    waiting: BTreeMap<(Timestamp, u64), Delivery>,
    next_id: u64,
    next_order: u64,
    pub(crate) in_flight: usize,
    pub(crate) attempts: VecDeque<Attempt>,
    rng: ChaCha8Rng,
}

impl HookQueue {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            waiting: BTreeMap::new(),
            next_id: 71_538_876,
            next_order: 0,
            in_flight: 0,
            attempts: VecDeque::new(),
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0x003e_b400),
        }
    }

    /// Queues the stock event of each product for each receiver of the company.
    pub(crate) fn enqueue(&mut self, company: &Company, products: &BTreeSet<Id>, now: Timestamp) {
        let faults = &company.settings.webhook_faults;
        for product in products.iter().filter_map(|id| company.products.get(id)) {
            let body = Bytes::from(event_body(company, product));
            for hook in &company.webhooks {
                let mut signature = sign(&hook.secret, &body);
                if self.falls(faults.wrong_signature) {
                    signature = sign("not the secret", &body);
                }
                let delay = match faults.delay_max_seconds {
                    0 => 0,
                    max => self.rng.random_range(0..=i64::from(max)),
                };
                self.next_id += 1;
                self.next_order += 10;
                let delivery = Delivery {
                    id: self.next_id,
                    company: company.id.clone(),
                    hook: hook.clone(),
                    product: product.mk_id,
                    body: body.clone(),
                    signature,
                    attempt: 1,
                    planned: now.saturating_add(SignedDuration::from_secs(delay)).unwrap_or(now),
                    // A reordered event goes behind the one that comes next.
                    order: self.next_order + if self.falls(faults.reorder) { 15 } else { 0 },
                };
                if self.falls(faults.lose) {
                    self.note(&delivery, now, "lost".to_owned());
                    continue;
                }
                if self.falls(faults.duplicate) {
                    self.push(Delivery { order: delivery.order + 1, ..delivery.clone() });
                }
                self.push(delivery);
            }
        }
    }

    fn falls(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.rng.random_bool(probability.clamp(0.0, 1.0))
    }

    fn push(&mut self, delivery: Delivery) {
        self.waiting.insert((delivery.planned, delivery.order), delivery);
    }

    /// Takes out what is due, those companies aside that `paused` names.
    pub(crate) fn take_due(&mut self, now: Timestamp, paused: impl Fn(&str) -> bool) -> Vec<Delivery> {
        let due: Vec<(Timestamp, u64)> = self
            .waiting
            .range(..=(now, u64::MAX))
            .filter(|(_, delivery)| !paused(&delivery.company))
            .map(|(key, _)| *key)
            .collect();
        let taken: Vec<Delivery> = due.iter().filter_map(|key| self.waiting.remove(key)).collect();
        self.in_flight += taken.len();
        taken
    }

    /// How many are due, those companies aside that `paused` names.
    pub(crate) fn due(&self, now: Timestamp, paused: impl Fn(&str) -> bool) -> usize {
        self.waiting.range(..=(now, u64::MAX)).filter(|(_, delivery)| !paused(&delivery.company)).count()
    }

    /// How many wait; of those, how many are due.
    pub(crate) fn waiting(&self, now: Timestamp) -> (usize, usize) {
        (self.waiting.len(), self.waiting.range(..=(now, u64::MAX)).count())
    }

    /// Notes how a try ended and plans the next one after a failure.
    pub(crate) fn finish(&mut self, mut delivery: Delivery, now: Timestamp, result: Result<(), String>) {
        self.in_flight -= 1;
        match result {
            Ok(()) => self.note(&delivery, now, "ok".to_owned()),
            Err(why) => {
                self.note(&delivery, now, format!("refused: {why}"));
                if delivery.attempt < TRIES {
                    delivery.attempt += 1;
                    delivery.planned = delivery.planned.saturating_add(BETWEEN).unwrap_or(now);
                    self.push(delivery);
                } else {
                    self.note(&delivery, now, "given up".to_owned());
                }
            }
        }
    }

    fn note(&mut self, delivery: &Delivery, at: Timestamp, outcome: String) {
        if self.attempts.len() == KEPT {
            self.attempts.pop_front();
        }
        self.attempts.push_back(Attempt {
            id: delivery.id.to_string(),
            company: delivery.company.clone(),
            url: delivery.hook.url.clone(),
            product: delivery.product.to_string(),
            number: delivery.attempt,
            planned: delivery.planned,
            at,
            outcome,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha1_in_base64() {
        // The well-known test vector of RFC 2202 in another alphabet.
        let signature = sign("Jefe", b"what do ya want for nothing?");
        assert_eq!(signature, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn events_go_to_this_machine_only() {
        assert!(is_loopback("http://127.0.0.1:9000/w/1"));
        assert!(is_loopback("http://[::1]:9000/w/1"));
        assert!(is_loopback("http://localhost/w/1"));
        assert!(!is_loopback("http://example.com/"));
        assert!(!is_loopback("http://10.0.0.1/"));
        assert!(!is_loopback("no url"));
    }
}
