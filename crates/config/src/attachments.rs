//! Section `attachments`: what people may attach, and where it is kept.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// Attachments.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// Where files are kept: a directory that all nodes see, or `s3://bucket/prefix`; empty: below the data directory of `confab all`, and nowhere on separate nodes.
    pub url: String,
    /// Where the S3 service is, when it isn't AWS, as `https://minio.example:9000`.
    pub s3_endpoint: Option<String>,
    /// Region of the S3 service.
    pub s3_region: Option<String>,
    /// Key id at the S3 service; from the environment, as AWS's tools do, when not set.
    pub s3_access_key_id: Option<String>,
    /// Secret of `s3_access_key_id`.
    #[schemars(with = "Option<String>")]
    pub s3_secret_access_key: Option<SecretString>,
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Media types that are taken, by what the bytes say, with `image/*` for a family.
    pub allowed_types: Vec<String>,
    /// Width times height that a picture may have.
    pub max_pixels: u64,
    /// Longest side of a preview, in pixels.
    pub preview_side: u32,
    /// How long a link to a file is good, in seconds.
    pub link_seconds: u64,
    /// How long one upload may take, in seconds.
    pub upload_timeout_seconds: u64,
    /// Uploads that one edge takes at a time; each needs up to 10 MiB of memory.
    pub concurrent_uploads: usize,
}

impl Default for Attachments {
    fn default() -> Self {
        let types = [
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "application/pdf",
            "application/zip",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "audio/*",
            "video/mp4",
            "text/plain",
        ];
        Self {
            url: String::new(),
            s3_endpoint: None,
            s3_region: None,
            s3_access_key_id: None,
            s3_secret_access_key: None,
            max_bytes: 25 * 1024 * 1024,
            allowed_types: types.map(str::to_owned).to_vec(),
            max_pixels: 32_000_000,
            preview_side: 640,
            link_seconds: 900,
            upload_timeout_seconds: 300,
            concurrent_uploads: 16,
        }
    }
}

impl Attachments {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("attachments");
        let is_place = match self.url.split_once("://") {
            Some((scheme, rest)) => matches!(scheme, "file" | "s3") && !rest.is_empty(),
            None => true,
        };
        checks.form("url", &self.url, is_place, "a directory, file:///path or s3://bucket/prefix");
        if let Some(endpoint) = &self.s3_endpoint {
            checks.url(
                "s3_endpoint",
                endpoint,
                &["http", "https"],
                "a URL such as https://minio.example:9000",
            );
        }
        checks.agree(
            "s3_secret_access_key",
            self.s3_access_key_id.is_some() == self.s3_secret_access_key.is_some(),
            "is set without attachments.s3_access_key_id, or the reverse",
            "set both or neither",
        );
        checks.range("max_bytes", self.max_bytes, &(1024..=5 * 1024 * 1024 * 1024), "bytes");
        for media_type in &self.allowed_types {
            let fits = media_type
                .split_once('/')
                .is_some_and(|(family, kind)| !family.is_empty() && !kind.is_empty());
            checks.form("allowed_types", media_type, fits, "media types such as image/png or image/*");
        }
        checks.range("max_pixels", self.max_pixels, &(1000..=500_000_000), "pixels");
        checks.range("preview_side", self.preview_side, &(16..=4096), "pixels");
        checks.range("link_seconds", self.link_seconds, &(10..=604_800), "seconds");
        checks.range("upload_timeout_seconds", self.upload_timeout_seconds, &(1..=86_400), "seconds");
        checks.range("concurrent_uploads", self.concurrent_uploads, &(1..=1024), "uploads");
        checks.finish()
    }
}
