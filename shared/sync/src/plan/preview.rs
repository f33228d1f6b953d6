//! Shows a record to the visit that would write it, up to the send, and puts what the visit wants into words.
//!
//! The visit is a value: stepping it writes nothing. Whatever it asks for is
//! answered from what was looked at.

use std::collections::BTreeMap;

use domain::change::FieldChange;
use domain::fields::owner;
use domain::{Direction, ErpId, ObjectSettings, Owner, RecordId, Rule, TenantId};
use jiff::Timestamp;
use serde_json::Value;

use super::Looked;
use super::item::{Action, Item};
use super::reason::Reason;
use crate::twoway::{
    Change, Effect, Ended, Entry, HoldReason, Input, Op, Probed, Side, Timing, Visit, Winner, pending,
};

/// A visit that wrote or joined something makes its row due at once; so many visits are followed.
const VISITS: usize = 3;
/// More effects than any visit has before its send.
const STEPS: usize = 16;

/// What a record's visit asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Row,
    Erp,
    Search,
}

/// What the visits of one record would do.
struct Preview {
    /// The row as they would leave it at the send, or at the end.
    entry: Entry,
    send: Option<Op>,
    linked: Option<ErpId>,
    tells: BTreeMap<String, FieldChange>,
    /// The rule by piece, and who won; `None` where a person must say.
    decided: BTreeMap<String, (Rule, Option<Winner>)>,
    ended: Ended,
    again: Option<Timestamp>,
    asked: Asked,
}

/// The previews of one plan. A record of the ERP that one record joins is taken for the next one.
pub(super) struct Previews<'a> {
    tenant: &'a TenantId,
    timing: Timing,
    now: Timestamp,
    joined: BTreeMap<RecordId, Entry>,
}

impl<'a> Previews<'a> {
    pub(super) const fn new(tenant: &'a TenantId, timing: Timing, now: Timestamp) -> Self {
        Self { tenant, timing, now, joined: BTreeMap::new() }
    }

    pub(super) fn item(&mut self, looked: &Looked, settings: &ObjectSettings) -> Item {
        let entry = &looked.entry;
        let mut item = Item {
            record: entry.id,
            crm_id: entry.crm_id.clone(),
            erp_id: entry.erp_id,
            entry_version: entry.version,
            action: Action::Nothing,
            tells: BTreeMap::new(),
            reasons: vec![Reason::Paused],
        };
        if settings.paused {
            return item;
        }
        let preview = self.follow(looked, settings);
        if preview.linked.is_some() {
            self.joined.insert(preview.entry.id, preview.entry.clone());
        }
        item.reasons = reasons(looked, &preview, settings);
        item.action = preview.action();
        item.erp_id = preview.linked.or(entry.erp_id);
        item.tells = preview.tells;
        item
    }

    /// Follows the record's visits to the send or the end.
    fn follow(&self, looked: &Looked, settings: &ObjectSettings) -> Preview {
        let mut entry = looked.entry.clone();
        // The guard judges what would be deleted if it let it pass.
        entry.released |= entry.crm_deleted_at.is_some();
        let mut preview = Preview {
            entry,
            send: None,
            linked: None,
            tells: BTreeMap::new(),
            decided: BTreeMap::new(),
            ended: Ended::Moved,
            again: None,
            asked: Asked::Row,
        };
        let mut erp = looked.erp.clone();
        for _ in 0..VISITS {
            preview.visit(self, looked, &erp, settings);
            let due = preview.entry.due.is_some_and(|due| due <= self.now);
            if !due || preview.send.is_some() || !matches!(preview.ended, Ended::Linked | Ended::Written) {
                break;
            }
            if let (Some(found), Asked::Search) = (preview.linked, preview.asked) {
                erp = found_side(&looked.probed, found);
            }
        }
        preview.tells.retain(|_, told| told.before != told.after);
        preview
    }
}

/// What a search brought of a record, as a reading of it.
fn found_side(probed: &Probed, erp_id: ErpId) -> Side {
    let found = match probed {
        Probed::Answered { found, .. } => found.iter().find(|m| m.erp_id == erp_id),
        Probed::CannotTell => None,
    };
    found.map_or(Side::Unknown, |m| Side::Present { fields: m.fields.clone(), changed_at: None, locked: false })
}

