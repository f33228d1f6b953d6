//! Bearer tokens: which are accepted, and when the keys are read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use runtime::{Permission, Problem, Role, auth::TokenError};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answers, Crm, NOW, claims, header, jwk, key, sign, tenant_id, token};

fn with(base: Value, name: &str, value: Value) -> Value {
    let mut changed = base;
    changed[name] = value;
    changed
}

fn without(base: &Value, name: &str) -> Value {
    let mut changed = base.clone();
    changed.as_object_mut().expect("an object").remove(name);
    changed
}

#[tokio::test]
async fn a_good_token_names_tenant_subject_and_role() {
    let crm = Crm::start().await;
    let caller = crm.verify(&sign(&header(), &claims(), 1)).await.expect("accepted");
    assert_eq!(
        (caller.tenant().id(), caller.subject(), caller.role()),
        (&tenant_id(1), "user-1", Some(Role::Administrator))
    );
    assert!(caller.require(Permission::Configure).is_ok());
    assert!(!format!("{caller:?}").contains("user-1"));
}

#[tokio::test]
async fn every_wrong_header_or_signature_is_refused() {
    let crm = Crm::start().await;
    let good = sign(&header(), &claims(), 1);
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let unsigned = |alg: &str| {
        let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        format!("{}.{}.", part(&json!({ "alg": alg, "kid": "k1" })), part(&claims()))
    };
    // The public key taken for the secret of an HMAC: the classic confusion.
    let confused = {
        let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        let text = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "k1" })), part(&claims()));
        let public = aws_lc_rs::signature::KeyPair::public_key(&key(1)).as_ref().to_vec();
        let mac = Hmac::<Sha256>::new_from_slice(&public).expect("any key").chain_update(&text).finalize().into_bytes();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac))
    };
    let other_claims = URL_SAFE_NO_PAD.encode(with(claims(), "role", "operator".into()).to_string());
    let (head, _) = signed.split_once('.').expect("two parts");
    let cases = [
        ("empty", String::new(), "not a JSON Web Token"),
        ("no token", "abc".to_owned(), "not a JSON Web Token"),
        ("two parts", signed.to_owned(), "not a JSON Web Token"),
        ("four parts", format!("{good}.x"), "not a JSON Web Token"),
        ("not base64", format!("%.%.{signature}"), "not a JSON Web Token"),
        ("too long", "a".repeat(9_000), "not a JSON Web Token"),
        ("alg none", unsigned("none"), "the algorithm is not EdDSA"),
        ("alg None", unsigned("None"), "the algorithm is not EdDSA"),
        ("alg HS256 with the public key", confused, "the algorithm is not EdDSA"),
        ("alg ES256", sign(&with(header(), "alg", "ES256".into()), &claims(), 1), "the algorithm is not EdDSA"),
        ("alg RS256", sign(&with(header(), "alg", "RS256".into()), &claims(), 1), "the algorithm is not EdDSA"),
        ("no alg", sign(&without(&header(), "alg"), &claims(), 1), "the algorithm is not EdDSA"),
        ("no kid", sign(&without(&header(), "kid"), &claims(), 1), "the token's key is not one of the issuer's"),
        (
            "empty kid",
            sign(&with(header(), "kid", "".into()), &claims(), 1),
            "the token's key is not one of the issuer's",
        ),
        (
            "unknown kid",
            sign(&with(header(), "kid", "k2".into()), &claims(), 1),
            "the token's key is not one of the issuer's",
        ),
        ("critical extension", sign(&with(header(), "crit", json!(["b64"])), &claims(), 1), "not a JSON Web Token"),
        (
            "a key of its own in the header",
            sign(&with(with(header(), "kid", "own".into()), "jwk", jwk("own", 9)), &claims(), 9),
            "the token's key is not one of the issuer's",
        ),
        ("signed by another key", sign(&header(), &claims(), 2), "the signature does not match"),
        ("no signature", format!("{signed}."), "the signature does not match"),
        ("other claims", format!("{head}.{other_claims}.{signature}"), "the signature does not match"),
        ("another header", format!("{}.{signature}", signed.replacen("eyJ", "eyI", 1)), "the algorithm is not EdDSA"),
        ("claims that are a list", sign(&header(), &json!([]), 1), "not a JSON Web Token"),
    ];
    for (what, token, message) in cases {
        let error = crm.verify(&token).await.expect_err(what);
        assert_eq!(error.to_string(), message, "{what}");
        assert_eq!(Problem::from(error).code().name(), "unauthorized", "{what}");
    }
    assert!(crm.verify(&good).await.is_ok(), "and the good one still is");
}

