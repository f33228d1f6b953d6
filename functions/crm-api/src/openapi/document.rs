//! The document: what the macros make of the routes, and what is added to it.

use runtime::{Code, Language, Problem};
use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{InfoBuilder, OpenApiVersion, RefOr, schema::Schema},
};

use super::{events, examples};
use crate::{contract, routes};

/// The methods that a path of the document may have.
pub(super) const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

/// Problems of every route that asks who is calling.
const SIGNED_IN: &[Code] = &[
    Code::Unauthorized,
    Code::TokenExpired,
    Code::RoleUnknown,
    Code::Forbidden,
    Code::Throttled,
    Code::Busy,
    Code::Internal,
];
/// Problems of every request with a key.
const KEYED: &[Code] =
    &[Code::IdempotencyKeyMissing, Code::IdempotencyKeyInvalid, Code::IdempotencyRunning, Code::IdempotencyOtherBody];
/// Problems of every list in parts.
pub(super) const LIST: &[Code] = &[Code::InvalidRequest, Code::InvalidCursor];
/// Problems of every route with an id.
pub(super) const SINGLE: &[Code] = &[Code::InvalidRequest, Code::NotFound];
/// Problems of every route with a body.
pub(super) const WITH_BODY: &[Code] = &[Code::InvalidRequest, Code::BodyTooLarge, Code::UnsupportedMediaType];

/// Problems of every change of a record.
const EDIT: &[Code] = &[Code::InvalidRequest, Code::NotFound, Code::RecordDeleted, Code::Conflict];

/// Problems of a file that is not kept, or is not there now.
const FILE: &[Code] = &[
    Code::FileEmpty,
    Code::FileTooLarge,
    Code::FileTypeRefused,
    Code::FileAddressRefused,
    Code::FileGone,
    Code::FileUnavailable,
];
/// Problems of everything for which the ERP is asked while the caller waits.
const FROM_ERP: &[Code] = &[
    Code::ConnectionMissing,
    Code::HostNotAllowed,
    Code::CredentialsInvalid,
    Code::ErpIpDenied,
    Code::ErpMisconfigured,
    Code::ErpRefused,
    Code::ErpUnreachable,
    Code::ErpUnavailable,
    Code::ErpMalformed,
    Code::ErpQuota,
    Code::ErpFailed,
    Code::ErpRequestInvalid,
    Code::ErpNotFound,
    Code::ErpInconsistent,
    Code::ErpTooLarge,
    Code::ErpRecordUnusable,
];

