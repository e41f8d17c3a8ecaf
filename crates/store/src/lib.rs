//! Everything that stays: tenants, people, conversations, tickets, the queue, the log's messages, receipts, commands.
//!
//! The only crate that names SurrealDB. One database per tenant in one namespace, and one, `_confab`, for what is of
//! the hub as a whole. Knows no clock, decides nothing: changes come as [`confab_domain::Decision`]s and are committed
//! only on the versions they were decided on.

mod accounts;
mod activity;
mod articles;
mod assignments;
mod attachments;
mod audit;
mod canned;
mod commit;
mod connection;
mod conversations;
mod customers;
mod error;
mod find;
mod guarded;
mod history;
mod inverted;
mod mail;
mod marks;
mod messages;
mod migrate;
mod position;
mod privacy;
mod queue;
mod receipts;
mod records;
mod reports;
mod rows;
mod search;
mod settings;
mod store;
mod tenant;
mod tickets;
mod transfer;
mod users;
mod webhooks;

pub use accounts::{Team, UserChange};
pub use activity::Turns;
pub use attachments::AttachmentRecord;
pub use audit::{AuditEntry, AuditFilter};
pub use commit::{Commit, Committed, Recorded};
pub use conversations::{ConversationFilter, Page};
pub use error::StoreError;
pub use find::FoundRecord;
pub use history::{HistoryRows, Pieces};
pub use messages::StoredEntry;
pub use migrate::AppliedMigration;
pub use position::Position;
pub use privacy::Ended;
pub use reports::FigureRow;
pub use search::{
    CustomerMatch, Found, Mark, MessageMatch, MessageSearch, Scope, Terms, TicketMatch, TicketSearch, excerpt,
};
pub use settings::StoreSettings;
pub use store::{Store, Tenant};
pub use tenant::TenantStore;
pub use tickets::TicketFilter;
pub use users::{NewUser, User};
pub use webhooks::{Delivery, DeliveryState, Webhook};
