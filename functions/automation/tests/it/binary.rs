//! The built function takes ticks and the table's stream.

use serde_json::{Value, json};
use sync::delivery::Filter;

use crate::embedded_table;
use crate::lambda_stub::Function;
use crate::world::World;

#[tokio::test]
async fn the_built_function_takes_a_tick_and_a_batch_of_the_stream() {
    let world = World::new().await;
    world.endpoint(1, "http://127.0.0.1:9/", Filter::default()).await;
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_automation"),
        &[
            ("TABLE_NAME", world.table_name.as_str()),
            ("QUEUE_URL", "http://127.0.0.1:9/000000000000/work"),
            ("SECRETS_PREFIX", "test/"),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9"),
        ],
    )
    .await;
    let tick = json!({ "version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": {} });
    assert_eq!(function.invoke(&tick).await, Ok(Value::Null));
    let change = json!({ "eventName": "INSERT", "dynamodb": { "Keys": {
        "pk": { "S": "T#t_00000000000000000001#CHG" }, "sk": { "S": "00000000000000000001" } } } });
    assert_eq!(function.invoke(&json!({ "Records": [change] })).await, Ok(Value::Null));
}
