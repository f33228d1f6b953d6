//! A server of one connection at a time that answers by script, down to the byte.

#![expect(clippy::disallowed_methods, reason = "a server of a test runs beside it")]

use erp::{
    Client, ClientConfig,
    client::{RetryPolicy, Timeouts},
};
use secrecy::SecretString;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The key that the tests look for in everything that can be seen.
pub(crate) const SECRET: &str = "marker-key-93b1";

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers with JSON and 200.
    Json(String),
    /// Answers with a status, a content type and a body.
    With(u16, &'static str, Vec<u8>),
    /// Announces more bytes than it sends, then closes.
    Cut(String),
    /// Reads the request and closes without a word.
    Close,
    /// Reads the request and never answers.
    Silence,
    /// Sends a byte now and then.
    Drip,
    /// Sends without end.
    Endless,
}

impl Reply {
    pub(crate) fn json(text: &str) -> Self {
        Self::Json(text.to_owned())
    }
}

/// A request that the server has seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) body: String,
}

/// The server and what it has seen.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// A server that gives the replies in turn, and the last one again and again.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for turn in 0.. {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let Some(request) = read_request(&mut stream).await else { continue };
                log.lock().expect("not poisoned").push(request);
                let reply = replies[replies.len().min(turn + 1) - 1].clone();
                tokio::spawn(answer(stream, reply));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    /// A client with short time limits and no pause between tries.
    pub(crate) fn client(&self) -> Client {
        Client::new(config(&self.url)).expect("a client")
    }
}

pub(crate) fn config(url: &str) -> ClientConfig {
    let mut config = ClientConfig::new(url, "16", SecretString::from(SECRET));
    config.retry = RetryPolicy::at_once();
    let limit = Duration::from_millis(300);
    config.timeouts = Timeouts { connect: limit, read: limit, write: limit };
    config
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some(Seen { path, body: body.to_owned() });
        }
    }
}

async fn answer(mut stream: TcpStream, reply: Reply) {
    // The client may hang up at any time; that is its right.
    let _ = match reply {
        Reply::Json(body) => send(&mut stream, 200, "application/json", body.len(), body.as_bytes()).await,
        Reply::With(status, kind, body) => send(&mut stream, status, kind, body.len(), &body).await,
        Reply::Cut(body) => send(&mut stream, 200, "application/json", body.len() + 100, body.as_bytes()).await,
        Reply::Close => Ok(()),
        Reply::Silence => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(())
        }
        Reply::Drip => drip(&mut stream).await,
        Reply::Endless => endless(&mut stream).await,
    };
}

async fn send(stream: &mut TcpStream, status: u16, kind: &str, length: usize, body: &[u8]) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}

async fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n").await?;
    loop {
        stream.write_all(b" ").await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n[\"").await?;
    let block = vec![b'a'; 1024 * 1024];
    loop {
        stream.write_all(&block).await?;
    }
}