impl Preview {
    /// One visit, up to its send or its end.
    fn visit(&mut self, around: &Previews<'_>, looked: &Looked, erp: &Side, settings: &ObjectSettings) {
        let (id, now) = (self.entry.id, around.now);
        let mut visit = Visit::new(around.tenant.clone(), id, settings.clone(), around.timing);
        let mut input = Input::Begin;
        self.asked = Asked::Row;
        self.ended = Ended::Moved;
        for _ in 0..STEPS {
            input = match visit.step(input, now) {
                Effect::Load(row) if row == id => Input::Loaded(Some(Box::new(self.entry.clone()))),
                Effect::Load(row) => {
                    let joined = around.joined.get(&row).cloned().map(Box::new);
                    Input::Loaded(joined.or_else(|| looked.target.clone()))
                }
                Effect::Read(_) => {
                    self.asked = Asked::Erp;
                    Input::Side(erp.clone())
                }
                Effect::Probe(_) => {
                    self.asked = Asked::Search;
                    Input::Probed(looked.probed.clone())
                }
                Effect::Save(save) => {
                    let before = std::mem::replace(&mut self.entry, save.entry);
                    if save.replaces.is_some() {
                        self.linked = self.entry.erp_id;
                    }
                    if let Some(change) = save.change {
                        self.tell(&before, change);
                    }
                    Input::Saved
                }
                Effect::Send { op, .. } => {
                    self.send = Some(op);
                    return;
                }
                Effect::Done(report) => {
                    (self.ended, self.again) = (report.ended, report.again);
                    return;
                }
            };
        }
    }

    fn tell(&mut self, before: &Entry, change: Change) {
        for (piece, (rule, _)) in change.decided {
            let winner = match () {
                () if self.entry.conflicts.contains_key(&piece) => None,
                () if self.entry.crm.get(&piece) == before.crm.get(&piece) => Some(Winner::Crm),
                () => Some(Winner::Erp),
            };
            self.decided.insert(piece, (rule, winner));
        }
        for (piece, field) in change.fields {
            let told = self.tells.entry(piece).or_insert_with(|| field.clone());
            told.after = field.after;
        }
    }

    fn action(&self) -> Action {
        match (&self.send, self.linked) {
            (Some(Op::Create { fields, .. }), _) => return Action::CreateInErp { fields: fields.clone() },
            (Some(Op::Delete { .. }), _) => return Action::DeleteInErp,
            (Some(Op::Update { set, .. }), None) => return Action::UpdateErp { set: set.clone() },
            (Some(Op::Update { set, .. }), Some(erp_id)) => return Action::Link { erp_id, set: set.clone() },
            (None, Some(erp_id)) => return Action::Link { erp_id, set: BTreeMap::new() },
            (None, None) => {}
        }
        match self.ended {
            Ended::Waits | Ended::NoAccess | Ended::Moved => Action::Wait,
            Ended::Parked if self.entry.hold.is_some() => Action::Park,
            _ if !self.tells.is_empty() => Action::TellCrm,
            _ if !self.entry.conflicts.is_empty() && self.entry.crm_deleted_at.is_none() => Action::Park,
            _ => Action::Nothing,
        }
    }
}

/// The reasons of what a preview does and does not.
fn reasons(looked: &Looked, preview: &Preview, settings: &ObjectSettings) -> Vec<Reason> {
    let mut out = Vec::new();
    if let Some(erp_id) = preview.linked {
        out.push(Reason::FoundInErp { erp_id });
    }
    match &preview.send {
        Some(Op::Create { .. }) => out.push(Reason::NewInCrm),
        Some(Op::Delete { .. }) => out.push(Reason::CrmDeleted),
        Some(Op::Update { .. }) => written_pieces(looked, preview, settings, &mut out),
        None => out.extend(why_no_send(looked, preview, settings)),
    }
    let erp: Vec<String> = preview.tells.keys().filter(|p| !preview.decided.contains_key(*p)).cloned().collect();
    if !erp.is_empty() {
        out.push(Reason::ErpChanged { pieces: erp });
    }
    judged_pieces(preview, settings, &mut out);
    if out.is_empty() {
        out.push(Reason::Equal);
    }
    out
}

/// Why the pieces of an update are written.
fn written_pieces(looked: &Looked, preview: &Preview, settings: &ObjectSettings, out: &mut Vec<Reason>) {
    let had = pending(&looked.entry);
    let written = pending(&preview.entry).into_iter().filter(|p| !preview.decided.contains_key(p));
    let one_way = settings.direction == Direction::ToErp;
    let (over, ours): (Vec<String>, Vec<String>) =
        written.partition(|p| one_way && preview.linked.is_none() && !had.contains(p));
    if !ours.is_empty() {
        out.push(Reason::CrmChanged { pieces: ours });
    }
    if !over.is_empty() {
        out.push(Reason::Direction { pieces: over, direction: settings.direction });
    }
}

