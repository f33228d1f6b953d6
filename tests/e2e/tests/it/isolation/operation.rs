//! The operations of the API's description, and what each is asked with.

use serde_json::Value;

/// An operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// `GET /v1/contacts/{id}`.
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// What it is asked with; none when nobody has said so.
    pub(crate) kind: Option<Kind>,
}

/// What an operation is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing but a token, or not even that.
    Plain,
    /// A limit and a cursor.
    List,
    /// The same with a type of document.
    Documents,
    /// The same with an object type.
    Parked,
    /// A record's id, and the version that is known.
    Record,
    /// A record's id, and a file for it.
    Attach,
    /// A record's id, and one of its files.
    File,
    /// A run's id.
    Run,
    /// An idempotency key and what to do.
    StartRun,
    /// The version that is known.
    Connection,
    /// The version that is known, and what to save.
    SaveConnection,
    /// The CRM's own id of a record, the same at both tenants, and its value.
    OfCrm,
    /// The same for many.
    Many,
    /// A record's id where the CRM's own is meant.
    Reserved,
    /// A record's id, a piece and a side.
    Settle,
    /// A plan's id and a hash.
    Plan,
    /// The CRM's own id of a contact, the same at both tenants, and what it becomes one with or is taken from.
    Arrange,
    /// An action's id.
    Action,
    /// A document's id, an idempotency key and an action.
    Act,
    /// A customer's id and those of products.
    Prices,
    /// An idempotency key and an address.
    MakeEndpoint,
    /// An endpoint's id, an idempotency key and a version.
    Endpoint,
    /// What to do.
    MakeKey,
    /// A key's id.
    Key,
    /// Settings, or a list of deletions, that are not as they must be.
    Word,
}

impl Operation {
    /// All that are described.
    pub(crate) fn all() -> Vec<Self> {
        let description: Value = serde_json::from_str(fn_crm_api::OPENAPI).expect("JSON");
        let mut all = Vec::new();
        for (path, item) in description["paths"].as_object().expect("paths") {
            for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
                if item.get(method.to_lowercase()).is_some() {
                    let name = format!("{method} {path}");
                    let kind = kind_of(&name);
                    all.push(Self { name, method: method.to_owned(), path: path.clone(), kind });
                }
            }
        }
        all
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    Some(match name {
        "GET /healthz"
        | "GET /v1/openapi.json"
        | "GET /v1/warehouses"
        | "GET /v1/categories"
        | "GET /v1/certificates"
        | "GET /v1/plans"
        | "GET /v1/registers"
        | "GET /v1/settings"
        | "GET /v1/endpoints"
        | "GET /v1/keys"
        | "POST /v1/plans" => Kind::Plain,
        "POST /v1/keys" => Kind::MakeKey,
        "POST /v1/keys/{id}/rotate" | "DELETE /v1/keys/{id}" => Kind::Key,
        "GET /v1/contacts" | "GET /v1/products" | "GET /v1/stock" | "GET /v1/runs" | "GET /v1/changes"
        | "GET /v1/attention" => Kind::List,
        "GET /v1/documents" => Kind::Documents,
        "GET /v1/parked" => Kind::Parked,
        "GET /v1/contacts/{id}"
        | "GET /v1/products/{id}"
        | "GET /v1/products/{id}/availability"
        | "GET /v1/products/{id}/price"
        | "GET /v1/stock/{id}"
        | "GET /v1/documents/{id}"
        | "GET /v1/offers/{id}"
        | "GET /v1/orders/{id}"
        | "GET /v1/{type}/{id}"
        | "GET /v1/contacts/{id}/blacklist"
        | "GET /v1/contacts/{id}/documents"
        | "GET /v1/documents/{id}/timeline"
        | "GET /v1/documents/{id}/actions"
        | "GET /v1/records/{id}/history"
        | "GET /v1/records/{type}/{id}/sync"
        | "POST /v1/records/{id}/look-again"
        | "POST /v1/records/{id}/restore"
        | "GET /v1/documents/{id}/attachments"
        | "POST /v1/documents/{id}/attachments/refresh"
        | "GET /v1/documents/{id}/pdf"
        | "GET /v1/documents/{id}/proof-of-delivery" => Kind::Record,
        "GET /v1/documents/{id}/attachments/{file_id}" => Kind::File,
        "POST /v1/documents/{id}/attachments" => Kind::Attach,
        "PUT /v1/contacts/{id}"
        | "PUT /v1/products/{id}"
        | "PUT /v1/offers/{id}"
        | "PUT /v1/orders/{id}"
        | "PUT /v1/{type}/{id}"
        | "DELETE /v1/contacts/{id}"
        | "DELETE /v1/products/{id}" => Kind::OfCrm,
        "DELETE /v1/offers/{id}" | "DELETE /v1/orders/{id}" | "DELETE /v1/{type}/{id}" => Kind::Reserved,
        "POST /v1/contacts/bulk"
        | "POST /v1/products/bulk"
        | "POST /v1/offers/bulk"
        | "POST /v1/orders/bulk"
        | "POST /v1/{type}/bulk" => Kind::Many,
        "POST /v1/contacts/{id}/merge"
        | "POST /v1/contacts/{id}/unmerge"
        | "POST /v1/contacts/{id}/unlink"
        | "POST /v1/contacts/{id}/link" => Kind::Arrange,
        "POST /v1/records/{id}/settle" | "POST /v1/records/{id}/settle-match" => Kind::Settle,
        "POST /v1/prices" => Kind::Prices,
        "GET /v1/plans/{id}" | "POST /v1/plans/{id}/approve" => Kind::Plan,
        "GET /v1/actions/{id}" => Kind::Action,
        "POST /v1/documents/{id}/actions" => Kind::Act,
        "PUT /v1/settings" | "PUT /v1/registers/statuses" | "POST /v1/deletions/approve" => Kind::Word,
        "POST /v1/endpoints" => Kind::MakeEndpoint,
        of_endpoint if of_endpoint.contains(" /v1/endpoints/{id}") => Kind::Endpoint,
        "GET /v1/runs/{id}" | "POST /v1/runs/{id}/undo" => Kind::Run,
        "POST /v1/runs" => Kind::StartRun,
        "GET /v1/connection" => Kind::Connection,
        "PUT /v1/connection" => Kind::SaveConnection,
        _ => return None,
    })
}
