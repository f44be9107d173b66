//! The messages that the desk sends. They hold references, not contents: the content is read when a message is sent, so
//! that the outbox holds no personal data except addresses, and an erased person gets no message.

use serde::{Deserialize, Serialize};

use crate::{Email, LibraryId, RegistrationId, directory::Line};

/// The kind of a message. Its name is the same in JSON, in the table and in SES's tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// To a patron: access is open.
    Activation,
    /// To an account: the link to choose a password.
    PasswordLink,
    /// To an account: its password was changed.
    PasswordChanged,
    /// To an account: its sign-in has to wait, after too many wrong passwords.
    SignInWaits,
    /// To the address that a registration has left.
    EmailChanged,
    /// To a library: its overdue patrons.
    LibraryDigest,
    /// To the county: the overdue patrons, by library.
    CountyDigest,
    /// To a new member of staff: their place, and how to choose a password.
    Invitation,
    /// To the county, and to the person concerned: the directory was changed.
    DirectoryChanged,
}

impl MessageKind {
    /// Returns the stable name, the same as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::PasswordLink => "password-link",
            Self::PasswordChanged => "password-changed",
            Self::SignInWaits => "sign-in-waits",
            Self::EmailChanged => "email-changed",
            Self::LibraryDigest => "library-digest",
            Self::CountyDigest => "county-digest",
            Self::Invitation => "invitation",
            Self::DirectoryChanged => "directory-changed",
        }
    }
}

/// The state of a message in the outbox. The later reports of SES are
/// [`DeliveryEvent`](crate::delivery::DeliveryEvent)s, and do not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// A digest to which a job still adds registrations.
    Draft,
    /// Ready to be sent.
    Queued,
    /// Accepted by SES.
    Sent,
    /// Without a recipient, or refused by SES.
    Dropped,
}

/// One message to one recipient (rules, section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Message {
    /// Access is open: until when, which resources, how to set the password.
    Activation {
        /// The patron's registration.
        registration_id: RegistrationId,
    },
    /// The link to choose a password. Its token is made when the message is sent.
    PasswordLink {
        /// The account's address.
        to: Email,
    },
    /// A password was changed. Holds no secret.
    PasswordChanged {
        /// The account's address.
        to: Email,
    },
    /// The sign-in of an account has to wait. Holds no secret.
    SignInWaits {
        /// The account's address.
        to: Email,
    },
    /// A registration has moved to another address; sent to the old one.
    EmailChanged {
        /// The old address.
        to: Email,
        /// The registration.
        registration_id: RegistrationId,
    },
    /// A library's overdue patrons.
    LibraryDigest {
        /// The library that is warned.
        library_id: LibraryId,
    },
    /// The county's overdue patrons, by library.
    CountyDigest,
    /// A place in the staff, and how to choose a password. Holds no secret.
    Invitation {
        /// The account's address.
        to: Email,
        /// The account that invites.
        by: Email,
    },
    /// The directory was changed (requirements S2).
    DirectoryChanged {
        /// The county's address, or one that the change is about.
        to: Email,
        /// The history line of the change. Boxed, because it is larger than the other messages.
        line: Box<Line>,
    },
}

impl Message {
    /// Returns the kind.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Activation { .. } => MessageKind::Activation,
            Self::PasswordLink { .. } => MessageKind::PasswordLink,
            Self::PasswordChanged { .. } => MessageKind::PasswordChanged,
            Self::SignInWaits { .. } => MessageKind::SignInWaits,
            Self::EmailChanged { .. } => MessageKind::EmailChanged,
            Self::LibraryDigest { .. } => MessageKind::LibraryDigest,
            Self::CountyDigest => MessageKind::CountyDigest,
            Self::Invitation { .. } => MessageKind::Invitation,
            Self::DirectoryChanged { .. } => MessageKind::DirectoryChanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::directory::Change;

    #[test]
    fn section_6_a_message_has_the_same_kind_in_code_and_json() {
        let to: Email = "camille@orange.fr".parse().unwrap();
        let id: RegistrationId = "0123456789abcdef01234567".parse().unwrap();
        let messages = [
            Message::Activation { registration_id: id.clone() },
            Message::PasswordLink { to: to.clone() },
            Message::PasswordChanged { to: to.clone() },
            Message::SignInWaits { to: to.clone() },
            Message::EmailChanged { to: to.clone(), registration_id: id },
            Message::LibraryDigest { library_id: "LI10511".parse().unwrap() },
            Message::CountyDigest,
            Message::Invitation { to: to.clone(), by: to.clone() },
            Message::DirectoryChanged { line: Box::new(Change::removal(&to).line(&to, Timestamp::UNIX_EPOCH)), to },
        ];
        let contract = [
            "activation",
            "password-link",
            "password-changed",
            "sign-in-waits",
            "email-changed",
            "library-digest",
            "county-digest",
            "invitation",
            "directory-changed",
        ];
        assert_eq!(messages.each_ref().map(|message| message.kind().name()), contract);
        for message in messages {
            let kind = serde_json::to_value(message.kind()).unwrap();
            assert_eq!(kind, message.kind().name());
            assert_eq!(serde_json::to_value(message).unwrap()["kind"], kind);
        }
    }
}