/// The pieces that both sides changed, by rule.
fn judged_pieces(preview: &Preview, settings: &ObjectSettings, out: &mut Vec<Reason>) {
    for rule in [Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park] {
        for winner in [Winner::Crm, Winner::Erp] {
            let won = preview.decided.iter().filter(|(_, d)| **d == (rule, Some(winner)));
            let pieces: Vec<String> = won.map(|(p, _)| p.clone()).collect();
            if !pieces.is_empty() {
                out.push(Reason::Decided { pieces, rule, winner });
            }
        }
        let parked = preview.entry.conflicts.keys();
        let pieces: Vec<String> = parked.filter(|p| settings.rule(p) == rule).cloned().collect();
        if !pieces.is_empty() {
            out.push(Reason::ConflictParked { pieces, rule });
        }
    }
}

/// Why the ERP is sent nothing. `None` when what is told and parked says it all.
fn why_no_send(looked: &Looked, preview: &Preview, settings: &ObjectSettings) -> Option<Reason> {
    let entry = &preview.entry;
    match preview.ended {
        Ended::Waits | Ended::NoAccess => Some(why_it_waits(looked, preview)),
        Ended::Parked => Some(match &entry.hold {
            None => Reason::Archived,
            Some(hold) if hold.reason == HoldReason::NotInApi && is_locked(&looked.erp) => {
                let deleting = entry.crm_deleted_at.is_some();
                Reason::Locked { pieces: if deleting { Vec::new() } else { pending(entry) } }
            }
            Some(hold) => Reason::Held { why: hold.reason.clone() },
        }),
        Ended::Deleted if looked.entry.erp_id.is_none() && looked.entry.intent.is_none() => Some(Reason::NeverMade),
        Ended::Deleted if preview.asked == Asked::Erp && looked.erp == Side::Absent => Some(Reason::GoneOnBothSides),
        Ended::Deleted if settings.deletes_in_erp => Some(Reason::TakenApart),
        Ended::Deleted => Some(Reason::DeletionsStayInCrm),
        Ended::Moved => Some(Reason::Unclear),
        Ended::Linked => None,
        Ended::Same | Ended::Taken | Ended::Written => why_nothing_differs(looked, preview, settings),
    }
}

fn why_nothing_differs(looked: &Looked, preview: &Preview, settings: &ObjectSettings) -> Option<Reason> {
    let entry = &preview.entry;
    if preview.asked == Asked::Erp && looked.erp == Side::Absent {
        return Some(Reason::NotInErp);
    }
    let left = pending(entry);
    if !left.is_empty() {
        return Some(Reason::Direction { pieces: left, direction: settings.direction });
    }
    let is_erps = |p: &&str| owner(entry.id.object(), p) != Owner::Both;
    let theirs: Vec<String> =
        entry.crm.differing(&entry.agreed).into_iter().filter(is_erps).map(str::to_owned).collect();
    if !theirs.is_empty() {
        return Some(Reason::OwnedByErp { pieces: theirs });
    }
    (preview.ended == Ended::Written).then_some(Reason::WriteConfirmed)
}

fn why_it_waits(looked: &Looked, preview: &Preview) -> Reason {
    let entry = &preview.entry;
    let under_way = entry.intent.is_some();
    match preview.asked {
        Asked::Erp if looked.erp == Side::Unknown => Reason::CannotRead,
        Asked::Search if !searched(&looked.probed) => Reason::CannotSearch,
        _ if under_way => Reason::WriteUnderWay { until: preview.again.or(entry.due) },
        _ => Reason::WaitsFor { crm_ids: named(entry) },
    }
}

const fn searched(probed: &Probed) -> bool {
    matches!(probed, Probed::Answered { control: true, .. })
}

const fn is_locked(erp: &Side) -> bool {
    matches!(erp, Side::Present { locked: true, .. })
}

/// The CRM's ids of other records that the pieces name.
fn named(entry: &Entry) -> Vec<String> {
    let id = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let of = |value: &Value| [id(value, "crm_id"), id(value, "product_crm_id")];
    let mut ids: Vec<String> = entry.crm.iter().flat_map(|(_, v)| of(v)).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
