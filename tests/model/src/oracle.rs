//! What must be true when everything is quiet, judged from the ERP's and the CRM's own records.

use domain::fields::owner;
use domain::{ErpId, Fields, Owner, Rule};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use sync::twoway::{Entry, pending};

use crate::world::{Event, World};

/// What went wrong, by promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaches {
    /// Edits that are nowhere and of which nobody was told.
    pub lost: u64,
    /// Records of one side that exist twice on the other.
    pub duplicated: u64,
    /// Values of another tenant, or of another record.
    pub crossed: u64,
    /// Sides that are not equal although nothing waits.
    pub diverged: u64,
    /// Deletions that nobody asked for or let pass.
    pub false_deletes: u64,
    /// Writes when there is nothing to do.
    pub writes_when_quiet: u64,
}

impl Breaches {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Adds those of another schedule.
    pub fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.crossed += other.crossed;
        self.diverged += other.diverged;
        self.false_deletes += other.false_deletes;
        self.writes_when_quiet += other.writes_when_quiet;
    }
}

/// Breaches, and a line for each.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many.
    pub breaches: Breaches,
    /// What each is.
    pub lines: Vec<String>,
}

impl Found {
    fn hit(&mut self, of: fn(&mut Breaches) -> &mut u64, n: u64, line: impl FnOnce() -> String) {
        *of(&mut self.breaches) += n;
        if n > 0 {
            self.lines.push(line());
        }
    }
}

/// The ERP's form of a value, as the model's ERP makes it.
fn cents(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(Value::String(price)) = value.get_mut("price")
        && let Some((whole, rest)) = price.split_once('.')
    {
        *price = format!("{whole}.{}", &rest[..rest.len().min(2)]);
    }
    value.to_string()
}

/// Judges a schedule whose events have all happened.
pub fn judge(world: &mut World) -> Found {
    let mut found = Found::default();
    for t in 0..world.tenants.len() {
        equal(world, t, &mut found);
        once(world, t, &mut found);
        edits(world, t, &mut found);
        deletions(world, t, &mut found);
        apart(world, t, &mut found);
    }
    let told = world.tenants.iter().map(|t| t.table.log.len()).collect::<Vec<_>>();
    found.breaches.writes_when_quiet = quiet(world);
    for (t, before) in told.into_iter().enumerate() {
        for (id, change) in &world.tenants[t].table.log[before..] {
            let line = format!("told when all was quiet: {change:?} {:?}", world.tenants[t].table.rows.get(id));
            found.lines.push(line);
        }
    }
    found
}

fn waits(entry: &Entry) -> bool {
    entry.hold.is_some() || entry.archived_at.is_some() || entry.crm_deleted_at.is_some()
}

/// Its partner waits for a person, so it does too.
fn waits_for_parent(world: &World, t: usize, entry: &Entry) -> bool {
    let parent = entry.crm.get("partner").and_then(|p| p.get("crm_id")).and_then(Value::as_str);
    let table = &world.tenants[t].table;
    entry.erp_id.is_none()
        && parent.and_then(|p| table.by_crm.get(p)).and_then(|p| table.rows.get(p)).is_some_and(waits)
}

/// Both sides hold what the row says, and nothing is left to do.
fn equal(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    for entry in tenant.table.rows.values() {
        if waits(entry) || waits_for_parent(world, t, entry) {
            continue;
        }
        if entry.due.is_some() || entry.intent.is_some() || entry.erp_id.is_none() || !pending(entry).is_empty() {
            found.hit(|b| &mut b.diverged, 1, || format!("left undone: {entry:?}"));
            continue;
        }
        let Some(doc) = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id)) else {
            found.hit(|b| &mut b.diverged, 1, || format!("its ERP record was never there: {entry:?}"));
            continue;
        };
        // Gone by a user, and not yet proven: the guard asks, or the sweeps are not an hour apart.
        if !doc.gone && entry.in_crm_names(&doc.fields) != entry.erp {
            found.hit(|b| &mut b.diverged, 1, || format!("the row is not what the ERP has: {entry:?}\n  ERP: {doc:?}"));
        }
        let equal = |piece: &str| {
            entry.conflicts.contains_key(piece)
                || piece == "partner"
                || owner(entry.id.object(), piece) != Owner::Both
                || match (entry.crm.get(piece), entry.erp.get(piece)) {
                    (Some(a), Some(b)) => cents(a) == cents(b),
                    (None, None) => true,
                    _ => false,
                }
        };
        if !doc.gone && entry.crm.iter().chain(entry.erp.iter()).any(|(p, _)| !equal(p)) {
            found.hit(|b| &mut b.diverged, 1, || format!("the sides differ: {entry:?}\n  ERP: {doc:?}"));
        }
        if let Some(record) = entry.crm_id.as_ref().and_then(|c| tenant.crm.records.get(c)) {
            let (mut told, mut has) = (entry.crm.clone(), record.fields.clone());
            told.retain(|p| p != "partner");
            has.retain(|p| p != "partner");
            found.hit(
                |b| &mut b.diverged,
                u64::from(told != has && !record.deleted),
                || format!("the CRM has something else than it was told: {entry:?}\n  CRM: {record:?}"),
            );
        } else {
            found.hit(|b| &mut b.diverged, 1, || format!("the CRM has no such record: {entry:?}"));
        }
    }
}

