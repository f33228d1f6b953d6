//! What an answer says about itself: success, or which error.

use super::{ErpError, call::Call, fault_text::plain};
use crate::wire::{
    BlacklistAnswer, Discovery, Document, Envelope, Fields, Named, PartnerAnswer, ProductAnswer, ProductList, Report,
    Rows, SearchAnswer, StockAnswer, Text, UnreadProducts, UnreadSearch, WarehouseList,
};

/// An answer with an envelope.
pub(super) trait Answer<'a>: Fields<'a> {
    /// `opr_code`, `opr_code_app`.
    fn codes(&self) -> (Text<'a>, Text<'a>);
    /// The fields that may say what is wrong, the best first.
    fn texts(&self) -> [Text<'a>; 3];
    /// The documents that stand in the way.
    fn duplicates(&self) -> Option<&Rows<'a, Named<'a>>> {
        None
    }
}

macro_rules! answers {
    ($($name:ident $(with $duplicates:ident)?),* $(,)?) => {$(
        impl<'a> Answer<'a> for $name<'a> {
            fn codes(&self) -> (Text<'a>, Text<'a>) {
                (self.opr_code, self.opr_code_app)
            }
            fn texts(&self) -> [Text<'a>; 3] {
                [self.opr_desc_app, self.opr_desc, self.error_desc]
            }
            $(fn duplicates(&self) -> Option<&Rows<'a, Named<'a>>> {
                Some(&self.$duplicates)
            })?
        }
    )*};
}
answers!(
    BlacklistAnswer,
    Discovery,
    Document with duplicate_doc_list,
    Envelope with duplicate_doc_list,
    PartnerAnswer,
    ProductAnswer,
    ProductList,
    Report,
    SearchAnswer,
    StockAnswer,
    UnreadProducts,
    UnreadSearch,
    WarehouseList,
);

/// Calls whose request names one thing, so that "not found" can only mean that thing.
const BY_KEY: [&str; 11] = [
    "get_document",
    "update_document",
    "delete_document",
    "change_document_status",
    "get_partner",
    "update_partner",
    "product_update",
    "product_delete",
    "report",
    "search_blacklist_partner",
    "get_proof_of_delivery",
];

/// Words by which the ERP says that something is not there, in both of its languages.
const NOT_FOUND: [&str; 7] = [
    "not found",
    "no partner with such",
    "does not exist",
    "cannot find",
    "ne obstaja",
    "ni najden",
    "ni mogoče najti",
];

/// The error that an answer reports, if it reports one. An answer without a code is judged by what it holds.
pub(super) fn classify<'a>(call: &Call, answer: &impl Answer<'a>) -> Result<(), ErpError> {
    let (code, app_code) = answer.codes();
    let code = text_of(code).unwrap_or_default();
    if matches!(code.as_str(), "" | "0") {
        return Ok(());
    }
    let text = answer.texts().into_iter().find_map(text_of).unwrap_or_default();
    let name = call.name();
    let duplicates = answer.duplicates().map(ids).unwrap_or_default();
    Err(match code.as_str() {
        "3" => ErpError::Auth { call: name, text },
        "4" => ErpError::IpDenied { call: name, text },
        // An inventory that is in the way has the code of an exceeded quota.
        "5" if name != "import_inventory" => ErpError::Quota { call: name, text },
        "6" if text_of(app_code).as_deref() == Some("7") || !duplicates.is_empty() => {
            ErpError::Duplicate { call: name, existing: duplicates }
        }
        "2" | "6" if says_not_found(name, &text) => ErpError::NotFound { call: name, text },
        "2" => ErpError::Invalid { call: name, text },
        // 4001 to 4004: the fiscal authority refused and nothing was saved.
        "5" | "6" | "4001" | "4002" | "4003" | "4004" => ErpError::Application { call: name, erp_code: code, text },
        // 1 is a failure within; a code that nobody knows may be one, too.
        _ => ErpError::Server { call: name, erp_code: code, text },
    })
}

fn text_of(text: Text<'_>) -> Option<String> {
    let text = text.decode().ok().flatten()?;
    Some(plain(&text)).filter(|text| !text.is_empty())
}

