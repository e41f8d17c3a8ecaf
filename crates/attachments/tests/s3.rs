//! Files in a bucket: a real S3 server over HTTP, which checks every signature, refuses wrong keys, goes away and comes back.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use confab_attachments::{AttachmentError, AttachmentStore, ObjectAttachments, S3Settings};
use confab_testkit::process::{Process, Spec, free_port};
use confab_testkit::wait::{self, SOON};
use futures::TryStreamExt as _;
use tempfile::TempDir;

/// Names the server's program.
const SERVER: &str = "CONFAB_S3_SERVER";
const KEY_ID: &str = "hub";
const SECRET: &str = "a-secret-of-the-tests-and-of-nothing-else";
const MIB: usize = 1024 * 1024;

struct Bucket {
    server: Process,
    port: u16,
    home: TempDir,
}

impl Bucket {
    async fn start() -> Self {
        let Some(binary) = std::env::var_os(SERVER).map(PathBuf::from) else {
            panic!("name an S3 server (s3s-fs) in {SERVER}; `cargo xtask test` makes one")
        };
        let home = TempDir::with_prefix("confab-s3-").expect("a directory");
        std::fs::create_dir_all(home.path().join("data/attachments")).expect("a bucket");
        let port = free_port();
        let options = [
            ("--host", "127.0.0.1".to_owned()),
            ("--port", port.to_string()),
            ("--access-key", KEY_ID.to_owned()),
            ("--secret-key", SECRET.to_owned()),
        ];
        let mut arguments: Vec<String> =
            options.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect();
        arguments.push(home.path().join("data").display().to_string());
        let log = home.path().join("server.log");
        let spec = Spec { name: "s3".into(), binary, arguments, log, ..Spec::default() };
        let bucket = Self { server: Process::start(spec), port, home };
        bucket.listens().await;
        bucket
    }

    async fn listens(&self) {
        let address = ("127.0.0.1", self.port);
        wait::until("the S3 server listens", SOON, || async {
            tokio::net::TcpStream::connect(address).await.is_ok()
        })
        .await;
    }

    fn store_with(&self, id: &str, secret: &str) -> ObjectAttachments {
        let s3 = S3Settings {
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            region: Some("eu-central-1".into()),
            access_key_id: Some(id.into()),
            secret_access_key: Some(secret.to_owned().into()),
        };
        ObjectAttachments::open("s3://attachments/confab", &s3).expect("a bucket")
    }

    fn store(&self) -> ObjectAttachments {
        self.store_with(KEY_ID, SECRET)
    }

    /// Bytes that the server keeps below the bucket's prefix, as far as anybody could read them.
    fn kept(&self) -> u64 {
        fn size(directory: &Path) -> u64 {
            let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
            entries
                .filter_map(Result::ok)
                .map(|entry| match entry.metadata() {
                    Ok(meta) if meta.is_dir() => size(&entry.path()),
                    Ok(meta) => meta.len(),
                    Err(_) => 0,
                })
                .sum()
        }
        size(&self.home.path().join("data/attachments/confab"))
    }
}

/// Writes a file in pieces of one MiB and a last one of `rest` bytes.
async fn write(
    store: &ObjectAttachments,
    key: &str,
    pieces: u8,
    rest: usize,
) -> Result<Vec<u8>, AttachmentError> {
    let mut upload = store.begin(key).await?;
    let mut whole = Vec::new();
    for piece in 0..pieces {
        whole.extend(vec![piece; MIB]);
        upload.write(Bytes::from(vec![piece; MIB])).await?;
    }
    whole.extend(vec![255; rest]);
    upload.write(Bytes::from(vec![255; rest])).await?;
    upload.finish().await?;
    Ok(whole)
}

