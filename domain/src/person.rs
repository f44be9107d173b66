//! The patron: the person who gets access.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Email, Fault, name, text};

/// A patron's data, as the form asks for it (rules, section 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Family name.
    pub last_name: Name,
    /// Given name.
    pub first_name: Name,
    /// Day of birth.
    pub birth_date: BirthDate,
    /// The address for messages, which also identifies the patron's account.
    pub email: Email,
    /// Telephone, as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// French postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<PostalCode>,
    /// Town of residence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<Town>,
    /// Number on the library card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<CardNumber>,
}

/// Declares the type of a parsed line of text: private field, `FromStr`, `Display`, serde through the parser. The last
/// argument is its JSON Schema, of which the doc comment becomes the description.
macro_rules! parsed_text {
    ($(#[doc = $doc:literal])* $name:ident, $parse:expr, { $($shape:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Fault;
            fn from_str(typed: &str) -> Result<Self, Fault> {
                let parse: fn(&str) -> Result<String, Fault> = $parse;
                parse(typed).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Fault;
            fn try_from(text: String) -> Result<Self, Fault> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let description = concat!($($doc),*).trim();
                schemars::json_schema!({ "type": "string", "description": description, $($shape)* })
            }
        }
    };
}
pub(crate) use parsed_text;

parsed_text! {
    /// A family or given name: at most 100 characters, at least one letter, no web address and none of `/ : @ < >`.
    Name, |typed| name::line(typed, 100), { "pattern": "^[^/:@<>]+$", "maxLength": 100 }
}
parsed_text! {
    /// A telephone number as written: 6 to 15 digits, spaces, dots, hyphens, brackets and a leading `+`.
    Phone, |typed| {
        let phone = text::line(typed, 30)?;
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let written = phone.strip_prefix('+').unwrap_or(&phone);
        let known = |c: char| c.is_ascii_digit() || " .-()/".contains(c);
        if written.chars().all(known) && (6..=15).contains(&digits) {
            Ok(phone)
        } else {
            Err(Fault::new("invalid-phone", "Saisissez un numéro de téléphone, par exemple 03 44 10 83 00."))
        }
    }, { "pattern": r"^\+?[0-9 .()/-]{6,30}$", "maxLength": 30 }
}
parsed_text! {
    /// Street and number: at most 200 characters.
    Address, |typed| text::line(typed, 200), { "minLength": 1, "maxLength": 200 }
}
parsed_text! {
    /// Five digits, kept as text, so that `02100` keeps its zero.
    PostalCode, |typed| {
        let code = text::line(typed, 20)?;
        if code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()) {
            Ok(code)
        } else {
            Err(Fault::new("invalid-postal-code", "Saisissez les 5 chiffres du code postal, par exemple 60000."))
        }
    }, { "pattern": "^[0-9]{5}$" }
}
parsed_text! {
    /// A town: at most 100 characters, at least one letter.
    Town, |typed| text::worded_line(typed, 100), { "minLength": 1, "maxLength": 100 }
}
parsed_text! {
    /// A library card number, letters allowed: at most 40 characters, kept as text.
    CardNumber, |typed| text::line(typed, 40), { "minLength": 1, "maxLength": 40 }
}

/// A day of birth: a real date, not in the future, not before 1900.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BirthDate(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::Day"))] Date);

impl BirthDate {
    /// Parses `YYYY-MM-DD`.
    ///
    /// # Errors
    /// The faults `required`, `invalid-date`, `in-the-future` and `too-long-ago`.
    pub fn parse(typed: &str, today: Date) -> Result<Self, Fault> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(text::required());
        }
        let date = civil_date(typed)
            .ok_or_else(|| Fault::new("invalid-date", "Saisissez une date qui existe, sous la forme AAAA-MM-JJ."))?;
        if date > today {
            return Err(Fault::new("in-the-future", "La date de naissance est dans le futur : vérifiez-la."));
        }
        if date.year() < 1900 {
            return Err(Fault::new("too-long-ago", "La date de naissance est antérieure à 1900 : vérifiez-la."));
        }
        Ok(Self(date))
    }

    /// Returns the day.
    pub fn date(self) -> Date {
        self.0
    }
}

/// Parses an existing date in the form `YYYY-MM-DD`, and in no other.
fn civil_date(typed: &str) -> Option<Date> {
    let shape = typed.len() == 10
        && typed.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if shape { typed.parse().ok() } else { None }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Date {
        "2026-11-24".parse().unwrap()
    }

    /// Returns Camille EXEMPLE, the patron of the procedure's guide.
    pub(crate) fn camille() -> Person {
        Person {
            last_name: "Exemple".parse().unwrap(),
            first_name: "Camille".parse().unwrap(),
            birth_date: BirthDate::parse("1988-02-29", today()).unwrap(),
            email: "camille.exemple@orange.fr".parse().unwrap(),
            phone: Some("+33612345678".parse().unwrap()),
            address: Some("2 rue de la Mairie".parse().unwrap()),
            postal_code: Some("60240".parse().unwrap()),
            town: Some("Fleury".parse().unwrap()),
            card_number: Some("C-0042".parse().unwrap()),
        }
    }

    #[test]
    fn names_of_all_shapes_are_accepted_as_written() {
        for name in
            ["D'Hérouville", "Le Goff–Œdipe", "Ó Súilleabháin", "李", "Владимир", "=HYPERLINK(\"x\")", "Zoé & \"Co\""]
        {
            assert_eq!(name.parse::<Name>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn each_field_reports_its_own_fault() {
        assert_eq!("🎉".parse::<Name>().unwrap_err().code, "illegal-character");
        assert_eq!("  ".parse::<Name>().unwrap_err().code, "required");
        assert_eq!("x".repeat(101).parse::<Name>().unwrap_err().code, "too-long");
        assert_eq!("zéro six".parse::<Phone>().unwrap_err().code, "invalid-phone");
        assert_eq!("12345".parse::<Phone>().unwrap_err().code, "invalid-phone");
        assert_eq!("6000".parse::<PostalCode>().unwrap_err().code, "invalid-postal-code");
        assert_eq!("６００００".parse::<PostalCode>().unwrap_err().code, "invalid-postal-code");
    }

    #[test]
    fn birth_dates_exist_and_are_past() {
        let code = |typed| BirthDate::parse(typed, today()).unwrap_err().code;
        assert_eq!(code(""), "required");
        assert_eq!(code("2025-02-29"), "invalid-date");
        assert_eq!(code("29/02/1988"), "invalid-date");
        assert_eq!(code("1988-2-9"), "invalid-date");
        assert_eq!(code("2026-11-25"), "in-the-future");
        assert_eq!(code("1899-12-31"), "too-long-ago");
        assert_eq!(code("2026-W48-2"), "invalid-date");
        let date = |typed| BirthDate::parse(typed, today()).unwrap().date().to_string();
        assert_eq!(date("2026-11-24"), "2026-11-24", "born today");
        assert_eq!(date(" 1900-01-01 "), "1900-01-01");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(typed in any::<String>()) {
            let _ = typed.parse::<Name>();
            let _ = typed.parse::<Phone>();
            let _ = typed.parse::<PostalCode>();
            let _ = BirthDate::parse(&typed, today());
        }
    }
}
