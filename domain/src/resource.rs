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
    }, { "pattern": "^[a-z0-9-]{1,60}$" }
}

parsed_text! {
    /// The address of a resource: `https`, at most 300 characters.
    ResourceUrl, |typed| {
        let url = text::line(typed, 300)?;
        let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        if host.is_some_and(|host| host.contains('.')) && url.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(url)
        } else {
            Err(Fault::new("invalid-url", "Tapez l’adresse complète de la ressource : https://www.exemple.fr."))
        }
    }, { "pattern": r"^https://[!-.0-~]*\.[!-~]*$", "maxLength": 300 }
}

/// An online service that the county pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Its code.
    pub id: ResourceId,
    /// Its name, as patrons know it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 150)))]
    pub name: String,
    /// An inactive resource stays on old registrations and cannot be chosen again.
    pub active: bool,
    /// The address at which patrons open it, if the county has entered one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<ResourceUrl>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_opened_at_an_https_address() {
        for good in ["https://www.musicme.example", "https://musicme.example/oise?de=mdo#accueil"] {
            assert_eq!(good.parse::<ResourceUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "http://musicme.example",
            "musicme.example",
            "https://",
            "https://musicme",
            "javascript:alert(1)",
            "https://a.b/\u{e9}",
        ] {
            assert_eq!(bad.parse::<ResourceUrl>().unwrap_err().code, "invalid-url", "{bad}");
        }
    }
}
