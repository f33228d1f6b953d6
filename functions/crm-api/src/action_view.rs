//! Actions on documents, as they are asked for and shown.
//!
//! Decides the form only: which inputs there are is said by the table of
//! transitions. No message shows a value.

use app::actions::{Ask, OfDocument};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::action::{Acted, ActionEnd, Deed, DeedKind};
use domain::transition::{self, InputField, InputKind, Transition};
use domain::{ErpId, Text, value};
use jiff::Timestamp;
use runtime::{Code, Language, Problem, catalogue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use sync::action::{Action, How, Stage};
use utoipa::ToSchema;

use crate::contract;

/// An action to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestAction {
    /// What is to be done.
    action: contract::ActionName,
    /// Its inputs, as `GET /v1/documents/{id}/actions` lists them.
    #[serde(default)]
    #[schema(value_type = Object)]
    inputs: BTreeMap<String, Value>,
}

impl RequestAction {
    /// The request as the use case takes it.
    pub(crate) fn to_ask(&self, key: Option<String>) -> Result<Ask, Problem> {
        let kind = kind(self.action);
        let fields = transition::inputs(kind);
        let mut faults: Vec<(String, &'static str)> = Vec::new();
        let unknown = self.inputs.keys().filter(|name| !fields.iter().any(|f| f.name == name.as_str()));
        faults.extend(unknown.map(|name| (format!("$.inputs[\"{name}\"]"), "no input of this action")));
        for field in fields {
            let fault = match self.inputs.get(field.name).filter(|v| !v.is_null()) {
                None if field.required => Some("is missing"),
                None => None,
                Some(value) => wrong(field, value),
            };
            faults.extend(fault.map(|fault| (format!("$.inputs.{}", field.name), fault)));
        }
        if !faults.is_empty() {
            let problem = Problem::new(Code::InvalidRequest);
            return Err(faults.into_iter().fold(problem, |problem, (path, fault)| problem.at(path, fault)));
        }
        let mut deed: Map<String, Value> =
            self.inputs.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let mut file = None;
        if let Some(content) = deed.remove("content") {
            file = BASE64_STANDARD.decode(content.as_str().unwrap_or_default()).ok();
            // The use case says what it is.
            deed.extend([("bytes".to_owned(), json!(0)), ("hash".to_owned(), json!(""))]);
        }
        deed.insert("deed".to_owned(), json!(kind.name()));
        let deed = serde_json::from_value(Value::Object(deed));
        let deed = deed.map_err(|_| Problem::new(Code::InvalidRequest).at("$.inputs", "not of the listed form"))?;
        Ok(Ask { deed, file, key })
    }
}

/// What is wrong with the form of an input.
fn wrong(field: &InputField, value: &Value) -> Option<&'static str> {
    let text = value.as_str();
    match field.kind {
        InputKind::Amount => {
            let fits = text.is_some_and(|t| value::parse_decimal(t).is_ok());
            (!fits).then_some("not a decimal number as text")
        }
        InputKind::Date => {
            let fits = text.is_some_and(|t| t.len() == 10 && t.parse::<jiff::civil::Date>().is_ok());
            (!fits).then_some("not a day as 2026-11-24")
        }
        InputKind::Text => text.is_none_or(|t| Text::required(t).is_err()).then_some("not a text that says something"),
        InputKind::Flag => (!value.is_boolean()).then_some("not true or false"),
        InputKind::Choice => text.is_none_or(|t| !field.choices.contains(&t)).then_some("not one of the choices"),
        InputKind::Lines => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Line {
                product: ErpId,
                amount: String,
            }
            let lines = Vec::<Line>::deserialize(value);
            let fits = lines.is_ok_and(|lines| {
                lines.iter().all(|l| l.product > ErpId::new(0) && value::parse_decimal(&l.amount).is_ok())
            });
            (!fits).then_some("not a list of products with amounts")
        }
        InputKind::File => text.is_none_or(|t| BASE64_STANDARD.decode(t).is_err()).then_some("not base64"),
    }
}

