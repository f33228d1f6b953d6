//! The secrets of tenants without AWS: in memory, or in one file that only its owner can read.

use async_trait::async_trait;
use domain::TenantId;
use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{fs, io::AsyncWriteExt, sync::Mutex};

use super::{Secrets, TenantSecrets};
use crate::error::SecretsError;

/// Secrets in this process, with a file behind them if they have to survive it.
pub struct LocalSecrets {
    path: Option<PathBuf>,
    by_tenant: Mutex<BTreeMap<TenantId, Arc<TenantSecrets>>>,
}

impl LocalSecrets {
    /// Secrets that end with the process.
    pub fn in_memory() -> Self {
        Self { path: None, by_tenant: Mutex::default() }
    }

    /// Secrets in the file `path`, which is made when the first are saved. A file that others can read is refused.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, SecretsError> {
        let path = path.into();
        let by_tenant = match fs::read_to_string(&path).await {
            Ok(text) => {
                check_mode(&path).await?;
                decode(&text).ok_or_else(|| refused(&path, "it is not a secrets file", None))?
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(e) => return Err(refused(&path, "it cannot be read", Some(e))),
        };
        Ok(Self { path: Some(path), by_tenant: Mutex::new(by_tenant) })
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn get(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.by_tenant.lock().await.get(tenant).cloned().ok_or(SecretsError::NotFound)
    }

    async fn get_fresh(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.get(tenant).await
    }

    async fn put(&self, tenant: &TenantId, secrets: &TenantSecrets) -> Result<(), SecretsError> {
        // The lock is held over the write, so that two saves do not lose one another's tenant.
        let mut by_tenant = self.by_tenant.lock().await;
        let mut next = by_tenant.clone();
        next.insert(tenant.clone(), Arc::new(secrets.clone()));
        if let Some(path) = &self.path {
            write_whole(path, &encode(&next)).await.map_err(|e| refused(path, "it cannot be written", Some(e)))?;
        }
        *by_tenant = next;
        Ok(())
    }
}

fn refused(path: &Path, reason: &'static str, cause: Option<io::Error>) -> SecretsError {
    SecretsError::File { path: path.display().to_string(), reason, cause }
}

fn encode(by_tenant: &BTreeMap<TenantId, Arc<TenantSecrets>>) -> String {
    let raw: BTreeMap<&str, Box<RawValue>> = by_tenant
        .iter()
        .map(|(t, s)| (t.as_str(), RawValue::from_string(s.encode().expose_secret().to_owned()).expect("our own JSON")))
        .collect();
    serde_json::to_string(&raw).expect("strings always serialise")
}

fn decode(text: &str) -> Option<BTreeMap<TenantId, Arc<TenantSecrets>>> {
    let raw: BTreeMap<TenantId, Box<RawValue>> = serde_json::from_str(text).ok()?;
    raw.into_iter().map(|(t, s)| Some((t, Arc::new(TenantSecrets::decode(s.get()).ok()?)))).collect()
}

/// Old or new, never half: a second file that takes the name of the first.
async fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    match fs::remove_file(&draft).await {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    // Made anew with its final mode: at no time can others read it.
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&draft).await?;
    file.write_all(text.as_bytes()).await?;
    file.sync_all().await?;
    fs::rename(&draft, path).await
}

#[cfg(unix)]
async fn check_mode(path: &Path) -> Result<(), SecretsError> {
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::metadata(path).await.map_err(|e| refused(path, "it cannot be read", Some(e)))?;
    let others = meta.permissions().mode() & 0o077;
    if others == 0 { Ok(()) } else { Err(refused(path, "others can read it; set its mode to 600", None)) }
}

#[cfg(not(unix))]
async fn check_mode(_: &Path) -> Result<(), SecretsError> {
    Ok(())
}
