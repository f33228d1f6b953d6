//! All records of the CRM, and how far it has followed the feed.
//!
//! Decides which record a change is about and that a record of the ERP has one record here, whatever comes twice or
//! out of order. Must not send anything.

use crate::record::{Ask, CrmRecord, Life, Outdated, Shot};
use crate::wire::{Answer, BulkResult, Change, Kind, Object, Pieces, Problem, Side};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A record by what it is and the CRM's id of it.
pub(crate) type Key = (Object, String);

/// Why something that a person asked of the CRM was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such record.
    Missing,
    /// What was asked cannot be, in words.
    Unfit(String),
}

/// What came of a request.
pub(crate) enum Reply<T> {
    /// The product answered.
    Taken(T),
    /// The product does not take it, now or ever.
    Refused(Problem),
    /// Whether it was done is not known.
    Unknown(String),
}

/// How a request ended for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Taken,
    Refused,
    Unknown,
}

/// The waits after a request whose outcome is not known: the first, and the longest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    pub(crate) first: Duration,
    pub(crate) most: Duration,
}

/// The records.
#[derive(Debug)]
pub(crate) struct Books {
    records: BTreeMap<Key, CrmRecord>,
    by_record: BTreeMap<String, Key>,
    pub(crate) cursor: Option<String>,
    prefix: String,
    next: u64,
    waits: Waits,
}

