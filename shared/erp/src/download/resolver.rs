//! The client that goes to addresses of others, and its resolver: each answer is checked, and what is connected to is
//! what was checked, because nobody resolves again.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::net::{IpAddr, SocketAddr};
use std::{sync::Arc, time::Duration};
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
struct Refused;

/// To take a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// A client for addresses of others. A whole exchange takes no longer than `whole`.
pub(crate) fn client(names: Names, whole: Duration) -> reqwest::Result<reqwest::Client> {
    #[expect(clippy::disallowed_methods, reason = "the one client that goes to addresses of others")]
    reqwest::Client::builder()
        .redirect(Policy::none())
        // The environment is not ours to read, and a proxy would resolve names for itself.
        .no_proxy()
        .retry(reqwest::retry::never())
        // Each exchange is resolved, checked and connected to anew.
        .pool_max_idle_per_host(0)
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(whole)
        .dns_resolver(Arc::new(Guarded(names)))
        .build()
}

/// Whether an exchange failed because a name leads to where nobody goes.
pub(crate) fn is_refused(error: &reqwest::Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |cause| cause.source()).any(<dyn std::error::Error>::is::<Refused>)
}

/// Its resolver.
struct Guarded(Names);

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
