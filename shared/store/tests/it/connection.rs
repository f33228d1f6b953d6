//! The connection, its webhook's address, and the schedule's rows.

use domain::{Cadence, EndpointId, Object};
use store::{Connection, ConnectionState, SLOTS, StoreError};

use crate::support::{at, table, tenant, tenant_id};

fn endpoint(c: char) -> EndpointId {
    format!("whe_{}", c.to_string().repeat(32)).parse().expect("an endpoint id")
}

pub(crate) fn connection(c: char) -> Connection {
    let cadence = Cadence { every_s: 900, full_every_s: 86_400, paused: false };
    Connection {
        company_id: "16".to_owned(),
        base_url: "https://erp.example".to_owned(),
        endpoint_id: endpoint(c),
        state: ConnectionState::Connected,
        cadence: Object::ALL.map(|object| (object, cadence)).into(),
        created_at: at(0),
        updated_at: at(0),
        version: 0,
    }
}

#[tokio::test]
async fn a_connection_comes_with_its_endpoint_and_its_place_in_the_schedule() {
    let table = table().await;
    let t = tenant(&table, 1);
    assert_eq!(t.connection().await, Ok(None));
    let made = t.create_connection(&connection('a')).await.expect("made");
    assert_eq!(made.version, 1);
    assert_eq!(t.connection().await, Ok(Some(made)));
    assert_eq!(table.tenant_of_endpoint(&endpoint('a')).await, Ok(Some(tenant_id(1))));
    assert_eq!(table.tenant_of_endpoint(&endpoint('b')).await, Ok(None));
    let mut due = Vec::new();
    for slot in 0..SLOTS {
        due.extend(table.due(slot).await.expect("a read"));
    }
    assert_eq!(due, [tenant_id(1)]);
}

#[tokio::test]
async fn a_second_connection_or_a_taken_endpoint_changes_nothing() {
    let table = table().await;
    let (one, two) = (tenant(&table, 1), tenant(&table, 2));
    let made = one.create_connection(&connection('a')).await.expect("made");
    assert_eq!(one.create_connection(&connection('b')).await, Err(StoreError::Conflict));
    assert_eq!(two.create_connection(&connection('a')).await, Err(StoreError::Conflict));
    assert_eq!(one.connection().await, Ok(Some(made)));
    assert_eq!(two.connection().await, Ok(None));
    assert_eq!(table.tenant_of_endpoint(&endpoint('b')).await, Ok(None));
    assert_eq!(table.tenant_of_endpoint(&endpoint('a')).await, Ok(Some(tenant_id(1))));
}

#[tokio::test]
async fn a_connection_is_replaced_only_at_the_version_that_was_read_and_keeps_its_endpoint() {
    let t = tenant(&table().await, 1);
    let mut next = t.create_connection(&connection('a')).await.expect("made");
    next.state = ConnectionState::Paused { code: "erp_key_refused".to_owned() };
    next.updated_at = at(5);
    let second = t.replace_connection_if(1, &next).await.expect("replaced");
    assert_eq!(second.version, 2);
    assert_eq!(t.replace_connection_if(1, &next).await, Err(StoreError::Conflict));
    let moved = Connection { endpoint_id: endpoint('z'), ..second.clone() };
    assert_eq!(t.replace_connection_if(2, &moved).await, Err(StoreError::Conflict));
    assert_eq!(t.connection().await, Ok(Some(second)));
}

#[tokio::test]
async fn the_schedule_moves_on_once_for_each_reading() {
    let table = table().await;
    assert_eq!(table.last_tick().await, Ok(None));
    assert_eq!(table.advance_tick(None, 100).await, Ok(true));
    assert_eq!(table.advance_tick(None, 100).await, Ok(false));
    assert_eq!(table.last_tick().await, Ok(Some(100)));
    assert_eq!(table.advance_tick(Some(99), 101).await, Ok(false));
    assert_eq!(table.advance_tick(Some(100), 101).await, Ok(true));
    assert_eq!(table.last_tick().await, Ok(Some(101)));
}

#[tokio::test]
async fn making_the_table_again_leaves_it_as_it_is() {
    let table = table().await;
    table.advance_tick(None, 7).await.expect("a write");
    table.create_if_missing().await.expect("there already");
    table.warm_up().await.expect("reachable");
    assert_eq!(table.last_tick().await, Ok(Some(7)));
}
