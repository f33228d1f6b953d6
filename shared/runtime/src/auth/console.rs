//! The door of the console: one-time links, and the sessions they open.
//!
//! Decides how long a link and a session last and how their secrets look:
//! `<tenant>.<43 characters>`, of which only a hash is kept. A session carries
//! the role it was opened with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloud::Clock;
use domain::TenantId;
use http::{HeaderMap, HeaderValue, header::COOKIE};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{ConsoleLink, Session, StoreError, Table, VerifiedTenant};

use super::caller::Caller;
use crate::{
    catalogue::Code,
    permission::{Role, UnknownRole},
    problem::Problem,
};

/// The cookie's name.
pub const SESSION_COOKIE: &str = "crm_erp_session";

const LINK_LASTS: SignedDuration = SignedDuration::from_mins(15);
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);
const SECRET_BYTES: usize = 32;
const SECRET_TEXT: usize = 43;

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The link was used, is too old, or never was.
    #[error("the link is not valid")]
    LinkInvalid,
    /// There is no session, or it is over.
    #[error("not signed in")]
    SignedOut,
    /// The kept role does not exist any more.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// A program asks for a link, with its key.
    #[error("the console is for people")]
    NoPerson,
    /// The table could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ConsoleError> for Problem {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::LinkInvalid => Self::new(Code::LinkInvalid),
            ConsoleError::SignedOut => Self::new(Code::Unauthorized),
            ConsoleError::NoPerson => Self::new(Code::Forbidden),
            ConsoleError::Role(e) => Self::new(Code::RoleUnknown).at("role", e.to_string()),
            ConsoleError::Store(e) => e.into(),
        }
    }
}

/// Somebody who has just come in through a link.
#[derive(Debug)]
pub struct Entered {
    /// Who.
    pub person: SignedIn,
    /// The `Set-Cookie` that keeps them signed in.
    pub cookie: HeaderValue,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub caller: Caller,
    /// As what.
    pub role: Role,
}

/// The console's door.
#[derive(Clone, Debug)]
pub struct ConsoleDoor {
    table: Table,
    clock: Clock,
    secure: bool,
}

impl ConsoleDoor {
    /// A door whose sessions are kept in `table`. `secure` unless the console is served by plain http on this machine.
    pub const fn new(table: Table, clock: Clock, secure: bool) -> Self {
        Self { table, clock, secure }
    }

    /// The code of a new link that lets in who calls now, as what they are now, once.
    pub async fn issue_link(&self, caller: &Caller) -> Result<String, ConsoleError> {
        let role = caller.role().ok_or(ConsoleError::NoPerson)?;
        let (code, hash) = new_secret(caller.tenant().id());
        let expires = self.clock.now().saturating_add(LINK_LASTS).unwrap_or(jiff::Timestamp::MAX);
        let link = ConsoleLink { subject: caller.subject().to_owned(), role: role.name().to_owned(), expires };
        self.table.tenant(caller.tenant()).create_link(&hash, &link).await?;
        Ok(code)
    }

    /// Use a link up and open a session.
    pub async fn redeem(&self, code: &str) -> Result<Entered, ConsoleError> {
        let (tenant, hash) = split(code).ok_or(ConsoleError::LinkInvalid)?;
        let now = self.clock.now();
        // Handed out only if the tenant's own row knows the code's hash.
        let claimed = VerifiedTenant::vouch(tenant);
        let rows = self.table.tenant(&claimed);
        let link = rows.redeem_link(&hash, now).await?.ok_or(ConsoleError::LinkInvalid)?;
        let role: Role = link.role.parse()?;
        let (value, hash) = new_secret(claimed.id());
        let expires = now.saturating_add(SESSION_LASTS).unwrap_or(jiff::Timestamp::MAX);
        let session = Session { subject: link.subject.clone(), role: link.role, expires };
        rows.create_session(&hash, &session).await?;
        let person = SignedIn { caller: Caller::new(claimed, link.subject, role), role };
        Ok(Entered { person, cookie: session_cookie(&value, self.secure) })
    }

