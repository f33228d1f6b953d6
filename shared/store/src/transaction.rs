//! Transactions: all writes or none, sent until nothing stands in the way.
//!
//! Decides which failures are tried again and which condition failed. What a
//! failed condition means is for the caller to say.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use std::collections::BTreeSet;

use crate::calls::{Calls, MAX_RETRIES, back_off};
use crate::error::{StoreError, classify};
use crate::key::Key;
use crate::write::Write;

/// The most items of a transaction.
const MAX_ITEMS: usize = 100;

/// The most bytes of a transaction: the service's 4 MB, less room for what it counts and we do not.
const MAX_BYTES: usize = 3_900_000;

/// Why a transaction did not happen.
#[derive(Debug)]
pub(crate) enum TransactError {
    /// The positions whose conditions did not hold, in order.
    Conditions(Vec<usize>),
    Store(StoreError),
}

impl Calls {
    /// All writes or none of them.
    ///
    /// Every attempt carries the same token, so that an attempt whose answer was lost is not done twice.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<(), TransactError> {
        let keys: Vec<Key> = writes.iter().filter(|w| w.changes()).map(|w| w.key.clone()).collect();
        let items = self.transaction_items(writes).map_err(TransactError::Store)?;
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(format!("{:032x}", rand::random::<u128>()))
            .set_return_consumed_capacity(self.capacity());
        for tries in 0.. {
            match request.clone().send().await {
                Ok(out) => {
                    for key in &keys {
                        self.count_write(key, None);
                    }
                    if let Some(meter) = &self.meter {
                        meter.count_write_units(out.consumed_capacity());
                    }
                    break;
                }
                Err(e) => match cancelled(&e) {
                    TransactError::Store(StoreError::Throttled) if tries < MAX_RETRIES => {
                        back_off(tries).await;
                    }
                    e => return Err(e),
                },
            }
        }
        Ok(())
    }

    fn transaction_items(&self, writes: Vec<Write>) -> Result<Vec<TransactWriteItem>, StoreError> {
        if writes.len() > MAX_ITEMS {
            return Err(StoreError::TooLarge);
        }
        // The service refuses two writes of one item; said here, it names our own defect.
        let distinct: BTreeSet<&Key> = writes.iter().map(|w| &w.key).collect();
        if distinct.len() < writes.len() {
            return Err(StoreError::Refused("one item twice in a transaction".to_owned()));
        }
        let mut total = 0;
        let mut items = Vec::with_capacity(writes.len());
        for write in writes {
            let (item, bytes) = write.into_item(&self.table)?;
            total += bytes;
            items.push(item);
        }
        if total > MAX_BYTES { Err(StoreError::TooLarge) } else { Ok(items) }
    }
}

const BUSY: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

fn cancelled(error: &SdkError<TransactWriteItemsError>) -> TransactError {
    let reasons = match error {
        SdkError::ServiceError(e) => match e.err() {
            TransactWriteItemsError::TransactionCanceledException(e) => e.cancellation_reasons(),
            _ => &[],
        },
        _ => &[],
    };
    if reasons.is_empty() {
        return TransactError::Store(classify(error));
    }
    let coded = |codes: &[&str]| -> Vec<usize> {
        let has = |r: &CancellationReason| r.code().is_some_and(|c| codes.contains(&c));
        (0..).zip(reasons).filter(|(_, r)| has(r)).map(|(n, _)| n).collect()
    };
    let failed = coded(&["ConditionalCheckFailed"]);
    if !failed.is_empty() {
        return TransactError::Conditions(failed);
    }
    TransactError::Store(if !coded(&BUSY).is_empty() {
        StoreError::Throttled
    } else if !coded(&["ItemCollectionSizeLimitExceeded"]).is_empty() {
        StoreError::TooLarge
    } else {
        StoreError::Refused("TransactionCanceledException".to_owned())
    })
}