/// One ERP record for each of the CRM's, and one of the CRM's for each of the ERP's.
fn once(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    // One that a user of the ERP deleted before we knew of it is made again.
    for doc in tenant.erp.docs.values().filter(|d| !d.gone_by_user) {
        if let Some(crm_id) = &doc.made_for {
            *made.entry(crm_id).or_default() += 1;
        }
    }
    found.hit(
        |b| &mut b.duplicated,
        made.values().map(|n| n.saturating_sub(1)).sum::<u64>(),
        || format!("made more than once: {made:?}"),
    );
    let mut linked: BTreeSet<ErpId> = BTreeSet::new();
    for entry in tenant.table.rows.values() {
        found.hit(
            |b| &mut b.duplicated,
            entry.erp_id.map_or(0, |id| u64::from(!linked.insert(id))),
            || format!("two rows for one ERP record: {entry:?}"),
        );
    }
    // A tax number that the CRM has once and the ERP has twice was made by us beside what was there.
    let mut taxes: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    for doc in tenant.erp.docs.values().filter(|d| !d.gone) {
        if let Some(tax) = doc.fields.get("tax").and_then(|t| t.get("tax_number")) {
            let of = taxes.entry(tax.to_string()).or_default();
            *of = (of.0 + 1, of.1 | doc.made_for.is_some());
        }
    }
    found.hit(
        |b| &mut b.duplicated,
        raced_aside(world, t, &taxes),
        || "one customer made beside the one that was there".to_owned(),
    );
    let known: BTreeSet<&String> = tenant.table.by_crm.keys().collect();
    found.hit(
        |b| &mut b.lost,
        tenant.crm.records.iter().filter(|(id, r)| !known.contains(id) && !r.deleted).count() as u64,
        || "a record of the CRM never arrived".to_owned(),
    );
    for (crm_id, id) in &tenant.table.by_crm {
        let Some(entry) = tenant.table.rows.get(&tenant.table.present(*id)) else {
            found.hit(|b| &mut b.lost, 1, || format!("the row of {crm_id} is gone"));
            continue;
        };
        if entry.crm_id.as_ref() != Some(crm_id) && entry.crm_deleted_at.is_none() {
            found.hit(
                |b| &mut b.duplicated,
                1,
                || format!("{crm_id} and another record of the CRM are one row: {entry:?}"),
            );
        }
    }
    let rows: BTreeSet<ErpId> = tenant.table.rows.values().filter_map(|e| e.erp_id).collect();
    let orphan = |(id, d): &(&ErpId, &crate::erp::Doc)| {
        let row = d.made_for.as_ref().and_then(|c| tenant.table.by_crm.get(c)).and_then(|r| tenant.table.rows.get(r));
        d.made_for.is_some()
            && !d.gone
            && !rows.contains(id)
            && row.is_some_and(|r| r.hold.is_none() && r.crm_deleted_at.is_none())
    };
    found.hit(
        |b| &mut b.lost,
        tenant.erp.docs.iter().filter(orphan).count() as u64,
        || "a record that we made is linked with nothing".to_owned(),
    );
}

