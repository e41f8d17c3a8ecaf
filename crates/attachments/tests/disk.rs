//! Files in a directory: written in pieces, read whole, gone when deleted, and never half there.

use bytes::Bytes;
use confab_attachments::{AttachmentError, AttachmentStore, ObjectAttachments, S3Settings};
use futures::TryStreamExt as _;

fn store(directory: &std::path::Path) -> ObjectAttachments {
    let url = format!("file://{}", directory.display());
    ObjectAttachments::open(&url, &S3Settings::default()).expect("a directory")
}

async fn read(store: &ObjectAttachments, key: &str) -> Result<Vec<u8>, AttachmentError> {
    let download = store.read(key).await?;
    let pieces: Vec<Bytes> = download.bytes.try_collect().await?;
    let whole = pieces.concat();
    assert_eq!(whole.len() as u64, download.size);
    Ok(whole)
}

#[tokio::test]
async fn what_is_finished_is_read_as_it_was_written() {
    let home = tempfile::tempdir().expect("a directory");
    let store = store(home.path());
    let mut upload = store.begin("acme/c-1/a-1/original").await.expect("begun");
    // More than one part.
    for piece in 0..13_u8 {
        upload.write(Bytes::from(vec![piece; 1024 * 1024])).await.expect("written");
    }
    assert_eq!(read(&store, "acme/c-1/a-1/original").await, Err(AttachmentError::NotFound), "not yet");
    upload.finish().await.expect("finished");
    let whole = read(&store, "acme/c-1/a-1/original").await.expect("it is there");
    assert_eq!((whole.len(), whole[0], whole[13 * 1024 * 1024 - 1]), (13 * 1024 * 1024, 0, 12));
    store.delete("acme/c-1/a-1/original").await.expect("deleted");
    store.delete("acme/c-1/a-1/original").await.expect("deleted before");
    assert_eq!(read(&store, "acme/c-1/a-1/original").await, Err(AttachmentError::NotFound));
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let store = store(home.path());
    let mut upload = store.begin("acme/c-1/a-2/original").await.expect("begun");
    upload.write(Bytes::from(vec![1; 12 * 1024 * 1024])).await.expect("written");
    upload.abort().await.expect("aborted");
    assert_eq!(read(&store, "acme/c-1/a-2/original").await, Err(AttachmentError::NotFound));
}

#[test]
fn places_that_mean_nothing_are_refused() {
    for url in ["ftp://somewhere", "s3://"] {
        let refused = ObjectAttachments::open(url, &S3Settings::default()).expect_err(url);
        assert!(matches!(refused, AttachmentError::Place { .. }), "{refused:?}");
    }
    let s3 = S3Settings {
        endpoint: Some("http://127.0.0.1:9000".into()),
        region: Some("eu".into()),
        access_key_id: Some("id".into()),
        secret_access_key: Some("secret".to_owned().into()),
    };
    assert!(ObjectAttachments::open("s3://bucket/confab", &s3).is_ok());
}
