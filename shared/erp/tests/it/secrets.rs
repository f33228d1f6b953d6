//! The key is in every request and must be seen nowhere else.

use domain::DocumentKind;
use erp::client::{DocumentDraft, SearchQuery};
use std::{
    error::Error,
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Reply, SECRET, Server, config};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_key_is_in_no_error_no_debug_output_and_no_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For the whole process: what is enabled is remembered for all threads, so a log of this one would miss lines.
    tracing::subscriber::set_global_default(subscriber).expect("the only log");
    let echo = |code: &str| Reply::Json(format!(r#"{{"opr_code":"{code}","opr_desc":"wrong key {SECRET}"}}"#));
    let mut seen = Vec::new();
    for reply in [
        echo("1"),
        echo("2"),
        echo("3"),
        echo("4"),
        echo("5"),
        echo("6"),
        echo("77"),
        Reply::Close,
        Reply::json(SECRET),
    ] {
        let server = Server::start(vec![reply]).await;
        let client = server.client();
        seen.push(format!("{client:?} {:?}", config(&server.url)));
        let read = client.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect_err("it fails");
        let write = client.put_document(&DocumentDraft::new(DocumentKind::SalesOrder)).await.expect_err("it fails");
        for error in [read, write] {
            seen.push(format!("{error} {error:?}"));
            let mut source = error.source();
            while let Some(error) = source {
                seen.push(format!("{error} {error:?}"));
                source = error.source();
            }
        }
        assert!(server.seen().iter().all(|request| request.body.contains(SECRET)), "the server needs the key");
    }
    let log = log.0.lock().expect("not poisoned");
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("a call to the ERP is tried again"), "something is logged");
    assert!(seen.iter().all(|text| !text.contains(SECRET)), "in an error");
    assert!(!log.contains(SECRET), "in the log");
}
