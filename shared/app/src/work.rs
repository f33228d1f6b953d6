//! A message of work: which run it means, and driving it.
//!
//! A message is a hint. Whatever it says, a run that was left unfinished goes on
//! first, and what is due is read from the rows. So doubled, late and lost
//! messages do no harm.

use crate::Services;
use crate::actions::next_due;
use crate::commit::{Position, pass_of};
use crate::connect::ConnectError;
use crate::door::{self, Shut};
use crate::drive::{LEASE_TTL, Slice, SliceError, Worker};
use crate::files;
use crate::hints::{Waiting, waiting};
use crate::pacing::WorkerPace;
use crate::reading::{Erp, ReadError};
use crate::twoway::certificates::certify_today;
use crate::twoway::edit::settings;
use cloud::Work;
use domain::{Allowance, Cadence, DayCalls, Mode, Object, Run, RunError, RunState, Settings, Trigger};
use erp::client::Outcomes;
use jiff::{SignedDuration, Timestamp};
use store::{Commit, Connection, ConnectionState, Lease, LeaseError, StateWrite, StoreError, Tenant};
use sync::door::slow_down;
use sync::{Machine, Pass, PassKind, SyncState, plan_changes, plan_full, plan_within};

/// How many runs are looked through for one that waits.
const LAST_RUNS: usize = 10;

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// The slice ended before the run: send the message again.
    Again,
    /// Another worker has the tenant: look again later.
    Busy {
        /// Until when its lease holds.
        until: Timestamp,
    },
    /// The host of the ERP may not be called now, or not so often: send the message again then.
    Later {
        /// When.
        until: Timestamp,
    },
}

/// Does the work of one message, for at most `budget`.
pub async fn work(
    services: &Services,
    tenant: &Tenant,
    work: &Work,
    budget: SignedDuration,
) -> Result<Outcome, SliceError> {
    let deadline = services.clock.now() + budget;
    if let Work::Files(id) = work {
        return Ok(files::look(services, tenant, *id, deadline).await.map_err(Box::new)?);
    }
    let Some(connection) = tenant.connection().await? else { return Ok(Outcome::Done) };
    let is_paused = matches!(connection.state, ConnectionState::Paused { .. });
    if is_paused && !matches!(work, Work::Run(_)) {
        return Ok(Outcome::Done);
    }
    // Looked at without the lease first: a tick that finds nothing due writes nothing.
    let saved = load(tenant).await?;
    let has_run = has_run(services, tenant, work, &connection, &saved.state).await?;
    let has_visits = !is_paused && is_due(tenant, services.clock.now()).await?;
    if !has_run && !has_visits && !matches!(work, Work::Plan(_)) {
        return Ok(Outcome::Done);
    }
    let gate = match door::enter(services, tenant, &connection).await? {
        Ok(gate) => gate,
        // The schedule comes again by itself; it need not knock on a host that is away.
        Err(Shut { away: true, .. }) if *work == Work::Due => return Ok(Outcome::Done),
        Err(Shut { until, .. }) => return Ok(Outcome::Later { until }),
    };
    let owner = services.one_time_name();
    let lease = match tenant.acquire_lease(&owner, services.clock.now(), LEASE_TTL).await {
        Ok(lease) => lease,
        Err(LeaseError::Held { until }) => return Ok(Outcome::Busy { until }),
        Err(error) => return Err(error.into()),
    };
    let saved = load(tenant).await?;
    let erp = match Erp::new(services, tenant, &connection).await {
        Ok(erp) => erp,
        Err(ReadError::Connection(error)) => {
            give_up(services, tenant, &lease, saved, work, &error).await?;
            return Ok(Outcome::Done);
        }
        Err(error) => {
            tenant.release_lease(&lease).await?;
            return Err(error.into());
        }
    };
    let position = Position { step: saved.step, seq: tenant.seq().await? };
    let calls_a_day = if is_awaited(work) { None } else { Some(settings(tenant).await?.calls_a_day) };
    let pace = WorkerPace::new();
    let mut worker = Worker { services, tenant, erp, lease, position, pace, gate, deadline, calls_a_day, counted: 0 };
    let slice = Box::pin(all(&mut worker, work, &connection, saved.state, (has_run, has_visits))).await;
    if let Some(code) = worker.erp.lost_access() {
        pause(tenant, &connection, code, services.clock.now()).await?;
    }
    worker.count_calls();
    let outcomes = worker.erp.client().take_outcomes();
    worker.gate.tell(outcomes).await;
    if slice.is_err() {
        // The message comes again; it need not wait for the lease to run out. Should this fail as well, it does.
        let _ = worker.give_back().await;
    }
    pace_company(tenant, &worker.lease, outcomes, services.clock.now()).await?;
    match slice? {
        Slice::Over => Ok(Outcome::Done),
        Slice::Paused => Ok(worker.gate.later().map_or(Outcome::Again, |until| Outcome::Later { until })),
    }
}

/// Whether somebody asked for this work and waits for it, so that no budget holds it back.
const fn is_awaited(work: &Work) -> bool {
    matches!(work, Work::Run(_) | Work::Plan(_))
}

