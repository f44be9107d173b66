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
    /// The address of a resource: `https`, a host and perhaps a port, no user; at most 300 characters.
    ResourceUrl, |typed| {
        let url = text::line(typed, 300)?;
        let authority = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        // Browsers read `\` as `/`: what follows would be another host.
        let plain = url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if plain && authority.is_some_and(is_host_and_port) {
            Ok(url)
        } else {
            Err(Fault::new("invalid-url", "Tapez l’adresse complète de la ressource : https://www.exemple.fr."))
        }
    }, {
        "pattern": r"^https://([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*(:[0-9]{1,5})?([/?#][!-\[\]-~]*)?$",
        "maxLength": 300,
    }
}

/// Returns whether this is a domain name of at least two parts, with or without a port. A `@` would end a user's name.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_label = |label: &str| {
        label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = host.rsplit_once('.').map_or("", |(_, top)| top);
    host.split('.').all(is_label)
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
        && port.len() <= 5
        && port.bytes().all(|b| b.is_ascii_digit())
        && port.parse::<u16>().is_ok()
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
        for good in [
            "https://www.musicme.example",
            "https://musicme.example/oise?de=mdo#accueil",
            "https://musicme.example:8443?a=b@c",
            "https://xn--mdiathque-d4ab.example/",
        ] {
            assert_eq!(good.parse::<ResourceUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "http://musicme.example",
            "musicme.example",
            "https://",
            "https://musicme",
            "javascript:alert(1)",
            "https://a.b/\u{e9}",
            "https://musicme.example@evil.example",
            "https://mdo:secret@musicme.example/",
            "https://musicme.example\\@evil.example",
            "https://musicme.example/\\evil.example",
            "https:\\\\musicme.example",
            "https:///musicme.example",
            "https://.example",
            "https://musicme..example",
            "https://musicme.example.",
            "https://-.example",
            "https://musicme.example:",
            "https://musicme.example:8a",
            "https://musicme.example:+80",
            "https://musicme.example:000080",
            "https://127.0.0.1",
            "https://%65vil.example",
            "HTTPS://musicme.example",
        ] {
            assert_eq!(bad.parse::<ResourceUrl>().unwrap_err().code, "invalid-url", "{bad}");
        }
    }
}