/// An action, with texts in a language.
pub(crate) fn action(action: &Action, language: Language) -> contract::Action {
    let (name, inputs) = said(&action.deed);
    let mut view = contract::Action {
        id: contract::ActionId(action.id.to_string()),
        document: contract::RecordId(action.document.to_string()),
        action: name,
        inputs,
        actor: action.by.clone(),
        requested_at: time(action.at),
        state: contract::ActionState::Planned,
        sent: None,
        next_look_at: action.due.map(time),
        how: None,
        code: None,
        message: None,
        made: None,
    };
    match &action.stage {
        Stage::Planned => {}
        Stage::Sending { attempt, .. } => {
            view.state = contract::ActionState::Sending;
            view.sent = Some(*attempt);
        }
        Stage::Done { how, made } => {
            view.state = contract::ActionState::Done;
            view.how = Some(match how {
                How::Answered => contract::ActionHow::Answered,
                How::Found => contract::ActionHow::Found,
                How::Already => contract::ActionHow::Already,
            });
            view.made = made.map(|id| contract::ErpId(id.to_string()));
        }
        Stage::Rejected { code } => {
            view.state = contract::ActionState::Rejected;
            view.code = Some(code.clone());
        }
        Stage::Person { why } => {
            view.state = contract::ActionState::NeedsPerson;
            view.code = Some(why.code().to_owned());
        }
    }
    let text = view.code.as_deref().and_then(|code| catalogue::describe(code, language));
    view.message = text.map(|text| format!("{} {}", text.detail, text.remedy));
    view
}

/// What a document allows and what was done.
pub(crate) fn actions(of: &OfDocument, language: Language) -> contract::Actions {
    contract::Actions {
        allowed: of.allowed.iter().map(|t| allowed(t)).collect(),
        actions: of.actions.iter().map(|a| action(a, language)).collect(),
    }
}

fn allowed(transition: &Transition) -> contract::AllowedAction {
    let input = |field: &InputField| contract::ActionInput {
        name: field.name.to_owned(),
        kind: match field.kind {
            InputKind::Amount => contract::InputKind::Amount,
            InputKind::Date => contract::InputKind::Date,
            InputKind::Text => contract::InputKind::Text,
            InputKind::Flag => contract::InputKind::Flag,
            InputKind::Choice => contract::InputKind::Choice,
            InputKind::Lines => contract::InputKind::Lines,
            InputKind::File => contract::InputKind::File,
        },
        required: field.required,
        choices: field.choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    contract::AllowedAction { action: name(transition.deed), inputs: transition.inputs.iter().map(input).collect() }
}

/// An action that ended, as the feed tells it.
pub(crate) fn acted(acted: &Acted) -> contract::EndedAction {
    let (name, inputs) = said(&acted.deed);
    contract::EndedAction {
        id: contract::ActionId(acted.id.to_string()),
        action: name,
        inputs,
        state: match acted.ended {
            ActionEnd::Done => contract::ActionState::Done,
            ActionEnd::Rejected => contract::ActionState::Rejected,
            ActionEnd::NeedsPerson => contract::ActionState::NeedsPerson,
        },
        code: acted.code.clone(),
        made: acted.made.map(|id| contract::RecordId(id.to_string())),
    }
}

/// A deed by its name and inputs.
fn said(deed: &Deed) -> (contract::ActionName, BTreeMap<String, Value>) {
    let mut inputs: BTreeMap<String, Value> = match json_of(deed) {
        Value::Object(members) => members.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    inputs.remove("deed");
    (name(deed.kind()), inputs)
}

fn json_of(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn time(at: Timestamp) -> contract::Timestamp {
    contract::Timestamp(at.to_string())
}

const fn name(kind: DeedKind) -> contract::ActionName {
    match kind {
        DeedKind::Payment => contract::ActionName::Payment,
        DeedKind::Status => contract::ActionName::Status,
        DeedKind::Cancel => contract::ActionName::Cancel,
        DeedKind::Ship => contract::ActionName::Ship,
        DeedKind::OrderFromOffer => contract::ActionName::OrderFromOffer,
        DeedKind::Complaint => contract::ActionName::Complaint,
        DeedKind::Attachment => contract::ActionName::Attachment,
    }
}

const fn kind(name: contract::ActionName) -> DeedKind {
    match name {
        contract::ActionName::Payment => DeedKind::Payment,
        contract::ActionName::Status => DeedKind::Status,
        contract::ActionName::Cancel => DeedKind::Cancel,
        contract::ActionName::Ship => DeedKind::Ship,
        contract::ActionName::OrderFromOffer => DeedKind::OrderFromOffer,
        contract::ActionName::Complaint => DeedKind::Complaint,
        contract::ActionName::Attachment => DeedKind::Attachment,
    }
}
