//! An embedded DynamoDB on loopback for a test binary, with a table for each test.
//!
//! Taken by the tests of the functions with `#[path]`.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};
use store::Table;

/// A table of one test.
pub(crate) struct EmbeddedTable {
    /// The table through the real client.
    pub(crate) table: Table,
    /// Its name.
    pub(crate) name: String,
}

/// The server's address. It runs on a thread of its own until the binary ends.
pub(crate) fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let db = dynoxide::Database::memory().expect("a database");
                dynoxide::server::serve_on(listener, db).await;
            });
        });
        format!("http://{address}")
    })
}

/// A new, empty table.
pub(crate) async fn new_table() -> EmbeddedTable {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("table-{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let table = Table::embedded(endpoint(), name.as_str());
    table.create_if_missing().await.expect("a table");
    EmbeddedTable { table, name }
}
