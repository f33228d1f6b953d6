//! Reading many items: queries and batches. There is no scan here, so there is none in the product.
//!
//! Decides how pages join and what is read again. Must not know what the items mean.

use aws_sdk_dynamodb::types as sdk;
use aws_sdk_dynamodb::types::Select;
use std::collections::BTreeSet;
use std::slice::from_ref;

use crate::calls::{Calls, MAX_RETRIES, back_off};
use crate::error::{StoreError, classify};
use crate::item::{Attributes, key_attributes, text};
use crate::key::{Key, Partition, TODO_INDEX};

/// The most keys of a batch.
const BATCH: usize = 100;

/// Which sort keys of a partition.
#[derive(Clone, Debug)]
pub(crate) enum Sort {
    All,
    After(String),
    Before(String),
    UpTo(String),
    StartsWith(String),
}

/// A reading of a part of a partition.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) partition: Partition,
    pub(crate) sort: Sort,
    pub(crate) backward: bool,
    pub(crate) filter: Option<&'static str>,
    /// Of the `todo` index, which is eventually consistent; the table itself is always read consistently.
    pub(crate) todo: bool,
}

impl Query {
    pub(crate) const fn new(partition: Partition, sort: Sort) -> Self {
        Self { partition, sort, backward: false, filter: None, todo: false }
    }
}

struct Page {
    items: Vec<Attributes>,
    count: usize,
    last: Option<Attributes>,
}

impl Calls {
    /// Everything that the query matches.
    pub(crate) async fn query(&self, query: &Query) -> Result<Vec<Attributes>, StoreError> {
        let mut page = self.query_page(query, None, None, false).await?;
        let mut items = page.items;
        while let Some(last) = page.last {
            page = self.query_page(query, Some(last), None, false).await?;
            items.append(&mut page.items);
        }
        Ok(items)
    }

    /// The first `limit` items that the query matches.
    pub(crate) async fn query_first(&self, query: &Query, limit: usize) -> Result<Vec<Attributes>, StoreError> {
        let mut items = Vec::new();
        let mut last = None;
        while items.len() < limit {
            let mut page = self.query_page(query, last, Some(limit - items.len()), false).await?;
            items.append(&mut page.items);
            match page.last {
                Some(key) => last = Some(key),
                None => break,
            }
        }
        Ok(items)
    }

    /// How many items the query matches.
    pub(crate) async fn count(&self, query: &Query) -> Result<usize, StoreError> {
        let mut page = self.query_page(query, None, None, true).await?;
        let mut count = page.count;
        while let Some(last) = page.last {
            page = self.query_page(query, Some(last), None, true).await?;
            count += page.count;
        }
        Ok(count)
    }

    async fn query_page(
        &self,
        query: &Query,
        start: Option<Attributes>,
        limit: Option<usize>,
        counts: bool,
    ) -> Result<Page, StoreError> {
        let (pk, sk) = if query.todo { ("gpk", "gsk") } else { ("pk", "sk") };
        let (condition, sort) = match &query.sort {
            Sort::All => (format!("{pk} = :pk"), None),
            Sort::After(s) => (format!("{pk} = :pk AND {sk} > :sk"), Some(s)),
            Sort::Before(s) => (format!("{pk} = :pk AND {sk} < :sk"), Some(s)),
            Sort::UpTo(s) => (format!("{pk} = :pk AND {sk} <= :sk"), Some(s)),
            Sort::StartsWith(s) => (format!("{pk} = :pk AND begins_with({sk}, :sk)"), Some(s)),
        };
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", text(query.partition.pk.as_str()))
            .scan_index_forward(!query.backward)
            .consistent_read(!query.todo)
            .set_filter_expression(query.filter.map(str::to_owned))
            .set_exclusive_start_key(start)
            .set_limit(limit.map(|n| i32::try_from(n).unwrap_or(i32::MAX)))
            .set_select(counts.then_some(Select::Count))
            .set_return_consumed_capacity(self.capacity());
        if let Some(sort) = sort {
            request = request.expression_attribute_values(":sk", text(sort.as_str()));
        }
        if query.todo {
            request = request.index_name(TODO_INDEX);
        }
        let out = request.send().await.map_err(|e| classify(&e))?;
        let used = out.consumed_capacity().map(from_ref).unwrap_or_default();
        self.count_read(query.partition.entity, out.items().len(), used);
        Ok(Page {
            count: usize::try_from(out.count()).unwrap_or(0),
            items: out.items.unwrap_or_default(),
            last: out.last_evaluated_key,
        })
    }

    /// The items of `keys` that are there, consistently, in no particular order.
    pub(crate) async fn batch_get(&self, keys: &[Key]) -> Result<Vec<Attributes>, StoreError> {
        let distinct: BTreeSet<&Key> = keys.iter().collect();
        let mut waiting: Vec<Attributes> = distinct.iter().map(|k| key_attributes(k)).collect();
        let mut found = Vec::with_capacity(waiting.len());
        let mut idle = 0;
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(BATCH));
            let asked = waiting.len();
            let (mut items, mut unread) = self.batch(waiting).await?;
            if let (Some(key), Some(meter)) = (keys.first(), &self.meter) {
                meter.count_read(key.entity, items.len());
            }
            found.append(&mut items);
            // The service leaves out what exceeds its size or the table's capacity; only no progress at all is an error.
            if unread.len() == asked {
                if idle == MAX_RETRIES {
                    return Err(StoreError::Throttled);
                }
                back_off(idle).await;
                idle += 1;
            } else {
                idle = 0;
            }
            unread.extend(rest);
            waiting = unread;
        }
        Ok(found)
    }

    async fn batch(&self, keys: Vec<Attributes>) -> Result<(Vec<Attributes>, Vec<Attributes>), StoreError> {
        let wanted = sdk::KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(|_| StoreError::Refused("incomplete request".to_owned()))?;
        let out = self
            .client
            .batch_get_item()
            .request_items(&self.table, wanted)
            .set_return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| classify(&e))?;
        if let Some(meter) = &self.meter {
            meter.count_read_units(out.consumed_capacity());
        }
        let items = out.responses.and_then(|mut r| r.remove(&self.table)).unwrap_or_default();
        let unread = out.unprocessed_keys.and_then(|mut u| u.remove(&self.table)).map(|k| k.keys).unwrap_or_default();
        Ok((items, unread))
    }
}