async fn read(store: &ObjectAttachments, key: &str) -> Result<Vec<u8>, AttachmentError> {
    let download = store.read(key).await?;
    let pieces: Vec<Bytes> = download.bytes.try_collect().await?;
    let whole = pieces.concat();
    assert_eq!(whole.len() as u64, download.size);
    Ok(whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn small_and_large_files_come_back_as_they_were_written() {
    let bucket = Bucket::start().await;
    let store = bucket.store();
    // In one request, in exactly one part, in several parts.
    for (key, pieces, rest) in
        [("acme/c-1/a/original", 0, 5), ("acme/c-1/b/original", 5, 0), ("acme/c-1/ü +&/original", 17, 3)]
    {
        let written = write(&store, key, pieces, rest).await.expect(key);
        assert!(read(&store, key).await.expect(key) == written, "{key} is another");
        store.delete(key).await.expect(key);
        store.delete(key).await.expect("deleted before");
        assert_eq!(read(&store, key).await, Err(AttachmentError::NotFound), "{key}");
    }
    assert_eq!(bucket.kept(), 0);
    // Written anew, the new one counts.
    write(&store, "acme/c-1/a/original", 6, 0).await.expect("written");
    let second = write(&store, "acme/c-1/a/original", 0, 7).await.expect("written");
    assert_eq!(read(&store, "acme/c-1/a/original").await, Ok(second));

    let mut given_up = store.begin("acme/c-1/c/original").await.expect("begun");
    for _ in 0..12 {
        given_up.write(Bytes::from(vec![1; MIB])).await.expect("written");
    }
    given_up.abort().await.expect("aborted");
    assert_eq!(read(&store, "acme/c-1/c/original").await, Err(AttachmentError::NotFound));
    assert_eq!(bucket.kept(), 7, "nothing of it is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_from_a_store_that_is_down() {
    let bucket = Bucket::start().await;
    write(&bucket.store(), "acme/c-1/a/original", 0, 5).await.expect("written");
    for (id, secret) in [(KEY_ID, "guessed"), ("stranger", SECRET)] {
        let store = bucket.store_with(id, secret);
        let begun = Instant::now();
        let small = write(&store, "acme/c-1/b/original", 0, 5).await.expect_err("refused");
        let large = write(&store, "acme/c-1/b/original", 7, 0).await.expect_err("refused");
        let reading = read(&store, "acme/c-1/a/original").await.expect_err("refused");
        let deleting = store.delete("acme/c-1/a/original").await.expect_err("refused");
        for refused in [small, large, reading, deleting] {
            assert!(matches!(refused, AttachmentError::Denied(_)), "{refused:?}");
            assert!(refused.to_string().contains("attachments.s3_access_key_id"), "{refused}");
            assert!(!refused.to_string().contains(secret), "{refused}");
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "nobody tries a wrong key again and again");
    }
    assert_eq!(read(&bucket.store(), "acme/c-1/a/original").await.map(|whole| whole.len()), Ok(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_down_uploads_fail_in_time_and_nothing_is_lost() {
    let mut bucket = Bucket::start().await;
    let store = bucket.store();
    let before = write(&store, "acme/c-1/a/original", 6, 1).await.expect("written");
    // It goes away in the middle of an upload.
    let mut upload = store.begin("acme/c-1/b/original").await.expect("begun");
    for _ in 0..6 {
        upload.write(Bytes::from(vec![1; MIB])).await.expect("written");
    }
    bucket.server.kill();
    let begun = Instant::now();
    let outcome = async {
        for _ in 0..12 {
            upload.write(Bytes::from(vec![1; MIB])).await?;
        }
        upload.finish().await
    };
    let lost = outcome.await.expect_err("there is no server");
    assert!(matches!(lost, AttachmentError::Unavailable(_)), "{lost:?}");
    let failed = [
        write(&store, "acme/c-1/c/original", 0, 5).await.map(drop),
        read(&store, "acme/c-1/a/original").await.map(drop),
        store.delete("acme/c-1/a/original").await,
    ];
    assert!(failed.iter().all(|one| matches!(one, Err(AttachmentError::Unavailable(_)))), "{failed:?}");
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());

    bucket.server.restart();
    bucket.listens().await;
    assert!(read(&store, "acme/c-1/a/original").await.expect("it is there") == before);
    for key in ["acme/c-1/b/original", "acme/c-1/c/original"] {
        assert_eq!(read(&store, key).await, Err(AttachmentError::NotFound), "{key} is not half there");
    }
    let again = write(&store, "acme/c-1/b/original", 18, 0).await.expect("the same client goes on");
    assert!(read(&store, "acme/c-1/b/original").await.expect("it is there") == again);

    // A short outage is not noticed by who waits.
    bucket.server.kill();
    let (written, ()) = tokio::join!(write(&store, "acme/c-1/d/original", 0, 9), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        bucket.server.restart();
    });
    assert_eq!(written.map(|whole| whole.len()), Ok(9));
}
