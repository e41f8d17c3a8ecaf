//! `confab openapi`: the document that a running hub serves at `/docs`.

use std::process::ExitCode;

use super::print;

pub(super) fn run() -> ExitCode {
    print(confab_edge::openapi_json().trim_end());
    ExitCode::SUCCESS
}
