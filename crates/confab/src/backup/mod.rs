//! A hub's backup: a directory with the databases, the streams and the attachments, and a manifest that names and checks
//! every file.
//!
//! The databases are written first, the streams after them. So whatever the streams hold beyond the databases is new work,
//! which workers take up after a restoration, and no sequence that a database knows is given twice.

mod files;
mod load;
mod manifest;
mod save;

pub(crate) use load::load;
pub(crate) use save::{Conditions, save};

use std::sync::Arc;

use confab_attachments::AttachmentStore;
use confab_bus::Bus;
use confab_store::Store;

/// What is saved from, or restored into.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) attachments: Option<Arc<dyn AttachmentStore>>,
}
