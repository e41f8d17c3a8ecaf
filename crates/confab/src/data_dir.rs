//! The data directory of `confab all`: one process at a time, secrets that only their owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rand::Rng as _;
use rand::distr::Alphanumeric;
use secrecy::SecretString;

/// Length of a secret made here: more than 256 bits of 62 symbols.
const SECRET_CHARS: usize = 48;

/// The directory of a hub in one process.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    path: PathBuf,
}

/// Held as long as this process uses the directory.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataDir {
    /// Creates the directory where it is missing.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("the data directory {} can't be made", path.display()))?;
        Self::existing(path)
    }

    /// A directory that is there.
    pub(crate) fn existing(path: &Path) -> Result<Self> {
        let path = path.canonicalize().with_context(|| {
            format!("there is no data directory {}: name another one with --data", path.display())
        })?;
        Ok(Self { path })
    }

    /// Keeps other processes out.
    pub(crate) fn lock(&self) -> Result<DataLock> {
        match self.try_lock()? {
            Some(lock) => Ok(lock),
            None => bail!(
                "{} is in use by another confab: stop it first, or name another directory with --data",
                self.path.display()
            ),
        }
    }

    /// As [`DataDir::lock`]; `None` when another process uses the directory.
    pub(crate) fn try_lock(&self) -> Result<Option<DataLock>> {
        let path = self.file("confab.lock");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{} can't be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DataLock { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} can't be locked", path.display()))
            }
        }
    }

    /// A file or directory in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// URL of the embedded database in it.
    pub(crate) fn store_url(&self) -> String {
        format!("surrealkv://{}", self.file("store").display())
    }

    /// The key that signs tokens, made at the first start.
    pub(crate) fn signing_key(&self) -> Result<SecretString> {
        self.secret("signing.key")
    }

    /// The password of the NATS server that runs in it, made at the first start.
    pub(crate) fn nats_password(&self) -> Result<SecretString> {
        self.secret("nats.password")
    }

    /// The content of a file with a secret; `None` when it is not there.
    pub(crate) fn read_secret(&self, name: &str) -> Result<Option<SecretString>> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().is_empty() => {
                bail!("{} is empty: remove it, and a new one is made", path.display())
            }
            Ok(text) => Ok(Some(SecretString::from(text.trim().to_owned()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    fn secret(&self, name: &str) -> Result<SecretString> {
        if let Some(secret) = self.read_secret(name)? {
            return Ok(secret);
        }
        let secret: String =
            rand::rng().sample_iter(Alphanumeric).take(SECRET_CHARS).map(char::from).collect();
        self.write_private(name, &format!("{secret}\n"))?;
        Ok(SecretString::from(secret))
    }

    /// Writes a file that nobody else may read; whole or not at all.
    pub(crate) fn write_private(&self, name: &str, text: &str) -> Result<PathBuf> {
        let (path, part) = (self.file(name), self.file(&format!("{name}.part")));
        let write = || {
            let mut file =
                OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)
        };
        write().with_context(|| format!("{} can't be written", path.display()))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_and_is_private() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::create(&home.path().join("new/data")).expect("made");
        let first = data.signing_key().expect("made");
        let second = data.signing_key().expect("read");
        assert_eq!(first.expose_secret(), second.expose_secret());
        assert_eq!(first.expose_secret().len(), SECRET_CHARS);
        let mode = fs::metadata(data.file("signing.key")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(data.nats_password().expect("made").expose_secret(), first.expose_secret());
    }

    #[test]
    fn an_empty_secret_is_no_secret() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::create(home.path()).expect("there");
        fs::write(data.file("signing.key"), "\n").expect("written");
        assert!(data.signing_key().is_err());
    }

    #[test]
    fn one_process_at_a_time() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::create(home.path()).expect("there");
        let lock = data.lock().expect("free");
        assert!(data.try_lock().expect("asked").is_none());
        assert!(data.lock().expect_err("taken").to_string().contains("another confab"));
        drop(lock);
        assert!(data.try_lock().expect("asked").is_some());
    }
}
