//! The bodies of requests, and whether their values are within bounds.
//!
//! Decides what may be sent. A secret becomes one as soon as it is read, and no
//! body can be shown.

use app::actions::Ask;
use app::connect::Settings;
use app::twoway::edit::{Put, Word};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use cloud::BasicAuth;
use domain::{Deed, DocumentKind, Email, ErpId, Mode, Object, RecordId, Text};
use garde::Validate;
use jiff::Timestamp;
use runtime::{Code, Problem};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use sync::twoway::{Decision, Winner};
use utoipa::ToSchema;

use crate::contract;

pub(crate) mod events;

/// The longest secret that is taken.
const MAX_SECRET: usize = 256;

/// A run to start.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRun {
    /// What to synchronise. The order does not matter.
    #[garde(length(min = 1, max = 32))]
    #[schema(value_type = Vec<contract::ObjectName>, min_items = 1, max_items = 32)]
    pub(crate) objects: Vec<Object>,
    /// How far to look.
    #[garde(skip)]
    #[serde(default)]
    pub(crate) mode: StartMode,
}

/// How far a run that is asked for looks.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StartMode {
    /// Everything.
    #[default]
    Full,
    /// What changed since the last look.
    Changes,
}

impl From<StartMode> for Mode {
    fn from(mode: StartMode) -> Self {
        match mode {
            StartMode::Full => Self::Full,
            StartMode::Changes => Self::Changes,
        }
    }
}

/// The settings of a connection. Secrets that are missing stay as they are.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionSettings {
    /// Where the ERP is: one of the hosts that the installation allows.
    #[garde(length(bytes, min = 1, max = 256))]
    #[schema(format = "uri", min_length = 1, max_length = 256)]
    pub(crate) base_url: String,
    /// The company's id in the ERP. It cannot change later.
    #[garde(length(bytes, min = 1, max = 32), custom(is_number))]
    #[schema(pattern = "^[0-9]{1,32}$")]
    pub(crate) company_id: String,
    /// The company's secret key in the ERP. Needed for a new connection.
    #[garde(custom(is_secret))]
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, format = "password", write_only, min_length = 1, max_length = 256)]
    secret_key: Option<SecretString>,
    /// What the ERP signs its webhooks with. The previous one is accepted for a day more.
    #[garde(custom(is_secret))]
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, format = "password", write_only, min_length = 1, max_length = 256)]
    webhook_secret: Option<SecretString>,
    /// User and password that the ERP sends with its webhooks.
    #[garde(dive)]
    #[serde(default)]
    basic_auth: Option<Credentials>,
    /// The e-mail address of a user of the ERP, in whose name it is asked what a key alone is not told: the blacklist.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "email", write_only)]
    api_user_email: Option<Email>,
    /// How often object types are read; those that are not named stay as they are.
    #[garde(custom(are_cadences))]
    #[serde(default)]
    #[schema(value_type = BTreeMap<contract::ObjectName, contract::Cadence>)]
    cadence: BTreeMap<Object, contract::Cadence>,
    /// Whether a person pauses it. Missing: it stays paused if a person paused it, and is used again if the ERP had refused it.
    #[garde(skip)]
    #[serde(default)]
    pub(crate) paused: Option<bool>,
}

/// Your whole value of a record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutRecord {
    /// Its pieces by name: `name`, `tax`, `addresses/a1`, `lines/l1`, `partner`. Entries of lists carry your own names.
    /// Another record of yours is named by your id of it: `{"crm_id": "c-42"}`, in a line `"product_crm_id": "p-7"`.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, serde_json::Value>,
    /// The record of the ERP that yours is, if you know it.
    #[serde(default)]
    #[schema(value_type = Option<contract::RecordId>)]
    record: Option<RecordId>,
    /// When your user made the edit.
    #[serde(default)]
    #[schema(value_type = Option<contract::Timestamp>)]
    edited_at: Option<Timestamp>,
}

impl PutRecord {
    /// The request as the use case takes it.
    pub(crate) fn into_put(self) -> Put {
        Put {
            fields: self.fields.into_iter().collect(),
            revision: None,
            record: self.record,
            edited_at: self.edited_at,
        }
    }
}

/// Many requests.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkItems {
    /// At most 100.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) items: Vec<BulkItem>,
}

