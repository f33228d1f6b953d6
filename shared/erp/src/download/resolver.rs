//! Names to addresses, each answer checked: what is connected to is what was checked, because nobody resolves again.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;

use super::address::closed;

/// Where names are looked up.
#[derive(Clone)]
pub(crate) enum Names {
    /// As this machine does.
    System,
    /// Test data: the answers in turn, the last one again.
    #[cfg(test)]
    Fixed(std::sync::Arc<std::sync::Mutex<Vec<Vec<IpAddr>>>>),
}

/// A name that leads to an address which is not gone to.
#[derive(Debug, Error)]
#[error("the name leads to an address that is not of the public internet")]
pub(crate) struct Refused;

/// The resolver of the one client that goes to addresses of others.
pub(crate) struct Guarded(Names);

impl Guarded {
    pub(crate) const fn new(names: Names) -> Self {
        Self(names)
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.0.clone();
        Box::pin(async move {
            let found = names.look_up(name.as_str()).await?;
            // One that is closed among open ones is no accident.
            if found.is_empty() || found.iter().any(|ip| closed(*ip).is_some()) {
                return Err(Refused.into());
            }
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

impl Names {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()),
            #[cfg(test)]
            Self::Fixed(answers) => {
                let mut answers = answers.lock().expect("no panic");
                Ok(if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_default() })
            }
        }
    }
}
