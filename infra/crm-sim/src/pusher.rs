//! Sends what the product does not have yet.
//!
//! Decides what goes alone and what goes with others. Each request is tried once in a step; what has no known outcome
//! waits for a later one. No lock is held while a request is under way: people go on editing.

use crate::books::{Ended, Reply};
use crate::clock::moment;
use crate::fault::PushFault;
use crate::journal::What;
use crate::record::{Ask, Asked, Shot};
use crate::sim::{Inner, hold};
use crate::wire::{BulkAnswer, BulkItem, Object};
use serde::Serialize;
use serde_json::{Value, json};

/// The most items of one bulk request.
const BULK: usize = 100;

/// The most bytes of one bulk request; the product takes 256 KiB.
const BULK_BYTES: usize = 192 * 1024;

/// The most records of an object type in one step.
const STEP: usize = 500;

/// What one step of the pusher did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PushReport {
    /// Records that something was sent or asked about.
    pub records: usize,
    /// Of these, those that the product took.
    pub taken: usize,
    /// Those that it refused.
    pub refused: usize,
    /// Those whose outcome is not known.
    pub unknown: usize,
}

impl PushReport {
    fn count(&mut self, ended: Ended) {
        self.records += 1;
        match ended {
            Ended::Taken => self.taken += 1,
            Ended::Refused => self.refused += 1,
            Ended::Unknown => self.unknown += 1,
        }
    }
}

/// One step: everything whose time has come, each once.
pub(crate) async fn push(sim: &Inner) -> PushReport {
    let _turn = sim.pushing.lock().await;
    let shots = hold(&sim.books).due(moment(), STEP);
    let mut report = PushReport::default();
    for object in Object::ALL {
        let of_object = shots.iter().filter(|shot| shot.object == object);
        let (alone, together): (Vec<&Shot>, Vec<&Shot>) = of_object.partition(|shot| shot.alone);
        let (alone, together) = if together.len() < sim.config.bulk_from {
            ([alone, together].concat(), Vec::new())
        } else {
            (alone, together)
        };
        for shot in alone {
            report.count(one(sim, shot).await);
        }
        for chunk in chunks(together) {
            many(sim, object, &chunk, &mut report).await;
        }
    }
    report
}

async fn one(sim: &Inner, shot: &Shot) -> Ended {
    let fault = hold(&sim.faults).next_push();
    let (object, crm_id) = (shot.object, shot.crm_id.as_str());
    let reply = through(fault, async || match &shot.ask {
        Ask::Put(Asked { put, revision }) => sim.client.put(object, crm_id, *revision, put).await,
        Ask::Delete => sim.client.delete(object, crm_id).await,
        Ask::Look => sim.client.get(object, crm_id).await,
    })
    .await;
    let outcome = in_words(&reply, |answer| format!("taken at {}", answer.revision));
    let (what, body) = match &shot.ask {
        Ask::Put(Asked { put, revision }) => (What::Put, json!({ "if_match": revision, "body": put })),
        Ask::Delete => (What::Delete, Value::Null),
        Ask::Look => (What::Get, Value::Null),
    };
    sim.enter(what, Some(object), Some(crm_id), body, outcome);
    hold(&sim.books).ended(shot, reply, moment())
}

async fn many(sim: &Inner, object: Object, shots: &[&Shot], report: &mut PushReport) {
    let items: Vec<BulkItem> = shots.iter().map(|shot| item(shot)).collect();
    let fault = hold(&sim.faults).next_push();
    let reply = through(fault, async || sim.client.bulk(object, &items).await).await;
    let outcome = in_words(&reply, |answer| {
        let results = answer.results.iter().map(|r| format!("{}: {}", r.crm_id, r.status));
        format!("taken; {}", results.collect::<Vec<_>>().join(", "))
    });
    sim.enter(What::Bulk, Some(object), None, json!({ "items": items }), outcome);
    let mut books = hold(&sim.books);
    for (n, shot) in shots.iter().enumerate() {
        let ended = match &reply {
            Reply::Taken(BulkAnswer { results }) => match results.get(n).filter(|r| r.crm_id == shot.crm_id) {
                Some(result) => books.ended_in_bulk(shot, result, moment()),
                None => books.ended(shot, Reply::Unknown("the answer says nothing of it".to_owned()), moment()),
            },
            // What the whole is refused for is not the record's fault alone; sent alone it is judged alone.
            Reply::Refused(problem) => {
                let why = format!("with others: {} {}", problem.status, problem.code);
                books.ended_with_others(shot, &why, moment())
            }
            Reply::Unknown(why) => books.ended(shot, Reply::Unknown(why.clone()), moment()),
        };
        report.count(ended);
    }
}

/// A request under a fault.
async fn through<T>(fault: PushFault, send: impl AsyncFnOnce() -> Reply<T>) -> Reply<T> {
    if fault.is_lost_before {
        return Reply::Unknown("lost before it was sent".to_owned());
    }
    let reply = send().await;
    if let Some(wait) = fault.wait {
        tokio::time::sleep(wait).await;
    }
    if fault.is_answer_lost { Reply::Unknown("its answer was lost".to_owned()) } else { reply }
}

fn in_words<T>(reply: &Reply<T>, taken: impl FnOnce(&T) -> String) -> String {
    match reply {
        Reply::Taken(answer) => taken(answer),
        Reply::Refused(problem) => format!("refused: {} {} {}", problem.status, problem.code, problem.text),
        Reply::Unknown(why) => format!("unknown: {why}"),
    }
}

fn item(shot: &Shot) -> BulkItem {
    let crm_id = shot.crm_id.clone();
    match &shot.ask {
        Ask::Put(Asked { put, revision }) => BulkItem {
            crm_id,
            fields: Some(put.fields.clone()),
            revision: *revision,
            record: put.record.clone(),
            edited_at: put.edited_at,
            delete: false,
        },
        Ask::Delete | Ask::Look => BulkItem { crm_id, delete: true, ..BulkItem::default() },
    }
}

/// Requests in the sizes that the product takes.
fn chunks(shots: Vec<&Shot>) -> Vec<Vec<&Shot>> {
    let (mut chunks, mut bytes): (Vec<Vec<&Shot>>, usize) = (Vec::new(), 0);
    for shot in shots {
        let size = match &shot.ask {
            Ask::Put(Asked { put, .. }) => serde_json::to_vec(put).map_or(0, |json| json.len()),
            Ask::Delete | Ask::Look => 0,
        } + 200;
        match chunks.last_mut() {
            Some(last) if last.len() < BULK && bytes + size <= BULK_BYTES => {
                last.push(shot);
                bytes += size;
            }
            _ => {
                chunks.push(vec![shot]);
                bytes = size;
            }
        }
    }
    chunks
}
