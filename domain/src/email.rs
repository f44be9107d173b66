//! E-mail addresses, each of which identifies at most one account.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

use crate::{Fault, text};

/// Signs that a standard allows before the `@`, and that a `mailto:` link or a mail server reads in another sense: after
/// `?` a link has parameters, such as further recipients. Hardly any address has one.
const MISREAD: [char; 14] = ['"', '?', '&', '%', '#', '/', '|', '`', '^', '{', '}', '!', '*', '$'];

/// An address that SES can deliver to, trimmed and in lower case, as addresses are compared (rules, section 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The length of the longest address that RFC 5321 allows, in bytes.
    pub const MAX: usize = 254;

    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Fault;

    /// Parses an address. Invisible characters are dropped. Quoted local parts are refused because they are hardly in
    /// use, non-ASCII addresses because SES does not deliver to them, and signs that links misread.
    ///
    /// # Errors
    /// The faults `required`, `too-long` and `invalid-email`.
    fn from_str(typed: &str) -> Result<Self, Fault> {
        let typed = text::visible(typed);
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(text::required());
        }
        if typed.len() > Self::MAX {
            return Err(Fault::new("too-long", "Une adresse e-mail a 254 caractères au plus."));
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let plain = typed.is_ascii() && !typed.contains(MISREAD);
        match EmailAddress::parse_with_options(typed, options) {
            Ok(_) if plain => Ok(Self(typed.to_ascii_lowercase())),
            _ => Err(Fault::new(
                "invalid-email",
                "Saisissez une adresse e-mail complète, sans accent, par exemple camille.exemple@orange.fr.",
            )),
        }
    }
}

impl TryFrom<String> for Email {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Email {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "email",
            "maxLength": Self::MAX,
            "description": "An e-mail address in ASCII, compared trimmed and lower-cased.",
        })
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn section_1_addresses_are_compared_trimmed_and_lower_cased() {
        let one: Email = " Camille.EXEMPLE@Orange.fr ".parse().unwrap();
        assert_eq!(one.as_str(), "camille.exemple@orange.fr");
    }

    #[test]
    fn addresses_that_ses_cannot_deliver_to_are_refused() {
        let long = format!("{}@oise.fr", "a".repeat(300));
        for (typed, code) in [
            ("", "required"),
            (long.as_str(), "too-long"),
            ("camille", "invalid-email"),
            ("camille@localhost", "invalid-email"),
            ("camille@oise.fr, paul@oise.fr", "invalid-email"),
            ("a@b.fr\r\nBcc: c@d.fr", "invalid-email"),
            ("a\0b@oise.fr", "invalid-email"),
            ("Camille <camille@oise.fr>", "invalid-email"),
            ("\"a b\"@oise.fr", "invalid-email"),
            ("zoé@oise.fr", "invalid-email"),
            ("a@[127.0.0.1]", "invalid-email"),
        ] {
            assert_eq!(typed.parse::<Email>().unwrap_err().code, code, "{typed:?}");
        }
    }

    #[test]
    fn s21_what_a_link_to_an_address_would_misread_is_refused() {
        for local in ["a?bcc=x", "a&b", "a%0d", "a#b", "a/b", "a|b", "a`b", "a^b", "a{b}", "a!b", "a*b", "a$b"] {
            assert_eq!(format!("{local}@oise.fr").parse::<Email>().unwrap_err().code, "invalid-email", "{local}");
        }
        for local in ["a.b", "a_b-c", "a+b", "o'brien", "a=b~c"] {
            assert_eq!(format!("{local}@oise.fr").parse::<Email>().unwrap().as_str(), format!("{local}@oise.fr"));
        }
    }

    #[test]
    fn section_1_invisible_characters_in_an_address_are_dropped() {
        let typed: Email = "\u{feff}camille@or\u{ad}ange.fr\u{200b} ".parse().unwrap();
        assert_eq!(typed.as_str(), "camille@orange.fr");
        assert_eq!("\u{200b}".parse::<Email>().unwrap_err().code, "required");
    }

    #[test]
    fn an_address_of_254_bytes_is_valid_and_of_255_is_not() {
        let of_length = |n: usize| {
            let (local, tail) = ("a".repeat(64), ".oise.fr");
            let labels: String =
                "b".repeat(50).chars().chain(".".chars()).cycle().take(n - 65 - tail.len() - 1).collect();
            format!("{local}@{labels}c{tail}")
        };
        assert_eq!((of_length(254).len(), of_length(255).len()), (254, 255));
        assert!(of_length(254).parse::<Email>().is_ok());
        assert_eq!(of_length(255).parse::<Email>().unwrap_err().code, "too-long");
    }

    #[test]
    fn an_address_prints_as_it_is_compared() {
        let email: Email = " Camille@Orange.fr ".parse().unwrap();
        assert_eq!((email.to_string(), String::from(email)), ("camille@orange.fr".into(), "camille@orange.fr".into()));
    }

    proptest! {
        #[test]
        fn a_parsed_address_parses_again_to_itself(typed in "\\PC{0,40}|[a-zA-Z.+@-]{0,40}") {
            if let Ok(email) = typed.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>().unwrap(), email.clone());
                prop_assert!(!email.as_str().contains(['\r', '\n', ',', '\0', ' ']));
            }
        }
    }
}