/// The problems that an operation answers besides those of [`SIGNED_IN`]; `None` for one without a caller.
#[expect(clippy::too_many_lines, reason = "a table: a line an operation")]
fn problems(operation: &str) -> Option<Vec<Code>> {
    Some(match operation {
        "list_contacts" | "list_products" | "list_stock" | "list_documents" | "list_runs" | "list_parked"
        | "list_attention" => LIST.to_vec(),
        "list_changes" => [LIST, &[Code::FeedTooOld]].concat(),
        "get_contact" | "get_product" | "get_stock" | "get_document" | "get_run" | "get_connection" | "get_offer"
        | "get_order" | "find_document" | "get_history" | "get_plan" | "list_actions" | "get_action"
        | "get_availability" | "get_price" | "list_attachments" | "get_sync" => SINGLE.to_vec(),
        "get_timeline" | "list_contact_documents" => [LIST, &[Code::NotFound]].concat(),
        "list_categories" | "list_warehouses" | "get_registers" | "get_settings" | "list_plans"
        | "list_certificates" => {
            vec![Code::InvalidRequest]
        }
        "request_action" => [
            SINGLE,
            WITH_BODY,
            &[
                Code::ConnectionMissing,
                Code::ConnectionPaused,
                Code::ReadOnly,
                Code::ActionNotAllowed,
                Code::AmountOverOpen,
                Code::ActionUnderWay,
                Code::DocumentMissing,
                Code::FileTypeRefused,
            ],
        ]
        .concat(),
        "start_run" => [WITH_BODY, &[Code::ConnectionMissing]].concat(),
        "put_connection" => {
            [WITH_BODY, FROM_ERP, &[Code::CompanyFixed, Code::PreconditionRequired, Code::VersionMismatch]].concat()
        }
        "put_contact" | "put_product" | "put_offer" | "put_order" | "put_document" => [
            WITH_BODY,
            EDIT,
            &[Code::VersionMismatch, Code::RevisionTooOld, Code::LinkTaken, Code::FieldOfErp, Code::OneWay],
            // Only contacts go into one another.
            if operation == "put_contact" { &[Code::ContactMerged] } else { &[] },
            // Only of documents there are some that an action makes.
            if operation == "put_document" { &[Code::MadeByAction] } else { &[] },
        ]
        .concat(),
        "merge_contacts" => [
            WITH_BODY,
            EDIT,
            &[
                Code::PreconditionRequired,
                Code::VersionMismatch,
                Code::MergeCyclic,
                Code::ContactMerged,
                Code::TwoPartners,
                Code::MergeTooDeep,
            ],
        ]
        .concat(),
        "unmerge_contacts" => [SINGLE, &[Code::NotMerged, Code::MergeBuiltOn, Code::Conflict]].concat(),
        "unlink_contact" => [EDIT, &[Code::VersionMismatch, Code::ContactMerged, Code::NotLinked]].concat(),
        "link_contact" => [WITH_BODY, EDIT, &[Code::ContactMerged, Code::LinkTaken]].concat(),
        "get_blacklist" => [SINGLE, FROM_ERP].concat(),
        "delete_contact" => [EDIT, &[Code::ContactMerged]].concat(),
        "delete_product" | "delete_offer" | "delete_order" | "delete_document" | "look_again" => EDIT.to_vec(),
        "bulk_contacts" | "bulk_products" | "bulk_offers" | "bulk_orders" | "bulk_documents" | "ask_prices" => {
            WITH_BODY.to_vec()
        }
        "settle_conflict" => [WITH_BODY, EDIT, &[Code::NoConflict]].concat(),
        "settle_match" => [
            WITH_BODY,
            SINGLE,
            &[
                Code::PreconditionRequired,
                Code::VersionMismatch,
                Code::NoCandidates,
                Code::CandidatesMoved,
                Code::SameTaxNumber,
                Code::LinkTaken,
                Code::Conflict,
            ],
        ]
        .concat(),
        "restore_record" => [EDIT, &[Code::RestoreTooLate, Code::TakenApart]].concat(),
        "approve_deletions" => [WITH_BODY, &[Code::ListMoved]].concat(),
        "put_settings" | "put_statuses" => [WITH_BODY, &[Code::PreconditionRequired, Code::VersionMismatch]].concat(),
        "make_plan" => vec![Code::InvalidRequest, Code::ConnectionMissing],
        "approve_plan" => [WITH_BODY, &[Code::NotFound, Code::PlanMoved, Code::Conflict]].concat(),
        "undo_run" => [SINGLE, &[Code::RunNotOver, Code::RunTooLarge, Code::Conflict]].concat(),
        "add_attachment" => problems("request_action")?,
        "refresh_attachments" => [SINGLE, &[Code::ConnectionMissing]].concat(),
        "get_attachment" => [SINGLE, FILE].concat(),
        "get_document_pdf" => [SINGLE, FILE, FROM_ERP, &[Code::ReportNotAvailable]].concat(),
        "get_proof_of_delivery" => [SINGLE, FILE, FROM_ERP, &[Code::ProofNotAvailable]].concat(),
        "list_keys" => vec![Code::InvalidRequest],
        "make_key" => [WITH_BODY, &[Code::TooManyKeys]].concat(),
        "rotate_key" => [WITH_BODY, &[Code::NotFound]].concat(),
        "delete_key" => [SINGLE, &[Code::Conflict]].concat(),
        "get_description" | "get_health" => return None,
        other => {
            let known = events::problems(other);
            known.unwrap_or_else(|| panic!("{other} says nowhere which problems it answers"))
        }
    })
}