/// Whether there is a run to go on with or to begin, and the day's budget allows it.
async fn has_run(
    services: &Services,
    tenant: &Tenant,
    work: &Work,
    connection: &Connection,
    state: &SyncState,
) -> Result<bool, StoreError> {
    if matches!(work, Work::Push | Work::Plan(_)) {
        return Ok(false);
    }
    let is_due = async |allowance| {
        Ok::<_, StoreError>(
            state.active.is_some() || plan(services, tenant, work, connection, state, allowance).await?.is_some(),
        )
    };
    let is_found = is_due(Allowance::Everything).await?;
    if !is_found || is_awaited(work) {
        return Ok(is_found);
    }
    let counted = tenant.lease_view().await?.and_then(|lease| lease.calls);
    let spent = DayCalls::on(counted, services.clock.now());
    match Allowance::of(spent, settings(tenant).await?.calls_a_day) {
        Allowance::Nothing => Ok(false),
        Allowance::Everything => Ok(true),
        Allowance::Changes => is_due(Allowance::Changes).await,
    }
}

/// A company whose quota is used up is left alone for a while, longer each time, until a slice finds it free again.
async fn pace_company(tenant: &Tenant, lease: &Lease, outcomes: Outcomes, now: Timestamp) -> Result<(), StoreError> {
    if outcomes.quota > 0 {
        let wait_s = slow_down(lease.slowed_s);
        return tenant.slow_down(lease, now + SignedDuration::from_secs(i64::from(wait_s)), wait_s).await;
    }
    if lease.slowed_s > 0 && outcomes.calls > 0 {
        return tenant.speed_up(lease).await;
    }
    Ok(())
}

/// Whether a record waits for a visit, an action to be done or a deletion for the guard.
async fn is_due(tenant: &Tenant, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!tenant.due_visits(now, 1).await?.is_empty()
        || next_due(tenant, now).await?.is_some()
        || !tenant.for_guard().await?.is_empty())
}

/// The runs, then the visits.
async fn all(
    worker: &mut Worker<'_>,
    work: &Work,
    connection: &Connection,
    state: SyncState,
    (has_run, has_visits): (bool, bool),
) -> Result<Slice, SliceError> {
    if let Work::Plan(id) = work
        && worker.plan(id).await? == Slice::Paused
    {
        worker.give_back().await?;
        return Ok(Slice::Paused);
    }
    if has_run && Box::pin(run_all(worker, work, connection, state)).await? == Slice::Paused {
        return Ok(Slice::Paused);
    }
    let now = worker.services.clock.now();
    if has_run {
        certify_today(worker.tenant, now).await?;
    }
    let is_refused = worker.erp.lost_access().is_some() || worker.erp.client().outcomes().quota > 0;
    if is_refused || !(has_visits || is_due(worker.tenant, now).await?) {
        if !has_run {
            worker.give_back().await?;
        }
        return Ok(Slice::Over);
    }
    if has_run {
        // The run gave the lease back with its last commit.
        worker.lease = worker.tenant.acquire_lease(&worker.lease.owner, now, LEASE_TTL).await?;
    }
    let slice = worker.push().await?;
    worker.give_back().await?;
    Ok(slice)
}

/// Ends the run that a message means, because its connection cannot be used: trying again would not help.
async fn give_up(
    services: &Services,
    tenant: &Tenant,
    lease: &Lease,
    saved: Saved,
    work: &Work,
    why: &ConnectError,
) -> Result<(), SliceError> {
    tracing::error!(error = %why, "a connection cannot be used; a person has to change it");
    let mut state = saved.state;
    let left = state.active.take().map(|a| a.run);
    let run = match (left, work) {
        (Some(run), _) => Some(run),
        (None, Work::Run(id)) => tenant.run(*id).await?.filter(|r| !r.is_over()),
        (None, _) => None,
    };
    let ended = run.map(|mut run| {
        run.state = RunState::Failed;
        run.finished_at = Some(services.clock.now());
        run.error = Some(RunError {
            code: "host_not_allowed".to_owned(),
            message: why.to_string(),
            object: None,
            retryable: false,
        });
        run
    });
    let mut commit = Commit::new(lease);
    let bytes = serde_json::to_vec(&state).map_err(|_| StoreError::Corrupt { what: "run state" })?;
    commit.state = Some(StateWrite { bytes, expected_step: saved.step });
    commit.run = ended.as_ref();
    commit.release = true;
    tenant.commit(&commit, services.clock.now()).await?;
    Ok(())
}