    /// Who is signed in, by the session's cookie.
    pub async fn verify(&self, headers: &HeaderMap) -> Result<SignedIn, ConsoleError> {
        let (tenant, hash) = read_session_cookie(headers).and_then(split).ok_or(ConsoleError::SignedOut)?;
        let claimed = VerifiedTenant::vouch(tenant);
        let session =
            self.table.tenant(&claimed).session(&hash, self.clock.now()).await?.ok_or(ConsoleError::SignedOut)?;
        let role = session.role.parse()?;
        Ok(SignedIn { caller: Caller::new(claimed, session.subject, role), role })
    }

    /// End the session of a request; answers the `Set-Cookie` that forgets it.
    pub async fn leave(&self, headers: &HeaderMap) -> Result<HeaderValue, StoreError> {
        if let Some((tenant, hash)) = read_session_cookie(headers).and_then(split) {
            // Only who knows the secret can name its hash, so nobody ends another's session.
            self.table.tenant(&VerifiedTenant::vouch(tenant)).delete_session(&hash).await?;
        }
        Ok(clear_session_cookie(self.secure))
    }
}

/// A new secret of a tenant: its text and the hash that is kept.
fn new_secret(tenant: &TenantId) -> (String, [u8; 32]) {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; SECRET_BYTES]>());
    let hash = Sha256::digest(secret.as_bytes()).into();
    (format!("{tenant}.{secret}"), hash)
}

fn split(text: &str) -> Option<(TenantId, [u8; 32])> {
    let (tenant, secret) = text.split_once('.')?;
    let fits =
        secret.len() == SECRET_TEXT && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let tenant = tenant.parse().ok()?;
    fits.then(|| (tenant, Sha256::digest(secret.as_bytes()).into()))
}

/// The session's value among the cookies of a request. Two of them are none.
pub fn read_session_cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
    let mut ours = all.filter_map(|pair| pair.trim().strip_prefix(SESSION_COOKIE)?.strip_prefix('='));
    let (value, None) = (ours.next()?, ours.next()) else { return None };
    Some(value)
}

/// The `Set-Cookie` of a session. `Lax`, since people come through a link in a mail; scripts never see it.
pub fn session_cookie(value: &str, secure: bool) -> HeaderValue {
    cookie(value, SESSION_LASTS.as_secs(), secure)
}

/// The `Set-Cookie` that forgets a session.
pub fn clear_session_cookie(secure: bool) -> HeaderValue {
    cookie("", 0, secure)
}

fn cookie(value: &str, seconds: i64, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut header = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|c| (COOKIE, c.parse().expect("a header"))).collect()
    }

    #[test]
    fn the_cookie_is_found_among_others_and_two_are_none() {
        for (cookies, expected) in [
            (vec!["crm_erp_session=a"], Some("a")),
            (vec!["x=1; crm_erp_session=a; y=2"], Some("a")),
            (vec!["x=1", "crm_erp_session=a"], Some("a")),
            (vec!["crm_erp_session=a; crm_erp_session=b"], None),
            (vec!["crm_erp_sessions=a"], None),
            (vec![], None),
        ] {
            assert_eq!(read_session_cookie(&headers(&cookies)), expected, "{cookies:?}");
        }
    }

    #[test]
    fn a_secret_has_its_tenant_in_front_and_43_characters_behind() {
        let tenant: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let (text, hash) = new_secret(&tenant);
        assert_eq!(split(&text), Some((tenant.clone(), hash)));
        assert_ne!(new_secret(&tenant).0, text);
        for bad in ["", ".", "t_1.x", &text[..text.len() - 1], &format!("{text}a"), &text.replace('.', "..")] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_from_other_sites() {
        let set = session_cookie("v", true);
        assert_eq!(
            set.to_str().expect("text"),
            "crm_erp_session=v; Path=/console; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(set.is_sensitive());
        assert!(clear_session_cookie(false).to_str().expect("text").contains("Max-Age=0"));
    }
}