/// The whole document.
pub(super) fn document() -> Value {
    let mut api = routes::described();
    api.openapi = OpenApiVersion::Version31;
    api.info = InfoBuilder::new()
        .title("CRM Mind and Metakocka")
        .version("1")
        .description(Some(
            "Contacts, products, stock and sales documents of the ERP Metakocka, as the CRM reads them. \
             Amounts and ids are strings. A field that has no value is left out, unless it says that it may be null. \
             Errors are problems (RFC 9457) with a stable `code` and a `remedy`, in the language of `Accept-Language` (en, sl).",
        ))
        .build();
    let components = api.components.get_or_insert_default();
    for (name, schema) in problem_schemas().into_iter().chain(events::schemas()) {
        components.schemas.insert(name, schema);
    }
    let mut document = serde_json::to_value(&api).expect("JSON");
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An EdDSA token of the CRM with iss, aud, sub, tenant, role and exp." },
        "key": { "type": "http", "scheme": "bearer", "description": "A key of `POST /v1/keys`: `crmk_...`." },
    });
    document["tags"] = json!([
        { "name": "records", "description": "What the ERP has, as it was last read." },
        { "name": "actions", "description": "What is done to documents of the ERP beyond their content." },
        { "name": "two-way", "description": "Records of yours, what changed on either side, and what people decide about both." },
        { "name": "files", "description": "Files of documents: attached ones, printed forms, proofs of delivery." },
        { "name": "events", "description": "Endpoints of yours that are told of changes, by signed events (Standard Webhooks)." },
        { "name": "runs", "description": "Synchronisations." },
        { "name": "connection", "description": "The connection to the ERP." },
        { "name": "oversight", "description": "What was set aside, and registers." },
        { "name": "access", "description": "Keys of programs." },
        { "name": "service", "description": "The service itself." },
    ]);
    document["webhooks"] = events::webhooks();
    for path in document["paths"].as_object_mut().expect("paths").values_mut() {
        for method in METHODS {
            if let Some(operation) = path.get_mut(*method) {
                complete(operation, matches!(*method, "post" | "patch"));
            }
        }
    }
    document["components"]["examples"] =
        Code::ALL.iter().map(|code| (code.name().to_owned(), example(*code))).collect();
    for (name, schema) in document["components"]["schemas"].as_object_mut().expect("schemas") {
        leave_out_null(schema);
        // The macros write out what a generic type is of.
        if let Some(entry) = name.strip_prefix("Page_") {
            schema["properties"]["data"]["items"] = json!({ "$ref": format!("#/components/schemas/{entry}") });
        }
    }
    document
}

fn problem_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(contract::Problem::name().into_owned(), contract::Problem::schema())];
    contract::Problem::schemas(&mut schemas);
    schemas
}

/// Adds to an operation who may call it, its problems and its examples.
fn complete(operation: &mut Value, is_keyed: bool) {
    let name = operation["operationId"].as_str().expect("a name").to_owned();
    match problems(&name) {
        None => operation["security"] = json!([]),
        Some(codes) => {
            operation["security"] = json!([{ "token": [] }, { "key": [] }]);
            let responses = operation["responses"].as_object_mut().expect("responses");
            let mut all = [SIGNED_IN, &codes, if is_keyed { KEYED } else { &[] }].concat();
            all.sort_by_key(|code| (code.status().as_u16(), code.name()));
            all.dedup();
            for code in all {
                add_problem(responses, code);
            }
        }
    }
    if is_keyed {
        let parameters = operation.as_object_mut().expect("an operation").entry("parameters").or_insert(json!([]));
        parameters.as_array_mut().expect("a list").push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": true,
            "description": "New for each request. Sent again with the same key, a request is done once and answered alike for 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$" },
            "example": "0b7f6c1e-6d0c-4f39-9a4c-0a6b8f0d7c55",
        }));
    }
    if let Some(example) = examples::request(&name) {
        operation["requestBody"]["content"]["application/json"]["example"] = example;
    }
    for (status, example) in examples::responses(&name) {
        operation["responses"][status]["content"]["application/json"]["example"] = example;
    }
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        leave_out_null(parameter);
    }
}

fn add_problem(responses: &mut Map<String, Value>, code: Code) {
    let status = code.status();
    let response = responses.entry(status.as_str()).or_insert_with(|| {
        json!({
            "description": status.canonical_reason().unwrap_or_default(),
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" }, "examples": {} } },
        })
    });
    let example = json!({ "$ref": format!("#/components/examples/{}", code.name()) });
    response["content"]["application/problem+json"]["examples"][code.name()] = example;
}

/// A problem as the API answers it.
fn example(code: Code) -> Value {
    let text = code.text(Language::En);
    json!({
        "summary": text.title,
        "value": {
            "type": Problem::type_uri(code).to_string(),
            "status": code.status().as_u16(),
            "title": text.title,
            "detail": text.detail,
            "code": code.name(),
            "retryable": code.is_retryable(),
            "remedy": text.remedy,
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
        },
    })
}

/// A member that may be missing is left out when it has no value, and never null. The macros say
/// both of every `Option`; only one that is always there keeps its null.
fn leave_out_null(schema: &mut Value) {
    let required: Vec<String> = match schema.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    if let Some(parameter) = schema.get_mut("schema") {
        take_null(parameter);
    }
    for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if !required.contains(name) {
            take_null(property);
        }
    }
}

fn take_null(property: &mut Value) {
    if let Some(types) = property.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            property["type"] = only.clone();
        }
    }
    let Some(choices) = property.get_mut("oneOf").and_then(Value::as_array_mut) else { return };
    choices.retain(|c| c["type"] != "null");
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        let Some(property) = property.as_object_mut() else { return };
        property.remove("oneOf");
        for (name, value) in only {
            // What the member says of itself leads.
            property.entry(name).or_insert(value);
        }
    }
}
