//! The row that all tenants of a host share.

use store::SavedDoor;

use crate::support::table;

#[tokio::test]
async fn a_door_is_written_by_the_one_who_saw_it_last_and_each_host_has_its_own() {
    let table = table().await;
    let (host, other) = ("https://main.metakocka.si", "https://elsewhere.example");
    assert_eq!(table.door(host).await, Ok(SavedDoor::default()));
    assert_eq!(table.replace_door_if(0, host, b"first").await, Ok(true));
    assert_eq!(table.replace_door_if(0, host, b"late").await, Ok(false));
    assert_eq!(table.door(host).await, Ok(SavedDoor { bytes: b"first".to_vec(), version: 1 }));
    assert_eq!(table.replace_door_if(1, host, b"second").await, Ok(true));
    assert_eq!(table.replace_door_if(1, host, b"late").await, Ok(false));
    assert_eq!(table.door(host).await, Ok(SavedDoor { bytes: b"second".to_vec(), version: 2 }));
    assert_eq!(table.door(other).await, Ok(SavedDoor::default()));
}