/// The same customer made on both sides at once: only a search before the first send can see it, and only what was
/// there long enough to be found. What was made in the very same minutes is told to people by the duplicate sweep.
fn raced_aside(world: &World, t: usize, taxes: &BTreeMap<String, (u64, bool)>) -> u64 {
    let twice = taxes.values().filter(|(n, ours)| *n > 1 && *ours).count() as u64;
    if twice == 0 { 0 } else { twice.saturating_sub(world.tenants[t].raced) }
}

/// The last value of each piece that somebody gave is there, or was decided about, or waits for a person.
fn edits(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let mut last: BTreeMap<(domain::RecordId, String), Vec<String>> = BTreeMap::new();
    for edit in &tenant.crm_edits {
        let Some(id) = tenant.table.by_crm.get(&edit.crm_id) else { continue };
        let named =
            tenant.table.rows.get(id).map_or(edit.piece.as_str(), |e| {
                e.aliases.get(&edit.piece).map_or(edit.piece.as_str(), String::as_str)
            });
        last.entry((*id, named.to_owned())).or_default().push(cents(&edit.value));
    }
    for edit in &tenant.erp_edits {
        let Some(entry) = tenant.table.rows.values().find(|e| e.erp_id == Some(edit.erp_id)) else { continue };
        let piece = entry.aliases.get(&edit.piece).unwrap_or(&edit.piece).clone();
        last.entry((entry.id, piece)).or_default().push(cents(&edit.value));
    }
    for ((id, piece), values) in last {
        let Some(entry) = tenant.table.rows.get(&id) else { continue };
        if waits(entry) || waits_for_parent(world, t, entry) || entry.conflicts.contains_key(&piece) {
            continue;
        }
        // What lost by a rule is in the history, with the value.
        let lost_by_rule = |value: &str| {
            tenant.table.log.iter().any(|(r, c)| {
                let loser = c.decided.get(&piece).and_then(|(_, loser)| loser.as_ref());
                tenant.table.present(*r) == id && loser.is_some_and(|l| cents(l) == value)
            })
        };
        let has = |f: &Fields| f.get(&piece).map(cents).unwrap_or_default();
        // Changed in the ERP after we had read it and before our write arrived: counted, the ERP cannot refuse it.
        let erp_piece = entry.erp_name(&piece).to_owned();
        if entry.erp_id.is_some_and(|id| tenant.erp.overwritten.contains(&(id, erp_piece.clone()))) {
            continue;
        }
        let lasts = last_of_each(world, t, entry, &piece);
        let given = |f: &Fields| values.contains(&has(f)) || lasts.iter().all(|v| lost_by_rule(v));
        if !given(&entry.crm) || !given(&entry.erp) {
            found.hit(|b| &mut b.lost, 1, || format!("{piece} has a value that nobody gave, of {values:?}: {entry:?}"));
            continue;
        }
        // A rule that always takes one side never loses that side's last word, unless the other spoke after it.
        let crm_last =
            tenant.crm_edits.iter().rev().find(|e| tenant.table.by_crm.get(&e.crm_id) == Some(&id) && e.piece == piece);
        let erp_touched = tenant
            .erp_edits
            .iter()
            .any(|e| entry.erp_id == Some(e.erp_id) && entry.aliases.get(&e.piece).unwrap_or(&e.piece) == &piece);
        if let Some(edit) = crm_last
            && !erp_touched
            && !lost_by_rule(&cents(&edit.value))
            && cents(&edit.value) != has(&entry.crm)
        {
            found.hit(|b| &mut b.lost, 1, || format!("the CRM's last {piece} is lost: {edit:?} {entry:?}"));
        }
        let erp_last = tenant
            .erp_edits
            .iter()
            .rev()
            .find(|e| entry.erp_id == Some(e.erp_id) && entry.aliases.get(&e.piece).unwrap_or(&e.piece) == &piece);
        let rule = tenant.settings.rule(&piece);
        if let Some(edit) = erp_last
            && crm_last.is_none()
            && rule != Rule::Park
            && !lost_by_rule(&cents(&edit.value))
            && !tenant.erp.overwritten.contains(&(edit.erp_id, edit.piece.clone()))
            && cents(&edit.value) != has(&entry.erp)
        {
            found.hit(|b| &mut b.lost, 1, || format!("the ERP's last {piece} is lost: {edit:?} {entry:?}"));
        }
    }
}

