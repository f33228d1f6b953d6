//! Files of tenants: the real client against a bucket of ours, and the directory, which promises the same.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use cloud::{Blobs, BlobsError, Disposition, LinkHead, LocalBlobs, NoBlobs, S3Blobs, TenantBlobs};
use domain::{BlobHash, TenantId};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Bytes>>,
    puts: Mutex<Vec<StatusCode>>,
    /// What every call is refused with.
    refusal: Mutex<Option<(u16, &'static str)>>,
}

fn error(status: u16, code: &str) -> Response {
    let text =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>as the test wants it</Message></Error>");
    (StatusCode::from_u16(status).expect("a status"), [("content-type", "application/xml")], text).into_response()
}

async fn answer(State(bucket): State<Arc<Bucket>>, method: Method, uri: Uri, head: HeaderMap, body: Bytes) -> Response {
    if let Some((status, code)) = *bucket.refusal.lock().expect("no panic") {
        return error(status, code);
    }
    let mut objects = bucket.objects.lock().expect("no panic");
    let key = uri.path().to_owned();
    match method {
        Method::PUT => {
            assert_eq!(head["if-none-match"], "*");
            let known = objects.contains_key(&key);
            let answer = if known { error(412, "PreconditionFailed") } else { StatusCode::OK.into_response() };
            bucket.puts.lock().expect("no panic").push(answer.status());
            objects.entry(key).or_insert(body);
            answer
        }
        Method::HEAD if objects.contains_key(&key) => StatusCode::OK.into_response(),
        Method::HEAD => StatusCode::NOT_FOUND.into_response(),
        _ => match objects.get(&key) {
            Some(bytes) => Response::new(Body::from(bytes.clone())),
            None => error(404, "NoSuchKey"),
        },
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of a test ends with its runtime")]
async fn bucket() -> (Arc<Bucket>, S3Blobs) {
    let bucket = Arc::new(Bucket::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(answer).with_state(Arc::clone(&bucket));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let credentials = aws_sdk_s3::config::Credentials::new("id", "key", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(credentials))
        // A checksum would be sent around the bytes, which this bucket does not take apart.
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build();
    (bucket, S3Blobs::new(&config, "files"))
}

fn tenant(n: u8) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

fn of(blobs: Arc<dyn Blobs>, n: u8) -> TenantBlobs {
    TenantBlobs::new(blobs, tenant(n))
}

fn directory(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("cloud-blobs-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

/// What each store promises.
async fn assert_promises(blobs: Arc<dyn Blobs>) {
    let (one, two) = (of(blobs.clone(), 1), of(blobs, 2));
    let hash = BlobHash::of(b"%PDF");
    assert_eq!((one.get(hash, 9).await.expect("an answer"), one.exists(hash).await.expect("an answer")), (None, false));
    for _ in 0..2 {
        assert_eq!(one.put(Bytes::from_static(b"%PDF")).await.expect("kept"), hash);
    }
    assert_eq!(one.get(hash, 4).await.expect("an answer"), Some(Bytes::from_static(b"%PDF")));
    assert!(matches!(one.get(hash, 3).await, Err(BlobsError::TooLarge { limit: 3 })));
    assert!(one.exists(hash).await.expect("an answer"));
    assert_eq!((two.get(hash, 9).await.expect("an answer"), two.exists(hash).await.expect("an answer")), (None, false));
}

#[tokio::test]
async fn every_store_keeps_the_same_bytes_once_and_for_their_tenant_only() {
    let path = directory("promises");
    let (in_memory, at) = (Arc::new(LocalBlobs::in_memory()), Arc::new(LocalBlobs::at(&path)));
    let (bucket, s3) = bucket().await;
    assert_promises(in_memory.clone()).await;
    assert_promises(at.clone()).await;
    assert_promises(Arc::new(s3)).await;
    assert_eq!((in_memory.count(), at.count()), (1, 1));
    let keys: Vec<String> = bucket.objects.lock().expect("no panic").keys().cloned().collect();
    assert_eq!(keys, [format!("/files/t/{}/{}", tenant(1), BlobHash::of(b"%PDF"))]);
    let puts = bucket.puts.lock().expect("no panic").clone();
    assert_eq!(puts, [StatusCode::OK, StatusCode::PRECONDITION_FAILED], "the second changes nothing and is no error");
    // What is in the directory is there after a restart.
    let again = of(Arc::new(LocalBlobs::at(&path)), 1);
    assert!(again.exists(BlobHash::of(b"%PDF")).await.expect("an answer"));
    std::fs::remove_dir_all(&path).expect("ours");
}

#[tokio::test]
async fn bytes_that_were_changed_are_not_given_out() {
    let path = directory("damaged");
    let one = of(Arc::new(LocalBlobs::at(&path)), 1);
    let hash = one.put(Bytes::from_static(b"%PDF")).await.expect("kept");
    std::fs::write(path.join(format!("t/{}/{hash}", tenant(1))), b"PDF%").expect("ours");
    assert!(matches!(one.get(hash, 9).await, Err(BlobsError::Damaged)));
    std::fs::remove_dir_all(&path).expect("ours");
}

#[tokio::test]
async fn a_link_holds_for_a_quarter_of_an_hour_and_says_how_the_file_leaves() {
    let (_, s3) = bucket().await;
    let one = of(Arc::new(s3), 1);
    let head = LinkHead { content_type: "application/pdf".to_owned(), disposition: "attachment".to_owned() };
    let link = one.link(BlobHash::of(b"%PDF"), &head).await.expect("signed").expect("a link");
    for part in
        ["X-Amz-Expires=900", "response-content-disposition=attachment", "X-Amz-Signature=", &tenant(1).to_string()]
    {
        assert!(link.contains(part), "{part}: {link}");
    }
    let local = of(Arc::new(LocalBlobs::in_memory()), 1);
    assert_eq!(local.link(BlobHash::of(b"%PDF"), &head).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_bucket_that_is_down_may_be_asked_again_and_one_that_denies_may_not() {
    let (bucket, s3) = bucket().await;
    let one = of(Arc::new(s3), 1);
    for (refusal, disposition) in [
        ((503, "SlowDown"), Disposition::Retry),
        ((500, "InternalError"), Disposition::Retry),
        ((403, "AccessDenied"), Disposition::Bug),
    ] {
        *bucket.refusal.lock().expect("no panic") = Some(refusal);
        let put = one.put(Bytes::from_static(b"MARKER")).await.expect_err("refused");
        let get = one.get(BlobHash::of(b"MARKER"), 9).await.expect_err("refused");
        assert_eq!((put.disposition(), get.disposition()), (disposition, disposition), "{refusal:?}");
        assert!(!format!("{put:?}").contains("MARKER"), "{put:?}");
    }
    let none = of(Arc::new(NoBlobs), 1);
    assert_eq!(none.exists(BlobHash::of(b"")).await.expect_err("none").disposition(), Disposition::Bug);
}
