//! Attachments in an object store: a directory of this machine, or a bucket that speaks S3.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, Error, ObjectStore, ObjectStoreExt as _, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncWriteExt as _;
use url::Url;

use crate::{AttachmentError, AttachmentStore, Download, Upload};

/// Bytes of one part of an upload: the least that S3 takes. One part is filled while one is sent.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// How often a request to a bucket that fails is made again, and until when: somebody waits for it.
const RETRIES: usize = 4;
const RETRY_LIMIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How to reach a bucket. What is absent is taken from the environment, as AWS's tools do.
#[derive(Debug, Clone, Default)]
pub struct S3Settings {
    /// Where the service is, when it isn't AWS, as `https://minio.example:9000`.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Key id.
    pub access_key_id: Option<String>,
    /// Secret of the key.
    pub secret_access_key: Option<SecretString>,
}

/// Attachments below a prefix of an object store.
#[derive(Debug, Clone)]
pub struct ObjectAttachments {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl ObjectAttachments {
    /// The store at `url`: a directory, plain or as `file:///path`, which is made if it isn't there; or `s3://bucket/prefix`.
    pub fn open(url: &str, s3: &S3Settings) -> Result<Self, AttachmentError> {
        let place = |cause: String| AttachmentError::Place { url: url.to_owned(), cause };
        let Some((scheme, rest)) = url.split_once("://") else { return Self::local(FilePath::new(url)) };
        match scheme {
            "file" => Self::local(FilePath::new(rest)),
            "s3" => Self::s3(url, s3),
            _ => Err(place("use a directory, file:///path or s3://bucket/prefix".to_owned())),
        }
    }

    fn local(directory: &FilePath) -> Result<Self, AttachmentError> {
        let url = directory.display().to_string();
        let place = |cause: String| AttachmentError::Place { url: url.clone(), cause };
        std::fs::create_dir_all(directory).map_err(|error| place(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(directory).map_err(|error| place(error.to_string()))?;
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)), prefix: Path::default() })
    }

    fn s3(url: &str, settings: &S3Settings) -> Result<Self, AttachmentError> {
        let place = |cause: String| AttachmentError::Place { url: url.to_owned(), cause };
        let parsed = Url::parse(url).map_err(|error| place(error.to_string()))?;
        let bucket = parsed.host_str().ok_or_else(|| place("name a bucket, as s3://bucket".to_owned()))?;
        let backoff = BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 };
        let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_LIMIT };
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(region) = &settings.region {
            builder = builder.with_region(region);
        }
        if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
        }
        let store = builder.build().map_err(|error| place(error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix: Path::from(parsed.path()) })
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), Path::join)
    }
}

fn failed(error: &Error) -> AttachmentError {
    match error {
        Error::NotFound { .. } => AttachmentError::NotFound,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            AttachmentError::Denied(error.to_string())
        }
        other => AttachmentError::Unavailable(other.to_string()),
    }
}

/// What the end of an upload failed of: the writer wraps the store's error.
fn ended(error: &std::io::Error) -> AttachmentError {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => failed(cause),
        None => AttachmentError::Unavailable(error.to_string()),
    }
}

struct Writing(BufWriter);

impl Upload for Writing {
    fn write(&mut self, bytes: Bytes) -> BoxFuture<'_, Result<(), AttachmentError>> {
        async move { self.0.put(bytes).await.map_err(|error| failed(&error)) }.boxed()
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<(), AttachmentError>> {
        async move { self.0.shutdown().await.map_err(|error| ended(&error)) }.boxed()
    }

    fn abort(mut self: Box<Self>) -> BoxFuture<'static, Result<(), AttachmentError>> {
        async move { self.0.abort().await.map_err(|error| failed(&error)) }.boxed()
    }
}

impl AttachmentStore for ObjectAttachments {
    fn begin<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Box<dyn Upload>, AttachmentError>> {
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), self.path(key), PART_BYTES);
        let upload: Box<dyn Upload> = Box::new(Writing(writer.with_max_concurrency(1)));
        async move { Ok(upload) }.boxed()
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Download, AttachmentError>> {
        async move {
            let found = self.store.get(&self.path(key)).await.map_err(|error| failed(&error))?;
            let size = found.meta.size;
            Ok(Download { size, bytes: found.into_stream().map_err(|error| failed(&error)).boxed() })
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), AttachmentError>> {
        async move {
            match self.store.delete(&self.path(key)).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(&error)),
            }
        }
        .boxed()
    }
}
