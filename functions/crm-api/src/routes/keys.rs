//! Keys of programs: listing, making, renewing, taking away.

use app::keys::{self, NewKey};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{ApiKey, ApiKeyId};
use garde::Validate;
use http::{HeaderMap, StatusCode, header::LOCATION};
use jiff::{SignedDuration, Timestamp};
use runtime::{
    Caller, Code, Permission, Permitted, Problem, Repeated,
    auth::{CanConfigure, new_api_key},
    http::{Json, Path, Query},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{CrmApi, body, contract, etag, paging::NoQuery, refusal};

/// A week: the longest that two secrets of a key are accepted.
const LONGEST_OVERLAP_S: u32 = 7 * 24 * 3_600;

/// A key to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeKey {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do; only what you may do yourself.
    #[garde(length(min = 1, max = 7))]
    #[schema(min_items = 1, max_items = 7)]
    scopes: Vec<contract::Scope>,
    /// From when on it is not accepted any more.
    #[garde(skip)]
    #[schema(value_type = Option<contract::Timestamp>)]
    expires_at: Option<Timestamp>,
}

/// How a key is renewed.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateKey {
    /// For so many seconds the secret before is accepted as well: a day is 86400; at most a week.
    #[garde(range(max = LONGEST_OVERLAP_S))]
    #[schema(maximum = 604_800)]
    overlap_s: u32,
}

/// Keys
///
/// All keys of programs, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "access", responses((status = 200, description = "The keys", body = contract::ApiKeys), (status = 304, description = "They have not changed")))]
pub(super) async fn list_keys(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let keys = api.services.table.tenant(caller.tenant()).api_keys().await?;
    let now = api.services.clock.now();
    let shown = contract::ApiKeys { keys: keys.keys.iter().map(|key| view(key, now)).collect() };
    Ok(etag::tagged(keys.version, &headers, Json(shown)))
}

/// Make a key
///
/// For a program that calls the API without a person. Its secret is in this answer and nowhere else. Only people make keys.
#[utoipa::path(post, path = "/v1/keys", tag = "access", request_body = MakeKey, responses((status = 201, description = "The key with its secret", body = contract::NewApiKey, headers(("Location" = String, description = "The keys' address")))))]
pub(super) async fn make_key(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    asked: Json<MakeKey>,
) -> Result<Response, Problem> {
    person(&caller)?;
    body::check(&asked.0, "$.")?;
    let MakeKey { name, scopes, expires_at } = asked.0;
    for (n, scope) in scopes.iter().enumerate() {
        let permission = permission(*scope);
        if !caller.may(permission) {
            let message = format!("you do not have the permission {permission}");
            return Err(Problem::new(Code::Forbidden).at(format!("$.scopes[{n}]"), message));
        }
    }
    let tenant = api.services.table.tenant(caller.tenant());
    let (secret, sha256) = new_api_key(tenant.id());
    let scopes = scopes.into_iter().map(|scope| permission(scope).name().to_owned()).collect();
    let new = NewKey { name, scopes, expires_at, by: caller.subject().to_owned(), sha256 };
    let key = keys::create(&api.services, &tenant, new).await.map_err(refusal::of_key)?;
    shown_once(StatusCode::CREATED, &key, secret, api.services.clock.now())
}

/// Renew a key
///
/// It gets a new secret, which is in this answer and nowhere else; the one before is accepted for a while as well.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", tag = "access", params(("id" = String, Path, description = "The key")), request_body = RotateKey, responses((status = 200, description = "The key with its new secret", body = contract::NewApiKey, headers(("Location" = String, description = "The keys' address")))))]
pub(super) async fn rotate_key(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<String>,
    _: Query<NoQuery>,
    asked: Json<RotateKey>,
) -> Result<Response, Problem> {
    person(&caller)?;
    body::check(&asked.0, "$.")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let (secret, sha256) = new_api_key(tenant.id());
    let overlap = SignedDuration::from_secs(asked.0.overlap_s.into());
    let key = keys::rotate(&api.services, &tenant, key_id(&id.0)?, sha256, overlap).await.map_err(refusal::of_key)?;
    shown_once(StatusCode::OK, &key, secret, api.services.clock.now())
}

/// Take a key away
///
/// It is not accepted any more, after half a minute at the latest.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "access", params(("id" = String, Path, description = "The key")), responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_key(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<String>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    person(&caller)?;
    keys::delete(&api.services.table.tenant(caller.tenant()), key_id(&id.0)?).await.map_err(refusal::of_key)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn key_id(id: &str) -> Result<ApiKeyId, Problem> {
    id.parse().map_err(|_| Problem::new(Code::NotFound))
}

/// A key that makes keys could outlive being taken away.
fn person(caller: &Caller) -> Result<(), Problem> {
    if caller.key().is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden).at("authorization", "keys are made and changed by people"))
}

fn shown_once(status: StatusCode, key: &ApiKey, secret: String, now: Timestamp) -> Result<Response, Problem> {
    let mut answer = contract::NewApiKey { key: view(key, now), secret: None };
    let repeated = serde_json::to_vec(&answer).map_err(|e| Problem::internal(&e))?;
    answer.secret = Some(secret);
    let location = [(LOCATION, "/v1/keys")];
    Ok((status, location, Extension(Repeated(repeated.into())), Json(answer)).into_response())
}

/// A key as the API shows it.
pub(crate) fn view(key: &ApiKey, now: Timestamp) -> contract::ApiKey {
    let time = |at: Timestamp| contract::Timestamp(at.to_string());
    let scope = |name: &String| serde_json::from_value(Value::String(name.clone())).ok();
    contract::ApiKey {
        id: key.id.to_string(),
        name: key.name.clone(),
        scopes: key.scopes.iter().filter_map(scope).collect(),
        created_at: time(key.created_at),
        created_by: key.created_by.clone(),
        rotated_at: key.rotated_at.map(time),
        expires_at: key.expires_at.map(time),
        previous_accepted_until: key.previous_until(now).map(time),
    }
}

const fn permission(scope: contract::Scope) -> Permission {
    match scope {
        contract::Scope::View => Permission::View,
        contract::Scope::Configure => Permission::Configure,
        contract::Scope::Sync => Permission::Sync,
        contract::Scope::LogsView => Permission::LogsView,
        contract::Scope::LogsResolve => Permission::LogsResolve,
        contract::Scope::Reports => Permission::Reports,
        contract::Scope::Automations => Permission::Automations,
    }
}
