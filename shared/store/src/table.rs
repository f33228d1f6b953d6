//! The table: how it is reached and how it is made.
//!
//! Decides the client's time limits and the table's schema. What is in it is
//! for the other modules to say.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Credentials, Region};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableStatus, TimeToLiveSpecification,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::calls::Calls;
use crate::error::{StoreError, classify};
use crate::key::TODO_INDEX;
use crate::metering::Meter;
use crate::tenant::{Tenant, VerifiedTenant};

/// The product's table. Clones share the client.
#[derive(Clone)]
pub struct Table {
    pub(crate) calls: Arc<Calls>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Table").field(&self.calls.table).finish()
    }
}

/// The client's settings: every call ends in time for a Lambda to say what happened.
pub fn client_config(shared: &aws_config::SdkConfig) -> Builder {
    with_limits(Builder::from(shared))
}

fn with_limits(config: Builder) -> Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .read_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(6))
        .operation_timeout(Duration::from_secs(20))
        .build();
    config.timeout_config(timeouts).retry_config(RetryConfig::standard().with_max_attempts(3))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes the client")]
fn client(config: Config) -> Client {
    Client::from_conf(config)
}

impl Table {
    /// The table `name` behind `client`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { calls: Arc::new(Calls { client, table: name.into(), meter: None }) }
    }

    /// The table `name` with the client settings of [`client_config`].
    pub fn connect(shared: &aws_config::SdkConfig, name: impl Into<String>) -> Self {
        Self::new(client(client_config(shared).build()), name)
    }

    /// The table `name` of an embedded DynamoDB at `endpoint_url`, which asks for credentials and
    /// looks at none: for the local runner and for tests.
    pub fn embedded(endpoint_url: &str, name: impl Into<String>) -> Self {
        let config = with_limits(Config::builder())
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
            .endpoint_url(endpoint_url);
        Self::new(client(config.build()), name)
    }

    /// The same table, counting what is asked of it.
    #[must_use]
    pub fn with_meter(&self, meter: &Meter) -> Self {
        let config = self.calls.client.config().to_builder().interceptor(meter.clone()).build();
        Self {
            calls: Arc::new(Calls {
                client: client(config),
                table: self.calls.table.clone(),
                meter: Some(meter.clone()),
            }),
        }
    }

    /// The handle of a tenant whose identity was verified.
    pub fn tenant(&self, tenant: &VerifiedTenant) -> Tenant {
        Tenant::new(self.clone(), tenant.id().clone())
    }

    /// Opens a connection to the table, so that the first call does not wait for one.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.calls.get(&crate::key::tick()).await.map(|_| ())
    }

    /// Makes the table unless it is there. For the local runner and for tests: on AWS the stack's template makes it.
    pub async fn create_if_missing(&self) -> Result<(), StoreError> {
        if self.status().await?.is_some() {
            return self.wait_until_active().await;
        }
        let (client, table) = (&self.calls.client, &self.calls.table);
        let created = client
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes(&["pk", "sk", "gpk", "gsk"])?))
            .set_key_schema(Some(schema("pk", "sk")?))
            .global_secondary_indexes(todo_index()?)
            .send()
            .await;
        match created {
            Ok(_) => {}
            Err(e) if e.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {}
            Err(e) => return Err(classify(&e)),
        }
        self.wait_until_active().await?;
        let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl");
        client
            .update_time_to_live()
            .table_name(table)
            .time_to_live_specification(expiry.build().map_err(incomplete)?)
            .send()
            .await
            .map_err(|e| classify(&e))?;
        Ok(())
    }

    async fn status(&self) -> Result<Option<TableStatus>, StoreError> {
        match self.calls.client.describe_table().table_name(&self.calls.table).send().await {
            Ok(out) => Ok(out.table.and_then(|t| t.table_status)),
            Err(e) if e.as_service_error().is_some_and(DescribeTableError::is_resource_not_found_exception) => Ok(None),
            Err(e) => Err(classify(&e)),
        }
    }

    async fn wait_until_active(&self) -> Result<(), StoreError> {
        for _ in 0..100 {
            if self.status().await? == Some(TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(StoreError::Unavailable("the table is not active yet"))
    }
}

fn incomplete(_: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Refused("incomplete request".to_owned())
}

fn attributes(names: &[&str]) -> Result<Vec<AttributeDefinition>, StoreError> {
    let definition = |name: &&str| {
        AttributeDefinition::builder()
            .attribute_name(*name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(incomplete)
    };
    names.iter().map(definition).collect()
}

fn schema(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    let element =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(incomplete);
    Ok(vec![element(hash, KeyType::Hash)?, element(range, KeyType::Range)?])
}

fn todo_index() -> Result<GlobalSecondaryIndex, StoreError> {
    GlobalSecondaryIndex::builder()
        .index_name(TODO_INDEX)
        .set_key_schema(Some(schema("gpk", "gsk")?))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .map_err(incomplete)
}
