//! All operations, a file a theme.

mod accounts;
mod changes;
mod description;
mod directory;
mod reading;

use serde_json::{Value, json};

use crate::operation::Operation;

/// The operations of every theme, tagged with it.
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

/// What the themes are.
pub(crate) fn tags() -> Value {
    json!([
        { "name": "accounts", "description": "Signing in and out, who one is, and passwords." },
        { "name": "directory", "description": "Libraries, resources and staff: what the county keeps." },
        { "name": "registrations", "description": "Registering, correcting, activating, renewing, erasing." },
        { "name": "reading", "description": "The list, one registration and all that is known of it, the Excel file." },
        { "name": "description", "description": "This document." },
    ])
}
