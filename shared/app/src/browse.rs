//! Looking at records, with a cache that is never stale.
//!
//! An answer is kept with the number of the tenant's last change. Every read
//! asks for that number first (one read unit), so a read after a run sees the
//! run's writes, and a read in between costs one unit whatever its size.
//! A part of the stock is kept together with its products, which say how much is
//! enough; the tree of the categories is kept, not the products that it is of.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use domain::category::Categories;
use domain::{ErpId, Object, Record, RecordId, TenantId};
use store::{Listed, StoreError, Stored, Tenant};

/// How many answers are kept.
const KEPT: usize = 256;
/// How many trees of categories are kept.
const TREES: usize = 32;
/// The most products that a tree is made of.
const MOST_COUNTED: usize = 10_000;
/// Products that are read at a time to count them.
const COUNTED_AT_ONCE: usize = 500;

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The object type.
    pub object: Object,
    /// Records after this one.
    pub after: Option<RecordId>,
    /// At most so many.
    pub limit: usize,
    /// Those that the ERP no longer has as well.
    pub with_missing: bool,
}

/// A part of a list, with the products that a part of the stock is of.
#[derive(Debug)]
pub struct Shown {
    listed: Listed,
    products: BTreeMap<ErpId, Stored>,
}

impl Deref for Shown {
    type Target = Listed;
    fn deref(&self) -> &Listed {
        &self.listed
    }
}

impl Shown {
    /// The product that a record of stock is of.
    pub fn product_of(&self, stock: &Stored) -> Option<&Stored> {
        self.products.get(&stock.erp_id)
    }
}

/// The categories of a tenant's products.
#[derive(Debug, Default)]
pub struct Tree {
    /// The categories.
    pub categories: Categories,
    /// All products were counted.
    pub is_complete: bool,
}

/// Answers of a warm function, by tenant and part.
#[derive(Default)]
pub struct Browser {
    kept: Mutex<Kept>,
    trees: Mutex<BTreeMap<TenantId, (u64, Arc<Tree>)>>,
}

#[derive(Default)]
struct Kept {
    answers: BTreeMap<(TenantId, Part), (u64, Arc<Shown>)>,
    order: VecDeque<(TenantId, Part)>,
}

impl Browser {
    /// A part of a list as it is now.
    pub async fn list(&self, tenant: &Tenant, part: &Part) -> Result<Arc<Shown>, StoreError> {
        let seq = tenant.seq().await?;
        let key = (tenant.id().clone(), part.clone());
        if let Some(answer) = self.kept(&key, seq) {
            return Ok(answer);
        }
        let listed = tenant.list(part.object, part.after, part.limit, part.with_missing).await?;
        let products = match part.object {
            Object::Stock => products(tenant, &listed).await?,
            _ => BTreeMap::new(),
        };
        let shown = Arc::new(Shown { listed, products });
        self.keep(key, seq, &shown);
        Ok(shown)
    }

    /// The categories of the tenant's products as they are now, of at most 10 000 products.
    pub async fn categories(&self, tenant: &Tenant) -> Result<Arc<Tree>, StoreError> {
        let seq = tenant.seq().await?;
        let kept = self.trees.lock().unwrap_or_else(PoisonError::into_inner).get(tenant.id()).cloned();
        if let Some((_, tree)) = kept.filter(|(at, _)| *at == seq) {
            return Ok(tree);
        }
        let tree = Arc::new(counted(tenant).await?);
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        if trees.len() >= TREES && !trees.contains_key(tenant.id()) {
            trees.pop_first();
        }
        trees.insert(tenant.id().clone(), (seq, tree.clone()));
        Ok(tree)
    }

    fn kept(&self, key: &(TenantId, Part), seq: u64) -> Option<Arc<Shown>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(key).filter(|(at, _)| *at == seq).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, key: (TenantId, Part), seq: u64, shown: &Arc<Shown>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.answers.insert(key.clone(), (seq, shown.clone())).is_none() {
            kept.order.push_back(key);
        }
        while kept.order.len() > KEPT {
            if let Some(oldest) = kept.order.pop_front() {
                kept.answers.remove(&oldest);
            }
        }
    }
}

/// The products that the records of stock are of.
async fn products(tenant: &Tenant, stock: &Listed) -> Result<BTreeMap<ErpId, Stored>, StoreError> {
    let id = |stock: &Stored| RecordId::for_erp(tenant.id(), Object::Products, stock.erp_id);
    let ids: Vec<RecordId> = stock.records.iter().map(id).collect();
    Ok(tenant.records(&ids).await?.into_values().map(|product| (product.erp_id, product)).collect())
}

async fn counted(tenant: &Tenant) -> Result<Tree, StoreError> {
    let mut tree = Tree::default();
    let mut after = None;
    for _ in 0..MOST_COUNTED / COUNTED_AT_ONCE {
        let part = tenant.list(Object::Products, after, COUNTED_AT_ONCE, false).await?;
        for stored in &part.records {
            if let Record::Product(product) = &stored.record {
                tree.categories.count(&product.categories);
            }
        }
        after = part.next;
        if after.is_none() {
            tree.is_complete = true;
            break;
        }
    }
    Ok(tree)
}
