//! Row 5: from the start of a function's binary to its first poll of the runtime.
//!
//! Decides what the stub of the Lambda Runtime API answers: nothing to a poll,
//! a made-up secret to Secrets Manager. It speaks plain HTTP on loopback, so
//! no TLS is in the time.

use super::{Row, median};
use crate::process;
use crate::stopwatch::Stopwatch;
use crate::template::ENVIRONMENT;
use crate::workspace::Workspace;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

const STARTS: usize = 20;
const BUDGET: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(10);

/// The median over many starts of each function.
pub(super) fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for package in workspace.functions() {
        for bin in &package.bins {
            let binary = binary(workspace, &package.name, bin)?;
            let stub = Stub::open()?;
            let mut times = (0..STARTS).map(|_| stub.start(&binary)).collect::<Result<Vec<_>>>()?;
            let middle = median(&mut times).context("no start was measured")?;
            let what = format!("{bin}, start to first poll, median of {STARTS}");
            rows.push(Row::told(5, what, format!("{:.1} ms", middle.as_secs_f64() * 1e3), "10 ms", middle <= BUDGET));
        }
    }
    Ok(rows)
}

/// What `cargo xtask bundle` built, or else a release build.
fn binary(workspace: &Workspace, package: &str, bin: &str) -> Result<PathBuf> {
    let bundled = workspace.target.join("lambda").join(bin).join("bootstrap");
    if bundled.exists() {
        return Ok(bundled);
    }
    process::output(process::cargo().args(["build", "--release", "--locked", "--package", package, "--bin", bin]))?;
    Ok(workspace.target.join("release").join(bin))
}

/// What the stub saw.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// The function asks for its first event.
    Poll,
    /// It says that it cannot start.
    InitError(String),
}

/// The runtime and the services of AWS, as far as a start needs them.
struct Stub {
    address: String,
    seen: Receiver<Seen>,
}

impl Stub {
    fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (sender, seen) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || serve(stream, &sender));
            }
        });
        Ok(Self { address, seen })
    }

    fn start(&self, binary: &Path) -> Result<Duration> {
        let mut command = Command::new(binary);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env_clear().envs(environment(&self.address));
        let watch = Stopwatch::start();
        let mut child = command.spawn().with_context(|| format!("could not start {}", binary.display()))?;
        let waited = self.wait(watch, &mut child);
        child.kill()?;
        child.wait()?;
        // What the connection of the ended process may still have said belongs to no later start.
        while self.seen.try_recv().is_ok() {}
        waited
    }

    fn wait(&self, watch: Stopwatch, child: &mut Child) -> Result<Duration> {
        loop {
            match self.seen.recv_timeout(Duration::from_millis(100)) {
                Ok(Seen::Poll) => return Ok(watch.elapsed()),
                Ok(Seen::InitError(why)) => bail!("the function could not start: {why}"),
                Err(RecvTimeoutError::Disconnected) => bail!("the stub of the runtime ended"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(status) = child.try_wait()? {
                bail!("the function ended before its first poll: {status}");
            }
            if watch.is_past(PATIENCE) {
                bail!("no poll within {} s", PATIENCE.as_secs());
            }
        }
    }
}

fn environment(address: &str) -> Vec<(String, String)> {
    let url = format!("http://{address}");
    let product = ENVIRONMENT.iter().map(|name| {
        let value = match *name {
            "QUEUE_URL" => format!("{url}/000000000000/work"),
            "JWKS_URL" => format!("{url}/jwks.json"),
            "JWT_ISSUER" | "PUBLIC_WEBHOOK_URL" | "ERP_HOSTS" => url.clone(),
            "SIGNING_KEY" => "0123456789abcdef".repeat(4),
            "FILES_BUCKET" => "bench-files".to_owned(),
            "SECRETS_PREFIX" => "bench/".to_owned(),
            "LOG_LEVEL" => "error".to_owned(),
            _ => "bench".to_owned(),
        };
        ((*name).to_owned(), value)
    });
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("AWS_ENDPOINT_URL", url.as_str()),
    ];
    product.chain(lambda.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Answers the requests of one connection until it ends.
fn serve(stream: TcpStream, sender: &Sender<Seen>) {
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        if request.line.contains("/runtime/invocation/next") {
            let _ = sender.send(Seen::Poll);
            // No event ever comes; the caller ends the process.
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
            return;
        }
        if request.line.contains("/runtime/init/error") {
            let _ = sender.send(Seen::InitError(request.body));
            return;
        }
        let body = answer(&request);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

struct Request {
    line: String,
    target: String,
    body: String,
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut request = Request { line: String::new(), target: String::new(), body: String::new() };
    reader.read_line(&mut request.line).ok().filter(|n| *n > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-amz-target" => value.trim().clone_into(&mut request.target),
            _ => {}
        }
    }
    reader.take(length).read_to_string(&mut request.body).ok()?;
    Some(request)
}

fn answer(request: &Request) -> &'static str {
    if request.target.ends_with("GetSecretValue") {
        r#"{"Name":"bench","VersionId":"1","SecretString":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}"#
    } else if request.line.contains("/jwks.json") {
        r#"{"keys":[]}"#
    } else {
        "{}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_seen_and_a_secret_is_answered() {
        let stub = Stub::open().expect("a free port");
        let mut stream = TcpStream::connect(&stub.address).expect("the stub listens");
        stream
            .write_all(b"POST / HTTP/1.1\r\nX-Amz-Target: secretsmanager.GetSecretValue\r\nContent-Length: 2\r\n\r\n{}")
            .expect("the stub reads");
        let mut line = String::new();
        BufReader::new(stream.try_clone().expect("a second handle")).read_line(&mut line).expect("an answer");
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        stream
            .write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: a\r\n\r\n")
            .expect("the stub reads");
        assert_eq!(stub.seen.recv_timeout(PATIENCE), Ok(Seen::Poll));
    }

    #[test]
    fn a_function_that_ends_at_once_is_no_start() {
        let stub = Stub::open().expect("a free port");
        let error = stub.start(Path::new("/bin/false")).expect_err("it never polls");
        assert!(error.to_string().contains("ended before its first poll"), "{error}");
    }

    #[test]
    fn every_variable_of_the_product_has_a_value() {
        let set = environment("127.0.0.1:1");
        assert!(ENVIRONMENT.iter().all(|name| set.iter().any(|(n, v)| n == name && !v.is_empty())));
    }
}