#[tokio::test]
async fn every_missing_or_wrong_claim_is_refused() {
    let crm = Crm::start().await;
    let cases = [
        ("iss", None),
        ("iss", Some("https://other.test".into())),
        ("iss", Some(json!(7))),
        ("aud", None),
        ("aud", Some("other".into())),
        ("aud", Some(json!(["other"]))),
        ("aud", Some(json!([]))),
        ("exp", None),
        ("exp", Some("tomorrow".into())),
        ("nbf", Some(json!(NOW + 61))),
        ("sub", None),
        ("sub", Some("".into())),
        ("sub", Some("s".repeat(256).into())),
        ("tenant", None),
        ("tenant", Some("t_1".into())),
        ("tenant", Some(json!([tenant_id(1)]))),
        ("role", None),
        ("role", Some(json!(["administrator"]))),
    ];
    for (name, value) in cases {
        let changed = value.clone().map_or_else(|| without(&claims(), name), |v| with(claims(), name, v));
        let error = crm.verify(&sign(&header(), &changed, 1)).await.expect_err(name);
        assert_eq!(Problem::from(error).code().name(), "unauthorized", "{name}: {value:?}");
    }
    let many = with(claims(), "aud", json!(["other", "crm-erp"]));
    assert!(crm.verify(&sign(&header(), &many, 1)).await.is_ok(), "one of several audiences");
}

#[tokio::test]
async fn an_unknown_role_is_refused_with_the_list_of_roles() {
    let crm = Crm::start().await;
    let problem = Problem::from(crm.verify(&token("admin")).await.expect_err("no such role"));
    assert_eq!(problem.code().name(), "role_unknown");
    let message = &problem.errors()[0].message;
    assert!(Role::ALL.iter().all(|r| message.contains(r.name())) && !message.contains("admin,"), "{message}");
}

#[tokio::test]
async fn time_is_the_injected_clocks_with_a_minute_of_leeway() {
    let crm = Crm::start().await;
    let token = sign(&header(), &claims(), 1);
    crm.hand.advance(3_600 + 59);
    assert!(crm.verify(&token).await.is_ok());
    crm.hand.advance(1);
    let error = crm.verify(&token).await.expect_err("over");
    assert_eq!(Problem::from(error).code().name(), "token_expired");
    let early = with(with(claims(), "exp", json!(NOW + 9_000)), "nbf", json!(NOW + 3_660 + 60));
    assert!(crm.verify(&sign(&header(), &early, 1)).await.is_ok());
}

#[tokio::test]
async fn the_keys_are_read_once_in_ten_minutes_and_for_an_unknown_key_once_in_thirty_seconds() {
    let crm = Crm::start().await;
    for _ in 0..3 {
        crm.verify(&token("support")).await.expect("accepted");
    }
    assert_eq!(crm.asked(), 1);
    let new = sign(&with(header(), "kid", "k2".into()), &claims(), 2);
    crm.answer(Answers::Keys(vec![jwk("k1", 1), jwk("k2", 2)]));
    crm.verify(&new).await.expect_err("asked less than 30 s ago");
    assert_eq!(crm.asked(), 1);
    crm.hand.advance(30);
    crm.verify(&new).await.expect("a new key is found");
    assert_eq!(crm.asked(), 2);
    for _ in 0..5 {
        crm.verify(&sign(&with(header(), "kid", "k3".into()), &claims(), 3)).await.expect_err("no such key");
    }
    assert_eq!(crm.asked(), 2, "made-up keys do not make us ask");
    crm.hand.advance(600);
    crm.answer(Answers::Keys(vec![jwk("k2", 2)]));
    crm.verify(&token("support")).await.expect_err("a withdrawn key");
    assert_eq!(crm.asked(), 3);
}

#[tokio::test]
async fn known_keys_serve_for_an_hour_when_the_crm_is_down() {
    let crm = Crm::start().await;
    let long = with(claims(), "exp", json!(NOW + 90_000));
    let token = sign(&header(), &long, 1);
    crm.verify(&token).await.expect("accepted");
    let failures = [
        Answers::Status(500),
        Answers::Text("<html>".to_owned()),
        Answers::Text("x".repeat(70_000)),
        Answers::Redirect,
        Answers::Status(404),
    ];
    crm.hand.advance(600);
    for (n, failure) in failures.into_iter().enumerate() {
        crm.answer(failure);
        crm.verify(&token).await.expect("the known keys");
        assert_eq!(crm.asked(), n + 2);
        crm.hand.advance(60);
    }
    crm.hand.advance(3_600);
    let error = crm.verify(&token).await.expect_err("too old");
    assert!(matches!(error, TokenError::KeysUnavailable(_)), "{error}");
    assert_eq!(Problem::from(error).code().name(), "busy", "not the caller's fault");
    crm.answer(Answers::Keys(vec![jwk("k1", 1)]));
    crm.hand.advance(30);
    crm.verify(&token).await.expect("back");
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_reading_of_the_keys() {
    let crm = Crm::start().await;
    let token = token("support");
    let (a, b, c) = tokio::join!(crm.verify(&token), crm.verify(&token), crm.verify(&token));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(crm.asked(), 1);
}