fn ids(rows: &Rows<'_, Named<'_>>) -> Vec<domain::ErpId> {
    rows.objects().filter_map(|named| text_of(named.mk_id)?.parse().ok()).collect()
}

fn says_not_found(call: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    // A row of the request may name a product that is not there; the document is.
    let of_a_row = call == "update_document" && ["product", "artikel"].iter().any(|word| text.starts_with(word));
    BY_KEY.contains(&call) && !of_a_row && NOT_FOUND.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::{super::call, *};
    use crate::client::{Effect, transport::read_answer};

    fn error(call: &'static Call, body: &str) -> ErpError {
        read_answer::<Envelope<'_>>(call, body.as_bytes()).err().expect("it reports an error")
    }

    #[test]
    fn an_error_is_classified_by_call_code_and_text() {
        let cases = [
            (
                &call::SEARCH,
                r#"{"opr_code":"1","opr_desc":"java.lang.NullPointerException"}"#,
                "erp_failed",
                Effect::Unknown,
            ),
            (&call::SEARCH, r#"{"opr_code":1}"#, "erp_failed", Effect::Unknown),
            (&call::PUT_DOCUMENT, r#"{"opr_code":"99","opr_desc":"?"}"#, "erp_failed", Effect::Unknown),
            (
                &call::SEARCH,
                r#"{"opr_code":"2","opr_desc":"Cannot find value x for condition doc_date_from"}"#,
                "erp_request_invalid",
                Effect::NotExecuted,
            ),
            (
                &call::PUT_DOCUMENT,
                r#"{"opr_code":"2","opr_desc":"Product with code art400 not found - unit must be set to add new product"}"#,
                "erp_request_invalid",
                Effect::NotExecuted,
            ),
            (
                &call::UPDATE_DOCUMENT,
                r#"{"opr_code":"2","opr_desc":"Product with code a not found"}"#,
                "erp_request_invalid",
                Effect::NotExecuted,
            ),
            (
                &call::UPDATE_DOCUMENT,
                r#"{"opr_code":"6","opr_desc_app":"Dokument ne obstaja"}"#,
                "erp_not_found",
                Effect::NotExecuted,
            ),
            (
                &call::GET_PARTNER,
                r#"{"opr_code":"2","opr_desc":"No partner with such properties."}"#,
                "erp_not_found",
                Effect::NotExecuted,
            ),
            (&call::GET_DOCUMENT, r#"{"opr_code":"3","opr_desc":"x"}"#, "credentials_invalid", Effect::NotExecuted),
            (&call::GET_DOCUMENT, r#"{"opr_code":"4","opr_desc":"x"}"#, "erp_ip_denied", Effect::NotExecuted),
            (&call::GET_DOCUMENT, r#"{"opr_code":"5","opr_desc":"Quote exceeds"}"#, "erp_quota", Effect::NotExecuted),
            (
                &call::PUT_DOCUMENT,
                r#"{"opr_code":"6","opr_code_app":"7","duplicate_doc_list":{"mk_id":"400000000159"}}"#,
                "erp_duplicate",
                Effect::NotExecuted,
            ),
            (&call::PUT_DOCUMENT, r#"{"opr_code":"6","opr_desc":"<b>ne</b>"}"#, "erp_refused", Effect::NotExecuted),
            (&call::PUT_DOCUMENT, r#"{"opr_code":"4002"}"#, "erp_refused", Effect::NotExecuted),
        ];
        for (call, body, code, effect) in cases {
            let error = error(call, body);
            assert_eq!((error.code(), error.effect()), (code, effect), "{body}");
        }
    }

    #[test]
    fn a_duplicate_names_the_documents_that_are_there() {
        let error = error(
            &call::PUT_DOCUMENT,
            r#"{"opr_code":"6","opr_code_app":"7","duplicate_doc_list":[{"mk_id":"1"},{"mk_id":"2"}]}"#,
        );
        assert!(matches!(error, ErpError::Duplicate { existing, .. } if existing.len() == 2));
    }

    #[test]
    fn markup_in_a_text_is_stripped() {
        let error = error(&call::PUT_DOCUMENT, r#"{"opr_code":"2","opr_desc":"Artikel <b>x</b>\n"}"#);
        assert_eq!(error.to_string(), "put_document: the ERP refuses the request: Artikel x");
    }
}
