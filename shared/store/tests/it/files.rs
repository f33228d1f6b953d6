//! Rows about the files of documents.

use domain::{Object, RecordId};
use store::{FileRow, StoreError};

use crate::support::{table, tenant};

#[tokio::test]
async fn the_rows_of_a_document_are_its_own_and_are_written_on_the_version_that_was_read() {
    let table = table().await;
    let t = tenant(&table, 1);
    let order = RecordId::for_crm(t.id(), Object::Orders, "a");
    let other = RecordId::for_crm(t.id(), Object::Orders, "b");
    let row = |name: &str, version, bytes: &[u8]| FileRow { name: name.to_owned(), version, bytes: bytes.to_vec() };

    assert_eq!(t.file_row(order, "LOOK").await, Ok(None));
    for name in ["FILE#1", "FILE#2", "LOOK"] {
        t.put_file_row(order, name, 0, name.as_bytes()).await.expect("there is none");
    }
    t.put_file_row(other, "FILE#3", 0, b"other").await.expect("there is none");
    assert_eq!(t.put_file_row(order, "LOOK", 0, b"late").await, Err(StoreError::Conflict));
    t.put_file_row(order, "LOOK", 1, b"second").await.expect("the version");
    assert_eq!(t.put_file_row(order, "LOOK", 1, b"late").await, Err(StoreError::Conflict));
    assert_eq!(t.file_row(order, "LOOK").await, Ok(Some(row("LOOK", 2, b"second"))));

    let files = vec![row("FILE#1", 1, b"FILE#1"), row("FILE#2", 1, b"FILE#2")];
    assert_eq!(t.file_rows(order, "FILE#").await, Ok(files));
    assert_eq!(t.remove_file_row(order, "FILE#1", 2).await, Err(StoreError::Conflict));
    t.remove_file_row(order, "FILE#1", 1).await.expect("the version");
    assert_eq!(t.file_rows(order, "FILE#").await, Ok(vec![row("FILE#2", 1, b"FILE#2")]));

    let stranger = tenant(&table, 2);
    assert_eq!(stranger.file_rows(order, "").await, Ok(vec![]));
    assert_eq!(stranger.remove_file_row(order, "FILE#2", 1).await, Err(StoreError::Conflict));
    assert_eq!(t.file_rows(order, "").await.map(|rows| rows.len()), Ok(2));
}
