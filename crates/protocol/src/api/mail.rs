//! Bodies of e-mail: what a tenant sends, and what a person wants to get.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::UnixMillis;

/// `GET /api/admin/mail` and `PUT /api/admin/mail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MailBody {
    /// Seconds without a connection after which customers get an e-mail with what they have not read, 1 to 86400; never
    /// when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers_after_seconds: Option<u32>,
    /// Whether an address that only the customer's browser claims is written to: anybody can claim any address.
    pub claimed_addresses: bool,
    /// Whether staff who are not connected are told of mentions and of what was given to them.
    pub staff: bool,
    /// Name from which e-mail comes.
    pub from_name: String,
}

impl Default for MailBody {
    fn default() -> Self {
        Self {
            customers_after_seconds: None,
            claimed_addresses: false,
            staff: false,
            from_name: "Support".to_owned(),
        }
    }
}

/// `GET /api/me/notifications` and `PUT /api/me/notifications`: which e-mail a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationsBody {
    /// Customers: what they have not read.
    pub unread_email: bool,
    /// Staff: that a note names them.
    pub mention_email: bool,
    /// Staff: that a conversation or ticket was given to them.
    pub assignment_email: bool,
}

impl Default for NotificationsBody {
    fn default() -> Self {
        Self { unread_email: true, mention_email: true, assignment_email: true }
    }
}

/// An address that took no e-mail; nothing is sent to it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedAddress {
    /// The address.
    pub address: String,
    /// What its server said.
    pub reason: String,
    /// When.
    pub at: UnixMillis,
}

/// `GET /api/admin/mail/refused`: the latest first, at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedAddresses {
    /// The addresses.
    pub items: Vec<RefusedAddress>,
}