impl Books {
    pub(crate) fn new(prefix: &str, waits: Waits) -> Self {
        Self {
            records: BTreeMap::new(),
            by_record: BTreeMap::new(),
            cursor: None,
            prefix: prefix.to_owned(),
            next: 0,
            waits,
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &CrmRecord> {
        self.records.values()
    }

    pub(crate) fn get(&self, object: Object, crm_id: &str) -> Option<&CrmRecord> {
        self.records.get(&(object, crm_id.to_owned()))
    }

    /// An id that no record of this CRM has, nor had in an earlier life of it under another prefix.
    pub(crate) fn new_id(&mut self, object: Object) -> String {
        self.next += 1;
        let letter = &object.name()[..2];
        format!("{}-{letter}{}", self.prefix, self.next)
    }

    /// Somebody makes a record.
    pub(crate) fn create(
        &mut self,
        object: Object,
        crm_id: Option<String>,
        fields: Pieces,
        now: Timestamp,
    ) -> Result<String, Refused> {
        let crm_id = crm_id.unwrap_or_else(|| self.new_id(object));
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        if !(1..=64).contains(&crm_id.len()) || !crm_id.bytes().all(fits) {
            return Err(Refused::Unfit("an id is 1 to 64 letters, digits, '.', '_', ':' or '-'".to_owned()));
        }
        let key = (object, crm_id.clone());
        if self.records.contains_key(&key) {
            return Err(Refused::Unfit(format!("there is a record {crm_id} already")));
        }
        self.records.insert(key, CrmRecord::made(object, crm_id.clone(), fields, now));
        Ok(crm_id)
    }

    /// Somebody edits a record.
    pub(crate) fn edit(&mut self, key: &Key, pieces: Pieces, now: Timestamp) -> Result<(), Refused> {
        let record = self.records.get_mut(key).ok_or(Refused::Missing)?;
        if matches!(record.life, Life::Deleted | Life::Archived) {
            return Err(Refused::Unfit("the record is deleted or archived".to_owned()));
        }
        record.edit(pieces, now);
        Ok(())
    }

    /// Somebody deletes a record. One that is deleted stays so.
    pub(crate) fn delete(&mut self, key: &Key) -> Result<(), Refused> {
        let record = self.records.get_mut(key).ok_or(Refused::Missing)?;
        if record.life != Life::Deleted {
            record.delete();
        }
        Ok(())
    }

    /// Somebody wants what was refused to be sent again.
    pub(crate) fn try_again(&mut self, key: &Key) -> Result<(), Refused> {
        self.records.get_mut(key).ok_or(Refused::Missing)?.try_again();
        Ok(())
    }

    /// The requests whose time has come, in the order in which records refer to each other, at most `most` an object type.
    pub(crate) fn due(&mut self, now: Instant, most: usize) -> Vec<Shot> {
        let mut shots = Vec::new();
        for object in Object::ALL {
            let records = self.records.range_mut((object, String::new())..).take_while(|((o, _), _)| *o == object);
            let due = records.filter(|(_, record)| record.due(now).is_some_and(|due| due <= now));
            shots.extend(due.take(most).map(|(_, record)| record.shot()));
        }
        shots
    }

    /// When the next request is due, of those that are left.
    pub(crate) fn next_due(&self, now: Instant) -> Option<Instant> {
        self.all().filter_map(|record| record.due(now)).min()
    }

    /// How many records have something left to be sent.
    pub(crate) fn left(&self) -> usize {
        self.all().filter(|record| record.is_waiting()).count()
    }

    /// What came of a request about one record.
    pub(crate) fn ended(&mut self, shot: &Shot, reply: Reply<Answer>, now: Instant) -> Ended {
        let key = (shot.object, shot.crm_id.clone());
        let Some(record) = self.records.get_mut(&key) else { return Ended::Taken };
        let reply = match reply {
            Reply::Taken(answer) if matches!(shot.ask, Ask::Delete) => {
                let id = answer.record.clone();
                record.deleted_there(Some(answer.revision), Some(answer.record), answer.erp_id);
                record.sync = answer.sync;
                Ok(Some(id))
            }
            Reply::Taken(answer) => {
                let id = answer.record.clone();
                record.taken(shot, answer).map(|()| Some(id)).map_err(|Outdated| OUTDATED.to_owned())
            }
            Reply::Refused(problem) => return refused(record, shot, problem),
            Reply::Unknown(why) => Err(why),
        };
        self.settle(key, reply, now)
    }

    /// What came of one of many requests.
    pub(crate) fn ended_in_bulk(&mut self, shot: &Shot, result: &BulkResult, now: Instant) -> Ended {
        let key = (shot.object, shot.crm_id.clone());
        let Some(record) = self.records.get_mut(&key) else { return Ended::Taken };
        if !(200..300).contains(&result.status) {
            let refusal = result.problem();
            if refusal.is_passing {
                return self.settle(key, Err(format!("{} {}", refusal.problem.status, refusal.problem.code)), now);
            }
            return refused(record, shot, refusal.problem);
        }
        if matches!(shot.ask, Ask::Delete) {
            record.deleted_there(result.revision, result.record.clone(), None);
            return self.settle(key, Ok(result.record.clone()), now);
        }
        let taken = record.acknowledged(shot, result.status == 201, result.revision, result.record.clone());
        let taken = taken.map(|()| result.record.clone()).map_err(|Outdated| {
            record.part();
            OUTDATED.to_owned()
        });
        self.settle(key, taken, now)
    }

    /// Many requests were refused as a whole: this one is sent alone next time.
    pub(crate) fn ended_with_others(&mut self, shot: &Shot, why: &str, now: Instant) -> Ended {
        let key = (shot.object, shot.crm_id.clone());
        if let Some(record) = self.records.get_mut(&key) {
            record.part();
        }
        self.settle(key, Err(why.to_owned()), now)
    }

    fn settle(&mut self, key: Key, taken: Result<Option<String>, String>, now: Instant) -> Ended {
        match taken {
            Ok(id) => {
                if let Some(id) = id {
                    self.by_record.insert(id, key);
                }
                Ended::Taken
            }
            Err(why) => {
                if let Some(record) = self.records.get_mut(&key) {
                    record.unknown(&why, now, self.waits.first, self.waits.most);
                }
                Ended::Unknown
            }
        }
    }

    /// Takes one change of the feed; whether it was news. `is_ours` says that it came from a request of this CRM.
    pub(crate) fn hear(&mut self, change: &Change, is_ours: bool) -> bool {
        let Some(object) = Object::parse(&change.object) else { return false };
        let known = match &change.crm_id {
            Some(crm_id) => Some((object, crm_id.clone())),
            None => self.by_record.get(&change.record).cloned(),
        };
        let key = match known {
            Some(key) => key,
            None if is_new_here(change) => (object, format!("erp-{}", change.record)),
            None => return false,
        };
        self.forget_twin(&key, &change.record);
        let record = self.records.entry(key.clone()).or_insert_with(|| {
            let mut record = CrmRecord::new(object, key.1.clone());
            match (&change.crm_id, change.kind) {
                (None, _) => record.link(),
                (Some(_), Kind::Added) => {}
                // A record of an earlier life of this CRM: the feed tells what changed, not what it was.
                (Some(_), _) => record.look(),
            }
            record
        });
        let is_news = record.hear(change, is_ours);
        self.by_record.insert(change.record.clone(), key);
        is_news
    }

    /// Two of ours were thought to be this record. The one that only copied what the feed said gives way.
    fn forget_twin(&mut self, key: &Key, id: &str) {
        let twin = self.by_record.get(id).filter(|other| *other != key).cloned();
        if let Some(twin) = twin
            && self.records.get(&twin).is_some_and(CrmRecord::is_mere_copy)
        {
            self.records.remove(&twin);
        }
    }
}

const OUTDATED: &str = "the answer is older than what the feed told";

fn refused(record: &mut CrmRecord, shot: &Shot, problem: Problem) -> Ended {
    if matches!(shot.ask, Ask::Delete) && problem.status == 404 {
        record.deleted_there(None, None, None);
        return Ended::Taken;
    }
    record.refused(shot, problem);
    Ended::Refused
}

/// Whether a change shows a record of the ERP that the CRM has not seen.
fn is_new_here(change: &Change) -> bool {
    change.from == Side::Erp && matches!(change.kind, Kind::Added | Kind::Updated | Kind::Found | Kind::Linked)
}
