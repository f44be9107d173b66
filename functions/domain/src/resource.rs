//! A digital resource: data, never code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Fault, person::parsed_text, text};

parsed_text! {
    /// A short name in lower-case letters, digits and hyphens: `la-souris-qui-raconte`.
    ResourceId, |typed| {
        let id = text::line(typed, 60)?;
        if id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            Ok(id)
        } else {
            Err(Fault::new("invalid-id", "Un code de ressource est fait de minuscules, de chiffres et de tirets."))
        }
    }
}

/// An online service that the county pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Its code.
    pub id: ResourceId,
    /// Its name, as people know it.
    pub name: String,
    /// An inactive one stays on old registrations and can't be chosen anew.
    pub active: bool,
}
