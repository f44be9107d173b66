//! The messages that the desk sends. They hold references, not contents: what a message says is read when it is sent, so
//! that the outbox keeps no personal data and an erased person gets no message.

use serde::{Deserialize, Serialize};

use crate::{Email, LibraryId, RegistrationId};

/// The kind of a message, under the name that callers, the table and SES's tags have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// To a patron: access is open.
    Activation,
    /// To an account: the link to choose a password.
    PasswordLink,
    /// To an account: its password was changed.
    PasswordChanged,
    /// To the address that an account has left.
    EmailChanged,
    /// To a library: its overdue patrons.
    LibraryDigest,
    /// To the county: the overdue patrons, by library.
    CountyDigest,
}

impl MessageKind {
    /// Its stable name, the same as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::PasswordLink => "password-link",
            Self::PasswordChanged => "password-changed",
            Self::EmailChanged => "email-changed",
            Self::LibraryDigest => "library-digest",
            Self::CountyDigest => "county-digest",
        }
    }
}

/// The state of a message in the outbox. What SES reports afterwards is a
/// [`DeliveryEvent`](crate::delivery::DeliveryEvent), and changes none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// A digest that a job still adds to.
    Draft,
    /// Ready to be sent.
    Queued,
    /// SES accepted it.
    Sent,
    /// It had no recipient left, or SES refused it.
    Dropped,
}

/// One message to one recipient (rules, section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Message {
    /// Access is open: until when, which resources, how to set the password.
    Activation {
        /// Whose registration.
        registration_id: RegistrationId,
    },
    /// The link to choose a password. The link itself is made when the mail is sent.
    PasswordLink {
        /// Whose account.
        to: Email,
    },
    /// A password was changed. Holds no secret.
    PasswordChanged {
        /// Whose account.
        to: Email,
    },
    /// The account has moved to another address; sent to the old one.
    EmailChanged {
        /// The old address.
        to: Email,
    },
    /// A library's overdue patrons.
    LibraryDigest {
        /// The library warned.
        library_id: LibraryId,
    },
    /// The county's overdue patrons, by library.
    CountyDigest,
}

impl Message {
    /// Its kind.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Activation { .. } => MessageKind::Activation,
            Self::PasswordLink { .. } => MessageKind::PasswordLink,
            Self::PasswordChanged { .. } => MessageKind::PasswordChanged,
            Self::EmailChanged { .. } => MessageKind::EmailChanged,
            Self::LibraryDigest { .. } => MessageKind::LibraryDigest,
            Self::CountyDigest => MessageKind::CountyDigest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_6_a_mail_s_kind_is_the_one_that_its_item_says() {
        let to: Email = "camille@orange.fr".parse().unwrap();
        let messages = [
            Message::Activation { registration_id: "0123456789abcdef01234567".parse().unwrap() },
            Message::PasswordLink { to: to.clone() },
            Message::PasswordChanged { to: to.clone() },
            Message::EmailChanged { to },
            Message::LibraryDigest { library_id: "LI10511".parse().unwrap() },
            Message::CountyDigest,
        ];
        let contract =
            ["activation", "password-link", "password-changed", "email-changed", "library-digest", "county-digest"];
        assert_eq!(messages.each_ref().map(|message| message.kind().name()), contract);
        for message in messages {
            let kind = serde_json::to_value(message.kind()).unwrap();
            assert_eq!(kind, message.kind().name());
            assert_eq!(serde_json::to_value(message).unwrap()["kind"], kind);
        }
    }
}
