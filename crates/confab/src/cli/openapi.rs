//! `confab openapi`: the document that a running hub serves at `/docs`.

use std::process::ExitCode;

use anyhow::Result;

use super::print;

pub(super) fn run() -> Result<ExitCode> {
    print(confab_edge::openapi_json().trim_end());
    Ok(ExitCode::SUCCESS)
}