/// The last value that each side's users gave a piece.
fn last_of_each(world: &World, t: usize, entry: &Entry, piece: &str) -> Vec<String> {
    let tenant = &world.tenants[t];
    let crm = tenant
        .crm_edits
        .iter()
        .rev()
        .find(|e| tenant.table.by_crm.get(&e.crm_id) == Some(&entry.id) && e.piece == piece);
    let erp = tenant.erp_edits.iter().rev().find(|e| {
        entry.erp_id == Some(e.erp_id) && entry.aliases.get(&e.piece).map_or(e.piece.as_str(), String::as_str) == piece
    });
    crm.map(|e| cents(&e.value)).into_iter().chain(erp.map(|e| cents(&e.value))).collect()
}

/// Nothing is deleted or archived but what somebody deleted.
fn deletions(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    for entry in tenant.table.rows.values() {
        let doc = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id));
        if entry.archived_at.is_some() && doc.is_some_and(|d| !d.gone) {
            found.hit(|b| &mut b.false_deletes, 1, || format!("archived, and the ERP has it: {entry:?}"));
        }
    }
    let by_us = tenant.erp.docs.values().filter(|d| d.gone && !d.gone_by_user).count() as u64;
    let asked = tenant.table.rows.values().filter(|e| e.crm_deleted_at.is_some()).count() as u64;
    found.hit(
        |b| &mut b.false_deletes,
        by_us.saturating_sub(asked),
        || "more was deleted in the ERP than the CRM deleted".to_owned(),
    );
    found.hit(|b| &mut b.false_deletes, u64::from(tenant.released >= 1_000), || "a mass deletion passed".to_owned());
}

/// No value names the other tenant.
fn apart(world: &World, t: usize, found: &mut Found) {
    let other = format!("\"t{} ", 1 - t);
    let texts = |f: &Fields| f.iter().map(|(_, v)| v.to_string()).collect::<Vec<_>>();
    let tenant = &world.tenants[t];
    for entry in tenant.table.rows.values() {
        let wrong = [&entry.crm, &entry.erp].into_iter().any(|f| texts(f).iter().any(|v| v.starts_with(&other)));
        found.hit(|b| &mut b.crossed, u64::from(wrong), || format!("a value of another tenant: {entry:?}"));
    }
    let mine: BTreeSet<_> = tenant.table.rows.values().filter(|e| e.erp_id.is_some()).map(|e| e.id).collect();
    let theirs: BTreeSet<_> =
        world.tenants[1 - t].table.rows.values().filter(|e| e.erp_id.is_some()).map(|e| e.id).collect();
    found.hit(|b| &mut b.crossed, mine.intersection(&theirs).count() as u64, || "a row of both tenants".to_owned());
    // Linked with a record that was made for another one.
    for entry in tenant.table.rows.values() {
        let made_for = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id)).and_then(|d| d.made_for.clone());
        // What was made for a record that the CRM deleted meanwhile is the ERP's own from then on.
        let is_kept = |m: &String| tenant.crm.records.get(m).is_some_and(|r| !r.deleted);
        let wrong = made_for.filter(is_kept).is_some_and(|m| entry.crm_id.as_ref().is_some_and(|c| *c != m));
        found.hit(
            |b| &mut b.crossed,
            u64::from(wrong),
            || format!("linked with a record that was made for another: {entry:?}"),
        );
    }
}

/// Looks at everything once more: nothing may be written on either side.
fn quiet(world: &mut World) -> u64 {
    let before = (world.sends, world.tenants.iter().map(|t| t.table.feed.len()).sum::<usize>());
    for round in 0..2 {
        for t in 0..world.tenants.len() {
            let now = crate::world::at(world.now);
            for entry in world.tenants[t].table.rows.values_mut() {
                if entry.hold.is_none()
                    && entry.archived_at.is_none()
                    && entry.crm_deleted_at.is_none()
                    && entry.intent.is_none()
                {
                    entry.due = Some(now);
                }
            }
        }
        let now = world.now + 1_000 + round;
        world.settled = true;
        for w in 0..3 {
            world.queue(now, Event::Worker(w));
        }
        world.run();
    }
    let after = (world.sends, world.tenants.iter().map(|t| t.table.feed.len()).sum::<usize>());
    (after.0 - before.0) + (after.1 - before.1) as u64
}
