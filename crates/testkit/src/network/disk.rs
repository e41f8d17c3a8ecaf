//! A disk that one process has to itself, small enough to be filled. It is one in memory, so it says nothing of how long
//! writing to a real one takes.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Takes what room is left.
const BALLAST: &str = "ballast";

/// A disk, mounted on a directory. It goes when it goes out of scope.
#[derive(Debug)]
pub struct Disk {
    place: PathBuf,
}

impl Disk {
    /// Mounts a disk of this size.
    ///
    /// # Panics
    /// When the kernel refuses, as it does to those who are not [apart](super::again).
    pub fn mount(place: &Path, mebibytes: u32) -> Self {
        fs::create_dir_all(place).expect("a directory to mount a disk on");
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "disk"]).arg(place).status();
        assert!(
            mounted.is_ok_and(|status| status.success()),
            "no disk can be mounted on {}",
            place.display()
        );
        Self { place: place.to_owned() }
    }

    /// Writes until there is no room left.
    ///
    /// # Panics
    /// When not even a file can be made.
    pub fn fill(&self) {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(self.place.join(BALLAST)).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// When the file can't be removed.
    pub fn free(&self) {
        fs::remove_file(self.place.join(BALLAST)).expect("what took the room is removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whatever still has a file open keeps the disk until it ends.
        drop(Command::new("umount").arg("--lazy").arg(&self.place).status());
    }
}
