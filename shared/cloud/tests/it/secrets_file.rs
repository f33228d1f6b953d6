//! The secrets file of the local implementation.

use cloud::{LocalSecrets, Secrets, TenantSecrets};
use domain::TenantId;
use secrecy::ExposeSecret;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.json", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

fn tenant(n: u8) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

async fn erp_key(secrets: &LocalSecrets, n: u8) -> String {
    secrets.get(&tenant(n)).await.expect("saved").erp_key.expose_secret().to_owned()
}

#[tokio::test]
async fn saved_secrets_are_there_after_a_restart_and_nobody_else_can_read_the_file() {
    let path = file("restart");
    let secrets = LocalSecrets::open(&path).await.expect("a file that is not there yet");
    assert_eq!(secrets.get(&tenant(1)).await.expect_err("nothing saved").code(), "secrets_missing");
    for n in 1..=3 {
        secrets.put(&tenant(n), &TenantSecrets::new(format!("key {n}").into(), "hook".into())).await.expect("saved");
    }
    secrets.put(&tenant(2), &TenantSecrets::new("another key".into(), "hook".into())).await.expect("saved");

    let again = LocalSecrets::open(&path).await.expect("our own file");
    assert_eq!(erp_key(&again, 1).await, "key 1");
    assert_eq!(erp_key(&again, 2).await, "another key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let draft = format!("{}.new", path.display());
    assert!(!Path::new(&draft).exists(), "no draft is left");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_refused_with_what_to_do() {
    use std::os::unix::fs::PermissionsExt;
    let path = file("open");
    fs::write(&path, "{}").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
    let error = LocalSecrets::open(&path).await.err().expect("refused");
    assert!(error.to_string().contains("600"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_no_secrets_file_is_refused_and_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let path = file("broken");
    fs::write(&path, "{\"t_00000000000000000001\":{\"v\":1,\"erp_key\":\"MARKER\"").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    let error = LocalSecrets::open(&path).await.err().expect("refused");
    assert!(!format!("{error} {error:?}").contains("MARKER"));
    assert!(fs::read_to_string(&path).expect("still there").contains("MARKER"));
}

#[tokio::test]
async fn two_saves_at_the_same_time_lose_neither() {
    let secrets = LocalSecrets::open(file("both")).await.expect("a file that is not there yet");
    let one = TenantSecrets::new("one".into(), "hook".into());
    let two = TenantSecrets::new("two".into(), "hook".into());
    let (t1, t2) = (tenant(1), tenant(2));
    let (a, b) = tokio::join!(secrets.put(&t1, &one), secrets.put(&t2, &two));
    a.and(b).expect("saved");
    assert_eq!((erp_key(&secrets, 1).await, erp_key(&secrets, 2).await), ("one".to_owned(), "two".to_owned()));
}
