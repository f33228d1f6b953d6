//! One write of one item, alone or in a transaction.
//!
//! Decides how a write, its condition and its values become the SDK's types.
//! Must not send anything.

use aws_sdk_dynamodb::types as sdk;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use std::collections::HashMap;

use crate::error::StoreError;
use crate::item::{Attributes, Draft, key_attributes, size};
use crate::key::Key;

/// A write of one item.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) action: Action,
    pub(crate) guard: Guard,
}

/// What a write does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Put(Draft),
    Update(&'static str),
    Delete,
    Check,
}

/// Under which condition, with the values that the write's expressions name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    condition: Option<&'static str>,
    values: Attributes,
    tells_old: bool,
}

impl Write {
    fn new(key: Key, action: Action) -> Self {
        Self { key, action, guard: Guard::default() }
    }

    pub(crate) fn put(draft: Draft) -> Self {
        Self::new(draft.key.clone(), Action::Put(draft))
    }

    pub(crate) fn update(key: Key, expression: &'static str) -> Self {
        Self::new(key, Action::Update(expression))
    }

    pub(crate) fn delete(key: Key) -> Self {
        Self::new(key, Action::Delete)
    }

    /// Writes nothing; lets a transaction depend on an item.
    pub(crate) fn check(key: Key) -> Self {
        Self::new(key, Action::Check)
    }

    pub(crate) fn when(mut self, condition: &'static str) -> Self {
        self.guard.condition = Some(condition);
        self
    }

    pub(crate) fn when_absent(self) -> Self {
        self.when("attribute_not_exists(pk)")
    }

    pub(crate) fn value(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.guard.values.insert(name.to_owned(), value);
        self
    }

    /// A failed condition tells what the item was.
    pub(crate) fn telling_old(mut self) -> Self {
        self.guard.tells_old = true;
        self
    }

    /// Whether it changes anything.
    pub(crate) const fn changes(&self) -> bool {
        !matches!(self.action, Action::Check)
    }

    /// The write as a part of a transaction, and about how many bytes it is.
    pub(crate) fn into_item(self, table: &str) -> Result<(TransactWriteItem, usize), StoreError> {
        let Self { key, action, guard } = self;
        let key = key_attributes(&key);
        let mut bytes = size(&key) + size(&guard.values);
        let (names, condition) = (guard.names(&action), guard.condition());
        let values = guard.into_values();
        let item = TransactWriteItem::builder();
        let built = match action {
            Action::Put(draft) => {
                let attributes = draft.finish()?;
                bytes += size(&attributes);
                sdk::Put::builder()
                    .table_name(table)
                    .set_item(Some(attributes))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()
                    .map(|put| item.put(put))
            }
            Action::Update(expression) => sdk::Update::builder()
                .table_name(table)
                .set_key(Some(key))
                .update_expression(expression)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|update| item.update(update)),
            Action::Delete => sdk::Delete::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|delete| item.delete(delete)),
            Action::Check => sdk::ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|check| item.condition_check(check)),
        };
        let item = built.map_err(|_| StoreError::Refused("incomplete request".to_owned()))?;
        Ok((item.build(), bytes))
    }
}

impl Guard {
    pub(crate) fn condition(&self) -> Option<String> {
        self.condition.map(str::to_owned)
    }

    /// The names behind `#`: `ttl` is the one attribute of ours that is a reserved word.
    pub(crate) fn names(&self, action: &Action) -> Option<HashMap<String, String>> {
        let update = match action {
            Action::Update(expression) => expression,
            _ => "",
        };
        let named = [update, self.condition.unwrap_or_default()].iter().any(|e| e.contains("#ttl"));
        named.then(|| HashMap::from([("#ttl".to_owned(), "ttl".to_owned())]))
    }

    pub(crate) const fn on_failure(&self) -> ReturnValuesOnConditionCheckFailure {
        if self.tells_old {
            ReturnValuesOnConditionCheckFailure::AllOld
        } else {
            ReturnValuesOnConditionCheckFailure::None
        }
    }

    pub(crate) fn into_values(self) -> Option<Attributes> {
        (!self.values.is_empty()).then_some(self.values)
    }
}
