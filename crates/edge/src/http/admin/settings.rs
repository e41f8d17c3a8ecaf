//! `GET /api/admin/settings`, `PUT /api/admin/settings`: assignment and lifecycle of the tenant.

use axum::extract::State;
use confab_domain::{Policy, TenantSettings};
use confab_protocol::ErrorCode;
use confab_protocol::api::{AssignmentPolicy, SettingsBody};

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

const SECOND: u64 = 1000;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// The tenant's settings.
#[utoipa::path(
    get,
    path = "/api/admin/settings",
    tag = "administration",
    responses((status = 200, description = "The settings; their version as `ETag`.", body = SettingsBody)),
)]
pub(crate) async fn get_settings(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<SettingsBody>, EdgeError> {
    let (settings, version) = reader(&state, &who).await?.versioned_settings().await?;
    Ok(tagged(version, body(&settings)))
}

/// Replace the tenant's settings. They hold for whatever happens afterwards.
#[utoipa::path(
    put,
    path = "/api/admin/settings",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = SettingsBody,
    responses((status = 200, description = "The settings as they are now.", body = SettingsBody)),
)]
pub(crate) async fn put_settings(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<SettingsBody>,
) -> Result<Tagged<SettingsBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    check(&request)?;
    let (before, version) = store.versioned_settings().await?;
    let version = if_match.check(version)?;
    store.change_settings(&settings(&request, before), version).await.map_err(edited)?;
    audit::note(&state, &who, "update_settings", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, request))
}

fn check(request: &SettingsBody) -> Result<(), EdgeError> {
    for (field, value, range) in [
        ("vanish_grace_ms", request.vanish_grace_ms, 0..=HOUR),
        ("idle_warning_ms", request.idle_warning_ms, SECOND..=7 * DAY),
        ("idle_close_ms", request.idle_close_ms, SECOND..=7 * DAY),
        ("abandon_ms", request.abandon_ms, SECOND..=7 * DAY),
        ("estimate_window_ms", request.estimate_window_ms, 60 * SECOND..=DAY),
    ] {
        if !range.contains(&value) {
            let message = format!("{field} has to be {} to {} milliseconds", range.start(), range.end());
            return Err(EdgeError::new(ErrorCode::Invalid, message));
        }
    }
    Ok(())
}

fn body(settings: &TenantSettings) -> SettingsBody {
    SettingsBody {
        policy: match settings.policy {
            Policy::Manual => AssignmentPolicy::Manual,
            Policy::RoundRobin => AssignmentPolicy::RoundRobin,
            Policy::LeastBusy => AssignmentPolicy::LeastBusy,
            Policy::LongestIdle => AssignmentPolicy::LongestIdle,
        },
        vanish_grace_ms: settings.vanish_grace_ms,
        idle_warning_ms: settings.idle_warning_ms,
        idle_close_ms: settings.idle_close_ms,
        abandon_ms: settings.abandon_ms,
        estimate_window_ms: settings.estimate_window_ms,
    }
}

/// What is set here; whatever else a tenant has set stays.
fn settings(body: &SettingsBody, mut settings: TenantSettings) -> TenantSettings {
    settings.policy = match body.policy {
        AssignmentPolicy::Manual => Policy::Manual,
        AssignmentPolicy::RoundRobin => Policy::RoundRobin,
        AssignmentPolicy::LeastBusy => Policy::LeastBusy,
        AssignmentPolicy::LongestIdle => Policy::LongestIdle,
    };
    settings.vanish_grace_ms = body.vanish_grace_ms;
    settings.idle_warning_ms = body.idle_warning_ms;
    settings.idle_close_ms = body.idle_close_ms;
    settings.abandon_ms = body.abandon_ms;
    settings.estimate_window_ms = body.estimate_window_ms;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_round_trip_and_are_held_to_their_ranges() {
        let defaults = TenantSettings::default();
        let plain = body(&defaults);
        assert_eq!(settings(&plain, TenantSettings { abandon_ms: 1, ..defaults.clone() }), defaults);
        assert!(check(&plain).is_ok());
        for wrong in [
            SettingsBody { vanish_grace_ms: HOUR + 1, ..plain.clone() },
            SettingsBody { idle_close_ms: 0, ..plain.clone() },
            SettingsBody { estimate_window_ms: 1, ..plain.clone() },
        ] {
            assert_eq!(check(&wrong).expect_err("refused").code, ErrorCode::Invalid);
        }
    }
}
