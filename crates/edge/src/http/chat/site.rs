//! `GET /api/site`: what a tenant's pages show before a chat. For everybody, as the pages themselves are.

use axum::Json;
use axum::extract::State;
use confab_domain::calendar::Calendar;
use confab_protocol::api::{SiteView, WidgetBody};
use confab_protocol::{ErrorCode, TenantId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::http::admin::widget::SETTING;
use crate::http::extract::Parameters;
use crate::state::EdgeState;

/// Whose site.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SiteParameters {
    /// The tenant.
    tenant: TenantId,
}

/// What to show before a chat: the form, and whether the desk is open.
#[utoipa::path(
    get,
    path = "/api/site",
    tag = "chat",
    params(SiteParameters),
    responses((status = 200, description = "The form and the state of the desk.", body = SiteView)),
    security(()),
)]
pub(crate) async fn get_site(
    State(state): State<EdgeState>,
    Parameters(parameters): Parameters<SiteParameters>,
) -> Result<Json<SiteView>, EdgeError> {
    let store = state.store.tenant(&parameters.tenant).await?;
    let (widget, _) = store.setting::<WidgetBody>(SETTING).await?;
    let levels = store.settings().await?.service_levels;
    let calendar =
        Calendar::of(&levels).map_err(|error| EdgeError::new(ErrorCode::Internal, error.to_string()))?;
    let now = state.clock.now();
    let opens_at = calendar.opens_at(now);
    let open = opens_at == Some(now);
    Ok(Json(SiteView { widget: widget.unwrap_or_default(), open, opens_at: opens_at.filter(|_| !open) }))
}
