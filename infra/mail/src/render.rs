//! From a message's content to an e-mail. Each kind has two templates; `mail.txt` and `mail.html` are the frames that
//! they share. Askama escapes all values in HTML.

use askama::Template;
use domain::{Email, StaffRole, calendar};
use jiff::{Timestamp, civil::Date};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::{Content, changes};

/// The contact for questions, and the portal.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    /// The county's address, for questions and replies.
    pub(crate) email: Email,
    /// The county's telephone.
    pub(crate) phone: String,
    /// The portal's address, without a trailing slash.
    pub(crate) portal: String,
}

/// A rendered e-mail.
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    content: &'a Content,
    contact: &'a Contact,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    subject: &'a str,
    content: &'a Content,
    contact: &'a Contact,
}

impl Content {
    /// Renders subject, plain text and HTML.
    pub(crate) fn render(&self, contact: &Contact) -> askama::Result<Mail> {
        let subject = self.subject();
        let text = Text { content: self, contact }.render()?;
        let html = Html { subject: &subject, content: self, contact }.render()?;
        Ok(Mail { subject, text, html })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
fn french(date: &Date) -> String {
    calendar::french(*date)
}

fn french_instant(at: &Timestamp) -> String {
    calendar::french_instant(*at)
}

/// Characters of an address that a fragment holds as they are.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_');

/// Encodes an address for the fragment of a link.
fn in_fragment(email: &Email) -> PercentEncode<'_> {
    utf8_percent_encode(email.as_str(), FRAGMENT)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
fn as_role(role: &StaffRole) -> &'static str {
    match role {
        StaffRole::Librarian => "bibliothécaire",
        StaffRole::County => "membre de la Médiathèque départementale",
    }
}

/// The greatest number of libraries that an invitation lists.
const LIBRARIES: usize = 5;

/// The greatest number of first names that a message lists.
const NAMED: usize = 5;
/// The greatest length of a first name in such a list.
const LENGTH: usize = 30;

/// Returns whose account a message is about: ` (Ali, Élie et Zoé)`, or nothing. Of seven and more it counts the others:
/// many first names could be a letter to the reader.
fn of(members: &[String]) -> String {
    let members: Vec<String> = members.iter().map(|name| name.chars().take(LENGTH).collect()).collect();
    match &members[..] {
        [] => String::new(),
        [first @ .., _] if first.len() > NAMED => {
            format!(" ({} et {} autres)", first[..NAMED].join(", "), members.len() - NAMED)
        }
        [only] => format!(" ({only})"),
        [first @ .., last] => format!(" ({} et {last})", first.join(", ")),
    }
}

/// Formats the last day with access.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
fn last_day(expires_on: &Date) -> String {
    calendar::french(calendar::last_day(*expires_on))
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
