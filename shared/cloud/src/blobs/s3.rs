//! Objects in a bucket of Amazon S3.

use async_trait::async_trait;
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{Client, error::ProvideErrorMetadata, presigning::PresigningConfig, primitives::ByteStream};
use bytes::{Bytes, BytesMut};
use std::time::Duration;

use super::{BlobKey, Blobs, LinkHead};
use crate::{
    aws::{cause, may_pass},
    error::BlobsError,
};

/// How long a link leads to its object.
const LINK_HOLDS: Duration = Duration::from_mins(15);

/// A bucket.
pub struct S3Blobs {
    client: Client,
    bucket: String,
}

macro_rules! refusal {
    ($error:expr) => {{
        let error = $error;
        if may_pass(&error) { BlobsError::Unavailable(cause(error)) } else { BlobsError::Refused(cause(error)) }
    }};
}

impl S3Blobs {
    /// The bucket of a name. With an endpoint of one's own the bucket stands in the path.
    #[expect(clippy::disallowed_methods, reason = "the one client of the bucket")]
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        // A file takes longer than the small messages of the other services.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(30))
            .operation_timeout(Duration::from_mins(1))
            .build();
        let settings = aws_sdk_s3::config::Builder::from(config)
            .timeout_config(timeouts)
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Self { client: Client::from_conf(settings), bucket: bucket.into() }
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<(), BlobsError> {
        let sent = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .if_none_match("*")
            .content_type("application/octet-stream")
            .body(ByteStream::from(bytes))
            .send()
            .await;
        match sent {
            // It is there: the key is made of the bytes, so they are the same. The other: somebody puts them now.
            Err(e) if matches!(e.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => Ok(()),
            sent => sent.map(|_| ()).map_err(|e| refusal!(e)),
        }
    }

    async fn get(&self, key: &BlobKey, limit: usize) -> Result<Option<Bytes>, BlobsError> {
        let got = self.client.get_object().bucket(&self.bucket).key(key.as_str()).send().await;
        let mut object = match got {
            Ok(object) => object,
            Err(e) if matches!(e.code(), Some("NoSuchKey" | "NotFound")) => return Ok(None),
            Err(e) => return Err(refusal!(e)),
        };
        let mut bytes = BytesMut::new();
        while let Some(part) = object.body.next().await {
            let part = part.map_err(|e| BlobsError::Unavailable(e.into()))?;
            if bytes.len() + part.len() > limit {
                return Err(BlobsError::TooLarge { limit });
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Some(bytes.freeze()))
    }

    async fn exists(&self, key: &BlobKey) -> Result<bool, BlobsError> {
        match self.client.head_object().bucket(&self.bucket).key(key.as_str()).send().await {
            Ok(_) => Ok(true),
            Err(e) if e.raw_response().is_some_and(|raw| raw.status().as_u16() == 404) => Ok(false),
            Err(e) => Err(refusal!(e)),
        }
    }

    async fn link(&self, key: &BlobKey, head: &LinkHead) -> Result<Option<String>, BlobsError> {
        let holds = PresigningConfig::expires_in(LINK_HOLDS).map_err(|e| BlobsError::Refused(e.into()))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .response_content_type(&head.content_type)
            .response_content_disposition(&head.disposition)
            .response_cache_control("private, no-store");
        let signed = request.presigned(holds).await.map_err(|e| refusal!(e))?;
        Ok(Some(signed.uri().to_owned()))
    }
}