/// One of many requests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkItem {
    /// Your own id.
    pub(crate) crm_id: String,
    /// Your whole value of the record.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) fields: Option<BTreeMap<String, serde_json::Value>>,
    /// The revision that the edit was made on; not for the first one.
    #[serde(default)]
    pub(crate) revision: Option<u64>,
    /// The record of the ERP that yours is, if you know it.
    #[serde(default)]
    #[schema(value_type = Option<contract::RecordId>)]
    pub(crate) record: Option<RecordId>,
    /// When your user made the edit.
    #[serde(default)]
    #[schema(value_type = Option<contract::Timestamp>)]
    pub(crate) edited_at: Option<Timestamp>,
    /// Delete it instead.
    #[serde(default)]
    pub(crate) delete: bool,
}

/// The contact that another one becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeContact {
    /// Your id of the one that stays.
    pub(crate) into: String,
}

/// The record of the ERP that a contact becomes one with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkContact {
    /// The record.
    #[schema(value_type = contract::RecordId)]
    pub(crate) record: RecordId,
}

/// The lines of an offer in the making.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskPrices {
    /// The customer, or your own id of it; anybody unless it is given.
    #[garde(skip)]
    #[serde(default)]
    pub(crate) contact: Option<String>,
    /// The day; today unless it is given.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<contract::Date>)]
    pub(crate) date: Option<jiff::civil::Date>,
    /// Three letters; EUR unless it is given.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) currency: Option<domain::Currency>,
    /// The lines.
    #[garde(length(min = 1, max = 200))]
    #[schema(min_items = 1, max_items = 200)]
    pub(crate) lines: Vec<AskPrice>,
}

/// A line of an offer in the making.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskPrice {
    /// The product, or your own id of it.
    pub(crate) product: String,
    /// How much, above zero; 1 unless it is given.
    #[serde(default)]
    pub(crate) amount: Option<contract::Decimal>,
}

/// Which side's value a piece has.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settle {
    /// The piece: `name`, `lines/123`.
    pub(crate) piece: String,
    /// The side.
    pub(crate) winner: WinningSide,
}

/// A side that wins.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WinningSide {
    /// The CRM.
    Crm,
    /// The ERP.
    Erp,
}

impl From<WinningSide> for Winner {
    fn from(side: WinningSide) -> Self {
        match side {
            WinningSide::Crm => Self::Crm,
            WinningSide::Erp => Self::Erp,
        }
    }
}

/// Which partner a contact is: `link` or `none_of`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleMatch {
    /// It is this candidate: its id in the ERP.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<contract::ErpId>)]
    link: Option<ErpId>,
    /// It is none of these, which are all the candidates that you saw: a new partner is made.
    #[garde(length(min = 1, max = 1_000))]
    #[serde(default)]
    #[schema(value_type = Option<Vec<contract::ErpId>>, min_items = 1, max_items = 1_000)]
    none_of: Option<Vec<ErpId>>,
    /// Why, for the history.
    #[garde(length(chars, min = 1, max = 500))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

impl SettleMatch {
    /// The word as the use case takes it, about what was seen at `revision`.
    pub(crate) fn into_word(self, revision: u64) -> Result<Word, Problem> {
        check(&self, "$.")?;
        let decision = match (self.link, self.none_of) {
            (Some(erp_id), None) => Decision::Link { erp_id },
            (None, Some(none_of)) => Decision::New { none_of: none_of.into_iter().collect() },
            _ => return Err(Problem::new(Code::InvalidRequest).at("$", "either `link` or `none_of`")),
        };
        Ok(Word { revision, decision, reason: self.reason })
    }
}

/// Deletions that may go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveDeletions {
    /// The object type.
    #[schema(value_type = contract::ObjectName)]
    pub(crate) object: Object,
    /// The hash of the list that was shown.
    pub(crate) list: String,
}

/// The plan that is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovePlan {
    /// The hash that it was shown with.
    pub(crate) hash: String,
}

/// A file to attach.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddAttachment {
    /// Its name.
    #[schema(value_type = String)]
    file_name: Text,
    /// Its bytes in base64; 4 MiB at most.
    content: String,
}

impl AddAttachment {
    /// The request as the use case takes it.
    pub(crate) fn to_ask(&self, key: Option<String>) -> Result<Ask, Problem> {
        let bytes = BASE64_STANDARD.decode(&self.content);
        let bytes = bytes.map_err(|_| Problem::new(Code::InvalidRequest).at("$.content", "not base64"))?;
        // The use case says what the file is.
        let deed = Deed::Attachment { file_name: self.file_name.clone(), bytes: 0, hash: String::new() };
        Ok(Ask { deed, file: Some(bytes), key })
    }
}

