//! The running product: a process of its own that ends with the value, or with the test.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::control::Control;
use crate::http::Caller;
use crate::runner;

/// More than any start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Starts the runner and kills it, as `kill -9` does, when the pipe to this shell closes: however
/// the test ends, its end closes the pipe, so no runner is left behind.
const GUARD: &str =
    r#"folder=$1; shift; "$@" & child=$!; exec >/dev/null; cat; kill -9 $child; wait $child; rm -rf -- "$folder""#;

/// The ready line, as far as it is promised.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Where the API is.
    pub api: String,
    /// Where the console is.
    pub console: String,
    /// Where webhooks go.
    pub webhook: String,
    /// Where the simulated ERP is.
    pub erp: String,
    /// Where its control plane is; none with an ERP of one's own.
    pub control: Option<String>,
    /// The tenants that it connected.
    pub tenants: Vec<ReadyTenant>,
}

/// A tenant of the ready line.
#[derive(Clone, Debug, Deserialize)]
pub struct ReadyTenant {
    /// Its id.
    pub tenant: String,
    /// Its company in the ERP.
    pub company_id: String,
    /// A bearer token of its administrator.
    pub token: String,
    /// Where its webhooks go.
    pub webhook_url: String,
    /// What they are signed with.
    pub webhook_secret: String,
    /// What opens the console once.
    pub console_link: String,
}

/// The product, running.
pub struct Product {
    /// The ready line as it came.
    pub line: String,
    /// The ready line.
    pub ready: Ready,
    folder: PathBuf,
    data: Option<PathBuf>,
    stdout: Arc<Mutex<Vec<String>>>,
    guard: Child,
    pipe: Option<ChildStdin>,
}

impl Product {
    /// Starts `local --json --port 0` with more arguments, and waits for the ready line.
    pub fn start(arguments: &[&str]) -> Self {
        Self::try_start(arguments).unwrap_or_else(|said| panic!("the product did not start:\n{said}"))
    }

    /// The same with a data directory.
    pub fn start_with_data(data: &Path, arguments: &[&str]) -> Self {
        let folder = data.to_str().expect("a folder's name");
        let mut product = Self::start(&[&["--data", folder], arguments].concat());
        product.data = Some(data.to_owned());
        product
    }

    /// The product that scenarios share which need no restart. Its clock stands still, so it does
    /// nothing by itself, and nobody may move it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Product> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&["--clock", "manual"]))
    }

    fn try_start(arguments: &[&str]) -> Result<Self, String> {
        let folder = TempDir::new().expect("a folder").keep();
        let log = folder.join("stderr");
        let stderr = std::fs::File::create(&log).expect("a log");
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .args([folder.as_os_str(), runner::binary().as_os_str()])
            // The tests of one process share the tenants, and ask as fast as they can.
            .args(["--json", "--port", "0", "--requests-per-second", "10000"])
            .args(arguments)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("a shell");
        let pipe = guard.stdin.take();
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let lines = read_lines(guard.stdout.take().expect("a pipe"), Arc::clone(&stdout));
        let mut product = Self { line: String::new(), ready: none(), folder, data: None, stdout, guard, pipe };
        // An error: it ended without a line, or said nothing in time.
        let line = lines.recv_timeout(PATIENCE).map_err(|_| std::fs::read_to_string(&log).unwrap_or_default())?;
        product.ready = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        product.line = line;
        Ok(product)
    }

    /// What it has written to stdout so far.
    pub fn lines(&self) -> Vec<String> {
        self.stdout.lock().expect("no panic").clone()
    }

    /// The control plane of its simulator.
    pub fn control(&self) -> Control {
        Control::at(self.ready.control.as_deref().expect("it has a simulator"))
    }

    /// The administrator of one of its own tenants.
    pub fn administrator(&self, n: usize) -> Caller {
        Caller::with_token(&self.ready.api, &self.ready.tenants[n].token)
    }

    /// Someone without a token.
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(&self.ready.api)
    }

    /// Someone of a tenant, with a token that the command line made.
    pub fn caller(&self, tenant: &str, role: &str) -> Caller {
        Caller::with_token(&self.ready.api, &self.token(tenant, role))
    }

    /// A token as `local token` prints it.
    pub fn token(&self, tenant: &str, role: &str) -> String {
        let data = self.data.iter().flat_map(|data| [OsStr::new("--data"), data.as_os_str()]);
        let arguments = ["token", "--tenant", tenant, "--role", role].map(OsStr::new).into_iter().chain(data);
        let ended = run_in(&self.folder, arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout.trim_end().to_owned()
    }

    /// Kills it as `kill -9` does. What it kept in a data directory stays.
    pub fn kill(self) {}
}

impl Drop for Product {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The shell waits for the runner, so this process leaves none behind.
        let _ = self.guard.wait();
    }
}

fn none() -> Ready {
    Ready {
        api: String::new(),
        console: String::new(),
        webhook: String::new(),
        erp: String::new(),
        control: None,
        tenants: Vec::new(),
    }
}

/// Keeps every line that comes, and hands the first one over.
fn read_lines(from: impl std::io::Read + Send + 'static, kept: Arc<Mutex<Vec<String>>>) -> Receiver<String> {
    let (first, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            kept.lock().expect("no panic").push(line.clone());
            // Only the first is waited for.
            let _ = first.send(line);
        }
    });
    receiver
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Ended {
    /// The one line of stdout as JSON.
    pub fn line(&self) -> serde_json::Value {
        let mut lines = self.stdout.lines();
        let (Some(line), None) = (lines.next(), lines.next()) else { panic!("not one line: {self:?}") };
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the runner to its end, in a folder of its own.
pub fn run_to_end(arguments: &[&str]) -> Ended {
    let folder = TempDir::new().expect("a folder");
    run_in(folder.path(), arguments.iter().map(OsStr::new))
}

fn run_in<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a OsStr>) -> Ended {
    let output = Command::new(runner::binary()).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.expect("the runner starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}