/// The run that was left unfinished, then the one that the message means.
async fn run_all(
    worker: &mut Worker<'_>,
    work: &Work,
    connection: &Connection,
    mut state: SyncState,
) -> Result<Slice, SliceError> {
    let (services, tenant) = (worker.services, worker.tenant);
    if let Some(active) = &state.active {
        let meant = matches!(work, Work::Run(id) if *id == active.run.id);
        let chunks = tenant.seen(pass_of(active.run.id)).await?;
        let settings = tenant.settings_at(active.settings).await?.unwrap_or_else(Settings::standard);
        let resumed = Machine::resume(tenant.id().clone(), settings, state, &chunks);
        let resumed = resumed.ok_or(StoreError::Corrupt { what: "met ids" })?;
        let mut machine = resumed.knowing(tenant.registers().await?);
        if worker.drive(&mut machine, &[]).await? == Slice::Paused {
            return Ok(Slice::Paused);
        }
        if meant {
            return Ok(Slice::Over);
        }
        // The finished run gave the lease back; the one that follows takes its own.
        worker.lease = tenant.acquire_lease(&worker.lease.owner, services.clock.now(), LEASE_TTL).await?;
        state = machine.saved();
    }
    let spent = DayCalls::on(worker.lease.calls, services.clock.now());
    let allowance = worker.calls_a_day.map_or(Allowance::Everything, |most| Allowance::of(spent, most));
    let Some(planned) = plan(services, tenant, work, connection, &state, allowance).await? else {
        worker.give_back().await?;
        return Ok(Slice::Over);
    };
    let now = services.clock.now();
    let settings = settings(tenant).await?;
    let machine = Machine::start(tenant.id().clone(), settings, state, planned.run, planned.passes, now);
    let mut machine = machine.knowing(tenant.registers().await?);
    worker.drive(&mut machine, &planned.waiting.keys).await
}

struct Planned {
    run: Run,
    passes: Vec<Pass>,
    waiting: Waiting,
}

/// The run that a message means; `None` when there is nothing to do.
async fn plan(
    services: &Services,
    tenant: &Tenant,
    work: &Work,
    connection: &Connection,
    state: &SyncState,
    allowance: Allowance,
) -> Result<Option<Planned>, StoreError> {
    let now = services.clock.now();
    let hints = waiting(tenant).await?;
    let (mode, trigger, due) = match work {
        Work::Run(id) => {
            let Some(run) = tenant.run(*id).await?.filter(|r| !r.is_over()) else { return Ok(None) };
            return Ok(Some(asked_for(run, hints, connection, state, now)));
        }
        Work::Due => {
            (Mode::Changes, Trigger::Schedule, plan_within(allowance, &state.cursors, &connection.cadence, now))
        }
        Work::Inbox(_) => (Mode::Hints, Trigger::Webhook, Vec::new()),
        Work::Push | Work::Plan(_) | Work::Files(_) => return Ok(None),
    };
    // A run whose message was lost still waits: any message of its tenant finds it.
    if let Some(run) = forgotten(tenant).await? {
        return Ok(Some(asked_for(run, hints, connection, state, now)));
    }
    // Stock that a webhook named is read whatever else the run does.
    let mut passes = hints.passes.clone();
    passes.extend(due);
    if passes.is_empty() && hints.keys.is_empty() {
        return Ok(None);
    }
    let objects: Vec<Object> = passes.iter().map(Pass::object).collect();
    let run = Run::queued(services.run_id(), mode, trigger, &objects, now);
    Ok(Some(Planned { run, passes, waiting: hints }))
}

/// The oldest of the last runs that still waits.
async fn forgotten(tenant: &Tenant) -> Result<Option<Run>, StoreError> {
    let last = tenant.runs(None, LAST_RUNS).await?;
    Ok(last.into_iter().rev().find(|r| r.state == RunState::Queued))
}

/// A run that a person or the CRM asked for: due now, whatever the cadence says.
fn asked_for(run: Run, hints: Waiting, connection: &Connection, state: &SyncState, now: Timestamp) -> Planned {
    let due = match run.mode {
        Mode::Full => plan_full(&run.objects),
        Mode::Changes | Mode::Hints | Mode::Undo => {
            let at_once = |o: &Object| connection.cadence.get(o).map(|c| Cadence { every_s: 0, paused: false, ..*c });
            let chosen = run.objects.iter().filter_map(|o| Some((*o, at_once(o)?))).collect();
            plan_changes(&state.cursors, &chosen, now)
        }
    };
    // A full read of the stock follows up every webhook that came before it.
    let reads_stock = due.iter().any(|p| p.kind == PassKind::Stock);
    let mut passes = if reads_stock { Vec::new() } else { hints.passes.clone() };
    passes.extend(due);
    Planned { run, passes, waiting: hints }
}

pub(crate) struct Saved {
    pub(crate) state: SyncState,
    step: u64,
}

pub(crate) async fn load(tenant: &Tenant) -> Result<Saved, StoreError> {
    let Some(saved) = tenant.state().await? else {
        return Ok(Saved { state: SyncState::default(), step: 0 });
    };
    let state = serde_json::from_slice(&saved.bytes).map_err(|_| StoreError::Corrupt { what: "run state" })?;
    Ok(Saved { state, step: saved.step })
}

/// Pauses a connection that the ERP refuses, so that nobody knocks on with a wrong key; a person resumes it with a right one.
async fn pause(tenant: &Tenant, connection: &Connection, code: &str, now: Timestamp) -> Result<(), StoreError> {
    let mut connection = connection.clone();
    connection.state = ConnectionState::Paused { code: code.to_owned() };
    connection.updated_at = now;
    match tenant.replace_connection_if(connection.version, &connection).await {
        // Someone has just changed it, perhaps with the right key: the next run tells.
        Ok(_) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}
