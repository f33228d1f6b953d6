//! Plans, certificates, and a person's word about deletions.
//!
//! Decides where they lie and how a large one is cut. What they say is opaque.

use domain::Object;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack, pack_json, text, time};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

/// How long a plan is kept.
const PLAN_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The most bytes of a part of a plan. Packed it is one more at most, which leaves the item room.
const PART: usize = 300 * 1024;

/// A plan as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Its id. The caller makes it so that it sorts by time: the newest is found by it.
    pub id: String,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// How far it is: `app` says which words there are.
    pub state: String,
    /// What an approval names.
    pub hash: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// A person's word that a list may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionApproval {
    /// The hash of the list that was shown.
    pub list: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Tenant {
    /// Keeps a new plan for 30 days. Its parts come first, so a plan that is found is whole. The same plan may be kept
    /// again, until it moves on; when another one is kept under its id, this is a [`StoreError::Conflict`].
    pub async fn keep_plan(&self, plan: &PlanRow) -> Result<(), StoreError> {
        let expires = plan.made_at.saturating_add(PLAN_KEPT).unwrap_or(Timestamp::MAX);
        let whole = blake3::hash(&plan.bytes).to_hex();
        let parts: Vec<&[u8]> = plan.bytes.chunks(PART).collect();
        for (n, part) in parts.iter().enumerate() {
            let key = self.keys.plan_part(&plan.id, &whole, n);
            self.write(Write::put(Draft::new(key).with("b", binary(pack(part)?)).expiring(expires))).await?;
        }
        let head = Draft::new(self.keys.plan(&plan.id))
            .with("v", number(plan.version))
            .with("t", time(plan.made_at))
            .with("st", text(plan.state.as_str()))
            .with("h", text(plan.hash.as_str()))
            .with("w", text(whole.as_str()))
            .with("n", number(parts.len()))
            .expiring(expires);
        let head = Write::put(head)
            .when("attribute_not_exists(pk) OR (w = :w AND h = :h AND v = :v)")
            .value(":w", text(whole.as_str()))
            .value(":h", text(plan.hash.as_str()))
            .value(":v", number(plan.version));
        self.write(head).await
    }

    /// A plan, consistently. `None` also when it is expiring and no longer whole.
    pub async fn plan(&self, id: &str) -> Result<Option<PlanRow>, StoreError> {
        let Some(item) = self.calls().get(&self.keys.plan(id)).await? else { return Ok(None) };
        let fields = Fields::new(item, "plan");
        let mut plan = head(&fields)?;
        let count: usize = fields.number("n")?;
        let of_whole = Sort::StartsWith(format!("{}#", fields.text("w")?));
        let parts = self.calls().query(&Query::new(self.keys.plan_parts(id), of_whole)).await?;
        // What expires goes in any order.
        if parts.len() < count {
            return Ok(None);
        }
        for part in parts {
            plan.bytes.extend(Fields::new(part, "plan part").unpacked("b")?);
        }
        Ok(Some(plan))
    }

    /// The newest plans, without what they say.
    pub async fn plans(&self, limit: usize) -> Result<Vec<PlanRow>, StoreError> {
        let mut query = Query::new(self.keys.plans(), Sort::All);
        query.backward = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter().map(|item| head(&Fields::new(item, "plan"))).collect()
    }

    /// Notes how far a plan is, when it is at the version that was read.
    pub async fn advance_plan(&self, plan: &PlanRow, state: &str) -> Result<PlanRow, StoreError> {
        let update = "SET st = :st, v = :next";
        let write = Write::update(self.keys.plan(&plan.id), update)
            .when("v = :v")
            .value(":v", number(plan.version))
            .value(":next", number(plan.version + 1))
            .value(":st", text(state));
        self.write(write).await?;
        Ok(PlanRow { version: plan.version + 1, state: state.to_owned(), ..plan.clone() })
    }

    /// Keeps a day's certificate of an object type; a later one of the same day takes its place. `day` is an ISO date.
    pub async fn keep_certificate(&self, day: &str, object: Object, bytes: &[u8]) -> Result<(), StoreError> {
        if !day.parse::<Date>().is_ok_and(|d| d.to_string() == day) {
            return Err(StoreError::Refused("a certificate without a day".to_owned()));
        }
        let draft = Draft::new(self.keys.certificate(day, object)).with("b", binary(pack(bytes)?));
        self.write(Write::put(draft)).await
    }

    /// At most `limit` of the newest certificates: day, object type, and what each says.
    pub async fn certificates(&self, limit: usize) -> Result<Vec<(String, Object, Vec<u8>)>, StoreError> {
        let mut query = Query::new(self.keys.certificates(), Sort::All);
        query.backward = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter()
            .map(|item| {
                let fields = Fields::new(item, "certificate");
                let (day, object) = fields.text("sk")?.split_once('#').ok_or_else(|| fields.corrupt())?;
                let object = object.parse().map_err(|_| fields.corrupt())?;
                Ok((day.to_owned(), object, fields.unpacked("b")?))
            })
            .collect()
    }

    /// Keeps a person's word about the deletions of an object type; the last word counts.
    pub async fn approve_deletions(&self, object: Object, approval: &DeletionApproval) -> Result<(), StoreError> {
        let packed = pack_json(approval, "approval")?;
        self.write(Write::put(Draft::new(self.keys.approval(object)).with("b", binary(packed)))).await
    }

    /// The last word about the deletions of an object type.
    pub async fn deletion_approval(&self, object: Object) -> Result<Option<DeletionApproval>, StoreError> {
        let found = self.calls().get(&self.keys.approval(object)).await?;
        found.map(|item| Fields::new(item, "approval").json("b")).transpose()
    }

    /// How many deletions of an object type the guard let pass since `from`.
    pub async fn released_since(&self, object: Object, from: Timestamp) -> Result<usize, StoreError> {
        let (passed, _) = self.released(object).await?;
        Ok(passed.iter().filter(|(at, _)| *at >= from).map(|(_, n)| n).sum())
    }

    /// Notes that the guard lets `count` deletions pass at `now`. What is older than `from` is forgotten.
    pub async fn note_released(
        &self,
        object: Object,
        count: usize,
        now: Timestamp,
        from: Timestamp,
    ) -> Result<(), StoreError> {
        let (mut passed, version) = self.released(object).await?;
        passed.retain(|(at, _)| *at >= from);
        passed.push((now, count));
        let draft = Draft::new(self.keys.released(object))
            .with("v", number(version + 1))
            .with("b", binary(pack_json(&passed, "approval")?));
        let write = Write::put(draft);
        let write = if version == 0 { write.when_absent() } else { write.when("v = :v").value(":v", number(version)) };
        self.write(write).await
    }

    async fn released(&self, object: Object) -> Result<(Vec<(Timestamp, usize)>, u64), StoreError> {
        let Some(item) = self.calls().get(&self.keys.released(object)).await? else { return Ok((Vec::new(), 0)) };
        let fields = Fields::new(item, "approval");
        Ok((fields.json("b")?, fields.number("v")?))
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        match self.calls().write(write).await {
            Ok(_) => Ok(()),
            Err(WriteError::Condition(_)) => Err(StoreError::Conflict),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}

fn head(fields: &Fields) -> Result<PlanRow, StoreError> {
    Ok(PlanRow {
        id: fields.text("sk")?.to_owned(),
        version: fields.number("v")?,
        made_at: fields.time("t")?,
        state: fields.text("st")?.to_owned(),
        hash: fields.text("h")?.to_owned(),
        bytes: Vec::new(),
    })
}
