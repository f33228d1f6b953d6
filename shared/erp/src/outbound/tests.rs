//! Which addresses are gone to, and what is made of the answers of a server on this machine.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn fixed(ips: &[&str]) -> Names {
    let ips = ips.iter().map(|ip| ip.parse().expect("an address")).collect();
    Names::Fixed(Arc::new(Mutex::new(vec![ips])))
}

fn outbound(reach: Reach) -> Outbound {
    Outbound::new(reach).expect("TLS")
}

#[test]
fn only_https_addresses_of_public_names_may_be_named() {
    let (public, here) = (outbound(Reach::Public), outbound(Reach::ThisMachineToo));
    for good in ["https://crm.vodnjak.si/events", "https://crm.vodnjak.si:443/a?key=b", "https://hooks.crm-mind.eu"] {
        assert_eq!(public.allows(good), Ok(()), "{good}");
        assert_eq!(here.allows(good), Ok(()), "{good}");
    }
    for bad in [
        "http://crm.vodnjak.si/events",
        "https://crm.vodnjak.si:8443/",
        "https://user@crm.vodnjak.si/",
        "https://user:pass@crm.vodnjak.si/",
        "https://crm.vodnjak.si/#part",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://localhost/",
        "https://crm.local/",
        "https://intranet/",
        "https://crm.example.com/",
        "ftp://crm.vodnjak.si/",
        "file:///etc/passwd",
        "crm.vodnjak.si",
        "",
    ] {
        assert!(public.allows(bad).is_err(), "{bad}");
        assert!(here.allows(bad).is_err() || bad.contains("7f") || bad.contains("2130"), "{bad}");
    }
    assert!(public.allows(&format!("https://crm.vodnjak.si/{}", "a".repeat(LONGEST))).is_err());
    for loopback in ["http://127.0.0.1:9000/events", "http://[::1]:9000/"] {
        assert!(public.allows(loopback).is_err() && here.allows(loopback).is_ok(), "{loopback}");
    }
    assert!(here.allows("http://192.168.1.1:9000/").is_err());
}

#[tokio::test]
async fn a_name_that_leads_to_an_address_of_a_network_is_not_gone_to() {
    for ips in [&["127.0.0.1"][..], &["93.184.216.34", "10.0.0.1"], &["169.254.169.254"], &["::1"], &[]] {
        let outbound = Outbound::with(Reach::ThisMachineToo, fixed(ips), SEND_WITHIN).expect("TLS");
        let sent = outbound.post("https://crm.vodnjak.si/events", &[], "{}".to_owned()).await;
        assert_eq!(sent, Err(SendError::Refused), "{ips:?}");
    }
}

/// A server that answers one request with these bytes, and tells what it was sent.
async fn once(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/events", listener.local_addr().expect("an address"));
    #[expect(clippy::disallowed_methods, reason = "a server of the test")]
    let told = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut request = vec![0; 4_096];
        let n = socket.read(&mut request).await.expect("a request");
        // A client that has read enough goes away.
        let _ = socket.write_all(&answer).await;
        String::from_utf8_lossy(&request[..n]).into_owned()
    });
    (base, told)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[tokio::test]
async fn a_status_is_told_and_a_redirect_is_not_followed() {
    let outbound = outbound(Reach::ThisMachineToo);
    let (elsewhere, visited) = once(answer("200 OK", b"")).await;
    for (head, status, retry_after) in [
        ("200 OK", 200, None),
        ("410 Gone", 410, None),
        ("429 Too Many Requests\r\nretry-after: 120", 429, Some("120")),
        (format!("302 Found\r\nlocation: {elsewhere}").as_str(), 302, None),
    ] {
        let (address, told) = once(answer(head, b"ok")).await;
        let headers = [("webhook-id", "msg_1".to_owned())];
        let sent = outbound.post(&address, &headers, r#"{"a":1}"#.to_owned()).await.expect("an answer");
        assert_eq!((sent.status, sent.retry_after.as_deref()), (status, retry_after));
        let request = told.await.expect("told");
        assert!(request.starts_with("POST /events HTTP/1.1"), "{request}");
        assert!(request.contains("webhook-id: msg_1") && request.ends_with(r#"{"a":1}"#), "{request}");
    }
    assert!(!visited.is_finished());
}

#[tokio::test]
async fn a_long_answer_is_cut_off_and_a_missing_one_takes_its_time_only() {
    let (address, _told) = once(answer("200 OK", &vec![b'x'; 4 << 20])).await;
    assert_eq!(outbound(Reach::ThisMachineToo).post(&address, &[], "{}".to_owned()).await.expect("sent").status, 200);
    let hasty = Outbound::with(Reach::ThisMachineToo, Names::System, Duration::from_millis(50)).expect("TLS");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent = format!("http://{}/", listener.local_addr().expect("an address"));
    assert_eq!(hasty.post(&silent, &[], "{}".to_owned()).await, Err(SendError::Timeout));
    drop(listener);
    assert_eq!(hasty.post(&silent, &[], "{}".to_owned()).await, Err(SendError::Connection));
}