/// Settings as they are to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeSettings {
    /// Nothing is written on either side.
    read_only: bool,
    /// By object type; all of them.
    #[schema(value_type = BTreeMap<contract::ObjectName, contract::ObjectSettings>)]
    objects: BTreeMap<String, contract::ObjectSettings>,
    /// The ERP's reports that print invoices and credit notes, by type; the usual ones of those that are left out.
    #[serde(default)]
    #[schema(value_type = BTreeMap<contract::DocumentKind, contract::Reports>)]
    reports: BTreeMap<String, contract::Reports>,
    /// How many calls of the ERP the schedule may make in a day; 25,000 when it is left out.
    #[serde(default = "calls_a_day")]
    #[schema(minimum = 1_000, maximum = 1_000_000, default = 25_000)]
    calls_a_day: u32,
}

const fn calls_a_day() -> u32 {
    domain::settings::CALLS_A_DAY
}

impl ChangeSettings {
    /// The settings as the use case takes them.
    pub(crate) fn into_settings(self, version: u64) -> Result<domain::Settings, Problem> {
        // By name, so that a fault within one says in which.
        let known = |name: &String| name.parse::<Object>().is_ok();
        if !self.objects.keys().all(known) {
            return Err(Problem::new(Code::InvalidRequest).at("$.objects", "a name that is no object type"));
        }
        let missing: Vec<_> = Object::ALL.into_iter().filter(|o| !self.objects.contains_key(o.name())).collect();
        if !missing.is_empty() {
            let problem = Problem::new(Code::InvalidRequest);
            return Err(missing.iter().fold(problem, |p, o| p.at(format!("$.objects.{o}"), "is missing")));
        }
        let named = |(name, settings): (String, contract::ObjectSettings)| Some((name.parse().ok()?, settings.into()));
        let objects = self.objects.into_iter().filter_map(named).collect();
        let reports = self.reports.into_iter().map(|(name, r)| report(&name, r)).collect::<Result<_, _>>()?;
        let (least, most) = domain::settings::CALLS_A_DAY_BOUNDS;
        if !(least..=most).contains(&self.calls_a_day) {
            return Err(Problem::new(Code::InvalidRequest).at("$.calls_a_day", "not 1,000 to 1,000,000"));
        }
        let calls_a_day = self.calls_a_day;
        Ok(domain::Settings { version, read_only: self.read_only, objects, reports, calls_a_day })
    }
}

/// What statuses mean.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MapStatuses {
    /// All that people say; what is not among it goes by the ERP's documentation.
    statuses: Vec<StatusMeaning>,
}

/// What one status means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusMeaning {
    /// The kind of document.
    kind: contract::DocumentKind,
    /// The key of the status; its label when the ERP shows no key.
    #[schema(min_length = 1, max_length = 100)]
    key: String,
    /// What it means.
    meaning: contract::Meaning,
}

impl MapStatuses {
    /// The meanings as the use case takes them.
    pub(crate) fn into_meanings(self) -> Result<domain::Meanings, Problem> {
        let mut meanings = domain::Meanings::default();
        for (n, status) in self.statuses.into_iter().enumerate() {
            let at = |message: &str| {
                Problem::new(Code::InvalidRequest).at(format!("$.statuses[{n}].key"), message.to_owned())
            };
            let key = domain::Text::new(&status.key).map_err(|e| at(&e.to_string()))?.ok_or_else(|| at("is empty"))?;
            let of_kind = meanings.chosen.entry(status.kind.into()).or_default();
            if of_kind.insert(key, status.meaning.into()).is_some() {
                return Err(at("is in the list twice"));
            }
        }
        Ok(meanings)
    }
}

/// The reports of a kind of document, if it is one that is printed.
fn report(name: &str, of: contract::Reports) -> Result<(DocumentKind, domain::Reports), Problem> {
    let wrong = |path: &str, why: &str| Problem::new(Code::InvalidRequest).at(format!("$.reports{path}"), why);
    let kind = DocumentKind::from_erp_name(name);
    let kind = kind.filter(|kind| kind.is_printed());
    let kind = kind.ok_or_else(|| wrong("", "a name that is no type of invoice or credit note"))?;
    if of.sl == 0 || of.en == 0 {
        return Err(wrong(&format!(".{name}"), "the id of a report is 1 or more"));
    }
    Ok((kind, domain::Reports { sl: of.sl, en: of.en }))
}

/// User and password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The user's name.
    #[garde(length(bytes, min = 1, max = 128), custom(has_no_colon))]
    #[schema(min_length = 1, max_length = 128)]
    user: String,
    /// The password.
    #[garde(custom(is_secret))]
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, format = "password", write_only, min_length = 1, max_length = 256)]
    password: Option<SecretString>,
}

