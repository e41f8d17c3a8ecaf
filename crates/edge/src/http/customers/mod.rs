//! Customers: what is known of them, for the desk; what their browser tells, from themselves.

pub(crate) mod attributes;
pub(crate) mod context;
pub(crate) mod page;

use confab_protocol::ErrorCode;
use confab_protocol::api::{AttributeValue, Attributes, CustomerDetails};

use crate::error::EdgeError;
use crate::form;

/// Attributes of one customer, and characters of one.
const MAX_ATTRIBUTES: usize = 50;
const MAX_VALUE: usize = 500;
/// Characters of an address, and of anything else that a browser tells.
const MAX_URL: usize = 2000;
const MAX_TOLD: usize = 300;

/// Whether attributes have a form that can be kept.
pub(super) fn check_attributes(attributes: &Attributes) -> Result<(), EdgeError> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(EdgeError::new(ErrorCode::Invalid, format!("more than {MAX_ATTRIBUTES} attributes")));
    }
    for (name, value) in attributes {
        form::word("the name of an attribute", name)?;
        if let AttributeValue::Text(text) = value
            && !text.is_empty()
        {
            form::text(name, text, MAX_VALUE)?;
        }
    }
    Ok(())
}

fn told(field: &str, text: Option<&String>, max: usize) -> Result<(), EdgeError> {
    text.map_or(Ok(()), |text| form::text(field, text, max))
}

/// Whether what a browser tells has a form that can be kept.
pub(super) fn check_details(details: &CustomerDetails) -> Result<(), EdgeError> {
    check_attributes(&details.attributes)?;
    if let Some(page) = &details.page {
        if !(page.url.starts_with("https://") || page.url.starts_with("http://")) {
            return Err(EdgeError::new(ErrorCode::Invalid, "url has to begin with https:// or http://"));
        }
        form::text("url", &page.url, MAX_URL)?;
        told("title", page.title.as_ref(), MAX_TOLD)?;
        told("referrer", page.referrer.as_ref(), MAX_URL)?;
    }
    if let Some(device) = &details.device {
        told("user_agent", device.user_agent.as_ref(), MAX_TOLD)?;
        told("language", device.language.as_ref(), MAX_TOLD)?;
        told("time_zone", device.time_zone.as_ref(), MAX_TOLD)?;
        told("window", device.window.as_ref(), MAX_TOLD)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use confab_protocol::api::{DeviceView, PageView};

    use super::*;

    fn with(name: &str, value: AttributeValue) -> CustomerDetails {
        let attributes = Attributes::from([(name.to_owned(), value)]);
        CustomerDetails { attributes, ..CustomerDetails::default() }
    }

    fn at(url: &str) -> CustomerDetails {
        let page = PageView { url: url.to_owned(), title: None, referrer: None };
        CustomerDetails { page: Some(page), ..CustomerDetails::default() }
    }

    #[test]
    fn what_a_browser_tells_is_checked() {
        assert!(check_details(&with("plan", AttributeValue::Text("gold".into()))).is_ok());
        assert!(check_details(&with("orders", AttributeValue::Number(3.0))).is_ok());
        assert!(check_details(&at("https://example.org/cart?x=1")).is_ok());
        let device = DeviceView { language: Some("x".repeat(301)), ..DeviceView::default() };
        let wrong = [
            with("a b", AttributeValue::Flag(true)),
            with("plan", AttributeValue::Text("x".repeat(501))),
            at("javascript:alert(1)"),
            CustomerDetails { device: Some(device), ..CustomerDetails::default() },
        ];
        for details in wrong {
            assert!(check_details(&details).is_err(), "{details:?}");
        }
    }
}
