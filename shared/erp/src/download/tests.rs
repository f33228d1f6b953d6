//! The guard of addresses and the downloads, against a server on this machine.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn hosts(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn fixed(answers: &[&[&str]]) -> Names {
    let parsed = |all: &&[&str]| all.iter().map(|ip| ip.parse().expect("an address")).collect();
    Names::Fixed(Arc::new(Mutex::new(answers.iter().map(parsed).collect())))
}

fn at_home() -> Downloader {
    Downloader::new(["https://main.metakocka.si"]).expect("TLS")
}

/// A server that gives every connection the same bytes in parts, and then the end or nothing more.
struct Server {
    base: String,
    host: BTreeSet<String>,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "the test's own server")]
    async fn start(answer: Vec<Vec<u8>>, hangs: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut head = [0; 4096];
                    let _ = socket.read(&mut head).await;
                    for part in answer {
                        if socket.write_all(&part).await.is_err() {
                            return;
                        }
                        tokio::task::yield_now().await;
                    }
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { base, host: hosts(&["127.0.0.1"]) }
    }

    async fn of(head: &str, body: &[u8]) -> Self {
        let answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
        Self::start(vec![[answer.as_bytes(), body].concat()], false).await
    }

    async fn fetch(&self) -> Result<Downloaded, DownloadError> {
        let downloader = Downloader::new([self.base.as_str()]).expect("TLS");
        downloader.fetch(&format!("{}/datoteka.pdf", self.base), &self.host).await
    }

    async fn refused(&self) -> FileRefusal {
        match self.fetch().await {
            Err(DownloadError::Refused(why)) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn only_https_to_a_named_host_of_the_internet_at_its_usual_port_is_gone_to() {
    let named = hosts(&[
        "datoteke.podjetje.si",
        "93.184.216.34",
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "metadata.google.internal",
        "files.example.com",
        "example.com",
        "notexample.com",
    ]);
    for (address, goes) in [
        ("https://datoteke.podjetje.si/a.pdf", true),
        ("https://DATOTEKE.podjetje.si:443/a.pdf?x=1#y", true),
        ("https://93.184.216.34/a.pdf", true),
        ("http://datoteke.podjetje.si/a.pdf", false),
        ("ftp://datoteke.podjetje.si/a.pdf", false),
        ("file:///etc/passwd", false),
        ("gopher://datoteke.podjetje.si/", false),
        ("data:application/pdf;base64,AA==", false),
        ("https://datoteke.podjetje.si:8443/a.pdf", false),
        ("https://datoteke.podjetje.si:22/", false),
        ("https://user@datoteke.podjetje.si/a.pdf", false),
        ("https://user:pass@datoteke.podjetje.si/a.pdf", false),
        ("https://datoteke.podjetje.si@127.0.0.1/a.pdf", false),
        ("https://drugo.podjetje.si/a.pdf", false),
        ("https://datoteke.podjetje.si.evil.si/a.pdf", false),
        ("https://127.0.0.1/a.pdf", false),
        ("https://127.1/a.pdf", false),
        ("https://0x7f000001/a.pdf", false),
        ("https://2130706433/a.pdf", false),
        ("https://0177.0.0.1/a.pdf", false),
        ("https://①②⑦.⓪.⓪.①/a.pdf", false),
        ("https://[::1]/a.pdf", false),
        ("https://[::ffff:127.0.0.1]/a.pdf", false),
        ("https://[::ffff:a9fe:a9fe]/latest/meta-data", false),
        ("https://169.254.169.254/latest/meta-data", false),
        ("https://metadata.google.internal/", false),
        ("https://localhost/a.pdf", false),
        ("https://files.example.com/a.pdf", false),
        ("https://example.com/a.pdf", false),
        ("https://notexample.com/a.pdf", true),
        ("//datoteke.podjetje.si/a.pdf", false),
        ("", false),
    ] {
        assert_eq!(at_home().allowed(address, &named).is_some(), goes, "{address}");
    }
    let spelled: BTreeSet<String> =
        ["https://0x7f.1/", "https://[::ffff:10.0.0.1]/", "https://3232235521/", "https://localhost./"]
            .iter()
            .filter_map(|a| host_of(a))
            .collect();
    for address in [
        "https://0x7f.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://3232235521/",
        "https://localhost./",
        "https://router/",
    ] {
        assert!(at_home().allowed(address, &spelled).is_none(), "{address} even when the document names it");
    }
    let long = format!("https://datoteke.podjetje.si/{}", "a".repeat(LONGEST));
    assert!(at_home().allowed(&long, &named).is_none());
}

#[test]
fn this_machine_is_gone_to_only_where_the_configuration_names_its_port() {
    let named = hosts(&["127.0.0.1", "localhost"]);
    let runner = Downloader::new(["http://127.0.0.1:8081", "https://main.metakocka.si"]).expect("TLS");
    for (address, goes) in [
        ("http://127.0.0.1:8081/a", true),
        ("http://127.0.0.1:8082/a", false),
        ("http://localhost:8081/a", false),
        ("https://127.0.0.1:8081/a", false),
        ("http://127.0.0.1/a", false),
    ] {
        assert_eq!(runner.allowed(address, &named).is_some(), goes, "{address}");
        assert!(at_home().allowed(address, &named).is_none(), "{address}");
    }
    // Only what is of this machine is taken from the configuration.
    let inner = Downloader::new(["http://10.0.0.1:80", "http://main.metakocka.si"]).expect("TLS");
    assert!(inner.on_this_machine.is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_resolved_each_time_anew() {
    for answers in [
        &[&["127.0.0.1"][..]][..],
        &[&["169.254.169.254"]],
        &[&["10.1.2.3"]],
        &[&["::ffff:192.168.1.1"]],
        &[&["fd00:ec2::254"]],
        &[&["2002:7f00:1::1"]],
        // An open one beside it does not help.
        &[&["93.184.216.34", "10.0.0.1"]],
        &[&[]],
        // Asked again it says something else.
        &[&["127.0.0.1"], &["100.64.0.1"]],
    ] {
        let downloader = Downloader::with([], fixed(answers), Duration::from_secs(5)).expect("TLS");
        for _ in 0..answers.len() {
            let refused = downloader.fetch("https://rebind.podjetje.si/a.pdf", &hosts(&["rebind.podjetje.si"])).await;
            assert!(matches!(refused, Err(DownloadError::Refused(FileRefusal::Address))), "{answers:?}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn a_file_comes_whole_with_its_kind_and_name() {
    let head = "200 OK\r\nContent-Type: application/pdf\r\nContent-Disposition: inline; filename=\"a.pdf\"; filename*=UTF-8''ra%C4%8Dun.pdf";
    let got = Server::of(head, b"%PDF-1.4 abc").await.fetch().await.expect("a file");
    let name = Some("račun.pdf".to_owned());
    assert_eq!(got, Downloaded { kind: FileKind::Pdf, name, bytes: b"%PDF-1.4 abc".to_vec() });
}

#[tokio::test]
async fn what_is_no_file_that_is_kept_is_refused_for_its_reason() {
    for (head, body, why) in [
        ("200 OK\r\nContent-Type: application/pdf", &b""[..], FileRefusal::Empty),
        ("200 OK\r\nContent-Type: application/pdf", b"<html>Prijava</html>", FileRefusal::Type),
        ("200 OK\r\nContent-Type: text/html", b"%PDF-1.4", FileRefusal::Type),
        ("200 OK\r\nContent-Type: image/png", b"%PDF-1.4", FileRefusal::Type),
        ("200 OK", b"MZ\x90\0", FileRefusal::Type),
        ("200 OK\r\nContent-Length: 26214401", b"%PDF-1.4", FileRefusal::TooLarge),
        ("403 Forbidden\r\nContent-Type: application/xml", b"<Error/>", FileRefusal::Gone),
        ("404 Not Found", b"", FileRefusal::Gone),
        ("410 Gone", b"", FileRefusal::Gone),
        ("301 Moved\r\nLocation: https://datoteke.podjetje.si/a.pdf", b"", FileRefusal::Address),
        ("302 Found\r\nLocation: http://127.0.0.1/a.pdf", b"", FileRefusal::Address),
        ("307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest/meta-data/", b"", FileRefusal::Address),
        ("308 Permanent Redirect\r\nLocation: /elsewhere", b"", FileRefusal::Address),
        ("304 Not Modified", b"", FileRefusal::Address),
    ] {
        assert_eq!(Server::of(head, body).await.refused().await, why, "{head}");
    }
    for head in ["500 Oops", "503 Service Unavailable", "429 Too Many Requests"] {
        let failed = Server::of(head, b"").await.fetch().await;
        assert!(matches!(failed, Err(DownloadError::Unavailable(_))), "{head}: {failed:?}");
    }
    let nobody = Downloader::new(["http://127.0.0.1:9"]).expect("TLS");
    let failed = nobody.fetch("http://127.0.0.1:9/a.pdf", &hosts(&["127.0.0.1"])).await;
    assert!(matches!(failed, Err(DownloadError::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_even_to_a_place_that_would_answer() {
    let target = Server::of("200 OK\r\nContent-Type: application/pdf", b"%PDF-1.4 inside").await;
    let head = format!("302 Found\r\nLocation: {}/a.pdf", target.base);
    assert_eq!(Server::of(&head, b"").await.refused().await, FileRefusal::Address);
}

#[tokio::test]
async fn a_drip_without_a_length_is_cut_at_the_limit_and_at_the_time() {
    let part = vec![b' '; 1024 * 1024];
    let mut parts =
        vec![b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nConnection: close\r\n\r\n%PDF-1.4".to_vec()];
    parts.extend(std::iter::repeat_n(part, 30));
    let server = Server::start(parts, false).await;
    assert_eq!(server.refused().await, FileRefusal::TooLarge);

    let begun = vec![b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%PDF".to_vec()];
    let server = Server::start(begun, true).await;
    let hasty = Downloader::with([server.base.as_str()], Names::System, Duration::from_millis(200)).expect("TLS");
    let failed = hasty.fetch(&format!("{}/a", server.base), &server.host).await;
    assert!(matches!(failed, Err(DownloadError::Unavailable("it took too long"))), "{failed:?}");
}

#[test]
fn a_signature_is_no_part_of_what_an_address_names() {
    let plain = "https://d.example.com/f?id=7&name=a+b";
    for signed in [
        "https://d.example.com/f?id=7&name=a%20b&Expires=1703000406&Signature=abc&Key-Pair-Id=K",
        "https://d.example.com/f?X-Amz-Date=1&id=7&name=a+b&X-Amz-Signature=2#x",
        "https://D.example.com:443/f?id=7&name=a+b",
    ] {
        assert_eq!(unsigned(signed), plain, "{signed}");
    }
    assert_ne!(unsigned("https://d.example.com/f?id=8"), unsigned("https://d.example.com/f?id=7"));
    assert_eq!(unsigned("https://d.example.com/f?Expires=1"), "https://d.example.com/f");
    assert_eq!(unsigned("no address"), "no address");
}

#[test]
fn a_name_is_found_in_a_head_or_in_a_path() {
    for (disposition, name) in [
        ("attachment; filename=\"a b.pdf\"", Some("a b.pdf")),
        ("attachment; filename=a.pdf", Some("a.pdf")),
        ("attachment; FILENAME*=utf-8'sl'%C5%A1est.pdf; filename=x", Some("šest.pdf")),
        ("attachment; filename=\"../../etc/passwd\"", Some("../../etc/passwd")),
        ("attachment", None),
        ("filename=", None),
    ] {
        assert_eq!(name_in(disposition).as_deref(), name, "{disposition}");
    }
    for (address, name) in [
        ("https://d.example.com/a/ra%C4%8Dun%207.pdf?x=1", Some("račun 7.pdf")),
        ("https://d.example.com/download/file/7f3e", None),
        ("https://d.example.com/%2e%2e%2f.pdf", Some("../.pdf")),
        ("https://d.example.com/100%.pdf", Some("100%.pdf")),
        ("no address", None),
    ] {
        assert_eq!(name_in_path(address).as_deref(), name, "{address}");
    }
}