impl ConnectionSettings {
    /// The settings as the use case takes them.
    pub(crate) fn into_settings(self, paused: bool, expected_version: Option<u64>) -> Settings {
        let cadence = self.cadence.into_iter().map(|(object, c)| {
            (object, domain::Cadence { every_s: c.every_s, full_every_s: c.full_every_s, paused: c.paused })
        });
        let basic_auth = self.basic_auth.and_then(|b| Some(BasicAuth { user: b.user, password: b.password? }));
        Settings {
            base_url: self.base_url,
            company_id: self.company_id,
            secret_key: self.secret_key,
            webhook_secret: self.webhook_secret,
            basic_auth: basic_auth.map(|b| (b.user, b.password)),
            erp_user: self.api_user_email.map(|email| email.as_str().to_owned()),
            cadence: cadence.collect(),
            paused,
            expected_version,
        }
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Into::into))
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that garde calls")]
fn is_secret(value: &Option<SecretString>, _: &()) -> garde::Result {
    let Some(secret) = value else { return Ok(()) };
    let text = secret.expose_secret();
    if (1..=MAX_SECRET).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(garde::Error::new("not 1 to 256 bytes without control characters"))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that garde calls")]
fn is_number(value: &str, _: &()) -> garde::Result {
    if value.bytes().all(|b| b.is_ascii_digit()) { Ok(()) } else { Err(garde::Error::new("not digits only")) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that garde calls")]
fn has_no_colon(value: &str, _: &()) -> garde::Result {
    if value.contains(':') || value.chars().any(char::is_control) {
        Err(garde::Error::new("a colon or a control character in it"))
    } else {
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that garde calls")]
fn are_cadences(value: &BTreeMap<Object, contract::Cadence>, _: &()) -> garde::Result {
    for (object, cadence) in value {
        if !(60..=86_400).contains(&cadence.every_s) {
            return Err(garde::Error::new(format!("{object}.every_s: not between 60 and 86400")));
        }
        if !(900..=2_592_000).contains(&cadence.full_every_s) {
            return Err(garde::Error::new(format!("{object}.full_every_s: not between 900 and 2592000")));
        }
    }
    Ok(())
}

/// Refuses a value that is out of bounds, and says where.
pub(crate) fn check(value: &impl Validate<Context = ()>, root: &str) -> Result<(), Problem> {
    let Err(report) = value.validate() else { return Ok(()) };
    let problem = Problem::new(Code::InvalidRequest);
    Err(report.iter().fold(problem, |problem, (path, error)| problem.at(format!("{root}{path}"), error.message())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<(String, String)> {
        let settings: ConnectionSettings = serde_json::from_str(body).expect("the form");
        let Err(problem) = check(&settings, "$.") else { return Vec::new() };
        problem.errors().iter().map(|f| (f.path.clone(), f.message.clone())).collect()
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_at_its_place_and_not_repeated() {
        let long = "s".repeat(257);
        for (body, path) in [
            (r#"{"base_url":"","company_id":"16"}"#.to_owned(), "$.base_url"),
            (r#"{"base_url":"u","company_id":"MARKER"}"#.to_owned(), "$.company_id"),
            (r#"{"base_url":"u","company_id":"16","secret_key":""}"#.to_owned(), "$.secret_key"),
            (r#"{"base_url":"u","company_id":"16","secret_key":"MARKER\n"}"#.to_owned(), "$.secret_key"),
            (format!(r#"{{"base_url":"u","company_id":"16","webhook_secret":"{long}"}}"#), "$.webhook_secret"),
            (
                r#"{"base_url":"u","company_id":"16","basic_auth":{"user":"MAR:KER","password":"p"}}"#.to_owned(),
                "$.basic_auth.user",
            ),
            (
                r#"{"base_url":"u","company_id":"16","basic_auth":{"user":"u","password":""}}"#.to_owned(),
                "$.basic_auth.password",
            ),
            (
                r#"{"base_url":"u","company_id":"16","cadence":{"stock":{"every_s":59,"full_every_s":900}}}"#
                    .to_owned(),
                "$.cadence",
            ),
            (
                r#"{"base_url":"u","company_id":"16","cadence":{"stock":{"every_s":60,"full_every_s":899}}}"#
                    .to_owned(),
                "$.cadence",
            ),
        ] {
            let faults = faults(&body);
            assert_eq!(faults.len(), 1, "{body}: {faults:?}");
            assert_eq!(faults[0].0, path, "{body}");
            assert!(!faults[0].1.contains("MAR"), "{faults:?}");
        }
        assert_eq!(faults(r#"{"base_url":"https://main.metakocka.si","company_id":"16","secret_key":"k"}"#), []);
    }
}
