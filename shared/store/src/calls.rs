//! The one place where requests go out to the table; `reading` and `transaction` are its other parts.
//!
//! Decides what is tried again and how answers are counted. Must not know what
//! the items mean.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity, ReturnValue};
use std::future::Future;
use std::slice::from_ref;
use std::time::Duration;

use crate::error::{StoreError, classify, is_contention};
use crate::item::{Attributes, Draft, key_attributes};
use crate::key::Key;
use crate::metering::{Entity, Meter};
use crate::write::{Action, Guard, Write};

/// How often a request is sent again when another one stands in its way.
pub(crate) const MAX_RETRIES: u32 = 5;

/// Why a single write did not happen.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Its condition did not hold; the item, if the write asked for it and there is one.
    Condition(Option<Attributes>),
    Store(StoreError),
}

impl From<WriteError> for StoreError {
    fn from(e: WriteError) -> Self {
        match e {
            WriteError::Condition(_) => Self::Conflict,
            WriteError::Store(e) => e,
        }
    }
}

/// The client, the table's name, and what is counted.
pub(crate) struct Calls {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) meter: Option<Meter>,
}

impl Calls {
    pub(crate) fn capacity(&self) -> Option<ReturnConsumedCapacity> {
        self.meter.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    pub(crate) fn count_read(&self, key: Entity, n: usize, used: &[ConsumedCapacity]) {
        if let Some(meter) = &self.meter {
            meter.count_read(key, n);
            meter.count_read_units(used);
        }
    }

    pub(crate) fn count_write(&self, key: &Key, used: Option<&ConsumedCapacity>) {
        if let Some(meter) = &self.meter {
            meter.count_written(key.entity);
            meter.count_write_units(used.map(from_ref).unwrap_or_default());
        }
    }

    /// One item, consistently.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Attributes>, StoreError> {
        let out = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .set_return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| classify(&e))?;
        let used = out.consumed_capacity().map(from_ref).unwrap_or_default();
        self.count_read(key.entity, usize::from(out.item.is_some()), used);
        Ok(out.item)
    }

    /// One write by itself: the item after an update, before a deletion, `None` after a put.
    pub(crate) async fn write(&self, write: Write) -> Result<Option<Attributes>, WriteError> {
        let Write { key, action, guard } = write;
        match action {
            Action::Put(draft) => self.put(&key, draft, guard).await.map(|()| None),
            Action::Update(expression) => self.update(&key, expression, guard).await,
            Action::Delete => self.delete(&key, guard).await,
            Action::Check => Err(WriteError::Store(StoreError::Refused("lone check".to_owned()))),
        }
    }

    async fn put(&self, key: &Key, draft: Draft, guard: Guard) -> Result<(), WriteError> {
        let attributes = draft.finish().map_err(WriteError::Store)?;
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .set_condition_expression(guard.condition())
            .set_expression_attribute_names(guard.names(&Action::Check))
            .return_values_on_condition_check_failure(guard.on_failure())
            .set_expression_attribute_values(guard.into_values())
            .set_return_consumed_capacity(self.capacity());
        let out = retrying(|| request.clone().send()).await.map_err(write_error)?;
        self.count_write(key, out.consumed_capacity());
        Ok(())
    }

    async fn update(
        &self,
        key: &Key,
        expression: &'static str,
        guard: Guard,
    ) -> Result<Option<Attributes>, WriteError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .update_expression(expression)
            .set_condition_expression(guard.condition())
            .set_expression_attribute_names(guard.names(&Action::Update(expression)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(guard.on_failure())
            .set_expression_attribute_values(guard.into_values())
            .set_return_consumed_capacity(self.capacity());
        let out = retrying(|| request.clone().send()).await.map_err(write_error)?;
        self.count_write(key, out.consumed_capacity());
        Ok(out.attributes)
    }

    async fn delete(&self, key: &Key, guard: Guard) -> Result<Option<Attributes>, WriteError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .set_condition_expression(guard.condition())
            .set_expression_attribute_names(guard.names(&Action::Delete))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(guard.on_failure())
            .set_expression_attribute_values(guard.into_values())
            .set_return_consumed_capacity(self.capacity());
        let out = retrying(|| request.clone().send()).await.map_err(write_error)?;
        self.count_write(key, out.consumed_capacity());
        Ok(out.attributes)
    }
}

/// The errors of operations that write one item under a condition.
trait Conditional: ProvideErrorMetadata {
    /// The failed condition, with the item if the request asked for it and there is one; else `class`.
    fn or(self, class: StoreError) -> WriteError;
}

macro_rules! conditional {
    ($($error:ty),*) => {$(
        impl Conditional for $error {
            fn or(self, class: StoreError) -> WriteError {
                match self {
                    Self::ConditionalCheckFailedException(e) => {
                        WriteError::Condition(e.item.filter(|item| !item.is_empty()))
                    }
                    _ => WriteError::Store(class),
                }
            }
        }
    )*};
}
conditional!(PutItemError, UpdateItemError, DeleteItemError);

fn write_error<E: Conditional>(error: SdkError<E>) -> WriteError {
    let class = classify(&error);
    match error {
        SdkError::ServiceError(e) => e.into_err().or(class),
        _ => WriteError::Store(class),
    }
}

/// Sends until nothing stands in the way any more.
async fn retrying<T, E, F>(mut send: impl FnMut() -> F) -> Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let mut tries = 0;
    loop {
        match send().await {
            Err(e) if is_contention(&e) && tries < MAX_RETRIES => back_off(tries).await,
            other => return other,
        }
        tries += 1;
    }
}

/// Waits a random time below a bound that doubles, so that two writers do not meet again.
pub(crate) async fn back_off(tries: u32) {
    let bound = (25u64 << tries.min(6)).min(1_000);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..=bound))).await;
}
