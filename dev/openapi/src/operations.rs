//! All operations, one file per theme.

mod accounts;
mod changes;
mod description;
mod directory;
mod reading;

use serde_json::{Value, json};

use crate::operation::Operation;

/// Returns the operations of all themes, tagged with their theme.
pub(crate) fn all() -> Vec<Operation> {
    let themes = [
        ("accounts", accounts::operations()),
        ("directory", directory::operations()),
        ("registrations", changes::operations()),
        ("reading", reading::operations()),
        ("description", description::operations()),
    ];
    themes
        .into_iter()
        .flat_map(|(tag, operations)| operations.into_iter().map(|operation| operation.tagged(tag)))
        .collect()
}

/// Returns the themes as tags.
pub(crate) fn tags() -> Value {
    json!([
        { "name": "accounts", "description": "Signing in and out, the caller's account, and passwords." },
        { "name": "directory", "description": "Libraries, resources and staff, which the county maintains." },
        { "name": "registrations", "description": "Registering, correcting, activating, renewing, erasing." },
        { "name": "reading", "description": "The list, one registration and all data of it, the Excel file." },
        { "name": "description", "description": "This document." },
    ])
}
