//! Signatures of Standard Webhooks: what is signed, and the form of secrets.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What a secret begins with where people see it.
pub const PREFIX: &str = "whsec_";

/// A new secret: base64 of 32 bytes, without its prefix.
pub fn new_secret() -> SecretString {
    // The fixed bits of the ids are hashed away; what is random in three is more than the hash holds.
    let random = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()];
    let hash = random.iter().fold(Sha256::new(), |hash, id| hash.chain_update(id.as_bytes())).finalize();
    BASE64_STANDARD.encode(hash).into()
}

/// The headers of a send: a signature for each secret.
pub fn headers(secrets: &[SecretString], message: &str, now: Timestamp, body: &str) -> [(&'static str, String); 3] {
    let timestamp = now.as_second().to_string();
    let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, message, &timestamp, body)).collect();
    [("webhook-id", message.to_owned()), ("webhook-timestamp", timestamp), ("webhook-signature", signatures.join(" "))]
}

fn signature(secret: &SecretString, message: &str, timestamp: &str, body: &str) -> String {
    // A secret that is no base64 is none of ours; signed with, it proves nothing to anybody.
    let key = BASE64_STANDARD.decode(secret.expose_secret()).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
    for part in [message, ".", timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_value_of_the_standard_is_right() {
        let secret: SecretString = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
        let now = Timestamp::from_second(1_614_265_330).expect("a time");
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let headers = headers(&[secret.clone(), secret], id, now, r#"{"test": 2432232314}"#);
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let expected = [("webhook-id", id), ("webhook-timestamp", "1614265330")];
        assert_eq!([&headers[0], &headers[1]].map(|(n, v)| (*n, v.as_str())), expected);
        assert_eq!(headers[2], ("webhook-signature", format!("{one} {one}")));
    }

    #[test]
    fn a_new_secret_is_32_bytes_and_never_the_same() {
        let (a, b) = (new_secret(), new_secret());
        assert_eq!(BASE64_STANDARD.decode(a.expose_secret()).expect("base64").len(), 32);
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}
